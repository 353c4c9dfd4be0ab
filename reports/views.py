"""What each page needs, as plain values: read in one view of the store with a constant number of statements."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integration.behind import in_words
from integration.calling import CallsTold, told_of_all
from integration.contract import FILE
from integration.imports import aging
from integration.store import page_reads, reads
from integration.store.connections import connection_names
from integration.store.opened import Store
from integration.store.page_reads import PeriodLine
from integration.store.reads import BoardLine, ConnectionHealth, SprintLine
from integration.store.trends import TrendPoint
from mappings.model import KeyResult, Measure, Plan
from mappings.tags import Register
from reports.addresses import board_address, period_receipt_address, receipt_address, sprint_address
from reports.figures import Bar, Document, Names, bar_of, names_of

SCOPES = ("committed", "added", "removed", "final", "completed", "done_before", "dropped", "carried_over")
BARS = ("committed", "final", "completed")
OTHER_SCOPES = tuple(scope for scope in SCOPES if scope not in BARS)
MEASURES = {
    "points": "points",
    "points_normalised": "points, scaled by board",
    "count": "items",
    "time_spent": "time spent",
    "original_estimate": "original estimate",
}
LATE = 900  # seconds without news of a connection's site, after which a page says so


@dataclass(frozen=True, slots=True)
class Ground:
    """What every page shows: the moment, the measure that holds, and which version of the answers this is."""

    as_of: datetime
    pulse: int
    measure: str
    measures: tuple[str, ...]  # that of the settings first, then points and count
    unestimated: str
    time_zone: str
    plan: Plan
    names: Names
    connections: tuple[str, ...]
    own: Mapping[str, frozenset[str]] = field(default_factory=dict)  # codes by the connection that brought them itself
    brought_by: Mapping[str, str] = field(default_factory=dict)  # that connection, of what `plan` names by such a code

    @property
    def is_several(self) -> bool:
        """Whether a name may be that of two things, so that its connection must be said."""
        return len(self.connections) > 1

    def name_of(self, point: TrendPoint) -> str:
        """A sprint or period as lists of several connections name it."""
        return f"{point.name} ({point.connection})" if self.is_several else point.name

    def key_results_of(self, connection: str) -> tuple[KeyResult, ...]:
        """Those that the work of a connection may serve."""
        codes = self.own.get(connection)
        others = frozenset[str]().union(*self.own.values())
        known = self.plan.key_results
        return tuple(kr for kr in known if (kr.code in codes if codes is not None else kr.code not in others))


@dataclass(frozen=True, slots=True)
class SprintCard:
    sprint: SprintLine
    bar: Bar | None  # None: not decided yet, or there is nothing in that scope
    goal: Document | None
    href: str


@dataclass(frozen=True, slots=True)
class PeriodCard:
    id: str
    start: str
    end: str
    state: str
    bar: Bar | None


@dataclass(frozen=True, slots=True)
class BoardCard:
    board: BoardLine
    sprints: tuple[SprintCard, ...]
    periods: tuple[PeriodCard, ...]
    href: str


@dataclass(frozen=True, slots=True)
class BoardsPage:
    ground: Ground
    measure: str
    boards: tuple[BoardCard, ...]
    connections: tuple["ConnectionView", ...]
    findings: Mapping[str, int]  # open ones by severity
    waits_for: str  # connection or backlog; "": all is read

    @property
    def is_untied(self) -> bool:
        """There are key results and running work, and not a point of it names one."""
        bars = [one.bar for card in self.boards for one in card.sprints]
        bars += [one.bar for card in self.boards for one in card.periods]
        kinds = {segment.kind for bar in bars if bar is not None for segment in bar.segments}
        return bool(kinds and self.ground.plan.key_results) and kinds.isdisjoint({"key_result", "dead_link"})


@dataclass(frozen=True, slots=True)
class BoardPage:
    ground: Ground
    measure: str
    board: BoardLine
    sprints: tuple[SprintCard, ...]
    periods: tuple[PeriodCard, ...]


@dataclass(frozen=True, slots=True)
class ConnectionView:
    health: ConnectionHealth
    state: str  # fine, late, broken, filling, new
    words: str


@dataclass(frozen=True, slots=True)
class ConnectionsPage:
    ground: Ground
    connections: tuple[ConnectionView, ...]
    calls: Mapping[str, CallsTold]  # by connection


def teams_of(ground: Ground, team: str | None) -> frozenset[str]:
    """The team and those above it: a role for any of these holds for it."""
    return frozenset(Register(ground.plan).teams_above(team))


def ground_of(session: Any, now: datetime) -> Ground:
    plans = page_reads.plans_of_now(session, now)
    plan, settings = plans.plan, plans.plan.settings
    measure = settings.measure.value
    policy = ", ".join(f"{kind}: {value}" if kind != "*" else str(value) for kind, value in settings.unestimated)
    return Ground(
        as_of=now,
        pulse=reads.pulse(session),
        measure=measure,
        measures=tuple(dict.fromkeys((measure, Measure.POINTS.value, Measure.COUNT.value))),
        unestimated=policy,
        time_zone=settings.time_zone,
        plan=plan,
        names=names_of(plan),
        connections=connection_names(session),
        own=plans.own,
        brought_by=plans.brought_by,
    )


def time_zone(store: Store, now: datetime) -> str:
    with store.reading() as session:
        return page_reads.plan_of_now(session, now).settings.time_zone


def waits_for(session: Any) -> str:
    """What must come before an empty page may say that all is well: a connection, or its whole backlog."""
    health = reads.connections(session)
    if not health:
        return "connection"
    is_reading = any(
        one.last_sync_at is None or (one.backfill is not None and one.backfill.finished_at is None) for one in health
    )
    return "backlog" if is_reading else ""


def pulse(store: Store) -> int:
    with store.reading() as session:
        return reads.pulse(session)


# --- boards


def boards_page(store: Store, now: datetime, measure: str | None) -> BoardsPage:
    with store.reading() as session:
        ground = ground_of(session, now)
        chosen = chosen_measure(ground, measure)
        boards = reads.boards_with_running_sprints(session, chosen)
        running = page_reads.running_periods(session)
        health = reads.connections(session)
        counts = page_reads.open_findings_by_severity(session)
        waits = waits_for(session)
    cards = tuple(_board_card(ground, chosen, board, sprints, running) for board, sprints in boards)
    lines = tuple(connection_view(one, now) for one in health)
    return BoardsPage(ground, chosen, cards, lines, counts, waits)


def board_page(store: Store, now: datetime, connection: str, board: str, measure: str | None) -> BoardPage | None:
    with store.reading() as session:
        ground = ground_of(session, now)
        chosen = chosen_measure(ground, measure)
        line = next((one for one in reads.boards(session, connection) if one.id == board), None)
        sprints = reads.sprints_of_board(session, connection, board, chosen)
        periods = page_reads.periods_of_board(session, connection, board)
    if line is None:
        return None
    cards = tuple(sprint_card(ground, chosen, sprint) for sprint in sprints)
    return BoardPage(ground, chosen, line, cards, tuple(_period_card(ground, period) for period in periods))


def _board_card(
    ground: Ground, measure: str, board: BoardLine, sprints: tuple[SprintLine, ...], running: tuple[PeriodLine, ...]
) -> BoardCard:
    mine = [period for period in running if (period.connection, period.board) == (board.connection, board.id)]
    return BoardCard(
        board=board,
        sprints=tuple(sprint_card(ground, measure, sprint) for sprint in sprints),
        periods=tuple(_period_card(ground, period) for period in mine[-1:]),
        href=board_address(board.connection, board.id),
    )


def sprint_card(ground: Ground, measure: str, sprint: SprintLine) -> SprintCard:
    """A closed sprint shows what was completed, the others what is in them."""
    scope = "completed" if sprint.state == "closed" else "final"
    figure = sprint.summary["scopes"].get(scope) if sprint.summary is not None else None
    bar = None
    if figure is not None:
        bar = sprint_bar(ground, sprint.connection, sprint.id, figure, scope=scope, measure=measure)
    goal = sprint.summary["goal"] if sprint.summary is not None else None
    return SprintCard(sprint, bar, goal, sprint_address(sprint.connection, sprint.id))


def sprint_bar(
    ground: Ground, connection: str, sprint: str, figure: Document, *, scope: str, measure: str, form: str = ""
) -> Bar:
    def address_of(part: str) -> str:
        return receipt_address(connection, sprint, scope, measure, part, form)

    key = f"{connection}/{sprint}/{form}{scope}/{measure}"
    label = scope.replace("_", " ")
    return bar_of(figure, measure, ground.names, address_of, key=key, scope=scope, label=label)


def _period_card(ground: Ground, period: PeriodLine) -> PeriodCard:
    summary = period.summary
    figure = summary["scopes"]["completed"]

    def address_of(part: str) -> str:
        return period_receipt_address(period.connection, summary["id"], summary["measure"], part)

    key = f"{period.connection}/{summary['id']}/completed/{summary['measure']}"
    bar = bar_of(figure, summary["measure"], ground.names, address_of, key=key, scope="completed", label="completed")
    return PeriodCard(summary["id"], summary["start"], summary["end"], summary["state"], bar)


def chosen_measure(ground: Ground, measure: str | None) -> str:
    return measure if measure in ground.measures else ground.measure


# --- connections


def connections_page(store: Store, now: datetime) -> ConnectionsPage:
    with store.reading() as session:
        ground = ground_of(session, now)
        health, made = reads.connections(session), told_of_all(session, now)
    return ConnectionsPage(ground, tuple(connection_view(one, now) for one in health), made)


def connection_view(health: ConnectionHealth, now: datetime) -> ConnectionView:
    state, words = _state_of(health, now)
    return ConnectionView(health, state, words)


def _state_of(health: ConnectionHealth, now: datetime) -> tuple[str, str]:
    backfill = health.backfill
    if health.file is not None and (backfill is None or backfill.finished_at is not None):
        return ("late" if aging.is_old(health.file, now) else "fine"), aging.sentence(health.file, now)
    if health.tracker == FILE and health.file is None:
        return "fine", "A file. A newer one was imported since."  # the day that is asked for lies before that
    if health.last_error is not None:
        return "broken", health.last_error
    if backfill is not None and backfill.finished_at is None:
        of_all = f" of {backfill.total:,}" if backfill.total else ""
        return "filling", f"Its backlog is being fetched: {backfill.done:,}{of_all} items so far."
    if health.last_sync_at is None:
        return "new", "Nothing was fetched yet."
    if (now - health.last_sync_at).total_seconds() > LATE:
        since = in_words(now - health.last_sync_at)
        notice = f" {health.notice}" if health.notice else ""
        return "late", f"Nothing was heard of it for {since}: the figures may be so far behind.{notice}"
    if health.notice is not None:
        return "late", health.notice
    took = f" The last change took {health.lag_seconds} s." if health.lag_seconds else ""
    return "fine", f"At most {in_words(now - health.last_sync_at)} behind.{took}"
