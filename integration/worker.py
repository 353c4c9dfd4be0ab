"""From the inbox to the store: deliveries are claimed, their items fetched again once for all, and saved.

What was saved and the end of its deliveries are one commit, so that killing a worker at any moment loses nothing and
does nothing twice; what is then due is decided from a list that was committed with them.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from integration.answers import Pace, decide_figures, decide_standing
from integration.contract import (
    Change,
    Connection,
    Fetched,
    Ignored,
    Malformed,
    Permanent,
    Temporary,
    Tracker,
    TrackerError,
)
from integration.secrets import Vault
from integration.store import connections
from integration.store.due import Part
from integration.store.engine import reading, writing
from integration.store.writes import save_fetched
from webhooks import inbox
from webhooks.inbox import Delivery

log = logging.getLogger(__name__)

AT_ONCE = 100  # deliveries of one claim, and ids of one fetch
# Short, so that others soon take over from a worker that was killed; it is renewed as long as the worker lives.
# Machines whose clocks differ by more than two thirds of it would take work from each other, which costs calls only.
LEASE = timedelta(seconds=15)
RENEWED_EVERY = 5.0  # seconds
ATTEMPTS = 24  # about five hours: trackers have outages
UNFORESEEN_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=15)

GATHERED = 1.0  # second, while deliveries keep coming: a bulk edit then costs few calls
AFTER_AN_ERROR = 1.0  # second, so that an error that stays does not fill the log

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Worker:
    """What a worker works with. Several may run at once, in threads and in processes."""

    engine: Engine
    vault: Vault
    trackers: Mapping[str, Tracker]
    clock: Clock
    pace: Pace = field(default_factory=Pace)
    jitter: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class _Read:
    """A delivery with the changes that it tells of."""

    delivery: Delivery
    changes: tuple[Change, ...]


def run(worker: Worker, stop: threading.Event) -> None:
    """Work off the inbox until `stop` is set: what comes after a rest at once, what follows it together."""

    def work() -> bool:
        worked = work_once(worker)
        if worked:
            _gather(worker, stop)
        return worked

    repeat(work, stop)


def _gather(worker: Worker, stop: threading.Event) -> None:
    """Wait until a whole claim is there, but not for long."""
    until = time.monotonic() + GATHERED
    while time.monotonic() < until and not stop.is_set():
        with reading(worker.engine) as session:
            if inbox.waits(session, worker.clock(), AT_ONCE):
                return
        stop.wait(0.1)


def decide(worker: Worker, stop: threading.Event, part: Part) -> None:
    """Decide what is due of one part of the answers until `stop` is set."""
    if part is Part.FIGURES:
        repeat(lambda: decide_figures(worker.engine, worker.clock()), stop)
    else:
        repeat(lambda: decide_standing(worker.engine, worker.clock(), worker.pace), stop)


def repeat(work: Callable[[], bool], stop: threading.Event, idle: float = 0.1) -> None:
    """What nobody foresaw is logged and tried again: a worker never dies of a delivery."""
    while not stop.is_set():
        try:
            worked = work()
        except Exception:
            log.exception("unexpected error in the worker")
            worked = False
            stop.wait(AFTER_AN_ERROR)
        if not worked:
            stop.wait(idle)


def work_once(worker: Worker) -> bool:
    """Claim what waits and work on it by connection; say whether there was anything. What is then due, see `decide`."""
    now = worker.clock()
    with writing(worker.engine) as session:
        claimed = inbox.claim(session, now, AT_ONCE, LEASE)
    by_connection: dict[str, list[Delivery]] = {}
    for delivery in claimed:
        by_connection.setdefault(delivery.connection, []).append(delivery)
    with _held(worker, claimed):
        for name, deliveries in by_connection.items():
            _work_on(worker, name, deliveries)
    return bool(claimed)


@contextmanager
def _held(worker: Worker, claimed: Sequence[Delivery]) -> Iterator[None]:
    """Renew the lease until the end of the block."""
    ended = threading.Event()
    if claimed:
        arguments = (worker, claimed[0].lease_owner, ended)
        threading.Thread(target=_renew, args=arguments, name="lease", daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def _renew(worker: Worker, owner: str, ended: threading.Event) -> None:
    while not ended.wait(RENEWED_EVERY):
        try:
            with writing(worker.engine) as session:
                inbox.renew(session, owner, worker.clock() + LEASE)
        except SQLAlchemyError as error:
            # The next one may succeed; if none does, somebody else takes over and the save gives way.
            log.warning("lease not renewed", extra={"reason": type(error).__name__})


def _work_on(worker: Worker, name: str, deliveries: Sequence[Delivery]) -> None:
    tracker = worker.trackers.get(deliveries[0].tracker)
    with reading(worker.engine) as session:
        connection = connections.connection_named(session, worker.vault, name)
    if tracker is None or connection is None or connection.tracker != tracker.name:
        gone = Permanent("unknown_connection", f"There is no connection “{name}” of this tracker any more.")
        _give_up_or_wait(worker, deliveries, gone)
        return
    read = [each for delivery in deliveries if (each := _read(worker, tracker, delivery)) is not None]
    for batch in _batches(read):
        _fetch_and_save(worker, tracker, connection, batch)


def _read(worker: Worker, tracker: Tracker, delivery: Delivery) -> _Read | None:
    """What the delivery tells; None where that was nothing, or could not be understood, and it is ended."""
    if delivery.attempts > ATTEMPTS:
        sentence = f"It was begun {ATTEMPTS} times and never came to an end."
        _give_up_or_wait(worker, [delivery], Permanent("attempts_exhausted", sentence))
        return None
    try:
        return _Read(delivery, tracker.read(delivery.body))
    except Ignored as ignored:
        with writing(worker.engine) as session:
            inbox.finish(session, delivery.id, "ignored", ignored.reason, owner=delivery.lease_owner)
            connections.note_delivery(session, delivery.connection, delivery.received_at)
        log.info("delivery ignored", extra={**_named(delivery), "reason": ignored.reason})
    except TrackerError as error:
        _give_up_or_wait(worker, [delivery], error)
    except Exception as error:  # noqa: BLE001 - the worker loop: one bad delivery never stops the others
        _unforeseen(worker, delivery, error)
    return None


def _batches(read: Iterable[_Read]) -> Iterable[list[_Read]]:
    """Deliveries whose changes are at most as many as one fetch takes; each whole."""
    batch: list[_Read] = []
    changes: set[tuple[str, str]] = set()
    for each in read:
        more = changes | {(change.kind, change.id) for change in each.changes}
        if batch and len(more) > AT_ONCE:
            yield batch
            batch, more = [], {(change.kind, change.id) for change in each.changes}
        batch.append(each)
        changes = more
    if batch:
        yield batch


def _fetch_and_save(worker: Worker, tracker: Tracker, connection: Connection, batch: Sequence[_Read]) -> None:
    """One fetch and one commit for all of them; if that fails for a reason in the batch, each is tried alone."""
    try:
        fetched = tracker.fetch(connection, _coalesced(batch), worker.clock())
        _save(worker, connection, fetched, batch)
    except Temporary as error:
        _give_up_or_wait(worker, [each.delivery for each in batch], error)
    except Exception as error:  # noqa: BLE001 - the worker loop: one bad delivery never stops the others
        if len(batch) > 1:
            for each in batch:
                _fetch_and_save(worker, tracker, connection, [each])
        elif isinstance(error, Malformed):  # the answer, not the delivery: what stands between may be mended
            odd = Temporary(error.reason, error.sentence)
            _give_up_or_wait(worker, [batch[0].delivery], odd, UNFORESEEN_ATTEMPTS)
        elif isinstance(error, TrackerError):
            _give_up_or_wait(worker, [batch[0].delivery], error)
        else:
            _unforeseen(worker, batch[0].delivery, error)


def _coalesced(batch: Iterable[_Read]) -> tuple[Change, ...]:
    """Each thing once, with the latest moment told of it."""
    found: dict[tuple[str, str], Change] = {}
    for each in batch:
        for change in each.changes:
            other = found.get((change.kind, change.id))
            if other is None or (change.at is not None and (other.at is None or other.at < change.at)):
                found[change.kind, change.id] = change
    return tuple(found.values())


def _save(worker: Worker, connection: Connection, fetched: Fetched, batch: Sequence[_Read]) -> None:
    now = worker.clock()
    received = [each.delivery.received_at for each in batch]
    with writing(worker.engine) as session:
        ended = [inbox.finish(session, each.delivery.id, "done", owner=each.delivery.lease_owner) for each in batch]
        if not any(ended):
            log.warning("lease lost", extra={"connection": connection.id, "deliveries": len(batch)})
            return
        touched = save_fetched(session, connection.id, fetched, now)
        connections.note_delivery(session, connection.id, max(received))
        lag = max(0, int((now - min(received)).total_seconds()))
        connections.note_sync(session, connection.id, now, lag_seconds=lag)
    fields = {"connection": connection.id, "deliveries": len(batch), "items": len(touched.items)}
    log.info("deliveries saved", extra={**fields, "sprints": len(touched.figures), "lag": lag})
    for tracker_id, reason in fetched.refused:
        log.warning("item refused", extra={"connection": connection.id, "item": tracker_id, "reason": reason})


# --- what did not work


def _give_up_or_wait(
    worker: Worker, deliveries: Sequence[Delivery], error: TrackerError, attempts: int = ATTEMPTS
) -> None:
    """Wait longer each time where waiting may help; else set them aside with their error. One commit for all: while a
    tracker is down, thousands wait."""
    now = worker.clock()
    is_hopeless = {one.id: isinstance(error, Permanent) or one.attempts >= attempts for one in deliveries}
    with writing(worker.engine) as session:
        for one in deliveries:
            if is_hopeless[one.id]:
                inbox.bury(session, one.id, error.reason, error.sentence, owner=one.lease_owner)
            else:
                at = now + _pause(worker, one, error)
                inbox.retry(session, one.id, at, error.reason, error.sentence, owner=one.lease_owner)
        name = deliveries[0].connection
        connections.note_delivery(session, name, max(one.received_at for one in deliveries))
        connections.note_error(session, name, error.sentence, now)
    for one in deliveries:
        message = "delivery set aside" if is_hopeless[one.id] else "delivery waits"
        log.warning(message, extra={**_named(one), "reason": error.reason, "attempts": one.attempts})


def _unforeseen(worker: Worker, delivery: Delivery, error: Exception) -> None:
    log.error("unexpected error in a delivery", exc_info=error, extra=_named(delivery))
    # The error's own text may quote what a tracker sent: it goes to the log alone.
    sentence = f"An unexpected {type(error).__name__} happened; the log has its traceback."
    _give_up_or_wait(worker, [delivery], Temporary("unexpected", sentence), UNFORESEEN_ATTEMPTS)


def _pause(worker: Worker, delivery: Delivery, error: TrackerError) -> timedelta:
    """Doubling, with jitter; not before the moment that the tracker named."""
    doubled = FIRST_PAUSE * (1 << min(delivery.attempts - 1, 16))
    pause = min(doubled, LONGEST_PAUSE) * (0.75 + worker.jitter() / 2)
    asked = error.retry_after if isinstance(error, Temporary) else None
    return pause if asked is None else max(pause, timedelta(seconds=asked))


def _named(delivery: Delivery) -> dict[str, object]:
    return {"delivery": delivery.id, "connection": delivery.connection, "tracker": delivery.tracker}
