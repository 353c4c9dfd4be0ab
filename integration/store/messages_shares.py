"""Links by which anybody may see one share bar: made and revoked by people, kept as the SHA-256 of their token."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from integration.store.messages_tables import ShareLinkRow


@dataclass(frozen=True, slots=True)
class ShareLink:
    """`sprint` is fixed; `board`: its running sprint, else its last one."""

    id: int
    connection: str
    board: str | None
    sprint: str | None
    label: str
    author: str
    made_at: datetime
    revoked_at: datetime | None


def make_share(
    session: Session,
    connection: str,
    now: datetime,
    *,
    author: str,
    label: str,
    board: str | None = None,
    sprint: str | None = None,
) -> str:
    """A token that nobody can guess; it is not kept, and cannot be shown again."""
    token = secrets.token_urlsafe(32)
    session.add(
        ShareLinkRow(
            token_hash=_hash(token),
            connection=connection,
            board=board,
            sprint=sprint,
            label=label,
            author=author,
            made_at=now,
        )
    )
    session.flush()
    return token


def share_of(session: Session, token: str) -> ShareLink | None:
    """What this token shows; None: there is no such token, or it was revoked."""
    held = select(ShareLinkRow).where(col(ShareLinkRow.token_hash) == _hash(token))
    row = session.scalars(held.where(col(ShareLinkRow.revoked_at).is_(None))).one_or_none()
    return None if row is None else _share(row)


def shares(session: Session) -> tuple[ShareLink, ...]:
    """Those that hold, the newest first."""
    held = select(ShareLinkRow).where(col(ShareLinkRow.revoked_at).is_(None)).order_by(col(ShareLinkRow.id).desc())
    return tuple(map(_share, session.scalars(held)))


def revoke_share(session: Session, number: int, actor: str, now: datetime) -> bool:
    """False: there is none of this number, or it was revoked already."""
    row = session.get(ShareLinkRow, number)
    if row is None or row.revoked_at is not None:
        return False
    row.revoked_at, row.revoked_by = now, actor
    session.flush()
    return True


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _share(row: ShareLinkRow) -> ShareLink:
    assert row.id is not None
    return ShareLink(row.id, row.connection, row.board, row.sprint, row.label, row.author, row.made_at, row.revoked_at)
