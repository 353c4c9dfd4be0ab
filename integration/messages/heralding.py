"""Finding what somebody wants to be told, and queueing it: each event once for each subscription, and no old news.

Several processes may look at once: what is told is marked in the transaction that queues the message, and they wait for
each other there.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from integration.messages.message import Message, as_json
from integration.messages.news import Candidate, Herald, candidates
from integration.store import messages, messages_news, messages_outbox, reads
from integration.store.engine import reading, writing
from integration.store.messages import Subscription
from integration.worker import repeat

log = logging.getLogger(__name__)

EVERY = 30.0  # seconds between two looks where nothing has changed: time alone makes news, too
WITHIN = 1.0


@dataclass(frozen=True, slots=True)
class Fresh:
    """Composed messages, and the events that are told with them."""

    subscription: Subscription
    marks: tuple[str, ...]
    messages: tuple[Message, ...]
    next_at: datetime | None


@dataclass(slots=True)
class Memory:
    """What this process saw last, so that looking at nothing new costs one short read."""

    seen: tuple[int, int, int] | None = None
    looked: float = field(default=float("-inf"))


def run(herald: Herald, stop: threading.Event) -> None:
    """Look for news until `stop` is set."""
    memory = Memory()
    repeat(lambda: turn(herald, memory), stop, WITHIN)


def turn(herald: Herald, memory: Memory, monotonic: Callable[[], float] = time.monotonic) -> bool:
    """Look where anything has changed, or some time has passed. Never says that there is more to do at once."""
    now, moment = herald.clock(), monotonic()
    with reading(herald.engine) as session:
        known = messages.subscriptions(session)
        seen = (reads.pulse(session), len(known), max((one.id for one in known), default=0))
    if seen != memory.seen or moment - memory.looked > EVERY:
        look(herald, now)
        memory.seen, memory.looked = seen, moment
    return False


def look(herald: Herald, now: datetime) -> int:
    """Queue what is news; say how many messages that were."""
    with reading(herald.engine) as session:
        rested = messages_news.unsettled(session, now)
    if rested:
        with writing(herald.engine) as session:
            messages_news.settle(session, rested, now)
        log.info("what comes from now on is news", extra={"connections": len(rested)})
    with reading(herald.engine) as session:
        found = [_fresh(session, one) for one in candidates(herald, session, now)]
    news = [one for one in found if one.messages or one.next_at is not None]
    return _queue(herald, news, now) if news else 0


def _fresh(session: Session, candidate: Candidate) -> Fresh:
    told = messages_outbox.told(session, candidate.subscription.id, candidate.marks)
    marks = tuple(mark for mark in dict.fromkeys(candidate.marks) if mark not in told)
    return Fresh(
        candidate.subscription, marks, tuple(candidate.made(frozenset(marks))) if marks else (), candidate.next_at
    )


def _queue(herald: Herald, news: Sequence[Fresh], now: datetime) -> int:
    number = 0
    with writing(herald.engine) as session:
        messages_outbox.lock(session, now)
        for one in news:
            number += _queue_one(session, one, now)
    if number:
        log.info("messages queued", extra={"messages": number})
    return number


def _queue_one(session: Session, one: Fresh, now: datetime) -> int:
    """Nothing where another process was faster: what is left is found at the next look."""
    held = messages.subscription(session, one.subscription.id)
    if held is None or held.next_at != one.subscription.next_at:
        return 0
    if messages_outbox.told(session, held.id, one.marks):
        return 0
    messages_outbox.mark_told(session, held.id, one.marks, now)
    if one.next_at is not None:
        messages.set_next(session, held.id, one.next_at)
    for message in one.messages:
        messages_outbox.queue(session, held.destination, as_json(message), now)
    return len(one.messages)
