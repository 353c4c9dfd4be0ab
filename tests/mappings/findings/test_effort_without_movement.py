"""Much work, and no movement."""

from typing import Any

from mappings.analysis import analyse
from mappings.model import Backlog, Finding, MeasuredValue, Plan
from tests.builders import at, backlog, key_result, plan, three_sprints


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "effort_without_movement"}


def register(*values: tuple[str, int], **fields: Any) -> Plan:
    measured = tuple(MeasuredValue(at(moment), value) for moment, value in values)
    return plan(key_results=(key_result("KR-1", values=measured, **fields), key_result("KR-2")))


def test_a_fed_key_result_that_is_no_nearer_is_stuck() -> None:
    stuck = found(backlog(*three_sprints(30, 70), plans=register(("01-10", 14), ("03-10", 14))))["KR-1"]
    assert stuck.evidence["to_go_then"] == stuck.evidence["to_go_now"] == "6"
    assert found(backlog(*three_sprints(30, 70), plans=register(("01-10", 14), ("03-10", 15)))) == {}


def test_without_a_value_before_the_baseline_stands_and_without_one_since_nothing_is_said() -> None:
    assert set(found(backlog(*three_sprints(30, 70), plans=register(("03-10", 9))))) == {"KR-1"}
    assert found(backlog(*three_sprints(30, 70), plans=register(("01-10", 9)))) == {}
    assert found(backlog(*three_sprints(30, 70), plans=register(("03-10", 9), target=None))) == {}


def test_little_work_a_reached_target_and_a_binary_one_are_not_stuck() -> None:
    assert found(backlog(*three_sprints(20, 80), plans=register(("03-10", 9)))) == {}
    assert found(backlog(*three_sprints(30, 70), plans=register(("01-10", 20), ("03-10", 20)))) == {}
    assert found(backlog(*three_sprints(30, 70), plans=register(("03-10", 9), kind="binary"))) == {}
    assert found(backlog(*three_sprints(30, 70)[:3], plans=register(("03-10", 9)))) == {}
