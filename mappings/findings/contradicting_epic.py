"""A tagged epic most of whose children are tagged to something else."""

from collections.abc import Iterable
from fractions import Fraction

from mappings.epics import has_tag, is_dangling, own_codes
from mappings.findings import RestsOn, Rule
from mappings.model import Finding
from mappings.survey import Survey

KIND = "contradicting_epic"


def find(survey: Survey) -> Iterable[Finding]:
    for epic in survey.epics:
        if not has_tag(survey, epic) or is_dangling(survey, epic):
            continue
        own = own_codes(survey, epic)
        other = {code: share for code, share in survey.work.served_directly(epic).items() if code not in own}
        limit = survey.threshold(KIND, survey.timeline.team_of(epic, survey.as_of))
        if sum(other.values()) * 100 > limit:
            below = survey.work.below(epic.key)
            evidence = {
                "own": tuple(sorted(own)),
                "children": {code: Fraction(other[code]) for code in sorted(other)},
                **below.evidence,
            }
            suggestion = "Change the epic's tag, or move the children to an epic that serves what they serve."
            yield Finding(KIND, epic.key, below.severity, evidence, suggestion)


RULE = Rule(KIND, RestsOn.EPIC, "Which epics say one key result while their children serve another?", find)
