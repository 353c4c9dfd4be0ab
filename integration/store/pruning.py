"""Forgetting: the earliest moment that can still be asked, and the states of items that nothing asks for any more.

The limit is committed before the first state goes, so that no question is ever answered from less.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, func, or_, select, update
from sqlmodel import Session, col

from integration.store import earlier, plans, rows
from integration.store.bulk import batches, insert_rows, table_of, upsert
from integration.store.pruning_tables import HistoryLimitRow
from integration.store.tables import (
    ActRow,
    ConnectionRow,
    ItemParentRow,
    ItemRow,
    ItemStateRow,
    PulseRow,
    SprintRow,
)
from mappings.model import Item, ItemState, Sprint
from mappings.pruning import Line, kept_states, moments_of

ALL = "*"
_STATE_COLUMNS = tuple(col(getattr(ItemStateRow, name)) for name in ItemState._fields)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is to be pruned of a connection: states before `earliest`. Done already is what lay before `pruned`, but for
    items that were written since `version`. `present`: the version now."""

    connection: str
    earliest: datetime
    pruned: datetime | None
    version: int
    present: int


# --- the limit


def earliest(session: Session) -> datetime | None:
    """Of which moment can be told at the earliest? None: of any."""
    return session.scalar(select(func.max(col(HistoryLimitRow.earliest))))


def move_limit(session: Session, moment: datetime) -> None:
    """Nothing is told of before this moment any more. It never moves back."""
    names = session.scalars(select(col(ConnectionRow.id)))
    fresh: list[dict[str, Any]] = [{"connection": name, "version": 0} for name in (ALL, *names)]
    upsert(session, HistoryLimitRow, fresh, keep_known=True)
    is_later = or_(col(HistoryLimitRow.earliest).is_(None), col(HistoryLimitRow.earliest) < moment)
    session.execute(update(HistoryLimitRow).where(is_later).values(earliest=moment))


def pruned_at(session: Session) -> datetime | None:
    """When did a pruning come to its end last?"""
    row = session.get(HistoryLimitRow, ALL)
    return None if row is None else row.pruned_at


def note_pruned(session: Session, now: datetime) -> None:
    upsert(session, HistoryLimitRow, [{"connection": ALL, "version": 0, "pruned_at": now}], replace=("pruned_at",))


# --- what goes


def stretches_at(session: Session, moment: datetime) -> tuple[Stretch, ...]:
    """Of each connection what there is to forget before this moment, or before the limit, if that is later."""
    known = {row.connection: row for row in session.scalars(select(HistoryLimitRow))}
    limit = max(filter(None, (moment, earliest(session))))
    question = select(col(PulseRow.connection), col(PulseRow.version)).join(
        ConnectionRow, col(ConnectionRow.id) == col(PulseRow.connection)
    )
    found = []
    for name, version in session.execute(question.order_by(col(PulseRow.connection))):
        row = known.get(name)
        done = (None, 0) if row is None else (row.pruned, row.version)
        found.append(Stretch(name, limit, *done, version))
    return tuple(found)


def version(session: Session, connection: str) -> int:
    """It is another one as soon as anything of the connection was saved."""
    return session.scalar(select(col(PulseRow.version)).where(col(PulseRow.connection) == connection)) or 0


def end(session: Session, stretch: Stretch) -> None:
    mine = update(HistoryLimitRow).where(col(HistoryLimitRow.connection) == stretch.connection)
    session.execute(mine.values(pruned=stretch.earliest, version=stretch.present))


def lines(session: Session, connection: str) -> tuple[Line, ...]:
    """All items of a connection, as families are told by."""
    parents: dict[int, list[str]] = {}
    asked = select(col(ItemParentRow.item_id), col(ItemParentRow.parent)).where(
        col(ItemParentRow.connection) == connection
    )
    for item, parent in session.execute(asked):
        parents.setdefault(item, []).append(parent)
    items = select(col(ItemRow.id), col(ItemRow.key), col(ItemRow.aliases), col(ItemRow.level))
    return tuple(
        Line(row.id, (row.key, *row.aliases), row.level, tuple(parents.get(row.id, ())))
        for row in session.execute(items.where(col(ItemRow.connection) == connection).order_by(col(ItemRow.id)))
    )


