"""An epic all of whose tags are dead."""

from mappings.analysis import analyse
from mappings.model import Backlog, Finding
from tests.builders import backlog, epic, item


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "dangling_epic"}


def test_dead_tags_alone_dangle_and_beside_a_live_one_do_not() -> None:
    data = backlog(
        epic("E", tags=("gone",)), epic("F", tags=("gone, KR-1",)), epic("G"), item("A", parent="E", points=2)
    )
    assert set(found(data)) == {"E"}
    assert found(data)["E"].evidence["tags"] == ("gone",)
    assert {each.subject for each in analyse(data).findings if each.kind == "orphan_epic"} == {"G"}
