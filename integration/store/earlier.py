"""What earlier field mappings read otherwise than the present one: kept beside the items, for figures that were closed
while one of them held."""

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import delete, select
from sqlmodel import Session, col

from integration.contract import TrackedItem
from integration.store import rows
from integration.store.bulk import batches, upsert
from integration.store.columns import exact, exact_text, storable
from integration.store.mapping_tables import EarlierBoardRow, EarlierItemRow
from integration.store.tables import ItemRow
from mappings.model import (
    NO_IMPACT,
    NOTHING,
    Board,
    EarlierReading,
    Exact,
    FieldValue,
    Item,
    ItemState,
    Periods,
    Status,
)

EarlierBoards = Collection[tuple[datetime, Board]]

# --- items ------------------------------------------------------------------------------------


def save_items(session: Session, ids: Mapping[str, int], tracked: Iterable[TrackedItem]) -> list[TrackedItem]:
    """Keep what earlier mappings read of these items, and nothing else of them; say of which of them that is new.

    `ids`: their rows, by the tracker's own ids.
    """
    listed = list(tracked)
    if not _is_anything_kept(session) and not any(one.earlier for one in listed):
        return []
    known = _known(session, ids.values())
    gone: list[tuple[int, datetime]] = []
    new: list[dict[str, Any]] = []
    changed: list[TrackedItem] = []
    for one in listed:
        row_id = ids[one.id]
        before = known.get(row_id, {})
        told = dict(one.earlier)
        fresh = [_values(row_id, until, item) for until, item in told.items() if before.get(until) != _digest(item)]
        dropped = [(row_id, until) for until in before if until not in told]
        if fresh or dropped:
            changed.append(one)
        new += fresh
        gone += dropped
    for row_id, until in gone:
        mine = (col(EarlierItemRow.item_id) == row_id, col(EarlierItemRow.until) == until)
        session.execute(delete(EarlierItemRow).where(*mine))
    upsert(session, EarlierItemRow, new)
    return changed


_ANY = select(col(EarlierItemRow.until)).limit(1)  # put into words once, as in `writes`


def _is_anything_kept(session: Session) -> bool:
    """Nearly nowhere was a mapping ever changed: then no item needs to be looked up."""
    return session.connection().execute(_ANY).first() is not None


def _known(session: Session, ids: Collection[int]) -> dict[int, dict[datetime, str]]:
    found: dict[int, dict[datetime, str]] = {}
    columns = (col(EarlierItemRow.item_id), col(EarlierItemRow.until), col(EarlierItemRow.digest))
    for some in batches(ids):
        for row_id, until, digest in session.execute(select(*columns).where(col(EarlierItemRow.item_id).in_(some))):
            found.setdefault(row_id, {})[until] = digest
    return found


def _values(row_id: int, until: datetime, item: Item) -> dict[str, Any]:
    return {
        "item_id": row_id,
        "until": until,
        "level": item.level,
        "tag_field": item.tag_field,
        "states": zlib.compress(states_text(item.states), 1),
        "digest": _digest(item),
    }


def _digest(item: Item) -> str:
    return rows.digest([item.level, item.tag_field, rows.states_digest(item.states)])


# --- boards -----------------------------------------------------------------------------------


def save_boards(session: Session, connection: str, boards: Iterable[Board], told: EarlierBoards) -> bool:
    """Keep how earlier mappings tell of these boards, and nothing else of them; say whether anything is new in it."""
    ids = [board.id for board in boards]
    mine = (col(EarlierBoardRow.connection) == connection, col(EarlierBoardRow.id).in_(ids))
    known = (
        {(row.until, _board(row)) for row in session.scalars(select(EarlierBoardRow).where(*mine))} if ids else set()
    )
    if known == set(told):
        return False
    session.execute(delete(EarlierBoardRow).where(*mine))
    values = [
        {
            "connection": connection,
            "id": board.id,
            "until": until,
            "name": board.name,
            "team": board.team,
            "periods": None if board.periods is None else board.periods.value,
        }
        for until, board in told
    ]
    upsert(session, EarlierBoardRow, values)
    return True


