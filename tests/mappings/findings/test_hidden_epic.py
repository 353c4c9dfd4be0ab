"""A parent that nobody here can see."""

from fractions import Fraction

from mappings.analysis import analyse
from mappings.model import Backlog, Finding
from tests.builders import backlog, item, plan, sprint, subtask


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "hidden_epic"}


def test_the_work_below_it_is_told() -> None:
    data = backlog(
        sprint(completed=None),
        item("A", parent="X-1", sprints=("S1",), points=3),
        item("B", points=1, sprints=("S1",)),
        subtask("T", "X-2"),
        item("R", type="Risk", parent="X-3"),
        plans=plan(not_work=("Risk",)),
    )
    assert set(found(data)) == {"X-1"}
    evidence = found(data)["X-1"].evidence
    assert (evidence["items"], evidence["total"], evidence["active_sprint_share"]) == (("A",), "3", Fraction(3, 4))
