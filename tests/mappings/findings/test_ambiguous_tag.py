"""Tags that may mean several key results."""

from mappings.analysis import analyse
from mappings.model import Backlog, Finding
from tests.builders import backlog, item, key_result, plan


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "ambiguous_tag"}


def test_the_evidence_says_what_it_may_mean() -> None:
    twice = plan(key_results=(key_result("A1", aliases=("x",)), key_result("A2", aliases=("x",))))
    data = backlog(item("A", tags=("x",)), item("B", tags=("A1",)), plans=twice)
    assert {key: each.evidence for key, each in found(data).items()} == {"A": {"tags": {"x": ("A1", "A2")}}}
