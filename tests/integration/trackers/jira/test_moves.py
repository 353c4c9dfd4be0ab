"""Items that were moved between projects: on which board they were when."""

from datetime import UTC, datetime

from integration.trackers.jira.moves import with_boards_of_then
from mappings.model import ItemState, Status

BOARDS = {"1": "pay", "2": "web"}


def day(number: int) -> datetime:
    return datetime(2026, 2, number, tzinfo=UTC)


def moved(number: int, before: str, after: str) -> dict[str, object]:
    items = [
        {"field": "project", "fieldId": "project", "from": before, "to": after},
        {"field": "Key", "from": None, "fromString": "PAY-1", "to": None, "toString": "WEB-1"},
    ]
    return {"id": str(number), "created": day(number).isoformat(), "items": items}


def state(number: int, board: str | None, status: Status = Status.TODO) -> ItemState:
    return ItemState(day(number), status=status, board=board)


def test_an_item_that_never_moved_keeps_its_board() -> None:
    states = (state(1, "pay"), state(3, "pay", Status.DONE))
    assert with_boards_of_then(states, [{"items": [{"field": "status"}]}], BOARDS.get) is states


def test_before_a_move_an_item_was_on_the_board_of_its_project_of_then() -> None:
    states = (state(1, "web"), state(3, "web", Status.DONE))
    found = with_boards_of_then(states, [moved(5, "1", "2")], BOARDS.get)
    assert found == (state(1, "pay"), state(3, "pay", Status.DONE), state(5, "web", Status.DONE))


def test_a_change_in_the_moment_of_the_move_is_one_state() -> None:
    states = (state(1, "web"), state(5, "web", Status.DOING))
    found = with_boards_of_then(states, [moved(5, "1", "2")], BOARDS.get)
    assert found == (state(1, "pay"), state(5, "web", Status.DOING))


def test_moves_are_told_in_any_order_and_lead_out_of_sight_and_back() -> None:
    found = with_boards_of_then((state(1, "pay"),), [moved(7, "9", "1"), moved(4, "1", "9")], BOARDS.get)
    assert found == (state(1, "pay"), state(4, None), state(7, "pay"))


def test_a_move_before_the_first_state_changes_nothing_before_it() -> None:
    assert with_boards_of_then((state(3, "web"),), [moved(2, "1", "2")], BOARDS.get) == (state(3, "web"),)
