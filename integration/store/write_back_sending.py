"""The turn of whoever sends a run, and what becomes of each change: noted before it is sent and after.

A turn is a lease: whoever dies in it is followed by another, and whoever lost it finds out before the next change.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlmodel import Session, col

from integration.store import due
from integration.store.bulk import batches
from integration.store.tables import ItemRow, ItemStateRow
from integration.store.write_back import updated
from integration.store.write_back_records import (
    DONE,
    PLANNED,
    RUNNING,
    SENDING,
    SENT,
    STOPPED,
    WAITING,
    Run,
    is_on,
    run_of,
)
from integration.store.write_back_tables import WriteBackChangeRow, WriteBackRunRow

LEASE = timedelta(minutes=5)  # longer than any single call with all its waiting
COMES_BACK_WITHIN = timedelta(days=1)


def waiting(
    session: Session, now: datetime, states: Collection[str], run: int | None = None, *, first: bool = False
) -> tuple[int, ...]:
    """Which runs could be worked on now? Of all, or the one that is named; only the first, if that is enough."""
    rested = or_(col(WriteBackRunRow.not_before).is_(None), col(WriteBackRunRow.not_before) <= now)
    question = select(col(WriteBackRunRow.id)).where(col(WriteBackRunRow.state).in_(states), _is_free(now), rested)
    if run is not None:
        question = question.where(col(WriteBackRunRow.id) == run)
    found = session.scalars(question.order_by(col(WriteBackRunRow.id)).limit(1 if first else None))
    return tuple(number for number in found if number is not None)


def _is_free(now: datetime) -> Any:
    return or_(col(WriteBackRunRow.lease_until).is_(None), col(WriteBackRunRow.lease_until) < now)


def claim(session: Session, owner: str, now: datetime, states: Collection[str], run: int | None = None) -> Run | None:
    """Take the turn of a run that waits, or whose sender was not heard of for the time of a lease."""
    for number in waiting(session, now, states, run):
        mine = (col(WriteBackRunRow.id) == number, _is_free(now))
        values = {"lease_owner": owner, "lease_until": now + LEASE}
        if updated(session, update(WriteBackRunRow).where(*mine).values(**values)):
            _to_running(session, number)
            due.beat_for_pages(session, now)
            return run_of(session, number)
    return None


def _to_running(session: Session, run: int) -> None:
    mine = (col(WriteBackRunRow.id) == run, col(WriteBackRunRow.state) == WAITING)
    session.execute(update(WriteBackRunRow).where(*mine).values(state=RUNNING))


def may_go_on(session: Session, run: int, owner: str, now: datetime) -> bool:
    """Is the run still ours, not stopped, and writing switched on? Then the lease is longer again."""
    mine = (
        col(WriteBackRunRow.id) == run,
        col(WriteBackRunRow.lease_owner) == owner,
        col(WriteBackRunRow.state) == RUNNING,
    )
    if not updated(session, update(WriteBackRunRow).where(*mine).values(lease_until=now + LEASE)):
        return False
    return is_on(session, session.get_one(WriteBackRunRow, run).connection)


def mark_sending(session: Session, change: int, now: datetime) -> bool:
    """Note that a change is about to be sent; False: it is not planned any more."""
    mine = (col(WriteBackChangeRow.id) == change, col(WriteBackChangeRow.state) == PLANNED)
    tries = col(WriteBackChangeRow.tries) + 1
    return updated(session, update(WriteBackChangeRow).where(*mine).values(state=SENDING, began_at=now, tries=tries))


def end_change(
    session: Session,
    change: int,
    state: str,
    now: datetime,
    *,
    problem: str | None = None,
    receipt: Mapping[str, str] | None = None,
) -> None:
    values: dict[str, Any] = {"state": state, "problem": problem}
    if state == SENT:
        values |= {"sent_at": now, "receipt": dict(receipt or {})}
    session.execute(update(WriteBackChangeRow).where(col(WriteBackChangeRow.id) == change).values(**values))
    due.beat_for_pages(session, now)


def pause(session: Session, run: int, owner: str, now: datetime, until: datetime, sentence: str) -> None:
    """Give the run back until that moment."""
    mine = (col(WriteBackRunRow.id) == run, col(WriteBackRunRow.lease_owner) == owner)
    pauses = col(WriteBackRunRow.pauses) + 1
    session.execute(update(WriteBackRunRow).where(*mine).values(not_before=until, problem=sentence, pauses=pauses))
    _let_go(session, run, owner, RUNNING, WAITING)
    due.beat_for_pages(session, now)


def worked(session: Session, run: int) -> None:
    """Something was sent: the pauses before it are over."""
    mine = (col(WriteBackRunRow.id) == run, col(WriteBackRunRow.pauses) > 0)
    session.execute(update(WriteBackRunRow).where(*mine).values(pauses=0, problem=None))


def end_run(session: Session, run: int, owner: str, now: datetime, *, problem: str | None = None) -> None:
    """Nothing is left to send, or (with a problem) nothing can be."""
    mine = (col(WriteBackRunRow.id) == run, col(WriteBackRunRow.lease_owner) == owner)
    session.execute(update(WriteBackRunRow).where(*mine).values(problem=problem, ended_at=now, not_before=None))
    _let_go(session, run, owner, RUNNING, DONE if problem is None else STOPPED)
    due.beat_for_pages(session, now)


def leave(session: Session, run: int, owner: str) -> None:
    """Give up the turn, whatever became of the run meanwhile."""
    mine = (col(WriteBackRunRow.id) == run, col(WriteBackRunRow.lease_owner) == owner)
    session.execute(update(WriteBackRunRow).where(*mine).values(lease_owner=None, lease_until=None))


def _let_go(session: Session, run: int, owner: str, state: str, then: str) -> None:
    mine = (col(WriteBackRunRow.id) == run, col(WriteBackRunRow.lease_owner) == owner)
    in_state = update(WriteBackRunRow).where(*mine, col(WriteBackRunRow.state) == state)
    session.execute(in_state.values(state=then))
    leave(session, run, owner)


# --- our own changes, as they come back -----------------------------------------------------------


def awaits_return(session: Session, now: datetime) -> bool:
    """Is there a change that was sent and not seen in our copy yet?"""
    return session.scalar(_not_back(now).limit(1)) is not None


def note_what_came_back(session: Session, now: datetime) -> int:
    """Mark the sent changes that our copy shows by now: deliveries of them are ours, and no news.

    A comment, a property or a label never comes back: of these no tag is made.
    """
    rows = session.scalars(_not_back(now)).all()
    number = 0
    for some in batches(rows):
        tags = _present_tags(session, [row.item for row in some])
        for row in some:
            if tags.get((row.connection, row.item)) == tuple(sorted(row.tags or ())):
                row.came_back_at = now
                number += 1
    session.flush()
    if number:
        due.beat_for_pages(session, now)
    return number


def _not_back(now: datetime) -> Any:
    return select(WriteBackChangeRow).where(
        col(WriteBackChangeRow.state) == SENT,
        col(WriteBackChangeRow.came_back_at).is_(None),
        col(WriteBackChangeRow.tags).is_not(None),
        col(WriteBackChangeRow.sent_at) > now - COMES_BACK_WITHIN,
    )


def _present_tags(session: Session, items: Sequence[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    last = (
        select(col(ItemStateRow.item_id), func.max(col(ItemStateRow.position)).label("position"))
        .join(ItemRow, col(ItemRow.id) == col(ItemStateRow.item_id))
        .where(col(ItemRow.tracker_id).in_(items))
        .group_by(col(ItemStateRow.item_id))
        .subquery()
    )
    question = (
        select(col(ItemRow.connection), col(ItemRow.tracker_id), col(ItemStateRow.tags))
        .join(last, last.c.item_id == col(ItemRow.id))
        .join(
            ItemStateRow,
            (col(ItemStateRow.item_id) == last.c.item_id) & (col(ItemStateRow.position) == last.c.position),
        )
    )
    return {(connection, item): tuple(sorted(tags)) for connection, item, tags in session.execute(question)}
