"""Questions of pages beside those of `reads`: periods in lists, sprints by a bare id, and the names of key results."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from integration.store import plans
from integration.store.bulk import batches
from integration.store.reads import ItemLine
from integration.store.tables import (
    AnswerRow,
    BoardRow,
    FindingRow,
    ItemRow,
    ItemStateRow,
    SprintRow,
    SprintSightingRow,
)
from mappings.model import Plan

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """A period in a list; `summary` is the kept answer without its receipts."""

    connection: str
    board: str
    summary: Document


def running_periods(session: Session) -> tuple[PeriodLine, ...]:
    """Which periods run now, on boards without sprints?"""
    return _periods(session, col(AnswerRow.closed).is_(False))


def periods_of_board(session: Session, connection: str, board: str, limit: int = 26) -> tuple[PeriodLine, ...]:
    """Which periods has a board, and with what shares? The latest first."""
    # The sign after "/" is "0": what lies between begins with the board and a slash.
    mine = (col(AnswerRow.connection) == connection, col(AnswerRow.subject) > f"{board}/")
    found = _periods(session, *mine, col(AnswerRow.subject) < f"{board}0")
    return tuple(line for line in reversed(found) if line.board == board)[:limit]


def all_periods(session: Session) -> tuple[PeriodLine, ...]:
    """Which periods are there? By connection, board and time."""
    return tuple(sorted(_periods(session), key=lambda line: (line.connection, line.board, line.summary["start"])))


def connections_of_period(session: Session, period: str) -> tuple[str, ...]:
    """Which connections have a period of this id?"""
    mine = (col(AnswerRow.kind) == "period", col(AnswerRow.subject) == period)
    return tuple(session.scalars(select(col(AnswerRow.connection)).where(*mine).order_by(col(AnswerRow.connection))))


def _periods(session: Session, *conditions: Any) -> tuple[PeriodLine, ...]:
    columns = (col(AnswerRow.connection), col(AnswerRow.summary))
    question = select(*columns).where(col(AnswerRow.kind) == "period", *conditions).order_by(col(AnswerRow.subject))
    return tuple(PeriodLine(row[0], row[1]["board"], row[1]) for row in session.execute(question))


def connections_of_sprint(session: Session, sprint: str) -> tuple[str, ...]:
    """Which connections have a sprint of this id?"""
    question = select(col(SprintRow.connection)).where(col(SprintRow.id) == sprint, col(SprintRow.gone_at).is_(None))
    return tuple(session.scalars(question.order_by(col(SprintRow.connection))))


def names_of_sprints(session: Session, sprints: frozenset[str]) -> dict[tuple[str, str], str]:
    """How are these sprints called? By connection and id."""
    columns = (col(SprintRow.connection), col(SprintRow.id), col(SprintRow.name))
    question = select(*columns).where(col(SprintRow.id).in_(sprints))
    return {(row[0], row[1]): row[2] for row in session.execute(question)}


def plans_of_now(session: Session, now: datetime) -> plans.AllPlans:
    """Which register holds, and what did connections bring beside it?"""
    return plans.all_plans(session, now)


def plan_of_now(session: Session, now: datetime) -> Plan:
    """Which register, rules and settings hold?"""
    return plans.plan_of_all(session, now)


def open_findings_by_severity(session: Session) -> dict[str, int]:
    """How many findings of each severity are open?"""
    question = select(col(FindingRow.severity), func.count()).where(col(FindingRow.state) == "open")
    found = {row[0]: row[1] for row in session.execute(question.group_by(col(FindingRow.severity)))}
    return {severity: found.get(severity, 0) for severity in ("high", "medium", "low")}


def answer_of_period(session: Session, connection: str, period: str) -> Document | None:
    """What is kept of one period, with its receipts?"""
    mine = (col(AnswerRow.connection) == connection, col(AnswerRow.kind) == "period", col(AnswerRow.subject) == period)
    return session.scalar(select(col(AnswerRow.document)).where(*mine))


def rollups(session: Session) -> tuple[tuple[str, Document], ...]:
    """What do the roll-ups say, of each connection? Without receipts."""
    columns = (col(AnswerRow.connection), col(AnswerRow.summary))
    question = select(*columns).where(col(AnswerRow.kind) == "rollup")
    ordered = question.order_by(col(AnswerRow.connection), col(AnswerRow.subject), col(AnswerRow.measure))
    return tuple((row[0], row[1]) for row in session.execute(ordered))


def all_sprints(session: Session) -> tuple[SprintRow, ...]:
    """Which sprints are there? By connection and start."""
    order = (col(SprintRow.connection), col(SprintRow.start), col(SprintRow.id))
    return tuple(session.scalars(select(SprintRow).where(col(SprintRow.gone_at).is_(None)).order_by(*order)))


def boards_seen(session: Session, connection: str) -> dict[str, datetime]:
    """When did the tracker last tell of a sprint of each board? Boards without sprints are not among them."""
    sprint = (col(SprintSightingRow.connection) == col(SprintRow.connection)) & (
        col(SprintSightingRow.sprint) == col(SprintRow.id)
    )
    question = select(col(SprintRow.board), func.max(col(SprintSightingRow.last))).join(SprintSightingRow, sprint)
    found = question.where(col(SprintRow.connection) == connection).group_by(col(SprintRow.board))
    return {row[0]: row[1] for row in session.execute(found)}


def team_of_sprint(session: Session, connection: str, sprint: str) -> str | None:
    """Whose sprint is this: the team that it names, or its board's?"""
    board = (col(BoardRow.connection) == col(SprintRow.connection)) & (col(BoardRow.id) == col(SprintRow.board))
    columns = (col(SprintRow.team), col(BoardRow.team))
    question = select(*columns).outerjoin(BoardRow, board)
    row = session.execute(question.where(col(SprintRow.connection) == connection, col(SprintRow.id) == sprint)).first()
    return None if row is None else row[0] or row[1]


