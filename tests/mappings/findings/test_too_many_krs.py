"""Too many key results."""

from datetime import date

from mappings.analysis import analyse
from mappings.model import Backlog, Finding
from tests.builders import backlog, key_result, plan


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "too_many_krs"}


def test_more_than_five_that_are_not_over() -> None:
    krs = [key_result(f"K{n}") for n in range(6)]
    assert len(found(backlog(plans=plan(key_results=tuple(krs))))["O1"].evidence["key_results"]) == 6  # type: ignore[arg-type]
    krs[0] = key_result("K0", until=date(2026, 3, 19))
    assert found(backlog(plans=plan(key_results=tuple(krs)))) == {}
