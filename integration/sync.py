"""Keeping the store true by asking: the backfill of a new connection, and afterwards a look every few minutes.

Each page is saved in one transaction with the cursor behind it: killed at any moment, a run goes on from there.
"""

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from integration.contract import Connection, TrackerError
from integration.secrets import Vault
from integration.store import connections
from integration.store.engine import reading, writing
from integration.store.writes import save_fetched
from integration.trackers import tracker_named

log = logging.getLogger(__name__)

RECONCILE_EVERY = timedelta(minutes=5)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int | None
    is_finished: bool
    refused: tuple[tuple[str, str], ...] = ()


def run_backfill(
    engine: Engine, connection: Connection, clock: Clock, *, anew: bool = False
) -> Generator[Progress, None, None]:
    """Go on with the backfill, from the beginning if there was none (or `anew`); tell the progress of each page."""
    tracker = tracker_named(connection.tracker)
    with writing(engine) as session:
        known = connections.backfill_of(session, connection.id)
        if known is None or anew:
            connections.start_backfill(session, connection.id, clock())
            known = None
    if known is not None and known.finished_at is not None:
        yield Progress(known.done, known.total, is_finished=True)
        return
    with _errors_noted(engine, connection.id, clock):
        for page in tracker.backfill(connection, known.cursor if known else None, clock()):
            with writing(engine) as session:
                now = clock()
                save_fetched(session, connection.id, page.fetched, now)
                connections.keep_backfill(
                    session, connection.id, cursor=page.cursor, done=page.done, total=page.total, now=now
                )
                connections.note_sync(session, connection.id, now)
            yield Progress(page.done, page.total, page.cursor is None, page.fetched.refused)


def reconcile(engine: Engine, connection: Connection, clock: Clock) -> int:
    """Fetch what changed since the last look; answer how many items that brought."""
    tracker = tracker_named(connection.tracker)
    if tracker.reconcile is None:
        return 0
    with reading(engine) as session:
        cursor, _ = connections.reconcile_cursor(session, connection.id)
    found = 0
    with _errors_noted(engine, connection.id, clock):
        for page in tracker.reconcile(connection, cursor, clock()):
            with writing(engine) as session:
                now = clock()
                save_fetched(session, connection.id, page.fetched, now)
                connections.keep_reconcile_cursor(session, connection.id, page.cursor, now)
                connections.note_sync(session, connection.id, now)
            found += len(page.fetched.items)
    return found


def reconcile_due(engine: Engine, vault: Vault, clock: Clock, every: timedelta = RECONCILE_EVERY) -> int:
    """Reconcile the connections whose turn it is; the failure of one stops no other."""
    found = 0
    with reading(engine) as session:
        names = connections.connection_names(session)
    for name in names:
        connection = _claim(engine, vault, name, clock(), every)
        if connection is None:
            continue
        try:
            found += reconcile(engine, connection, clock)
        except TrackerError as error:
            log.warning("reconciliation failed", extra={"connection": name, "reason": error.reason})
    return found


def _claim(engine: Engine, vault: Vault, name: str, now: datetime, every: timedelta) -> Connection | None:
    """Take the turn of a connection, so that of several workers one looks; None where it is not due."""
    with writing(engine) as session:
        backfill = connections.backfill_of(session, name)
        cursor, last = connections.reconcile_cursor(session, name)
        is_due = last is None or now - last >= every
        if backfill is None or backfill.finished_at is None or not is_due:
            return None
        connections.keep_reconcile_cursor(session, name, cursor, now)
        return connections.connection_named(session, vault, name)


@contextmanager
def _errors_noted(engine: Engine, name: str, clock: Clock) -> Iterator[None]:
    try:
        yield
    except TrackerError as error:
        with writing(engine) as session:
            connections.note_error(session, name, error.sentence, clock())
        raise
