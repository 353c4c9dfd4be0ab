"""Ways in: links that let in once, passwords, and logins on the server's side, so that each can be revoked.

Of links and logins only the SHA-256 is kept: they are random, so nothing slower is needed.
"""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, select, update
from sqlmodel import Session, col

from integration.store.accounts import first_admin, is_enough
from integration.store.acts import note_act
from integration.store.tables import AccountRow, LoginAttemptRow, LoginLinkRow, SessionRow, TeamRoleRow

LINK_LASTS = timedelta(hours=24)
LOGIN_LASTS = timedelta(days=14)
IDLE_LASTS = timedelta(hours=24)
MOST_ATTEMPTS = 10  # that failed, by address or by name
ATTEMPTS_WITHIN = timedelta(minutes=15)
_SEEN_EVERY = timedelta(minutes=5)  # a poll every two seconds must not write as often
_ATTEMPTS_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Login:
    """Who is in, and what they may do. `is_seen_late`: the time of its last use should be noted again."""

    account: int
    name: str
    role: str
    is_seen_late: bool
    team_roles: Mapping[str, str] = field(default_factory=dict)
    scopes: tuple[str, ...] | None = None  # of a token; None: a person at a browser

    def may(self, role: str, teams: Collection[str] = ()) -> bool:
        """May they do what takes this role, everywhere or for one of these teams?"""
        held = (self.role, *(self.team_roles[team] for team in teams if team in self.team_roles))
        return any(is_enough(one, role) for one in held)

    def may_somewhere(self, role: str) -> bool:
        return self.may(role, self.team_roles)


@dataclass(frozen=True, slots=True)
class OpenLogin:
    """One place where an account is logged in; `id` is the hash of the login, which nobody can turn back into it."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


def was_anybody_in(session: Session) -> bool:
    """Has anybody ever logged in?"""
    return bool(session.scalar(select(exists().where(col(SessionRow.id_hash).is_not(None)))))


def make_login_link(session: Session, now: datetime, account: int | None = None) -> str:
    """Make a link for an account, by default the first admin's, in place of those not used yet; gives its token,
    which nobody can read again."""
    account = first_admin(session, now) if account is None else account
    mine = (col(LoginLinkRow.account_id) == account, col(LoginLinkRow.used_at).is_(None))
    session.execute(update(LoginLinkRow).where(*mine, col(LoginLinkRow.expires_at) > now).values(expires_at=now))
    token = secrets.token_urlsafe(32)
    row = LoginLinkRow(token_hash=hash_of(token), account_id=account, created_at=now, expires_at=now + LINK_LASTS)
    session.add(row)
    session.flush()
    return token


def log_in(session: Session, token: str, now: datetime) -> str | None:
    """Spend a link; gives the id of the new login. None: there is no such link, it was used or it has run out."""
    unspent = (col(LoginLinkRow.token_hash) == hash_of(token), col(LoginLinkRow.used_at).is_(None))
    found = update(LoginLinkRow).where(*unspent, col(LoginLinkRow.expires_at) > now).values(used_at=now)
    account = session.scalar(found.returning(col(LoginLinkRow.account_id)))
    return None if account is None else new_login(session, account, now)


def new_login(session: Session, account: int, now: datetime) -> str:
    """Let an account in; gives the id of the new login."""
    login = secrets.token_urlsafe(32)
    expires = now + LOGIN_LASTS
    row = SessionRow(
        id_hash=hash_of(login),
        account_id=account,
        created_at=now,
        last_seen_at=now,
        expires_at=expires,
        revoked_at=None,
    )
    session.add(row)
    note_act(session, now, session.get_one(AccountRow, account).name, "logged_in")
    return login


def login_of(session: Session, login: str, now: datetime) -> Login | None:
    """Whose login is this? None: nobody's any more."""
    columns = (
        AccountRow.id,
        AccountRow.name,
        AccountRow.role,
        SessionRow.last_seen_at,
        TeamRoleRow.team,
        TeamRoleRow.role,
    )
    question = (
        select(*(col(column) for column in columns))
        .join(SessionRow, col(SessionRow.account_id) == col(AccountRow.id))
        .outerjoin(TeamRoleRow, col(TeamRoleRow.account_id) == col(AccountRow.id))
        .where(col(SessionRow.id_hash) == hash_of(login), _is_open(now), col(AccountRow.disabled_at).is_(None))
    )
    rows = session.execute(question).all()  # one, or one a team
    if not rows:
        return None
    account, name, role, seen = rows[0][:4]
    return Login(account, name, role, now - seen > _SEEN_EVERY, {row[4]: row[5] for row in rows if row[4] is not None})


def _is_open(now: datetime) -> ColumnElement[bool]:
    return and_(
        col(SessionRow.revoked_at).is_(None),
        col(SessionRow.expires_at) > now,
        col(SessionRow.last_seen_at) > now - IDLE_LASTS,
    )


def open_logins(session: Session, account: int, now: datetime) -> tuple[OpenLogin, ...]:
    """Where is this account logged in? The latest used first."""
    question = select(SessionRow).where(col(SessionRow.account_id) == account, _is_open(now))
    rows = session.scalars(question.order_by(col(SessionRow.last_seen_at).desc()))
    return tuple(OpenLogin(row.id_hash, row.created_at, row.last_seen_at, row.expires_at) for row in rows)


def note_seen(session: Session, login: str, now: datetime) -> None:
    session.execute(update(SessionRow).where(col(SessionRow.id_hash) == hash_of(login)).values(last_seen_at=now))


def log_out(session: Session, login: str, now: datetime) -> None:
    session.execute(update(SessionRow).where(col(SessionRow.id_hash) == hash_of(login)).values(revoked_at=now))


def end_login(session: Session, account: int, login_hash: str, now: datetime) -> bool:
    """End one login of an account by its hash. False: it has none such that is open."""
    mine = (col(SessionRow.account_id) == account, col(SessionRow.id_hash) == login_hash)
    open_one = update(SessionRow).where(*mine, col(SessionRow.revoked_at).is_(None)).values(revoked_at=now)
    return session.scalar(open_one.returning(col(SessionRow.id_hash))) is not None


def end_other_logins(session: Session, account: int, login_hash: str, now: datetime) -> None:
    """End all logins of an account but the one with this hash."""
    others = (col(SessionRow.account_id) == account, col(SessionRow.id_hash) != login_hash)
    session.execute(update(SessionRow).where(*others, col(SessionRow.revoked_at).is_(None)).values(revoked_at=now))


def is_too_often(session: Session, address: str, name: str | None, now: datetime) -> bool:
    """Did too many attempts fail lately, from this address or with this name?"""
    since = col(LoginAttemptRow.at) > now - ATTEMPTS_WITHIN
    failed = select(func.count()).select_from(LoginAttemptRow).where(since)
    from_there = session.scalar(failed.where(col(LoginAttemptRow.address) == address)) or 0
    by_name = (session.scalar(failed.where(col(LoginAttemptRow.name) == name)) or 0) if name else 0
    return max(from_there, by_name) >= MOST_ATTEMPTS


def note_failed(session: Session, address: str, name: str | None, now: datetime) -> None:
    session.execute(delete(LoginAttemptRow).where(col(LoginAttemptRow.at) < now - _ATTEMPTS_KEPT))
    session.add(LoginAttemptRow(at=now, address=address, name=name))
    session.flush()


def hash_of(token: str) -> str:
    """What is kept of a link or a login."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
