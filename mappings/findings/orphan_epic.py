"""An open epic that serves no key result, by the cost of the work below it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from mappings.epics import is_milder, orphans
from mappings.findings import RestsOn, Rule
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


def aged(finding: Finding, created: datetime, now: datetime) -> Finding:
    """The same finding as of later: of an epic that nothing touched, time moves the age alone."""
    return replace(finding, evidence={**finding.evidence, "age_days": (now - created).days})


RULE = Rule(KIND, RestsOn.EPIC, "Which open epics serve no key result?", find)
