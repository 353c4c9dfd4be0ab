"""Where OKRs are kept outside of the register's file, as the register declares it, and how the last looks went."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlmodel import Session, col

from integration.store import due
from integration.store.goal_links import end_links
from integration.store.okr_tables import Document, OkrSourceRow


@dataclass(frozen=True, slots=True)
class SourceState:
    """A declared source; `definition` is plain JSON, its own module reads it."""

    id: int
    definition: Document
    digest: str
    absent: tuple[str, ...]
    read_at: datetime | None
    read_whole_at: datetime | None
    changed_at: datetime | None
    next_at: datetime | None
    faults: tuple[str, ...]
    faults_at: datetime | None


def declared(session: Session) -> tuple[SourceState, ...]:
    """Which sources are there? In the order in which they were declared."""
    return tuple(_state(row) for row in session.scalars(select(OkrSourceRow).order_by(col(OkrSourceRow.id))))


def declare(session: Session, definitions: Sequence[Document], now: datetime) -> bool:
    """Keep these sources and no others; what is declared as before keeps its state. Say whether anything changed."""
    known = {state.id: state for state in declared(session)}
    kept = {id_ for id_, state in known.items() if state.definition in definitions}
    new = [one for one in definitions if one not in [known[id_].definition for id_ in kept]]
    for id_ in known.keys() - kept:
        definition = known[id_].definition
        if end_links(session, id_, now):
            due.note_everything(session, [definition["connection"]], now)
        session.execute(delete(OkrSourceRow).where(col(OkrSourceRow.id) == id_))
    for definition in new:
        session.add(OkrSourceRow(definition=definition, declared_at=now, digest="", absent=(), faults=()))
    session.flush()
    return bool(new or known.keys() - kept)


def claim(session: Session, id_: int, now: datetime, until: datetime) -> bool:
    """Take the turn of a source, so that of several workers one looks; False where it is not due."""
    mine = (col(OkrSourceRow.id) == id_, or_(col(OkrSourceRow.next_at).is_(None), col(OkrSourceRow.next_at) <= now))
    taken = session.execute(update(OkrSourceRow).where(*mine).values(next_at=until))
    assert isinstance(taken, CursorResult)
    return taken.rowcount == 1


def state_of(session: Session, id_: int) -> SourceState | None:
    row = session.get(OkrSourceRow, id_, populate_existing=True)
    return None if row is None else _state(row)


def note_read(session: Session, id_: int, now: datetime, **values: Any) -> None:
    """The look was good: faults before it are over."""
    _set(session, id_, {"read_at": now, "faults": (), "faults_at": None, **values})


def note_faults(session: Session, id_: int, now: datetime, faults: Iterable[str], **values: Any) -> None:
    """Sentences for the person who must act; they hold no secret."""
    _set(session, id_, {"faults": tuple(faults), "faults_at": now, **values})


def _set(session: Session, id_: int, values: dict[str, Any]) -> None:
    session.execute(update(OkrSourceRow).where(col(OkrSourceRow.id) == id_).values(**values))


def _state(row: OkrSourceRow) -> SourceState:
    assert row.id is not None
    return SourceState(
        row.id,
        row.definition,
        row.digest,
        row.absent,
        row.read_at,
        row.read_whole_at,
        row.changed_at,
        row.next_at,
        row.faults,
        row.faults_at,
    )
