"""Which states of an item's history may be forgotten so that no answer as of a later moment is another one.

Closed figures rest on few moments: where a sprint began, was committed and closed, where an item entered, left or was
done. What held at these stays; what held only between them goes.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from mappings.calendar import INSTANT
from mappings.model import Item, ItemState, Sprint, Status
from mappings.timeline import BEGINNING

_AT = attrgetter("at")
_TAGGED_LATE = timedelta(hours=24)  # what the finding `late_tagging` looks back from a completion


class Line(NamedTuple):
    """An item as families are told by: all its keys, and the keys of all parents that it ever had."""

    id: int
    keys: tuple[str, ...]
    level: int
    parents: tuple[str, ...]


def families(lines: Sequence[Line]) -> tuple[tuple[int, ...], ...]:
    """Which items are measured together: those of level 0 with all that were ever sub-tasks of them. Above these, each
    is alone: of epics figures ask for tags and parents only."""
    heads = {line.id: line.id for line in lines}
    by_key = {key: line.id for line in lines if line.level <= 0 for key in line.keys}
    for line in lines:
        for parent in line.parents if line.level < 0 else ():
            if parent in by_key:
                heads[_head(heads, by_key[parent])] = _head(heads, line.id)
    found: dict[int, list[int]] = {}
    for line in lines:
        found.setdefault(_head(heads, line.id), []).append(line.id)
    return tuple(map(tuple, found.values()))


def _head(heads: dict[int, int], one: int) -> int:
    while heads[one] != one:
        heads[one] = heads[heads[one]]
        one = heads[one]
    return one


def moments_of(
    family: Iterable[Item], sprints: Mapping[str, Sprint], graces: Collection[timedelta]
) -> tuple[datetime, ...]:
    """The moments at which figures measure any of these items, which are measured together. `graces`: how long after
    the start any version of the settings takes the commitment."""
    found: set[datetime] = set()
    for item in family:
        found.update(_own_moments(item))
        for name in {name for state in item.states for name in state.sprints}:
            if name in sprints:
                found.update(_sprint_moments(sprints[name], graces))
    return tuple(sorted(found))


def kept_states(item: Item, moments: Sequence[datetime], before: datetime) -> tuple[ItemState, ...]:
    """The history without what can no longer be asked: of before `before`, what held then, what held at one of the
    moments (which are in order), and every change of what is asked for at no fixed moment."""
    states = item.states
    present = bisect_right(states, before, key=_AT) - 1
    if not item.history_known or present < 1:
        return states
    kept = [
        states[number]
        for number in range(present)
        if number == 0
        or _is_lasting(states[number - 1], states[number])
        or _is_asked_for(states[number].at, states[number + 1].at, moments)
    ]
    return (*kept, *states[present:])


def _is_lasting(before: ItemState, state: ItemState) -> bool:
    """Sprints, parents and tags are asked for at any time, as is since when an item is done."""
    return _turns(before, state) or _moves(before, state) or before.tags != state.tags


def _turns(before: ItemState, state: ItemState) -> bool:
    """To done, or from it."""
    return (before.status is Status.DONE) is not (state.status is Status.DONE)


def _moves(before: ItemState, state: ItemState) -> bool:
    return (before.sprints, before.parent) != (state.sprints, state.parent)


def _is_asked_for(start: datetime, end: datetime, moments: Sequence[datetime]) -> bool:
    return bisect_left(moments, start) < bisect_left(moments, end)


def _own_moments(item: Item) -> Iterator[datetime]:
    """When it came, went, was done, or changed sprint or parent; and the instants before, for what leaves a sprint is
    measured then."""
    yield from _around(item.created)
    if item.deleted is not None:
        yield from _around(item.deleted)
    before = ItemState(item.created)
    for state in item.states:
        if _turns(before, state) or _moves(before, state):
            yield from _around(max(state.at, item.created))
            yield from _around(state.at)
        before = state


def _around(moment: datetime) -> tuple[datetime, datetime]:
    return max(moment, BEGINNING + INSTANT) - INSTANT, moment


def _sprint_moments(sprint: Sprint, graces: Collection[timedelta]) -> Iterator[datetime]:
    if sprint.start is not None:
        yield sprint.start
        yield from (sprint.start + grace for grace in graces)
    if sprint.completed is not None:
        yield from _around(sprint.completed)
        yield sprint.completed - _TAGGED_LATE
