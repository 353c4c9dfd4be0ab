"""The calls that were made to each connection in the last hour, by all processes together.

Each process counts in memory, and adds what it has counted every few seconds: a call costs no write.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from integration.contract import Connection
from integration.limits import Pace, Said
from integration.store.bulk import upsert
from integration.store.call_tables import CallLimitRow, CallsRow
from integration.store.engine import writing
from integration.store.tables import ConnectionRow

HOUR = timedelta(hours=1)
KEPT = timedelta(hours=2)
EVERY = 10.0  # seconds
LONGEST_CALL = 200


@dataclass(frozen=True, slots=True)
class Wait:
    """Why nothing is called just now, and until when; `call` is one of those that wait; None: all do."""

    reason: str
    call: str | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Calls:
    """How often a connection was called, and how often it may be. None is what is not known: nothing was called yet,
    nothing was said, nothing is waited for."""

    last_hour: int = 0
    pace: Pace | None = None
    said: Said | None = None
    said_at: datetime | None = None
    wait: Wait | None = None


# --- counting ---------------------------------------------------------------------------------


@dataclass(slots=True)
class _Counted:
    """Of one connection, since it was kept last. `wait` ends by the clock of this process."""

    made: int = 0
    pace: Pace | None = None
    said: Said | None = None
    wait: tuple[str, str, float] | None = None


class Tally:
    """What this process has called, by connection, since that was kept last."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._counted: dict[str, _Counted] = {}
        self._kept = clock()
        self._lock = threading.Lock()

    def note_call(self, name: str, pace: Pace) -> None:
        with self._lock:
            counted = self._of(name)
            counted.made += 1
            counted.pace = pace

    def note_said(self, name: str, said: Said) -> None:
        with self._lock:
            self._of(name).said = said

    def note_wait(self, name: str, reason: str, call: str, seconds: float) -> None:
        """Of two waits the longer one is told."""
        with self._lock:
            counted, ends = self._of(name), self.clock() + seconds
            if counted.wait is None or counted.wait[2] < ends:
                counted.wait = (reason, call, ends)

    def _of(self, name: str) -> _Counted:
        return self._counted.setdefault(name, _Counted())

    def take(self, at_least: float = 0.0) -> dict[str, _Counted]:
        """What is to be kept; nothing where that was done less than so many seconds ago."""
        with self._lock:
            if not self._counted or self.clock() - self._kept < at_least:
                return {}
            taken, self._counted, self._kept = self._counted, {}, self.clock()
            return taken

    def put_back(self, taken: Mapping[str, _Counted]) -> None:
        with self._lock:
            for name, before in taken.items():
                counted = self._of(name)
                counted.made += before.made
                counted.pace = counted.pace or before.pace
                counted.said = counted.said or before.said
                counted.wait = counted.wait or before.wait


_TALLIES: "WeakKeyDictionary[Engine, Tally]" = WeakKeyDictionary()
_TALLIES_LOCK = threading.Lock()


def tally_of(engine: Engine) -> Tally:
    with _TALLIES_LOCK:
        return _TALLIES.setdefault(engine, Tally())


@dataclass(frozen=True, slots=True)
class Book:
    """Where the calls of one connection are counted."""

    tally: Tally = field(repr=False)
    name: str

    def note_call(self, pace: Pace) -> None:
        self.tally.note_call(self.name, pace)

    def note_said(self, said: Said) -> None:
        self.tally.note_said(self.name, said)

    def note_wait(self, reason: str, call: str, seconds: float) -> None:
        self.tally.note_wait(self.name, reason, call, seconds)


def book_of(engine: Engine, name: str) -> Book:
    return Book(tally_of(engine), name)


def counted(engine: Engine, connection: Connection) -> Connection:
    """The connection, with its calls counted."""
    return replace(connection, calls=book_of(engine, connection.id)) if connection.calls is None else connection


# --- keeping ----------------------------------------------------------------------------------


def keep(engine: Engine, now: datetime, *, at_least: float = 0.0) -> None:
    """Add what this process has counted to what is known, unless that was done less than so many seconds ago."""
    tally = tally_of(engine)
    taken = tally.take(at_least)
    if not taken:
        return
    try:
        with writing(engine) as session:
            _keep(session, taken, now, tally.clock())
    except SQLAlchemyError:
        tally.put_back(taken)
        raise


def _keep(session: Session, taken: Mapping[str, _Counted], now: datetime, clock: float) -> None:
    known = session.scalars(select(col(ConnectionRow.id)).where(col(ConnectionRow.id).in_(taken))).all()
    minute = now.replace(second=0, microsecond=0)
    for name in sorted(known):  # in one order in all processes, so that none waits for another in a circle
        one = taken[name]
        if one.made:
            upsert(session, CallsRow, [{"connection": name, "minute": minute, "made": 0}], keep_known=True)
            mine = (col(CallsRow.connection) == name, col(CallsRow.minute) == minute)
            session.execute(update(CallsRow).where(*mine).values(made=col(CallsRow.made) + one.made))
        upsert(session, CallLimitRow, [{"connection": name, "is_refusal": False}], keep_known=True)
        _note(session.get_one(CallLimitRow, name, with_for_update=True), one, now, clock)
        old = col(CallsRow.minute) < minute - KEPT
        session.execute(delete(CallsRow).where(col(CallsRow.connection) == name, old))


def _note(row: CallLimitRow, one: _Counted, now: datetime, clock: float) -> None:
    if one.pace is not None:
        row.per_second, row.burst = one.pace.per_second, one.pace.burst
    if one.said is not None:
        row.said_at, row.said_reset, row.said_reason = now, one.said.resets_at, one.said.reason or None
        row.said_limit, row.said_remaining = one.said.limit, one.said.remaining
        row.is_refusal = one.said.is_refusal
    if one.wait is not None:
        reason, call, ends = one.wait
        until = now + timedelta(seconds=ends - clock)
        if row.wait_until is None or row.wait_until < until:
            row.wait_reason, row.wait_until = reason, until
            row.wait_call = call[:LONGEST_CALL] or None


# --- reading ----------------------------------------------------------------------------------


def calls_by_connection(session: Session, now: datetime) -> dict[str, Calls]:
    """How often was each connection called, and how often may it be? Those that were never called are absent."""
    since = now.replace(second=0, microsecond=0) - HOUR
    made = (
        select(col(CallsRow.connection), func.sum(col(CallsRow.made)))
        .where(col(CallsRow.minute) > since, col(CallsRow.minute) <= now)
        .group_by(col(CallsRow.connection))
    )
    number = {name: int(some) for name, some in session.execute(made)}
    return {
        row.connection: _calls(row, number.get(row.connection, 0), now) for row in session.scalars(select(CallLimitRow))
    }


def calls_of(session: Session, connection: str, now: datetime) -> Calls:
    return calls_by_connection(session, now).get(connection, Calls())


def _calls(row: CallLimitRow, made: int, now: datetime) -> Calls:
    pace = None if row.per_second is None or row.burst is None else Pace(row.per_second, row.burst)
    said = wait = None
    if row.said_at is not None:
        said = Said(row.said_limit, row.said_remaining, row.said_reset, row.said_reason or "", row.is_refusal)
    if row.wait_until is not None and row.wait_until > now:
        wait = Wait(row.wait_reason or "", row.wait_call, row.wait_until)
    return Calls(made, pace, said, row.said_at, wait)
