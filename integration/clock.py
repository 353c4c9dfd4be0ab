"""What the mere passing of time changes: answers that hold no longer, mutes that run out, what was kept long enough."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from integration.store import due, findings, kept, raw_answers
from integration.store.due import CORRECTED, FIGURES
from integration.store.engine import writing
from webhooks import inbox

log = logging.getLogger(__name__)

_DUE_BY_KIND = {"sprint": FIGURES, "corrected": CORRECTED}  # of all other kinds everything is due


@dataclass(frozen=True, slots=True)
class Retention:
    """How long is kept what is done with: deliveries hold what trackers say of people, raw answers do not."""

    deliveries: timedelta = timedelta(days=14)
    raw_answers: timedelta = timedelta(days=90)

    @classmethod
    def of_days(cls, deliveries: int, raw_answers: int) -> "Retention":
        return cls(timedelta(days=deliveries), timedelta(days=raw_answers))


def run(
    engine: Engine, clock: Callable[[], datetime], stop: threading.Event, retention: Retention, every: float = 10.0
) -> None:
    """Look at the clock until `stop` is set; a database that cannot be reached is asked again at the next look."""
    while not stop.wait(every):
        try:
            tick(engine, clock(), retention)
        except SQLAlchemyError as error:
            log.warning("the clock cannot reach the database", extra={"reason": type(error).__name__})


def tick(engine: Engine, now: datetime, retention: Retention) -> None:
    """Note what has become due by now, and delete what was kept long enough."""
    _note_run_out(engine, now)
    _purge(engine, now, retention)


def _note_run_out(engine: Engine, now: datetime) -> None:
    with writing(engine) as session:
        over = kept.take_run_out(session, now)
        for connection in findings.mutes_that_ran_out(session, now):
            over.setdefault(connection, [])
        for connection, subjects in sorted(over.items(), key=lambda each: (each[0] == due.OF_ALL, each[0])):
            work = sorted({(_DUE_BY_KIND[kind], subject) for kind, subject in subjects if kind in _DUE_BY_KIND})
            due.note_subjects(session, connection, work, now)
            log.info("answers hold no longer", extra={"connection": connection, "sprints": len(work)})


def _purge(engine: Engine, now: datetime, retention: Retention) -> None:
    with writing(engine) as session:
        deliveries = inbox.purge(session, now - retention.deliveries)
        raw = raw_answers.purge(session, now - retention.raw_answers)
    if deliveries or raw:
        log.info("kept long enough", extra={"deliveries": deliveries, "raw_answers": raw})
