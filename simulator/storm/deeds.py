"""What people do on the site while the storm lasts: each deed is one edit, or what one click in Jira edits."""

import random
from collections.abc import Callable
from datetime import datetime

from simulator.storm.company import COMPONENTS, LABELS, TAGS, TYPES, Company
from simulator.things import Issue

STATUSES = ("todo", "doing", "review", "done", "dropped")
BULK = (5, 40)


class Deeds:
    """Does one thing after the other, chosen by weight; the same seed does the same."""

    def __init__(self, company: Company, seed: int) -> None:
        self.company = company
        self.site = company.site
        self._chance = random.Random(seed)
        self._number = 0
        self._hidden: list[Issue] = []
        choices: tuple[tuple[int, Callable[[datetime], int]], ...] = (
            (28, self._status),
            (14, self._points),
            (14, self._tags),
            (16, self._sprint),
            (7, self._parent),
            (8, self._labels),
            (4, self._summary),
            (3, self._components),
            (2, self._type),
            (2, self._squad),
            (8, self._create),
            (3, self._delete),
            (2, self._move),
            (1, self._bulk),
            (2, self._goal),
            (1, self._rename_sprint),
            (1, self._security),
        )
        self._weights = [weight for weight, _ in choices]
        self._acts = [act for _, act in choices]

    def act(self, at: datetime) -> int:
        """Do one thing; say how many edits that were."""
        self._number += 1
        return self._chance.choices(self._acts, self._weights)[0](at)

    def turn_over(self, at: datetime) -> int:
        """Close a running sprint, start the next, plan another; now and then re-open one or delete one."""
        before = self.site.sprints[self._chance.choice(self.company.sprints("active"))]
        board = self.site.boards[before.board]
        following = [s.id for s in self.site.sprints.values() if s.board == board.id and s.state == "future"]
        onward = following[0] if following else self.site.add_sprint(board, f"{board.name} next", at).id
        self.site.close_sprint(before.id, at, onward=onward)
        self.site.start_sprint(onward, at)
        self._number += 1
        self.site.add_sprint(board, f"{board.name} {self._number}", at, goal=self._text("Goal"))
        return 3

    def drop_sprint(self, at: datetime) -> int:
        """Delete a sprint that has not begun: its issues are told of, each by an edit."""
        future = self.company.sprints("future")
        if not future:
            return 0
        self.site.delete_sprint(self._chance.choice(future), at)
        return 1

    def reopen(self, at: datetime) -> int:
        closed = self.company.sprints("closed")
        if not closed:
            return 0
        self.site.reopen_sprint(closed[-1], at)
        return 1

    def rekey_project(self, at: datetime) -> int:
        """A new key for all issues of a project, told by none of them."""
        self.site.rename_project_key(self.company.projects[1], "SHOP")
        return 1

    # --- of one issue

    def _some(self, issues: list[Issue] | None = None) -> Issue:
        return self._chance.choice(issues or self.company.items)

    def _anyone(self) -> Issue:
        return self._some([*self.company.items, *self.company.subtasks, *self.company.epics])

    def _text(self, word: str) -> str:
        return f"{word}, no. {self._number} = [{self._chance.choice(TAGS)}]"

    def _edit(self, issue: Issue, at: datetime, **changes: object) -> int:
        return int(self.site.edit(issue, at, **changes) is not None)

    def _status(self, at: datetime) -> int:
        status = self._chance.choice(STATUSES)
        if status == "dropped":
            return self._edit(self._anyone(), at, status="done", resolution="wont_do")
        return self._edit(self._anyone(), at, status=status, resolution="done" if status == "done" else None)

    def _points(self, at: datetime) -> int:
        return self._edit(self._some(), at, points=self._chance.choice((None, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0)))

    def _tags(self, at: datetime) -> int:
        tags = tuple(self._chance.sample(TAGS, self._chance.choice((0, 1, 1, 2))))
        return self._edit(self._anyone(), at, tags=tags)

    def _sprint(self, at: datetime) -> int:
        """An issue is in one open sprint at most; the closed ones it was in stay named."""
        issue = self._some()
        past = tuple(s for s in issue.values.sprints if self.site.sprints[s].state == "closed")
        coming = self._chance.choice([None, *self.company.sprints("active"), *self.company.sprints("future")])
        return self._edit(issue, at, sprints=past if coming is None or coming in past else (*past, coming))

    def _parent(self, at: datetime) -> int:
        if self.company.subtasks and self._chance.random() < 0.2:
            child = self._some(self.company.subtasks)
            home = [one for one in self.company.items if one.values.project == child.values.project]
            return self._edit(child, at, parent=self._some(home).id) if home else 0
        epic = self._chance.choice([None, *self.company.epics])
        return self._edit(self._some(), at, parent=None if epic is None else epic.id)

    def _labels(self, at: datetime) -> int:
        return self._edit(self._anyone(), at, labels=tuple(self._chance.sample(LABELS, self._chance.randint(0, 3))))

    def _summary(self, at: datetime) -> int:
        return self._edit(self._anyone(), at, summary=self._text("Title"))

    def _components(self, at: datetime) -> int:
        return self._edit(
            self._some(), at, components=tuple(self._chance.sample(COMPONENTS, self._chance.randint(0, 2)))
        )

    def _type(self, at: datetime) -> int:
        return self._edit(self._some(), at, type=self._chance.choice(TYPES))

    def _squad(self, at: datetime) -> int:
        return self._edit(self._some(), at, squad=self._chance.choice((None, "Ledger", "Risk")))

    # --- of several

    def _create(self, at: datetime) -> int:
        project, epic = self._chance.choice(self.company.projects), self._some(self.company.epics)
        if self._chance.random() < 0.15:
            parent = self._some()
            home = self.site.project_of_key(parent.values.project)
            assert home is not None
            self.company.subtasks.append(self.site.create(home, "subtask", self._text("Part"), at, parent=parent.id))
            return 1
        given = {
            "points": self._chance.choice((None, 2.0, 3.0)),
            "parent": epic.id,
            "tags": (self._chance.choice(TAGS),),
        }
        made = self.site.create(project, self._chance.choice(TYPES), self._text("New"), at, **given)
        self.company.items.append(made)
        return 1

    def _delete(self, at: datetime) -> int:
        """With all that is below it, as Jira does; of some deletions no delivery tells."""
        issue = self._some()
        is_told = self._chance.random() > 0.2
        gone = [*self.company.below(issue), issue]
        for one in gone:
            self.site.delete(one, at, is_told=is_told)
            self.company.forget(one)
        return len(gone)

    def _move(self, at: datetime) -> int:
        issue = self._some()
        others = [project for project in self.company.projects if project.key != issue.values.project]
        if self.company.below(issue):
            return 0
        self.site.move(issue, self._chance.choice(others), at)
        return 1

    def _bulk(self, at: datetime) -> int:
        """One click changes many issues in one moment."""
        label = self._chance.choice(LABELS)
        some = self._chance.sample(self.company.items, min(self._chance.randint(*BULK), len(self.company.items)))
        return sum(
            self._edit(issue, at, labels=(*issue.values.labels, label))
            for issue in some
            if label not in issue.values.labels
        )

    def _security(self, at: datetime) -> int:
        """Out of our sight, and later back into it."""
        if self._hidden and self._chance.random() < 0.5:
            issue = self._hidden.pop()
            self.site.set_security(issue, at, is_hidden=False)
            self.company.items.append(issue)
            return 1
        issue = self._some()
        if self.company.below(issue):
            return 0
        self.site.set_security(issue, at, is_hidden=True)
        self.company.forget(issue)
        self._hidden.append(issue)
        return 1

    # --- of sprints

    def _goal(self, at: datetime) -> int:
        self.site.change_sprint(
            self._sprint_id(), at, goal=self._chance.choice((self._text("Goal"), "", self._text("Aim")))
        )
        return 1

    def _rename_sprint(self, at: datetime) -> int:
        self.site.change_sprint(self._sprint_id(), at, name=self._text("Sprint"))
        return 1

    def _sprint_id(self) -> int:
        return self._chance.choice([*self.company.sprints("active"), *self.company.sprints("future")])
