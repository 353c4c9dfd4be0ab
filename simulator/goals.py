"""Goals as they are kept beside a site: their order, success measures, and the work items that are linked to them.

Nothing tells of a change of theirs, and nothing tells since when a work item is linked.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(slots=True)
class Measure:
    """A success measure with its metric, of which only the last value can be asked for."""

    name: str
    start: float
    target: float
    type: str = "PERCENTAGE"
    latest: tuple[datetime, float] | None = None
    archived: bool = False


@dataclass(slots=True)
class Goal:
    number: int
    key: str
    name: str
    created: datetime
    parent: str | None = None
    type: str = "Goal"
    status: str = "on_track"
    archived: bool = False
    until: date | None = None
    team: str | None = None
    measure: Measure | None = None
    links: list[int] = field(default_factory=list)  # ids of issues
    updates: list[tuple[datetime, str]] = field(default_factory=list)


class Goals:
    """All goals of one site. `page_most`: no page holds more. `unknown`: fields that the service has never heard of.
    `troubles`: answers to the next questions, as the status that each error names."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.every: dict[str, Goal] = {}
        self.page_most = 50
        self.unknown: set[str] = set()
        self.troubles: list[int] = []
        self.questions = 0
        self._clock = clock

    def add(self, name: str, **given: object) -> Goal:
        number = 1 + len(self.every)
        goal = Goal(number, f"GOAL-{number}", name, self._clock(), **given)  # type: ignore[arg-type]
        self.every[goal.key] = goal
        return goal

    def link(self, key: str, issue: int) -> None:
        if issue not in self.every[key].links:
            self.every[key].links.append(issue)

    def unlink(self, key: str, issue: int) -> None:
        self.every[key].links.remove(issue)

    def archive(self, key: str, *, is_archived: bool = True) -> None:
        self.every[key].archived = is_archived

    def report(self, key: str, summary: str, status: str | None = None) -> None:
        """Somebody writes an update, and may change the status with it."""
        goal = self.every[key]
        goal.updates.append((self._clock(), summary))
        goal.status = status or goal.status

    def measure(self, key: str, value: float) -> None:
        measure = self.every[key].measure
        if measure is not None:
            measure.latest = (self._clock(), value)
