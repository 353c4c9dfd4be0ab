"""Tells each item of a sprint's plan as a story in time: written down, planned, worked on, done or not."""

from dataclasses import dataclass
from datetime import datetime

from simulator.company.moments import CYCLE_STARTS, FIRST_SPRINT, SPRINT_DAYS, SPRINTS_BEGUN
from simulator.company.place import DAY, HOUR, MINUTE, Company
from simulator.company.plans import NEXT, Plan, Row
from simulator.company.titles import GOALS
from simulator.things import Issue

REOPENED = ("Onboarding", 4)


@dataclass(frozen=True, slots=True)
class Place:
    """A team's sprint by its number."""

    company: Company
    team: str
    number: int

    @property
    def start(self) -> datetime:
        return self.company.calendar.sprint_starts(self.number)

    @property
    def completion(self) -> datetime:
        return self.company.calendar.sprint_completes(self.number)

    @property
    def sprint(self) -> int:
        return self.company.sprint_id(self.team, self.number)

    @property
    def next_sprint(self) -> int:
        return self.company.sprint_id(self.team, self.number + 1)

    @property
    def is_open(self) -> bool:
        return self.number >= SPRINTS_BEGUN

    @property
    def is_reopened(self) -> bool:
        return (self.team, self.number) == REOPENED

    def edit(self, issue: Issue, at: datetime, **changes: object) -> None:
        self.company.site.edit(issue, at, **changes)


def add_sprints(company: Company, team: str) -> None:
    """Five closed sprints, an active one and the next."""
    calendar, board = company.calendar, company.boards[team]
    for number in range(1, SPRINTS_BEGUN + 2):
        start, end = calendar.sprint_starts(number), calendar.sprint_ends(number)
        name, goal = f"{team} sprint {number + 17}", GOALS[team][number - 1]
        sprint = company.site.add_sprint(board, name, start - 10 * DAY, goal=goal)
        if number <= SPRINTS_BEGUN:
            sprint = company.site.change_sprint(sprint.id, start, state="active", start=start, end=end)
        if number < SPRINTS_BEGUN:
            done = calendar.sprint_completes(number)
            if (team, number) == REOPENED:
                company.site.change_sprint(sprint.id, done - DAY, state="closed", completed=done - DAY)
                company.site.reopen_sprint(sprint.id, done - DAY + 4 * HOUR)
            sprint = company.site.change_sprint(sprint.id, done, state="closed", completed=done)
        company.sprints[team, number] = sprint


def fill_sprint(company: Company, team: str, number: int, plan: Plan) -> None:
    place = Place(company, team, number)
    for row in plan:
        for copy in range(row.count):
            _tell(place, row, copy)


def fill_next(company: Company, team: str) -> None:
    """What is planned for the sprint that comes next."""
    place = Place(company, team, SPRINTS_BEGUN + 1)
    for row in NEXT[team]:
        for _ in range(row.count):
            issue = _new(place, row, -12)
            place.edit(issue, company.calendar.at(-2, 14), sprints=(place.sprint,))


def finish(company: Company, issue: Issue, at: datetime, resolution: str = "done") -> None:
    company.site.edit(issue, at, status="done", resolution=resolution)


def _tell(place: Place, row: Row, copy: int) -> None:
    first_day = FIRST_SPRINT + SPRINT_DAYS * (place.number - 1)
    issue = _new(place, row, first_day + 2 if row.added else first_day - 20)
    subtasks = _subtasks(place, row, issue)
    if row.fate == "done_before":
        finish(place.company, issue, place.start - 5 * DAY)
    entered = place.start + 2 * DAY + HOUR if row.added else place.start - 18 * HOUR
    place.edit(issue, entered, sprints=(place.sprint,))
    _FATES[row.fate](place, row, issue, copy)
    if row.tagged == "afterwards":
        place.edit(issue, place.completion + 20 * HOUR, tags=_tags(row))
    if issue.values.status == "done":
        for subtask in subtasks:
            finish(place.company, subtask, max(issue.updated - HOUR, subtask.updated + HOUR))


