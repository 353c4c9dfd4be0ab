"""Whose turn it is to run a backfill: one process at a time, and another one when that is gone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, or_, select, update
from sqlmodel import Session, col

from integration.store.bulk import upsert
from integration.store.connecting_tables import TurnRow
from integration.store.tables import BackfillRow


@dataclass(frozen=True, slots=True)
class Turn:
    """Where the present turn began, to reckon the time left; `is_running`: somebody is at it."""

    began_at: datetime
    began_done: int
    is_running: bool
    not_before: datetime | None


def unfinished(session: Session, now: datetime) -> tuple[str, ...]:
    """Which backfills wait for somebody to run them?"""
    question = (
        select(col(BackfillRow.connection))
        .outerjoin(TurnRow, col(TurnRow.connection) == col(BackfillRow.connection))
        .where(
            col(BackfillRow.finished_at).is_(None),
            or_(col(TurnRow.owned_until).is_(None), col(TurnRow.owned_until) < now),
            or_(col(TurnRow.not_before).is_(None), col(TurnRow.not_before) <= now),
        )
    )
    return tuple(session.scalars(question.order_by(col(BackfillRow.connection))))


def take(session: Session, connection: str, owner: str, now: datetime, until: datetime) -> bool:
    """Take the turn; False where somebody has it."""
    free = or_(col(TurnRow.owned_until).is_(None), col(TurnRow.owned_until) < now)
    progress = session.get(BackfillRow, connection)
    done = progress.done if progress is not None else 0
    values: dict[str, Any] = {"owner": owner, "owned_until": until, "not_before": None, "is_anew": False}
    values |= {"began_at": now, "began_done": done}
    fresh = {"connection": connection, "began_at": now, "began_done": done, "is_anew": False}
    upsert(session, TurnRow, [fresh], keep_known=True)  # of two who are the first, one has it
    taken = session.execute(update(TurnRow).where(col(TurnRow.connection) == connection, free).values(**values))
    assert isinstance(taken, CursorResult)
    return taken.rowcount == 1


def extend(session: Session, connection: str, owner: str, until: datetime) -> bool:
    """Keep the turn; False where it was lost meanwhile."""
    mine = update(TurnRow).where(col(TurnRow.connection) == connection, col(TurnRow.owner) == owner)
    kept = session.execute(mine.values(owned_until=until))
    assert isinstance(kept, CursorResult)
    return kept.rowcount == 1


def give_back(session: Session, connection: str, owner: str, not_before: datetime | None = None) -> None:
    mine = update(TurnRow).where(col(TurnRow.connection) == connection, col(TurnRow.owner) == owner)
    session.execute(mine.values(owner=None, owned_until=None, not_before=not_before))


def hurry(session: Session, connection: str) -> None:
    """Somebody mended what was wrong: no waiting after the last failure."""
    session.execute(update(TurnRow).where(col(TurnRow.connection) == connection).values(not_before=None))


def begin_anew(session: Session, connection: str, now: datetime) -> None:
    """Another choice was made: whoever is at it loses the turn, and the next one begins at the beginning."""
    row = session.get(TurnRow, connection) or TurnRow(connection=connection, began_at=now)
    row.owner = row.owned_until = row.not_before = None
    row.is_anew = True
    session.add(row)
    session.flush()


def is_anew(session: Session, connection: str) -> bool:
    """Must it begin at the beginning?"""
    row = session.get(TurnRow, connection, populate_existing=True)
    return row is not None and row.is_anew


def turn_of(session: Session, connection: str, now: datetime) -> Turn | None:
    row = session.get(TurnRow, connection, populate_existing=True)
    if row is None:
        return None
    is_running = row.owned_until is not None and row.owned_until >= now
    return Turn(row.began_at, row.began_done, is_running, row.not_before)
