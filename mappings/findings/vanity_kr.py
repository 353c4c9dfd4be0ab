"""A key result that counts attention or a total that grows by itself."""

from collections.abc import Iterable

from mappings.findings import Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey
from mappings.wording import KeyResultLabel

KIND = "vanity_kr"
LABELS = (KeyResultLabel.VANITY,)


def find(survey: Survey) -> Iterable[Finding]:
    for kr in survey.unfinished_key_results:
        reading = survey.words_of(kr)
        if reading.is_flagged and reading.label in LABELS:
            words = tuple({"text": span.text, "why": span.why} for span in reading.reasons)
            evidence = {"label": reading.label, "words": words}
            yield Finding(
                KIND,
                kr.code,
                Severity.MEDIUM,
                evidence,
                reading.advice or "Count the share of people who do something.",
            )


RULE = Rule(KIND, "Which key results count what says nothing?", find)
