"""Reading a connection's kept answers again after its mapping changed: in portions, each one transaction with the place
where it ends, so that a run that was killed goes on from there. Figures wait until all of it is read."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine

from integration.contract import Answered, Connection, Fetched, Retranslated, Tracker, TrackerError
from integration.secrets import Vault
from integration.store import connections, raw_answers, retranslations
from integration.store.engine import reading, writing
from integration.store.raw_answers import Kept
from integration.store.retranslations import Retranslation
from integration.store.sweeping import unknown_keys
from integration.store.writes import save_fetched
from integration.trackers import tracker_named

log = logging.getLogger(__name__)

AT_ONCE = 500
SITE = "*site"  # under which trackers keep what holds for a whole site
NOT_KEPT = "its answer was not kept any more"
NEVER_SEEN = "what the mapping now names as a parent was never seen"

Clock = Callable[[], datetime]


def retranslate_due(engine: Engine, vault: Vault, clock: Clock) -> int:
    """Read again what is to be; the failure of one connection stops no other. Answer how many items were read."""
    with reading(engine) as session:
        names = retranslations.unfinished(session)
    return sum(_retranslate(engine, vault, name, clock) for name in names)


def _retranslate(engine: Engine, vault: Vault, name: str, clock: Clock) -> int:
    done = 0
    try:
        while (portion := retranslate_some(engine, vault, name, clock)) is not None:
            done += portion
    except TrackerError as error:
        with writing(engine) as session:
            connections.note_error(session, name, error.sentence, clock())
        log.warning("reading again failed", extra={"connection": name, "reason": error.reason})
    return done


@dataclass(frozen=True, slots=True)
class _Read:
    """A portion: what its kept answers amount to, what had to be fetched besides, how much of that, and why."""

    kept: Fetched
    fetched: Fetched | None
    number: int
    why: str | None


def retranslate_some(engine: Engine, vault: Vault, name: str, clock: Clock) -> int | None:
    """Read the next portion again; None: all is read, or another worker is at it."""
    with reading(engine) as session:
        connection = connections.connection_named(session, vault, name)
        known = retranslations.of(session, name)
        if connection is None or known is None or known.finished_at is not None:
            return None
        kept = raw_answers.kept_after(session, name, known.cursor, AT_ONCE)
        told = raw_answers.kept_about(session, name, SITE)
    tracker = tracker_named(connection.tracker)
    read = _read(engine, tracker, connection, kept, told, clock) if kept and tracker.retranslate else None
    return _save(engine, connection, known, kept, read, clock())


def _read(
    engine: Engine, tracker: Tracker, connection: Connection, kept: Sequence[Kept], told: bytes | None, clock: Clock
) -> _Read:
    assert tracker.retranslate is not None
    answers = [Answered(one.tracker_id, one.body, one.asked) for one in kept if one.body is not None]
    again: Retranslated = tracker.retranslate(connection, answers, told, clock())
    with reading(engine) as session:
        unseen = unknown_keys(session, connection.id, again.parents)
    reasons = {one.tracker_id: NOT_KEPT for one in kept if one.body is None} | dict(again.lacking)
    reasons |= dict.fromkeys(sorted(unseen), NEVER_SEEN)
    fetched = tracker.refetch(connection, list(reasons), clock()) if reasons and tracker.refetch else None
    return _Read(again.fetched, fetched, len(reasons) - len(unseen), next(iter(reasons.values()), None))


def _save(
    engine: Engine,
    connection: Connection,
    known: Retranslation,
    kept: Sequence[Kept],
    read: _Read | None,
    now: datetime,
) -> int | None:
    is_last = read is None or len(kept) < AT_ONCE
    after = replace(
        known,
        cursor=kept[-1].tracker_id if kept else known.cursor,
        done=known.done + len(kept),
        fetched=known.fetched + (read.number if read else 0),
        why_fetched=(read.why if read else None) or known.why_fetched,
        finished_at=now if is_last else None,
    )
    with writing(engine) as session:
        if not retranslations.go_on(session, connection.id, known, after):
            return None
        if read is not None:
            # Boards are told once; a rename that the store heard of since then is not undone by each portion.
            told = replace(read.kept, boards=(), earlier_boards=()) if known.cursor else read.kept
            save_fetched(session, connection.id, told, now)
            if read.fetched is not None:
                save_fetched(session, connection.id, read.fetched, now)
    if is_last:
        fields = {"connection": connection.id, "items": after.done, "fetched": after.fetched}
        log.info("read again by another mapping", extra=fields)
    return len(kept)
