"""Weights over a hundred."""

from mappings.analysis import analyse
from mappings.model import Backlog, Finding
from tests.builders import backlog, item


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "over_allocated"}


def test_weights_over_a_hundred_are_told_of_the_item() -> None:
    assert set(found(backlog(item("A", tags=("KR-1:90, KR-2:20",)), item("B", tags=("KR-1:90, KR-2:10",))))) == {"A"}
