"""The shape of register, rules and settings, the same in a backlog file and in an OKR register.

Every field is read by a function of `scalars` or `conditions`, so that a fault says the same sentence wherever
it is found; pydantic carries them to their places and gives the JSON Schema for editors."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, StrictBool, WithJsonSchema

from integration.files import conditions, scalars
from integration.files.faults import Fault, Wrong, kind_of, shown
from integration.files.json_stream import TWICE, twice
from mappings.model import Exact, Policy, When
from mappings.tags import fold

Read = TypeVar("Read")
_CENTURY_OF_DAYS = 36_525
_LONGEST_GRACE = 10_000_000  # minutes; the sprint's completion cuts it off anyway


def _or_none(read: Callable[[object], Read]) -> Callable[[object], Read | None]:
    return lambda value: None if value is None else read(value)


def _percent_of_one(value: object) -> Exact:
    found = scalars.number(value)
    if not 0 <= found <= 1:
        raise Wrong(f"must lie between 0 and 1, but is {scalars.decimal_text(found)}")
    return found


def _days(value: object) -> Exact:
    found = scalars.number(value)
    if found <= 0:
        raise Wrong(f"must be more than 0 days, but is {scalars.decimal_text(found)}")
    return _at_most(found, _CENTURY_OF_DAYS, "days")


def _threshold_days(value: object) -> Exact:
    return _at_most(scalars.number_from_zero(value), _CENTURY_OF_DAYS, "days")


def _grace(value: object) -> Exact:
    return _at_most(scalars.number_from_zero(value), _LONGEST_GRACE, "minutes")


def _at_most(found: Exact, most: int, unit: str) -> Exact:
    if found > most:
        raise Wrong(f"must be at most {most} {unit}")
    return found


def _policy(value: object) -> Policy:
    if isinstance(value, str):
        if value in ("median", "zero"):
            return value
        raise Wrong(f"must be median, zero or a number, not {kind_of(value)}")
    return scalars.number_from_zero(value)


def _unestimated(value: object) -> tuple[tuple[str, Policy], ...]:
    """Read the policy for unestimated items, for all or by type."""
    if not isinstance(value, dict):
        return (("*", _policy(value)),)
    policies: dict[str, tuple[str, Policy]] = {}
    faults: list[Fault] = []
    for kind, policy in value.items():
        if kind == TWICE:
            faults.append(Fault((), f"the type {twice(value)} is named twice"))
            continue
        name = fold(kind)
        if name in policies:
            faults.append(Fault((kind,), f"the type {shown(policies[name][0])} is named twice"))
            continue
        try:
            policies[name] = (kind, _policy(policy))
        except Wrong as wrong:
            faults += wrong.at(kind)
    if faults:
        raise Wrong.of(faults)
    policies.setdefault("*", ("*", "median"))
    return tuple(policies.values())


_NUMBER = {"type": "number"}
_FROM_ZERO = {"type": "number", "minimum": 0}
_DAY = {"type": "string", "format": "date"}

Text = Annotated[str, PlainValidator(scalars.text), WithJsonSchema({"type": "string"})]
Name = Annotated[str, PlainValidator(scalars.name), WithJsonSchema({"type": "string", "minLength": 1})]
TextOrNone = Annotated[str | None, PlainValidator(_or_none(scalars.text)), WithJsonSchema({"type": ["string", "null"]})]
NameOrNone = Annotated[str | None, PlainValidator(_or_none(scalars.name)), WithJsonSchema({"type": ["string", "null"]})]
Number = Annotated[Exact, PlainValidator(scalars.number), WithJsonSchema(_NUMBER)]
NumberOrNone = Annotated[
    Exact | None, PlainValidator(_or_none(scalars.number)), WithJsonSchema({"type": ["number", "null"]})
]
FromZero = Annotated[Exact, PlainValidator(scalars.number_from_zero), WithJsonSchema(_FROM_ZERO)]
ThresholdDays = Annotated[Exact, PlainValidator(_threshold_days), WithJsonSchema(_FROM_ZERO)]
Day = Annotated[date, PlainValidator(scalars.day), WithJsonSchema(_DAY)]
DayOrNone = Annotated[
    date | None,
    PlainValidator(_or_none(scalars.day)),
    WithJsonSchema({"anyOf": [_DAY, {"type": "null"}]}),
]
Moment = Annotated[datetime, PlainValidator(scalars.moment), WithJsonSchema({"type": "string", "format": "date-time"})]
MomentOrNone = Annotated[
    datetime | None,
    PlainValidator(_or_none(scalars.moment)),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}),
]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class ThresholdsIn(Section):
    """By finding kind; in percent but for the last four."""

    goal_work_mismatch: FromZero = 20
    starved_kr: FromZero = 5
    late_tagging: FromZero = 30
    catch_all_kr: FromZero = 80
    sudden_alignment: FromZero = 90
    untagged_backlog: FromZero = 5
    off_balance: FromZero = 15
    effort_without_movement: FromZero = 20
    undeclared_epic: FromZero = 50
    contradicting_epic: FromZero = 50
    scattered_sprint: FromZero = 5
    too_many_krs: FromZero = 5
    too_many_objectives: FromZero = 3
    unmeasured_kr: ThresholdDays = 14


class SettingsIn(Section):
    measure: Literal["points", "count", "time_spent", "original_estimate"] = "points"
    unestimated: Annotated[
        tuple[tuple[str, Policy], ...],
        PlainValidator(_unestimated),
        WithJsonSchema(
            {
                "description": "median, zero or a number; or by type, with * for the rest.",
                "anyOf": [
                    {"enum": ["median", "zero"]},
                    _FROM_ZERO,
                    {"type": "object", "additionalProperties": {"anyOf": [{"enum": ["median", "zero"]}, _FROM_ZERO]}},
                ],
            }
        ),
    ] = (("*", "median"),)
    inherit: Literal["nearest", "merge", "none"] = "nearest"
    none_values: list[Text] = ["none", "no kr", "n/a"]
    not_work: list[Text] = []
    count_subtasks: StrictBool = False
    commit_grace: Annotated[Exact, PlainValidator(_grace), WithJsonSchema(_FROM_ZERO)] = 0
    time_zone: Annotated[str, PlainValidator(scalars.time_zone), WithJsonSchema({"type": "string"})] = "UTC"
    thresholds: ThresholdsIn = ThresholdsIn()


class WordingIn(Section):
    """How goals and key results are judged by their words: of a team, else as the one above it has it."""

    check: StrictBool | None = Field(default=None, description="false: their words are not judged.")
    capability: Literal["flag", "accept"] | None = Field(
        default=None, description="Goals that say what people will be able to do, not what will change."
    )


class RegisterSettingsIn(SettingsIn):
    """Those of a backlog file, and what only a register says."""

    wording: WordingIn = WordingIn()


class RuleIn(Section):
    when: Annotated[When, PlainValidator(conditions.when), WithJsonSchema({})]
    then: Annotated[tuple[str, ...], PlainValidator(conditions.then), WithJsonSchema(conditions.THEN_SCHEMA)]
    reason: TextOrNone = None
    since: DayOrNone = Field(default=None, alias="from")
    until: DayOrNone = None


class SplitIn(Section):
    primary: FromZero
    secondary: FromZero
    exploration: FromZero


class TeamIn(Section):
    name: Name
    parent: NameOrNone = None
    split: SplitIn | None = None


class BandIn(Section):
    low: FromZero = Field(alias="from")
    high: FromZero = Field(alias="to", le=100)


class RegisterTeamIn(TeamIn):
    """As in a backlog file, and what only a register says: settings of the team's own."""

    thresholds: ThresholdsIn = ThresholdsIn()
    wording: WordingIn = WordingIn()
    band: BandIn | None = None


