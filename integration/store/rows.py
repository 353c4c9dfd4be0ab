"""Between rows and the model's values, both ways: what is stored comes back equal."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from integration.contract import TrackedItem
from mappings.model import NO_IMPACT, NOTHING, Board, Goal, Item, ItemState, Periods, Sprint, SprintState, Status

Values = dict[str, Any]  # one row for a bulk statement

# Rows that are read are `Any` here: those of a bulk query have their columns as attributes, like the table's objects.


def board_values(connection: str, board: Board, at: datetime) -> Values:
    return {
        "connection": connection,
        "id": board.id,
        "name": board.name,
        "team": board.team,
        "periods": None if board.periods is None else board.periods.value,
        "filter_excludes": tuple(sorted(board.filter_excludes)),
        "fetched_at": at,
    }


def board_of(row: Any) -> Board:
    return Board(
        id=row.id,
        name=row.name,
        team=row.team,
        periods=None if row.periods is None else Periods(row.periods),
        filter_excludes=frozenset(row.filter_excludes),
    )


def sprint_values(connection: str, sprint: Sprint, gone_at: datetime | None) -> Values:
    return {
        "connection": connection,
        "id": sprint.id,
        "board": sprint.board,
        "name": sprint.name,
        "state": sprint.state.value,
        "start": sprint.start,
        "end": sprint.end,
        "completed": sprint.completed,
        "team": sprint.team,
        "url": sprint.url,
        "gone_at": gone_at,
    }


def sprint_of(row: Any, goals: Iterable[Any]) -> Sprint:
    return Sprint(
        id=row.id,
        board=row.board,
        name=row.name,
        state=SprintState(row.state),
        goals=tuple(Goal(at=goal.at, text=goal.text) for goal in goals),
        start=row.start,
        end=row.end,
        completed=row.completed,
        team=row.team,
        url=row.url,
    )


def item_values(connection: str, tracked: TrackedItem, at: datetime, version: int) -> Values:
    item = tracked.item
    return {
        "connection": connection,
        "tracker_id": tracked.id,
        "key": item.key,
        "type": item.type,
        "level": item.level,
        "created": item.created,
        "project": item.project,
        "title": item.title,
        "deleted": item.deleted,
        "history_known": item.history_known,
        "url": item.url,
        "tag_field": item.tag_field,
        "aliases": item.aliases,
        "updated": tracked.updated,
        "fetched_at": at,
        "states_digest": states_digest(item.states),
        "notes": tracked.notes,
        "version": version,
    }


def item_of(row: Any, states: tuple[ItemState, ...]) -> Item:
    """`row` has the columns of `items`."""
    return Item(
        key=row.key,
        type=row.type,
        level=row.level,
        created=row.created,
        states=states,
        project=row.project,
        title=row.title,
        deleted=row.deleted,
        history_known=row.history_known,
        url=row.url,
        tag_field=row.tag_field,
        aliases=row.aliases,
    )


_STATUSES = {status.value: status for status in Status}
STATE_COLUMNS = ("item_id", "position", *ItemState._fields)


def state_row(item_id: int, position: int, state: ItemState) -> tuple[Any, ...]:
    """In the order of `STATE_COLUMNS`."""
    return (item_id, position, state.at, str(state.status), *state[2:])


def state_of(row: Sequence[Any]) -> ItemState:
    """`row` holds the columns of `item_states` in the order of `ItemState._fields`."""
    at, status, *same, fields, team, board, impact = row
    return ItemState._make((at, _STATUSES[status], *same, fields or NOTHING, team, board, impact or NO_IMPACT))


def states_digest(states: Iterable[ItemState]) -> str:
    """The same for equal histories, so that one look tells whether a history must be written again."""
    return digest([[*state[:10], state.fields or None, *state[11:13], state.impact or None] for state in states])


def digest(plain: object) -> str:
    words = orjson.dumps(plain, default=_plain, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(words, digest_size=16).hexdigest()


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)
