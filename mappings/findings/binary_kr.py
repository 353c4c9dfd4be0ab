"""A key result that is only ever true or false until the last day: declared so, or worded so."""

from collections.abc import Iterable

from mappings.findings import RestsOn, Rule
from mappings.key_result_words import KeyResultWords
from mappings.model import Finding, Severity
from mappings.survey import Survey
from mappings.wording import KeyResultLabel

KIND = "binary_kr"


def find(survey: Survey) -> Iterable[Finding]:
    for kr in survey.unfinished_key_results:
        declared = kr.kind == "binary"
        if declared or _is_worded_so(survey.words_of(kr)):
            evidence = {"declared": declared}
            suggestion = "State a probability of success, and revise it as you learn."
            yield Finding(KIND, kr.code, Severity.LOW, evidence, suggestion)


def _is_worded_so(words: KeyResultWords) -> bool:
    return words.is_flagged and words.label == KeyResultLabel.BINARY


RULE = Rule(KIND, RestsOn.REGISTER, "Which key results are only true or false?", find)
