"""What all that was ever told of a sprint amounts to. Pure: sightings in, a sprint out, in whatever order they came."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from mappings.model import Goal, Sprint, SprintState

Told = dict[str, Any]  # plain data, as kept in the store


@dataclass(frozen=True, slots=True)
class Sighting:
    """The tracker told the same from `first` to `last`; `told` None: the sprint was not there any more."""

    first: datetime
    last: datetime
    told: Told | None


@dataclass(frozen=True, slots=True)
class SeenGoal:
    """A goal, when it was first seen, and when its forerunner was last seen: the change lies between."""

    at: datetime | None
    text: str | None
    not_before: datetime | None = None


def told_of(sprint: Sprint, starts_are_exact: bool) -> Told:
    return {
        "board": sprint.board,
        "name": sprint.name,
        "state": sprint.state.value,
        "goals": [[_text(goal.at), goal.text] for goal in _worth_keeping(sprint.goals)],
        "start": _text(sprint.start),
        "end": _text(sprint.end),
        "completed": _text(sprint.completed),
        "team": sprint.team,
        "url": sprint.url,
        "exact": starts_are_exact,
    }


def _worth_keeping(goals: tuple[Goal, ...]) -> tuple[Goal, ...]:
    """A single goal is the present one: when it began is ours to find out. Several are the tracker's own history."""
    return goals if len(goals) != 1 else (replace(goals[0], at=None),)


def with_sighting(known: Sequence[Sighting], new: Sighting) -> tuple[Sighting, ...]:
    """Add one, in order of time, as runs of equal content."""
    points: list[Sighting] = []
    for run in known:
        if run.first < new.first < run.last and run.told != new.told:
            points += [Sighting(run.first, run.first, run.told), Sighting(run.last, run.last, run.told)]
        elif new.first not in (run.first, run.last) or run.told == new.told:
            points.append(run)
        else:
            points += _without(run, new.first)
    return _merged(sorted([*points, new], key=lambda run: (run.first, run.last)))


def _without(run: Sighting, moment: datetime) -> list[Sighting]:
    """Of two contradicting answers of one moment the later one counts."""
    kept = {run.first, run.last} - {moment}
    return [Sighting(at, at, run.told) for at in kept]


def _merged(points: Sequence[Sighting]) -> tuple[Sighting, ...]:
    runs: list[Sighting] = []
    for point in points:
        if runs and runs[-1].told == point.told:
            runs[-1] = replace(runs[-1], last=max(runs[-1].last, point.last))
        else:
            runs.append(point)
    return tuple(runs)


def sprint_from(id: str, sightings: Sequence[Sighting]) -> Sprint | None:  # noqa: A002 - the field's name
    """Reckon the sprint from all sightings, in order of time; None where it was never there."""
    seen = [sighting for sighting in sightings if sighting.told is not None]
    if not seen:
        return None
    told = _told(seen[-1])
    state = SprintState(told["state"])
    return Sprint(
        id=id,
        board=told["board"],
        name=told["name"],
        state=state,
        goals=tuple(Goal(at=goal.at, text=goal.text) for goal in goals_from(sightings)),
        start=_start(seen, state),
        end=_moment(told["end"]),
        completed=_completed(seen) if state is SprintState.CLOSED else None,
        team=told["team"],
        url=told["url"],
    )


def gone_at(sightings: Sequence[Sighting]) -> datetime | None:
    return sightings[-1].first if sightings and sightings[-1].told is None else None


def goals_from(sightings: Sequence[Sighting]) -> tuple[SeenGoal, ...]:
    seen = [sighting for sighting in sightings if sighting.told is not None]
    latest = _told(seen[-1])["goals"] if seen else []
    if len(latest) > 1:
        return tuple(SeenGoal(_moment(at), text) for at, text in latest)
    goals: list[SeenGoal] = []
    for before, sighting in pairwise([None, *seen]):
        assert sighting is not None
        text = _goal(sighting)
        if before is None:
            goals.append(SeenGoal(None, text))
        elif text != goals[-1].text:
            goals.append(SeenGoal(sighting.first, text, before.last))
    return tuple(goals)


def _goal(sighting: Sighting) -> str | None:
    goals = _told(sighting)["goals"]
    text = goals[-1][1] if goals else None
    return None if text is None else str(text)


def _start(seen: Sequence[Sighting], state: SprintState) -> datetime | None:
    """The moment of the change from future to active where it was seen; else the date as first told after it.

    Jira Cloud tells only a start that people can edit, so what was told later does not count.
    """
    latest = _told(seen[-1])
    if state is SprintState.FUTURE or latest["exact"]:
        return _moment(latest["start"])
    begun = next(index for index, sighting in enumerate(seen) if _told(sighting)["state"] != SprintState.FUTURE.value)
    first = seen[begun]
    if begun > 0 and _told(first)["state"] == SprintState.ACTIVE.value:
        return first.first
    told = _moment(_told(first)["start"])
    return None if told is None else min(told, first.first)


def _completed(seen: Sequence[Sighting]) -> datetime | None:
    """The last completion: told by the tracker, else when the sprint was first seen closed after it was last open."""
    told = _moment(_told(seen[-1])["completed"])
    if told is not None:
        return told
    first = seen[-1].first
    for sighting in reversed(seen):
        if _told(sighting)["state"] != SprintState.CLOSED.value:
            break
        first = sighting.first
    return first


def _told(sighting: Sighting) -> Told:
    assert sighting.told is not None
    return sighting.told


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
