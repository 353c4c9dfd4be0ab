"""A key result that is only ever true or false until the last day."""

from collections.abc import Iterable

from mappings.findings import Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey

KIND = "binary_kr"


def find(survey: Survey) -> Iterable[Finding]:
    for kr in survey.unfinished_key_results:
        if kr.kind == "binary":
            evidence = {"declared": True}
            yield Finding(
                KIND, kr.code, Severity.LOW, evidence, "State a probability of success, and revise it as you learn."
            )


RULE = Rule(KIND, "Which key results are only true or false?", find)
