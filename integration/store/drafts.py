"""Connections in the making: kept after every step, so that they can be gone on with, or thrown away."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from integration.secrets import Vault
from integration.store import token_box
from integration.store.connecting_tables import ConnectionDraftRow

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """`connection` is the one that is chosen anew; None: a new one."""

    id: str
    tracker: str
    connection: str | None
    data: Document
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    updated_at: datetime | None = None

    @property
    def holder(self) -> str:
        """Under which name its tokens are kept, if it has any that change by themselves."""
        return f"draft:{self.id}"


def make_draft(session: Session, tracker: str, data: Document, now: datetime, connection: str | None = None) -> str:
    row = ConnectionDraftRow(
        id=secrets.token_hex(8), tracker=tracker, connection=connection, data=data, created_at=now, updated_at=now
    )
    session.add(row)
    session.flush()
    return row.id


def draft_of(session: Session, vault: Vault, id_: str) -> Draft | None:
    row = session.get(ConnectionDraftRow, id_)
    if row is None:
        return None
    known = vault.decrypt_all(row.secrets)
    return Draft(row.id, row.tracker, row.connection, dict(row.data), known, row.updated_at)


def drafts(session: Session) -> tuple[Draft, ...]:
    """Which are half-done? The latest first; without their credentials."""
    rows = session.scalars(select(ConnectionDraftRow).order_by(col(ConnectionDraftRow.updated_at).desc()))
    return tuple(Draft(row.id, row.tracker, row.connection, dict(row.data), updated_at=row.updated_at) for row in rows)


def change_draft(session: Session, id_: str, changes: Mapping[str, object], now: datetime) -> None:
    """Set some parts of what was said; a part that is None is forgotten. A draft that is gone stays gone."""
    row = session.get(ConnectionDraftRow, id_, with_for_update=True)
    if row is None:
        return
    merged = {**row.data, **changes}
    row.data = {name: value for name, value in merged.items() if value is not None}
    row.updated_at = now
    session.flush()


def keep_credentials(session: Session, vault: Vault, id_: str, credentials: Mapping[str, str]) -> None:
    row = session.get_one(ConnectionDraftRow, id_)
    row.secrets = vault.encrypt_all(credentials)
    session.flush()


def throw_away(session: Session, id_: str) -> None:
    row = session.get(ConnectionDraftRow, id_)
    if row is not None:
        session.delete(row)
        token_box.forget(session, f"draft:{id_}")
    session.flush()


def encrypt_anew(session: Session, vault: Vault) -> int:
    """Encrypt their credentials with the newest key."""
    number = 0
    for row in session.scalars(select(ConnectionDraftRow).where(col(ConnectionDraftRow.secrets).is_not(None))):
        assert row.secrets is not None
        row.secrets = vault.rotated(row.secrets)
        number += 1
    session.flush()
    return number
