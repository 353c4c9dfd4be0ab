"""The whole answer for a backlog as of a moment: the front door of this package."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from mappings.calendar import INSTANT
from mappings.findings import find_all
from mappings.goals import read_goal
from mappings.model import (
    Analysis,
    Backlog,
    Board,
    Figure,
    Link,
    Measure,
    PeriodReport,
    Scope,
    Sprint,
    SprintReport,
    SprintState,
)
from mappings.progress import read_key_results
from mappings.reckoning import Reckoning
from mappings.rollups import rollups
from mappings.shares import figure_of
from mappings.survey import Survey
from mappings.timeline import BEGINNING

LATE = timedelta(days=1)  # a sprint completed later than this after its planned end says so


def analyse(backlog: Backlog, as_of: datetime | None = None, measure: Measure | None = None) -> Analysis:
    """Everything that formats/ calls the analysis; `measure` overrides that of the settings."""
    return analysis_of(Reckoning(backlog, as_of, measure))


def analysis_of(reckoning: Reckoning) -> Analysis:
    """The same, from what may be asked for more."""
    shown = reckoning.measure
    return Analysis(
        as_of=reckoning.as_of,
        sprints=tuple(sprint_report(reckoning, sprint, shown) for sprint in reckoning.timeline.backlog.sprints),
        periods=tuple(period_reports(reckoning, shown)),
        rollups=tuple(rollups(reckoning, shown)),
        links=all_links(reckoning),
        key_results=read_key_results(reckoning),
        findings=find_all(Survey(reckoning)),
    )


def sprint_report(reckoning: Reckoning, sprint: Sprint, measure: Measure, team: str | None = None) -> SprintReport:
    """A sprint's figures in one measure; with `team` those of that team's items and its sub-teams'."""
    scopes = reckoning.sprints.scopes(sprint, measure)
    figures = {scope: _scope_figure(reckoning, sprint, scope, measure, team) for scope in Scope}
    board = reckoning.timeline.boards[sprint.board]
    final = scopes.placed[Scope.FINAL] or ()
    return SprintReport(
        sprint=sprint,
        state=scopes.state,
        measure=measure,
        goal=read_goal(reckoning.timeline, sprint, reckoning.as_of),
        scopes=figures,
        unknown=scopes.unknown,
        late_close=_is_late(sprint, scopes.state),
        upper_bound=scopes.is_upper_bound,
        outside_filter=sum(1 for each in final if each.item.key in board.filter_excludes),
    )


def _scope_figure(
    reckoning: Reckoning, sprint: Sprint, scope: Scope, measure: Measure, team: str | None
) -> Figure | None:
    if team is None:
        return reckoning.sprints.figure(sprint, scope, measure)
    lines = reckoning.sprints.lines(sprint, scope, measure)
    within = reckoning.register.subteams(team)
    return None if lines is None else figure_of((line for line in lines if line.team in within), measure)


def period_reports(
    reckoning: Reckoning, measure: Measure, boards: Iterable[Board] | None = None
) -> Iterator[PeriodReport]:
    """By board (all, or these) in the order of the file, then by time."""
    for board in reckoning.timeline.backlog.boards if boards is None else boards:
        for period in reckoning.done.periods(board, measure):
            state = SprintState.CLOSED if period.over <= reckoning.as_of else SprintState.ACTIVE
            figure = figure_of(reckoning.done.period_lines(period, measure), measure)
            yield PeriodReport(period.id, board.id, period.first, period.last, state, measure, figure)


def outside_beside(reckoning: Reckoning, sprint: Sprint, measure: Measure) -> Figure | None:
    """The work that the sprint's board did outside sprints between two completions, the last of them this sprint's
    (or now, while it runs); None where there is no item, or the sprint has not started."""
    timeline = reckoning.timeline
    if timeline.sprint_state(sprint, reckoning.as_of) is SprintState.FUTURE:
        return None
    before = completed_before(reckoning, sprint)
    start = BEGINNING if before is None else before + INSTANT
    over = timeline.closing(sprint, reckoning.as_of) + INSTANT
    lines = reckoning.done.outside_between(timeline.boards[sprint.board], start, over, measure)
    return figure_of(lines, measure) if lines else None


def completed_before(reckoning: Reckoning, sprint: Sprint) -> datetime | None:
    """When the sprint before was completed: the board's, or where its sprints name several teams, that team's."""
    timeline = reckoning.timeline
    order = timeline.completion_order(sprint)
    closed = timeline.closed_sprints(sprint.board, timeline.sprint_team(sprint), reckoning.as_of)
    return next((each.completed for each in closed if timeline.completion_order(each) < order), None)


def all_links(reckoning: Reckoning) -> tuple[Link, ...]:
    """The links as of now of every item that is there, by item; of an item by bucket as its tags stand."""
    return tuple(link for key in sorted(reckoning.links) for link in reckoning.links[key])


def _is_late(sprint: Sprint, state: SprintState) -> bool:
    if state is not SprintState.CLOSED or sprint.completed is None or sprint.end is None:
        return False
    return sprint.completed - sprint.end > LATE
