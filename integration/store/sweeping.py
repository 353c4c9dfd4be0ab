"""Which items are to be looked at next, one after the other and around again."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from integration.store.bulk import batches
from integration.store.tables import HiddenParentRow, ItemRow


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


def unknown_keys(session: Session, connection: str, keys: Collection[str]) -> frozenset[str]:
    """Which of these keys did we never see as an item's, nor as one that is hidden from us?"""
    unknown = set(keys)
    for some in batches(keys):
        mine = (col(ItemRow.connection) == connection, col(ItemRow.key).in_(some))
        unknown.difference_update(session.scalars(select(col(ItemRow.key)).where(*mine)))
        hidden = (col(HiddenParentRow.connection) == connection, col(HiddenParentRow.key).in_(some))
        unknown.difference_update(session.scalars(select(col(HiddenParentRow.key)).where(*hidden)))
    return frozenset(unknown)
