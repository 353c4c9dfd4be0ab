"""API tokens: `tl_<id>_<secret>`, of which only the SHA-256 of the secret is kept; each with scopes and an end."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import Session, col

from integration.store.accounts import team_roles
from integration.store.logins import Login
from integration.store.tables import AccountRow, ApiTokenRow

SCOPES = {
    "read": "read all that pages show",
    "act": "do what the account may do",
    "admin": "look after accounts, tokens, connections, and what is sent to trackers",
    "metrics": "read the metrics for Prometheus",
}
LONGEST_NAME = 80
MOST_DAYS = 366
_USED_EVERY = timedelta(minutes=5)
_TOKEN = re.compile(r"tl_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


class WrongToken(Exception):
    """What was asked about a token cannot be; says why and what can."""


@dataclass(frozen=True, slots=True)
class Token:
    id: str
    owner: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


def make_token(session: Session, account: int, name: str, scopes: Iterable[str], days: int, now: datetime) -> str:
    """Make a token; gives its whole text, which nobody can read again.

    Raises:
        WrongToken: it has no name or scope, one that is not known, or lasts no day or too many.
    """
    name = " ".join(name.split())
    wanted = tuple(dict.fromkeys(scopes))
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise WrongToken(f"Give it a name of 1 to {LONGEST_NAME} signs, so that you know it again.")
    if not wanted or not set(wanted) <= SCOPES.keys():
        raise WrongToken(f"Choose what it may do: {', '.join(SCOPES)}.")
    if not 1 <= days <= MOST_DAYS:
        raise WrongToken(f"It may last 1 to {MOST_DAYS} days.")
    token, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    expires = now + timedelta(days=days)
    row = ApiTokenRow(
        id=token,
        account_id=account,
        name=name,
        secret_hash=_hash(secret),
        scopes=wanted,
        created_at=now,
        expires_at=expires,
    )
    session.add(row)
    session.flush()
    return f"tl_{token}_{secret}"


def login_by_token(session: Session, text: str, now: datetime) -> Login | None:
    """Whose token is this? None: nobody's any more."""
    parts = _TOKEN.fullmatch(text)
    if parts is None:
        return None
    question = select(ApiTokenRow, AccountRow).join(AccountRow, col(AccountRow.id) == col(ApiTokenRow.account_id))
    valid = (col(ApiTokenRow.revoked_at).is_(None), col(ApiTokenRow.expires_at) > now)
    found = session.execute(
        question.where(col(ApiTokenRow.id) == parts[1], *valid, col(AccountRow.disabled_at).is_(None))
    ).first()
    if found is None or not hmac.compare_digest(found[0].secret_hash, _hash(parts[2])):
        return None
    token, account = found
    is_seen_late = token.last_used_at is None or now - token.last_used_at > _USED_EVERY
    return Login(account.id, account.name, account.role, is_seen_late, team_roles(session, account.id), token.scopes)


def note_used(session: Session, text: str, now: datetime) -> None:
    parts = _TOKEN.fullmatch(text)
    if parts is not None:
        session.execute(update(ApiTokenRow).where(col(ApiTokenRow.id) == parts[1]).values(last_used_at=now))


def tokens(session: Session, account: int | None = None) -> tuple[Token, ...]:
    """The tokens of an account, or all, the newest first; those that are over among them."""
    question = select(ApiTokenRow, col(AccountRow.name)).join(
        AccountRow, col(AccountRow.id) == col(ApiTokenRow.account_id)
    )
    if account is not None:
        question = question.where(col(ApiTokenRow.account_id) == account)
    rows = session.execute(question.order_by(col(ApiTokenRow.created_at).desc(), col(ApiTokenRow.id)))
    return tuple(_token(row, owner) for row, owner in rows)


def revoke(session: Session, token: str, now: datetime, account: int | None = None) -> bool:
    """End a token; with `account` only one of its own. False: there is none such that holds."""
    mine = (col(ApiTokenRow.id) == token, col(ApiTokenRow.revoked_at).is_(None))
    ended = update(ApiTokenRow).where(*mine).values(revoked_at=now).returning(col(ApiTokenRow.id))
    if account is not None:
        ended = ended.where(col(ApiTokenRow.account_id) == account)
    return session.scalar(ended) is not None


def _token(row: ApiTokenRow, owner: str) -> Token:
    return Token(row.id, owner, row.name, row.scopes, row.created_at, row.expires_at, row.last_used_at, row.revoked_at)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
