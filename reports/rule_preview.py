"""What the figures become if rules were made, edited or ended now, told from the store's backlog as it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integration.store import audit_reads, connections
from integration.store.backlog import backlog_around, backlog_of
from integration.store.kin import Kin
from integration.store.opened import Store
from mappings.foresight import Change, Edit, Move, changes, edited, keys_named, moves
from mappings.model import SprintState
from mappings.reckoning import Reckoning


@dataclass(frozen=True, slots=True)
class Effect:
    """What would move on one connection."""

    connection: str
    moves: tuple[Move, ...]
    changes: tuple[Change, ...]


def effects(store: Store, now: datetime, edit: Edit) -> tuple[Effect, ...]:
    """On each connection on which anything would move, as of now."""
    keys = _keys(edit)
    with store.reading() as session:
        found = [_effect(session, name, now, edit, keys) for name in connections.connection_names(session)]
    return tuple(effect for effect in found if effect.moves or effect.changes)


def _effect(session: Any, connection: str, now: datetime, edit: Edit, keys: frozenset[str] | None) -> Effect:
    kin = Kin(session, connection)
    ids = audit_reads.rows_of_open_items(session, connection) if keys is None else kin.below(kin.named(keys), keys)
    if not ids and keys is not None:
        return Effect(connection, (), ())
    # Two parts of the backlog: the items that may move, and what the open sprints rest on.
    below = Reckoning(backlog_of(kin, ids, now), now)
    open_sprints = {
        sprint.id for sprint in below.timeline.backlog.sprints if below.timeline.sprint_state(sprint, now) in _OPEN
    }
    around = Reckoning(backlog_around(session, connection, open_sprints, now), now)
    return Effect(connection, moves(below, edited(below, edit)), changes(around, edited(around, edit)))


_OPEN = (SprintState.ACTIVE, SprintState.FUTURE)


def _keys(edit: Edit) -> frozenset[str] | None:
    """The keys that the rules look at, as trackers write them too; None: the rules may match anything."""
    rules = (*edit.made, *((edit.ended,) if edit.ended is not None else ()))
    named = [keys_named(rule.when) for rule in rules]
    return None if None in named else frozenset(_written(key for some in named for key in some or ()))


def _written(keys: Iterable[str]) -> Iterable[str]:
    for key in keys:
        yield from (key, key.strip(), key.strip().upper())
