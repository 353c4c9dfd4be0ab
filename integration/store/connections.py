"""Connections: made, read with their secrets opened, changed, and how they fare. Secrets are stored encrypted."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlmodel import Session, col

from integration.contract import Connection
from integration.secrets import Vault
from integration.store.bulk import upsert
from integration.store.tables import BackfillRow, ConnectionRow, MappingVersionRow, RefusedItemRow
from webhooks.contract import Key


@dataclass(frozen=True, slots=True)
class Backfill:
    """How far the present or last backfill is; `finished_at` None: it goes on from `cursor`."""

    cursor: str | None
    done: int
    total: int | None
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Webhook:
    """How a site sends us deliveries. A secret or token that is None stays as it is."""

    secret: str | None = field(default=None, repr=False)
    path_token: str | None = field(default=None, repr=False)
    unsigned: bool = False
    callback_url: str = ""


def keep_connection(
    session: Session, vault: Vault, connection: Connection, now: datetime, *, webhook: Webhook | None = None
) -> None:
    """Make a connection, or replace its address, credentials and mapping; its webhook only where it is given."""
    row = session.get(ConnectionRow, connection.id)
    if row is None:
        row = ConnectionRow(
            id=connection.id, tracker=connection.tracker, base_url="", callback_url="", mapping={}, created_at=now
        )
    changed = row.mapping != dict(connection.mapping)
    row.tracker = connection.tracker
    row.base_url = connection.base_url
    row.credentials = vault.encrypt_all(connection.credentials)
    row.mapping = dict(connection.mapping)
    session.add(row)
    if webhook is not None:
        _keep_webhook(row, vault, webhook)
    if changed:
        version = MappingVersionRow(connection=connection.id, mapping=row.mapping, applied_at=now, since=now)
        session.add(version)
    session.flush()


def _keep_webhook(row: ConnectionRow, vault: Vault, webhook: Webhook) -> None:
    row.unsigned = webhook.unsigned
    row.callback_url = webhook.callback_url
    if webhook.secret is not None:
        row.webhook_secret, row.previous_webhook_secret = vault.encrypt(webhook.secret), None
    if webhook.path_token is not None:
        row.path_token = vault.encrypt(webhook.path_token)


def connection_named(session: Session, vault: Vault, name: str) -> Connection | None:
    """What do we need to call this site?"""
    row = session.get(ConnectionRow, name)
    if row is None:
        return None
    credentials = vault.decrypt_all(row.credentials)
    return Connection(row.id, row.tracker, row.base_url, credentials, row.mapping)


def connection_names(session: Session) -> tuple[str, ...]:
    return tuple(session.scalars(select(col(ConnectionRow.id)).order_by(col(ConnectionRow.id))))


def door_key(session: Session, vault: Vault, tracker: str, connection: str) -> Key | None:
    """What must the door know of a connection? None: there is no such connection."""
    row = session.get(ConnectionRow, connection)
    return _key(row, vault) if row is not None and row.tracker == tracker else None


def door_keys(session: Session, vault: Vault) -> dict[tuple[str, str], Key]:
    """What must the door know of all connections? By tracker and connection."""
    return {(row.tracker, row.id): _key(row, vault) for row in session.scalars(select(ConnectionRow))}


def _key(row: ConnectionRow, vault: Vault) -> Key:
    stored = (row.webhook_secret, row.previous_webhook_secret)  # the newest first
    return Key(
        connection=row.id,
        tracker=row.tracker,
        secrets=tuple(vault.decrypt(secret).encode() for secret in stored if secret is not None),
        token=None if row.path_token is None else vault.decrypt(row.path_token),
        callback_url=row.callback_url,
        unsigned=row.unsigned,
    )


def keep_first_secret(session: Session, vault: Vault, connection: str, secret: bytes) -> bool:
    """Keep what the tracker told in a handshake, unless there is a secret already."""
    mine = update(ConnectionRow).where(col(ConnectionRow.id) == connection, col(ConnectionRow.webhook_secret).is_(None))
    kept = session.execute(mine.values(webhook_secret=vault.encrypt(secret.decode())))
    assert isinstance(kept, CursorResult)
    return kept.rowcount == 1


def rotate_webhook_secret(session: Session, vault: Vault, connection: str, secret: str) -> None:
    """Give the webhook a new secret; deliveries signed with the one before are still let in."""
    row = session.get_one(ConnectionRow, connection)
    row.previous_webhook_secret, row.webhook_secret = row.webhook_secret, vault.encrypt(secret)
    session.flush()


def forget_secrets(session: Session, connection: str) -> None:
    """The site cannot sign: the end of the path alone proves its deliveries."""
    row = session.get_one(ConnectionRow, connection)
    row.webhook_secret = row.previous_webhook_secret = None
    session.flush()


def encrypt_anew(session: Session, vault: Vault) -> int:
    """Encrypt every stored secret with the newest key; afterwards the older keys can be taken out."""
    number = 0
    for row in session.scalars(select(ConnectionRow)):
        for name in ("credentials", "webhook_secret", "previous_webhook_secret", "path_token"):
            token = getattr(row, name)
            if token is not None:
                setattr(row, name, vault.rotated(token))
                number += 1
    session.flush()
    return number


def mapping_version(session: Session, connection: str) -> int | None:
    """Which version of the mapping holds now?"""
    mine = select(col(MappingVersionRow.id)).where(col(MappingVersionRow.connection) == connection)
    return session.scalar(mine.order_by(col(MappingVersionRow.id).desc()).limit(1))


# --- how it fares


def note_delivery(session: Session, connection: str, received_at: datetime) -> None:
    row = session.get(ConnectionRow, connection)
    if row is not None and (row.last_delivery_at is None or row.last_delivery_at < received_at):
        row.last_delivery_at = received_at
        session.flush()


def note_sync(session: Session, connection: str, now: datetime, *, lag_seconds: int | None = None) -> None:
    """The site answered and what it told is saved: an error before it is over."""
    values: dict[str, Any] = {"last_sync_at": now, "last_error": None, "last_error_at": None}
    if lag_seconds is not None:
        values["lag_seconds"] = lag_seconds
    session.execute(update(ConnectionRow).where(col(ConnectionRow.id) == connection).values(**values))


def refused_items(session: Session, connection: str) -> dict[str, str]:
    """Which items could not be read, and why? By the tracker's own id."""
    mine = select(RefusedItemRow).where(col(RefusedItemRow.connection) == connection)
    return {row.tracker_id: row.reason for row in session.scalars(mine.order_by(col(RefusedItemRow.tracker_id)))}


