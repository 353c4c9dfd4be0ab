"""Only true or false."""

from datetime import date

from mappings.analysis import analyse
from mappings.model import Backlog, Finding
from tests.builders import backlog, key_result, plan


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "binary_kr"}


def test_a_declared_binary_key_result_is_told_until_it_is_over() -> None:
    over = key_result("B", kind="binary", until=date(2026, 3, 19), title="Certified by the auditor")
    named = key_result("A", kind="binary", title="Certified by the auditor")
    assert set(found(backlog(plans=plan(key_results=(named, over))))) == {"A"}
