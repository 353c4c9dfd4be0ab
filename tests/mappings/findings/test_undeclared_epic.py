"""An epic whose children say what it serves."""

from mappings.analysis import analyse
from mappings.model import Backlog, Condition, Finding, MappingRule
from tests.builders import backlog, epic, item, plan


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "undeclared_epic"}


def test_at_least_half_of_the_work_tagged_directly_suggests_the_key_results() -> None:
    data = backlog(
        epic("E"),
        item("A", parent="E", points=2, tags=("KR-1",)),
        item("B", parent="E", points=2, tags=("KR-2",)),
        item("C", parent="E", points=4),
    )
    one = found(data)["E"]
    assert (one.severity, one.evidence["key_results"]) == ("medium", ("KR-1", "KR-2"))
    assert "orphan_epic" not in {each.kind for each in analyse(data).findings}


def test_less_than_half_or_a_tag_or_a_rule_of_its_own_is_none() -> None:
    child = item("A", parent="E", points=2, tags=("KR-1",))
    assert found(backlog(epic("E"), child, item("B", parent="E", points=3))) == {}
    assert found(backlog(epic("E", tags=("gone",)), child)) == {}
    assert found(backlog(epic("E"), child, plans=plan(rules=(MappingRule(Condition("key", "E")),)))) == {}
    assert found(backlog(epic("E"), item("Z", parent="E", points=0, tags=("KR-1",)))) == {}
