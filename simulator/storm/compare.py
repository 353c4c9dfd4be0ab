"""Holds the store against the site: item by item, and version by version where Jira keeps a history; where it keeps
none, the last state, and each moment between the last time seen and the first time missed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from simulator import catalogue
from simulator.as_backlog import state_of
from simulator.site import Site
from simulator.things import Issue, Sprint

Json = Mapping[str, Any]
GROUND = ("key", "type", "level", "project", "title", "created", "history_known")


SETS = ("tags", "sprints", "labels", "components")  # in no order


@dataclass(frozen=True, slots=True)
class SprintLife:
    """All that a sprint ever was; the last one None where it was deleted."""

    versions: tuple[tuple[datetime, Sprint | None], ...]


def differences(site: Site, lives: Mapping[int, SprintLife], told: Json) -> list[str]:
    """Each difference in a sentence; none where the store is true."""
    found = {str(item["id"]): item for item in told["items"]}
    theirs = {str(issue.id): issue for issue in site.issues.values()}
    said = [f"item {id_} is in the store alone" for id_ in sorted(found.keys() - theirs.keys())]
    for id_, issue in theirs.items():
        said += [f"{issue.key}: {text}" for text in _of_item(site, issue, found.get(id_))]
    if told["rows"] != len(found):
        said.append(f"{told['rows']} rows tell of {len(found)} items")
    said += [f"item {id_} was refused: {why}" for id_, why in told["refused"].items()]
    said += [
        f"{number} deliveries are {state}" for state in ("new", "running", "dead") if (number := told["inbox"][state])
    ]
    return said + _of_sprints(site, lives, told)


# --- items


def _of_item(site: Site, issue: Issue, found: Json | None) -> Iterable[str]:
    if found is None:
        # Written down and gone again between two looks, or out of our sight from the beginning.
        if site.shows(issue):
            yield "is not in the store"
        return
    if not site.shows(issue):
        yield from _of_absence(issue, found)
        return
    if found["deleted"] is not None:
        yield f"counts as deleted at {found['deleted']}"
    for name, value in _ground(issue).items():
        if found[name] != value:
            yield f"{name} is {found[name]!r}, and should be {value!r}"
    # The new key of a project is told by no changelog: an old key that nobody saw cannot be known.
    items = (item for history in issue.histories for item in history.items)
    told = {str(item.before_text) for item in items if item.field == "Key"}
    missing = told - set(found["aliases"])
    if missing:
        yield f"its old keys {sorted(missing)} are not known"
    theirs = [one | {"parent": _parent_of(site, one["parent"])} for one in found["history"]]
    yield from _of_history(_history(site, issue), _in_short(theirs))


def _ground(issue: Issue) -> dict[str, object]:
    kind = catalogue.TYPE[issue.values.type]
    values = (issue.key, kind.name, kind.level, issue.values.project, issue.values.summary, _text(issue.created), True)
    return dict(zip(GROUND, values, strict=True))


def _of_absence(issue: Issue, found: Json) -> Iterable[str]:
    """Deleted, or out of our sight: the store tells between which two looks. That it came back for a while between
    two later looks cannot be known."""
    moments = _gone_at(issue)
    if found["deleted"] is None:
        yield f"was gone at {_text(moments[-1])}, and is in the store"
    elif not any(_moment(found["last_seen"]) <= at <= _moment(found["deleted"]) for at in moments):
        yield f"was gone at {_text(moments[-1])}, not between {found['last_seen']} and {found['deleted']}"


def _gone_at(issue: Issue) -> list[datetime]:
    """When it went out of our sight: to a level that is not ours, maybe for a while, or for good."""
    items = ((history.created, item) for history in issue.histories for item in history.items)
    hidden = [at for at, item in items if item.field == "security" and item.after is not None]
    return hidden if issue.deleted is None else [*hidden, issue.deleted]


def _history(site: Site, issue: Issue) -> list[dict[str, Any]]:
    """The versions, without what is told of sprints that are not there any more."""
    there = {str(number) for number in site.sprints}
    versions: Iterable[dict[str, Any]] = ({"at": _text(at)} | state_of(site, v) for at, v in issue.revisions)
    return _in_short(
        one | {"sprints": [id_ for id_ in one["sprints"] if id_ in there], "parent": _parent_of(site, one["parent"])}
        for one in versions
    )


def _parent_of(site: Site, key: str | None) -> str | None:
    """By its id: one that was deleted before its project got another key is known by the key that it had."""
    return None if key is None else str(site.by_key.get(key, key))


def _in_short(states: Iterable[Json]) -> list[dict[str, Any]]:
    """Without versions that differ in nothing, or that did not last."""
    short: list[dict[str, Any]] = []
    for told in states:
        state = {**told, **{name: sorted(told[name]) for name in SETS}}
        if short and short[-1]["at"] == state["at"]:
            short.pop()
        if not short or _values(short[-1]) != _values(state):
            short.append(state)
    return short


def _values(state: Json) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name != "at"}


def _of_history(ours: Sequence[Json], theirs: Sequence[Json]) -> Iterable[str]:
    if len(ours) != len(theirs):
        yield f"has {len(theirs)} versions, and should have {len(ours)}"
    for wanted, found in zip(ours, theirs, strict=False):
        for name, value in wanted.items():
            if found[name] != value:
                yield f"{name} of the version of {wanted['at']} is {found[name]!r}, and should be {value!r}"
                return


# --- sprints


def _of_sprints(site: Site, lives: Mapping[int, SprintLife], told: Json) -> list[str]:
    found: Json = told["sprints"]
    said = [f"sprint {id_} is in the store alone" for id_ in sorted(found.keys() - {str(n) for n in lives})]
    for number, life in lives.items():
        row = found.get(str(number))
        if row is None:
            if number in site.sprints:
                said.append(f"sprint {number} is not in the store")
            continue
        said += [f"sprint {number}: {text}" for text in _of_sprint(life, row)]
    return said


def _of_sprint(life: SprintLife, row: Json) -> Iterable[str]:
    yield from _of_sightings(life, row["sightings"])
    last = life.versions[-1][1]
    if last is None:
        at = life.versions[-1][0]
        seen = [one for one in row["sightings"] if one[2] is not None]
        if row["gone_at"] is None:
            yield "was deleted, and is in the store"
        elif not (not seen or _moment(seen[-1][1]) <= at) or not at <= _moment(row["gone_at"]):
            yield f"was deleted at {_text(at)}, not before {row['gone_at']}"
        return
    for name, value in _last(last).items():
        if row[name] != value:
            yield f"{name} is {row[name]!r}, and should be {value!r}"
    yield from _of_goals(life, row["goals"])


def _last(sprint: Sprint) -> dict[str, object]:
    return {
        "name": sprint.name,
        "board": str(sprint.board),
        "state": sprint.state,
        "end": _text(sprint.end),
        "completed": _text(sprint.completed),
        "gone_at": None,
    }


def _of_sightings(life: SprintLife, sightings: Sequence[Sequence[Any]]) -> Iterable[str]:
    """What was seen from one moment to another was so at both."""
    for first, last, told in sightings:
        for moment in (first, last):
            then = _as_at(life, _moment(moment))
            if (then is None) != (told is None):
                yield f"was seen {'gone' if told is None else 'there'} at {moment}"
            elif then is not None and (told["name"], told["state"]) != (then.name, then.state):
                yield f"was seen as {told['name']!r}, {told['state']} at {moment}, and was {then.name!r}, {then.state}"


def _of_goals(life: SprintLife, goals: Sequence[Sequence[Any]]) -> Iterable[str]:
    """Each goal in the store held when it was first seen; its forerunner when that was last seen."""
    last = life.versions[-1][1]
    assert last is not None
    if not goals or (goals[-1][2] or "") != (last.goal or ""):
        yield f"its last goal is {goals[-1][2] if goals else None!r}, and should be {last.goal!r}"
    for before, (not_before, at, text) in pairwise([[None, None, None], *goals]):
        if at is None:
            continue
        then = _as_at(life, _moment(at))
        if then is None or (then.goal or "") != (text or ""):
            yield f"the goal {text!r} did not hold at {at}"
        earlier = _as_at(life, _moment(not_before)) if not_before else None
        if earlier is None or (earlier.goal or "") != (before[2] or ""):
            yield f"the goal {before[2]!r} did not hold at {not_before}"


def _as_at(life: SprintLife, moment: datetime) -> Sprint | None:
    held = None
    for at, sprint in life.versions:
        if at <= moment:
            held = sprint
    return held


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
