"""What the door asks of the store. The connections are named by their columns alone: the tables of the whole store take
longer to make than all else that the door needs, and it must answer soon after a start."""

from typing import Any

from sqlalchemy import CursorResult, LargeBinary, Text, column, select, table, update
from sqlmodel import Session

from integration.secrets import Vault
from webhooks.contract import Key

_TEXTS = (column(name, Text()) for name in ("id", "tracker", "callback_url"))
_SECRETS = (column(name, LargeBinary()) for name in ("webhook_secret", "previous_webhook_secret", "path_token"))
_CONNECTIONS = table("connections", *_TEXTS, *_SECRETS, column("unsigned"))


def door_keys(session: Session, vault: Vault) -> dict[tuple[str, str], Key]:
    """What must the door know of all connections? By tracker and connection."""
    return {(row.tracker, row.id): key_of(row, vault) for row in session.execute(select(*_CONNECTIONS.c))}


def key_of(row: Any, vault: Vault) -> Key:
    """`row` has these columns of a connection."""
    stored = (row.webhook_secret, row.previous_webhook_secret)  # the newest first
    return Key(
        connection=row.id,
        tracker=row.tracker,
        secrets=tuple(vault.decrypt(secret).encode() for secret in stored if secret is not None),
        token=None if row.path_token is None else vault.decrypt(row.path_token),
        callback_url=row.callback_url,
        unsigned=bool(row.unsigned),
    )


def keep_first_secret(session: Session, vault: Vault, connection: str, secret: bytes) -> bool:
    """Keep what the tracker told in a handshake, unless there is a secret already."""
    mine = update(_CONNECTIONS).where(_CONNECTIONS.c.id == connection, _CONNECTIONS.c.webhook_secret.is_(None))
    kept = session.execute(mine.values(webhook_secret=vault.encrypt(secret.decode())))
    assert isinstance(kept, CursorResult)
    return kept.rowcount == 1
