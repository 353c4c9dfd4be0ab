"""Closed figures that changed because something was learnt later: the old beside the new, with when and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from integration.store.reads import OUTSIDE, Restatement
from reports.figures import Bar, Document, bar_of
from reports.views import BARS, Ground

WHYS = {
    "late_data": "Something that happened before the completion became known only later.",
    "mapping": "The register, the rules or the field mapping were changed for that time.",
    "re_opened": "The sprint was opened again.",
}
_NAMES = {OUTSIDE: "done outside sprints"}


@dataclass(frozen=True, slots=True)
class Change:
    """A closed figure before and after something was learnt."""

    learnt_at: datetime
    why: str
    pairs: tuple[tuple[Bar, Bar], ...]


def changes_of(ground: Ground, restated: Iterable[Restatement]) -> tuple[Change, ...]:
    """The latest first."""
    latest = sorted(restated, key=lambda one: one.learnt_at, reverse=True)
    return tuple(_change(ground, one) for one in latest)


def _change(ground: Ground, restated: Restatement) -> Change:
    pairs = []
    for scope in (*BARS, OUTSIDE):
        old, new = (summary["scopes"].get(scope) for summary in (restated.old, restated.new))
        if old is not None and new is not None and old != new:
            pairs.append(
                (_old_bar(ground, old, scope, restated, "before"), _old_bar(ground, new, scope, restated, "after"))
            )
    return Change(restated.learnt_at, WHYS.get(restated.why, restated.why), tuple(pairs))


def _old_bar(ground: Ground, figure: Document, scope: str, restated: Restatement, which: str) -> Bar:
    """A figure of the past: its items are no longer kept, so its segments lead nowhere."""
    key = f"{restated.subject}/{restated.learnt_at.isoformat()}/{scope}/{which}"
    label = f"{_NAMES.get(scope, scope)}, {which}"
    return bar_of(figure, restated.measure, ground.names, lambda _part: "", key=key, scope=scope, label=label)
