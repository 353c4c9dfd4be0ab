"""An epic without a tag, most of whose children's work is tagged: the epic could say so itself."""

from collections.abc import Iterable
from fractions import Fraction

from mappings.epics import undeclared
from mappings.findings import RestsOn, Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey

KIND = "undeclared_epic"


def find(survey: Survey) -> Iterable[Finding]:
    for epic, served in undeclared(survey):
        below = survey.work.below(epic.key)
        codes = tuple(sorted(served, key=lambda code: (-served[code], code)))
        evidence = {"key_results": codes, "shares": {code: Fraction(served[code]) for code in codes}, **below.evidence}
        yield Finding(KIND, epic.key, Severity.MEDIUM, evidence, f"Tag the epic with {', '.join(codes)}.")


RULE = Rule(KIND, RestsOn.EPIC, "Which epics leave it to their children to say what they serve?", find)
