"""Making a connection: its name, its secret, its webhook; for the terminal and the pages alike.

What is asked of a site and chosen there is the tracker's own: see `integration.connecting`.
"""

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Engine

from integration.connecting import Connecting, Registered, Wanted
from integration.contract import Connection, Misconfigured, TrackerError
from integration.secrets import Vault
from integration.store import connections, plans, reads, webhook_states
from integration.store.connections import Webhook
from integration.store.engine import reading, writing
from integration.trackers import tracker_named
from mappings.model import Team
from webhooks.contract import Key

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def steps_of(tracker: str) -> Connecting:
    """The steps to a site of that tracker."""
    connecting = tracker_named(tracker).connecting
    if connecting is None:
        raise Misconfigured("no_steps", f"Sites of {tracker} cannot be connected yet.")
    return connecting()


# --- the name ---------------------------------------------------------------------------------


def checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Misconfigured("bad_name", "The connection's name takes small letters, digits and hyphens, 40 at most.")
    return name


def check_name(engine: Engine, vault: Vault, connection: Connection) -> None:
    """A name belongs to one site: another one under it would be taken for the same items."""
    with reading(engine) as session:
        known = connections.connection_named(session, vault, connection.id)
    if known is not None and (known.tracker, known.base_url) != (connection.tracker, connection.base_url):
        raise Misconfigured(
            "name_taken", f"The name {connection.id} belongs to {known.base_url}; give this site another name."
        )


def needs_backfill(engine: Engine, vault: Vault, connection: Connection) -> bool:
    """Whether the connection is there with a choice that what was fetched does not cover: its backfill begins anew.

    Other fields alone are read from the answers that are kept, unless these are not complete yet.
    """
    with reading(engine) as session:
        known = connections.connection_named(session, vault, connection.id)
        progress = connections.backfill_of(session, connection.id)
    if known is None or dict(known.mapping) == dict(connection.mapping):
        return False
    is_complete = progress is not None and progress.finished_at is not None
    return not is_complete or steps_of(connection.tracker).reads_elsewhere(known.mapping, connection.mapping)


def teams_of_register(engine: Engine, now: datetime) -> tuple[Team, ...]:
    with reading(engine) as session:
        return plans.plan_in_force(session, now).teams


# --- saving, with a secret for the webhook ----------------------------------------------------


def hears_already(engine: Engine, vault: Vault, connection: Connection, public_url: str) -> bool:
    """Whether deliveries to that address have arrived: then the webhook may stay as it is."""
    with reading(engine) as session:
        key = connections.door_key(session, vault, connection.tracker, connection.id)
        health = next((one for one in reads.connections(session) if one.id == connection.id), None)
    if key is None or health is None or health.last_delivery_at is None:
        return False
    return key.callback_url == callback(connection, public_url)


def save(
    engine: Engine,
    vault: Vault,
    connection: Connection,
    now: datetime,
    public_url: str | None,
    *,
    is_signed: bool = True,
    wants_new_secret: bool = False,
) -> Wanted | None:
    """Keep the connection; where Tieline has an address, with a fresh secret: answer the webhook to register.

    The secret is known to the door before the site hears of it; the one before stays valid until the next change.
    `is_signed` False: the site cannot sign, so the end of the path is the proof; of paths only one is valid at a time.
    """
    steps = steps_of(connection.tracker)
    address = callback(connection, public_url) if public_url else ""
    with writing(engine) as session:
        known = connections.door_key(session, vault, connection.tracker, connection.id)
        if known is not None and not public_url:
            connections.keep_connection(session, vault, connection, now)
            return None
        proof = _proof(known, is_signed, wants_new_secret, steps.own_secret(connection))
        kept = Webhook(
            secret=proof.secret if known is None and is_signed else None,
            path_token=proof.token if proof.token or (known is not None and known.token) else None,
            unsigned=not is_signed,
            callback_url=address,
        )
        connections.keep_connection(session, vault, connection, now, webhook=kept)
        if not is_signed:
            connections.forget_secrets(session, connection.id)
        elif known is not None and known.secrets[:1] != (proof.secret.encode(),):
            connections.rotate_webhook_secret(session, vault, connection.id, proof.secret)
    if not public_url:
        return None
    ids = steps.projects_of(connection) if connection.mapping else ()
    return Wanted(f"Tieline {connection.id}", address, ids, proof.secret, proof.token)


