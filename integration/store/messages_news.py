"""What has happened that somebody may want to be told, asked of what the store keeps: each a question with plain
answers. What is old news is never among them: see `settle`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlmodel import Session, col

from integration.store import connections
from integration.store.bulk import upsert
from integration.store.due import CORRECTED, OF_ALL
from integration.store.messages_tables import SettledRow
from integration.store.tables import (
    AnswerRow,
    BackfillRow,
    BoardRow,
    ConnectionRow,
    DueRow,
    FindingEventRow,
    FindingRow,
    RestatementRow,
    SprintRow,
)

_GRAVEST_FIRST = ("high", "medium", "low")
MOST = 2000  # findings told at one look; more are told at the next
AT_THE_LATEST = timedelta(minutes=30)  # a site that is never at rest counts as settled so long after its backfill


@dataclass(frozen=True, slots=True)
class SprintFact:
    """A sprint with its kept answer in the measure that was asked for, without receipts."""

    connection: str
    id: str
    name: str
    board: str
    board_name: str
    team: str | None  # its own, else its board's
    start: datetime | None
    end: datetime | None
    completed: datetime | None
    summary: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FindingFact:
    event: int
    at: datetime
    id: int
    connection: str
    kind: str
    subject: str
    severity: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class RestatementFact:
    id: int
    connection: str
    subject: str
    measure: str
    old: dict[str, Any]
    new: dict[str, Any]
    why: str
    at: datetime


# --- since when something is news


def settled(session: Session) -> dict[str, datetime]:
    """Of which connections is anything news, and since when? Those being read are not among them. What is told of all
    together is news once all of them have come to rest."""
    read = connections.being_read(session)
    rows = session.scalars(select(SettledRow).where(col(SettledRow.at).is_not(None)))
    found = {row.connection: row.at for row in rows if row.at is not None and row.connection not in read}
    if found and found.keys() >= set(connections.connection_names(session)):
        found[OF_ALL] = max(found.values())
    return found


def unsettled(session: Session, now: datetime) -> dict[str, datetime | None]:
    """Which connections have come to rest after a backfill that nothing is known of yet, and when did it begin?"""
    question = select(
        col(ConnectionRow.id), col(BackfillRow.started_at), col(BackfillRow.finished_at), SettledRow
    ).outerjoin(BackfillRow, col(BackfillRow.connection) == col(ConnectionRow.id))
    question = question.outerjoin(SettledRow, col(SettledRow.connection) == col(ConnectionRow.id))
    busy = set(session.scalars(select(col(DueRow.connection)).distinct())) | connections.being_read(session)
    found: dict[str, datetime | None] = {}
    for name, started, finished, known in session.execute(question):
        is_late = finished is not None and finished < now - AT_THE_LATEST
        if (known is None or known.backfill != started) and (name not in busy or is_late):
            found[name] = started
    return found


def settle(session: Session, rested: dict[str, datetime | None], now: datetime) -> None:
    """All that their backfill brought to light is old news: only what comes after this moment is told."""
    upsert(
        session,
        SettledRow,
        [{"connection": name, "backfill": started, "at": now} for name, started in sorted(rested.items())],
    )


# --- sprints


def closed_sprints(session: Session, since: datetime, measure: str) -> tuple[SprintFact, ...]:
    """Which sprints were completed since, and have their figures decided?"""
    return _sprints(session, measure, col(SprintRow.state) == "closed", col(SprintRow.completed) >= since)


def starting_sprints(session: Session, since: datetime, until: datetime, measure: str) -> tuple[SprintFact, ...]:
    """Which sprints are to start in this time, and have not started?"""
    start = col(SprintRow.start)
    return _sprints(session, measure, col(SprintRow.state) == "future", start >= since, start <= until)


def running_sprints(session: Session, measure: str) -> tuple[SprintFact, ...]:
    return _sprints(session, measure, col(SprintRow.state) == "active")


def sprint_fact(session: Session, connection: str, sprint: str, measure: str) -> SprintFact | None:
    mine = (col(SprintRow.connection) == connection, col(SprintRow.id) == sprint)
    return next(iter(_sprints(session, measure, *mine, is_settled=False)), None)


def sprint_of_board(session: Session, connection: str, board: str, measure: str) -> SprintFact | None:
    """The running sprint of a board, the last started; else the one that was completed last."""
    mine = (col(SprintRow.connection) == connection, col(SprintRow.board) == board)
    for state, order in (("active", col(SprintRow.start)), ("closed", col(SprintRow.completed))):
        found = _sprints(session, measure, *mine, col(SprintRow.state) == state, is_settled=False, last_by=order)
        if found:
            return found[0]
    return None


def _sprints(
    session: Session, measure: str, *conditions: Any, is_settled: bool = True, last_by: Any = None
) -> tuple[SprintFact, ...]:
    mine = (col(AnswerRow.connection) == col(SprintRow.connection), col(AnswerRow.subject) == col(SprintRow.id))
    board = (col(BoardRow.connection) == col(SprintRow.connection), col(BoardRow.id) == col(SprintRow.board))
    question = (
        select(SprintRow, col(AnswerRow.summary), col(BoardRow.name), col(BoardRow.team))
        .join(AnswerRow, (mine[0]) & (mine[1]))
        .outerjoin(BoardRow, (board[0]) & (board[1]))
        .where(col(AnswerRow.kind) == "sprint", col(AnswerRow.measure) == measure)
        .where(col(SprintRow.gone_at).is_(None), *conditions)
    )
    if is_settled:
        waits = exists().where(
            col(DueRow.connection) == col(SprintRow.connection),
            col(DueRow.subject) == col(SprintRow.id),
            col(DueRow.kind) != CORRECTED,
        )
        question = question.where(~waits)
    ordered = (last_by.desc(), col(SprintRow.id).desc()) if last_by is not None else (col(SprintRow.start),)
    question = question.order_by(*ordered)
    if last_by is not None:
        question = question.limit(1)
    facts = (_sprint(*row) for row in session.execute(question))
    # An answer of before the close says nothing of it.
    return tuple(fact for row, fact in facts if fact.summary.get("state") == row.state)


def _sprint(
    row: SprintRow, summary: dict[str, Any], board: str | None, team: str | None
) -> tuple[SprintRow, SprintFact]:
    return row, SprintFact(
        row.connection,
        row.id,
        row.name,
        row.board,
        board or row.board,
        row.team or team,
        row.start,
        row.end,
        row.completed,
        summary,
    )


# --- findings


def finding_events(session: Session, event: str, since: datetime) -> tuple[FindingFact, ...]:
    """Which findings were opened, or resolved, since, and are so still?"""
    state = "open" if event == "opened" else "resolved"
    question = (
        select(FindingEventRow, FindingRow)
        .join(FindingRow, col(FindingRow.id) == col(FindingEventRow.finding_id))
        .where(col(FindingEventRow.event) == event, col(FindingEventRow.at) >= since, col(FindingRow.state) == state)
        .order_by(col(FindingEventRow.id))
        .limit(MOST)
    )
    return tuple(_finding(happened, row) for happened, row in session.execute(question))


def open_findings(session: Session) -> tuple[FindingFact, ...]:
    """All open findings, the gravest first, of these the newest."""
    question = select(FindingRow).where(col(FindingRow.state) == "open").order_by(col(FindingRow.opened_at).desc())
    rows = sorted(session.scalars(question), key=lambda row: _GRAVEST_FIRST.index(row.severity))
    return tuple(_finding_now(row) for row in rows)


def finding_changes(session: Session, since: datetime) -> tuple[tuple[str, FindingFact], ...]:
    """Which findings were opened or resolved since? Each change once, though it happened several times."""
    question = (
        select(FindingEventRow, FindingRow)
        .join(FindingRow, col(FindingRow.id) == col(FindingEventRow.finding_id))
        .where(col(FindingEventRow.at) >= since, col(FindingEventRow.event).in_(("opened", "resolved")))
        .order_by(col(FindingEventRow.id))
    )
    found = {(event.event, row.id): _finding(event, row) for event, row in session.execute(question)}
    return tuple((event, fact) for (event, _), fact in found.items())


def _finding(happened: FindingEventRow, row: FindingRow) -> FindingFact:
    assert happened.id is not None
    assert row.id is not None
    return FindingFact(
        happened.id, happened.at, row.id, row.connection, row.kind, row.subject, row.severity, row.suggestion
    )


def _finding_now(row: FindingRow) -> FindingFact:
    assert row.id is not None
    return FindingFact(0, row.opened_at, row.id, row.connection, row.kind, row.subject, row.severity, row.suggestion)


# --- restatements


def restatements(session: Session, since: datetime) -> tuple[RestatementFact, ...]:
    """Which closed figures of sprints have changed since?"""
    question = (
        select(RestatementRow)
        .where(col(RestatementRow.kind) == "sprint", col(RestatementRow.learnt_at) >= since)
        .order_by(col(RestatementRow.id))
        .limit(MOST)
    )
    return tuple(_restatement(row) for row in session.scalars(question))


def _restatement(row: RestatementRow) -> RestatementFact:
    assert row.id is not None
    return RestatementFact(row.id, row.connection, row.subject, row.measure, row.old, row.new, row.why, row.learnt_at)
