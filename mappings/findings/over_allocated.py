"""Tags whose weights sum to more than 100 percent; they were scaled down."""

from collections.abc import Iterable

from mappings.findings import RestsOn, Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey

KIND = "over_allocated"


def find(survey: Survey) -> Iterable[Finding]:
    for item, allotment in survey.tagged_items:
        if allotment.is_over_allocated:
            yield Finding(KIND, item.key, Severity.MEDIUM, {}, "Give weights that sum to 100.")


RULE = Rule(KIND, RestsOn.ITEM, "Which items give away more than all of their work?", find)
