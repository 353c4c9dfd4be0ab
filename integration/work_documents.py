"""What is kept beside the answers so that a change need not reckon everything anew: the work of each sprint and each
board in lines, and the census of all items. Pure: a reckoning in, documents out."""

from collections.abc import Iterator
from typing import Any

from integration.answer_documents import NO_MEASURE, Versions, measures
from integration.line_documents import census_data, lines_data, parts_data
from integration.store.kept import Decided
from integration.store.together import CENSUS
from mappings.census import Census
from mappings.known_work import SprintParts
from mappings.model import Board, Measure, Plan, Scope, Sprint
from mappings.reach import Reach, within
from mappings.reckoning import Reckoning
from mappings.rollups import cycle_moment
from mappings.survey import teams_in

SPRINT_WORK = "work"
BOARD_WORK = "done"
ALL = "all"
NO_BOARD = ""  # as a name for the items on no board
Document = dict[str, Any]


def kept_measures(plan: Plan) -> tuple[Measure, ...]:
    """In which measures is work kept? Counts follow from the lines in points."""
    return tuple(measure for measure in measures(plan) if measure is not Measure.COUNT)


def sprint_work(reckoning: Reckoning, reach: Reach, versions: Versions) -> Iterator[Decided]:
    now = versions.at(reckoning.as_of)
    for measure in kept_measures(reckoning.register.plan):
        for sprint in reckoning.timeline.backlog.sprints:
            if within(sprint.id, reach.sprints):
                parts = _parts(reckoning, sprint, measure)
                document = {"about": about(reckoning, sprint), **parts_data(parts)}
                teams = teams_in(reckoning.timeline, sprint, parts.final or ())
                summary = {"about": document["about"], "teams": sorted(team for team in teams if team is not None)}
                yield Decided(SPRINT_WORK, sprint.id, measure.value, document, summary, now)


def _parts(reckoning: Reckoning, sprint: Sprint, measure: Measure) -> SprintParts:
    work = reckoning.sprints
    final, completed = (work.lines(sprint, scope, measure) for scope in (Scope.FINAL, Scope.COMPLETED))
    return SprintParts(final, completed, work.estimates_completed(sprint, measure))


def about(reckoning: Reckoning, sprint: Sprint) -> Document:
    """What of the sprint itself its items' answers, and those of its board, rest on."""
    return {
        "board": sprint.board,
        "team": reckoning.timeline.sprint_team(sprint),
        "state": reckoning.timeline.sprint_state(sprint, reckoning.as_of).value,
        "times": [str(each) for each in (sprint.start, sprint.end, sprint.completed)],
        "day": reckoning.register.days.of(cycle_moment(reckoning, sprint)).isoformat(),
    }


def board_work(reckoning: Reckoning, reach: Reach, versions: Versions) -> Iterator[Decided]:
    now = versions.at(reckoning.as_of)
    boards: list[Board | None] = [*reckoning.timeline.backlog.boards, None]
    for measure in kept_measures(reckoning.register.plan):
        for board in boards:
            name = None if board is None else board.id
            if within(name, reach.boards):
                document = _board_document(reckoning, board, measure)
                yield Decided(BOARD_WORK, board_name(name), measure.value, document, {}, now)


def board_name(board: str | None) -> str:
    return NO_BOARD if board is None else f"board {board}"


def _board_document(reckoning: Reckoning, board: Board | None, measure: Measure) -> Document:
    done = reckoning.done
    periods = (
        {}
        if board is None
        else {
            period.first.isoformat(): lines_data(done.period_lines(period, measure))
            for period in done.periods(board, measure)
        }
    )
    cycles = reckoning.register.plan.cycles
    return {
        "items": sorted(done.candidates(board, measure)),
        "outside": {cycle.id: lines_data(done.outside_cycle(board, cycle, measure)) for cycle in cycles},
        "periods": periods,
    }


def census_answer(census: Census, versions: Versions, reckoning: Reckoning) -> Decided:
    document = {"facts": census_data(census)}
    return Decided(CENSUS, ALL, NO_MEASURE, document, {}, versions.at(reckoning.as_of))
