"""Sending what was planned: one change after another, each recorded before and after, none twice.

Before a change is sent what is there is read: where it is not what the preview showed, the change is stale and not
sent. After an unclear failure nothing is repeated before it was read what is there now.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from integration.contract import (
    FILE,
    Connection,
    Edit,
    Malformed,
    Misconfigured,
    Permanent,
    Temporary,
    Tracker,
    TrackerError,
    Writer,
    is_a_file,
)
from integration.http import NotDone
from integration.secrets import Vault
from integration.store import connections
from integration.store import write_back_sending as records
from integration.store.engine import reading, writing
from integration.store.write_back import refuse_plan
from integration.store.write_back_records import (
    PLANNED,
    PLANNING,
    REFUSED,
    RUNNING,
    SAME,
    SENDING,
    SENT,
    STALE,
    WAITING,
    Change,
    Run,
    changes_of,
    is_on,
)
from integration.worker import repeat
from integration.write_back.planning import Desk, plan

log = logging.getLogger(__name__)

READ_AT_ONCE = 20  # changes whose present values are read just before they are sent
SETTLED = timedelta(seconds=60)  # longer than a call lasts: then what it did can be read
TRIES = 3
PAUSES = 60  # one after the other: about half a day
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=15)
FORBIDDEN_AT_MOST = 5  # one after the other: then the account may not write at all
LOOK_BACK_EVERY = 5.0  # seconds
_TURNS = (PLANNING, WAITING, RUNNING)
OFF = "Writing to this connection was switched off."

Clock = Callable[[], datetime]
Told = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Office:
    """What a sender works with. Several may run at once, in threads and in processes: each run has one at a time."""

    engine: Engine
    vault: Vault
    trackers: Mapping[str, Tracker]
    clock: Clock


def run_forever(office: Office, stop: threading.Event) -> None:
    """Plan and send what waits, and see our own changes come back, until `stop` is set."""
    looked = 0.0

    def work() -> bool:
        nonlocal looked
        worked = work_once(office)
        if time.monotonic() - looked > LOOK_BACK_EVERY:
            looked = time.monotonic()
            see_what_came_back(office)
        return worked

    repeat(work, stop, idle=0.5)


def see_what_came_back(office: Office) -> None:
    """Know our own changes where our copy shows them; SQLite's one place to write is taken only where there are any."""
    with reading(office.engine) as session:
        is_any = records.awaits_return(session, office.clock())
    if is_any:
        with writing(office.engine) as session:
            records.note_what_came_back(session, office.clock())


def work_once(office: Office, run: int | None = None, told: Told = lambda: None) -> bool:
    """Take one turn, of the run if it is named; say whether there was any. `told` is called after each change."""
    owner = uuid.uuid4().hex
    found = _claimed(office, owner, run)
    if found is None:
        return False
    try:
        connection, writer = _opened(office, found)
        if found.state == PLANNING:
            plan(Desk(office.engine, connection, writer, office.clock()), found)
        else:
            _Turn(office, found, owner, connection, writer, told).take()
    except TrackerError as error:
        _set_aside(office, found, owner, error)
    return True


def _claimed(office: Office, owner: str, run: int | None) -> Run | None:
    """Looked for before it is written: there is hardly ever anything."""
    now = office.clock()
    with reading(office.engine) as session:
        if not records.waiting(session, now, _TURNS, run, first=True):
            return None
    with writing(office.engine) as session:
        return records.claim(session, owner, now, _TURNS, run)


def _opened(office: Office, run: Run) -> tuple[Connection, Writer]:
    with reading(office.engine) as session:
        connection = connections.connection_named(session, office.vault, run.connection)
    tracker = office.trackers.get(connection.tracker) if connection is not None else None
    if connection is not None and connection.tracker == FILE:
        raise is_a_file(run.connection)
    if connection is None or tracker is None:
        raise Misconfigured("unknown_connection", f"There is no connection “{run.connection}” any more.")
    if tracker.writer is None:
        raise Misconfigured("not_writable", f"Nothing can be written back to {tracker.name}.")
    return connection, tracker.writer


def _set_aside(office: Office, run: Run, owner: str, error: TrackerError) -> None:
    """A preview that could not be made is not tried again unasked; a run pauses, or stops where that cannot help."""
    now = office.clock()
    log.warning("write-back set aside", extra={"run": run.id, "connection": run.connection, "reason": error.reason})
    with writing(office.engine) as session:
        if run.state == PLANNING:
            refuse_plan(session, run.id, error.sentence, now)
        elif isinstance(error, Temporary) and run.pauses < PAUSES:
            records.pause(session, run.id, owner, now, now + _pause(run, error), error.sentence)
        else:
            records.end_run(session, run.id, owner, now, problem=error.sentence)


def _pause(run: Run, error: Temporary) -> timedelta:
    grown = min(FIRST_PAUSE * (1 << min(run.pauses, 16)), LONGEST_PAUSE)
    return grown if error.retry_after is None else max(grown, timedelta(seconds=error.retry_after))


