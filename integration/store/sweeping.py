"""Which items are to be looked at next, one after the other and around again."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from integration.store.tables import ItemRow


def items_after(session: Session, connection: str, tracker_id: str, number: int) -> dict[str, datetime]:
    """Which items follow this one, in the order of their ids, with the `updated` we know? Deleted ones are left out."""
    question = select(col(ItemRow.tracker_id), col(ItemRow.updated)).where(
        col(ItemRow.connection) == connection,
        col(ItemRow.tracker_id) > tracker_id,
        col(ItemRow.deleted).is_(None),
    )
    rows = session.execute(question.order_by(col(ItemRow.tracker_id)).limit(number))
    return {row[0]: row[1] for row in rows}


def known_items(session: Session, connection: str, tracker_ids: list[str]) -> dict[str, datetime]:
    """Which of these do we hold as not deleted, and with what `updated`?"""
    question = select(col(ItemRow.tracker_id), col(ItemRow.updated)).where(
        col(ItemRow.connection) == connection,
        col(ItemRow.tracker_id).in_(tracker_ids),
        col(ItemRow.deleted).is_(None),
    )
    return {row[0]: row[1] for row in session.execute(question)}