def team_of_item(session: Session, connection: str, key: str) -> str | None:
    """Whose item is this now: the team that it names, its board's, or that of the sprint it is in?"""
    board = (col(BoardRow.connection) == col(ItemRow.connection)) & (col(BoardRow.id) == col(ItemStateRow.board))
    columns = (col(ItemStateRow.team), col(BoardRow.team), col(ItemStateRow.sprints))
    question = select(*columns).join(ItemRow, col(ItemRow.id) == col(ItemStateRow.item_id)).outerjoin(BoardRow, board)
    named = (col(ItemRow.connection) == connection, col(ItemRow.key) == key)
    row = session.execute(question.where(*named).order_by(col(ItemStateRow.position).desc()).limit(1)).first()
    if row is None:
        return None
    own, of_board, sprints = row
    return own or of_board or (team_of_sprint(session, connection, sprints[-1]) if sprints else None)


def items_named(session: Session, connection: str, keys: Iterable[str]) -> dict[str, ItemLine]:
    """What are the titles, types, states and addresses of these items now?"""
    found: dict[str, ItemLine] = {}
    for some in batches(keys):
        named = _item_lines().where(col(ItemRow.connection) == connection, col(ItemRow.key).in_(some))
        found |= {line.key: line for line in (ItemLine(*row) for row in session.execute(named))}
    return found


@cache
def _item_lines() -> Any:
    later = aliased(ItemStateRow)
    last = select(func.max(col(later.position))).where(col(later.item_id) == col(ItemRow.id)).scalar_subquery()
    state = (col(ItemStateRow.item_id) == col(ItemRow.id)) & (col(ItemStateRow.position) == last)
    item = (ItemRow.connection, ItemRow.key, ItemRow.title, ItemRow.type, ItemRow.level)
    columns = (*item, ItemStateRow.status, ItemStateRow.parent, ItemRow.url, ItemRow.deleted)
    return select(*(col(column) for column in columns)).join(ItemStateRow, state)
