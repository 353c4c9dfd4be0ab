"""Tags given at the end."""

from datetime import date
from fractions import Fraction

from mappings.analysis import analyse
from mappings.model import Backlog, Condition, Finding, MappingRule
from tests.builders import at, backlog, item, plan, sprint


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "late_tagging"}


LATE = ("03-13 12:00", {"tags": ("KR-1",)})


def test_more_than_a_third_of_the_aligned_work_tagged_in_the_last_day_or_later() -> None:
    data = backlog(
        sprint(),
        item("A", LATE, sprints=("S1",), points=4),
        item("B", ("03-16", {"tags": ("KR-2",)}), sprints=("S1",), points=0),
        item("C", sprints=("S1",), points=6, tags=("KR-1",)),
    )
    late = found(data)["S1"]
    assert (late.severity, late.evidence) == ("high", {"share": Fraction(2, 5), "items": ("A",)})


def test_a_third_is_not_enough_and_new_items_and_rules_are_not_late() -> None:
    rules = (MappingRule(Condition("key", "R"), ("KR-1",), since=date(2026, 3, 15)),)
    data = backlog(
        sprint(),
        item("A", LATE, sprints=("S1",), points=3),
        item("C", sprints=("S1",), points=7, tags=("KR-1",)),
        item("N", sprints=("S1",), created=at("03-13"), since=at("03-13"), points=50, tags=("KR-2",)),
        item("R", sprints=("S1",), points=40),
        plans=plan(rules=rules),
    )
    assert found(data) == {}


def test_only_what_a_tag_adds_is_late() -> None:
    more = item("A", ("03-14", {"tags": ("KR-1:80",)}), sprints=("S1",), points=10, tags=("KR-1:60",))
    assert found(backlog(sprint(), more)) == {}
    assert found(backlog(sprint(), item("A", sprints=("S1",), points=1))) == {}
