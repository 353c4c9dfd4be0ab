"""The parts of an item, each over time: read from the issue as they are now, and from the changelog as they were."""

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import partial
from typing import Any

from integration.trackers.jira.fields import FieldMapping, FieldRef
from integration.trackers.jira.history import Line, Step, Told, replay, replay_members, replay_parent
from integration.trackers.jira.site import SiteFacts, link_words, status_fact, status_of
from integration.trackers.jira.sprints import is_id, raw_sprints, sprint_ids
from integration.trackers.jira.values import (
    changed_texts,
    exact_number,
    label_tag,
    option_texts,
    tag_texts,
)
from mappings.model import Exact, FieldValue, ItemState, Status

Steps = Mapping[str, list[Step]]
_NO_STEPS: list[Step] = []
_LINKED = re.compile(r"This issue (.+) (\S+)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Parts:
    """What was read of an issue once; `notes` gathers what had to be guessed."""

    id: str
    key: str
    type: str
    level: int
    project: str | None
    title: str
    created: datetime
    updated: datetime
    fields: Mapping[str, object]
    mapping: FieldMapping
    site: SiteFacts
    notes: list[str] = field(default_factory=list)


def lines_of(parts: Parts, steps: Steps) -> dict[str, Line]:
    """Every part over time, by its slot."""
    fields, mapping = parts.fields, parts.mapping
    found = {
        "status": replay(steps.get("status", _NO_STEPS), present_status(fields.get("status")), _as_told),
        "resolution": replay(steps.get("resolution", _NO_STEPS), present_status(fields.get("resolution")), _as_told),
        "labels": replay(steps.get("labels", _NO_STEPS), _texts(fields.get("labels")), _words),
        "estimate": replay(steps.get("estimate", _NO_STEPS), exact_number(fields.get("timeoriginalestimate")), _number),
        "spent": replay(steps.get("spent", _NO_STEPS), exact_number(fields.get("timespent")) or 0, _number_or_zero),
        "sprints": replay(steps.get("sprints", _NO_STEPS), present_sprints(parts), partial(_sprints, parts)),
        "components": _components(parts, steps.get("components", _NO_STEPS)),
        "parent": _parents(parts, steps.get("parent", _NO_STEPS)),
    }
    if mapping.kr_link_types:
        found["links"] = _links(parts, steps.get("links", _NO_STEPS))
    for ref in mapping.points_fields:
        found[ref.id] = replay(steps.get(ref.id, _NO_STEPS), _points(parts, ref), _number)
    for ref in (*mapping.kr_fields, *mapping.rule_fields, *_there(mapping.team_field)):
        found[ref.id] = _field_line(parts, ref, steps.get(ref.id, _NO_STEPS))
    return found


def _there(ref: FieldRef | None) -> tuple[FieldRef, ...]:
    return () if ref is None else (ref,)


# --- the state of a moment ------------------------------------------------------------------------


def state_of(parts: Parts, at: datetime, now: Mapping[str, object], board: str | None) -> ItemState:
    """The state from the values of all slots at one moment. Each slot holds one kind of value, as `lines_of` put it."""
    return changed_state(parts, at, ItemState(at, board=board), now, now.keys())


def changed_state(
    parts: Parts, at: datetime, last: ItemState, now: Mapping[str, object], changed: AbstractSet[str]
) -> ItemState:
    """The state after `last`, of which only the changed slots are read again."""
    mapping = parts.mapping
    found: dict[str, Any] = {part: now[slot] for slot, part in _AS_THEY_ARE if slot in changed}
    if "status" in changed or "resolution" in changed:
        found["status"] = _status(parts, now)
    if mapping.points_fields and any(ref.id in changed for ref in mapping.points_fields):
        found["points"] = _first_number(now[ref.id] for ref in mapping.points_fields)
    if any(slot in changed for slot in _tag_slots(mapping)):
        found["tags"] = _tags(parts, now, _as_texts(now["labels"]))
    if mapping.rule_fields and any(ref.id in changed for ref in mapping.rule_fields):
        found["fields"] = {ref.name: _field_value(now[ref.id]) for ref in mapping.rule_fields}
    if mapping.team_field is not None and mapping.team_field.id in changed:
        found["team"] = next(iter(_as_texts(now[mapping.team_field.id])), None)
    return last._replace(at=at, **found)


# Slots whose values are parts of the state as they are.
_AS_THEY_ARE = (
    ("sprints", "sprints"),
    ("parent", "parent"),
    ("labels", "labels"),
    ("components", "components"),
    ("estimate", "original_estimate"),
    ("spent", "time_spent"),
)


def _tag_slots(mapping: FieldMapping) -> tuple[str, ...]:
    return ("labels", "links", *(ref.id for ref in mapping.kr_fields))


def _status(parts: Parts, now: Mapping[str, object]) -> Status:
    status, note = status_of(_told(now["status"]), _told(now["resolution"]), parts.mapping, parts.site)
    if note is not None:
        parts.notes.append(note)
    return status


def _first_number(values: Iterable[object]) -> Exact | None:
    return next((value for value in values if isinstance(value, (int, Fraction))), None)


def _tags(parts: Parts, now: Mapping[str, object], labels: tuple[str, ...]) -> tuple[str, ...]:
    mapping = parts.mapping
    texts = [text for ref in mapping.kr_fields for text in _found(_as_texts(now[ref.id]), mapping.kr_text_pattern)]
    if mapping.kr_label_prefix is not None:
        tags = (label_tag(label, mapping.kr_label_prefix, parts.site.names) for label in labels)
        texts += [tag for tag in tags if tag is not None]
    if mapping.kr_link_types:
        texts += _as_texts(now["links"])
    return tuple(dict.fromkeys(texts))


def _found(texts: tuple[str, ...], pattern: str | None) -> Iterable[str]:
    """With a pattern the texts are prose that names key results somewhere."""
    if pattern is None:
        return texts
    return [match.group(match.lastindex or 0) for text in texts for match in re.finditer(pattern, text)]


def _field_value(value: object) -> FieldValue:
    texts = _as_texts(value)
    return texts if len(texts) > 1 else next(iter(texts), None)


# --- status, sprints ------------------------------------------------------------------------------


def present_status(raw: object) -> Told:
    id_, name, _ = status_fact(raw)
    return Told(id_, name)


def present_sprints(parts: Parts) -> tuple[str, ...]:
    """Every sprint that the issue names, closed ones too: as its changelog has it."""
    return _by_age(sprint_ids(sprint_values(parts.fields, parts.mapping)))


def sprint_values(fields: Mapping[str, object], mapping: FieldMapping) -> tuple[object, ...]:
    own = fields.get(mapping.sprint_field.id) if mapping.sprint_field else None
    return (own, fields.get("closedSprints"), fields.get("sprint"))


def _sprints(parts: Parts, told: Told) -> tuple[str, ...]:
    """Ids from a comma list: names may hold commas themselves. Where only names were written: those that are known."""
    if told.id is not None:
        ids = (part.strip() for part in told.id.split(","))
        return _by_age(id_ for id_ in ids if is_id(id_))
    if told.text is None:
        return ()
    known = dict(parts.site.sprints)
    for raw in raw_sprints(sprint_values(parts.fields, parts.mapping)):
        known.setdefault(str(raw.get("name")).casefold(), str(raw["id"]))
    names = [told.text] if told.text.casefold() in known else [name.strip() for name in told.text.split(",")]
    missing = [name for name in names if name.casefold() not in known]
    parts.notes.extend(f"a sprint that is known by its name only, “{name}”, was left out" for name in missing)
    return _by_age(known[name.casefold()] for name in names if name.casefold() in known)


def _by_age(ids: Iterable[str]) -> tuple[str, ...]:
    """In one order, whatever the source's: the same sprints are the same value."""
    return tuple(sorted(set(ids), key=int))


# --- parent ---------------------------------------------------------------------------------------


def present_parent(parts: Parts) -> Told:
    """`parent` (Cloud, and sub-tasks everywhere), else the epic, else what is above an epic."""
    fields, mapping = parts.fields, parts.mapping
    for value in (
        fields.get("parent"),
        fields.get(mapping.epic_link_field.id) if mapping.epic_link_field else None,
        fields.get("epic"),
        fields.get(mapping.parent_link_field.id) if mapping.parent_link_field else None,
    ):
        found = _issue_named(value)
        if not found.is_empty:
            return found
    return Told()


def _issue_named(value: object) -> Told:
    """A key, an issue, or the Parent Link's object with its issue in `data`."""
    if isinstance(value, str):
        return Told(None, value.strip() or None)
    if not isinstance(value, dict):
        return Told()
    inner = value.get("data")
    if isinstance(inner, dict):
        return _issue_named(inner)
    id_, key = value.get("id"), value.get("key")
    return Told(str(id_) if isinstance(id_, (str, int)) and key else None, key if isinstance(key, str) else None)


def _parents(parts: Parts, steps: Sequence[Step]) -> Line:
    """The present keys of its parents: changelogs have those of then, which a move may have changed."""
    present = present_parent(parts)
    line = replay_parent(steps, present)

    def key_of(value: object) -> str | None:
        parent = _told(value)
        own = present.text if parent.id is not None and parent.id == present.id else None
        key = own or parts.site.keys.get(parent.id or "", parent.text)
        if key is None and parent.id is not None:
            parts.notes.append(f"the parent with the id {parent.id} is known by no key and was left out")
        return key if key != parts.key else None

    return Line(key_of(line.first), tuple((at, key_of(value)) for at, value in line.changes))


# --- sets -----------------------------------------------------------------------------------------


def _components(parts: Parts, steps: Sequence[Step]) -> Line:
    raw = parts.fields.get("components")
    members = [part for part in raw if isinstance(part, dict)] if isinstance(raw, list) else []
    names = {str(part.get("id")): str(part["name"]) for part in members if isinstance(part.get("name"), str)}

    def name_of(told: Told) -> str | None:
        return names.get(told.id or "", told.text)

    line = replay_members(steps, tuple(names.values()), name_of)
    return Line(_sorted(line.first), tuple((at, _sorted(value)) for at, value in line.changes))


def _sorted(value: object) -> tuple[str, ...]:
    return tuple(sorted(_as_texts(value)))


def _links(parts: Parts, steps: Sequence[Step]) -> Line:
    """Links of the mapped types to issues that are key results, by the key of the other end."""
    types = {name.casefold() for name in parts.mapping.kr_link_types}
    words = types | {
        word.casefold() for name, known in parts.site.link_words.items() if name in types for word in known
    }
    raw = parts.fields.get("issuelinks")
    keys: list[str] = []
    for link in raw if isinstance(raw, list) else ():
        said = [word.casefold() for word in link_words(link.get("type"))] if isinstance(link, dict) else []
        if types.intersection(said):
            words.update(said)
            other = _issue_named(link.get("outwardIssue") or link.get("inwardIssue"))
            keys += [other.text] if other.text else []

    def key_of(told: Told) -> str | None:
        """A removal writes its words into `fromString`, an addition into `toString`: "This issue is done by AB-1"."""
        match = _LINKED.match(told.text or "")
        return match.group(2) if match is not None and match.group(1).casefold() in words else None

    return replay_members(steps, tuple(dict.fromkeys(keys)), key_of)


# --- custom fields --------------------------------------------------------------------------------


def _points(parts: Parts, ref: FieldRef) -> Exact | None:
    value = parts.fields.get(ref.id)
    found = exact_number(value)
    if found is None and value not in (None, ""):
        parts.notes.append(f"the value of “{ref.name}” is no estimate and was left out")
    return found


def _field_line(parts: Parts, ref: FieldRef, steps: Sequence[Step]) -> Line:
    value = parts.fields.get(ref.id)
    if not steps:
        return Line(tag_texts(value))
    options = {**parts.site.options, **option_texts(value)}
    return replay(steps, tag_texts(value), lambda told: changed_texts(told.id, told.text, ref.encoding, options))


# --- kinds of values ------------------------------------------------------------------------------


def _as_told(told: Told) -> Told:
    return told


def _told(value: object) -> Told:
    return value if isinstance(value, Told) else Told()


def _words(told: Told) -> tuple[str, ...]:
    return tuple((told.text or "").split())


def _texts(value: object) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()


def _as_texts(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _number(told: Told) -> Exact | None:
    found = exact_number(told.text)
    return exact_number(told.id) if found is None else found


def _number_or_zero(told: Told) -> Exact:
    return _number(told) or 0
