"""Effort beside movement: what share of its team's work a key result got in its cycle, and how it moved in that time.

Both are told by rules that can be said in words; what nobody measured is neither moving nor stuck. The finding
`effort_without_movement` asks the same of another time: both of its sides over the last three sprints.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mappings.exact import plain
from mappings.model import Exact, KeyResult
from mappings.progress import chance_at, progress, to_go, value_at
from mappings.survey import threshold_of
from mappings.tags import Register

FED_FROM = "starved_kr"  # the threshold below which a key result is starved
MISSED_BELOW, EXCEEDED_ABOVE = 60, 80  # percent of progress at the end of a cycle


class Quadrant(StrEnum):
    FED_AND_MOVING = "fed_and_moving"
    FED_AND_STUCK = "fed_and_stuck"
    STARVED_AND_MOVING = "starved_and_moving"
    STARVED_AND_STUCK = "starved_and_stuck"


class Grade(StrEnum):
    MISSED = "missed"
    MET = "met"
    EXCEEDED = "exceeded"


@dataclass(frozen=True, slots=True)
class Movement:
    """Progress by now, and how far it came since then; None where nobody can know."""

    progress: Exact | None
    moved: Exact | None
    is_moving: bool | None


@dataclass(frozen=True, slots=True)
class EffortReading:
    """`share` None: the team completed no work in the cycle; `quadrant` None: one of its two sides is not known."""

    share: Exact | None
    limit: Exact  # percent from which a key result is fed
    is_fed: bool | None
    movement: Movement
    quadrant: Quadrant | None
    grade: Grade | None  # once the period is over


def read_effort(register: Register, kr: KeyResult, share: Exact | None, now: datetime) -> EffortReading:
    """`share`: of its team's completed work of the cycle."""
    limit = threshold_of(register, FED_FROM, register.team_of(kr.code))
    is_fed = None if share is None else share * 100 >= limit
    movement = movement_of(kr, register.cycle_began(kr.code), now)
    grade = grade_of(movement.progress) if register.period(kr.code)[1] <= now else None
    return EffortReading(share, limit, is_fed, movement, _quadrant(is_fed, movement.is_moving), grade)


def movement_of(kr: KeyResult, first: datetime, now: datetime) -> Movement:
    """It moves that is nearer to its target than it was at `first`, or there already; measured since then."""
    reached = progress_at(kr, now)
    if not is_measured(kr, first, now):
        return Movement(reached, None, None)
    before = progress_at(kr, first)
    moved = None if reached is None else plain(reached - (before or 0))
    if kr.kind == "binary":
        return Movement(reached, moved, None if before is None or moved is None else moved > 0 or reached == 1)
    ways = distances(kr, first, now)
    return Movement(reached, moved, None if ways is None else is_nearer(*ways))


def is_measured(kr: KeyResult, first: datetime, now: datetime) -> bool:
    return any(first < value.at <= now for value in kr.values)


def distances(kr: KeyResult, first: datetime, now: datetime) -> tuple[Exact, Exact] | None:
    """How far there was to go at `first`, and now; None where nobody can know."""
    then, left = to_go(kr, value_at(kr, first)), to_go(kr, value_at(kr, now))
    return None if then is None or left is None else (then, left)


def is_nearer(then: Exact, left: Exact) -> bool:
    return left == 0 or left < then


def progress_at(kr: KeyResult, moment: datetime) -> Exact | None:
    return chance_at(kr, moment) if kr.kind == "binary" else progress(kr, value_at(kr, moment))


def grade_of(reached: Exact | None) -> Grade | None:
    if reached is None:
        return None
    if reached * 100 < MISSED_BELOW:
        return Grade.MISSED
    return Grade.MET if reached * 100 <= EXCEEDED_ABOVE else Grade.EXCEEDED


def _quadrant(is_fed: bool | None, is_moving: bool | None) -> Quadrant | None:
    if is_fed is None or is_moving is None:
        return None
    if is_fed:
        return Quadrant.FED_AND_MOVING if is_moving else Quadrant.FED_AND_STUCK
    return Quadrant.STARVED_AND_MOVING if is_moving else Quadrant.STARVED_AND_STUCK
