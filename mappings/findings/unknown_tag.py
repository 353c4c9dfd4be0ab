"""Tags that are misspelt or name nothing in the register; the subject is the item that bears them."""

from collections.abc import Iterable

from mappings.findings import RestsOn, Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey

KIND = "unknown_tag"


def find(survey: Survey) -> Iterable[Finding]:
    for item, allotment in survey.tagged_items:
        dead = survey.dead_tags(allotment, "unknown")
        if dead:
            evidence = {"tags": tuple(tag.name for tag in dead)}
            yield Finding(KIND, item.key, Severity.MEDIUM, evidence, "Correct the tag.")


RULE = Rule(KIND, RestsOn.ITEM, "Which tags name no key result?", find)
