"""Keeps the simulated company living: every few seconds somebody moves an item, estimates, tags or takes
work in; now and then a sprint is closed and the next one started."""

import random
import threading
from collections.abc import Callable
from datetime import datetime

from simulator.site import Site
from simulator.things import Issue, Sprint

PAUSE = 4.0  # seconds between two acts
SPRINT_CHANGES_EVERY = 30  # acts
TAGS = {
    "Checkout": ("KR-11", "KR-12"),
    "Onboarding": ("KR-21", "KR-22", "KR-23"),
    "Platform": ("KR-31", "KR-33", "KR-41", "KR-43"),
    "Merchant": ("KR-51", "KR-52", "KR-53"),
}


class Life:
    """A thread of its own; `act` is one act and may be called without it."""

    def __init__(self, site: Site, pause: float = PAUSE, seed: int = 7) -> None:
        self.site = site
        self.pause = pause
        self._chance = random.Random(seed)
        self._acts = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="life")

    def start(self) -> None:
        """Begin; a second time changes nothing."""
        if not self._thread.is_alive():
            self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(self.pause):
            self.act()

    def act(self) -> str:
        """Do one thing; tell what it was."""
        with self.site.lock:
            self._acts += 1
            if self._acts % SPRINT_CHANGES_EVERY == 0:
                return self._turn_over()
            return self._chance.choice(self._everyday)()

    @property
    def _everyday(self) -> tuple[Callable[[], str], ...]:
        return (self._move_on, self._move_on, self._move_on, self._estimate, self._tag, self._take_in, self._write_down)

    def _active(self) -> list[Sprint]:
        return [sprint for sprint in self.site.sprints.values() if sprint.state == "active"]

    def _open_items(self) -> list[Issue]:
        active = {sprint.id for sprint in self._active()}
        return [
            issue
            for issue in self.site.visible()
            if active.intersection(issue.values.sprints) and issue.values.status != "done"
        ]

    def _now(self) -> datetime:
        return self.site.now()

    def _move_on(self) -> str:
        items = self._open_items()
        if not items:
            return self._take_in()
        issue = self._chance.choice(items)
        status = {"todo": "doing", "doing": "review", "review": "done"}[issue.values.status]
        resolution = "done" if status == "done" else None
        self.site.edit(issue, self._now(), status=status, resolution=resolution)
        return f"{issue.key} is {status}"

    def _estimate(self) -> str:
        items = self._open_items()
        if not items:
            return self._take_in()
        issue = self._chance.choice(items)
        points = self._chance.choice([float(p) for p in (1, 2, 3, 5, 8) if p != issue.values.points])
        self.site.edit(issue, self._now(), points=points)
        return f"{issue.key} has {points:g} points"

    def _tag(self) -> str:
        items = [issue for issue in self._open_items() if not issue.values.tags and issue.values.parent is None]
        if not items:
            return self._estimate()
        issue = self._chance.choice(items)
        tag = self._chance.choice(TAGS[self._team(issue)])
        self.site.edit(issue, self._now(), tags=(tag,))
        return f"{issue.key} serves {tag}"

    def _take_in(self) -> str:
        """Take an open item of the backlog into the running sprint of its project's board."""
        sprint = self._chance.choice(self._active())
        project = self.site.projects[self.site.boards[sprint.board].project].key
        waiting = [
            issue
            for issue in self.site.visible()
            if issue.values.project == project
            and issue.values.type in ("story", "task", "bug")
            and issue.values.status == "todo"
            and not issue.values.sprints
        ]
        issue = self._chance.choice(waiting) if waiting else None
        if issue is None:
            return self._write_down()
        self.site.edit(issue, self._now(), sprints=(sprint.id,))
        return f"{issue.key} is in {sprint.name}"

    def _write_down(self) -> str:
        """Somebody finds a bug and puts it into the running sprint."""
        sprint = self._chance.choice(self._active())
        project = self.site.projects[self.site.boards[sprint.board].project]
        title = self._chance.choice(("Amount is cut off", "Button does nothing", "Date is a day off"))
        squad = self._chance.choice(("Ledger", "Risk")) if project.name == "Platform" else None
        issue = self.site.create(project, "bug", title, self._now(), squad=squad)
        self.site.edit(issue, self._now(), sprints=(sprint.id,))
        return f"{issue.key} was found"

    def _turn_over(self) -> str:
        """Close one sprint and start the next of its board; a further one is planned."""
        sprint = min(self._active(), key=lambda s: (s.start or self._now(), s.id))
        board = self.site.boards[sprint.board]
        future = [s for s in self.site.sprints.values() if s.board == board.id and s.state == "future"]
        following = future[0] if future else self._plan(sprint)
        self.site.close_sprint(sprint.id, self._now(), onward=following.id)
        self.site.start_sprint(following.id, self._now())
        self._plan(following)
        return f"{sprint.name} is closed, {following.name} has begun"

    def _plan(self, before: Sprint) -> Sprint:
        words, _, number = before.name.rpartition(" ")
        name = f"{words} {int(number) + 1}"
        return self.site.add_sprint(self.site.boards[before.board], name, self._now(), goal=before.goal)

    def _team(self, issue: Issue) -> str:
        project = self.site.project_of_key(issue.values.project)
        return project.name if project is not None and project.name in TAGS else "Checkout"
