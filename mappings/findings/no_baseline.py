"""A metric key result without a baseline or a target: nobody can say whether it moves."""

from collections.abc import Iterable

from mappings.findings import RestsOn, Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey

KIND = "no_baseline"


def find(survey: Survey) -> Iterable[Finding]:
    for kr in survey.unfinished_key_results:
        missing = tuple(name for name in ("baseline", "target") if getattr(kr, name) is None)
        if kr.kind == "metric" and missing:
            evidence = {"missing": missing}
            yield Finding(KIND, kr.code, Severity.MEDIUM, evidence, f"State its {' and '.join(missing)}.")


RULE = Rule(KIND, RestsOn.REGISTER, "Which key results do not say from where to where?", find)
