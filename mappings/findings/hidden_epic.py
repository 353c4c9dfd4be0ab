"""A parent that we may not see or that is absent from the data: neither orphan nor aligned."""

from collections.abc import Iterable

from mappings.findings import RestsOn, Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey

KIND = "hidden_epic"


def find(survey: Survey) -> Iterable[Finding]:
    for key in survey.hidden:
        suggestion = "Let the connection see it, or tag the items below it."
        yield Finding(KIND, key, Severity.LOW, survey.work.below(key).evidence, suggestion)


RULE = Rule(KIND, RestsOn.EPIC, "Which parents can nobody here see?", find)