def with_news(session: Session, stretch: Stretch) -> frozenset[int]:
    """The items with states that were not looked at yet."""
    at = col(ItemStateRow.at)
    is_new = col(ItemRow.version) > stretch.version
    if stretch.pruned is not None:
        is_new = or_(is_new, at >= stretch.pruned)
    question = select(col(ItemRow.id)).join(ItemStateRow, col(ItemStateRow.item_id) == col(ItemRow.id))
    mine = (col(ItemRow.connection) == stretch.connection, at < stretch.earliest)
    wanted = mine if stretch.pruned is None else (*mine, is_new)
    return frozenset(session.scalars(question.where(*wanted).distinct()))


@dataclass(frozen=True, slots=True)
class Frame:
    """What closed figures of a connection are taken at: its sprints, and how late a commitment may be."""

    sprints: Mapping[str, Sprint]
    graces: frozenset[timedelta]


def frame(session: Session, connection: str) -> Frame:
    question = select(*table_of(SprintRow).columns).where(col(SprintRow.connection) == connection)
    sprints = {row.id: rows.sprint_of(row, ()) for row in session.execute(question)}
    minutes = {plan.settings.commit_grace for plan in plans.versions(session, connection)}
    return Frame(sprints, frozenset(timedelta(microseconds=int(each * 60_000_000)) for each in minutes))


def forget_states(
    session: Session,
    connection: str,
    families: Sequence[Collection[int]],
    known: Frame,
    before: datetime,
    *,
    is_dry: bool = False,
) -> int:
    """Forget what nothing asks for; say how many states. Whoever calls holds the connection's pulse."""
    items = _items(session, [item for family in families for item in family])
    read_otherwise = _readings(session, connection, items)
    shorter: dict[int, tuple[ItemState, ...]] = {}
    for family in families:
        members = {number: items[number] for number in family if number in items}
        # Figures that were closed under an earlier mapping rest on its readings, which stay, beside states of others.
        readings = [reading for item in members.values() for reading in read_otherwise.get(item.key, ())]
        if any(
            reading.level != item.level for item in members.values() for reading in read_otherwise.get(item.key, ())
        ):
            continue  # it was measured with others then
        moments = moments_of((*members.values(), *readings), known.sprints, known.graces)
        for number, item in members.items():
            kept = kept_states(item, moments, before)
            if len(kept) < len(item.states):
                shorter[number] = kept
    if not is_dry:
        _write(session, shorter)
    return sum(len(items[number].states) - len(kept) for number, kept in shorter.items())


def _items(session: Session, ids: Iterable[int]) -> dict[int, Item]:
    found: dict[int, Item] = {}
    for some in batches(sorted(ids)):
        states: dict[int, list[ItemState]] = {}
        asked = select(col(ItemStateRow.item_id), *_STATE_COLUMNS).where(col(ItemStateRow.item_id).in_(some))
        for item, *state in session.execute(asked.order_by(col(ItemStateRow.item_id), col(ItemStateRow.position))):
            states.setdefault(item, []).append(rows.state_of(state))
        for row in session.execute(select(*table_of(ItemRow).columns).where(col(ItemRow.id).in_(some))):
            found[row.id] = rows.item_of(row, tuple(states.get(row.id, ())))
    return found


def _readings(session: Session, connection: str, items: Mapping[int, Item]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for reading in earlier.readings(session, connection, list(items.values()), list(items)):
        for item in reading.items:
            found.setdefault(item.key, []).append(item)
    return found


def _write(session: Session, shorter: Mapping[int, tuple[ItemState, ...]]) -> None:
    """Their places are counted anew: saves rely on a history without gaps. The digest stays that of the whole history,
    so that an unchanged answer of the tracker brings nothing back."""
    for some in batches(shorter):
        session.execute(delete(ItemStateRow).where(col(ItemStateRow.item_id).in_(some)))
    states: list[tuple[Any, ...]] = [
        rows.state_row(number, place, state) for number, kept in shorter.items() for place, state in enumerate(kept)
    ]
    insert_rows(session, ItemStateRow, rows.STATE_COLUMNS, states)


def forget_acts(session: Session, before: datetime) -> int:
    done = session.execute(delete(ActRow).where(col(ActRow.at) < before))
    assert isinstance(done, CursorResult)
    return done.rowcount
