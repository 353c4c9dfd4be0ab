"""What the mere passing of time changes: answers that hold no longer, mutes that run out."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from integration.store import due, findings, kept
from integration.store.due import CORRECTED, FIGURES
from integration.store.engine import writing

log = logging.getLogger(__name__)

_DUE_BY_KIND = {"sprint": FIGURES, "corrected": CORRECTED}  # of all other kinds everything is due


def run(engine: Engine, clock: Callable[[], datetime], stop: threading.Event, every: float = 10.0) -> None:
    """Look at the clock until `stop` is set; a database that cannot be reached is asked again at the next look."""
    while not stop.wait(every):
        try:
            tick(engine, clock())
        except SQLAlchemyError as error:
            log.warning("the clock cannot reach the database", extra={"reason": type(error).__name__})


def tick(engine: Engine, now: datetime) -> None:
    """Note what has become due by now."""
    with writing(engine) as session:
        over = kept.take_run_out(session, now)
        for connection in findings.mutes_that_ran_out(session, now):
            over.setdefault(connection, [])
        for connection, subjects in sorted(over.items(), key=lambda each: (each[0] == due.OF_ALL, each[0])):
            work = sorted({(_DUE_BY_KIND[kind], subject) for kind, subject in subjects if kind in _DUE_BY_KIND})
            due.note_subjects(session, connection, work, now)
            log.info("answers hold no longer", extra={"connection": connection, "sprints": len(work)})
