"""The company's calendar: everything is told in days before or after the day on which the demo starts,
so that the hand-reckoned figures hold whenever that is."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

# The present cycle began 46 days ago, its predecessor 91 days before that; both last 91 days, a quarter.
CYCLE_STARTS = -46
CYCLE_DAYS = 91
SPRINT_DAYS = 14
FIRST_SPRINT = -74  # sprint 1 starts that many days before today, each further one 14 days later
SPRINTS_BEGUN = 6


@dataclass(frozen=True, slots=True)
class Calendar:
    today: date

    def at(self, day: int, hour: int, minute: int = 0) -> datetime:
        """A moment on a day relative to today, in UTC."""
        return datetime.combine(self.day(day), time(hour, minute), UTC)

    def day(self, day: int) -> date:
        return self.today + timedelta(days=day)

    def sprint_starts(self, number: int) -> datetime:
        return self.at(FIRST_SPRINT + SPRINT_DAYS * (number - 1), 9)

    def sprint_ends(self, number: int) -> datetime:
        """The planned end; the completion is an hour earlier."""
        return self.sprint_starts(number) + timedelta(days=13, hours=8)

    def sprint_completes(self, number: int) -> datetime:
        return self.sprint_ends(number) - timedelta(hours=1)
