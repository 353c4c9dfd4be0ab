"""Tokens that change by themselves: kept encrypted before they are used, and renewed by one process at a time."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import CursorResult, Engine, delete, or_, select, update
from sqlmodel import Session, col

from integration.contract import KeptTokens, Misconfigured
from integration.secrets import Vault
from integration.store.connecting_tables import TokensRow
from integration.store.engine import reading, writing


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """The box of one holder; each call is one transaction of its own."""

    engine: Engine
    vault: Vault = field(repr=False)
    holder: str

    def read(self) -> KeptTokens:
        with reading(self.engine) as session:
            row = session.get(TokensRow, self.holder)
            if row is None:
                raise Misconfigured("connect_again", "The tokens of this connection are gone: connect again.")
            known = self.vault.decrypt_all(row.tokens)
            return KeptTokens(known["access"], known["refresh"], row.until, row.refused)

    def take(self, owner: str, now: datetime, until: datetime) -> bool:
        """Take the lease; False where somebody has it."""
        free = or_(col(TokensRow.owner).is_(None), col(TokensRow.owned_until) < now)
        mine = update(TokensRow).where(col(TokensRow.holder) == self.holder, free)
        with writing(self.engine) as session:
            taken = session.execute(mine.values(owner=owner, owned_until=until))
            assert isinstance(taken, CursorResult)
            return taken.rowcount == 1

    def keep(self, owner: str, tokens: KeptTokens, now: datetime) -> None:
        """The new tokens and the end of the lease are one commit.

        Whoever spent the old ones keeps what came of it, even where the lease ran out meanwhile: nobody else could.
        """
        with writing(self.engine) as session:
            row = session.get_one(TokensRow, self.holder)
            row.tokens = _sealed(self.vault, tokens)
            row.until, row.refused, row.changed_at = tokens.until, None, now
            if row.owner == owner:
                row.owner = row.owned_until = None

    def refuse(self, owner: str, sentence: str, now: datetime) -> None:
        """They are worth nothing any more; unless they were changed by another owner meanwhile."""
        with writing(self.engine) as session:
            mine = (col(TokensRow.holder) == self.holder, col(TokensRow.owner) == owner)
            session.execute(
                update(TokensRow).where(*mine).values(refused=sentence, changed_at=now, owner=None, owned_until=None)
            )

    def release(self, owner: str) -> None:
        with writing(self.engine) as session:
            mine = (col(TokensRow.holder) == self.holder, col(TokensRow.owner) == owner)
            session.execute(update(TokensRow).where(*mine).values(owner=None, owned_until=None))


def _sealed(vault: Vault, tokens: KeptTokens) -> bytes:
    return vault.encrypt_all({"access": tokens.access, "refresh": tokens.refresh})


def put(session: Session, vault: Vault, holder: str, tokens: KeptTokens, now: datetime) -> None:
    """The tokens of a fresh consent, in place of whatever there was."""
    forget(session, holder)
    session.add(TokensRow(holder=holder, tokens=_sealed(vault, tokens), until=tokens.until, changed_at=now))
    session.flush()


def move(session: Session, holder: str, to: str) -> None:
    """What a draft held, the connection holds."""
    if session.get(TokensRow, holder) is not None:
        forget(session, to)
        session.execute(update(TokensRow).where(col(TokensRow.holder) == holder).values(holder=to))


def forget(session: Session, holder: str) -> None:
    session.execute(delete(TokensRow).where(col(TokensRow.holder) == holder))


def is_held(session: Session, holder: str) -> bool:
    """Has this holder tokens that change by themselves?"""
    return session.scalar(select(col(TokensRow.holder)).where(col(TokensRow.holder) == holder)) is not None


def box_of(session: Session, vault: Vault, holder: str) -> StoredTokens | None:
    """The box of a holder, to be opened after this session; None: it has none."""
    return StoredTokens(session.get_bind().engine, vault, holder) if is_held(session, holder) else None


def encrypt_anew(session: Session, vault: Vault) -> int:
    """Encrypt them with the newest key."""
    rows = session.scalars(select(TokensRow)).all()
    for row in rows:
        row.tokens = vault.rotated(row.tokens)
    session.flush()
    return len(rows)
