"""Where OKRs are kept outside of the register's file: a team's key results as Jira issues or as Atlassian Goals.

In: what the register declares in `sources`, and what a tracker tells of objectives and key results. Out: versions of
the plan, values as readings beside them, and the links of goals as tags of items. May import all of `integration` and
of `mappings`; decides no figure.
"""
