"""A goal that names other key results than the work serves."""

from mappings.analysis import analyse
from mappings.model import Backlog, Finding, Item
from tests.builders import backlog, item, sprint


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "goal_work_mismatch"}


def work(kr1: int, kr2: int, rest: int) -> list[Item]:
    return [
        item("A", sprints=("S1",), points=kr1, tags=("KR-1",)),
        item("B", sprints=("S1",), points=kr2, tags=("KR-2",)),
        item("C", sprints=("S1",), points=rest),
    ]


def test_a_named_key_result_under_a_fifth_is_starved() -> None:
    running = sprint(completed=None, goal="Move KR-1")
    assert found(backlog(running, *work(19, 0, 81)))["S1"].evidence == {"starved": ("KR-1",), "unnamed": ()}
    assert found(backlog(running, *work(20, 0, 80))) == {}


def test_more_than_half_for_key_results_that_the_goal_does_not_mention() -> None:
    closed = sprint(goal="Move KR-1")
    assert found(backlog(closed, *work(20, 51, 29)))["S1"].evidence == {"starved": (), "unnamed": ("KR-2",)}
    assert found(backlog(closed, *work(20, 50, 30))) == {}


def test_a_goal_that_names_none_or_a_sprint_without_work_cannot_mismatch() -> None:
    assert found(backlog(sprint(goal="Be better"), *work(0, 9, 0))) == {}
    assert found(backlog(sprint(goal="Move KR-1"))) == {}
