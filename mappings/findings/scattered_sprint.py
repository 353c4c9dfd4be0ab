"""A sprint whose aligned work is spread over many key results."""

from collections.abc import Iterable

from mappings.findings import RestsOn, Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey

KIND = "scattered_sprint"


def find(survey: Survey) -> Iterable[Finding]:
    for sprint in survey.watched_sprints:
        codes = tuple(code for code, part in survey.final(sprint).shares if part.amount)
        if len(codes) > survey.threshold(KIND, survey.timeline.sprint_team(sprint)):
            evidence = {"key_results": codes}
            yield Finding(KIND, sprint.id, Severity.LOW, evidence, "Choose fewer key results to move in one sprint.")


RULE = Rule(KIND, RestsOn.SPRINT, "Which sprints serve many key results at once?", find)
