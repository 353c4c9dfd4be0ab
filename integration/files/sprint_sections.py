"""Reads boards and sprints out of a backlog file's plain data."""

from collections.abc import Mapping
from datetime import datetime

from integration.files.faults import Fault, shown
from integration.files.plan_models import BoardIn, SprintIn
from integration.files.plan_sections import Known, exists, team_is_known, unique
from integration.files.sections import Raw, elements, is_given, names
from mappings.model import Board, Goal, Periods, Sprint, SprintState


def read_boards(raw: Raw, known: Known) -> tuple[Board, ...]:
    unique(raw, "boards", "id")
    found = elements(raw, "boards", BoardIn)
    for index, board in found:
        team_is_known(raw, known, board.team, "boards", index, "team")
    return tuple(
        Board(board.id, board.name, board.team, Periods(board.periods) if board.periods else None) for _, board in found
    )


def read_sprints(raw: Raw, known: Known, boards: tuple[Board, ...], now: datetime | None) -> tuple[Sprint, ...]:
    unique(raw, "sprints", "id")
    named = frozenset(name for _, name in names(raw, "boards", "id"))
    with_periods = {board.id: board.periods for board in boards if board.periods}
    found = elements(raw, "sprints", SprintIn)
    for index, sprint in found:
        exists(raw, "board", sprint.board, sprint.board in named, "sprints", index, "board")
        team_is_known(raw, known, sprint.team, "sprints", index, "team")
        _board_has_sprints(raw, sprint, with_periods, index)
        _times(raw, sprint, now, index)
        if sprint.goal is not None and sprint.goals is not None:
            raw.faults.append(Fault(("sprints", index, "goals"), "goal is given too; keep one of the two"))
    return tuple(_sprint(sprint) for _, sprint in found)


def _board_has_sprints(raw: Raw, sprint: SprintIn, with_periods: Mapping[str, Periods], index: int) -> None:
    if sprint.board in with_periods:
        sentence = f"the board {shown(sprint.board)} has periods (a {with_periods[sprint.board]}), so it has no sprints"
        raw.faults.append(Fault(("sprints", index, "board"), sentence))


def _times(raw: Raw, sprint: SprintIn, now: datetime | None, index: int) -> None:
    """A sprint that began has a start by now; one that is closed, and no other, a completion after it."""

    def note(key: str, sentence: str) -> None:
        raw.faults.append(Fault(("sprints", index, key), sentence))

    is_future = sprint.state == "future"
    if not is_future and not is_given(raw, "sprints", index, "start"):
        note("start", f"is missing; a sprint that is {sprint.state} has one")
    if not is_future and sprint.start is not None and now is not None and sprint.start > now:
        note("start", f'is after "now", but the sprint is {sprint.state}; is it future?')
    if sprint.state == "closed" and not is_given(raw, "sprints", index, "completed"):
        note("completed", "is missing; a closed sprint has one")
    if sprint.state != "closed" and sprint.completed is not None:
        note("completed", f"a sprint that is {sprint.state} has none; take it out, or is it closed?")
    if sprint.completed is not None and now is not None and sprint.completed > now:
        note("completed", 'is after "now"')
    if sprint.completed is not None and sprint.start is not None and sprint.completed <= sprint.start:
        note("completed", "is not after the start")


def _sprint(sprint: SprintIn) -> Sprint:
    return Sprint(
        id=sprint.id,
        board=sprint.board,
        name=sprint.name,
        state=SprintState(sprint.state),
        goals=_goals(sprint),
        start=sprint.start,
        end=sprint.end,
        completed=sprint.completed,
        team=sprint.team,
    )


def _goals(sprint: SprintIn) -> tuple[Goal, ...]:
    """In order of time; of two at the same time the later in the file."""
    if sprint.goal is not None:
        return (Goal(None, sprint.goal),)
    by_time = {goal.at: goal.text for goal in sprint.goals or ()}
    return tuple(Goal(at, by_time[at]) for at in sorted(by_time))
