"""The inbox: every genuine delivery, once, until its work is committed together with what came of it.

The worker's steps take an open session and never commit, so that "items saved" and "job done" are one commit.
"""

import json
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    CursorResult,
    Index,
    Integer,
    LargeBinary,
    RowMapping,
    Table,
    Text,
    UniqueConstraint,
    Update,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session
from sqlmodel import Field, SQLModel

from webhooks.columns import UtcDateTime

State = Literal["new", "running", "done", "dead", "ignored"]
STATES: tuple[State, ...] = get_args(State)

_WAITING = text("run_at IS NOT NULL")


class DeliveryRow(SQLModel, table=True):
    """`run_at`: not to be worked on before; while it runs, the end of the lease; None when nothing is left to do.

    The body is the last column: SQLite reads a list of deliveries without it.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("connection", "dedup_key"),
        # Only what waits: the index stays small however many deliveries are kept. On PostgreSQL the migration alone
        # says so: to name its dialect here would load all of it with every start.
        Index("ix_deliveries_waiting", "run_at", "id", sqlite_where=_WAITING),
        Index(None, "state", "id"),
    )

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    )
    tracker: str = Field(sa_column=Column(Text(), nullable=False))
    connection: str = Field(sa_column=Column(Text(), nullable=False))
    delivery_id: str | None = Field(sa_column=Column(Text()))
    dedup_key: str = Field(sa_column=Column(Text(), nullable=False))  # what makes two deliveries the same
    receipt: str = Field(sa_column=Column(Text(), nullable=False))  # of the call that stored this row
    conflicts_with: int | None = Field(sa_column=Column(BigInteger()))  # the delivery that had this id first
    repeated: int = 0
    received_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    state: str = Field(sa_column=Column(Text(), nullable=False))
    attempts: int = 0
    run_at: datetime | None = Field(sa_column=Column(UtcDateTime()))
    lease_owner: str | None = Field(sa_column=Column(Text()))
    reason: str | None = Field(sa_column=Column(Text()))
    sentence: str | None = Field(sa_column=Column(Text()))
    headers: str = Field(sa_column=Column(Text(), nullable=False))  # JSON
    body_sha256: str = Field(sa_column=Column(Text(), nullable=False))
    body_size: int
    body: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))


DELIVERIES: Table = SQLModel.metadata.tables["deliveries"]
_c = DELIVERIES.c
SUSPECT_AFTER = 3  # times that work on it began and never came to an end


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery to work on. Say `owner=lease_owner` when it is done: a lost lease is then noticed."""

    id: int
    tracker: str
    connection: str
    received_at: datetime
    attempts: int  # this one included
    lease_owner: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Summary:
    """A delivery as a line of a list."""

    id: int
    tracker: str
    connection: str
    delivery_id: str | None
    received_at: datetime
    state: State
    attempts: int
    run_at: datetime | None  # None: nothing is left to do
    reason: str | None
    sentence: str | None
    repeated: int
    conflicts_with: int | None
    body_size: int
    body_sha256: str


@dataclass(frozen=True, slots=True)
class Detail:
    """A delivery with all that was kept of it."""

    summary: Summary
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def claim(
    session: Session, now: datetime, limit: int, lease: timedelta, trackers: Collection[str] | None = None
) -> tuple[Delivery, ...]:
    """Take what waits, longest first, and what a worker left behind when its lease ran out. Nobody else gets it until
    `now + lease`; commit before working on it.

    What was left behind several times is taken alone: one of it may kill whoever works on it, and the others are done
    without it.
    """
    suspects = (_c.lease_owner.is_not(None), _c.attempts >= SUSPECT_AFTER)
    return _claim(session, now, 1, lease, trackers, suspects) or _claim(session, now, limit, lease, trackers, ())


def _claim(
    session: Session,
    now: datetime,
    limit: int,
    lease: timedelta,
    trackers: Collection[str] | None,
    conditions: Iterable[ColumnElement[bool]],
) -> tuple[Delivery, ...]:
    due = select(_c.id).where(_c.run_at <= now, *conditions).order_by(_c.run_at, _c.id).limit(limit)
    if trackers is not None:
        due = due.where(_c.tracker.in_(trackers))
    # A common table expression that locks is evaluated once; a plain subquery may be evaluated again for each row.
    picked = due.with_for_update(skip_locked=True).cte("picked")
    taken = (
        update(DELIVERIES)
        .where(_c.id.in_(select(picked.c.id)))
        .values(state="running", attempts=_c.attempts + 1, run_at=now + lease, lease_owner=secrets.token_hex(8))
        .returning(_c.id, _c.tracker, _c.connection, _c.received_at, _c.attempts, _c.lease_owner, _c.headers, _c.body)
    )
    rows = session.execute(taken).mappings()
    return tuple(sorted((_delivery(row) for row in rows), key=lambda delivery: delivery.id))


