"""Trends: the shares of each team sprint by sprint, as values, as charts and as a table to keep."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from integration.store import reads
from integration.store import trends as kept
from integration.store.opened import Store
from integration.store.trends import BUCKETS, TrendPoint
from mappings.model import Plan, Split
from reports import charts
from reports.addresses import period_receipt_address, receipt_address, sprint_address
from reports.foreign_text import for_csv
from reports.views import Ground, ground_of

MONTHS = (3, 6, 12, 24)
AHEAD = timedelta(days=60)  # running and planned sprints stand at their planned end
COLUMNS_SHOWN = 12  # of the heat map
LABELS = {"aligned": "serves key results", "exempt": "exempt", "dead_link": "dead link", "unaligned": "unaligned"}
COLOURS = {"aligned": "$aligned", "exempt": "$exempt", "dead_link": "$dead-link", "unaligned": "$unaligned"}
WARNINGS_IN_WORDS = {"late_tagging": "tagged late", "sudden_alignment": "sudden alignment"}
HORIZONS = ("primary", "secondary", "exploration")
CSV_COLUMNS = (
    "connection", "team", "board", "kind", "id", "name", "at", "closed", "scope", "measure", "items", "total",
    "aligned", "exempt", "dead_link", "unaligned",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrendsAsked:
    """What the page was asked for; `team` None: all teams."""

    measure: str | None
    scope: str
    months: int
    team: str | None
    connection: str | None = None  # None: all together


@dataclass(frozen=True, slots=True)
class Cell:
    point: TrendPoint
    name: str  # with its connection, where there are several
    href: str
    percent: int | None  # that serves key results
    warnings: tuple[tuple[str, int], ...]  # kind and number of findings that say how it came about


@dataclass(frozen=True, slots=True)
class SplitLine:
    """How the aligned work of a sprint divides, in percent, by horizon."""

    cell: Cell
    percents: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TeamTrend:
    team: str
    cells: tuple[Cell, ...]
    chart: Any  # drawn, or None where nothing can draw it
    band: tuple[float, float] | None
    outside_band: int
    split: Split | None
    splits: tuple[SplitLine, ...]

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in any of its sprints that could be shared out."""
        return all(cell.percent is None for cell in self.cells)

    @property
    def latest(self) -> tuple[Cell, ...]:
        return self.cells[-COLUMNS_SHOWN:]


@dataclass(frozen=True, slots=True)
class TrendsPage:
    ground: Ground
    asked: TrendsAsked
    measure: str
    teams: tuple[TeamTrend, ...]
    names: tuple[str, ...]  # of all teams that have a point
    since: datetime
    columns: int

    @property
    def is_empty(self) -> bool:
        return not self.teams


def trends_page(store: Store, now: datetime, asked: TrendsAsked) -> TrendsPage:
    with store.reading() as session:
        ground = ground_of(session, now)
        measure = asked.measure if asked.measure in ground.measures else ground.measure
        since = _back(now, asked.months)
        every = kept.trends(session, since, now + AHEAD, measure, asked.scope)
        points = [point for point in every if asked.connection in (None, point.connection)]
        parts = kept.parts_of(session, since, now + AHEAD, measure, asked.scope)
        warnings = warnings_of(session)
        by_team = by_team_or_board(session, points)
    shown = {team: found for team, found in by_team.items() if asked.team in (None, team)}
    teams = tuple(_team(ground, team, found, measure, asked.scope, warnings, parts) for team, found in shown.items())
    return TrendsPage(
        ground=ground,
        asked=asked,
        measure=measure,
        teams=teams,
        names=tuple(by_team),
        since=since,
        columns=max((len(team.latest) for team in teams), default=0),
    )


def _back(now: datetime, months: int) -> datetime:
    return now - timedelta(days=round(months * 365.25 / 12))


def by_team_or_board(session: Any, points: Iterable[TrendPoint]) -> dict[str, list[TrendPoint]]:
    """The teams, and behind them the boards whose items decide of which team they are."""
    boards = {(one.connection, one.id): one.name for one in reads.boards(session)}
    found: dict[tuple[bool, str], list[TrendPoint]] = {}
    for point in points:
        board = boards.get((point.connection, point.board), point.board)
        name = f"{board} (no team of its own)" if point.team is None else point.team
        found.setdefault((point.team is None, name), []).append(point)
    return {name: found[place, name] for place, name in sorted(found)}


def warnings_of(session: Any) -> dict[tuple[str, str], list[tuple[str, int]]]:
    """By connection and sprint: what makes its figure look gamed, and the number of the finding that says so."""
    found: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for kind in WARNINGS_IN_WORDS:
        for finding in reads.open_findings(session, kind=kind):
            found.setdefault((finding.connection, finding.subject), []).append((kind, finding.id))
    return found


def _team(
    ground: Ground,
    name: str,
    points: Iterable[TrendPoint],
    measure: str,
    scope: str,
    warnings: Mapping[tuple[str, str], list[tuple[str, int]]],
    parts: Mapping[tuple[str, str], Mapping[str, float]],
) -> TeamTrend:
    cells = tuple(_cell(point, ground.name_of(point), measure, scope, warnings) for point in points)
    team = next((one for one in ground.plan.teams if one.name == name), None)
    band = None if team is None or team.band is None else (float(team.band.low), float(team.band.high))
    split = team.split if team is not None else None
    return TeamTrend(
        team=name,
        cells=cells,
        chart=charts.on_page(team_chart(name, cells, measure, band))
        if any(cell.percent is not None for cell in cells)
        else None,
        band=band,
        outside_band=sum(1 for cell in cells if _is_outside(cell, band)),
        split=split,
        splits=_splits(ground.plan, cells, parts) if split is not None else (),
    )


