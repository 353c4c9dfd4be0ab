"""A sprint for everything."""

from mappings.analysis import analyse
from mappings.model import Backlog, Finding
from tests.builders import backlog, item, key_result, plan, sprint


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "scattered_sprint"}


MANY = plan(key_results=tuple(key_result(f"K{n}") for n in range(6)))


def test_more_than_five_key_results_scatter_a_sprint() -> None:
    parts = [item(f"A{n}", sprints=("S1",), points=1, tags=(f"K{n}",)) for n in range(6)]
    assert found(backlog(sprint(), *parts, plans=MANY))["S1"].evidence == {
        "key_results": tuple(f"K{n}" for n in range(6))
    }
    assert found(backlog(sprint(), *parts[:5], item("Z", sprints=("S1",), points=0, tags=("K5",)), plans=MANY)) == {}
