"""Backlogs that come as files, kept in the store beside those of trackers, and the sample that shows what Tieline does.

In: a file as `tieline analyse` reads it. Out: a connection of the kind `file`, with items, sprints and, where the file
brings one, a plan of its own. Nobody asks such a connection what is new: a newer file says it.
May import all of `integration` and of `mappings`; decides no figure.
"""
