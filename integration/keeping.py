"""What a connection needs while nobody looks: proofs noted, webhooks renewed before they end."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from integration import connect
from integration.contract import TrackerError
from integration.secrets import Vault
from integration.store import connections, webhook_states
from integration.store.engine import reading, writing

log = logging.getLogger(__name__)

LOOK_EVERY = 30.0  # seconds
RENEW_BEFORE = timedelta(days=10)
RENEWED_AT_MOST_EVERY = timedelta(hours=1)  # where it fails

Clock = Callable[[], datetime]


def run(engine: Engine, vault: Vault, clock: Clock, stop: threading.Event, look_every: float = LOOK_EVERY) -> None:
    """Look until `stop` is set; a database that cannot be reached is asked again at the next look."""
    tried: dict[str, datetime] = {}
    while not stop.wait(look_every):
        try:
            keep(engine, vault, clock(), tried)
        except SQLAlchemyError as error:
            log.warning("keeping of connections cannot reach the database", extra={"reason": type(error).__name__})


def keep(engine: Engine, vault: Vault, now: datetime, tried: dict[str, datetime] | None = None) -> None:
    """One look. `tried` remembers when a webhook could not be renewed."""
    tried = {} if tried is None else tried
    note_proofs(engine)
    with reading(engine) as session:
        ending = webhook_states.expiring(session, now + RENEW_BEFORE)
        talkative = webhook_states.proven_by_silence(session)
    for name in (*ending, *talkative):
        if name in tried and now - tried[name] < RENEWED_AT_MOST_EVERY:
            continue
        tried[name] = now
        try:
            _renew(engine, vault, name, now) if name in ending else _quieten(engine, vault, name)
        except TrackerError as error:
            log.warning("webhook could not be renewed", extra={"connection": name, "reason": error.reason})
            with writing(engine) as session:
                connections.note_error(session, name, error.sentence, now)


def note_proofs(engine: Engine) -> None:
    with writing(engine) as session:
        webhook_states.note_proofs(session)


def _renew(engine: Engine, vault: Vault, name: str, now: datetime) -> None:
    """Extend it; where the site has it no more, register it again."""
    with reading(engine) as session:
        connection = connections.connection_named(session, vault, name)
    if connection is None:
        return
    steps = connect.steps_of(connection.tracker)
    hook = steps.webhook(connection)
    if hook is None or (hook.expires_at is not None and hook.expires_at <= now):
        connect.register_again(engine, vault, connection, now)
        return
    renewed = steps.renew_webhook(connection, hook)
    with writing(engine) as session:
        webhook_states.note_renewed(session, name, renewed.expires_at)
    log.info("webhook renewed", extra={"connection": name})


def _quieten(engine: Engine, vault: Vault, name: str) -> None:
    with reading(engine) as session:
        connection = connections.connection_named(session, vault, name)
    if connection is not None:
        connect.end_proof(engine, vault, connection)
