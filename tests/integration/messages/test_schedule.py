"""Schedules as people write them, by the wall clock, with errors that say what to write."""

from datetime import UTC, datetime, timedelta

import pytest

from integration.messages.schedule import WrongSchedule, before_start, recurring

SATURDAY = datetime(2026, 3, 28, 12, tzinfo=UTC)  # the clocks of Europe change on the next day


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("every monday 08:00 Europe/Berlin", "2026-03-30T06:00", "2026-04-06T06:00"),
        ("Every Monday at 8:00 europe/berlin", "2026-03-30T06:00", "2026-04-06T06:00"),
        ("every mon, thu 17:00", "2026-03-30T17:00", "2026-04-02T17:00"),
        ("weekdays 9am", "2026-03-30T09:00", "2026-03-31T09:00"),
        ("daily 09:00 UTC", "2026-03-29T09:00", "2026-03-30T09:00"),
        ("every hour", "2026-03-28T13:00", "2026-03-28T14:00"),
        ("monthly 1 08:00", "2026-04-01T08:00", "2026-05-01T08:00"),
        ("daily 02:30 Europe/Berlin", "2026-03-29T01:30", "2026-03-30T00:30"),  # 02:30 is left out on the 29th
        ("daily 12am", "2026-03-29T00:00", "2026-03-30T00:00"),
    ],
)
def test_a_schedule_comes_by_the_wall_clock(text: str, first: str, second: str) -> None:
    every = recurring(text, "UTC")
    one = every.after(SATURDAY)
    assert [f"{one:%Y-%m-%dT%H:%M}", f"{every.after(one):%Y-%m-%dT%H:%M}"] == [first, second]


def test_an_hour_that_comes_twice_counts_once() -> None:
    every = recurring("daily 02:30 Europe/Berlin", "UTC")
    first = every.after(datetime(2026, 10, 24, 12, tzinfo=UTC))
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert every.after(first) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_without_a_zone_that_of_the_register_holds() -> None:
    assert recurring("daily 09:00", "Asia/Kolkata").after(SATURDAY) == datetime(2026, 3, 29, 3, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Say when, such as"),
        ("monday", "names no day and time"),
        ("every blursday 08:00", "“blursday” in “every blursday 08:00” is no day of the week"),
        ("daily 25:00", "“25:00” is no time of day"),
        ("daily 13pm", "“13pm” is no time of day"),
        ("every monday 08:00 Europe/Berln", "“Europe/Berln” is no time zone"),
        ("monthly 31 08:00", "a day from 1 to 28"),
        ("weekly 08:00", "names no day"),
        ("every t 08:00", "is no day of the week"),
    ],
)
def test_what_is_no_schedule_is_refused_with_what_to_write(text: str, said: str) -> None:
    with pytest.raises(WrongSchedule, match=said):
        recurring(text, "UTC")


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("2 hours before sprint start", timedelta(hours=2)),
        ("a day before the sprint start", timedelta(days=1)),
        ("30 Minutes before sprint's start", timedelta(minutes=30)),
        ("at sprint start", timedelta(0)),
    ],
)
def test_how_long_before_a_sprint(text: str, before: timedelta) -> None:
    assert before_start(text) == before


@pytest.mark.parametrize("text", ["soon", "3 weeks before sprint start", "99 days before sprint start", "2 hours"])
def test_what_is_no_time_before_a_sprint_is_refused(text: str) -> None:
    with pytest.raises(WrongSchedule):
        before_start(text)
