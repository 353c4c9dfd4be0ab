"""An item that was moved to another project was on another board before: its earlier states say so."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from integration.trackers.jira.sprints import moment_of
from mappings.model import ItemState

Move = tuple[datetime, str, str]  # when, from which project, to which


def with_boards_of_then(
    states: tuple[ItemState, ...],
    histories: Iterable[Mapping[str, object]],
    board_of_project: Callable[[str], str | None],
) -> tuple[ItemState, ...]:
    """The states, each on the board of the project in which the item was then."""
    moves = sorted(_moves(histories))
    if not moves:
        return states
    found: list[ItemState] = []
    for moment in sorted({*(state.at for state in states), *(at for at, _, _ in moves if at > states[0].at)}):
        then = [state for state in states if state.at <= moment][-1]
        state = then._replace(at=moment, board=board_of_project(_project_at(moves, moment)))
        if not found or found[-1]._replace(at=moment) != state:
            found.append(state)
    return tuple(found)


def _moves(histories: Iterable[Mapping[str, object]]) -> Iterable[Move]:
    for history in histories:
        items = history.get("items")
        for item in items if isinstance(items, list) else ():
            if not isinstance(item, dict) or str(item.get("field")).casefold() != "project":
                continue
            at = moment_of(history.get("created"))
            if at is not None:
                yield at, str(item.get("from")), str(item.get("to"))


def _project_at(moves: Sequence[Move], moment: datetime) -> str:
    begun = [to for at, _, to in moves if at <= moment]
    return begun[-1] if begun else moves[0][1]
