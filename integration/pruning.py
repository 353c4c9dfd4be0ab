"""What is kept how long: workers let deliveries and answers go as their time ends, all else once a day; `tieline
prune` all of it at once.

Everything here may be cut short at any moment and done again: each portion is one transaction.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from integration.store import due, messages_outbox, pruning, raw_answers
from integration.store.engine import reading, writing
from integration.store.pruning import Stretch
from mappings.pruning import Line, families
from webhooks import inbox

log = logging.getLogger(__name__)

EVERY = timedelta(hours=24)
LOOKED_EVERY = 10.0  # seconds between two looks at what is over
AT_ONCE = 200  # items of one transaction: as long writers wait
READ_AT_MOST = 100  # times that sprints and parents of a busy connection are read in one pruning


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long is kept what is done with; None: for ever. A history is what items were before."""

    deliveries: timedelta = timedelta(days=14)
    raw_answers: timedelta = timedelta(days=90)
    messages: timedelta = timedelta(days=30)
    failed_messages: timedelta = timedelta(days=90)
    acts: timedelta | None = None
    history: timedelta | None = None

    @classmethod
    def of_days(cls, deliveries: int, raw_answers: int, acts: int, history: int) -> "Keeping":
        """0 days of acts and history: for ever."""
        return cls(
            timedelta(days=deliveries),
            timedelta(days=raw_answers),
            acts=timedelta(days=acts) if acts else None,
            history=timedelta(days=history) if history else None,
        )


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many of each were deleted; `earliest`: of which moment can be told at the earliest, None: of any."""

    deliveries: int = 0
    raw_answers: int = 0
    messages: int = 0
    acts: int = 0
    states: int = 0
    earliest: datetime | None = None


def run(engine: Engine, clock: Callable[[], datetime], stop: threading.Event, keeping: Keeping) -> None:
    """Let go what is over, and prune once a day, whichever process comes first, until `stop` is set."""
    while not stop.wait(LOOKED_EVERY):
        try:
            let_go(engine, clock(), keeping)
            prune_if_due(engine, clock(), keeping, stop.is_set)
        except SQLAlchemyError as error:
            log.warning("pruning cannot reach the database", extra={"reason": type(error).__name__})


def let_go(engine: Engine, now: datetime, keeping: Keeping) -> tuple[int, int]:
    """Delete deliveries, some at once, and answers of trackers that were kept long enough; say how many of each.

    They do not wait for the day to be over: deliveries may name people, and 0 days mean that no answer is kept."""
    with writing(engine) as session:
        deliveries = inbox.purge(session, now - keeping.deliveries)
        raw = raw_answers.purge(session, now - keeping.raw_answers)
    if deliveries or raw:
        log.info("kept long enough", extra={"deliveries": deliveries, "raw_answers": raw})
    return deliveries, raw


def prune_if_due(
    engine: Engine, now: datetime, keeping: Keeping, is_over: Callable[[], bool] = lambda: False
) -> Pruned | None:
    """None: it was done within a day."""
    with reading(engine) as session:
        last = pruning.pruned_at(session)
    if last is not None and now - last < EVERY:
        return None
    return prune(engine, now, keeping, is_over)


def prune(engine: Engine, now: datetime, keeping: Keeping, is_over: Callable[[], bool] = lambda: False) -> Pruned:
    """Delete what was kept long enough. `is_over`: asked between two portions; what is left is done the next time."""
    gone = [let_go(engine, now, keeping)]
    while any(gone[-1]):
        gone.append(let_go(engine, now, keeping))
    deliveries, raw = map(sum, zip(*gone, strict=True))
    with writing(engine) as session:
        sent = messages_outbox.purge(session, now - keeping.messages, now - keeping.failed_messages)
    with writing(engine) as session:
        acts = pruning.forget_acts(session, now - keeping.acts) if keeping.acts is not None else 0
    states = _history(engine, now, keeping.history, is_over) if keeping.history is not None else 0
    with writing(engine) as session:
        if not is_over():
            pruning.note_pruned(session, now)
        earliest = pruning.earliest(session)
    pruned = Pruned(deliveries, raw, sent, acts, states, earliest)
    log.info("pruned", extra={"states": states, "messages": sent, "acts": acts})
    return pruned


def would_go(engine: Engine, now: datetime, history: timedelta) -> int:
    """How many states would be forgotten; nothing is changed."""
    with reading(engine) as session:
        found = 0
        for stretch in pruning.stretches_at(session, now - history):
            name, known = stretch.connection, pruning.frame(session, stretch.connection)
            for some in _portions(pruning.lines(session, stretch.connection), pruning.with_news(session, stretch)):
                found += pruning.forget_states(session, name, some, known, stretch.earliest, is_dry=True)
    return found


# --- the history of items


def _history(engine: Engine, now: datetime, kept: timedelta, is_over: Callable[[], bool]) -> int:
    with writing(engine) as session:
        pruning.move_limit(session, now - kept)
    with reading(engine) as session:
        waiting = pruning.stretches_at(session, now - kept)
    return sum(_stretch(engine, stretch, now, is_over) for stretch in waiting)


def _stretch(engine: Engine, stretch: Stretch, now: datetime, is_over: Callable[[], bool]) -> int:
    """What is saved meanwhile may name other sprints and parents: then these are read anew before more is forgotten."""
    states, done = 0, set[int]()
    for _ in range(READ_AT_MOST):
        gone, is_whole = _forget(engine, stretch, now, done, is_over)
        states += gone
        if is_whole:
            with writing(engine) as session:
                pruning.end(session, stretch)
        if is_whole or is_over():
            break
    if states:
        log.info("history forgotten", extra={"connection": stretch.connection, "states": states})
    return states


def _forget(
    engine: Engine, stretch: Stretch, now: datetime, done: set[int], is_over: Callable[[], bool]
) -> tuple[int, bool]:
    """How many states went, and whether all that are to go did; `done`: the items that were looked at."""
    name, states = stretch.connection, 0
    with reading(engine) as session:
        version = pruning.version(session, name)  # first: what is saved after it makes it another one
        known = pruning.frame(session, name)
        wanted = pruning.with_news(session, stretch) - done
        portions = tuple(_portions(pruning.lines(session, name), wanted))
    for some in portions:
        if is_over():
            return states, False
        with writing(engine) as session:
            if due.lock_pulse(session, name, now) != version:
                return states, False
            states += pruning.forget_states(session, name, some, known, stretch.earliest)
        done.update(item for family in some for item in family)
    return states, True


def _portions(lines: Sequence[Line], wanted: frozenset[int]) -> Iterator[list[tuple[int, ...]]]:
    """Families that hold any wanted item, some at once."""
    some: list[tuple[int, ...]] = []
    for family in families(lines):
        if wanted.isdisjoint(family):
            continue
        some.append(family)
        if sum(map(len, some)) >= AT_ONCE:
            yield some
            some = []
    if some:
        yield some
