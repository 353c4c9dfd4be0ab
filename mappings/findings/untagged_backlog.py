"""Hardly anything is tagged yet: one finding in place of all orphan epics, with the epics by cost."""

from collections.abc import Iterable

from mappings.epics import is_untagged_backlog, tagged_share, unlinked
from mappings.findings import RestsOn, Rule
from mappings.model import Finding, Severity
from mappings.survey import Survey

KIND = "untagged_backlog"


def find(survey: Survey) -> Iterable[Finding]:
    if not is_untagged_backlog(survey):
        return
    tagged, items = tagged_share(survey)
    by_cost = sorted(unlinked(survey), key=lambda pair: (-pair[1].active_sprint_share, -pair[1].remaining, pair[0].key))
    evidence = {
        "open_items": items,
        "tagged": tagged,
        "epics": tuple({"epic": epic.key, **below.evidence} for epic, below in by_cost),
    }
    yield Finding(
        KIND, "backlog", Severity.HIGH, evidence, "Tag the costliest epics first: what is below them inherits."
    )


RULE = Rule(KIND, RestsOn.BACKLOG, "Does the backlog carry tags at all?", find)
