"""An epic that says one thing while its children say another."""

from fractions import Fraction

from mappings.analysis import analyse
from mappings.model import Backlog, Finding
from tests.builders import backlog, epic, item


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "contradicting_epic"}


def test_more_than_half_of_the_work_tagged_to_other_key_results_contradicts() -> None:
    other, own = item("A", parent="E", points=3, tags=("KR-2",)), item("B", parent="E", points=2, tags=("KR-1",))
    data = backlog(epic("E", tags=("KR-1",)), other, own)
    assert found(data)["E"].evidence["children"] == {"KR-2": Fraction(3, 5)}
    half = item("C", parent="E", points=1)
    assert found(backlog(epic("E", tags=("KR-1",)), other, own, half)) == {}


def test_an_explicit_none_has_no_key_result_of_its_own_and_dead_tags_only_dangle() -> None:
    child = item("A", parent="E", points=3, tags=("KR-2",))
    assert found(backlog(epic("E", tags=("none",)), child))["E"].evidence["own"] == ()
    assert found(backlog(epic("E", tags=("gone",)), child)) == {}
    assert found(backlog(epic("E"), child)) == {}
