"""What people do with writing back: switch it on and off, plan a run, have it sent, stop it, undo it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, update
from sqlmodel import Session, col

from integration.store import due
from integration.store.bulk import batches, insert
from integration.store.tables import ActRow
from integration.store.write_back_records import (
    LIVING,
    NOTHING,
    PLANNED,
    PLANNING,
    STOPPED,
    WAITING,
    NewChange,
    run_of,
)
from integration.store.write_back_tables import WriteBackChangeRow, WriteBackRunRow, WriteBackSwitchRow


def set_switch(session: Session, connection: str, now: datetime, *, on: bool, author: str) -> None:
    session.add(WriteBackSwitchRow(connection=connection, is_on=on, author=author, at=now))
    _note_act(session, now, author, f"write_back_{'enabled' if on else 'disabled'}", connection)


# --- plans ------------------------------------------------------------------------------------


def begin(
    session: Session, connection: str, kind: str, wish: Mapping[str, Any], words: str, author: str, now: datetime
) -> int:
    """Keep what somebody wants; its preview is to be made."""
    row = WriteBackRunRow(
        connection=connection,
        kind=kind,
        wish=dict(wish),
        words=words,
        effect=[],
        author=author,
        at=now,
        state=PLANNING,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    due.beat_for_pages(session, now)
    return row.id


def keep_plan(session: Session, run: int, changes: Sequence[NewChange], effect: Sequence[str], now: datetime) -> None:
    """Keep the preview of a run; whoever planned it twice has made it once."""
    values = {"state": PLANNED, "effect": list(effect), "lease_owner": None, "lease_until": None, "problem": None}
    mine = (col(WriteBackRunRow.id) == run, col(WriteBackRunRow.state) == PLANNING)
    if not updated(session, update(WriteBackRunRow).where(*mine).values(**values)):
        return
    row = session.get_one(WriteBackRunRow, run)
    for some in batches(enumerate(changes, 1)):
        insert(session, WriteBackChangeRow, [_values(row, position, change) for position, change in some])
    due.beat_for_pages(session, now)


def _values(run: WriteBackRunRow, position: int, change: NewChange) -> dict[str, Any]:
    return {
        "run": run.id,
        "connection": run.connection,
        "position": position,
        "item": change.item,
        "key": change.key,
        "title": change.title,
        "place": change.place,
        "former": change.former,
        "wanted": change.wanted,
        "edit": None if change.edit is None else asdict(change.edit),
        "tags": change.tags,
        "state": NOTHING if change.edit is None else PLANNED,
        "problem": change.problem,
        "tries": 0,
        "undoes": change.undoes,
    }


def refuse_plan(session: Session, run: int, sentence: str, now: datetime) -> None:
    """There is no preview; the sentence says why."""
    values = {"state": STOPPED, "problem": sentence, "lease_owner": None, "lease_until": None, "ended_at": now}
    session.execute(update(WriteBackRunRow).where(col(WriteBackRunRow.id) == run).values(**values))
    due.beat_for_pages(session, now)


# --- acts of people ---------------------------------------------------------------------------


def release(session: Session, run: int, now: datetime, actor: str) -> bool:
    """Have a plan sent, or go on with one that was stopped. False: there is nothing that could be sent."""
    found = run_of(session, run)
    if found is None or found.state not in (PLANNED, STOPPED) or not found.to_send:
        return False
    values = {"state": WAITING, "sender": actor, "problem": None, "not_before": None, "pauses": 0, "ended_at": None}
    mine = (col(WriteBackRunRow.id) == run, col(WriteBackRunRow.state) == found.state)
    if not updated(session, update(WriteBackRunRow).where(*mine).values(**values)):
        return False
    act = "write_back_sent" if found.state == PLANNED else "write_back_resumed"
    _note_act(session, now, actor, act, f"{found.connection}: {run}")
    return True


def stop(session: Session, run: int, now: datetime, actor: str) -> bool:
    """Send nothing more of a run; the change that is under way right now is the last one."""
    mine = (col(WriteBackRunRow.id) == run, col(WriteBackRunRow.state).in_(LIVING))
    if not updated(session, update(WriteBackRunRow).where(*mine).values(state=STOPPED, ended_at=now)):
        return False
    _note_act(session, now, actor, "write_back_stopped", str(run))
    return True


def undo(session: Session, run: int, changes: Sequence[NewChange], words: str, actor: str, now: datetime) -> int:
    """Plan a run that gives back what was there before."""
    done = session.get_one(WriteBackRunRow, run)
    number = begin(session, done.connection, "undo", {"run": run}, words, actor, now)
    session.execute(update(WriteBackRunRow).where(col(WriteBackRunRow.id) == number).values(undoes=run))
    keep_plan(session, number, changes, (), now)
    return number


def _note_act(session: Session, now: datetime, actor: str, act: str, subject: str) -> None:
    session.add(ActRow(at=now, actor=actor, act=act, subject=subject))
    session.flush()
    due.beat_for_pages(session, now)


def updated(session: Session, statement: Any) -> bool:
    """Did the statement change its one row?"""
    done = session.execute(statement)
    assert isinstance(done, CursorResult)
    return done.rowcount == 1
