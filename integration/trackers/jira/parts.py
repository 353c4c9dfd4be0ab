"""The parts of an item, each over time: read from the issue as they are now, and from the changelog as they were."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from integration.trackers.jira.fields import Encoding, FieldMapping, FieldRef
from integration.trackers.jira.history import NOTHING, Line, Step, Told, replay, replay_members, replay_parent
from integration.trackers.jira.site import SiteFacts, link_words, status_fact
from integration.trackers.jira.slots import text_fields
from integration.trackers.jira.sprints import is_id, raw_sprints, sprint_ids
from integration.trackers.jira.values import (
    changed_texts,
    estimate,
    exact_number,
    option_texts,
    tag_texts,
)
from mappings.model import Exact

Steps = Mapping[str, list[Step]]
_LINKED = re.compile(r"This issue (.+) (\S+)\Z", re.DOTALL)
_LONGEST_KEY = 255  # that Jira's own table holds; what is longer is none, and fits into no index


class Parts(NamedTuple):
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
    text_slots: Mapping[str, str]  # by field id
    site: SiteFacts
    notes: list[str]
    plan: Mapping[str, tuple[Any, ...]]  # what each slot takes part in, see `states.plan_of`


def present_values(parts: Parts) -> dict[str, object]:
    """Every part as the issue has it now, by its slot."""
    fields, mapping = parts.fields, parts.mapping
    found: dict[str, object] = {
        "status": present_status(fields.get("status")),
        "resolution": present_status(fields.get("resolution")),
        "labels": _texts(fields.get("labels")),
        "estimate": exact_number(fields.get("timeoriginalestimate")),
        "spent": exact_number(fields.get("timespent")) or 0,
        "sprints": present_sprints(parts),
        "components": tuple(sorted(_component_names(fields).values())),
        "parent": _parent_key(parts, present_parent(parts)),
    }
    if mapping.kr_link_types:
        found["links"] = _linked_keys(parts)
    for ref in mapping.points_fields:
        found[ref.id] = _points(parts, ref)
    for id_, slot in parts.text_slots.items():
        found.setdefault(slot, tag_texts(fields.get(id_)))
    return found


def lines_of(parts: Parts, steps: Steps, present: Mapping[str, object]) -> dict[str, Line]:
    """The parts that ever changed, over time."""
    return {slot: _line(parts, slot, found, present[slot]) for slot, found in steps.items() if slot in present}


def _line(parts: Parts, slot: str, steps: Sequence[Step], present: object) -> Line:
    match slot:
        case "status" | "resolution":
            return replay(steps, present, _itself)
        case "labels":
            return replay(steps, present, _words)
        case "spent":
            return replay(steps, present, _number_or_zero)
        case "sprints":
            return replay(steps, present, partial(_sprints, parts))
        case "parent":
            return _parents(parts, steps)
        case "components":
            return _components(parts, steps)
        case "links":
            return _links(parts, steps, as_texts(present))
    if slot == "estimate" or any(ref.id == slot for ref in parts.mapping.points_fields):
        # Of a select list the id tells the option and nothing of its number; of a time only the id may be one.
        return replay(steps, present, _number_said if slot.startswith("customfield_") else _number)
    return _field_line(parts, slot, steps, present)


# --- status, sprints ------------------------------------------------------------------------------


def present_status(raw: object) -> Told:
    if raw is None:
        return NOTHING
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
        return _sprints_listed(told.id)
    if told.text is None:
        return ()
    known = dict(parts.site.sprints)
    for raw in raw_sprints(sprint_values(parts.fields, parts.mapping)):
        known.setdefault(str(raw.get("name")).casefold(), str(raw["id"]))
    names = [told.text] if told.text.casefold() in known else [name.strip() for name in told.text.split(",")]
    missing = [name for name in names if name.casefold() not in known]
    parts.notes.extend(f"a sprint that is known by its name only, “{name}”, was left out" for name in missing)
    return _by_age(known[name.casefold()] for name in names if name.casefold() in known)


@lru_cache(maxsize=4096)
def _sprints_listed(text: str) -> tuple[str, ...]:
    ids = (part.strip() for part in text.split(","))
    return _by_age(id_ for id_ in ids if is_id(id_))


def _by_age(ids: Iterable[str]) -> tuple[str, ...]:
    """In one order, whatever the source's: the same sprints are the same value."""
    some = tuple(ids)
    return some if len(some) < 2 else tuple(sorted(set(some), key=int))


# --- parent ---------------------------------------------------------------------------------------


def is_key(text: str) -> bool:
    """Whether it may be the key of an issue: what is found by a key must be kept as that very key."""
    return 0 < len(text) <= _LONGEST_KEY and text.isprintable()


def present_parent(parts: Parts) -> Told:
    """`parent` (Cloud, and sub-tasks everywhere), else the epic, else what is above an epic."""
    fields, mapping = parts.fields, parts.mapping
    for value in (
        fields.get("parent"),
        fields.get(mapping.epic_link_field.id) if mapping.epic_link_field else None,
        fields.get("epic"),
        fields.get(mapping.parent_link_field.id) if mapping.parent_link_field else None,
    ):
        found = NOTHING if value is None else _issue_named(value)
        if not found.is_empty:
            return found
    return NOTHING


