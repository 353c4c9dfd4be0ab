"""Figures of boards, teams and the company for a cycle: numerators and denominators are added, never percentages."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from mappings.known_work import Lines
from mappings.model import (
    Board,
    Cycle,
    Figure,
    Measure,
    ObjectiveShare,
    ReceiptLine,
    Rollup,
    Scope,
    Sprint,
    SprintState,
)
from mappings.reach import EVERYTHING, Reach, within
from mappings.reckoning import Reckoning
from mappings.shares import figure_of, normalised_figure, together

BOARD, TEAM, COMPANY = "board", "team", "company"
ALL_SORTS = frozenset({BOARD, TEAM, COMPANY})


@dataclass(frozen=True, slots=True)
class Source:
    """The lines of one sprint or period, and the moment that orders it among the others."""

    id: str
    is_period: bool
    board: str
    order: tuple[datetime, int]
    lines: Lines
    teams: frozenset[str | None]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose roll-up: one board's work, that of a team and its sub-teams, or all."""

    by: str
    name: str
    board: str | None = None
    teams: frozenset[str] | None = None

    def has_board(self, board: str | None) -> bool:
        return self.board is None or board == self.board

    def has_team(self, team: str | None) -> bool:
        return self.teams is None or team in self.teams


@dataclass(frozen=True, slots=True)
class Work:
    """All work of a cycle in one measure: in the scope of its sprints and periods, and outside sprints."""

    cycle: Cycle
    scope: Scope
    sources: tuple[Source, ...]
    outside: Lines


def rollups(
    reckoning: Reckoning,
    measure: Measure,
    scope: Scope = Scope.COMPLETED,
    reach: Reach = EVERYTHING,
    sorts: Collection[str] = ALL_SORTS,
) -> Iterator[Rollup]:
    """All rows that have an item: for each cycle by board, by team (by name) and for the company."""
    boards = reach.boards if sorts == {BOARD} else None
    for cycle in (each for each in reckoning.register.plan.cycles if within(each.id, reach.cycles)):
        works = {each: _work(reckoning, cycle, scope, each, boards) for each in _measures(measure)}
        for subject in _subjects(reckoning, works[measure], reach, sorts):
            for shown in _shown(subject, measure):
                work = works[Measure.POINTS if shown is Measure.POINTS_NORMALISED else shown]
                row = _row(reckoning, subject, shown, work)
                if row is not None:
                    yield row


def _work(
    reckoning: Reckoning, cycle: Cycle, scope: Scope, measure: Measure, boards: frozenset[str | None] | None
) -> Work:
    """`boards`: of these alone, None: of all."""
    sources = tuple(_sources(reckoning, cycle, scope, measure, boards))
    return Work(cycle, scope, sources, tuple(_outside(reckoning, cycle, measure, boards)))


def _measures(measure: Measure) -> tuple[Measure, ...]:
    """The measures whose lines are needed: team and company rows of points are also told in count."""
    return (Measure.POINTS, Measure.COUNT) if measure is Measure.POINTS else (measure,)


def _shown(subject: Subject, measure: Measure) -> tuple[Measure, ...]:
    if measure is Measure.POINTS and subject.by != BOARD:
        return (Measure.COUNT, Measure.POINTS_NORMALISED)
    return (measure,)


def _subjects(reckoning: Reckoning, work: Work, reach: Reach, sorts: Collection[str]) -> Iterator[Subject]:
    if BOARD in sorts:
        for board in reckoning.timeline.backlog.boards:
            if within(board.id, reach.boards):
                yield Subject(BOARD, board.id, board=board.id)
    if TEAM in sorts:
        yield from _team_subjects(reckoning, work, reach)
    if COMPANY in sorts:
        yield Subject(COMPANY, COMPANY)


def _team_subjects(reckoning: Reckoning, work: Work, reach: Reach) -> Iterator[Subject]:
    plan = reckoning.register.plan
    lines = [line for source in work.sources for line in source.lines] + list(work.outside)
    named = {team.name for team in plan.teams} | {line.team for line in lines if line.team is not None}
    for name in sorted(name for name in named if within(name, reach.teams)):
        yield Subject(TEAM, name, teams=reckoning.register.subteams(name))


