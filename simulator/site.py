"""The state of a simulated Jira site, Cloud or Data Center: projects, boards, sprints and issues with their full
history. Every edit writes a changelog entry as Jira would and tells who listens."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from simulator.accounts import Accounts
from simulator.conditions import Conditions
from simulator.goals import Goals
from simulator.histories import changes_between
from simulator.things import Board, ChangeItem, Event, History, Issue, Project, Sprint, Values


class Site:
    """One site, of Data Center where a version is given.

    `lock` guards everything; listeners are called while it is held.
    """

    def __init__(
        self,
        base_url: str = "http://jira.invalid",
        clock: Callable[[], datetime] | None = None,
        version: tuple[int, int, int] | None = None,
    ) -> None:
        self.base_url = base_url
        self.version = version or (1001, 0, 0)
        self.is_data_center = version is not None
        self.email = "robot@tieline.invalid"
        self.token = "simulated-api-token"
        self.cloud_id = "5f1c2a9e-0d47-4b6e-9a30-7c8e51b2d604"
        self.scoped_token = "simulated-token-with-scopes"
        self.time_zone = "Europe/Berlin"
        self.lock = threading.RLock()
        self.projects: dict[int, Project] = {}
        self.boards: dict[int, Board] = {}
        self.sprints: dict[int, Sprint] = {}
        self.issues: dict[int, Issue] = {}
        self.by_key: dict[str, int] = {}
        self.options: dict[str, int] = {}
        self.conditions = Conditions()
        self.requests: list[dict[str, object]] = []  # the last ones
        self.asked = 0  # how many there were
        self.listeners: list[Callable[[Event], None]] = []
        self._clock = clock or (lambda: datetime.now(UTC))
        self._ahead = timedelta(0)
        self.accounts = Accounts(self.now)
        self.goals = Goals(self.now)
        self._next_history = 50001

    def now(self) -> datetime:
        return self._clock() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)

    # --- what is there

    def find(self, id_or_key: str) -> Issue | None:
        """The visible issue of this id, key (any case) or former key."""
        number = int(id_or_key) if id_or_key.isdecimal() else self.by_key.get(id_or_key.upper())
        issue = self.issues.get(number) if number is not None else None
        return issue if issue is not None and self.shows(issue) else None

    def visible(self) -> list[Issue]:
        out_of_sight = {project.key for project in self.projects.values() if not self.is_open(project)}
        return [
            issue
            for issue in self.issues.values()
            if issue.deleted is None and not issue.hidden and issue.values.project not in out_of_sight
        ]

    def shows(self, issue: Issue) -> bool:
        """Whether our account may see it: it is there, at a security level that is ours, in an open project."""
        project = self.project_of_key(issue.values.project)
        return issue.deleted is None and not issue.hidden and (project is None or self.is_open(project))

    def is_open(self, project: Project) -> bool:
        return not project.archived and project.id not in self.conditions.closed

    def indexed(self) -> list[Issue]:
        """The issues as the index of searches knows them, which may lag behind; never what may not be seen."""
        moment = self.now() - self.conditions.index_lag
        known = (
            _as_at(issue, moment)
            for issue in self.issues.values()
            if not issue.hidden and (issue.deleted is None or issue.deleted > moment)
        )
        out_of_sight = {project.key for project in self.projects.values() if not self.is_open(project)}
        return [issue for issue in known if issue is not None and issue.values.project not in out_of_sight]

    def project_of_key(self, key: str) -> Project | None:
        wanted = key.upper()
        return next((p for p in self.projects.values() if p.key == wanted or wanted in p.old_keys), None)

    def option_id(self, text: str) -> int:
        return self.options.setdefault(text, 12500 + len(self.options))

    # --- setting up

    def add_project(self, key: str, name: str, hidden: bool = False) -> Project:
        project = Project(id=10500 + len(self.projects), key=key, name=name, hidden=hidden)
        self.projects[project.id] = project
        return project

    def add_board(self, name: str, kind: str, project: Project) -> Board:
        board = Board(id=41 + 3 * len(self.boards), name=name, type=kind, project=project.id)
        self.boards[board.id] = board
        return board

    # --- edits: each is one moment

    def create(self, project: Project, type_: str, summary: str, at: datetime, **given: object) -> Issue:
        with self.lock:
            key = f"{project.key}-{project.next_number}"
            project.next_number += 1
            hidden = bool(given.pop("hidden", False))
            values = replace(Values(project.key, key, type_, summary), **given)  # type: ignore[arg-type]
            issue = Issue(20001 + 7 * len(self.issues), at, values, [(at, values)], hidden=hidden)
            self.issues[issue.id] = issue
            self.by_key[key.upper()] = issue.id
            for text in values.tags:
                self.option_id(text)
            self._tell(Event("jira:issue_created", at, issue=issue.id, kind="issue_created"))
            return issue

    def edit(self, issue: Issue, at: datetime, **changes: object) -> History | None:
        """Change an issue; gives the changelog entry, or None where nothing changed."""
        with self.lock:
            after = replace(issue.values, **changes)  # type: ignore[arg-type]
            items = changes_between(self, issue.values, after)
            if not items:
                return None
            return self._note(issue, at, after, items)

    def _note(self, issue: Issue, at: datetime, after: Values, items: list[ChangeItem]) -> History:
        history = History(id=self._next_history, created=at, items=tuple(items))
        self._next_history += 1
        issue.values = after
        issue.histories.append(history)
        issue.revisions.append((at, after))
        kind = "issue_moved" if any(item.field == "Key" for item in items) else "issue_generic"
        self._tell(Event("jira:issue_updated", at, issue=issue.id, history=history, kind=kind))
        return history

    def delete(self, issue: Issue, at: datetime, *, is_told: bool = True) -> None:
        """Not told: Jira sends no delivery for what goes down with something else."""
        with self.lock:
            issue.deleted = at
            if is_told:
                self._tell(Event("jira:issue_deleted", at, issue=issue.id))

    def set_security(self, issue: Issue, at: datetime, *, is_hidden: bool) -> None:
        """Put an issue at a level that our account has no part in, or take it back from there; webhooks tell of it."""
        with self.lock:
            if issue.hidden == is_hidden:
                return
            issue.hidden = is_hidden
            level = ("10900", "Management")
            sides = ((None, None), level) if is_hidden else (level, (None, None))
            self._note(issue, at, issue.values, [ChangeItem("security", "security", *sides[0], *sides[1])])

    def set_property(self, issue: Issue, name: str, value: object | None) -> None:
        """Set a property, or with None take it away: no history, no other `updated`; webhooks alone tell of it."""
        with self.lock:
            event = "issue_property_deleted" if value is None else "issue_property_set"
            issue.properties.pop(name, None) if value is None else issue.properties.update({name: value})
            self._tell(Event(event, self.now(), issue=issue.id, property=(name, value)))

    def archive(self, project: Project, at: datetime, *, is_archived: bool) -> None:
        """Take a project with all its issues out of sight, or bring it back: no issue tells of that."""
        with self.lock:
            project.archived = is_archived
            self._tell(Event("project_archived" if is_archived else "project_restored_archived", at, project=project))

    def move(self, issue: Issue, project: Project, at: datetime) -> None:
        """Move an issue to another project: its id stays, its key changes."""
        with self.lock:
            key = f"{project.key}-{project.next_number}"
            project.next_number += 1
            issue.aliases.append(issue.key)
            self.by_key[key.upper()] = issue.id
            self.edit(issue, at, project=project.key, key=key)

    def rename_project_key(self, project: Project, key: str) -> None:
        """Re-key a project: every issue gets a new key, with no changelog, and old keys still lead to it."""
        with self.lock:
            old = project.key
            project.old_keys.append(old)
            project.key = key
            for issue in self.issues.values():
                if issue.values.project == old:
                    issue.aliases.append(issue.key)
                    renamed = replace(issue.values, project=key, key=f"{key}-{issue.key.rsplit('-', 1)[1]}")
                    self.by_key[renamed.key.upper()] = issue.id
                    issue.values = renamed
                    issue.revisions = [(at, _with_key(v, old, renamed)) for at, v in issue.revisions]
            self._tell(Event("project_updated", self.now(), project=project))

    # --- sprints

    def add_sprint(self, board: Board, name: str, at: datetime, **given: object) -> Sprint:
        with self.lock:
            identity = 301 + 2 * len(self.sprints)
            sprint = replace(Sprint(identity, board.id, name, "future", created=at), **given)  # type: ignore[arg-type]
            self.sprints[identity] = sprint
            self._tell(Event("sprint_created", at, sprint=sprint))
            return sprint

    def change_sprint(self, identity: int, at: datetime, **changes: object) -> Sprint:
        with self.lock:
            before = self.sprints[identity]
            after = replace(before, **changes)  # type: ignore[arg-type]
            self.sprints[identity] = after
            self._tell(Event("sprint_updated", at, sprint=after, before=before))
            if before.state != after.state:
                name = "sprint_closed" if after.state == "closed" else "sprint_started"
                self._tell(Event(name, at, sprint=after))
            return after

    def start_sprint(self, identity: int, at: datetime, days: float = 14) -> Sprint:
        return self.change_sprint(identity, at, state="active", start=at, end=at + timedelta(days=days))

    def close_sprint(self, identity: int, at: datetime, onward: int | None = None) -> Sprint:
        """Close a sprint; what is not done goes to `onward`, and still names the closed one."""
        with self.lock:
            for issue in self.members(identity):
                if onward is not None and issue.values.status != "done" and onward not in issue.values.sprints:
                    self.edit(issue, at, sprints=(*issue.values.sprints, onward))
            return self.change_sprint(identity, at, state="closed", completed=at)

    def reopen_sprint(self, identity: int, at: datetime) -> Sprint:
        return self.change_sprint(identity, at, state="active", completed=None)

    def delete_sprint(self, identity: int, at: datetime) -> None:
        with self.lock:
            for issue in self.members(identity):
                self.edit(issue, at, sprints=tuple(s for s in issue.values.sprints if s != identity))
            self._tell(Event("sprint_deleted", at, sprint=self.sprints.pop(identity)))

    def members(self, identity: int) -> list[Issue]:
        return [issue for issue in self.issues.values() if identity in issue.values.sprints and issue.deleted is None]

    def _tell(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)


def _with_key(values: Values, old_project: str, renamed: Values) -> Values:
    return replace(values, project=renamed.project, key=renamed.key) if values.project == old_project else values


def _as_at(issue: Issue, moment: datetime) -> Issue | None:
    """The issue as it was then: itself where it has not changed since, None where it was not there."""
    if issue.created > moment:
        return None
    if issue.updated <= moment and issue.deleted is None:
        return issue
    revisions = [(at, values) for at, values in issue.revisions if at <= moment]
    return replace(issue, revisions=revisions, values=revisions[-1][1], deleted=None)
