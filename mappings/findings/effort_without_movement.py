"""A key result that got much work and, measured since, is no nearer to its target."""

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction

from mappings.exact import exact_text
from mappings.findings import RestsOn, Rule
from mappings.model import Finding, KeyResult, Severity
from mappings.progress import to_go, value_at
from mappings.survey import Survey

KIND = "effort_without_movement"


def find(survey: Survey) -> Iterable[Finding]:
    for kr in survey.fed_key_results:
        sprints = survey.last_three_of(kr)
        share = survey.share_of(kr, sprints)
        if share is None or share * 100 <= survey.threshold(KIND, survey.register.team_of(kr.code)):
            continue
        start = min(sprint.start for sprint, _ in sprints if sprint.start is not None)
        then, now = to_go(kr, value_at(kr, start)), to_go(kr, value_at(kr, survey.as_of))
        if then is not None and now is not None and _is_measured(kr, start, survey.as_of) and 0 < now >= then:
            evidence = {
                "share": Fraction(share),
                "sprints": tuple(sprint.id for sprint, _ in sprints),
                "to_go_then": exact_text(then),
                "to_go_now": exact_text(now),
            }
            suggestion = "Ask what the work was meant to change, and try another way."
            yield Finding(KIND, kr.code, Severity.HIGH, evidence, suggestion)


def _is_measured(kr: KeyResult, start: datetime, now: datetime) -> bool:
    return kr.kind != "binary" and any(start < value.at <= now for value in kr.values)


RULE = Rule(KIND, RestsOn.KEY_RESULT, "Which key results got much of the work and did not move?", find)
