"""Changelogs turned into what held when: per part of an item its first value and the moments of its changes.

Histories come in any order, twice, with clocks that went back, and with gaps; the same ones always give the same
answer, and the present value always has the last word.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from integration.contract import Malformed
from integration.trackers.jira.sprints import moment_of

MEMBERS = frozenset({"components", "links"})  # sets: each of their steps adds or takes away one member


class Told(NamedTuple):
    """One side of a change: the id and the text that the changelog gives; either may be missing."""

    id: str | None = None
    text: str | None = None

    @property
    def is_empty(self) -> bool:
        return self.id is None and self.text is None

    def is_same(self, other: "Told") -> bool:
        """By ids where both have one: names are translated and changed, ids are not."""
        if self.id is not None and other.id is not None:
            return self.id == other.id
        return self.text == other.text


NOTHING = Told()
_made = tuple.__new__  # both kinds of tuple below without their checks: they are made for each of very many changes


class Step(NamedTuple):
    """One item of one history."""

    at: datetime
    order: int  # the id of its history: later ones are higher, within one site
    number: int  # its place within the history
    field: str  # caseless
    before: Told
    after: Told


class Line(NamedTuple):
    """Values over time: `first` holds until the first of `changes`."""

    first: object
    changes: tuple[tuple[datetime, object], ...] = ()


SlotsOf = Callable[[str | None, str], tuple[str, ...]]


def sort_steps(histories: Sequence[Mapping[str, object]], slots_of: SlotsOf) -> dict[str, list[Step]]:
    """The steps by the part of the item that they change, oldest first; what we do not keep is left out."""
    found: dict[str, list[Step]] = {}
    seen: set[str] = set()
    for index, history in enumerate(histories):
        if not isinstance(history, dict):
            raise Malformed(f"changelog.histories[{index}]", "must be an object")
        id_ = history.get("id")
        text = str(id_) if isinstance(id_, (str, int)) else None
        if text is not None:
            if text in seen:  # pages of a changelog may overlap
                continue
            seen.add(text)
        _gather(history, index, text, slots_of, found)
    return {
        slot: steps if len(steps) == 1 else _in_order(steps, is_chain=slot not in MEMBERS)
        for slot, steps in found.items()
    }


def _gather(
    history: Mapping[str, object], index: int, id_: str | None, slots_of: SlotsOf, found: dict[str, list[Step]]
) -> None:
    """Add the steps of one history."""
    items = history.get("items")
    if not isinstance(items, list):
        raise Malformed(f"changelog.histories[{index}].items", "must be a list")
    order = int(id_) if id_ is not None and id_.isascii() and id_.isdigit() and len(id_) <= 20 else 0
    at: datetime | None = None
    for number, item in enumerate(items):
        if not isinstance(item, dict):
            raise Malformed(f"changelog.histories[{index}].items[{number}]", "must be an object")
        field, field_id = item.get("field"), item.get("fieldId")
        if not isinstance(field, str):
            raise Malformed(f"changelog.histories[{index}].items[{number}].field", "must be a text")
        name = field.casefold()
        slots = slots_of(field_id if isinstance(field_id, str) else None, name)
        if not slots:
            continue
        if at is None:
            at = moment_of(history.get("created"))
            if at is None:
                raise Malformed(f"changelog.histories[{index}].created", "must be a time")
        before = _told(item.get("from"), item.get("fromString"))
        after = _told(item.get("to"), item.get("toString"))
        step = _made(Step, (at, order, number, name, before, after))
        for slot in slots:
            if slot in found:
                found[slot].append(step)
            else:
                found[slot] = [step]


def _told(id_: object, text: object) -> Told:
    """Empty texts stand for nothing, as null does."""
    if not text and not id_ and id_ != 0:
        return NOTHING
    known = id_ if type(id_) is str else str(id_) if isinstance(id_, int) else None
    return _made(Told, (known or None, (text if type(text) is str else str(text)) if text else None))


# --- order ----------------------------------------------------------------------------------------


def _in_order(steps: list[Step], *, is_chain: bool) -> list[Step]:
    """By time, then id. Where that breaks the chain and the ids alone do so less, a clock went back: ids decide, and
    no step is earlier than the one before it."""
    by_time = sorted(steps, key=_TIME_ORDER)
    breaks = _breaks(by_time) if is_chain else 0
    if not breaks or not all(step.order for step in steps):
        return by_time
    by_id = sorted(steps, key=_ID_ORDER)
    if _breaks(by_id) >= breaks:
        return by_time
    for index in range(1, len(by_id)):
        by_id[index] = by_id[index]._replace(at=max(by_id[index].at, by_id[index - 1].at))
    return by_id


_TIME_ORDER = attrgetter("at", "order", "number")
_ID_ORDER = attrgetter("order", "number")


def _breaks(steps: Sequence[Step]) -> int:
    """How often a step does not begin where the one before it ended."""
    breaks = 0
    made = steps[0].before
    for step in steps:
        if made != step.before and not made.is_same(step.before):
            breaks += 1
        made = step.after
    return breaks


def contradicts_itself(steps: Sequence[Step]) -> bool:
    return _breaks(steps) > 0


# --- replay ---------------------------------------------------------------------------------------


def replay(steps: Sequence[Step], present: object, read: Callable[[Told], object]) -> Line:
    """Values that are replaced whole. A gap in the chain: what a step says it made holds until the next step."""
    if not steps:
        return Line(present)
    changes = [(step.at, read(step.after)) for step in steps[:-1]]
    return Line(read(steps[0].before), (*changes, (steps[-1].at, present)))


def replay_members(steps: Sequence[Step], present: tuple[str, ...], name_of: Callable[[Told], str | None]) -> Line:
    """Sets of which each step adds or takes away a member: undone one by one, backwards from the present ones."""
    members = present
    changes: list[tuple[datetime, object]] = []
    for step in reversed(steps):
        changes.append((step.at, members))
        added, removed = name_of(step.after), name_of(step.before)
        members = tuple(member for member in members if member != added)
        if removed is not None and removed not in members:
            members = (*members, removed)
    return Line(members, tuple(reversed(changes)))


def replay_parent(steps: Sequence[Step], present: Told) -> Line:
    """Parents, of which changelogs tell in several spellings (Epic Link, Parent, IssueParentAssociation) at once.

    That one of them was emptied while another parent holds says nothing about that parent.
    """
    if not steps:
        return Line(present)
    first = _first_parent(steps)
    value = first
    changes: list[tuple[datetime, object]] = []
    for step in steps:
        if step.after.is_empty and not step.before.is_empty and not step.before.is_same(value):
            continue
        value = step.after
        changes.append((step.at, value))
    if changes:
        changes[-1] = (changes[-1][0], present)
    return Line(first, tuple(changes))


def _first_parent(steps: Sequence[Step]) -> Told:
    """What the first step came from; or what another spelling came from in the same moment, and no step made."""
    first = steps[0].before
    made: list[Told] = []
    for step in steps:
        if not first.is_empty or step.at != steps[0].at:
            break
        if step.field != steps[0].field and not any(step.before.is_same(told) for told in made):
            first = step.before
        made.append(step.after)
    return first
