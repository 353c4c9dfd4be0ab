"""Figures of boards, teams and the company for a cycle: numerators and denominators are added, never percentages."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from mappings.model import Board, Cycle, Figure, Measure, ObjectiveShare, Rollup, Scope, SprintState
from mappings.reckoning import Reckoning
from mappings.shares import Entry, figure_of, normalised_figure, together
from mappings.tags import subteams

COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Source:
    """The entries of one sprint or period, and the moment that orders it among the others."""

    id: str
    is_period: bool
    board: str
    order: tuple[datetime, int]
    entries: tuple[Entry, ...]


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
    outside: tuple[Entry, ...]


def rollups(reckoning: Reckoning, measure: Measure, scope: Scope = Scope.COMPLETED) -> Iterator[Rollup]:
    """All rows that have an item: for each cycle by board, by team (by name) and for the company."""
    for cycle in reckoning.register.plan.cycles:
        works = {each: _work(reckoning, cycle, scope, each) for each in _measures(measure)}
        for subject in _subjects(reckoning, works[measure]):
            for shown in _shown(subject, measure):
                work = works[Measure.POINTS if shown is Measure.POINTS_NORMALISED else shown]
                row = _row(reckoning, subject, shown, work)
                if row is not None:
                    yield row


def _work(reckoning: Reckoning, cycle: Cycle, scope: Scope, measure: Measure) -> Work:
    sources = tuple(_sources(reckoning, cycle, scope, measure))
    return Work(cycle, scope, sources, tuple(_outside(reckoning, cycle, measure)))


def _measures(measure: Measure) -> tuple[Measure, ...]:
    """The measures whose entries are needed: team and company rows of points are also told in count."""
    return (Measure.POINTS, Measure.COUNT) if measure is Measure.POINTS else (measure,)


def _shown(subject: Subject, measure: Measure) -> tuple[Measure, ...]:
    if measure is Measure.POINTS and subject.by != "board":
        return (Measure.COUNT, Measure.POINTS_NORMALISED)
    return (measure,)


def _subjects(reckoning: Reckoning, work: Work) -> Iterator[Subject]:
    for board in reckoning.timeline.backlog.boards:
        yield Subject("board", board.id, board=board.id)
    plan = reckoning.register.plan
    entries = [entry for source in work.sources for entry in source.entries] + list(work.outside)
    named = {team.name for team in plan.teams} | {entry.team for entry in entries if entry.team is not None}
    for name in sorted(named):
        yield Subject("team", name, teams=subteams(plan.teams, name))
    yield Subject(COMPANY, COMPANY)


def _row(reckoning: Reckoning, subject: Subject, measure: Measure, work: Work) -> Rollup | None:
    own = [_restricted(source, subject) for source in work.sources if subject.has_board(source.board)]
    if subject.by == "team":
        own = [source for source in own if source.entries]
    entries = _each_once(own, measure)
    beside = [entry for entry in work.outside if subject.has_board(entry.board) and subject.has_team(entry.team)]
    if not entries and not beside:
        return None
    figure = _figure(entries, measure)
    return Rollup(
        by=subject.by,
        subject=subject.name,
        cycle=work.cycle.id,
        measure=measure,
        scope=work.scope,
        sprints=tuple(source.id for source in own if not source.is_period),
        periods=tuple(source.id for source in own if source.is_period),
        figure=figure,
        objectives=objective_shares(reckoning, figure, entries),
        outside=_figure(beside, measure) if beside else None,
    )


def objective_shares(reckoning: Reckoning, figure: Figure, entries: Sequence[Entry]) -> tuple[ObjectiveShare, ...]:
    """The objectives of the figure's KRs, each the sum of its KRs; largest share first, then by id."""
    labels = {code: kr.objective for code, kr in reckoning.register.key_results.items()}
    parts = together(figure, entries, labels)
    found = [ObjectiveShare(name, part) for name, part in parts.items()]
    return tuple(sorted(found, key=lambda each: (-each.part.amount, each.objective)))


def _figure(entries: Iterable[Entry], measure: Measure) -> Figure:
    return normalised_figure(entries) if measure is Measure.POINTS_NORMALISED else figure_of(entries, measure)


def _restricted(source: Source, subject: Subject) -> Source:
    return (
        source
        if subject.teams is None
        else replace(source, entries=tuple(entry for entry in source.entries if subject.has_team(entry.team)))
    )


def _each_once(sources: Iterable[Source], measure: Measure) -> list[Entry]:
    """Each item as in the last sprint or period that holds it; logged time adds over all of them."""
    ordered = sorted(sources, key=lambda source: source.order)
    if measure is Measure.TIME_SPENT:
        return [entry for source in ordered for entry in source.entries]
    return list({entry.item: entry for source in ordered for entry in source.entries}.values())


def _sources(reckoning: Reckoning, cycle: Cycle, scope: Scope, measure: Measure) -> list[Source]:
    """The sprints and periods that belong to the cycle and have the scope, in the order of the file."""
    timeline, days = reckoning.timeline, reckoning.register.days
    found: list[Source] = []
    for number, sprint in enumerate(timeline.backlog.sprints):
        state = timeline.sprint_state(sprint, reckoning.as_of)
        closed = state is SprintState.CLOSED and sprint.completed is not None
        moment = timeline.closing(sprint, reckoning.as_of)
        day = days.of(moment if closed else max(moment, sprint.end or moment))
        entries = reckoning.entries(sprint, scope, measure) if _holds(cycle, day) else None
        if entries is not None:
            found.append(Source(sprint.id, False, sprint.board, (moment, number), entries))
    if scope is Scope.COMPLETED:
        offset = len(timeline.backlog.sprints)
        for board in timeline.backlog.boards:
            found += _period_sources(reckoning, board, cycle, measure, offset + len(found))
    return found


def _period_sources(
    reckoning: Reckoning, board: Board, cycle: Cycle, measure: Measure, offset: int
) -> Iterator[Source]:
    periods = (period for period in reckoning.periods(board, measure) if _holds(cycle, period.last))
    for number, period in enumerate(periods, start=offset):
        order = (min(period.over, reckoning.as_of), number)
        yield Source(period.id, True, board.id, order, reckoning.period_entries(period, measure))


def _holds(cycle: Cycle, day: date) -> bool:
    return cycle.start <= day <= cycle.end


def _outside(reckoning: Reckoning, cycle: Cycle, measure: Measure) -> list[Entry]:
    boards: list[Board | None] = [*reckoning.timeline.backlog.boards, None]
    return [entry for board in boards for entry in reckoning.outside_entries(board, cycle, measure)]