class CycleIn(Section):
    id: Name
    start: Day
    end: Day


class ObjectiveIn(Section):
    id: Name
    title: Text
    team: Name
    cycle: Name
    horizon: Literal["primary", "secondary", "exploration"] | None = None


class ValueIn(Section):
    at: Moment
    value: Number


class KeyResultIn(Section):
    code: Name
    objective: Name
    title: Text
    aliases: list[Text] | None = None
    metric: TextOrNone = None
    unit: TextOrNone = None
    direction: Literal["up", "down"] | None = None
    baseline: NumberOrNone = None
    target: NumberOrNone = None
    kind: Literal["metric", "binary"] | None = None
    confidence: Annotated[
        Exact | None,
        PlainValidator(_or_none(_percent_of_one)),
        WithJsonSchema({"type": ["number", "null"], "minimum": 0, "maximum": 1}),
    ] = None
    owner: TextOrNone = None
    supports: list[Name] | None = None
    cadence_days: Annotated[
        Exact | None,
        PlainValidator(_or_none(_days)),
        WithJsonSchema({"type": ["number", "null"], "exclusiveMinimum": 0}),
    ] = None
    since: DayOrNone = Field(default=None, alias="from")
    until: DayOrNone = None
    values: list[ValueIn] | None = None


class BoardIn(Section):
    id: Name
    name: Text
    team: NameOrNone = None
    periods: Literal["week", "two_weeks", "month"] | None = None


class GoalIn(Section):
    at: Moment
    text: TextOrNone


class SprintIn(Section):
    id: Name
    board: Name
    team: NameOrNone = None
    name: Text
    state: Literal["future", "active", "closed"]
    goal: TextOrNone = None
    goals: list[GoalIn] | None = None
    start: MomentOrNone = None
    end: MomentOrNone = None
    completed: MomentOrNone = None
