"""What sources answer is read as exact values with their moments, or refused with the mend."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from integration.kr_values.answers import (
    Reading,
    Unreadable,
    json_readings,
    moment_of,
    number_of,
    path_steps,
    table_readings,
)
from integration.kr_values.definition import CSV, JSON, ValueSource, value_source_of

ZONE = "Europe/Berlin"
END_OF_MARCH_1 = datetime(2026, 3, 1, 22, 59, 59, tzinfo=UTC)


def source(kind: str = JSON, **values: object) -> ValueSource:
    fields: dict[str, object] = {"url": "https://metrics.example/api?key={KEY}", **values}
    return ValueSource("KR-1", kind, "every hour", **fields)  # type: ignore[arg-type]


def test_a_number_is_found_at_its_path_with_its_moment() -> None:
    body = b'{"data": [{"a b": 12.5, "at": "2026-03-01T08:00:00+01:00"}]}'
    found = json_readings(body, source(path="$.data[-1]['a b']", at="$.data[0].at"), ZONE)
    assert found == (Reading(Fraction(25, 2), datetime(2026, 3, 1, 7, tzinfo=UTC)),)


def test_an_object_of_days_is_as_many_values() -> None:
    body = b'{"series": {"Sign up": {"2026-03-01T00:00:00-07:00": 3, "2026-03-02T00:00:00-07:00": null}}}'
    found = json_readings(body, source(path="$.series['Sign up']"), ZONE)
    assert found == (Reading(3, datetime(2026, 3, 1, 7, tzinfo=UTC)),)


@pytest.mark.parametrize(
    ("body", "path", "sentence"),
    [
        (b"<html>", "$.a", "no JSON"),
        (b'{"b": 1}', "$.a", "an object with b"),
        (b'{"a": [1]}', "$.a[3]", "a list of 1"),
        (b'{"a": "soon"}', "$.a", "“soon” at $.a is no number"),
        (b'{"a": true}', "$.a", "is no number"),
        (b'{"a": {}}', "$.a", "without any day"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(body: bytes, path: str, sentence: str) -> None:
    with pytest.raises(Unreadable) as refused:
        json_readings(body, source(path=path), ZONE)
    assert sentence in refused.value.sentence
    assert "KEY" not in refused.value.sentence


def test_the_last_row_of_a_table_counts_where_no_column_holds_days() -> None:
    text = "Team;Value\nPayments;3\nCheckout;9\nPayments;4 %\nPayments;\n"
    found = table_readings(text, source(CSV, value="Value", where=(("Team", "Payments"),)), ZONE)
    assert found == (Reading(4, None),)


def test_every_row_counts_where_a_column_holds_days() -> None:
    found = table_readings(
        '\ufeffDay,Value\n2026-03-01,"1,234.5"\n2026-03-02,\n', source(CSV, value="Value", at="Day"), ZONE
    )
    assert found == (Reading(Fraction(2469, 2), END_OF_MARCH_1),)


def test_a_column_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(Unreadable) as refused:
        table_readings("Day,Wert\n2026-03-01,1\n", source(CSV, value="Value"), ZONE)
    assert refused.value.sentence == "There is no column “Value” in CSV of metrics.example; there are: Day, Wert."


@pytest.mark.parametrize("text", ["", "12,5", "1.2.3", "NaN", "1e999", "=1+1", "12 apples"])
def test_no_number_is_guessed(text: str) -> None:
    with pytest.raises(Unreadable):
        number_of(text, "here")


@pytest.mark.parametrize(
    ("text", "value"), [("$1,200", 1200), ("\u221245%", -45), ("0.1", Fraction(1, 10)), ("1e3", 1000)]
)
def test_numbers_as_sheets_show_them_are_exact(text: str, value: object) -> None:
    assert number_of(text, "here") == value
    assert number_of(0.1, "here") == Fraction(1, 10)


@pytest.mark.parametrize("told", ["2026-03-01", "2026-03-01T23:59:59", 1772405999, 1772405999000])
def test_moments_come_in_several_shapes(told: object) -> None:
    assert moment_of(told, ZONE) == END_OF_MARCH_1


@pytest.mark.parametrize("told", ["03/01/2026", "soon", 10**30])
def test_a_moment_that_is_none_is_refused(told: object) -> None:
    with pytest.raises(Unreadable):
        moment_of(told, ZONE)


@pytest.mark.parametrize("path", ["data", "$..a", "$.a[*]", "$.a[?(@.b)]", "$.a b"])
def test_paths_with_several_answers_are_none(path: str) -> None:
    with pytest.raises(ValueError, match=r"is not understood|begins with"):
        path_steps(path)


def test_a_source_survives_its_document() -> None:
    one = source(CSV, value="Value", where=(("Team", "Payments"),), headers=(("Authorization", "Bearer {KEY}"),))
    assert value_source_of(one.to_json()) == one
    assert one.to_json()["place"] == "CSV of metrics.example"