def _cell(
    point: TrendPoint, name: str, measure: str, scope: str, warnings: Mapping[tuple[str, str], list[tuple[str, int]]]
) -> Cell:
    percent = None if point.aligned is None else round(point.aligned * 100)
    said = tuple(warnings.get((point.connection, point.subject), ()))
    return Cell(point, name, point_address(point, measure, scope), percent, said)


def point_address(point: TrendPoint, measure: str, scope: str) -> str:
    if point.kind == "period":
        return period_receipt_address(point.connection, point.subject, measure, "")
    return f"{sprint_address(point.connection, point.subject)}?measure={measure}#{scope}"


def _is_outside(cell: Cell, band: tuple[float, float] | None) -> bool:
    return band is not None and cell.percent is not None and not band[0] <= cell.percent <= band[1]


def _splits(
    plan: Plan, cells: Iterable[Cell], parts: Mapping[tuple[str, str], Mapping[str, float]]
) -> tuple[SplitLine, ...]:
    told = ((cell, horizons_of(plan, parts.get((cell.point.connection, cell.point.subject), {}))) for cell in cells)
    return tuple(SplitLine(cell, percents) for cell, percents in told if percents)[-COLUMNS_SHOWN:]


def horizons_of(plan: Plan, served: Mapping[str, float]) -> dict[str, int]:
    """How aligned work divides, in percent; nothing where no objective that it serves has a horizon."""
    horizon_of = {objective.id: objective.horizon for objective in plan.objectives}
    kr_horizon = {kr.code: horizon_of.get(kr.objective) for kr in plan.key_results}
    amounts = dict.fromkeys(HORIZONS, 0.0)
    for code, share in served.items():
        horizon = kr_horizon.get(code)
        if horizon is not None:
            amounts[horizon] += share
    total = sum(amounts.values())
    return {name: round(amount / total * 100) for name, amount in amounts.items()} if total else {}


# --- charts


def team_chart(team: str, cells: Iterable[Cell], measure: str, band: tuple[float, float] | None) -> charts.Spec:
    """A stacked bar a sprint, the earliest first; each part opens its receipt."""
    cells = tuple(cells)
    rows = [row for number, cell in enumerate(cells) for row in _rows(number, cell, measure)]
    bars = {
        "mark": {"type": "bar", "stroke": "$strong-line", "strokeWidth": 0.6},
        "encoding": {
            "x": {
                "field": "number",
                "type": "ordinal",
                "axis": charts.named_axis([cell.name for cell in cells], [cell.point.stage for cell in cells]),
            },
            "y": {"field": "share", "type": "quantitative", "title": None, "axis": {"format": "%", "tickCount": 5}},
            "color": {
                "field": "part",
                "type": "nominal",
                "title": None,
                "scale": {"domain": list(LABELS.values()), "range": list(COLOURS.values())},
                "legend": {"orient": "top", "columns": 2},
            },
            "order": {"field": "order"},
            "href": {"field": "href"},
            "description": {"field": "words"},
        },
    }
    lines = [_line(edge) for edge in band or ()]
    return {
        "description": f"How the work of {team} divides, sprint by sprint",
        "width": {"step": 40},
        "height": 180,
        "data": {"values": rows},
        "layer": [bars, *lines],
    }


def _line(percent: float) -> dict[str, Any]:
    mark = {"type": "rule", "color": "$text", "strokeDash": [5, 3], "strokeWidth": 1.5}
    return {"mark": mark, "encoding": {"y": {"datum": percent / 100}}}


def _rows(number: int, cell: Cell, measure: str) -> Iterable[dict[str, Any]]:
    point = cell.point
    for order, name in enumerate(BUCKETS):
        share = getattr(point, name)
        if share:
            part = "" if name == "aligned" else name
            yield {
                "number": number,
                "part": LABELS[name],
                "share": share,
                "order": order,
                "href": charts.link(_part_address(point, measure, part, cell.href)),
                "words": f"{cell.name}: {LABELS[name]} {share * 100:.0f} %",
            }


def _part_address(point: TrendPoint, measure: str, part: str, whole: str) -> str:
    if point.kind == "period":
        return period_receipt_address(point.connection, point.subject, measure, part)
    scope = "completed" if whole.endswith("#completed") else "final"
    return receipt_address(point.connection, point.subject, scope, measure, part)


# --- files


def trends_csv(page: TrendsPage) -> str:
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(CSV_COLUMNS)
    for team in page.teams:
        for cell in team.cells:
            rows.writerow(_csv_cells(cell.point, page))
    return written.getvalue()


def _csv_cells(point: TrendPoint, page: TrendsPage) -> tuple[Any, ...]:
    shares = (point.aligned, point.exempt, point.dead_link, point.unaligned)
    words = (point.connection, point.team or "", point.board, point.kind, point.subject, point.name)
    numbers = (point.items, point.total, *("" if share is None else share for share in shares))
    return (*map(for_csv, words), point.at.isoformat(), point.closed, page.asked.scope, page.measure, *numbers)
