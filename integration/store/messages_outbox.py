"""The messages that wait, were sent or were given up, and every attempt: claimed with a lease, so that several workers
share them and one that was killed loses none.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, func, or_, select, update
from sqlmodel import Session, col

from integration.store.bulk import batches, table_of, upsert
from integration.store.messages_tables import MessageRow, MessageTryRow, ToldRow
from integration.store.tables import PulseRow

STATES = ("waiting", "sending", "sent", "dead")
_LOCK = "*messages"  # a row of the pulses that only one herald holds at a time; no connection can have this name


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in the hands of a sender. `public_id` is the same at every try."""

    id: int
    public_id: str
    destination: str
    body: dict[str, Any]
    attempts: int
    created_at: datetime
    owner: str
    begun_at: datetime | None = None  # when a call was begun of which nobody knows whether the receiver took it


@dataclass(frozen=True, slots=True)
class Line:
    """A message in a list; `sentence` is what came of the last try."""

    id: int
    public_id: str
    destination: str
    topic: str
    title: str
    state: str
    attempts: int
    created_at: datetime
    run_at: datetime | None
    ended_at: datetime | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Try:
    at: datetime
    status: int | None
    reason: str
    sentence: str
    milliseconds: int


def lock(session: Session, now: datetime) -> None:
    """Wait for others that look for news; whoever holds this sees all that they queued."""
    values = {"connection": _LOCK, "version": 0, "decided_figures": 0, "decided_standing": 0, "at": now}
    upsert(session, PulseRow, [values], keep_known=True)
    session.scalars(select(col(PulseRow.version)).where(col(PulseRow.connection) == _LOCK).with_for_update()).one()


def told(session: Session, subscription: int, marks: Sequence[str]) -> frozenset[str]:
    """Of which of these events was the subscription told already?"""
    known: set[str] = set()
    for some in batches(marks):
        question = select(col(ToldRow.mark)).where(col(ToldRow.subscription) == subscription)
        known |= set(session.scalars(question.where(col(ToldRow.mark).in_(some))))
    return frozenset(known)


def mark_told(session: Session, subscription: int, marks: Sequence[str], now: datetime) -> None:
    session.add_all(ToldRow(subscription=subscription, mark=mark, at=now) for mark in marks)
    session.flush()


