"""An open epic that serves no key result, by the cost of the work below it."""

from collections.abc import Iterable

from mappings.epics import is_milder, orphans
from mappings.findings import Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey

KIND = "orphan_epic"
_MILDER = {Severity.HIGH: Severity.MEDIUM, Severity.MEDIUM: Severity.LOW, Severity.LOW: Severity.LOW}


def find(survey: Survey) -> Iterable[Finding]:
    for epic, below in orphans(survey):
        severity = _MILDER[below.severity] if is_milder(survey, epic) else below.severity
        evidence = {"age_days": survey.since(epic.created), **below.evidence}
        yield Finding(
            KIND, epic.key, severity, evidence, "Tie it to a key result, exempt it with a reason, or stop it."
        )


RULE = Rule(KIND, "Which open epics serve no key result?", find)
