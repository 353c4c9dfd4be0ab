"""The company while it is being put on a site: its projects, boards, sprints and epics by their names here."""

from dataclasses import dataclass, field
from datetime import timedelta

from simulator.company.moments import Calendar
from simulator.company.titles import Titles
from simulator.site import Site
from simulator.things import Board, Issue, Project, Sprint

PROJECTS = {
    "CHK": "Checkout",
    "ONB": "Onboarding",
    "CORE": "Platform",
    "MER": "Merchant",
    "OPS": "Operations",
    "SEC": "Security",
}
PROJECT_OF = {team: key for key, team in PROJECTS.items()}
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(slots=True)
class Company:
    site: Site
    calendar: Calendar
    projects: dict[str, Project] = field(default_factory=dict)
    boards: dict[str, Board] = field(default_factory=dict)
    sprints: dict[tuple[str, int], Sprint] = field(default_factory=dict)
    epics: dict[str, Issue] = field(default_factory=dict)
    marks: dict[str, Issue] = field(default_factory=dict)  # items that the truths speak of
    titles: Titles = field(default_factory=Titles)

    def add(self, team: str, type_: str, day: int, **given: object) -> Issue:
        """A new item, written down in the morning of a day, each a minute after the one before."""
        at = self.calendar.at(day, 8) + (len(self.site.issues) % 50) * MINUTE
        return self.site.create(self.projects[PROJECT_OF[team]], type_, self.titles.next(team, type_), at, **given)

    def sprint_id(self, team: str, number: int) -> int:
        return self.sprints[team, number].id
