"""Pictures of messages: drawn once, shown inside of them or by a link that expires and can be revoked."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, select, update
from sqlmodel import Session, col

from integration.secrets import Vault
from integration.store.messages_tables import MessagePictureRow, MessageRow

LINK_LASTS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """`token`: of its link, where there is one that still opens it."""

    message: int
    png: bytes
    words: str
    file: str
    token: str
    expires_at: datetime | None
    revoked_at: datetime | None


def keep(
    session: Session, vault: Vault, message: int, png: bytes, words: str, now: datetime, *, is_linked: bool
) -> None:
    """Keep what was drawn; of two who draw at once the first is right."""
    if session.get(MessagePictureRow, message) is not None or session.get(MessageRow, message) is None:
        return
    row = MessagePictureRow(message=message, png=png, words=words)
    if is_linked:
        token = secrets.token_urlsafe(32)
        row.token, row.token_hash, row.expires_at = vault.encrypt(token), _hash(token), now + LINK_LASTS
    session.add(row)
    session.flush()


def picture_of(session: Session, vault: Vault, message: int, now: datetime) -> KeptPicture | None:
    row = session.get(MessagePictureRow, message)
    if row is None:
        return None
    is_open = row.token is not None and row.revoked_at is None and row.expires_at is not None and row.expires_at > now
    token = vault.decrypt(row.token) if is_open and row.token is not None else ""
    return _kept(row, token)


def shown(session: Session, message: int) -> KeptPicture | None:
    """The picture for a page, without the secret of its link."""
    row = session.get(MessagePictureRow, message)
    return None if row is None else _kept(row, "")


def opened_by(session: Session, token: str, now: datetime) -> KeptPicture | None:
    """What this token opens; None: there is no such link, it has expired, or it was revoked."""
    row = session.scalars(
        select(MessagePictureRow).where(col(MessagePictureRow.token_hash) == _hash(token))
    ).one_or_none()
    if row is None or row.revoked_at is not None or row.expires_at is None or row.expires_at <= now:
        return None
    return _kept(row, "")


def note_file(session: Session, message: int, file: str) -> None:
    session.execute(update(MessagePictureRow).where(col(MessagePictureRow.message) == message).values(file=file))


def revoke(session: Session, message: int, now: datetime) -> bool:
    """False: this message has no link that still opens a picture."""
    return _revoke(session, col(MessagePictureRow.message) == message, now)


def revoke_all(session: Session, destination: str, now: datetime) -> bool:
    """All links that were sent to a destination."""
    sent = select(col(MessageRow.id)).where(col(MessageRow.destination) == destination)
    return _revoke(session, col(MessagePictureRow.message).in_(sent), now)


def encrypt_anew(session: Session, vault: Vault) -> None:
    for row in session.scalars(select(MessagePictureRow).where(col(MessagePictureRow.token).is_not(None))):
        assert row.token is not None
        row.token = vault.rotated(row.token)
    session.flush()


def _revoke(session: Session, which: object, now: datetime) -> bool:
    held = update(MessagePictureRow).where(which, col(MessagePictureRow.revoked_at).is_(None))  # type: ignore[arg-type]
    done = session.execute(held.where(col(MessagePictureRow.expires_at) > now).values(revoked_at=now))
    assert isinstance(done, CursorResult)
    return done.rowcount > 0


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _kept(row: MessagePictureRow, token: str) -> KeptPicture:
    return KeptPicture(row.message, row.png, row.words, row.file or "", token, row.expires_at, row.revoked_at)
