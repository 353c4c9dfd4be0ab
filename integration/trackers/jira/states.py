"""The state of an item at a moment, from the values that its parts had then."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any

from integration.trackers.jira.fields import FieldMapping
from integration.trackers.jira.parts import Parts, as_texts, as_told, sprint_values
from integration.trackers.jira.site import status_of
from integration.trackers.jira.slots import text_slots
from integration.trackers.jira.sprints import board_of, raw_sprints
from integration.trackers.jira.values import label_tag
from mappings.model import NOTHING, Exact, FieldValue, ItemState, Status

Read = Callable[[Parts, Mapping[str, Any], str | None], object]
Plan = Mapping[str, tuple[tuple[int, Read], ...]]


def state_of(parts: Parts, at: datetime, now: Mapping[str, Any], board: str | None) -> ItemState:
    """The state from the values of all slots, each of which holds what `present_values` says."""
    return ItemState(
        at=at,
        status=_status(parts, now, board),
        points=_points(parts, now, board),
        tags=_tags(parts, now, board),
        sprints=now["sprints"],
        parent=now["parent"],
        labels=now["labels"],
        components=now["components"],
        original_estimate=now["estimate"],
        time_spent=now["spent"],
        fields=_fields(parts, now, board),
        team=_team(parts, now, board),
        board=board,
    )


def changed_state(
    parts: Parts, at: datetime, last: ItemState, now: Mapping[str, Any], changed: Iterable[str]
) -> ItemState:
    """The state after `last`, of which only what the changed slots take part in is read again."""
    values: list[Any] = list(last)
    values[0] = at
    for slot in changed:
        for place, read in parts.plan[slot]:
            values[place] = read(parts, now, last.board)
    return ItemState._make(values)


@lru_cache(maxsize=64)
def plan_of(mapping: FieldMapping) -> Plan:
    """What each slot takes part in, found out once a mapping."""
    slots = text_slots(mapping)
    found = {
        "status": ["status"],
        "resolution": ["status"],
        "labels": ["labels", "tags"],
        "links": ["tags"],
        "components": ["components"],
        # With its sprint an item may come to another board.
        "sprints": ["sprints", "status"] if mapping.board_statuses else ["sprints"],
        "parent": ["parent"],
        "estimate": ["original_estimate"],
        "spent": ["time_spent"],
    }
    roles = [(ref.id, "points") for ref in mapping.points_fields]
    roles += [(slots[ref.id], "tags") for ref in mapping.kr_fields]
    roles += [(slots[ref.id], "fields") for ref in mapping.rule_fields]
    roles += [(slots[mapping.team_field.id], "team")] if mapping.team_field is not None else []
    for slot, part in roles:
        found.setdefault(slot, []).append(part)
    return {slot: tuple(_reader(part) for part in dict.fromkeys(parts)) for slot, parts in found.items()}


def _reader(part: str) -> tuple[int, Read]:
    place = ItemState._fields.index(part)
    return place, _READERS.get(part) or _taken(_SLOT_OF.get(part, part))


def _taken(slot: str) -> Read:
    """Takes the value of a slot as it is."""

    def read(_parts: Parts, now: Mapping[str, Any], _board: str | None) -> object:
        return now[slot]

    return read


# --- one part of the state, each from the values of all slots ----------------------------------------


def _fields(parts: Parts, now: Mapping[str, object], _board: str | None) -> Mapping[str, FieldValue]:
    if not parts.mapping.rule_fields:
        return NOTHING
    return {ref.name: _field_value(now[parts.text_slots[ref.id]]) for ref in parts.mapping.rule_fields}


def _team(parts: Parts, now: Mapping[str, object], _board: str | None) -> str | None:
    ref = parts.mapping.team_field
    return None if ref is None else next(iter(as_texts(now[parts.text_slots[ref.id]])), None)


def _status(parts: Parts, now: Mapping[str, object], board: str | None) -> Status:
    mapping = parts.mapping
    there = (board or _board_of_sprints(parts, as_texts(now["sprints"]))) if mapping.board_statuses else None
    status, note = status_of(as_told(now["status"]), as_told(now["resolution"]), mapping, parts.site, there)
    if note is not None:
        parts.notes.append(note)
    return status


def _board_of_sprints(parts: Parts, sprints: tuple[str, ...]) -> str | None:
    """The board of the latest sprint that it is in, of those that the issue still names."""
    boards = {str(raw["id"]): board_of(raw) for raw in raw_sprints(sprint_values(parts.fields, parts.mapping))}
    return next((boards[sprint] for sprint in reversed(sprints) if sprint in boards), None)


def _points(parts: Parts, now: Mapping[str, object], _board: str | None) -> Exact | None:
    for ref in parts.mapping.points_fields:
        value = now[ref.id]
        if isinstance(value, (int, Fraction)):
            return value
    return None


def _tags(parts: Parts, now: Mapping[str, object], _board: str | None) -> tuple[str, ...]:
    mapping = parts.mapping
    labels = as_texts(now["labels"])
    found = [as_texts(now[parts.text_slots[ref.id]]) for ref in mapping.kr_fields]
    texts = [text for values in found for text in _found(values, mapping.kr_text_pattern)]
    if mapping.kr_label_prefix is not None:
        tags = (label_tag(label, mapping.kr_label_prefix, parts.site.names) for label in labels)
        texts += [tag for tag in tags if tag is not None]
    if mapping.kr_link_types:
        texts += as_texts(now["links"])
    return tuple(dict.fromkeys(texts))


def _found(texts: tuple[str, ...], pattern: str | None) -> Iterable[str]:
    """With a pattern the texts are prose that names key results somewhere."""
    if pattern is None:
        return texts
    return [match.group(match.lastindex or 0) for text in texts for match in re.finditer(pattern, text)]


def _field_value(value: object) -> FieldValue:
    texts = as_texts(value)
    return texts if len(texts) > 1 else next(iter(texts), None)


# Slots that go by another name than the part of the state that they make.
_SLOT_OF = {"original_estimate": "estimate", "time_spent": "spent"}
_READERS: Mapping[str, Read] = {
    "status": _status,
    "points": _points,
    "tags": _tags,
    "fields": _fields,
    "team": _team,
}
