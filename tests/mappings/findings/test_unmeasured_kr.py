"""Nobody measures it."""

from datetime import date
from typing import Any

from mappings.analysis import analyse
from mappings.model import Backlog, Finding, MeasuredValue, Plan
from tests.builders import at, backlog, key_result, plan


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "unmeasured_kr"}


def register(*days: str, **fields: Any) -> Plan:
    values = tuple(MeasuredValue(at(day), 12) for day in days)
    return plan(key_results=(key_result("KR-1", values=values, **fields),))


def test_no_value_for_a_fortnight_nor_since_the_period_began() -> None:
    silent = found(backlog(plans=register("03-06")))["KR-1"]
    assert silent.evidence == {"last_value": "2026-03-06T00:00:00+00:00", "days": "14"}
    assert found(backlog(plans=register("03-06 12:00"))) == {}
    assert found(backlog(plans=register()))["KR-1"].evidence["last_value"] is None
    assert found(backlog(plans=register(since=date(2026, 3, 10)))) == {}


def test_its_own_cadence_counts_and_a_binary_one_is_not_measured() -> None:
    assert found(backlog(plans=register("03-06", cadence_days=30))) == {}
    assert set(found(backlog(plans=register("03-18", cadence_days=1)))) == {"KR-1"}
    assert found(backlog(plans=register(kind="binary"))) == {}
    assert found(backlog(plans=register(until=date(2026, 3, 1)))) == {}
    assert set(found(backlog(plans=register("03-21")))) == {"KR-1"}
