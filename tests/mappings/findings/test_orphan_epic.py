"""An epic that serves no key result."""

from fractions import Fraction

from mappings.analysis import analyse
from mappings.model import Backlog, Condition, Finding, MappingRule
from tests.builders import CREATED, backlog, board, epic, item, plan, sprint


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "orphan_epic"}


RUNNING = sprint(completed=None)
BIG = item("BIG", sprints=("S1",), points=90, tags=("KR-1",))


def test_an_epic_without_key_result_in_any_ancestor_is_an_orphan_by_cost() -> None:
    data = backlog(
        RUNNING, BIG, epic("HIGH"), epic("MEDIUM"), epic("LOW"),
        item("A", parent="HIGH", sprints=("S1",), points=20),
        item("B", parent="MEDIUM", sprints=("S1",), points=1),
        item("C", parent="LOW", points=5),
        item("D", parent="LOW", points=3, status="done"),
    )  # fmt: skip
    orphans = found(data)
    assert {key: each.severity for key, each in orphans.items()} == {"HIGH": "high", "MEDIUM": "medium", "LOW": "low"}
    assert orphans["LOW"].evidence == {
        "age_days": 74, "open_items": 1, "items": ("C", "D"), "total": "8", "remaining": "5", "active_sprint_share": 0,
    }  # fmt: skip


def test_the_costliest_board_decides_and_points_of_boards_are_never_added() -> None:
    data = backlog(
        board(), board("B2"), RUNNING, sprint("G1", completed=None, board="B2"), BIG, epic("E"),
        item("A", parent="E", sprints=("G1",), points=1), item("B", sprints=("G1",), points=9, tags=("KR-1",)),
    )  # fmt: skip
    assert (found(data)["E"].severity, found(data)["E"].evidence["active_sprint_share"]) == ("high", Fraction(1, 10))


def test_an_explicit_none_makes_it_one_step_milder() -> None:
    data = backlog(RUNNING, epic("E", tags=("none",)), item("A", parent="E", sprints=("S1",), points=2))
    assert found(data)["E"].severity == "medium"


def test_tagged_inheriting_ruled_exempt_done_and_undecided_epics_are_no_orphans() -> None:
    rules = (MappingRule(Condition("key", "RULED"), ("KR-1",)), MappingRule(Condition("key", "EXEMPT")))
    data = backlog(
        epic("TOP", tags=("KR-1",), created=CREATED),
        epic("TAGGED", tags=("KR-2",)),
        epic("INHERITS", parent="TOP"),
        epic("RULED"),
        epic("EXEMPT"),
        epic("DONE", status="done"),
        epic("DROPPED", status="dropped"),
        epic("UNDECIDED", parent="NOWHERE"),
        epic("RISK", type="Risk"),
        plans=plan(rules=rules, not_work=("risk",)),
    )
    assert found(data) == {}


def test_an_epic_that_declares_none_is_decided_whatever_is_above_it() -> None:
    assert set(found(backlog(epic("E", tags=("none",), parent="NOWHERE")))) == {"E"}