def _row(reckoning: Reckoning, subject: Subject, measure: Measure, work: Work) -> Rollup | None:
    own = [_restricted(source, subject) for source in work.sources if subject.has_board(source.board)]
    if subject.by == TEAM:
        own = [source for source in own if source.lines]
    lines = _each_once(own, measure)
    beside = [line for line in work.outside if subject.has_board(line.board) and subject.has_team(line.team)]
    if not lines and not beside:
        return None
    figure = _figure(lines, measure)
    return Rollup(
        by=subject.by,
        subject=subject.name,
        cycle=work.cycle.id,
        measure=measure,
        scope=work.scope,
        sprints=tuple(source.id for source in own if not source.is_period),
        periods=tuple(source.id for source in own if source.is_period),
        figure=figure,
        objectives=objective_shares(reckoning, figure),
        outside=_figure(beside, measure) if beside else None,
    )


def objective_shares(reckoning: Reckoning, figure: Figure) -> tuple[ObjectiveShare, ...]:
    """The objectives of the figure's KRs, each the sum of its KRs; largest share first, then by id."""
    labels = {code: kr.objective for code, kr in reckoning.register.key_results.items()}
    parts = together(figure, labels)
    found = [ObjectiveShare(name, part) for name, part in parts.items()]
    return tuple(sorted(found, key=lambda each: (-each.part.amount, each.objective)))


def _figure(lines: Iterable[ReceiptLine], measure: Measure) -> Figure:
    return normalised_figure(lines) if measure is Measure.POINTS_NORMALISED else figure_of(lines, measure)


def _restricted(source: Source, subject: Subject) -> Source:
    if subject.teams is None or source.teams <= subject.teams:
        return source
    if source.teams.isdisjoint(subject.teams):
        return replace(source, lines=())
    return replace(source, lines=tuple(line for line in source.lines if subject.has_team(line.team)))


def _each_once(sources: Iterable[Source], measure: Measure) -> list[ReceiptLine]:
    """Each item as in the last sprint or period that holds it; logged time adds over all of them."""
    ordered = sorted(sources, key=lambda source: source.order)
    if measure is Measure.TIME_SPENT:
        return [line for source in ordered for line in source.lines]
    return list({line.item: line for source in ordered for line in source.lines}.values())


def _sources(
    reckoning: Reckoning, cycle: Cycle, scope: Scope, measure: Measure, boards: frozenset[str | None] | None
) -> list[Source]:
    """The sprints and periods that belong to the cycle and have the scope, in the order of the file."""
    timeline, days = reckoning.timeline, reckoning.register.days
    found: list[Source] = []
    for number, sprint in enumerate(timeline.backlog.sprints):
        moment = timeline.closing(sprint, reckoning.as_of)
        holds = within(sprint.board, boards) and _holds(cycle, days.of(cycle_moment(reckoning, sprint)))
        lines = reckoning.sprints.lines(sprint, scope, measure) if holds else None
        if lines is not None:
            found.append(_source(sprint.id, False, sprint.board, (moment, number), lines))
    if scope is Scope.COMPLETED:
        offset = len(timeline.backlog.sprints)
        for board in (each for each in timeline.backlog.boards if within(each.id, boards)):
            found += _period_sources(reckoning, board, cycle, measure, offset + len(found))
    return found


def cycle_moment(reckoning: Reckoning, sprint: Sprint) -> datetime:
    """The moment that tells to which cycle a sprint belongs: its completion; while open, its planned end or now."""
    moment = reckoning.timeline.closing(sprint, reckoning.as_of)
    state = reckoning.timeline.sprint_state(sprint, reckoning.as_of)
    closed = state is SprintState.CLOSED and sprint.completed is not None
    return moment if closed else max(moment, sprint.end or moment)


def _period_sources(
    reckoning: Reckoning, board: Board, cycle: Cycle, measure: Measure, offset: int
) -> Iterator[Source]:
    periods = (period for period in reckoning.done.periods(board, measure) if _holds(cycle, period.last))
    for number, period in enumerate(periods, start=offset):
        order = (min(period.over, reckoning.as_of), number)
        yield _source(period.id, True, board.id, order, reckoning.done.period_lines(period, measure))


def _source(name: str, is_period: bool, board: str, order: tuple[datetime, int], lines: Lines) -> Source:
    return Source(name, is_period, board, order, lines, frozenset(line.team for line in lines))


def _holds(cycle: Cycle, day: date) -> bool:
    return cycle.start <= day <= cycle.end


def _outside(
    reckoning: Reckoning, cycle: Cycle, measure: Measure, wanted: frozenset[str | None] | None
) -> list[ReceiptLine]:
    every: list[Board | None] = [*reckoning.timeline.backlog.boards, None]
    boards = (board for board in every if within(None if board is None else board.id, wanted))
    return [line for board in boards for line in reckoning.done.outside_cycle(board, cycle, measure)]
