"""Connections: made, read with their secrets opened, changed, and how they fare. Secrets are stored encrypted."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlmodel import Session, col

from integration.contract import FILE, Connection
from integration.secrets import Vault
from integration.store import calls, drafts, mapping_versions, messages, retranslations, token_box
from integration.store.bulk import table_of, upsert
from integration.store.door import key_of
from integration.store.tables import BackfillRow, ConnectionRow, ItemRow, RefusedItemRow
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
    """Make a connection, or replace its address, credentials and mapping; its webhook only where it is given.

    Another mapping holds from now on, and what is kept of the tracker's answers is read again by it.
    """
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
        session.flush()
        mapping_versions.keep(session, connection.id, row.mapping, now)
    session.flush()


def _keep_webhook(row: ConnectionRow, vault: Vault, webhook: Webhook) -> None:
    row.unsigned = webhook.unsigned
    row.callback_url = webhook.callback_url
    if webhook.secret is not None:
        row.webhook_secret, row.previous_webhook_secret = vault.encrypt(webhook.secret), None
    if webhook.path_token is not None:
        row.path_token = vault.encrypt(webhook.path_token)


def set_mapping(
    session: Session,
    connection: str,
    mapping: dict[str, Any],
    now: datetime,
    *,
    since: datetime | None = None,
    author: str,
    reason: str | None = None,
) -> None:
    """Give a connection another mapping, from now on or from a stated moment; or the same from an earlier one."""
    row = session.get_one(ConnectionRow, connection)
    row.mapping = mapping
    session.flush()
    mapping_versions.keep(session, connection, mapping, now, since=since, author=author, reason=reason)


def connection_named(session: Session, vault: Vault, name: str) -> Connection | None:
    """What do we need to call this site?"""
    row = session.get(ConnectionRow, name)
    if row is None:
        return None
    credentials = vault.decrypt_all(row.credentials)
    tokens = token_box.box_of(session, vault, name)
    before = mapping_versions.earlier(session, name)
    book = calls.book_of(session.get_bind().engine, name)
    return Connection(row.id, row.tracker, row.base_url, credentials, row.mapping, tokens, before, book)


def connection_names(session: Session) -> tuple[str, ...]:
    return tuple(session.scalars(select(col(ConnectionRow.id)).order_by(col(ConnectionRow.id))))


def site_names(session: Session) -> tuple[str, ...]:
    """Which connections can be asked what is new? All but files."""
    sites = select(col(ConnectionRow.id)).where(col(ConnectionRow.tracker) != FILE)
    return tuple(session.scalars(sites.order_by(col(ConnectionRow.id))))


def tracker_of(session: Session, name: str) -> str | None:
    """What kind of connection is it? None: there is none of this name."""
    return session.scalar(select(col(ConnectionRow.tracker)).where(col(ConnectionRow.id) == name))


def door_key(session: Session, vault: Vault, tracker: str, connection: str) -> Key | None:
    """What must the door know of a connection? None: there is no such connection."""
    row = session.get(ConnectionRow, connection)
    return key_of(row, vault) if row is not None and row.tracker == tracker else None


def callback_url(session: Session, connection: str) -> str:
    """Where does a connection expect its deliveries? "": nowhere."""
    row = session.get(ConnectionRow, connection)
    return row.callback_url if row is not None else ""


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
    number += messages.encrypt_anew(session, vault)
    return number + drafts.encrypt_anew(session, vault) + token_box.encrypt_anew(session, vault)


# --- how it fares


def note_delivery(session: Session, connection: str, received_at: datetime) -> None:
    row = session.get(ConnectionRow, connection)
    if row is not None and (row.last_delivery_at is None or row.last_delivery_at < received_at):
        row.last_delivery_at = received_at
        session.flush()


# Put into words once, as in `writes`: it is said with every save.
_SYNCED = (
    update(table_of(ConnectionRow))
    .where(col(ConnectionRow.id) == bindparam("of"))
    .values(last_sync_at=bindparam("now"), last_error=None, last_error_at=None)
)


def note_sync(session: Session, connection: str, now: datetime, *, lag_seconds: int | None = None) -> None:
    """The site answered and what it told is saved: an error before it is over."""
    told = {"of": connection, "now": now}
    if lag_seconds is None:
        session.connection().execute(_SYNCED, told)
    else:
        session.connection().execute(_SYNCED.values(lag_seconds=bindparam("lag")), {**told, "lag": lag_seconds})


def refused_items(session: Session, connection: str) -> dict[str, str]:
    """Which items could not be read, and why? By the tracker's own id."""
    mine = select(RefusedItemRow).where(col(RefusedItemRow.connection) == connection)
    return {row.tracker_id: row.reason for row in session.scalars(mine.order_by(col(RefusedItemRow.tracker_id)))}


def guesses(session: Session, connection: str, number: int = 20) -> tuple[int, dict[str, tuple[str, ...]]]:
    """Of how many items had something to be guessed, and what of the first of them? By their keys."""
    mine = (
        col(ItemRow.connection) == connection,
        col(ItemRow.deleted).is_(None),
        col(ItemRow.notes).is_not(None),
        col(ItemRow.notes) != (),
    )
    count = session.scalar(select(func.count()).select_from(ItemRow).where(*mine)) or 0
    found = select(col(ItemRow.key), col(ItemRow.notes)).where(*mine).order_by(col(ItemRow.key)).limit(number)
    return count, {key: notes or () for key, notes in session.execute(found)}


def note_error(session: Session, connection: str, sentence: str, now: datetime) -> None:
    """`sentence` is for the person who must act; it holds no secret."""
    values = {"last_error": sentence, "last_error_at": now}
    session.execute(update(ConnectionRow).where(col(ConnectionRow.id) == connection).values(**values))


def forget_error(session: Session, connection: str) -> None:
    """Somebody has mended it; the next look tells whether that was enough."""
    values = {"last_error": None, "last_error_at": None}
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
    """Of which connections is the backlog still being read, or read again by another mapping, so that any figure of
    them would be of a part?"""
    unfinished = select(col(BackfillRow.connection)).where(col(BackfillRow.finished_at).is_(None))
    return frozenset(session.scalars(unfinished)).union(retranslations.unfinished(session))


def start_backfill(session: Session, connection: str, now: datetime) -> None:
    """Begin anew, whatever there was before."""
    retranslations.is_superseded(session, connection, now)
    fresh = {"cursor": None, "done": 0, "total": None, "started_at": now, "finished_at": None}
    upsert(session, BackfillRow, [{"connection": connection, **fresh}])


def keep_backfill(
    session: Session, connection: str, *, cursor: str | None, done: int, total: int | None, now: datetime
) -> None:
    """Note a page as saved, in its own transaction; no cursor: it was the last one."""
    finished = None if cursor is not None else now
    told = {"of": connection, "cursor": cursor, "done": done, "total": total, "finished": finished}
    session.connection().execute(_SAVED, told)


_SAVED = (
    update(table_of(BackfillRow))
    .where(col(BackfillRow.connection) == bindparam("of"))
    .values(
        cursor=bindparam("cursor"), done=bindparam("done"), total=bindparam("total"), finished_at=bindparam("finished")
    )
)
