"""Tags that may mean several live key results; the subject is the item that bears them."""

from collections.abc import Iterable

from mappings.findings import RestsOn, Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey

KIND = "ambiguous_tag"


def find(survey: Survey) -> Iterable[Finding]:
    for item, allotment in survey.tagged_items:
        dead = survey.dead_tags(allotment, "ambiguous")
        if dead:
            evidence = {"tags": {tag.name: tag.candidates for tag in dead}}
            yield Finding(KIND, item.key, Severity.MEDIUM, evidence, "Use the code of the key result that is meant.")


RULE = Rule(KIND, RestsOn.ITEM, "Which tags may mean several key results?", find)