@dataclass(frozen=True, slots=True)
class _Proof:
    """What a delivery will bear: a signature made with the secret, or the token at the end of its path."""

    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


def _proof(known: Key | None, is_signed: bool, wants_new_secret: bool, own_secret: str | None) -> _Proof:
    if is_signed:
        return _Proof(secret=own_secret or secrets.token_urlsafe(32))
    if known is not None and known.unsigned and known.token and not wants_new_secret:
        return _Proof(token=known.token)  # no delivery is refused until the site has heard of another
    return _Proof(token=secrets.token_urlsafe(32))


def callback(connection: Connection, public_url: str) -> str:
    """Where the site's deliveries go."""
    parts = urlsplit(public_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Misconfigured(
            "bad_public_url", "The public address of Tieline must look like https://tieline.example.org."
        )
    return f"{public_url.rstrip('/')}/hooks/{connection.tracker}/{connection.id}"


# --- the webhook ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WebhookResult:
    """Registered and read back; or why not, with what a person does instead."""

    registered: Registered | None
    problem: str | None = None
    instructions: tuple[str, ...] = ()


def prove_by_writing(engine: Engine, vault: Vault, connection: Connection) -> str:
    """Have the site send a delivery, by a change that nobody sees; say what was done."""
    _set_again(engine, vault, connection, for_proof=True)
    return steps_of(connection.tracker).cause_delivery(connection)


def end_proof(engine: Engine, vault: Vault, connection: Connection) -> None:
    """Proven: silent changes need not be told any more."""
    _set_again(engine, vault, connection, for_proof=False)


def register_again(engine: Engine, vault: Vault, connection: Connection, now: datetime) -> None:
    """It ended, or is gone: the same webhook once more."""
    made = _set_again(engine, vault, connection, for_proof=False)
    with writing(engine) as session:
        webhook_states.note_made(session, connection.id, now, tracker_id=made.id, expires_at=made.expires_at)


def _set_again(engine: Engine, vault: Vault, connection: Connection, *, for_proof: bool) -> Registered:
    """Set the same webhook, with the secret that it has."""
    steps = steps_of(connection.tracker)
    with reading(engine) as session:
        key = connections.door_key(session, vault, connection.tracker, connection.id)
    if key is None or not key.callback_url:
        raise Misconfigured("no_webhook", "There is no webhook to prove: give Tieline a public address first.")
    secret = key.secrets[0].decode() if key.secrets else ""
    name, ids = f"Tieline {connection.id}", steps.projects_of(connection)
    made = steps.register(connection, Wanted(name, key.callback_url, ids, secret, key.token or "", for_proof))
    with writing(engine) as session:
        webhook_states.note_for_proof(session, connection.id, for_proof)
    return made


def register_webhook(engine: Engine, connection: Connection, wanted: Wanted, now: datetime) -> WebhookResult:
    """Register it and read it back; else say what to paste. Either way it is proven by a delivery only."""
    steps = steps_of(connection.tracker)
    try:
        result = WebhookResult(steps.register(connection, wanted))
    except TrackerError as error:
        result = WebhookResult(None, error.sentence, steps.instructions(connection, wanted))
    made = result.registered
    with writing(engine) as session:
        webhook_states.note_made(
            session,
            connection.id,
            now,
            tracker_id=made.id if made else None,
            expires_at=made.expires_at if made else None,
            trouble=result.problem,
        )
    return result
