"""The state of a simulated Jira site, Cloud or Data Center: projects, boards, sprints and issues with their full
history. Every edit writes a changelog entry as Jira would and tells who listens."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from simulator.histories import History, changes_between


@dataclass(frozen=True, slots=True)
class Values:
    """All that can change on an issue; `sprints` names closed ones too, as Jira's field does."""

    project: str
    key: str
    type: str
    summary: str
    status: str = "todo"
    resolution: str | None = None
    points: float | None = None
    sprints: tuple[int, ...] = ()
    parent: int | None = None
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    squad: str | None = None


@dataclass(slots=True)
class Issue:
    id: int
    created: datetime
    values: Values
    revisions: list[tuple[datetime, Values]]
    histories: list[History] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    hidden: bool = False
    deleted: datetime | None = None

    @property
    def key(self) -> str:
        return self.values.key

    @property
    def updated(self) -> datetime:
        return self.revisions[-1][0]


@dataclass(slots=True)
class Project:
    id: int
    key: str
    name: str
    next_number: int = 1
    old_keys: list[str] = field(default_factory=list)
    hidden: bool = False


@dataclass(slots=True)
class Board:
    id: int
    name: str
    type: str  # scrum, kanban
    project: int
    points: bool = True


@dataclass(frozen=True, slots=True)
class Sprint:
    id: int
    board: int
    name: str
    state: str  # future, active, closed
    goal: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    completed: datetime | None = None
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a webhook may tell; the sender renders it at the time of delivery."""

    name: str
    at: datetime
    issue: int | None = None
    history: History | None = None
    kind: str | None = None
    sprint: Sprint | None = None
    before: Sprint | None = None


@dataclass(slots=True)
class Limit:
    """The next `left` requests whose path begins with `path` are answered 429."""

    reason: str
    left: int
    path: str = "/rest/"
    retry_after: int = 1


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
        self.time_zone = "Europe/Berlin"
        self.lock = threading.RLock()
        self.projects: dict[int, Project] = {}
        self.boards: dict[int, Board] = {}
        self.sprints: dict[int, Sprint] = {}
        self.issues: dict[int, Issue] = {}
        self.by_key: dict[str, int] = {}
        self.options: dict[str, int] = {}
        self.limits: list[Limit] = []
        self.requests: list[dict[str, object]] = []
        self.listeners: list[Callable[[Event], None]] = []
        self._clock = clock or (lambda: datetime.now(UTC))
        self._ahead = timedelta(0)
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
        return issue if issue is not None and issue.deleted is None and not issue.hidden else None

    def visible(self) -> list[Issue]:
        return [issue for issue in self.issues.values() if issue.deleted is None and not issue.hidden]

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
            history = History(id=self._next_history, created=at, items=tuple(items))
            self._next_history += 1
            issue.values = after
            issue.histories.append(history)
            issue.revisions.append((at, after))
            kind = "issue_moved" if any(item.field == "Key" for item in items) else "issue_generic"
            self._tell(Event("jira:issue_updated", at, issue=issue.id, history=history, kind=kind))
            return history

    def delete(self, issue: Issue, at: datetime) -> None:
        with self.lock:
            issue.deleted = at
            self._tell(Event("jira:issue_deleted", at, issue=issue.id))

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


def keys_of(issues: Iterable[Issue]) -> list[str]:
    return [issue.key for issue in issues]
