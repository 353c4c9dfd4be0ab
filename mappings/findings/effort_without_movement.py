"""A key result that got much work and, measured since, is no nearer to its target."""

from collections.abc import Iterable

from mappings.findings import Rule
from mappings.model import Exact, Finding, KeyResult, Severity
from mappings.progress import to_go, value_at
from mappings.survey import Survey

KIND = "effort_without_movement"


def find(survey: Survey) -> Iterable[Finding]:
    for kr in survey.live_key_results:
        sprints = survey.last_three_of(kr)
        share = survey.share_of(kr, sprints)
        if share is None or share * 100 <= survey.threshold(KIND, survey.register.team_of(kr.code)):
            continue
        start = min(sprint.start for sprint, _ in sprints if sprint.start is not None)
        if not any(start < value.at <= survey.as_of for value in kr.values):
            continue
        then, now = to_go(kr, value_at(kr, start)), to_go(kr, value_at(kr, survey.as_of))
        if _is_stuck(kr, then, now):
            evidence = {"share": share, "sprints": tuple(each.id for each, _ in sprints), "then": then, "now": now}
            yield Finding(
                KIND, kr.code, Severity.HIGH, evidence, "Ask what the work was meant to change, and try another way."
            )


def _is_stuck(kr: KeyResult, then: Exact | None, now: Exact | None) -> bool:
    """No nearer than then; one that has reached its target is not stuck."""
    return kr.kind != "binary" and then is not None and now is not None and now > 0 and now >= then


RULE = Rule(KIND, "Which key results got much of the work and did not move?", find)