def _board(row: EarlierBoardRow) -> Board:
    return Board(row.id, row.name, row.team, None if row.periods is None else Periods(row.periods))


# --- reading ----------------------------------------------------------------------------------


def readings(
    session: Session, connection: str, items: Iterable[Item], ids: Collection[int] | None
) -> tuple[EarlierReading, ...]:
    """What did earlier mappings read otherwise of these items (all of the connection, or the rows `ids`), and tell
    otherwise of boards? In order of time; the items are named as they are now."""
    by_key = {item.key: item for item in items}
    found: dict[datetime, list[Item]] = {}
    for key, row in _rows(session, connection, ids) if _is_anything_kept(session) else ():
        item = by_key.get(key)
        if item is not None:
            states = states_from(zlib.decompress(row.states))
            then = replace(item, level=row.level, tag_field=row.tag_field, states=states)
            found.setdefault(row.until, []).append(then)
    boards: dict[datetime, list[Board]] = {}
    for board in session.scalars(select(EarlierBoardRow).where(col(EarlierBoardRow.connection) == connection)):
        boards.setdefault(board.until, []).append(_board(board))
    moments = sorted(found.keys() | boards.keys())
    return tuple(EarlierReading(at, tuple(found.get(at, ())), tuple(boards.get(at, ()))) for at in moments)


def _rows(session: Session, connection: str, ids: Collection[int] | None) -> Iterable[tuple[str, EarlierItemRow]]:
    question = select(col(ItemRow.key), EarlierItemRow).join(ItemRow, col(ItemRow.id) == col(EarlierItemRow.item_id))
    if ids is None:
        for key, row in session.execute(question.where(col(ItemRow.connection) == connection)):
            yield key, row
        return
    for some in batches(ids):
        for key, row in session.execute(question.where(col(EarlierItemRow.item_id).in_(some))):
            yield key, row


# --- a history as one text --------------------------------------------------------------------


def states_text(states: Iterable[ItemState]) -> bytes:
    """A history as one line of JSON, exact."""
    return orjson.dumps([_plain_state(state) for state in states])


def _plain_state(state: ItemState) -> list[object]:
    return [
        state.at.astimezone(UTC).isoformat(),
        state.status.value,
        _number_text(state.points),
        _stored(state.tags),
        state.sprints,
        None if state.parent is None else storable(state.parent),
        _stored(state.labels),
        _stored(state.components),
        _number_text(state.original_estimate),
        exact_text(state.time_spent),
        {storable(name): _stored_value(value) for name, value in state.fields.items()},
        None if state.team is None else storable(state.team),
        state.board,
        {name: exact_text(number) for name, number in state.impact.items()},
    ]


def _stored_value(value: FieldValue) -> FieldValue | list[str]:
    return storable(value) if isinstance(value, str) else value and _stored(value)


def _stored(texts: Sequence[str]) -> list[str]:
    return [storable(text) for text in texts]


def _number_text(number: Exact | None) -> str | None:
    return None if number is None else exact_text(number)


def states_from(text: bytes) -> tuple[ItemState, ...]:
    return tuple(_state(plain) for plain in orjson.loads(text))


def _state(plain: Sequence[Any]) -> ItemState:
    at, status, points, tags, sprints, parent, labels, components, estimate, spent, fields, team, board, impact = plain
    return ItemState(
        at=datetime.fromisoformat(at),
        status=Status(status),
        points=None if points is None else exact(points),
        tags=tuple(tags),
        sprints=tuple(sprints),
        parent=parent,
        labels=tuple(labels),
        components=tuple(components),
        original_estimate=None if estimate is None else exact(estimate),
        time_spent=exact(spent),
        fields={name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()} or NOTHING,
        team=team,
        board=board,
        impact={name: exact(number) for name, number in impact.items()} or NO_IMPACT,
    )
