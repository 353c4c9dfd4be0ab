"""Who runs a backfill: the terminal that asked for it, or else any process that works; never two at once.

A process that dies leaves its turn to another one, which goes on from the last page that was saved.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Generator
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from integration import sync
from integration.contract import FILE, Connection, Permanent, Temporary, TrackerError
from integration.secrets import Vault
from integration.store import calls, connections, turns
from integration.store.engine import reading, writing
from integration.sync import Progress

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)  # longer than any page takes
LOOK_EVERY = 2.0  # seconds
AFTER_TROUBLE = timedelta(minutes=1)
AFTER_A_FAULT = timedelta(minutes=15)  # until somebody mends it

Clock = Callable[[], datetime]


def request(engine: Engine, connection: str, now: datetime, *, anew: bool) -> None:
    """Ask for a backfill: one that is there goes on at once, `anew` or the first one begins."""
    with writing(engine) as session:
        if anew or connections.backfill_of(session, connection) is None:
            connections.start_backfill(session, connection, now)
            turns.begin_anew(session, connection, now)
        turns.hurry(session, connection)


def run_here(
    engine: Engine, connection: Connection, clock: Clock, *, anew: bool = False
) -> Generator[Progress, None, None]:
    """Run a connection's backfill in this process, page by page; where another one is at it, say so."""
    owner = secrets.token_hex(8)
    now = clock()
    with writing(engine) as session:
        anew = anew or turns.is_anew(session, connection.id)
        if not turns.take(session, connection.id, owner, now, now + LEASE):
            raise Temporary("backfill_runs", "The backfill is run by another process: look at Connections.")
    after: datetime | None = clock() + AFTER_TROUBLE  # of what nobody foresaw, such as a database that is away
    try:
        for progress in sync.run_backfill(engine, calls.counted(engine, connection), clock, anew=anew):
            _keep_turn(engine, connection.id, owner, clock())
            calls.keep(engine, clock(), at_least=calls.EVERY)
            yield progress
        after = None
    except GeneratorExit:  # nobody wants more of it for now
        after = None
        raise
    except TrackerError as error:
        after = clock() + _pause(error)
        raise
    finally:
        with writing(engine) as session:
            turns.give_back(session, connection.id, owner, after)


def _keep_turn(engine: Engine, connection: str, owner: str, now: datetime) -> None:
    with writing(engine) as session:
        if not turns.extend(session, connection, owner, now + LEASE):
            raise Permanent("turn_lost", "The backfill was taken over by another process.")


def _pause(error: TrackerError) -> timedelta:
    if isinstance(error, Temporary):
        return max(AFTER_TROUBLE, timedelta(seconds=error.retry_after or 0))
    return AFTER_A_FAULT


def run(engine: Engine, vault: Vault, clock: Clock, stop: threading.Event, look_every: float = LOOK_EVERY) -> None:
    """Run what waits until `stop` is set; a database that cannot be reached is asked again at the next look."""
    while not stop.wait(look_every):
        try:
            run_waiting(engine, vault, clock, stop)
        except SQLAlchemyError as error:
            log.warning("backfills cannot reach the database", extra={"reason": type(error).__name__})


def run_waiting(engine: Engine, vault: Vault, clock: Clock, stop: threading.Event | None = None) -> int:
    """Run every backfill that waits, one after another; answer how many came to their end."""
    with reading(engine) as session:
        names = turns.unfinished(session, clock())
    return sum(_run_one(engine, vault, name, clock, stop) for name in names)


def _run_one(engine: Engine, vault: Vault, name: str, clock: Clock, stop: threading.Event | None) -> bool:
    with reading(engine) as session:
        connection = connections.connection_named(session, vault, name)
    if connection is None or connection.tracker == FILE:  # only whoever has the file can go on with it
        return False
    log.info("backfill goes on", extra={"connection": name})
    pages = run_here(engine, connection, clock)
    try:
        for progress in pages:
            if progress.is_finished:
                log.info("backfill complete", extra={"connection": name, "items": progress.done})
                return True
            if stop is not None and stop.is_set():
                return False
    except TrackerError as error:
        log.warning("backfill broke off", extra={"connection": name, "reason": error.reason})
    finally:
        pages.close()
    return False
