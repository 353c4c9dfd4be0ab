"""Whole days in the register's time zone: when a day begins, which day a moment is in, and the grid of periods."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mappings.model import Periods

INSTANT = timedelta(microseconds=1)  # the finest step of our moments
_TWO_WEEKS_FROM = date(2024, 1, 1)  # a Monday, fixed by the domain


@dataclass(frozen=True, slots=True)
class Days:
    """Days of one IANA time zone."""

    zone: ZoneInfo

    def start(self, day: date) -> datetime:
        """The moment at which `day` begins, in UTC."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def over(self, day: date) -> datetime:
        """The moment at which `day` is over: the first one of the next day."""
        return datetime.max.replace(tzinfo=UTC) if day == date.max else self.start(day + timedelta(days=1))

    def of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


def period_of(kind: Periods, day: date) -> tuple[date, date]:
    """The first and the last day of the period that holds `day`."""
    if kind is Periods.MONTH:
        first = day.replace(day=1)
        after = (first + timedelta(days=31)).replace(day=1)
        return first, after - timedelta(days=1)
    length = 7 if kind is Periods.WEEK else 14
    first = day - timedelta(days=(day - _TWO_WEEKS_FROM).days % length)
    return first, first + timedelta(days=length - 1)


def periods_between(kind: Periods, first: date, last: date) -> Iterator[tuple[date, date]]:
    """The periods from the one that holds `first` to the one that holds `last`."""
    start, end = period_of(kind, first)
    while start <= last:
        yield start, end
        start, end = period_of(kind, end + timedelta(days=1))
