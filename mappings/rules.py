"""Whether a mapping rule matches an item at a moment. Values are compared whole and caseless, texts by part."""

from collections.abc import Iterable
from datetime import datetime

from mappings.model import AllOf, AnyOf, Condition, FieldValue, Item, MappingRule, When
from mappings.tags import Register, fold
from mappings.timeline import Timeline


def first_match(
    timeline: Timeline, register: Register, item: Item, moment: datetime, only_exempt: bool
) -> MappingRule | None:
    """The register's first rule that matches; with `only_exempt` rules that give KRs are passed over."""
    for rule in register.plan.rules:
        if only_exempt and not rule.is_exempt:
            continue
        if matches(rule.when, timeline, item, moment) and _holds(rule, register, moment):
            return rule
    return None


def matches(when: When, timeline: Timeline, item: Item, moment: datetime) -> bool:
    if isinstance(when, Condition):
        return _is_met(when, timeline, item, moment)
    if isinstance(when, AllOf):
        return all(matches(part, timeline, item, moment) for part in when.conditions)
    if isinstance(when, AnyOf):
        return any(matches(part, timeline, item, moment) for part in when.conditions)
    return not matches(when.condition, timeline, item, moment)


def _holds(rule: MappingRule, register: Register, moment: datetime) -> bool:
    """Whether the moment lies within the rule's days."""
    if rule.since is None and rule.until is None:
        return True
    day = register.days.of(moment)
    return (rule.since is None or day >= rule.since) and (rule.until is None or day <= rule.until)


def _is_met(condition: Condition, timeline: Timeline, item: Item, moment: datetime) -> bool:
    wanted = fold(condition.value)
    if condition.kind == "text":
        return wanted in fold(item.title)
    return wanted in map(fold, _values(condition, timeline, item, moment))


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
