"""Whether a mapping rule matches an item at a moment. Values are compared whole and caseless, texts by part."""

from collections.abc import Iterable
from datetime import datetime

from mappings.model import AllOf, AnyOf, Condition, FieldValue, Item, MappingRule, Not, When
from mappings.tags import Register, fold
from mappings.timeline import Timeline


def first_match(
    timeline: Timeline, register: Register, item: Item, moment: datetime, only_exempt: bool
) -> MappingRule | None:
    """The register's first rule that matches; with `only_exempt` rules that give KRs are passed over."""
    if not register.plan.rules:
        return None
    day = register.days.of(moment)
    for rule in register.plan.rules:
        if only_exempt and not rule.is_exempt:
            continue
        if (rule.since is not None and day < rule.since) or (rule.until is not None and day > rule.until):
            continue
        if matches(rule.when, timeline, item, moment):
            return rule
    return None


def matches(when: When, timeline: Timeline, item: Item, moment: datetime) -> bool:
    if isinstance(when, AllOf):
        return all(matches(part, timeline, item, moment) for part in when.conditions)
    if isinstance(when, AnyOf):
        return any(matches(part, timeline, item, moment) for part in when.conditions)
    if isinstance(when, Not):
        return not matches(when.condition, timeline, item, moment)
    wanted = fold(when.value)
    if when.kind == "text":
        return wanted in fold(item.title)
    return any(fold(value) == wanted for value in _values(when, timeline, item, moment))


def _values(condition: Condition, timeline: Timeline, item: Item, moment: datetime) -> Iterable[str]:
    state = timeline.state(item, moment)
    match condition.kind:
        case "key":
            return (item.key, *item.aliases)
        case "ancestor":
            return _keys_up(timeline, item, moment)
        case "project":
            return (item.project,) if item.project is not None else ()
        case "type":
            return (item.type,)
        case "label":
            return state.labels
        case "component":
            return state.components
        case "status":
            return (state.status,)
        case "parent":
            return (state.parent,) if state.parent is not None else ()
        case _:
            return _texts(next((value for name, value in state.fields.items() if _is_named(condition, name)), None))


def _keys_up(timeline: Timeline, item: Item, moment: datetime) -> list[str]:
    keys = [item.key, *item.aliases]
    for above in timeline.ancestors(item, moment):
        keys += (above.key, *above.aliases)
    unseen = timeline.unseen_above(item, moment)
    return keys if unseen is None else [*keys, unseen]


def _is_named(condition: Condition, name: str) -> bool:
    return condition.name is not None and fold(name) == fold(condition.name)


def _texts(value: FieldValue) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value
