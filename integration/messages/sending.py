"""Sending what waits: each message is claimed, sent, and what came of it noted; what failed is tried again, ever later.

A message is sent at least once: whoever is killed between the answer and the note leaves it to be sent again, with the
same id. Webhooks and mail are told apart by it, a chat may then show a message twice.
"""

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine

from integration.contract import Misconfigured, Permanent, Temporary, TrackerError
from integration.messages.carrying import Sent, Ways, send
from integration.messages.message import from_json
from integration.messages.picturing import picture_for
from integration.messages.posting import status_of
from integration.messages.slack_bot import Course
from integration.secrets import Vault
from integration.store import messages, messages_outbox, messages_pictures
from integration.store.engine import reading, writing
from integration.store.messages_outbox import Claimed, Try
from integration.worker import repeat

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=240)  # longer than any sending takes
PAUSES = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 21600, 43200)
)  # about a day and a half in all
WITHIN = 0.5  # seconds between two looks, where nothing waits


@dataclass(frozen=True, slots=True)
class Postman:
    engine: Engine
    vault: Vault
    ways: Ways
    clock: Callable[[], datetime]
    jitter: Callable[[], float] = field(default=random.random)
    pause: Callable[[float], None] = field(default=time.sleep)


def run(postman: Postman, stop: threading.Event) -> None:
    """Send until `stop` is set."""
    repeat(lambda: send_next(postman), stop, WITHIN)


def send_next(postman: Postman) -> bool:
    """Send the message that waits longest; False where none waits."""
    now = postman.clock()
    with reading(postman.engine) as session:
        if not messages_outbox.is_any_due(session, now):
            return False
    with writing(postman.engine) as session:
        claimed = messages_outbox.claim(session, now, LEASE)
    if claimed is None:
        return False
    _end(postman, claimed, *_tried(postman, claimed))
    return True


def send_now(postman: Postman, number: int) -> Try | None:
    """Send this message, which waits; what came of it. None where another sender has it."""
    with writing(postman.engine) as session:
        claimed = messages_outbox.claim(session, postman.clock(), LEASE, number)
    if claimed is None:
        return None
    outcome, error = _tried(postman, claimed)
    _end(postman, claimed, outcome, error)
    return outcome


def _tried(postman: Postman, claimed: Claimed) -> tuple[Try, TrackerError | None]:
    at, started = postman.clock(), time.monotonic()
    error: TrackerError | None = None
    sent = Sent(None)
    try:
        sent = _send(postman, claimed, at)
    except TrackerError as refused:
        error, sent = refused, Sent(status_of(refused))
    took = int((time.monotonic() - started) * 1000)
    if error is None:
        return Try(at, sent.status, "sent", sent.remark or "It was taken.", took), None
    return Try(at, sent.status, error.reason, error.sentence, took), error


def _send(postman: Postman, claimed: Claimed, now: datetime) -> Sent:
    with reading(postman.engine) as session:
        found = messages.destination(session, claimed.destination)
        secrets = messages.secrets_of(session, postman.vault, claimed.destination) if found is not None else None
    if claimed.attempts > len(PAUSES) + 1:
        raise Permanent("attempts_exhausted", "It was begun many times and never came to an end.")
    if found is None or secrets is None:
        raise Permanent("no_destination", f"There is no destination “{claimed.destination}” any more.")
    message = from_json(claimed.body)
    picture = picture_for(postman.engine, postman.vault, postman.ways, claimed, found, message, now)
    course = _course(postman, claimed)
    return send(found.channel, secrets, message, claimed.public_id, postman.ways, now, picture, course)


def _course(postman: Postman, claimed: Claimed) -> Course:
    """What a channel of several calls must know of the tries before, whoever made them, committed at once."""

    def keep_file(file: str) -> None:
        with writing(postman.engine) as session:
            messages_pictures.note_file(session, claimed.id, file)

    def note_begun(is_begun: bool) -> None:
        with writing(postman.engine) as session:
            messages_outbox.note_begun(session, claimed, postman.clock() if is_begun else None)

    return Course(claimed.begun_at, keep_file, note_begun, postman.pause)


def _end(postman: Postman, claimed: Claimed, outcome: Try, error: TrackerError | None) -> None:
    is_over = isinstance(error, Permanent) or claimed.attempts > len(PAUSES)
    state = "sent" if error is None else "dead" if is_over else "waiting"
    run_at = outcome.at + _pause(postman, claimed, error) if state == "waiting" else None
    with writing(postman.engine) as session:
        if not messages_outbox.finish(session, claimed, outcome, state, run_at):
            log.warning("message in other hands", extra={"message_id": claimed.id})
            return
        if error is None:
            messages.note_sent(session, claimed.destination, outcome.at)
        else:
            messages.note_trouble(session, claimed.destination, error.sentence, outcome.at)
    fields = {"message_id": claimed.id, "destination": claimed.destination, "attempts": claimed.attempts}
    if error is None:
        log.info("message sent", extra=fields)
    else:
        log.warning("message set aside" if is_over else "message waits", extra={**fields, "reason": error.reason})


def _pause(postman: Postman, claimed: Claimed, error: TrackerError | None) -> timedelta:
    """Ever longer, with jitter; not before the moment that was asked for. What a person must mend waits for that."""
    pause = PAUSES[min(claimed.attempts, len(PAUSES)) - 1] * (0.75 + postman.jitter() / 2)
    if isinstance(error, Misconfigured):
        pause = max(pause, timedelta(minutes=5))
    asked = error.retry_after if isinstance(error, Temporary) else None
    return pause if asked is None else max(pause, min(timedelta(seconds=asked), PAUSES[-1]))