def note_error(session: Session, connection: str, sentence: str, now: datetime) -> None:
    """`sentence` is for the person who must act; it holds no secret."""
    values = {"last_error": sentence, "last_error_at": now}
    session.execute(update(ConnectionRow).where(col(ConnectionRow.id) == connection).values(**values))


def reconcile_cursor(session: Session, connection: str) -> tuple[str | None, datetime | None]:
    """From where does the next reconciliation go on, and when was the last one?"""
    row = session.get_one(ConnectionRow, connection)
    return row.reconcile_cursor, row.reconciled_at


def keep_reconcile_cursor(session: Session, connection: str, cursor: str | None, now: datetime) -> None:
    values = {"reconcile_cursor": cursor, "reconciled_at": now}
    session.execute(update(ConnectionRow).where(col(ConnectionRow.id) == connection).values(**values))


def backfill_of(session: Session, connection: str) -> Backfill | None:
    row = session.get(BackfillRow, connection)
    return None if row is None else Backfill(row.cursor, row.done, row.total, row.started_at, row.finished_at)


def being_read(session: Session) -> frozenset[str]:
    """Of which connections is the backlog still being read, so that any figure of them would be of a part?"""
    unfinished = select(col(BackfillRow.connection)).where(col(BackfillRow.finished_at).is_(None))
    return frozenset(session.scalars(unfinished))


def start_backfill(session: Session, connection: str, now: datetime) -> None:
    """Begin anew, whatever there was before."""
    fresh = {"cursor": None, "done": 0, "total": None, "started_at": now, "finished_at": None}
    upsert(session, BackfillRow, [{"connection": connection, **fresh}])


def keep_backfill(
    session: Session, connection: str, *, cursor: str | None, done: int, total: int | None, now: datetime
) -> None:
    """Note a page as saved, in its own transaction; no cursor: it was the last one."""
    values = {"cursor": cursor, "done": done, "total": total, "finished_at": None if cursor is not None else now}
    session.execute(update(BackfillRow).where(col(BackfillRow.connection) == connection).values(**values))
