"""Effort beside movement: fed or starved, moving or stuck, and the reading at the end of a cycle."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from mappings.effort import Grade, Quadrant, grade_of, movement_of, read_effort
from mappings.model import Cycle, Exact, KeyResult, MeasuredValue, Objective, Plan, Settings, Team
from mappings.tags import Register

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=60)


def kr(*values: tuple[int, Exact], **more: object) -> KeyResult:
    measured = tuple(MeasuredValue(START + timedelta(days=at), value) for at, value in values)
    return KeyResult("KR-1", "O1", "A title", **{"baseline": 100, "target": 50, "values": measured, **more})  # type: ignore[arg-type]


def register(one: KeyResult, **more: object) -> Register:
    cycle = Cycle("2026Q1", date(2026, 1, 1), date(2026, 3, 31))
    plan = Plan(teams=(Team("T"),), cycles=(cycle,), objectives=(Objective("O1", "An aim", "T", "2026Q1"),), **more)  # type: ignore[arg-type]
    return Register(Plan(**{name: getattr(plan, name) for name in plan.__slots__} | {"key_results": (one,)}))


@pytest.mark.parametrize(
    ("share", "value", "quadrant"),
    [
        (Fraction(1, 20), 90, Quadrant.FED_AND_MOVING),
        (Fraction(1, 20), 100, Quadrant.FED_AND_STUCK),
        (Fraction(1, 21), 90, Quadrant.STARVED_AND_MOVING),
        (0, 110, Quadrant.STARVED_AND_STUCK),
    ],
)
def test_each_key_result_stands_in_one_quadrant(share: Exact, value: int, quadrant: Quadrant) -> None:
    one = kr((10, value))
    assert read_effort(register(one), one, share, NOW).quadrant is quadrant


def test_the_limit_is_the_threshold_of_the_team() -> None:
    one = kr((10, 90))
    settings = Settings(thresholds={"starved_kr": 30})
    found = read_effort(register(one, settings=settings), one, Fraction(1, 4), NOW)
    assert (found.limit, found.quadrant) == (30, Quadrant.STARVED_AND_MOVING)


def test_without_a_value_since_the_period_began_nobody_can_tell_movement() -> None:
    one = kr((-5, 80))
    found = read_effort(register(one), one, Fraction(1, 2), NOW)
    assert (found.is_fed, found.movement.is_moving, found.quadrant) == (True, None, None)


def test_both_sides_are_of_the_cycle_whatever_days_the_key_result_has() -> None:
    one = kr((5, 90), since=date(2026, 1, 20))
    found = read_effort(register(one), one, Fraction(1, 2), NOW)
    assert (found.movement.is_moving, found.quadrant) == (True, Quadrant.FED_AND_MOVING)


def test_without_completed_work_nobody_can_tell_effort() -> None:
    one = kr((10, 80))
    assert read_effort(register(one), one, None, NOW).quadrant is None


def test_movement_counts_from_the_last_value_before_the_period_not_from_the_baseline() -> None:
    one = kr((-5, 70), (10, 75))
    found = movement_of(one, START, NOW)
    assert (found.progress, found.moved, found.is_moving) == (Fraction(1, 2), Fraction(-1, 10), False)


def test_a_target_that_was_reached_before_is_moving() -> None:
    assert movement_of(kr((-5, 40), (10, 45)), START, NOW).is_moving is True


def test_without_a_target_nobody_can_tell_movement() -> None:
    assert movement_of(kr((10, 75), target=None), START, NOW).is_moving is None


def test_a_binary_key_result_moves_as_its_probability_rises() -> None:
    more = {"kind": "binary", "baseline": None, "target": None}
    assert movement_of(kr((-1, Fraction(1, 2)), (9, Fraction(4, 5)), **more), START, NOW).is_moving is True
    assert movement_of(kr((-1, Fraction(1, 2)), (9, Fraction(1, 5)), **more), START, NOW).is_moving is False
    assert movement_of(kr((9, Fraction(1, 5)), **more), START, NOW).is_moving is None


@pytest.mark.parametrize(
    ("reached", "grade"),
    [
        (Fraction(59, 100), Grade.MISSED),
        (Fraction(3, 5), Grade.MET),
        (Fraction(4, 5), Grade.MET),
        (Fraction(81, 100), Grade.EXCEEDED),
        (None, None),
    ],
)
def test_the_end_of_a_cycle_reads_missed_met_or_exceeded(reached: Exact | None, grade: Grade | None) -> None:
    assert grade_of(reached) is grade


def test_only_a_period_that_is_over_is_graded() -> None:
    one = kr((10, 60))
    assert read_effort(register(one), one, 0, NOW).grade is None
    assert read_effort(register(one), one, 0, START + timedelta(days=90)).grade is Grade.MET
