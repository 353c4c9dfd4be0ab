"""How far reading kept answers again is: begun when a mapping changes, gone on with from where it stands."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, func, select, update
from sqlmodel import Session, col

from integration.store import due
from integration.store.bulk import upsert
from integration.store.mapping_tables import RetranslationRow
from integration.store.tables import ItemRow


@dataclass(frozen=True, slots=True)
class Retranslation:
    """`fetched` of the `done` items had to be fetched anew, `why_fetched` says why. `finished_at` None: it goes on."""

    cursor: str
    done: int
    fetched: int
    total: int
    why_fetched: str | None
    started_at: datetime
    finished_at: datetime | None


def start(session: Session, connection: str, now: datetime) -> None:
    """Begin anew, whatever there was before. Without items there is nothing to read."""
    mine = (col(ItemRow.connection) == connection, col(ItemRow.deleted).is_(None))
    total = session.scalar(select(func.count()).select_from(ItemRow).where(*mine)) or 0
    fresh = {"cursor": "", "done": 0, "fetched": 0, "total": total, "why_fetched": None, "started_at": now}
    row = {"connection": connection, **fresh, "finished_at": None if total else now}
    upsert(session, RetranslationRow, [row])


def unfinished(session: Session) -> tuple[str, ...]:
    """Which connections are being read again?"""
    question = select(col(RetranslationRow.connection)).where(col(RetranslationRow.finished_at).is_(None))
    return tuple(session.scalars(question.order_by(col(RetranslationRow.connection))))


def of(session: Session, connection: str) -> Retranslation | None:
    """How far is the present or last reading of a connection?"""
    row = session.get(RetranslationRow, connection)
    if row is None:
        return None
    counts = (row.cursor, row.done, row.fetched, row.total)
    return Retranslation(*counts, row.why_fetched, row.started_at, row.finished_at)


def go_on(session: Session, connection: str, known: Retranslation, after: Retranslation) -> bool:
    """Note a portion as done, in its own transaction; False where somebody else has done it, or it began anew."""
    mine = (
        col(RetranslationRow.connection) == connection,
        col(RetranslationRow.cursor) == known.cursor,
        col(RetranslationRow.started_at) == known.started_at,
        col(RetranslationRow.finished_at).is_(None),
    )
    values = {
        "cursor": after.cursor,
        "done": after.done,
        "fetched": after.fetched,
        "total": max(after.total, after.done),
        "why_fetched": after.why_fetched,
        "finished_at": after.finished_at,
    }
    kept = session.execute(update(RetranslationRow).where(*mine).values(**values))
    assert isinstance(kept, CursorResult)
    if kept.rowcount == 1 and after.finished_at is not None:
        due.note_everything(session, (connection,), after.finished_at)
    return kept.rowcount == 1


def is_superseded(session: Session, connection: str, now: datetime) -> None:
    """A backfill that begins anew reads everything by the present mapping: nothing is left to be read again."""
    mine = (col(RetranslationRow.connection) == connection, col(RetranslationRow.finished_at).is_(None))
    session.execute(update(RetranslationRow).where(*mine).values(finished_at=now))