def queue(
    session: Session, destination: str, body: Mapping[str, Any], now: datetime, run_at: datetime | None = None
) -> int:
    """`run_at`: not to be sent before, unless it is asked for by its number."""
    row = MessageRow(
        public_id=f"msg_{secrets.token_hex(12)}",
        destination=destination,
        topic=body["topic"],
        title=body["title"],
        body=dict(body),
        state="waiting",
        created_at=now,
        run_at=run_at or now,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def claim(session: Session, now: datetime, lease: timedelta, number: int | None = None) -> Claimed | None:
    """Take the message that waits longest, or one that was left behind; commit before sending it. `number`: this one
    alone, though it was to wait."""
    messages = table_of(MessageRow)
    due = select(messages.c.id).order_by(messages.c.run_at, messages.c.id).limit(1)
    if number is None:
        due = due.where(messages.c.run_at <= now)
    else:
        due = due.where(messages.c.id == number, messages.c.state == "waiting")
    picked = due.with_for_update(skip_locked=True).cte("picked")
    owner = secrets.token_hex(8)
    taken = (
        update(messages)
        .where(messages.c.id.in_(select(picked.c.id)))
        .values(state="sending", attempts=messages.c.attempts + 1, run_at=now + lease, lease_owner=owner)
        .returning(messages)
    )
    row = session.execute(taken).mappings().one_or_none()
    if row is None:
        return None
    return Claimed(
        row["id"],
        row["public_id"],
        row["destination"],
        row["body"],
        row["attempts"],
        row["created_at"],
        owner,
        row["begun_at"],
    )


def note_begun(session: Session, claimed: Claimed, begun_at: datetime | None) -> None:
    """A call is begun; None: it certainly was not taken. What stands there when a try begins is not known."""
    mine = update(MessageRow).where(col(MessageRow.id) == claimed.id, col(MessageRow.lease_owner) == claimed.owner)
    session.execute(mine.values(begun_at=begun_at))


def finish(session: Session, claimed: Claimed, outcome: Try, state: str, run_at: datetime | None = None) -> bool:
    """Note what came of a try. `state`: sent, dead, or waiting until `run_at`. False: it is in other hands by now."""
    values = {
        "state": state,
        "run_at": run_at,
        "lease_owner": None,
        "ended_at": None if state == "waiting" else outcome.at,
    }
    mine = update(MessageRow).where(col(MessageRow.id) == claimed.id, col(MessageRow.lease_owner) == claimed.owner)
    done = session.execute(mine.values(**values))
    assert isinstance(done, CursorResult)
    if done.rowcount != 1:
        return False
    session.add(
        MessageTryRow(
            message=claimed.id,
            at=outcome.at,
            status=outcome.status,
            reason=outcome.reason,
            sentence=outcome.sentence,
            milliseconds=outcome.milliseconds,
        )
    )
    session.flush()
    return True


def replay(session: Session, number: int, now: datetime) -> bool:
    """Send a message again, at once: whoever asks for it wants it, though it may be there already. False: there is
    none, or it is being sent right now."""
    there = (col(MessageRow.id) == number, col(MessageRow.state) != "sending")
    values = {"state": "waiting", "attempts": 0, "run_at": now, "begun_at": None, "ended_at": None}
    done = session.execute(update(MessageRow).where(*there).values(**values))
    assert isinstance(done, CursorResult)
    return done.rowcount == 1


def lines(
    session: Session,
    *,
    state: str | None = None,
    destination: str | None = None,
    before: int | None = None,
    most: int = 50,
) -> tuple[Line, ...]:
    """The latest messages first."""
    last = (
        select(func.max(col(MessageTryRow.id)))
        .where(col(MessageTryRow.message) == col(MessageRow.id))
        .correlate(MessageRow)
        .scalar_subquery()
    )
    question = select(MessageRow, col(MessageTryRow.sentence)).outerjoin(MessageTryRow, col(MessageTryRow.id) == last)
    for column, wanted in ((col(MessageRow.state), state), (col(MessageRow.destination), destination)):
        if wanted is not None:
            question = question.where(column == wanted)
    if before is not None:
        question = question.where(col(MessageRow.id) < before)
    found = session.execute(question.order_by(col(MessageRow.id).desc()).limit(most))
    return tuple(_line(row, sentence or "") for row, sentence in found)


def message(session: Session, number: int) -> tuple[Line, dict[str, Any], tuple[Try, ...]] | None:
    """A message, its content, and every try."""
    row = session.get(MessageRow, number)
    if row is None:
        return None
    question = select(MessageTryRow).where(col(MessageTryRow.message) == number).order_by(col(MessageTryRow.id))
    tries = tuple(
        Try(one.at, one.status, one.reason, one.sentence, one.milliseconds) for one in session.scalars(question)
    )
    return _line(row, tries[-1].sentence if tries else ""), row.body, tries


def counts(session: Session) -> dict[str, int]:
    question = select(col(MessageRow.state), func.count()).group_by(col(MessageRow.state))
    found = {row[0]: row[1] for row in session.execute(question)}
    return {state: found.get(state, 0) for state in STATES}


def is_any_due(session: Session, now: datetime) -> bool:
    return session.scalar(select(col(MessageRow.id)).where(col(MessageRow.run_at) <= now).limit(1)) is not None


def purge(session: Session, sent_before: datetime, dead_before: datetime) -> int:
    """Delete what was kept long enough; what was given up is kept longer, for somebody may send it again."""
    over = or_(
        (col(MessageRow.state) == "sent") & (col(MessageRow.ended_at) < sent_before),
        (col(MessageRow.state) == "dead") & (col(MessageRow.ended_at) < dead_before),
    )
    done = session.execute(delete(MessageRow).where(over))
    session.execute(delete(ToldRow).where(col(ToldRow.at) < dead_before))
    assert isinstance(done, CursorResult)
    return done.rowcount


def _line(row: MessageRow, sentence: str) -> Line:
    assert row.id is not None
    return Line(
        row.id,
        row.public_id,
        row.destination,
        row.topic,
        row.title,
        row.state,
        row.attempts,
        row.created_at,
        row.run_at,
        row.ended_at,
        sentence,
    )
