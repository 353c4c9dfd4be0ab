"""Keeping the store true by asking: the backfill of a new connection, and afterwards a look every few minutes.

Each page is saved in one transaction with the cursor behind it: killed at any moment, a run goes on from there.
"""

import logging
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from integration.contract import Connection, Fetched, Misconfigured, Page, TrackerError
from integration.retranslation import retranslate_due
from integration.secrets import Vault
from integration.store import connections
from integration.store.engine import reading, writing
from integration.store.positions import Position, position_of
from integration.store.sweeping import items_after, known_items
from integration.store.writes import save_fetched
from integration.trackers import tracker_named

log = logging.getLogger(__name__)

RECONCILE_EVERY = timedelta(minutes=5)
SWEPT_AT_ONCE = 300  # three calls: 86,400 items a day at a look every five minutes
ABSENT_AT_MOST = 20

Clock = Callable[[], datetime]
Sweep = Callable[[Connection, Mapping[str, datetime], datetime], Fetched]


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
    """Fetch what changed since the last look, then look at some known items; answer how many items that brought."""
    tracker = tracker_named(connection.tracker)
    with reading(engine) as session:
        position = position_of(session, connection.id)
    found = 0
    with _errors_noted(engine, connection.id, clock):
        if tracker.reconcile is not None:
            for page in tracker.reconcile(connection, position.cursor, clock()):
                position = _after(position, page, connection.id)
                _save(engine, connection, page.fetched, position, clock())
                found += len(page.fetched.items)
        if tracker.sweep is not None:
            found += _sweep(engine, connection, tracker.sweep, position, clock)
    return found


def _after(position: Position, page: Page, name: str) -> Position:
    """What the last page says of the whole look replaces what the one before said."""
    after = replace(position, cursor=page.cursor).with_boards(page.boards_seen, page.fetched.at)
    if not page.is_whole or page.notice == position.notice:
        return after
    log.info("the state of the site changed", extra={"connection": name, "notice": page.notice or "none"})
    return replace(after, notice=page.notice)


# --- the sweep --------------------------------------------------------------------------------


def _sweep(engine: Engine, connection: Connection, sweep: Sweep, position: Position, clock: Clock) -> int:
    """Look at the next items, in a circle. What is absent twice in a row is gone: a tracker may be out of breath.

    Where much is absent at once, nothing is: the account has lost sight of it more likely than it was deleted.
    """
    with reading(engine) as session:
        known = items_after(session, connection.id, position.swept, SWEPT_AT_ONCE)
        last = max(known, default="") if len(known) == SWEPT_AT_ONCE else ""
        asked = known | known_items(session, connection.id, list(position.absent))
    if not asked:
        return 0
    fetched = sweep(connection, asked, clock())
    absent = fetched.gone
    if len(absent) > max(ABSENT_AT_MOST, len(asked) // 3):
        raise Misconfigured(
            "much_is_absent",
            f"{len(absent)} of {len(asked)} items cannot be seen any more. Nothing is counted as deleted: check "
            "whether the account still has its permissions, and which projects were archived.",
        )
    gone = tuple(id_ for id_ in absent if id_ in position.absent)
    after = replace(position, swept=last, absent=tuple(id_ for id_ in absent if id_ not in gone))
    _save(engine, connection, replace(fetched, gone=gone), after, clock())
    return len(fetched.items)


def _save(engine: Engine, connection: Connection, fetched: Fetched, position: Position, now: datetime) -> None:
    with writing(engine) as session:
        save_fetched(session, connection.id, fetched, now)
        connections.keep_reconcile_cursor(session, connection.id, position.text(), now)
        connections.note_sync(session, connection.id, now)


# --- whose turn it is -------------------------------------------------------------------------


def run(engine: Engine, vault: Vault, clock: Clock, stop: threading.Event, look_every: float = 15.0) -> None:
    """Reconcile and read again what is due until `stop` is set; a database that cannot be reached is asked again at the
    next look."""
    while not stop.wait(look_every):
        try:
            # Neither keeps the other from its turn: who is looked at first has had its turn, whatever comes of it.
            reconcile_due(engine, vault, clock)
            retranslate_due(engine, vault, clock)
        except SQLAlchemyError as error:
            log.warning("reconciliation cannot reach the database", extra={"reason": type(error).__name__})


def reconcile_due(engine: Engine, vault: Vault, clock: Clock, every: timedelta = RECONCILE_EVERY) -> int:
    """Reconcile the connections whose turn it is; the failure of one stops no other."""
    found = 0
    with reading(engine) as session:
        names = connections.site_names(session)
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
