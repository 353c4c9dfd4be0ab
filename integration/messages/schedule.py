"""When to tell: `every monday 08:00 Europe/Berlin`, `daily 09:00`, `2 hours before sprint start`. No calendar needed.

The clock is the wall's in the zone that is named: what is due at 08:00 stays so when the clocks change. An hour that is
left out then is taken as the one after it; one that comes twice counts the first time.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from croniter import croniter

DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
EXAMPLES = "every monday 08:00 Europe/Berlin; weekdays 09:00; daily 09:00; every hour; monthly 1 08:00"
EXAMPLES_BEFORE = (
    "2 hours before sprint start; 1 day before sprint start; 30 minutes before sprint start; at sprint start"
)
LONGEST_BEFORE = timedelta(days=14)
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})(am|pm)?|(\d{1,2})(am|pm)")
_BEFORE = re.compile(r"(?:(\d{1,4}|an?|one) (minute|hour|day)s? before|at) (?:the )?sprint(?:'s)? start", re.IGNORECASE)
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


class WrongSchedule(ValueError):
    """The sentence says what could be written instead."""


@dataclass(frozen=True, slots=True)
class Recurring:
    """A time that comes again, by the wall clock of a zone."""

    cron: str
    zone: str

    def after(self, moment: datetime) -> datetime:
        """The first time after a moment."""
        zone = ZoneInfo(self.zone)
        local = moment.astimezone(zone).replace(tzinfo=None)
        # From an hour before: where the clocks were put back, a time of day may come that has been already.
        times = croniter(self.cron, local - timedelta(hours=1))
        while True:
            found: datetime = times.get_next(datetime)
            at = found.replace(tzinfo=zone).astimezone(UTC)
            if at > moment:
                return at


def recurring(text: str, default_zone: str) -> Recurring:
    """Read a schedule such as `every monday 08:00 Europe/Berlin`."""
    words = text.split()
    if not words:
        raise WrongSchedule(f"Say when, such as: {EXAMPLES}.")
    zone = default_zone
    known = _zones().get(words[-1].casefold())
    if known is not None and len(words) > 1:
        zone, words = known, words[:-1]
    elif "/" in words[-1]:
        raise WrongSchedule(f"“{words[-1]}” is no time zone; write one as Europe/Berlin or UTC.")
    return Recurring(_cron([word.casefold().strip(",") for word in words], text), zone)


def _cron(words: list[str], text: str) -> str:
    words = [word for word in words if word not in ("at", "on", "and", "the")]
    if words in (["every", "hour"], ["hourly"]):
        return "0 * * * *"
    if len(words) < 2:
        raise WrongSchedule(f"“{text}” names no day and time; write for example: {EXAMPLES}.")
    *days, last = words
    minute, hour = _time(last)
    if days in (["daily"], ["every", "day"], ["every", "morning"], ["every"]):
        return f"{minute} {hour} * * *"
    if days in (["weekdays"], ["every", "weekday"], ["every", "workday"], ["workdays"]):
        return f"{minute} {hour} * * 1-5"
    if days[0] == "monthly":
        return f"{minute} {hour} {_day_of_month(days[1:], text)} * *"
    named = [
        word for part in (days[1:] if days[0] in ("every", "weekly") else days) for word in part.split(",") if word
    ]
    return f"{minute} {hour} * * {','.join(sorted({_day_of_week(word, text) for word in named}) or _no_day(text))}"


def _time(word: str) -> tuple[int, int]:
    """Minute and hour."""
    found = _TIME.fullmatch(word)
    if found is None:
        raise WrongSchedule(f"“{word}” is no time of day; write it as 08:00.")
    hour, minute, half = int(found[1] or found[4]), int(found[2] or 0), found[3] or found[5]
    if half is not None and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif half is not None:
        hour = 24
    if hour > 23 or minute > 59:
        raise WrongSchedule(f"“{word}” is no time of day; write it as 08:00.")
    return minute, hour


def _day_of_week(word: str, text: str) -> str:
    found = [number for number, name in enumerate(DAYS) if len(word) >= 3 and name.startswith(word.removesuffix("s"))]
    if len(found) != 1:
        raise WrongSchedule(f"“{word}” in “{text}” is no day of the week; write for example: {EXAMPLES}.")
    return str(found[0])


def _no_day(text: str) -> str:
    raise WrongSchedule(f"“{text}” names no day; write for example: {EXAMPLES}.")


def _day_of_month(words: list[str], text: str) -> int:
    digits = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th|\.)?", words[0]) if len(words) == 1 else None
    day = int(digits[1]) if digits is not None else 0
    if not 1 <= day <= 28:
        raise WrongSchedule(f"“{text}”: after monthly name a day from 1 to 28, which every month has: monthly 1 08:00.")
    return day


def before_start(text: str) -> timedelta:
    """How long before the start of a sprint."""
    found = _BEFORE.fullmatch(" ".join(text.split()))
    if found is None:
        raise WrongSchedule(
            f"“{text}” says not how long before a sprint's start; write for example: {EXAMPLES_BEFORE}."
        )
    if found[2] is None:
        return timedelta(0)
    before = _UNITS[found[2].casefold()] * (int(found[1]) if found[1].isdecimal() else 1)
    if before > LONGEST_BEFORE:
        raise WrongSchedule(f"“{text}” is more than two weeks before a sprint's start.")
    return before


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}
