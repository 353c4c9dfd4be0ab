"""Scrubbed answers of trackers, kept beside the items made of them, for a limited time."""

from datetime import datetime

from sqlalchemy import CursorResult, delete
from sqlmodel import Session, col

from integration.store.tables import RawAnswerRow


def purge(session: Session, before: datetime) -> int:
    """Delete those that were fetched before that moment; say how many."""
    gone = session.execute(delete(RawAnswerRow).where(col(RawAnswerRow.fetched_at) < before))
    assert isinstance(gone, CursorResult)
    return gone.rowcount
