"""Accounts: who may come in, with which role everywhere and for which teams beyond it, and their passwords.

Roles: a viewer sees everything, an editor acts on findings, wordings, rules and check-ins, an admin connects trackers
and decides who may come in. Everybody who is let in sees everything, for figures are of teams.
"""

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from integration.store.tables import AccountRow, ApiTokenRow, LoginLinkRow, SessionRow, TeamRoleRow

ADMIN = "admin"
ROLES = ("viewer", "editor", "admin")  # each may what those before it may
TEAM_ROLES = ("editor", "admin")
LONGEST_NAME = 80
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
_COST, _BLOCK, _PARALLEL = 2**15, 8, 1  # of scrypt: some 50 ms and 32 MiB a try
_MEMORY = 64 * 1024 * 1024
_NOBODYS = f"scrypt${bytes(16).hex()}${bytes(64).hex()}"


class WrongAccount(Exception):
    """What was asked about an account cannot be; says why and what can."""


@dataclass(frozen=True, slots=True)
class Account:
    id: int
    name: str
    role: str
    team_roles: Mapping[str, str]
    has_password: bool
    created_at: datetime
    disabled_at: datetime | None


def is_enough(role: str, needed: str) -> bool:
    return ROLES.index(role) >= ROLES.index(needed)


def all_accounts(session: Session) -> tuple[Account, ...]:
    """All accounts by name, those switched off among them."""
    return tuple(_account(session, row) for row in session.scalars(select(AccountRow).order_by(col(AccountRow.name))))


def account_named(session: Session, name: str) -> Account | None:
    row = _row(session, name)
    return None if row is None else _account(session, row)


def team_roles(session: Session, account_id: int) -> dict[str, str]:
    """The roles of an account by team."""
    question = select(col(TeamRoleRow.team), col(TeamRoleRow.role)).where(col(TeamRoleRow.account_id) == account_id)
    return {row[0]: row[1] for row in session.execute(question.order_by(col(TeamRoleRow.team)))}


def first_admin(session: Session, now: datetime) -> int:
    """The id of the admin whom every installation has."""
    row = _row(session, ADMIN)
    if row is None:
        row = AccountRow(name=ADMIN, role="admin", created_at=now)
        session.add(row)
        session.flush()
    assert row.id is not None
    return row.id


def add_account(session: Session, name: str, role: str, now: datetime) -> Account:
    """Make an account that nobody is in yet: a login link lets its owner in.

    Raises:
        WrongAccount: the name is empty, too long or taken, or there is no such role.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise WrongAccount(f"Give a name of 1 to {LONGEST_NAME} signs.")
    if _row(session, name) is not None:
        raise WrongAccount(f"There is an account {name} already.")
    row = AccountRow(name=name, role=_checked(role, ROLES), created_at=now)
    session.add(row)
    session.flush()
    return _account(session, row)


def set_role(session: Session, name: str, role: str) -> None:
    """Give an account another role everywhere.

    Raises:
        WrongAccount: there is no such account or role, or nobody would be admin any more.
    """
    row = _known(session, name)
    if role != "admin":
        _keep_an_admin(session, row)
    row.role = _checked(role, ROLES)
    session.flush()


def set_team_role(session: Session, name: str, team: str, role: str | None) -> None:
    """Give an account a role for a team, or with None take it away.

    Raises:
        WrongAccount: there is no such account or role, or the team is not named.
    """
    row = _known(session, name)
    team = team.strip()
    if not team:
        raise WrongAccount("Name the team.")
    wanted = None if role is None else _checked(role, TEAM_ROLES)
    session.execute(delete(TeamRoleRow).where(col(TeamRoleRow.account_id) == row.id, col(TeamRoleRow.team) == team))
    if wanted is not None:
        session.add(TeamRoleRow(account_id=row.id or 0, team=team, role=wanted))
    session.flush()


def disable(session: Session, name: str, now: datetime) -> None:
    """Let an account in no more: its logins, links and tokens end at once.

    Raises:
        WrongAccount: there is no such account, or nobody would be admin any more.
    """
    row = _known(session, name)
    _keep_an_admin(session, row)
    row.disabled_at = row.disabled_at or now
    session.flush()
    _end_all(session, row, now)


def enable(session: Session, name: str) -> None:
    """Let an account in again, by a new link or its password.

    Raises:
        WrongAccount: there is no such account.
    """
    _known(session, name).disabled_at = None
    session.flush()


def hashed_password(password: str) -> str:
    """What is kept of a password: its scrypt hash, which takes some 50 ms to make, so make it outside a transaction.

    Raises:
        WrongAccount: it is too short or too long.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise WrongAccount(f"Choose a password of {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} signs.")
    salt = secrets.token_bytes(16)
    return f"scrypt${salt.hex()}${_scrypt(password, salt).hex()}"


def keep_password(session: Session, account_id: int, hashed: str) -> None:
    session.execute(update(AccountRow).where(col(AccountRow.id) == account_id).values(password_hash=hashed))


def with_password(session: Session, name: str, password: str) -> int | None:
    """The id of the account that this name and password belong to; after the same work whether there is one or not."""
    row = _row(session, name)
    is_known = row is not None and row.password_hash is not None and row.disabled_at is None
    hashed = row.password_hash if row is not None and is_known else _NOBODYS
    _, salt, wanted = (hashed or _NOBODYS).split("$")
    is_right = hmac.compare_digest(_scrypt(password[:LONGEST_PASSWORD], bytes.fromhex(salt)).hex(), wanted)
    return row.id if row is not None and is_known and is_right else None


def _scrypt(password: str, salt: bytes) -> bytes:
    words = unicodedata.normalize("NFKC", password).encode("utf-8", "replace")
    return hashlib.scrypt(words, salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL, maxmem=_MEMORY)


def _row(session: Session, name: str) -> AccountRow | None:
    return session.scalar(select(AccountRow).where(col(AccountRow.name) == name))


def _known(session: Session, name: str) -> AccountRow:
    row = _row(session, name)
    if row is None:
        raise WrongAccount(f"There is no account {name}.")
    return row


def _account(session: Session, row: AccountRow) -> Account:
    assert row.id is not None
    roles = team_roles(session, row.id)
    return Account(row.id, row.name, row.role, roles, row.password_hash is not None, row.created_at, row.disabled_at)


def _checked(role: str, among: Collection[str]) -> str:
    if role not in among:
        raise WrongAccount(f"There is no role {role}: choose {' or '.join(among)}.")
    return role


def _keep_an_admin(session: Session, row: AccountRow) -> None:
    others = (col(AccountRow.role) == "admin", col(AccountRow.id) != row.id, col(AccountRow.disabled_at).is_(None))
    if row.role == "admin" and not session.scalar(select(func.count()).select_from(AccountRow).where(*others)):
        raise WrongAccount("Nobody else is admin: make another account admin first.")


def _end_all(session: Session, row: AccountRow, now: datetime) -> None:
    logins = update(SessionRow).where(col(SessionRow.account_id) == row.id, col(SessionRow.revoked_at).is_(None))
    session.execute(logins.values(revoked_at=now))
    tokens = update(ApiTokenRow).where(col(ApiTokenRow.account_id) == row.id, col(ApiTokenRow.revoked_at).is_(None))
    session.execute(tokens.values(revoked_at=now))
    links = update(LoginLinkRow).where(col(LoginLinkRow.account_id) == row.id, col(LoginLinkRow.used_at).is_(None))
    session.execute(links.where(col(LoginLinkRow.expires_at) > now).values(expires_at=now))
