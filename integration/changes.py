"""Deciding what a fetched item changes in what we know of it. Pure: values in, a decision out, whatever the order."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from integration.contract import TrackedItem
from mappings.model import Item, ItemState

ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Known:
    """What the store has of an item, but for its history."""

    item: Item  # with no states
    updated: datetime
    fetched_at: datetime
    states_digest: str
    notes: tuple[str, ...] = ()


def is_news(known: Known | None, tracked: TrackedItem, at: datetime) -> bool:
    """Does it replace what we know? An older `updated` never does, nor an earlier answer of the same one."""
    return known is None or (tracked.updated, at) >= (known.updated, known.fetched_at)


def merged(known: Known | None, tracked: TrackedItem, at: datetime, missing: Collection[datetime]) -> Item:
    """The item to keep: with every key it ever had, and deleted where it was asked for in vain since it was seen.

    `missing`: the moments at which it was not there.
    """
    item = tracked.item
    if known is None:
        return item if item.deleted or not missing else replace(item, deleted=deletion(missing, at))
    aliases = _aliases(item.key, (*known.item.aliases, known.item.key, *item.aliases))
    return replace(item, aliases=aliases, deleted=item.deleted or deletion(missing, max(at, known.fetched_at)))


def merged_older(known: Known, tracked: TrackedItem, at: datetime, missing: Iterable[datetime]) -> Item:
    """What an older answer adds to an item (with no states): a key that it had, and that it was there."""
    aliases = _aliases(known.item.key, (*known.item.aliases, tracked.item.key, *tracked.item.aliases))
    return replace(known.item, aliases=aliases, deleted=deletion_of_known(known, missing, at))


def _aliases(key: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names) - {key}))


def deletion(missing: Iterable[datetime], seen_at: datetime) -> datetime | None:
    """The first moment after it was last seen at which it was not there."""
    return min((moment for moment in missing if moment > seen_at), default=None)


def deletion_of_known(known: Known, missing: Iterable[datetime], at: datetime) -> datetime | None:
    told = known.item.deleted
    if told is not None and told <= known.fetched_at:  # by the tracker itself, which still showed it
        return told
    return deletion(missing, max(at, known.fetched_at))


def with_known_history(states: Sequence[ItemState], tracked: TrackedItem) -> TrackedItem:
    """Keep the history we have where the tracker told none this time: add only how it is now."""
    now = tracked.item.states[-1]._replace(at=tracked.updated)
    before = tuple(state for state in states if state.at < tracked.updated)
    grown = before if before and before[-1]._replace(at=now.at) == now else (*before, now)
    return replace(tracked, item=replace(tracked.item, states=grown, history_known=True))


def first_difference(old: Sequence[ItemState], new: Sequence[ItemState]) -> int:
    """The position from which two histories differ; their length where they do not."""
    shared = min(len(old), len(new))
    return next((position for position in range(shared) if old[position] != new[position]), shared)


def changed_since(old: Item | None, new: Item) -> datetime | None:
    """The earliest moment at which the two tell different things; None: they tell the same. Names do not count."""
    if old is None or _ground(old) != _ground(new):
        return ALWAYS
    moments = []
    if old.deleted != new.deleted:
        moments.append(min(moment for moment in (old.deleted, new.deleted) if moment is not None))
    position = first_difference(old.states, new.states)
    moments += [states[position].at for states in (old.states, new.states) if position < len(states)]
    return min(moments, default=None)


def _ground(item: Item) -> tuple[object, ...]:
    """What holds of an item at all times."""
    return (item.key, item.type, item.level, item.created, item.project, item.history_known, item.tag_field)
