"""Reads what a mapping rule looks at (`when`) and what it gives (`then`), from a backlog file or a register."""

from collections.abc import Callable
from typing import TypeVar

from integration.files.faults import Fault, Wrong, kind_of, unknown_key
from integration.files.json_stream import TWICE, twice
from integration.files.scalars import text
from mappings.model import AllOf, AnyOf, Condition, Not, When

_DEEPEST = 30  # no person writes more, and every reader of the conditions goes down into them
_TEXTS = ("key", "ancestor", "project", "type", "label", "component", "status", "parent", "text")
_KEYS = (*_TEXTS, "field", "all", "any", "not")

Read = TypeVar("Read")
EXEMPT = "exempt"

WHEN_SCHEMA: dict[str, object] = {
    "type": "object",
    "description": "Several conditions in one object must all hold.",
    "additionalProperties": False,
    "properties": {
        **{kind: {"type": "string"} for kind in _TEXTS},
        "field": {
            "type": "object",
            "additionalProperties": False,
            "required": ["name", "value"],
            "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
        },
        "all": {"type": "array", "items": {"$ref": "#/$defs/When"}},
        "any": {"type": "array", "items": {"$ref": "#/$defs/When"}},
        "not": {"$ref": "#/$defs/When"},
    },
}
THEN_SCHEMA: dict[str, object] = {
    "description": 'The word "exempt", or key results, each with a weight in percent if wanted ("KR-1:70").',
    "anyOf": [{"const": EXEMPT}, {"type": "array", "minItems": 1, "items": {"type": "string"}}],
}


def when(value: object) -> When:
    """Read a rule's conditions."""
    return _when(value, 0)


def then(value: object) -> tuple[str, ...]:
    """Read what a rule gives; nothing at all means that it exempts."""
    if value == EXEMPT:
        return ()
    if not isinstance(value, list):
        raise Wrong(f'must be "exempt" or a list of key results such as ["KR-1:70"], not {kind_of(value)}')
    if not value:
        raise Wrong('names no key result; write "exempt" if the work lies outside the OKRs')
    return tuple(_each(value, text))


def _when(value: object, depth: int) -> When:
    if depth > _DEEPEST:
        raise Wrong(f"conditions are nested more than {_DEEPEST} deep")
    if not isinstance(value, dict):
        raise Wrong(f'must be an object such as {{"label": "support"}}, not {kind_of(value)}')
    faults: list[Fault] = []
    parts: list[When] = []
    for key, part in value.items():
        try:
            parts.append(_part(key, part, depth, value))
        except Wrong as wrong:
            faults += wrong.faults if key == TWICE else wrong.at(key)
    if faults:
        raise Wrong.of(faults)
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _part(key: str, part: object, depth: int, whole: dict[str, object]) -> When:
    if key in _TEXTS:
        return Condition(key, text(part))
    if key == "field":
        return _field(part)
    if key == "not":
        return Not(_when(part, depth + 1))
    if key in ("all", "any"):
        if not isinstance(part, list):
            raise Wrong(f"must be a list of conditions, not {kind_of(part)}")
        conditions = tuple(_each(part, lambda one: _when(one, depth + 1)))
        return AllOf(conditions) if key == "all" else AnyOf(conditions)
    if key == TWICE:
        raise Wrong(f"the key {twice(whole)} is there twice; put them into a list under all")
    raise Wrong(unknown_key(key, _KEYS))


def _field(part: object) -> Condition:
    if not isinstance(part, dict) or set(part) != {"name", "value"}:
        raise Wrong('must be an object {"name": …, "value": …} and nothing else')
    return Condition("field", text(part["value"]), text(part["name"]))


def _each(values: list[object], read: Callable[[object], Read]) -> list[Read]:
    found: list[Read] = []
    faults: list[Fault] = []
    for index, value in enumerate(values):
        try:
            found.append(read(value))
        except Wrong as wrong:
            faults += wrong.at(index)
    if faults:
        raise Wrong.of(faults)
    return found
