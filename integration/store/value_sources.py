"""Where values of key results are read from, as the register declares it, and how the last readings went."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlmodel import Session, col

from integration.store import due
from integration.store.check_in_tables import Document, ValueSourceRow
from integration.store.okr_shown import ago


@dataclass(frozen=True, slots=True)
class ValueSourceState:
    """A declared source; `definition` is plain JSON, its own module reads it."""

    key_result: str
    definition: Document
    next_at: datetime | None
    read_at: datetime | None
    faults: tuple[str, ...]
    faults_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownValueSource:
    """`words` such as "from JSON of metrics.example.com, read 5 minutes ago"; they hold no secret."""

    words: str
    faults: tuple[str, ...]


def declared_values(session: Session) -> tuple[ValueSourceState, ...]:
    """Which sources of values are there? By key result."""
    rows = session.scalars(select(ValueSourceRow).order_by(col(ValueSourceRow.key_result)))
    return tuple(_state(row) for row in rows)


def declare_values(session: Session, definitions: Mapping[str, Document], now: datetime) -> bool:
    """Keep these sources, by key result, and no others; one that is as before keeps its state. Say whether any is
    another."""
    known = {state.key_result: state for state in declared_values(session)}
    gone = [code for code, state in known.items() if definitions.get(code) != state.definition]
    for code in gone:
        session.execute(delete(ValueSourceRow).where(col(ValueSourceRow.key_result) == code))
    new = {code: one for code, one in definitions.items() if code not in known or code in gone}
    for code, definition in new.items():
        session.add(ValueSourceRow(key_result=code, definition=definition, declared_at=now, faults=()))
    session.flush()
    if new or gone:
        due.beat_for_pages(session, now)
    return bool(new or gone)


def claim_values(session: Session, key_result: str, now: datetime, until: datetime) -> bool:
    """Take the turn of a source, so that of several workers one reads; False where it is not due."""
    is_due = or_(col(ValueSourceRow.next_at).is_(None), col(ValueSourceRow.next_at) <= now)
    mine = (col(ValueSourceRow.key_result) == key_result, is_due)
    taken = session.execute(update(ValueSourceRow).where(*mine).values(next_at=until))
    assert isinstance(taken, CursorResult)
    return taken.rowcount == 1


def note_values_read(session: Session, key_result: str, now: datetime, next_at: datetime) -> None:
    """The reading was good: faults before it are over."""
    _set(session, key_result, {"read_at": now, "next_at": next_at, "faults": (), "faults_at": None})


def note_values_failed(
    session: Session, key_result: str, now: datetime, faults: Iterable[str], next_at: datetime
) -> None:
    """Sentences for the person who must act; they hold no secret."""
    _set(session, key_result, {"next_at": next_at, "faults": tuple(faults), "faults_at": now})


def shown_value_sources(session: Session, now: datetime) -> dict[str, ShownValueSource]:
    return {state.key_result: shown_value_source(state, now) for state in declared_values(session)}


def shown_value_source(state: ValueSourceState, now: datetime) -> ShownValueSource:
    place = state.definition.get("place", "a source")
    read = "not read yet" if state.read_at is None else f"last read {ago(state.read_at, now)}"
    failed = "" if state.faults_at is None else f"; the reading {ago(state.faults_at, now)} failed"
    return ShownValueSource(f"from {place}, {read}{failed}", state.faults)


def _set(session: Session, key_result: str, values: dict[str, Any]) -> None:
    session.execute(update(ValueSourceRow).where(col(ValueSourceRow.key_result) == key_result).values(**values))


def _state(row: ValueSourceRow) -> ValueSourceState:
    return ValueSourceState(row.key_result, row.definition, row.next_at, row.read_at, row.faults, row.faults_at)
