"""A key result worded as a thing to deliver or an effort to make."""

from collections.abc import Iterable

from mappings.findings import RestsOn, Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey
from mappings.wording import KeyResultLabel

KIND = "output_kr"
ADVICE = "Ask what it is to change, and measure that."


def find(survey: Survey) -> Iterable[Finding]:
    for kr, reading in survey.worded(KeyResultLabel.OUTPUT, KeyResultLabel.ACTIVITY):
        yield Finding(KIND, kr.code, Severity.MEDIUM, reading.evidence, reading.advice or ADVICE)


RULE = Rule(KIND, RestsOn.REGISTER, "Which key results name an output or an activity?", find)
