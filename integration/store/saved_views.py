"""Views of a list under a name: what was asked of it, kept for everybody of the installation."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from integration.store.acts import note_act
from integration.store.rule_tables import SavedViewRow

MOST = 50  # of one list


@dataclass(frozen=True, slots=True)
class SavedView:
    id: int
    page: str
    name: str
    query: str
    author: str


def saved_views(session: Session, page: str) -> tuple[SavedView, ...]:
    """Which views of a list are kept? By name."""
    rows = session.scalars(select(SavedViewRow).where(col(SavedViewRow.page) == page))
    return tuple(sorted((_view(row) for row in rows), key=lambda view: (view.name.casefold(), view.id)))


def keep_view(session: Session, page: str, name: str, query: str, actor: str, now: datetime) -> bool:
    """Keep a view under a name, in place of another of that name; False: there are too many already."""
    mine = (col(SavedViewRow.page) == page, col(SavedViewRow.name) == name)
    row = session.scalars(select(SavedViewRow).where(*mine)).first()
    if row is None and len(saved_views(session, page)) >= MOST:
        return False
    row = row or SavedViewRow(page=page, name=name, query=query, author=actor, at=now)
    row.query, row.author, row.at = query, actor, now
    session.add(row)
    note_act(session, now, actor, "saved_view", f"{page}: {name}")
    return True


def drop_view(session: Session, page: str, number: int, actor: str, now: datetime) -> bool:
    row = session.get(SavedViewRow, number)
    if row is None or row.page != page:
        return False
    note_act(session, now, actor, "dropped_view", f"{row.page}: {row.name}")
    session.delete(row)
    return True


def _view(row: SavedViewRow) -> SavedView:
    assert row.id is not None
    return SavedView(row.id, row.page, row.name, row.query, row.author)
