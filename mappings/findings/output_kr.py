"""A key result worded as a thing to deliver or an effort to make."""

from collections.abc import Iterable

from mappings.findings import Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey
from mappings.wording import KeyResultLabel

KIND = "output_kr"
LABELS = (
    KeyResultLabel.OUTPUT,
    KeyResultLabel.ACTIVITY,
)


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
                reading.advice or "Ask what it is to change, and measure that.",
            )


RULE = Rule(KIND, "Which key results name an output or an activity?", find)
