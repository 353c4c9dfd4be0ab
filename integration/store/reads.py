"""Questions that pages, exports and commands ask, answered with plain values from what the store keeps.

Every function takes a session (`with reading(engine) as session:`) and costs a constant number of statements.
Documents are those of `mappings.document`; nothing is computed here.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from integration.contract import FILE
from integration.store.columns import exact
from integration.store.imported_files import ImportedFile, imported_files
from integration.store.positions import read_position
from integration.store.tables import (
    AnswerRow,
    BackfillRow,
    BoardRow,
    ConnectionRow,
    FindingEventRow,
    FindingRow,
    PulseRow,
    RestatementRow,
    SprintRow,
)
from mappings.model import SprintState

Document = dict[str, Any]
OPEN = ("open",)
EPICS = "epics"  # the kind of answer that names the epics of a key result
OUTSIDE = "outside"  # the kind of answer, and its one figure, of the work outside sprints beside a sprint
_SEVERITIES = ("high", "medium", "low")
_FAR = datetime.max.replace(tzinfo=UTC)  # a sprint without any date


@dataclass(frozen=True, slots=True)
class ConnectionHealth:
    """A connection without its secrets, and how it fares."""

    id: str
    tracker: str
    base_url: str
    mapping: Document
    last_delivery_at: datetime | None
    last_sync_at: datetime | None
    lag_seconds: int | None
    last_error: str | None
    last_error_at: datetime | None
    backfill: "BackfillProgress | None"
    file: ImportedFile | None = None  # it is no site, and nobody can be asked what is new
    notice: str | None = None  # a state of the site that is no failure, such as a project that was archived


@dataclass(frozen=True, slots=True)
class BackfillProgress:
    done: int
    total: int | None  # None: the tracker does not tell
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class BoardLine:
    connection: str
    id: str
    name: str
    team: str | None
    periods: str | None  # None: a board with sprints


@dataclass(frozen=True, slots=True)
class SprintLine:
    """A sprint in a list. `summary` is the kept answer in one measure without receipts; None: not decided yet."""

    connection: str
    id: str
    board: str
    name: str
    state: str
    start: datetime | None
    end: datetime | None
    completed: datetime | None
    team: str | None
    url: str | None
    summary: Document | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A kept answer with its receipts, the versions it came from and until when it holds."""

    subject: str
    measure: str
    document: Document
    versions: Document
    decided_at: datetime
    holds_until: datetime | None


@dataclass(frozen=True, slots=True)
class Restatement:
    """A closed figure that changed. `old` and `new` are summaries; `why`: late_data, mapping or re_opened."""

    subject: str
    measure: str
    old: Document
    new: Document
    why: str
    learnt_at: datetime


@dataclass(frozen=True, slots=True)
class SprintAnswer:
    """All that the sprint page needs. `corrected` (closed sprints only) has the links of now, `outside` (only where
    there is any) the work that was done outside sprints since the completion before."""

    sprint: SprintLine
    answer: Answer
    corrected: Answer | None
    outside: Answer | None
    restatements: tuple[Restatement, ...]


