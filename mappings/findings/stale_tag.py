"""Tags that are of another time: their key results are not live; the subject is the item that bears them."""

from collections.abc import Iterable

from mappings.findings import RestsOn, Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey

KIND = "stale_tag"


def find(survey: Survey) -> Iterable[Finding]:
    for item, allotment in survey.tagged_items:
        dead = survey.dead_tags(allotment, "stale")
        if dead:
            evidence = {"tags": tuple(tag.name for tag in dead)}
            yield Finding(KIND, item.key, Severity.MEDIUM, evidence, "Name a key result that is live.")


RULE = Rule(KIND, RestsOn.ITEM, "Which tags name only key results of another time?", find)
