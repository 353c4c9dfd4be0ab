"""A key result worded as a thing to deliver or an effort to make."""

from collections.abc import Iterable

from mappings.findings import Rule
from mappings.goals import verdict_on_key_result
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
        verdict = verdict_on_key_result(kr.title)
        if verdict.flagged and verdict.reasons and verdict.label in LABELS:
            words = tuple({"text": span.text, "why": span.why} for span in verdict.reasons)
            evidence = {"label": verdict.label, "words": words}
            yield Finding(
                KIND,
                kr.code,
                Severity.MEDIUM,
                evidence,
                verdict.advice or "Ask what it is to change, and measure that.",
            )


RULE = Rule(KIND, "Which key results name an output or an activity?", find)
