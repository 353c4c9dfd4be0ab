"""Who may come in: accounts, links that let in once, and logins on the server's side, so that each can be revoked.

Of tokens only their SHA-256 is kept: they are random, so nothing slower is needed.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlmodel import Session, col

from integration.store.tables import AccountRow, ActRow, LoginLinkRow, SessionRow

ADMIN = "admin"
LINK_LASTS = timedelta(hours=24)
LOGIN_LASTS = timedelta(days=14)
IDLE_LASTS = timedelta(hours=24)
_SEEN_EVERY = timedelta(minutes=5)  # a poll every two seconds must not write as often


@dataclass(frozen=True, slots=True)
class Login:
    """A valid login. `is_seen_late`: the time of its last use should be noted again."""

    name: str
    role: str
    is_seen_late: bool


def was_anybody_in(session: Session) -> bool:
    """Has anybody ever logged in?"""
    return bool(session.scalar(select(exists().where(col(SessionRow.id_hash).is_not(None)))))


def make_login_link(session: Session, now: datetime) -> str:
    """Make a link for the admin, in place of those not used yet; gives its token, which nobody can read again."""
    account = _admin(session, now)
    mine = (col(LoginLinkRow.account_id) == account, col(LoginLinkRow.used_at).is_(None))
    session.execute(update(LoginLinkRow).where(*mine, col(LoginLinkRow.expires_at) > now).values(expires_at=now))
    token = secrets.token_urlsafe(32)
    row = LoginLinkRow(token_hash=_hash(token), account_id=account, created_at=now, expires_at=now + LINK_LASTS)
    session.add(row)
    session.flush()
    return token


def log_in(session: Session, token: str, now: datetime) -> str | None:
    """Spend a link; gives the id of the new login. None: there is no such link, it was used or it has run out."""
    unspent = (col(LoginLinkRow.token_hash) == _hash(token), col(LoginLinkRow.used_at).is_(None))
    found = update(LoginLinkRow).where(*unspent, col(LoginLinkRow.expires_at) > now).values(used_at=now)
    account = session.scalar(found.returning(col(LoginLinkRow.account_id)))
    if account is None:
        return None
    login = secrets.token_urlsafe(32)
    expires = now + LOGIN_LASTS
    row = SessionRow(
        id_hash=_hash(login), account_id=account, created_at=now, last_seen_at=now, expires_at=expires, revoked_at=None
    )
    session.add(row)
    session.add(ActRow(at=now, actor=session.get_one(AccountRow, account).name, act="logged_in"))
    session.flush()
    return login


def login_of(session: Session, login: str, now: datetime) -> Login | None:
    """Whose login is this? None: nobody's any more."""
    question = (
        select(col(AccountRow.name), col(AccountRow.role), col(SessionRow.last_seen_at))
        .join(SessionRow, col(SessionRow.account_id) == col(AccountRow.id))
        .where(
            col(SessionRow.id_hash) == _hash(login),
            col(SessionRow.revoked_at).is_(None),
            col(SessionRow.expires_at) > now,
            col(SessionRow.last_seen_at) > now - IDLE_LASTS,
            col(AccountRow.disabled_at).is_(None),
        )
    )
    row = session.execute(question).first()
    return None if row is None else Login(row[0], row[1], now - row[2] > _SEEN_EVERY)


def note_seen(session: Session, login: str, now: datetime) -> None:
    session.execute(update(SessionRow).where(col(SessionRow.id_hash) == _hash(login)).values(last_seen_at=now))


def log_out(session: Session, login: str, now: datetime) -> None:
    session.execute(update(SessionRow).where(col(SessionRow.id_hash) == _hash(login)).values(revoked_at=now))


def _admin(session: Session, now: datetime) -> int:
    row = session.scalar(select(AccountRow).where(col(AccountRow.name) == ADMIN))
    if row is None:
        row = AccountRow(name=ADMIN, role="admin", created_at=now)
        session.add(row)
        session.flush()
    assert row.id is not None
    return row.id


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
