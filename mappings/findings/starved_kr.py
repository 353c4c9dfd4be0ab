"""A live key result that hardly any of its team's recent work served."""

from collections.abc import Iterable
from fractions import Fraction

from mappings.findings import RestsOn, Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey

KIND = "starved_kr"


def find(survey: Survey) -> Iterable[Finding]:
    for kr in survey.fed_key_results:
        sprints = survey.last_three_of(kr)
        share = survey.share_of(kr, sprints)
        if share is not None and share * 100 < survey.threshold(KIND, survey.register.team_of(kr.code)):
            evidence = {"share": Fraction(share), "sprints": tuple(sprint.id for sprint, _ in sprints)}
            yield Finding(KIND, kr.code, Severity.HIGH, evidence, "Plan work for it, or give the key result up.")


RULE = Rule(
    KIND, RestsOn.KEY_RESULT, "Which live key results got under a twentieth of their team's last three sprints?", find
)
