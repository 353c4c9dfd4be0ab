"""An objective with more key results than a team can keep in mind."""

from collections import defaultdict
from collections.abc import Iterable

from mappings.findings import RestsOn, Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey

KIND = "too_many_krs"


def find(survey: Survey) -> Iterable[Finding]:
    codes: dict[str, list[str]] = defaultdict(list)
    for kr in survey.unfinished_key_results:
        codes[kr.objective].append(kr.code)
    for name, own in codes.items():
        if len(own) > survey.threshold(KIND, survey.register.objectives[name].team):
            evidence = {"key_results": tuple(own)}
            yield Finding(KIND, name, Severity.MEDIUM, evidence, "Keep the two to five that tell best.")


RULE = Rule(KIND, RestsOn.REGISTER, "Which objectives have more than five key results?", find)
