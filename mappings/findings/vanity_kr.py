"""A key result that counts attention or a total that grows by itself."""

from collections.abc import Iterable

from mappings.findings import RestsOn, Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey
from mappings.wording import KeyResultLabel

KIND = "vanity_kr"
ADVICE = "Count the share of people who do something."


def find(survey: Survey) -> Iterable[Finding]:
    for kr, reading in survey.worded(KeyResultLabel.VANITY):
        yield Finding(KIND, kr.code, Severity.MEDIUM, reading.evidence, reading.advice or ADVICE)


RULE = Rule(KIND, RestsOn.REGISTER, "Which key results count what says nothing?", find)