def _new(place: Place, row: Row, day: int) -> Issue:
    kind, _, rest = row.serves.partition(" ")
    given: dict[str, object] = {"points": row.points, "squad": row.squad}
    if kind == "epic":
        given["parent"] = place.company.epics[rest].id
    if kind == "tag" and row.tagged == "early":
        given["tags"] = _tags(row)
    if kind == "support":
        given["labels"] = ("support",)
    issue = place.company.add(place.team, row.type, day, **given)
    carried = "carried " if row.fate == "carried" else ""
    place.company.marks.setdefault(f"{place.team} {place.number}: {carried}{row.serves}", issue)
    return issue


def _tags(row: Row) -> tuple[str, ...]:
    return tuple(row.serves.removeprefix("tag ").split("|"))


def _subtasks(place: Place, row: Row, issue: Issue) -> list[Issue]:
    """Stories have sub-tasks; those bear points that must not be counted."""
    count = 0 if row.type != "story" else 2 if row.points == 5 else 1
    day = (issue.created - place.company.calendar.at(0, 0)).days
    return [place.company.add(place.team, "subtask", day + 1, parent=issue.id, points=1) for _ in range(count)]


# --- what becomes of an item


def _done(place: Place, row: Row, issue: Issue, copy: int) -> None:
    """Worked on and done well before the end; in the active sprint before today."""
    begun = place.start + (DAY + HOUR if place.is_open else 3 * DAY + copy * 5 * HOUR)
    if row.added:
        begun = place.start + 2 * DAY + 2 * HOUR
    ended = begun + (6 * HOUR if place.is_open else 4 * DAY + copy * 7 * HOUR)
    late = place.is_reopened and row.points == 5 and row.serves == "nothing" and copy == 0
    place.edit(issue, begun, status="doing")
    if late:
        _pass_reopening(place, issue)
        ended = place.completion - 6 * HOUR
    if row.tagged == "at the end":
        place.edit(issue, place.completion - 6 * HOUR, tags=_tags(row))
        ended = place.completion - 5 * HOUR
    finish(place.company, issue, ended)


def _open(place: Place, row: Row, issue: Issue, copy: int) -> None:
    if copy % 2 == 0 and row.type == "story":
        place.edit(issue, place.start + DAY + 3 * HOUR, status="doing")


def _carried(place: Place, row: Row, issue: Issue, copy: int) -> None:
    """Not done at completion: goes on to the next sprint, still names the old one, and is done there."""
    place.edit(issue, place.start + 9 * DAY, status="doing")
    if place.is_reopened:
        _pass_reopening(place, issue)
    place.edit(issue, place.completion, sprints=(place.sprint, place.next_sprint))
    following = Place(place.company, place.team, place.number + 1)
    cycle_starts = place.company.calendar.at(CYCLE_STARTS, 8)
    if row.next_epic is not None and place.completion < cycle_starts < following.start:
        place.edit(issue, cycle_starts, parent=place.company.epics[row.next_epic].id)
    if not following.is_open:
        finish(place.company, issue, following.start + 4 * DAY + copy * HOUR)


def _pass_reopening(place: Place, issue: Issue) -> None:
    """The sprint was closed a day too early: all that was not done went on, and was taken back."""
    place.edit(issue, place.completion - DAY, sprints=(place.sprint, place.next_sprint))
    place.edit(issue, place.completion - DAY + 4 * HOUR + 5 * MINUTE, sprints=(place.sprint,))


def _removed(place: Place, _row: Row, issue: Issue, _copy: int) -> None:
    left = place.start + (DAY if place.is_open else 4 * DAY)
    place.edit(issue, left, sprints=())
    if place.number <= 3:
        finish(place.company, issue, left + 20 * DAY, "wont_do")


def _dropped(place: Place, _row: Row, issue: Issue, _copy: int) -> None:
    finish(place.company, issue, place.start + 5 * DAY, "wont_do")


def _done_before(place: Place, row: Row, issue: Issue, copy: int) -> None:
    """Nothing more happens to it."""


_FATES = {
    "done": _done,
    "open": _open,
    "carried": _carried,
    "removed": _removed,
    "dropped": _dropped,
    "done_before": _done_before,
}