@dataclass(slots=True)
class _Turn:
    """One turn with a run: it ends when nothing is left, somebody stops it, or the tracker asks for a pause."""

    office: Office
    run: Run
    owner: str
    connection: Connection
    writer: Writer
    told: Told
    forbidden: int = 0

    def take(self) -> None:
        if not self._settle():
            return
        while some := self._next():
            present = self.writer.present(self.connection, [edit for _, edit in some])
            for change, edit in some:
                if not self._one(change, edit, present):
                    return
        with writing(self.office.engine) as session:
            if records.may_go_on(session, self.run.id, self.owner, self.office.clock()):
                records.end_run(session, self.run.id, self.owner, self.office.clock())
            else:
                self._leave_in(session, self.office.clock())
        log.info("write-back done", extra={"run": self.run.id, "connection": self.run.connection})

    def _next(self) -> Sequence[tuple[Change, Edit]]:
        with reading(self.office.engine) as session:
            found = changes_of(session, self.run.id, (PLANNED,), READ_AT_ONCE)
        return [(change, change.edit) for change in found if change.edit is not None]

    # --- one change

    def _one(self, change: Change, edit: Edit, present: Mapping[str, object]) -> bool:
        """Send it, or say why not; False: the turn is over."""
        if not self._begin(change, is_sent=edit.item in present and present[edit.item] == edit.former):
            return False
        if edit.item not in present:
            return self._end(change, REFUSED, "It is not there any more, or not visible to the account.")
        if present[edit.item] == edit.former:
            return self._send(change, edit)
        if present[edit.item] == edit.wanted:
            return self._end(change, SAME, "It was so already when it was to be sent.")
        return self._end(change, STALE, "It was changed since the preview, and was left as it is.")

    def _begin(self, change: Change, *, is_sent: bool) -> bool:
        """Make sure that the turn is ours; note what is about to be sent before anything is."""
        now = self.office.clock()
        with writing(self.office.engine) as session:
            if not records.may_go_on(session, self.run.id, self.owner, now):
                self._leave_in(session, now)
                return False
            if is_sent and not records.mark_sending(session, change.id, now):
                self._leave_in(session, now)
                return False
            return True

    def _send(self, change: Change, edit: Edit) -> bool:
        try:
            receipt = self.writer.send(self.connection, edit)
        except (NotDone, Misconfigured):
            self._put_back(change)
            raise
        except Malformed as error:  # it was answered, in words that we do not understand: perhaps it was done
            raise Temporary("unclear", f"{change.key}: the answer cannot be read. {error.sentence}") from error
        except Permanent as error:
            return self._refused(change, error)
        self.forbidden = 0
        with writing(self.office.engine) as session:
            records.end_change(session, change.id, SENT, self.office.clock(), receipt=receipt)
            records.worked(session, self.run.id)
        self.told()
        return True

    def _refused(self, change: Change, error: Permanent) -> bool:
        if error.reason == "conflict" and change.tries + 1 < TRIES:
            self._put_back(change)
            return True
        self.forbidden = self.forbidden + 1 if error.reason == "forbidden" else 0
        self._end(change, REFUSED, error.sentence)
        if self.forbidden >= FORBIDDEN_AT_MOST:
            raise Misconfigured("forbidden", f"{error.sentence} The rest was not tried.")
        return True

    def _put_back(self, change: Change) -> None:
        """It certainly was not done."""
        with writing(self.office.engine) as session:
            records.end_change(session, change.id, PLANNED, self.office.clock())

    def _end(self, change: Change, state: str, problem: str, receipt: Mapping[str, str] | None = None) -> bool:
        with writing(self.office.engine) as session:
            records.end_change(session, change.id, state, self.office.clock(), problem=problem, receipt=receipt)
        self.told()
        return True

    # --- what nobody knows of

    def _settle(self) -> bool:
        """Find out what became of changes whose answer never came; False: it is too early to tell."""
        with reading(self.office.engine) as session:
            unclear = changes_of(session, self.run.id, (SENDING,))
        for change in unclear:
            now = self.office.clock()
            if change.began_at is not None and now < change.began_at + SETTLED:
                sentence = f"It is not known whether {change.key} was written: that is looked up before going on."
                with writing(self.office.engine) as session:
                    records.pause(session, self.run.id, self.owner, now, change.began_at + SETTLED, sentence)
                return False
            if not self._found_out(change):
                return False
        return True

    def _found_out(self, change: Change) -> bool:
        edit = change.edit
        if edit is None or not self._begin(change, is_sent=False):
            return False
        try:
            value, receipt = self.writer.look_for(self.connection, edit)
        except Permanent as error:
            return self._end(change, REFUSED, error.sentence)
        if value == edit.wanted:
            return self._end(change, SENT, "The answer was lost; it was found written.", receipt)
        if value != edit.former:
            return self._end(change, STALE, "It was changed since the preview, and was left as it is.")
        if change.tries >= TRIES:
            return self._end(change, REFUSED, f"It was sent {TRIES} times without an answer, and is not there.")
        self._put_back(change)
        return True

    def _leave_in(self, session: Session, now: datetime) -> None:
        """Somebody stopped it, took it over, or switched writing off."""
        if is_on(session, self.run.connection):
            records.leave(session, self.run.id, self.owner)
        else:
            records.end_run(session, self.run.id, self.owner, now, problem=OFF)
