"""A sprint without a goal."""

from mappings.analysis import analyse
from mappings.model import Backlog, Finding, Goal
from tests.builders import backlog, future, sprint


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "missing_goal"}


def test_active_sprints_and_the_next_one_to_start_need_a_goal() -> None:
    data = backlog(
        sprint("CLOSED", "02-02 09:00", "02-13 17:00", goal=""),
        sprint("ACTIVE", completed=None, goal=" "),
        sprint("FINE", completed=None, goal="Shops open in a day"),
        future("LATER", goals=(Goal(None, ""),)),
        future("NEXT", "03-30", goals=()),
        future("THIRD", "04-30", goals=()),
    )
    assert {key: each.severity for key, each in found(data).items()} == {"ACTIVE": "high", "NEXT": "high"}


def test_of_a_source_that_tells_no_goals_none_is_missed() -> None:
    data = backlog(sprint("ACTIVE", completed=None, goal=None, goal_known=False), future("NEXT", goal_known=False))
    assert found(data) == {}
    goals = [report.goal for report in analyse(data).sprints]
    assert {(goal.text, goal.verdict, goal.confidence, goal.is_known) for goal in goals} == {(None, None, None, False)}
