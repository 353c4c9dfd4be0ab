"""The state of an item at a moment, from the values that its parts had then."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from integration.trackers.jira.parts import Parts, as_texts, as_told, sprint_values
from integration.trackers.jira.site import status_of
from integration.trackers.jira.sprints import board_of, raw_sprints
from integration.trackers.jira.values import label_tag
from mappings.model import NOTHING, Exact, FieldValue, ItemState, Status


def state_of(parts: Parts, at: datetime, now: Mapping[str, Any], board: str | None) -> ItemState:
    """The state from the values of all slots, each of which holds what `present_values` says."""
    mapping = parts.mapping
    return ItemState(
        at=at,
        status=_status(parts, now, board),
        points=_first_number(now[ref.id] for ref in mapping.points_fields),
        tags=_tags(parts, now),
        sprints=now["sprints"],
        parent=now["parent"],
        labels=now["labels"],
        components=now["components"],
        original_estimate=now["estimate"],
        time_spent=now["spent"],
        fields=_fields(parts, now) if mapping.rule_fields else NOTHING,
        team=_team(parts, now),
        board=board,
    )


def changed_state(
    parts: Parts, at: datetime, last: ItemState, now: Mapping[str, object], changed: Iterable[str]
) -> ItemState:
    """The state after `last`, of which only the changed slots are read again."""
    found: dict[str, Any] = {}
    for part in {_PART_OF.get(slot, slot) for slot in changed}:
        match part:
            case "status":
                found["status"] = _status(parts, now, last.board)
            case "labels":
                found["labels"] = now["labels"]
                found |= _field_parts(parts, now, part) | {"tags": _tags(parts, now)}
            case "links":
                found["tags"] = _tags(parts, now)
            case "components":
                found["components"] = now["components"]
                found |= _field_parts(parts, now, part)
            case "sprints" if parts.mapping.board_statuses:  # with its sprint it may come to another board
                found |= {"sprints": now["sprints"], "status": _status(parts, now, last.board)}
            case "sprints" | "parent" | "original_estimate" | "time_spent":
                found[part] = now[_SLOT_OF.get(part, part)]
            case _:
                found |= _field_parts(parts, now, part)
    return last._replace(at=at, **found)


# Slots that go by another name than the part of the state that they make.
_PART_OF = {"resolution": "status", "estimate": "original_estimate", "spent": "time_spent"}
_SLOT_OF = {"original_estimate": "estimate", "time_spent": "spent"}


def _field_parts(parts: Parts, now: Mapping[str, object], slot: str) -> dict[str, Any]:
    """What one mapped field takes part in."""
    mapping = parts.mapping
    found: dict[str, Any] = {}
    if any(ref.id == slot for ref in mapping.points_fields):
        found["points"] = _first_number(now[ref.id] for ref in mapping.points_fields)
    if any(parts.text_slots[ref.id] == slot for ref in mapping.kr_fields):
        found["tags"] = _tags(parts, now)
    if any(parts.text_slots[ref.id] == slot for ref in mapping.rule_fields):
        found["fields"] = _fields(parts, now)
    if mapping.team_field is not None and parts.text_slots[mapping.team_field.id] == slot:
        found["team"] = _team(parts, now)
    return found


def _fields(parts: Parts, now: Mapping[str, object]) -> dict[str, FieldValue]:
    return {ref.name: _field_value(now[parts.text_slots[ref.id]]) for ref in parts.mapping.rule_fields}


def _team(parts: Parts, now: Mapping[str, object]) -> str | None:
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


def _first_number(values: Iterable[object]) -> Exact | None:
    return next((value for value in values if isinstance(value, (int, Fraction))), None)


def _tags(parts: Parts, now: Mapping[str, object]) -> tuple[str, ...]:
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
