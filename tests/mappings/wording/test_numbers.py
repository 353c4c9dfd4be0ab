"""Baseline, target, change and deadline, as texts state them."""

from fractions import Fraction

import pytest

from mappings.wording.numbers import Numbers, parse_number, read_numbers


@pytest.mark.parametrize(
    ("text", "baseline", "target", "unit", "direction"),
    [
        ("Raise activation from 68 % to 85 %", 68, 85, "%", "up"),
        ("NPS +12 → +40", 12, 40, None, "up"),
        ("Temperature from 4 to -2", 4, -2, None, "down"),
        ("API latency < 200 ms", None, 200, "ms", "down"),
        ("At least 4.5 stars", None, Fraction(9, 2), "stars", "up"),
        ("ARR $2M by Q4", None, 2_000_000, "USD", None),
        ("from 2 to 4M users", 2_000_000, 4_000_000, "users", "up"),
        ("from 1.2k to 5k users", 1_200, 5_000, "users", "up"),
        ("Uptime to 99.95% from 99.2%", Fraction(496, 5), Fraction(1999, 20), "%", "up"),
        ("Antwortzeit von 3,5 Sekunden auf 1,2 Sekunden senken", Fraction(7, 2), Fraction(6, 5), "s", "down"),
        ("Reducir la espera de 10 min a 5 min", 10, 5, "min", "down"),
        ("Keep it at 90 %, from 90 % to 90 %", 90, 90, "%", None),
        ("Grow to 300 users", None, 300, "users", "up"),
        ("12 hospitals", None, 12, None, None),
        ("Improve performance", None, None, None, "up"),
        ("Fewer but more reliable calls", None, None, None, "down"),
        ("Raise more, lose less", None, None, None, "up"),
        ("PAY-12, v2.0 and 1.2.3 in week 12 of 2026", None, None, None, None),
    ],
)
def test_levels_are_read(text: str, baseline: object, target: object, unit: str | None, direction: str | None) -> None:
    found = read_numbers(text)
    assert (found.baseline, found.target, found.unit, found.direction) == (baseline, target, unit, direction)
    assert found.has_level is (target is not None)


@pytest.mark.parametrize(
    ("text", "change", "unit", "direction"),
    [
        ("Reduce support tickets by 60%", -60, "%", "down"),
        ("Increase weekly users by 25%", 25, "%", "up"),
        ("Churn improves by -2 points", 2, "points", "up"),
        ("Reduce returns by half", -50, "%", "down"),
        ("Double the conversion", 100, "%", "up"),
        ("Triple weekly bookings", 200, "%", "up"),
        ("Verdreifachen der Anmeldungen", 200, "%", "up"),
    ],
)
def test_change_without_levels_is_read(text: str, change: int, unit: str, direction: str) -> None:
    assert read_numbers(text) == Numbers(direction=direction, change=change, change_unit=unit)
    assert read_numbers(text).has_level


def test_by_without_a_direction_is_no_change() -> None:
    assert read_numbers("Ready by 12").change is None


@pytest.mark.parametrize(
    ("text", "deadline"),
    [
        ("50 stores by the end of Q3 2026", "the end of Q3 2026"),
        ("50 stores by October 2026", "October 2026"),
        ("50 stores until 2026-03-31", "2026-03-31"),
        ("50 stores", None),
    ],
)
def test_deadline_is_read(text: str, deadline: str | None) -> None:
    assert read_numbers(text).deadline == deadline


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12", 12),
        ("12.5", Fraction(25, 2)),
        ("12,5", Fraction(25, 2)),
        ("1,234", 1234),
        ("1.234", 1234),
        ("0.125", Fraction(1, 8)),
        ("1,234.5", Fraction(2469, 2)),
        ("1.234,5", Fraction(2469, 2)),
        ("1,234,567", 1234567),
        ("1,,2", 12),
    ],
)
def test_decimal_and_thousands_marks_are_told_apart(typed: str, value: object) -> None:
    assert parse_number(typed) == value


def test_long_hostile_text_is_read_in_bounded_time() -> None:
    for text in ("1," * 100_000, "from 1 " * 50_000, "9" * 100_000, "by " * 100_000):
        read_numbers(text)
