"""Hardly anything is tagged yet."""

from mappings.analysis import analyse
from mappings.model import Backlog, Finding, Item
from tests.builders import backlog, epic, item


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "untagged_backlog"}


def stories(tagged: int, count: int) -> list[Item]:
    return [item(f"A{n}", parent="E", tags=("KR-1",) if n < tagged else ()) for n in range(count)]


def test_one_finding_stands_in_place_of_all_orphans() -> None:
    data = backlog(epic("E"), epic("F"), *stories(0, 20))
    assert {each.kind for each in analyse(data).findings} == {"untagged_backlog"}
    one = found(data)["backlog"]
    assert (one.severity, one.evidence["tagged"], one.evidence["open_items"]) == ("high", 0, 20)
    epics = one.evidence["epics"]
    assert isinstance(epics, tuple)
    assert [each["epic"] for each in epics] == ["E", "F"]


def test_it_is_not_raised_of_few_items_nor_where_one_in_twenty_is_tagged() -> None:
    assert found(backlog(epic("E"), *stories(0, 19))) == {}
    assert found(backlog(epic("E"), *stories(1, 20))) == {}
    assert set(found(backlog(epic("E"), *stories(1, 21)))) == {"backlog"}
    assert found(backlog(epic("E", tags=("none",)), *stories(0, 20))) == {}
