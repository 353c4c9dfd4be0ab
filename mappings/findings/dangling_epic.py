"""An epic all of whose tags are dead: somebody meant a key result, and none is reached."""

from collections.abc import Iterable

from mappings.epics import is_dangling
from mappings.findings import RestsOn, Rule
from mappings.model import Finding
from mappings.survey import Survey

KIND = "dangling_epic"


def find(survey: Survey) -> Iterable[Finding]:
    for epic in survey.epics:
        if is_dangling(survey, epic):
            below = survey.work.below(epic.key)
            tags = survey.timeline.state(epic, survey.as_of).tags
            suggestion = "Name a key result that is live, or exempt the epic with a reason."
            yield Finding(KIND, epic.key, below.severity, {"tags": tags, **below.evidence}, suggestion)


RULE = Rule(KIND, RestsOn.EPIC, "Which epics name only key results that are not there or not live?", find)
