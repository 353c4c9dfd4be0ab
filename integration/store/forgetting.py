"""Forgetting what people added to a plan that goes with its connection: check-ins, overrulings, rules."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Session, col

from integration.store import due
from integration.store.check_in_tables import CheckInRow
from integration.store.rule_tables import MadeRuleRow
from integration.store.tables import ConnectionRow, ItemRow, OverrulingRow

KEY_RESULT = "key_result"


def keys_only_in(session: Session, connection: str) -> frozenset[str]:
    """Which items' keys does no other connection know?"""
    keys = set(session.scalars(select(col(ItemRow.key)).where(col(ItemRow.connection) == connection)))
    others = select(col(ItemRow.key)).where(col(ItemRow.connection) != connection)
    return frozenset(keys.difference(session.scalars(others)))


def forget_said(session: Session, codes: Collection[str]) -> None:
    """What people said of these key results."""
    if not codes:
        return
    session.execute(delete(CheckInRow).where(col(CheckInRow.key_result).in_(codes)))
    of_wording = (col(OverrulingRow.about) == KEY_RESULT, col(OverrulingRow.subject).in_(codes))
    session.execute(delete(OverrulingRow).where(*of_wording))


def forget_rules(session: Session, numbers: Collection[int], now: datetime) -> None:
    """Rules that people made; whatever rested on them is decided anew."""
    if not numbers:
        return
    session.execute(delete(MadeRuleRow).where(col(MadeRuleRow.id).in_(numbers)))
    due.note_everything(session, session.scalars(select(col(ConnectionRow.id))).all(), now)
    due.beat_for_pages(session, now)
