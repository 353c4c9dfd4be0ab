"""What there is on a simulated Jira site: projects, boards, sprints, issues with all that they ever were, and the
entries of their changelogs."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


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


@dataclass(frozen=True, slots=True)
class ChangeItem:
    field: str
    field_id: str | None
    before: str | None
    before_text: str | None
    after: str | None
    after_text: str | None
    custom: bool = False


@dataclass(frozen=True, slots=True)
class History:
    id: int
    created: datetime
    items: tuple[ChangeItem, ...]


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
    properties: dict[str, object] = field(default_factory=dict)

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
    archived: bool = False


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
    project: Project | None = None
    property: tuple[str, object] | None = None  # of an issue: its name, and its value where it was set


class Place(Protocol):
    """As much of a site as an entry of a changelog speaks of."""

    is_data_center: bool
    sprints: dict[int, Sprint]
    issues: dict[int, Issue]

    def option_id(self, text: str) -> int: ...
    def project_of_key(self, key: str) -> Project | None: ...
