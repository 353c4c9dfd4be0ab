"""Check-ins are kept beside the versions of the plan, and joined in where figures and pages read it."""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction

import pytest
from sqlalchemy import Engine

from integration.store import due, plans
from integration.store.check_ins import (
    CheckIn,
    all_check_ins,
    check_ins_of,
    keep_check_ins,
    last_check_ins,
    take_back,
)
from integration.store.engine import reading, writing
from integration.store.kr_reads import readings
from mappings.model import Exact, KeyResult, KeyResultReading, MeasuredValue
from tests.integration.store.material import day, fresh_store
from tests.reports.key_result_material import TREE, fill_tree
from tests.reports.material import NOW


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    with fresh_store(database_url) as found:
        fill_tree(found)
        yield found


def said(code: str, at: float, value: Exact | None, confidence: Exact | None = None, note: str = "") -> CheckIn:
    return CheckIn(code, day(at), value, confidence, note, "Ada", NOW)


def keep(engine: Engine, *given: CheckIn) -> int:
    with writing(engine) as session:
        return keep_check_ins(session, given, NOW)


def joined(engine: Engine, code: str) -> KeyResult:
    with reading(engine) as session:
        return next(kr for kr in plans.plan_with_values(session, NOW).key_results if kr.code == code)


def values(engine: Engine, code: str) -> list[tuple[datetime, Exact]]:
    return [(one.at, one.value) for one in joined(engine, code).values]


def test_a_value_is_joined_in_with_its_moment_and_later_ones_come_later(engine: Engine) -> None:
    assert keep(engine, said("KR-1", 2, 55), said("KR-1", -10, Fraction(97, 2))) == 2
    assert values(engine, "KR-1")[-4:] == [
        (day(-20), 46), (day(-10), Fraction(97, 2)), (day(-3), 51), (day(2), 55)
    ]  # fmt: skip


def test_of_one_moment_what_was_entered_wins_over_the_register_and_the_last_over_the_first(engine: Engine) -> None:
    keep(engine, said("KR-1", -3, 50))
    keep(engine, said("KR-1", -3, 49, note="miscounted"))
    assert values(engine, "KR-1")[-1] == (day(-3), 49)


def test_the_same_check_in_sent_again_is_passed_over(engine: Engine) -> None:
    keep(engine, said("KR-1", 1, 52), said("KR-1", 1, 53))
    assert keep(engine, said("KR-1", 1, 53)) == 0
    assert keep(engine, said("KR-1", 1, 52)) == 1
    assert values(engine, "KR-1")[-1] == (day(1), 52)


def test_a_check_in_makes_no_version_of_the_plan_and_no_figure_of_a_sprint_due(engine: Engine) -> None:
    with reading(engine) as session:
        before = len(plans.plan_versions(session))
    keep(engine, said("KR-1", 1, 52))
    with reading(engine) as session:
        assert len(plans.plan_versions(session)) == before
        [work] = due.waiting(session)
        assert work.connection == due.OF_ALL
        assert work.key_results == {"KR-1"}
        assert work.everything_since is None


def test_the_version_that_is_changed_and_kept_anew_holds_no_check_in(engine: Engine) -> None:
    keep(engine, said("KR-1", 1, 52))
    with writing(engine) as session:
        assert plans.plan_in_force(session, NOW).key_results == TREE.key_results
        assert plans.apply_plan(session, TREE, NOW, author="Ada") is None


def reading_of(engine: Engine, code: str) -> KeyResultReading:
    with reading(engine) as session:
        [found] = [one for one, _ in readings(session, plans.plan_in_force(session, NOW), NOW) if one.code == code]
    return found


def test_readings_follow_a_check_in(engine: Engine) -> None:
    keep(engine, said("KR-1", 1, 58))
    found = reading_of(engine, "KR-1")
    assert (found.current, found.progress, found.to_go) == (58, Fraction(9, 10), 2)


def test_a_binary_key_result_is_told_by_its_last_confidence(engine: Engine) -> None:
    keep(engine, said("KR-4", 1, None, Fraction(3, 10)), said("KR-4", 2, None, Fraction(7, 10)))
    assert joined(engine, "KR-4").values == (
        MeasuredValue(day(1), Fraction(3, 10)),
        MeasuredValue(day(2), Fraction(7, 10)),
    )
    found = reading_of(engine, "KR-4")
    assert (found.current, found.progress) == (None, Fraction(7, 10))


def test_a_confidence_alone_gives_a_metric_no_value(engine: Engine) -> None:
    keep(engine, said("KR-3", 1, None, Fraction(1, 2)))
    assert values(engine, "KR-3") == []


def test_what_is_taken_back_holds_no_more_and_stays_to_be_seen(engine: Engine) -> None:
    keep(engine, said("KR-1", 1, 99))
    with reading(engine) as session:
        [one] = check_ins_of(session, "KR-1")
    with writing(engine) as session:
        assert take_back(session, one.id, NOW, "Ada", "a slip")
    with writing(engine) as session:
        assert not take_back(session, one.id, NOW, "Ada", "twice")
    assert values(engine, "KR-1")[-1] == (day(-3), 51)
    with reading(engine) as session:
        assert [each.taken_back_why for each in check_ins_of(session, "KR-1")] == ["a slip"]
        assert all_check_ins(session) == ()
        assert last_check_ins(session, NOW) == {}
