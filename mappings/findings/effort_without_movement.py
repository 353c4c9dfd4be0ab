"""A key result that got much work and, measured since, is no nearer to its target."""

from collections.abc import Iterable
from fractions import Fraction

from mappings.effort import distances, is_measured, is_nearer
from mappings.exact import exact_text
from mappings.findings import RestsOn, Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey

KIND = "effort_without_movement"


def find(survey: Survey) -> Iterable[Finding]:
    for kr in survey.fed_key_results:
        sprints = survey.last_three_of(kr)
        share = survey.share_of(kr, sprints)
        if share is None or share * 100 <= survey.threshold(KIND, survey.register.team_of(kr.code)):
            continue
        start = min(sprint.start for sprint, _ in sprints if sprint.start is not None)
        ways = distances(kr, start, survey.as_of)
        if ways is not None and kr.kind != "binary" and is_measured(kr, start, survey.as_of) and not is_nearer(*ways):
            evidence = {
                "share": Fraction(share),
                "sprints": tuple(sprint.id for sprint, _ in sprints),
                "to_go_then": exact_text(ways[0]),
                "to_go_now": exact_text(ways[1]),
            }
            suggestion = "Ask what the work was meant to change, and try another way."
            yield Finding(KIND, kr.code, Severity.HIGH, evidence, suggestion)


RULE = Rule(KIND, RestsOn.KEY_RESULT, "Which key results got much of the work and did not move?", find)
