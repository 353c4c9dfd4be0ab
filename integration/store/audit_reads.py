"""Questions of the audit of epics: whose items these are, how old, what is tagged below and beside them. A constant
number of statements for each connection, however many epics there are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from integration.store.bulk import batches
from integration.store.tables import BoardRow, ItemParentRow, ItemRow, ItemStateRow, SprintRow
from mappings.model import Status


@dataclass(frozen=True, slots=True)
class Now:
    """What the audit looks at of an item, as it is now."""

    key: str
    level: int
    created: datetime
    parent: str | None
    tags: tuple[str, ...]
    team: str | None  # its own, its board's or that of its sprint
    project: str | None


def items_now(session: Session, connection: str, keys: Collection[str]) -> dict[str, Now]:
    """What of these items, by key? Those that are not there are left out."""
    teams, boards = _owners(session, connection)
    later = aliased(ItemStateRow)
    last = select(func.max(col(later.position))).where(col(later.item_id) == col(ItemRow.id)).scalar_subquery()
    state = (col(ItemStateRow.item_id) == col(ItemRow.id)) & (col(ItemStateRow.position) == last)
    item = (ItemRow.key, ItemRow.level, ItemRow.created, ItemRow.project)
    columns = (
        *item,
        ItemStateRow.parent,
        ItemStateRow.tags,
        ItemStateRow.team,
        ItemStateRow.board,
        ItemStateRow.sprints,
    )
    question = select(*(col(column) for column in columns)).join(ItemStateRow, state)
    there = (col(ItemRow.connection) == connection, col(ItemRow.deleted).is_(None))
    found: dict[str, Now] = {}
    for some in batches(sorted(keys)):
        for row in session.execute(question.where(*there, col(ItemRow.key).in_(some))):
            key, level, created, project, parent, tags, team, board, sprints = row
            whose = (
                team or boards.get(board) or next((teams[name] for name in reversed(sprints) if name in teams), None)
            )
            found[key] = Now(key, level, created, parent, tags, whose, project)
    return found


def rows_of_open_items(session: Session, connection: str) -> set[int]:
    """Which items are neither done nor dropped now? The ids of their rows."""
    later = aliased(ItemStateRow)
    last = select(func.max(col(later.position))).where(col(later.item_id) == col(ItemRow.id)).scalar_subquery()
    state = (col(ItemStateRow.item_id) == col(ItemRow.id)) & (col(ItemStateRow.position) == last)
    question = select(col(ItemRow.id)).join(ItemStateRow, state).where(col(ItemRow.connection) == connection)
    is_open = (col(ItemRow.deleted).is_(None), col(ItemStateRow.status).in_((Status.TODO.value, Status.DOING.value)))
    return {row for row in session.scalars(question.where(*is_open)) if row is not None}


def keys_beside(session: Session, connection: str, parents: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """The items that ever named these as their parents, by parent."""
    columns = (col(ItemParentRow.parent), col(ItemRow.key))
    question = select(*columns).join(ItemRow, col(ItemRow.id) == col(ItemParentRow.item_id))
    mine = question.where(col(ItemParentRow.connection) == connection)
    found: dict[str, list[str]] = {}
    for some in batches(sorted(parents)):
        for parent, key in session.execute(mine.where(col(ItemParentRow.parent).in_(some)).order_by(col(ItemRow.key))):
            found.setdefault(parent, []).append(key)
    return {parent: tuple(keys) for parent, keys in found.items()}


def _owners(session: Session, connection: str) -> tuple[dict[str, str], dict[str | None, str]]:
    """The teams of sprints and boards; asked once in one view of the store."""
    key = ("owners", connection)
    if key not in session.info:
        session.info[key] = teams_of_sprints(session, connection), _teams_of_boards(session, connection)
    found: tuple[dict[str, str], dict[str | None, str]] = session.info[key]
    return found


def teams_of_sprints(session: Session, connection: str) -> dict[str, str]:
    """Whose sprint is each: of the team that it names, or its board's?"""
    board = (col(BoardRow.connection) == col(SprintRow.connection)) & (col(BoardRow.id) == col(SprintRow.board))
    columns = (col(SprintRow.id), col(SprintRow.team), col(BoardRow.team))
    question = select(*columns).outerjoin(BoardRow, board).where(col(SprintRow.connection) == connection)
    return {row[0]: row[1] or row[2] for row in session.execute(question) if row[1] or row[2]}


def _teams_of_boards(session: Session, connection: str) -> dict[str | None, str]:
    question = select(col(BoardRow.id), col(BoardRow.team)).where(col(BoardRow.connection) == connection)
    return {row[0]: row[1] for row in session.execute(question) if row[1] is not None}
