"""Trends: kept with each figure of a sprint or period that is written, and read for many of them at once."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from integration.store.bulk import batches, upsert
from integration.store.tables import BoardRow, SprintRow
from integration.store.trend_tables import TrendRow
from mappings.exact import exact_number
from mappings.model import SprintState

KINDS = ("sprint", "period")
SCOPES = ("completed", "final")
BUCKETS = ("aligned", "exempt", "dead_link", "unaligned")


class TrendPoint(NamedTuple):
    """One sprint or period; shares from 0 to 1, None where nothing is in it. `team` is the sprint's or its board's.

    A year of a company has ten thousand of them: as a frozen dataclass each takes ten times as long to make.
    """

    connection: str
    kind: str
    subject: str
    name: str
    board: str
    team: str | None
    at: datetime
    closed: bool
    items: int
    total: float
    aligned: float | None
    exempt: float | None
    dead_link: float | None
    unaligned: float | None
    state: str | None = None  # of the sprint now; a period has none

    @property
    def stage(self) -> str:
        if self.closed:
            return "closed"
        return "planned" if self.state == SprintState.FUTURE else "running"


_TEAM = func.coalesce(col(TrendRow.team), col(BoardRow.team))
_OTHERS = {"team": _TEAM, "state": col(SprintRow.state)}
_POINT = tuple(_OTHERS[name] if name in _OTHERS else col(getattr(TrendRow, name)) for name in TrendPoint._fields)


def note_trends(session: Session, connection: str, kind: str, told: Iterable[tuple[str, str, dict[str, Any]]]) -> None:
    """Keep what figures amount to: subject, measure, and the answer without its receipts."""
    if kind in KINDS:
        rows = [row for subject, measure, summary in told for row in _rows(connection, kind, subject, measure, summary)]
        upsert(session, TrendRow, rows)


def forget_trends(session: Session, connection: str, kind: str, subjects: Collection[str]) -> None:
    mine = (col(TrendRow.connection) == connection, col(TrendRow.kind) == kind)
    for some in batches(sorted(subjects)):
        session.execute(delete(TrendRow).where(*mine, col(TrendRow.subject).in_(some)))


def trends(session: Session, since: datetime, until: datetime, measure: str, scope: str) -> tuple[TrendPoint, ...]:
    """The sprints and periods that ended in this time, the earliest first."""
    rows = session.connection().execute(_within(_POINT, since, until, measure, scope))  # no objects to look for in it
    return tuple(map(TrendPoint._make, rows))


def parts_of(
    session: Session, since: datetime, until: datetime, measure: str, scope: str
) -> dict[tuple[str, str], dict[str, float]]:
    """What share each sprint and period gave to each key result, by connection and id."""
    columns = (col(TrendRow.connection), col(TrendRow.subject), col(TrendRow.key_results))
    return {(row[0], row[1]): row[2] for row in session.execute(_within(columns, since, until, measure, scope))}


def _within(columns: tuple[Any, ...], since: datetime, until: datetime, measure: str, scope: str) -> Any:
    board = (col(BoardRow.connection) == col(TrendRow.connection)) & (col(BoardRow.id) == col(TrendRow.board))
    sprint = (col(SprintRow.connection) == col(TrendRow.connection)) & (col(SprintRow.id) == col(TrendRow.subject))
    return (
        select(*columns)
        .select_from(TrendRow)
        .outerjoin(BoardRow, board)
        .outerjoin(SprintRow, sprint & (col(TrendRow.kind) == "sprint"))
        .where(col(TrendRow.measure) == measure, col(TrendRow.scope) == scope)
        .where(col(TrendRow.at) >= since, col(TrendRow.at) < until)
        .order_by(col(TrendRow.at), col(TrendRow.connection), col(TrendRow.subject))
    )


# --- what a figure amounts to


def _rows(connection: str, kind: str, subject: str, measure: str, summary: dict[str, Any]) -> Iterator[dict[str, Any]]:
    at = _at(kind, summary)
    if at is None:
        return  # a sprint without dates stands nowhere in time
    for scope in SCOPES:
        figure = summary["scopes"].get(scope)
        if figure is not None:
            yield {
                "connection": connection,
                "kind": kind,
                "subject": subject,
                "measure": measure,
                "scope": scope,
                "board": summary["board"],
                "team": summary.get("team"),
                "name": summary.get("name") or summary.get("start") or subject,
                "at": at,
                "closed": summary["state"] == "closed",
                **_amounts(figure),
            }


def _at(kind: str, summary: dict[str, Any]) -> datetime | None:
    if kind == "period":
        return datetime.fromisoformat(summary["end"]).replace(tzinfo=UTC) + timedelta(days=1) - timedelta(seconds=1)
    moment = summary.get("completed") or summary.get("end") or summary.get("start")
    return None if moment is None else datetime.fromisoformat(moment)


def _amounts(figure: dict[str, Any]) -> dict[str, Any]:
    shares = {part["key_result"]: part["share"] for part in figure["shares"] if part["share"]}
    parts = {name: figure[name]["share"] for name in BUCKETS[1:]}
    is_empty = any(share is None for share in parts.values())
    return {
        "items": figure["items"],
        "total": float(exact_number(figure["total"])),
        "aligned": None if is_empty else sum(shares.values()),
        **parts,
        "key_results": shares,
    }
