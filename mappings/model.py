"""The words of the domain as frozen values: what goes into a figure and what comes out of it.

Weights, measures and shares are exact: an `int` where whole, else a `Fraction`; never a float.
Datetimes are aware and in UTC. `None` means "not known" or "not there", never zero or empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

Exact = int | Fraction
NOTHING: Mapping[str, "FieldValue"] = MappingProxyType({})
NO_IMPACT: Mapping[str, Exact] = MappingProxyType({})
FieldValue = str | tuple[str, ...] | None


class Status(StrEnum):
    TODO = "todo"
    DOING = "doing"
    DONE = "done"
    DROPPED = "dropped"


class Measure(StrEnum):
    POINTS = "points"
    COUNT = "count"
    TIME_SPENT = "time_spent"
    ORIGINAL_ESTIMATE = "original_estimate"
    POINTS_NORMALISED = "points_normalised"  # only in roll-ups by team and company


class SprintState(StrEnum):
    FUTURE = "future"
    ACTIVE = "active"
    CLOSED = "closed"


class Bucket(StrEnum):
    ALIGNED = "aligned"
    EXEMPT = "exempt"
    DEAD_LINK = "dead_link"
    UNALIGNED = "unaligned"


class Source(StrEnum):
    DIRECT = "direct"
    INHERITED = "inherited"
    RULE = "rule"


class Inherit(StrEnum):
    NEAREST = "nearest"
    MERGE = "merge"
    NONE = "none"


class Periods(StrEnum):
    WEEK = "week"
    TWO_WEEKS = "two_weeks"
    MONTH = "month"


class Scope(StrEnum):
    COMMITTED = "committed"
    ADDED = "added"
    REMOVED = "removed"
    FINAL = "final"
    COMPLETED = "completed"
    DONE_BEFORE = "done_before"
    DROPPED = "dropped"
    CARRIED_OVER = "carried_over"


class Severity(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


# --- what goes in -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Condition:
    """One leaf of a rule's `when`: `kind` is key, ancestor, project, type, label, component,
    status, parent, text or field (then `name` is the field's)."""

    kind: str
    value: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class AllOf:
    conditions: tuple["When", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    conditions: tuple["When", ...]


@dataclass(frozen=True, slots=True)
class Not:
    condition: "When"


When = Condition | AllOf | AnyOf | Not


@dataclass(frozen=True, slots=True)
class MappingRule:
    """Gives `key_results` (texts such as "KR-1:70") or, with none, exempts. Days are inclusive."""

    when: When
    key_results: tuple[str, ...] = ()
    reason: str | None = None
    since: date | None = None  # `from` in files
    until: date | None = None
    author: str | None = None  # who wrote it in Tieline; None for rules of the file

    @property
    def is_exempt(self) -> bool:
        return not self.key_results


Policy = str | Exact  # "median", "zero" or a fixed number


@dataclass(frozen=True, slots=True)
class Wording:
    """What a team wants of the judge of words; None: as the team above it, else the installation, has it."""

    check: bool | None = None  # False: goals and key results are not judged
    capability: str | None = None  # flag or accept goals that say what people will be able to do


@dataclass(frozen=True, slots=True)
class Settings:
    measure: Measure = Measure.POINTS
    unestimated: tuple[tuple[str, Policy], ...] = (("*", "median"),)  # by type; "*" is for the rest
    inherit: Inherit = Inherit.NEAREST
    none_values: tuple[str, ...] = ("none", "no kr", "n/a")
    not_work: tuple[str, ...] = ()
    count_subtasks: bool = False
    commit_grace: Exact = 0  # minutes
    time_zone: str = "UTC"
    thresholds: Mapping[str, Exact] = field(default_factory=dict)  # by finding kind
    wording: Wording = Wording()


@dataclass(frozen=True, slots=True)
class Split:
    """How a team means to divide its aligned work, in percent summing to 100."""

    primary: Exact
    secondary: Exact
    exploration: Exact


@dataclass(frozen=True, slots=True)
class Band:
    """Between which percents a team wants the share of its work that serves key results."""

    low: Exact
    high: Exact


@dataclass(frozen=True, slots=True)
class Team:
    name: str
    parent: str | None = None
    split: Split | None = None
    thresholds: Mapping[str, Exact] = field(default_factory=dict)  # over those of the settings
    wording: Wording = Wording()  # over that of the settings
    band: Band | None = None


@dataclass(frozen=True, slots=True)
class Cycle:
    id: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Objective:
    id: str
    title: str
    team: str
    cycle: str
    horizon: str | None = None  # primary, secondary, exploration


@dataclass(frozen=True, slots=True)
class MeasuredValue:
    at: datetime
    value: Exact


@dataclass(frozen=True, slots=True)
class KeyResult:
    code: str
    objective: str
    title: str
    aliases: tuple[str, ...] = ()
    metric: str | None = None
    unit: str | None = None
    direction: str | None = None  # up, down
    baseline: Exact | None = None
    target: Exact | None = None
    kind: str = "metric"  # metric, binary
    confidence: Exact | None = None
    owner: str | None = None
    supports: tuple[str, ...] = ()
    cadence_days: Exact | None = None
    since: date | None = None  # `from` in files
    until: date | None = None
    values: tuple[MeasuredValue, ...] = ()  # in order of time; of equals the last holds


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of register, rules and settings; it holds from `since` (None: from always)."""

    settings: Settings = Settings()
    rules: tuple[MappingRule, ...] = ()
    teams: tuple[Team, ...] = ()
    cycles: tuple[Cycle, ...] = ()
    objectives: tuple[Objective, ...] = ()
    key_results: tuple[KeyResult, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Board:
    id: str
    name: str
    team: str | None = None
    periods: Periods | None = None  # None: a board with sprints
    filter_excludes: frozenset[str] = frozenset()  # keys that the board's filter hides, if known


@dataclass(frozen=True, slots=True)
class Goal:
    at: datetime | None  # None: from always
    text: str | None


@dataclass(frozen=True, slots=True)
class Sprint:
    id: str
    board: str
    name: str
    state: SprintState
    goals: tuple[Goal, ...] = ()  # in order of time; of equals the last holds
    start: datetime | None = None
    end: datetime | None = None  # planned
    completed: datetime | None = None
    team: str | None = None  # None: its board's
    url: str | None = None
    goal_known: bool = True  # False: the source cannot tell whether it has a goal


class ItemState(NamedTuple):
    """All that was true of an item from `at` until its next state."""

    at: datetime
    status: Status = Status.TODO
    points: Exact | None = None
    tags: tuple[str, ...] = ()
    sprints: tuple[str, ...] = ()
    parent: str | None = None
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    original_estimate: Exact | None = None  # seconds
    time_spent: Exact = 0  # seconds, all that was ever logged
    fields: Mapping[str, FieldValue] = NOTHING
    team: str | None = None
    board: str | None = None
    impact: Mapping[str, Exact] = NO_IMPACT  # by KR code


@dataclass(frozen=True, slots=True)
class Item:
    """A work item. `states` are whole (not differences) and sorted by `at`, one a moment; before the
    first all is as in a fresh `ItemState`. `history_known` False: only the times of their statuses count."""

    key: str
    type: str
    level: int
    created: datetime
    states: tuple[ItemState, ...]
    project: str | None = None
    title: str = ""
    deleted: datetime | None = None
    history_known: bool = True
    url: str | None = None  # where the tracker shows it
    tag_field: str | None = None  # the tracker's name of the field(s) the tags were read from
    aliases: tuple[str, ...] = ()  # keys it had before it moved


@dataclass(frozen=True, slots=True)
class Overruling:
    """A person's word against the judge's: on one text, or without `subject` on all that hold the phrase `text`.

    It is never taken back but by a later one; `label` None says that the judge's verdict holds again."""

    about: str  # goal, key_result
    text: str  # as it was judged; a later wording is another text
    label: str | None
    reason: str
    author: str
    at: datetime
    subject: str | None = None  # sprint id, KR code; None: a phrase rule
    team: str | None = None  # whose phrase rule, with its sub-teams; None: everybody's

    @property
    def is_phrase(self) -> bool:
        return self.subject is None


@dataclass(frozen=True, slots=True)
class EarlierReading:
    """What the field mapping that held until `until` reads otherwise than the present one: figures that were
    closed before that moment rest on it."""

    until: datetime
    items: tuple[Item, ...] = ()
    boards: tuple[Board, ...] = ()


@dataclass(frozen=True, slots=True)
class Backlog:
    """All that the domain needs. `plans` are sorted by `since`, at least one, the first from always.

    `notes` are sentences on what the source could not tell; they decide nothing."""

    now: datetime
    plans: tuple[Plan, ...] = (Plan(),)
    boards: tuple[Board, ...] = ()
    sprints: tuple[Sprint, ...] = ()
    items: tuple[Item, ...] = ()
    hidden_parents: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    overrulings: tuple[Overruling, ...] = ()  # in order of time
    earlier: tuple[EarlierReading, ...] = ()  # in order of time


# --- what comes out ---------------------------------------------------------------------------


class Link(NamedTuple):
    """A part of an item's work: `weight` of it lies in `bucket`, for `key_result` if aligned."""

    item: str
    key_result: str | None
    bucket: Bucket
    weight: Exact
    source: Source | None
    reason: str


class ReceiptLine(NamedTuple):
    """One item of a figure: its measure at its moment, and where that work went.

    `value` adds up to the figure's total; `unscaled` is the measure in its board's own points,
    which differs from `value` in `points_normalised` only. `cap` is the most that an imputed item may be worth.
    """

    item: str
    value: Exact
    imputed: bool
    moment: datetime
    links: tuple[Link, ...]
    unscaled: Exact
    cap: Exact = 0
    board: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One segment of a figure; all but `amount` are None where the figure's total is 0."""

    amount: Exact
    share: Exact | None
    percent: int | None
    low: Exact | None
    high: Exact | None


@dataclass(frozen=True, slots=True)
class Figure:
    """What share of a set of items serves each key result. `shares`: largest first, then by code."""

    measure: Measure
    total: Exact
    shares: tuple[tuple[str, Part], ...]
    exempt: Part
    dead_link: Part
    unaligned: Part
    receipt: tuple[ReceiptLine, ...]  # sorted by item

    @property
    def items(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(line.item for line in self.receipt))

    @property
    def imputed(self) -> tuple[ReceiptLine, ...]:
        return tuple(line for line in self.receipt if line.imputed)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text that decided a verdict: `text[start:end]`, and the sentence why."""

    start: int
    end: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class GoalReading:
    text: str | None
    first: str | None  # the goal at the start, where it was another
    verdict: str | None
    confidence: float | None
    reasons: tuple[Span, ...] = ()
    key_results: tuple[str, ...] = ()  # codes that the goal refers to
    is_checked: bool = True  # False: the team has switched the check off
    overruled: Overruling | None = None  # what a person says instead; the verdict stays beside it
    overruled_before: tuple[Overruling, ...] = ()  # for an earlier wording
    is_known: bool = True  # False: the source cannot tell whether there is a goal

    @property
    def label(self) -> str | None:
        """What holds: a person's word, else the verdict."""
        return self.verdict if self.overruled is None else self.overruled.label


@dataclass(frozen=True, slots=True)
class SprintReport:
    sprint: Sprint
    state: SprintState  # as of the moment asked for
    measure: Measure
    goal: GoalReading
    scopes: Mapping[Scope, Figure | None]
    unknown: Mapping[Scope, str]
    late_close: bool  # completed more than a day after its planned end
    upper_bound: bool  # `final` may hold items that left before completion: no history
    outside_filter: int  # items of the sprint that the board's filter hides


@dataclass(frozen=True, slots=True)
class PeriodReport:
    id: str  # board/first day
    board: str
    start: date
    end: date
    state: SprintState
    measure: Measure
    completed: Figure


@dataclass(frozen=True, slots=True)
class ObjectiveShare:
    objective: str
    part: Part


@dataclass(frozen=True, slots=True)
class Rollup:
    by: str  # board, team, company
    subject: str
    cycle: str
    measure: Measure
    scope: Scope
    sprints: tuple[str, ...]
    periods: tuple[str, ...]
    figure: Figure
    objectives: tuple[ObjectiveShare, ...]
    outside: Figure | None


@dataclass(frozen=True, slots=True)
class KeyResultReading:
    code: str
    live: bool
    current: Exact | None
    progress: Exact | None
    to_go: Exact | None
    planned: Exact | None
    planned_epics: tuple[str, ...]


# Plain data: texts, ints, bools, None, tuples and mappings of these. Amounts are exact texts, shares `Fraction`s.
Evidence = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should look at; identified by kind and subject."""

    kind: str
    subject: str
    severity: Severity
    evidence: Evidence
    suggestion: str


@dataclass(frozen=True, slots=True)
class Analysis:
    as_of: datetime
    sprints: tuple[SprintReport, ...]
    periods: tuple[PeriodReport, ...]
    rollups: tuple[Rollup, ...]
    links: tuple[Link, ...]
    key_results: tuple[KeyResultReading, ...]
    findings: tuple[Finding, ...]
