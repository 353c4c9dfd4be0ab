"""What can be told of parents only when all items are known: those that are not there, and circles at any moment."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from integration.files.circles import circles
from integration.files.faults import Fault, Wrong, shown
from integration.files.scalars import moment
from mappings.model import Item


class Closing(NamedTuple):
    """The change that closes a circle: at `at` the item got the parent that did it."""

    item: str
    at: datetime
    members: tuple[str, ...]


def parent_circles(items: Sequence[Item], parents: Iterable[str]) -> tuple[Closing, ...]:
    """Every change after which an item is above itself.

    Hardly any backlog has a circle even when all parents of all times are put together, so that is looked at first."""
    named = frozenset(parents)
    middle = {item.key: item for item in items if item.key in named and any(state.parent for state in item.states)}
    edges = {
        key: [state.parent for state in item.states if state.parent is not None and state.parent in middle]
        for key, item in middle.items()
    }
    found: list[Closing] = []
    for group in circles(edges):
        found += _closings([middle[key] for key in sorted(group)])
    return tuple(found)


def parent_faults(
    histories: Iterable[tuple[int, object]], keys: Iterable[str], hidden: frozenset[str], closings: Sequence[Closing]
) -> Iterator[Fault]:
    """Read the items once more and name the places; called only where something is wrong."""
    there = frozenset(keys)
    for index, raw in histories:
        entries = list(_parent_entries(raw))
        for number, parent, _ in entries:
            at = ("items", index, "history", number, "parent")
            if parent not in there and parent not in hidden:
                yield Fault(at, f"there is no item {shown(parent)}; add it, or list it in hidden_parents")
            if parent in there and parent in hidden:
                yield Fault(at, f"{shown(parent)} is an item and also in hidden_parents; take it out of one of them")
        for closing in closings:
            if entries and isinstance(raw, dict) and closing.item == raw.get("key"):
                # Without history the entry's time says nothing: then the last one tells how the item is today.
                numbers = [number for number, _, at_time in entries if at_time == closing.at] or [entries[-1][0]]
                yield Fault(("items", index, "history", numbers[-1], "parent"), _circle_sentence(closing))


def _parent_entries(raw: object) -> Iterator[tuple[int, str, datetime | None]]:
    """The entries that name a parent: number, parent, and when it became true."""
    history = raw.get("history") if isinstance(raw, dict) else None
    created = _moment(raw.get("created")) if isinstance(raw, dict) else None
    for number, entry in enumerate(history if isinstance(history, list) else ()):
        parent = entry.get("parent") if isinstance(entry, dict) else None
        if isinstance(parent, str):
            at = _moment(entry.get("at"))
            yield number, parent, max(at, created) if at is not None and created is not None else at


def _circle_sentence(closing: Closing) -> str:
    return f"makes a circle of parents ({' → '.join(shown(key) for key in closing.members[:6])}); mend one of them"


def _moment(value: object) -> datetime | None:
    try:
        return moment(value)
    except Wrong:
        return None


def _closings(items: list[Item]) -> Iterator[Closing]:
    """Go through the changes of parents in order of time and look above each item that changed."""
    changes: list[tuple[datetime, str, str | None]] = []
    for item in items:
        changes += ((max(state.at, item.created), item.key, state.parent) for state in item.states)
        if item.deleted is not None:
            changes.append((item.deleted, item.key, None))
    changes.sort(key=itemgetter(0))
    above: dict[str, str | None] = {}
    for at, group in groupby(changes, key=itemgetter(0)):
        latest = {key: parent for _, key, parent in group}
        changed = [key for key, parent in latest.items() if above.get(key) != parent]
        above |= latest
        seen: set[str] = set()
        for key in changed:
            members = _round(key, above)
            if members and not seen.intersection(members):
                seen.update(members)
                yield Closing(key, at, members)


def _round(key: str, above: dict[str, str | None]) -> tuple[str, ...]:
    """The way from an item up to itself, if there is one."""
    path = {key: None}
    top = key
    while (parent := above.get(top)) is not None:
        if parent == key:
            return (*path, key)
        if parent in path:
            return ()
        path[parent] = None
        top = parent
    return ()
