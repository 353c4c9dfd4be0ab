"""A split that is not kept."""

from mappings.analysis import analyse
from mappings.model import Backlog, Finding, Plan, Split, Team
from tests.builders import backlog, item, key_result, objective, plan, three_sprints


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "off_balance"}


def split(primary: int, secondary: int, exploration: int = 0, horizon: str | None = "primary") -> Plan:
    """KR-1 is for an objective of `horizon`, KR-2 for a secondary one."""
    return plan(
        teams=(Team("Payments", split=Split(primary, secondary, exploration)), Team("Plain")),
        objectives=(objective("O1", horizon=horizon), objective("O2", horizon="secondary")),
        key_results=(key_result("KR-1"), key_result("KR-2", "O2")),
    )


def test_more_than_fifteen_points_off_in_each_of_three_sprints() -> None:
    assert found(backlog(*three_sprints(84, 16), plans=split(100, 0)))["Payments"].evidence == {
        "sprints": ("S2", "S1", "S0")
    }
    assert found(backlog(*three_sprints(85, 15), plans=split(100, 0))) == {}


def test_work_without_a_horizon_is_left_out_and_three_sprints_are_needed() -> None:
    assert found(backlog(*three_sprints(99, 1), plans=split(0, 100, horizon=None))) == {}
    assert found(backlog(*three_sprints(0, 0), plans=split(100, 0))) == {}
    assert found(backlog(*three_sprints(50, 50)[:6], plans=split(100, 0))) == {}
    loose = item("Z", sprints=("S0",), points=5)
    assert set(found(backlog(*three_sprints(50, 50), loose, plans=split(100, 0)))) == {"Payments"}
