"""A sprint some of whose work had to be imputed."""

from collections.abc import Iterable

from mappings.findings import RestsOn, Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey

KIND = "unestimated_work"


def find(survey: Survey) -> Iterable[Finding]:
    for sprint in survey.watched_sprints:
        imputed = survey.final(sprint).imputed
        if imputed:
            evidence = {"items": tuple(line.item for line in imputed)}
            yield Finding(KIND, sprint.id, Severity.MEDIUM, evidence, "Estimate them, or choose how they should count.")


RULE = Rule(KIND, RestsOn.SPRINT, "Which sprints hold work without an estimate?", find)
