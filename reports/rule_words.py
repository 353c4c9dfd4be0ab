"""Mapping rules as people read them, and as a form holds them."""

import json
from collections.abc import Mapping
from datetime import date

from mappings.model import AllOf, AnyOf, Condition, MappingRule, When

KINDS: Mapping[str, tuple[str, str]] = {
    "ancestor": ("is or lies below", "key, such as PAY-44: the item and everything under it"),
    "key": ("is", "key, such as PAY-44: this item alone"),
    "label": ("has the label", "a whole label"),
    "component": ("has the component", "a whole component"),
    "project": ("is in the project", "key of the project"),
    "type": ("has the type", "such as Bug"),
    "status": ("has the status", "todo, doing, done or dropped"),
    "parent": ("is right below", "key of the direct parent"),
    "text": ("has in its title", "any part of the title"),
    "field": ("has in a field", "value of a custom field that the field mapping reads; name the field, too"),
}
PLACES = (1, 2, 3)  # conditions of a form without JSON


def when_words(when: When) -> str:
    """Such as: has the label “support” and not (has the type “Bug”)."""
    return _words(when, is_part=False)


def gives_words(rule: MappingRule) -> str:
    return "exempt" if rule.is_exempt else ", ".join(rule.key_results)


def days_words(rule: MappingRule) -> str:
    since, until = _day(rule.since), _day(rule.until)
    return " ".join(part for part in (since and f"from {since}", until and f"until {until}") if part)


def when_data(when: When) -> dict[str, object]:
    """As a register's file writes it."""
    if isinstance(when, Condition):
        return {when.kind: {"name": when.name, "value": when.value} if when.kind == "field" else when.value}
    if isinstance(when, (AllOf, AnyOf)):
        return {"all" if isinstance(when, AllOf) else "any": [when_data(part) for part in when.conditions]}
    return {"not": when_data(when.condition)}


def form_of(rule: MappingRule) -> dict[str, str]:
    """What a form holds of a rule: a few plain conditions in their fields, anything else as JSON."""
    days = {"from": _iso(rule.since), "until": _iso(rule.until)}
    found = {"then": "exempt" if rule.is_exempt else "serves", "key_results": ", ".join(rule.key_results)}
    return {**_fields(rule.when), **found, **days, "reason": rule.reason or ""}


def _fields(when: When) -> dict[str, str]:
    parts = when.conditions if isinstance(when, (AllOf, AnyOf)) else (when,)
    plain = [part for part in parts if isinstance(part, Condition)]
    if len(plain) != len(parts) or len(parts) > len(PLACES):
        return {"json": json.dumps(when_data(when), ensure_ascii=False, indent=2)}
    found = {"join": "any" if isinstance(when, AnyOf) else "all"}
    for place, part in zip(PLACES, plain, strict=False):
        found |= {f"kind{place}": part.kind, f"value{place}": part.value, f"name{place}": part.name or ""}
    return found


def _words(when: When, *, is_part: bool) -> str:
    if isinstance(when, Condition):
        field = f" “{when.name}”" if when.name is not None else ""
        return f"{KINDS[when.kind][0]}{field} “{when.value}”"
    if isinstance(when, (AllOf, AnyOf)):
        join = " and " if isinstance(when, AllOf) else " or "
        inside = join.join(_words(part, is_part=True) for part in when.conditions) or "nothing"
        return f"({inside})" if is_part and len(when.conditions) > 1 else inside
    return f"not ({_words(when.condition, is_part=False)})"


def _day(day: date | None) -> str:
    return "" if day is None else f"{day:%-d %b %Y}"


def _iso(day: date | None) -> str:
    return "" if day is None else day.isoformat()