def _issue_named(value: object) -> Told:
    """A key, an issue, or the Parent Link's object with its issue in `data`."""
    if isinstance(value, str):
        return Told(None, value.strip()) if is_key(value.strip()) else NOTHING
    if not isinstance(value, dict):
        return NOTHING
    inner = value.get("data")
    named = inner if isinstance(inner, dict) else value
    id_, key = named.get("id"), named.get("key")
    if not (isinstance(key, str) and is_key(key)):
        return NOTHING
    return Told(str(id_) if isinstance(id_, (str, int)) else None, key)


def _parents(parts: Parts, steps: Sequence[Step]) -> Line:
    line = replay_parent(steps, present_parent(parts))
    changes = tuple((at, _parent_key(parts, as_told(value))) for at, value in line.changes)
    return Line(_parent_key(parts, as_told(line.first)), changes)


def _parent_key(parts: Parts, parent: Told) -> str | None:
    """The present key: changelogs have the one of then, which a move may have changed."""
    if parent.is_empty:
        return None
    present = present_parent(parts)
    own = present.text if parent.id is not None and parent.id == present.id else None
    key = own or parts.site.keys.get(parent.id or "", parent.text)
    if key is None:
        parts.notes.append(f"the parent with the id {parent.id} is known by no key and was left out")
        return None
    return key if key != parts.key and is_key(key) else None


# --- sets -----------------------------------------------------------------------------------------


def _component_names(fields: Mapping[str, object]) -> dict[str, str]:
    raw = fields.get("components")
    members = [part for part in raw if isinstance(part, dict)] if isinstance(raw, list) else []
    return {str(part.get("id")): part["name"] for part in members if isinstance(part.get("name"), str)}


def _components(parts: Parts, steps: Sequence[Step]) -> Line:
    names = _component_names(parts.fields)

    def name_of(told: Told) -> str | None:
        return names.get(told.id or "", told.text)

    line = replay_members(steps, tuple(names.values()), name_of)
    return Line(_sorted(line.first), tuple((at, _sorted(value)) for at, value in line.changes))


def _sorted(value: object) -> tuple[str, ...]:
    return tuple(sorted(as_texts(value)))


def _mapped_links(parts: Parts) -> list[tuple[tuple[str, ...], Told]]:
    """The issue's links of the mapped types: what their types are called, and the other end."""
    types = {name.casefold() for name in parts.mapping.kr_link_types}
    raw = parts.fields.get("issuelinks")
    found = []
    for link in raw if isinstance(raw, list) else ():
        if isinstance(link, dict):
            words = tuple(word.casefold() for word in link_words(link.get("type")))
            if types.intersection(words):
                found.append((words, _issue_named(link.get("outwardIssue") or link.get("inwardIssue"))))
    return found


def _linked_keys(parts: Parts) -> tuple[str, ...]:
    """Issues that are key results, by their keys."""
    return tuple(dict.fromkeys(other.text for _, other in _mapped_links(parts) if other.text is not None))


def _links(parts: Parts, steps: Sequence[Step], present: tuple[str, ...]) -> Line:
    types = {name.casefold() for name in parts.mapping.kr_link_types}
    words = types.union(*(words for words, _ in _mapped_links(parts)))
    words |= {word.casefold() for name, known in parts.site.link_words.items() if name in types for word in known}

    def key_of(told: Told) -> str | None:
        """A removal writes its words into `fromString`, an addition into `toString`: "This issue is done by AB-1"."""
        match = _LINKED.match(told.text or "")
        return match.group(2) if match is not None and match.group(1).casefold() in words else None

    return replay_members(steps, present, key_of)


# --- custom fields --------------------------------------------------------------------------------


def _points(parts: Parts, ref: FieldRef) -> Exact | None:
    value = parts.fields.get(ref.id)
    found = estimate(value)
    if found is None and value not in (None, ""):
        parts.notes.append(f"the value of “{ref.name}” is no estimate and was left out")
    return found


def _field_line(parts: Parts, slot: str, steps: Sequence[Step], present: object) -> Line:
    ref = next((ref for ref in text_fields(parts.mapping) if parts.text_slots[ref.id] == slot), None)
    encoding: Encoding = ref.encoding if ref is not None else "text"
    options = {**parts.site.options, **option_texts(parts.fields.get(ref.id if ref is not None else slot))}
    return replay(steps, present, lambda told: changed_texts(told.id, told.text, encoding, options))


# --- kinds of values ------------------------------------------------------------------------------


def _itself(told: Told) -> Told:
    return told


def as_told(value: object) -> Told:
    return value if isinstance(value, Told) else Told()


def _words(told: Told) -> tuple[str, ...]:
    return tuple((told.text or "").split())


def _texts(value: object) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()


def as_texts(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _number(told: Told) -> Exact | None:
    found = exact_number(told.text)
    return exact_number(told.id) if found is None else found


def _number_said(told: Told) -> Exact | None:
    return exact_number(told.id if told.text is None else told.text)


def _number_or_zero(told: Told) -> Exact:
    return _number(told) or 0