def waits(session: Session, now: datetime, many: int) -> bool:
    """Whether that many deliveries could be claimed."""
    due = select(_c.id).where(_c.run_at <= now).limit(many).subquery()
    return session.execute(select(func.count()).select_from(due)).scalar_one() >= many


def renew(session: Session, owner: str, until: datetime) -> int:
    """Lengthen the lease of all that is still in the owner's hands; say how many they are."""
    held = update(DELIVERIES).where(_c.lease_owner == owner, _c.state == "running").values(run_at=until)
    result = session.execute(held)
    assert isinstance(result, CursorResult)
    return result.rowcount


def finish(
    session: Session,
    delivery: int,
    outcome: Literal["done", "ignored"],
    note: str | None = None,
    *,
    owner: str | None = None,
) -> bool:
    """End the work; `note` says why a delivery was ignored. False: the lease was lost, somebody else has it now."""
    return _end(session, delivery, owner, state=outcome, run_at=None, reason=None, sentence=_cleaned(note))


def retry(
    session: Session, delivery: int, run_at: datetime, reason: str, sentence: str, *, owner: str | None = None
) -> bool:
    """Let it wait until `run_at`."""
    return _end(session, delivery, owner, state="new", run_at=run_at, reason=reason, sentence=_cleaned(sentence))


def bury(session: Session, delivery: int, reason: str, sentence: str, *, owner: str | None = None) -> bool:
    """Set it aside with its error until somebody replays it."""
    return _end(session, delivery, owner, state="dead", run_at=None, reason=reason, sentence=_cleaned(sentence))


def replay(session: Session, delivery: int) -> bool:
    """Let a delivery be worked on again, at once. False: there is none, or it is being worked on."""
    again = update(DELIVERIES).where(_c.id == delivery, _c.state != "running")
    return _changed(session, again.values(state="new", attempts=0, run_at=_c.received_at, reason=None, sentence=None))


def list_deliveries(
    session: Session,
    state: State | None = None,
    limit: int = 50,
    before: int | None = None,
    connection: str | None = None,
) -> tuple[Summary, ...]:
    """The newest deliveries first; go on with `before` = the last id seen."""
    wanted = select(*_SUMMARY).order_by(_c.id.desc()).limit(limit)
    if state is not None:
        wanted = wanted.where(_c.state == state)
    if before is not None:
        wanted = wanted.where(_c.id < before)
    if connection is not None:
        wanted = wanted.where(_c.connection == connection)
    return tuple(_summary(row) for row in session.execute(wanted).mappings())


def show(session: Session, delivery: int) -> Detail | None:
    row = session.execute(select(*_SUMMARY, _c.headers, _c.body).where(_c.id == delivery)).mappings().first()
    return None if row is None else Detail(_summary(row), json.loads(row["headers"]), row["body"])


def counts(session: Session) -> dict[State, int]:
    """How many deliveries are in each state, the empty ones included."""
    found = {row.state: row.number for row in session.execute(_PER_STATE)}
    return {state: found.get(state, 0) for state in STATES}


def purge(session: Session, before: datetime, limit: int = 1000) -> int:
    """Delete up to `limit` deliveries that came before that moment and are done or ignored; dead ones stay."""
    old = select(_c.id).where(_c.state.in_(("done", "ignored")), _c.received_at < before).order_by(_c.id).limit(limit)
    gone = session.execute(delete(DELIVERIES).where(_c.id.in_(old)))
    assert isinstance(gone, CursorResult)
    return gone.rowcount


_PER_STATE = select(_c.state, func.count().label("number")).group_by(_c.state)
_SUMMARY = tuple(_c[name] for name in Summary.__dataclass_fields__)


def _end(session: Session, delivery: int, owner: str | None, **values: object) -> bool:
    ended = update(DELIVERIES).where(_c.id == delivery, _c.state == "running").values(lease_owner=None, **values)
    return _changed(session, ended if owner is None else ended.where(_c.lease_owner == owner))


def _changed(session: Session, change: Update) -> bool:
    result = session.execute(change)
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(**{**row, "headers": json.loads(row["headers"])})


def _summary(row: RowMapping) -> Summary:
    return Summary(**{name: row[name] for name in Summary.__dataclass_fields__})


def storable(words: str) -> str:
    """Cut a note or an id to 1,000 characters that a database can hold: no NUL (PostgreSQL), no lone surrogates."""
    return words.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()[:1000]


def _cleaned(note: str | None) -> str | None:
    return None if note is None else storable(note)