@dataclass(frozen=True, slots=True)
class KeptFinding:
    """`state`: open, acknowledged, muted or resolved; `actor` and `reason` are those of the last act."""

    id: int
    connection: str
    kind: str
    subject: str
    severity: str
    evidence: Document
    suggestion: str
    state: str
    opened_at: datetime
    resolved_at: datetime | None
    muted_until: datetime | None
    actor: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class FindingEvent:
    at: datetime
    event: str
    actor: str | None
    reason: str | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item as it is now, for lists. Tracker text: escape it."""

    connection: str
    key: str
    title: str
    type: str
    level: int
    status: str
    parent: str | None
    url: str | None
    deleted: datetime | None


def pulse(session: Session) -> int:
    """Which version of the answers is this? It grows with each change of any answer: an ETag in one indexed read."""
    return session.scalar(select(col(PulseRow.version)).where(col(PulseRow.connection) == "*")) or 0


def connections(session: Session) -> tuple[ConnectionHealth, ...]:
    """Which sites are connected, and how do they fare?"""
    backfills = {row.connection: row for row in session.scalars(select(BackfillRow))}
    rows = session.scalars(select(ConnectionRow).order_by(col(ConnectionRow.id))).all()
    files = imported_files(session) if any(row.tracker == FILE for row in rows) else {}
    return tuple(_health(row, backfills.get(row.id), files.get(row.id)) for row in rows)


def _health(row: ConnectionRow, backfill: BackfillRow | None, file: ImportedFile | None) -> ConnectionHealth:
    progress = None
    if backfill is not None:
        progress = BackfillProgress(backfill.done, backfill.total, backfill.started_at, backfill.finished_at)
    return ConnectionHealth(
        id=row.id,
        tracker=row.tracker,
        base_url=row.base_url,
        mapping=row.mapping,
        last_delivery_at=row.last_delivery_at,
        last_sync_at=row.last_sync_at,
        lag_seconds=row.lag_seconds,
        last_error=row.last_error,
        last_error_at=row.last_error_at,
        backfill=progress,
        file=file,
        notice=read_position(row.reconcile_cursor).notice,
    )


def boards(session: Session, connection: str | None = None) -> tuple[BoardLine, ...]:
    """Which boards are there?"""
    question = select(BoardRow).order_by(col(BoardRow.name), col(BoardRow.id))
    if connection is not None:
        question = question.where(col(BoardRow.connection) == connection)
    return tuple(
        BoardLine(row.connection, row.id, row.name, row.team, row.periods) for row in session.scalars(question)
    )


def boards_with_running_sprints(session: Session, measure: str) -> tuple[tuple[BoardLine, tuple[SprintLine, ...]], ...]:
    """Which sprints run on each board, and how do their shares stand? Boards without a running sprint come too."""
    question = _sprints_with_summary(measure).where(col(SprintRow.state) == SprintState.ACTIVE.value)
    running: dict[tuple[str, str], list[SprintLine]] = {}
    for line in _sprint_lines(session, question.order_by(col(SprintRow.start), col(SprintRow.id))):
        running.setdefault((line.connection, line.board), []).append(line)
    return tuple((board, tuple(running.get((board.connection, board.id), ()))) for board in boards(session))


def sprints_of_board(session: Session, connection: str, board: str, measure: str) -> tuple[SprintLine, ...]:
    """Which sprints has a board, and with what shares? Active, future, closed; the latest first."""
    question = _sprints_with_summary(measure).where(
        col(SprintRow.connection) == connection, col(SprintRow.board) == board
    )
    lines = list(_sprint_lines(session, question))
    states = (SprintState.ACTIVE.value, SprintState.FUTURE.value, SprintState.CLOSED.value)
    lines.sort(key=lambda line: line.completed or line.start or line.end or _FAR, reverse=True)
    return tuple(sorted(lines, key=lambda line: states.index(line.state)))


def _sprints_with_summary(measure: str) -> Any:
    same = (
        (col(AnswerRow.connection) == col(SprintRow.connection))
        & (col(AnswerRow.subject) == col(SprintRow.id))
        & (col(AnswerRow.kind) == "sprint")
        & (col(AnswerRow.measure) == measure)
    )
    question = select(SprintRow, col(AnswerRow.summary)).join(AnswerRow, same, isouter=True)
    return question.where(col(SprintRow.gone_at).is_(None))


def _sprint_lines(session: Session, question: Any) -> Iterable[SprintLine]:
    for row, summary in session.execute(question):
        yield SprintLine(
            connection=row.connection,
            id=row.id,
            board=row.board,
            name=row.name,
            state=row.state,
            start=row.start,
            end=row.end,
            completed=row.completed,
            team=row.team,
            url=row.url,
            summary=summary,
        )


def sprint_line(session: Session, connection: str, sprint: str, measure: str) -> SprintLine | None:
    """How do the shares of a sprint stand? Without receipts."""
    question = _sprints_with_summary(measure).where(
        col(SprintRow.connection) == connection, col(SprintRow.id) == sprint
    )
    return next(iter(_sprint_lines(session, question)), None)


def sprint_answer(session: Session, connection: str, sprint: str, measure: str) -> SprintAnswer | None:
    """What share of a sprint serves each key result? None: no such sprint, or not decided yet in this measure."""
    line = sprint_line(session, connection, sprint, measure)
    answers = {
        row.kind: _answer(row)
        for row in session.scalars(
            select(AnswerRow).where(
                col(AnswerRow.connection) == connection,
                col(AnswerRow.kind).in_(("sprint", "corrected", OUTSIDE)),
                col(AnswerRow.subject) == sprint,
                col(AnswerRow.measure) == measure,
            )
        )
    }
    if line is None or "sprint" not in answers:
        return None
    restated = restatements(session, connection, "sprint", sprint, measure)
    return SprintAnswer(line, answers["sprint"], answers.get("corrected"), answers.get(OUTSIDE), restated)


def _answer(row: AnswerRow) -> Answer:
    return Answer(row.subject, row.measure, row.document, row.versions, row.decided_at, row.holds_until)


def restatements(session: Session, connection: str, kind: str, subject: str, measure: str) -> tuple[Restatement, ...]:
    """How did a closed figure change, when and why? The oldest first."""
    rows = session.scalars(
        select(RestatementRow)
        .where(
            col(RestatementRow.connection) == connection,
            col(RestatementRow.kind) == kind,
            col(RestatementRow.subject) == subject,
            col(RestatementRow.measure) == measure,
        )
        .order_by(col(RestatementRow.id))
    )
    return tuple(Restatement(row.subject, row.measure, row.old, row.new, row.why, row.learnt_at) for row in rows)


def answers(session: Session, connection: str, kind: str, subjects: Collection[str] = ()) -> tuple[Answer, ...]:
    """What is kept of one kind? Of some subjects, or of all.

    Kinds and subjects: sprint, corrected and outside, by a sprint's id; period, `board/first day`; rollup,
    `by/subject/cycle/scope` (by team and company of all connections together: `due.OF_ALL`); links, an item's key;
    epics, a key result's code.
    """
    question = select(AnswerRow).where(col(AnswerRow.connection) == connection, col(AnswerRow.kind) == kind)
    if subjects:
        question = question.where(col(AnswerRow.subject).in_(subjects))
    return tuple(_answer(row) for row in session.scalars(question.order_by(col(AnswerRow.subject))))


def open_findings(
    session: Session,
    connection: str | None = None,
    kind: str | None = None,
    subject: str | None = None,
    states: Collection[str] = OPEN,
) -> tuple[KeptFinding, ...]:
    """What should a person look at? The gravest first, within a kind the costliest."""
    question = select(FindingRow).where(col(FindingRow.state).in_(states))
    for column, wanted in ((FindingRow.connection, connection), (FindingRow.kind, kind), (FindingRow.subject, subject)):
        if wanted is not None:
            question = question.where(col(column) == wanted)
    return tuple(_finding(row) for row in sorted(session.scalars(question), key=_gravity))


def _gravity(row: FindingRow) -> tuple[Any, ...]:
    cost = row.evidence.get("active_sprint_share") or 0, float(exact(row.evidence.get("remaining") or "0"))
    return (_SEVERITIES.index(row.severity), row.kind, -cost[0], -cost[1], row.subject)


def finding(session: Session, finding_id: int) -> tuple[KeptFinding, tuple[FindingEvent, ...]] | None:
    """What is this finding, and what has become of it so far?"""
    row = session.get(FindingRow, finding_id)
    if row is None:
        return None
    events = session.scalars(
        select(FindingEventRow).where(col(FindingEventRow.finding_id) == finding_id).order_by(col(FindingEventRow.id))
    )
    return _finding(row), tuple(_event(event) for event in events)


def _event(row: FindingEventRow) -> FindingEvent:
    return FindingEvent(row.at, row.event, row.actor, row.reason, row.until)


def _finding(row: FindingRow) -> KeptFinding:
    assert row.id is not None
    return KeptFinding(
        id=row.id,
        connection=row.connection,
        kind=row.kind,
        subject=row.subject,
        severity=row.severity,
        evidence=row.evidence,
        suggestion=row.suggestion,
        state=row.state,
        opened_at=row.opened_at,
        resolved_at=row.resolved_at,
        muted_until=row.muted_until,
        actor=row.actor,
        reason=row.reason,
    )
