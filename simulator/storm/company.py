"""The small company on whose site the storm breaks: three projects, two boards with sprints and one without."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulator.site import Site
from simulator.things import Board, Issue, Project

DAY = timedelta(days=1)
EPICS = 6  # of each project
LABELS = ("support", "card", "debt", "audit", "beta")
TAGS = ("KR-1", "KR-2", "KR-3", "KR-4")
COMPONENTS = ("Index", "Ledger", "Mail")
TYPES = ("story", "task", "bug")


@dataclass(slots=True)
class Company:
    """What the edits of the storm choose from; `items` are all but epics and sub-tasks."""

    site: Site
    projects: list[Project] = field(default_factory=list)
    boards: list[Board] = field(default_factory=list)
    epics: list[Issue] = field(default_factory=list)
    items: list[Issue] = field(default_factory=list)
    subtasks: list[Issue] = field(default_factory=list)

    def sprints(self, state: str) -> list[int]:
        return [sprint.id for sprint in self.site.sprints.values() if sprint.state == state]

    def below(self, issue: Issue) -> list[Issue]:
        return [one for one in self.subtasks if one.values.parent == issue.id]

    def forget(self, issue: Issue) -> None:
        for some in (self.items, self.subtasks):
            if issue in some:
                some.remove(issue)


def build(site: Site, items: int, start: datetime, chance: random.Random) -> Company:
    """A month of history ends an hour before the storm."""
    company = Company(site)
    begun = start - 30 * DAY
    for key, name in (("PAY", "Payments"), ("WEB", "Web shop"), ("OPS", "Operations")):
        project = site.add_project(key, name)
        company.projects.append(project)
        company.boards.append(site.add_board(f"{name} board", "kanban" if key == "OPS" else "scrum", project))
        for number in range(EPICS):
            epic = site.create(project, "epic", f"{name} aim {number}", begun, tags=(chance.choice(TAGS),))
            company.epics.append(epic)
    for board in company.boards[:2]:
        for number in range(1, 4):
            site.add_sprint(
                board, f"{board.name} {number}", begun + number * timedelta(seconds=1), goal=f"Aim, {number}"
            )
    _write_down(company, items, begun, chance)
    first = [sprint.id for sprint in site.sprints.values() if sprint.name.endswith(" 1")]
    for number, identity in enumerate(first):
        site.start_sprint(identity, begun + (3 + number) * DAY)
    _fill(company, first, begun + 4 * DAY, chance)
    for number, identity in enumerate(first):
        site.close_sprint(identity, begun + (17 + number) * DAY, onward=identity + 2)
        site.start_sprint(identity + 2, begun + (17 + number) * DAY + timedelta(hours=1))
    return company


def _write_down(company: Company, items: int, begun: datetime, chance: random.Random) -> None:
    for number in range(items):
        at = begun + timedelta(minutes=number + 1)
        project = chance.choice(company.projects)
        if company.items and chance.random() < 0.12:
            parent = chance.choice(company.items)
            home = company.site.project_of_key(parent.values.project)
            assert home is not None
            company.subtasks.append(company.site.create(home, "subtask", f"Part {number}", at, parent=parent.id))
            continue
        epic = chance.choice([None, *company.epics])
        company.items.append(
            company.site.create(
                project,
                chance.choice(TYPES),
                f"Item {number}",
                at,
                parent=None if epic is None else epic.id,
                points=chance.choice((None, 1.0, 2.0, 3.0, 5.0)),
                labels=tuple(chance.sample(LABELS, chance.choice((0, 0, 1, 2)))),
            )
        )


def _fill(company: Company, sprints: list[int], at: datetime, chance: random.Random) -> None:
    """A third of the items goes into the first sprints; some of them get done."""
    for number, issue in enumerate(company.items):
        if chance.random() < 0.33:
            moment = at + timedelta(minutes=number)
            company.site.edit(issue, moment, sprints=(chance.choice(sprints),))
            if chance.random() < 0.4:
                company.site.edit(issue, moment + 2 * DAY, status="done", resolution="done")
