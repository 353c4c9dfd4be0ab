"""Whether a mapping rule matches an item at a moment. Values are compared whole and caseless, texts by part."""

from collections.abc import Iterable
from datetime import datetime

from mappings.model import AllOf, AnyOf, Condition, FieldValue, MappingRule, When
from mappings.tags import Register, fold
from mappings.timeline import Lineage


def first_match(register: Register, lineage: Lineage, moment: datetime, only_exempt: bool) -> MappingRule | None:
    """The first rule that matches the lineage's item; with `only_exempt` rules that give KRs are passed over."""
    for rule in register.plan.rules:
        if only_exempt and not rule.is_exempt:
            continue
        if matches(rule.when, lineage) and _holds(rule, register, moment):
            return rule
    return None


def matches(when: When, lineage: Lineage) -> bool:
    if isinstance(when, Condition):
        return _is_met(when, lineage)
    if isinstance(when, AllOf):
        return all(matches(part, lineage) for part in when.conditions)
    if isinstance(when, AnyOf):
        return any(matches(part, lineage) for part in when.conditions)
    return not matches(when.condition, lineage)


def _holds(rule: MappingRule, register: Register, moment: datetime) -> bool:
    """Whether the moment lies within the rule's days."""
    if rule.since is None and rule.until is None:
        return True
    day = register.days.of(moment)
    return (rule.since is None or day >= rule.since) and (rule.until is None or day <= rule.until)


def _is_met(condition: Condition, lineage: Lineage) -> bool:
    wanted = fold(condition.value)
    if condition.kind == "text":
        return wanted in fold(lineage.items[0].title)
    return wanted in map(fold, _values(condition, lineage))


def _values(condition: Condition, lineage: Lineage) -> Iterable[str]:
    item, state = lineage.items[0], lineage.states[0]
    match condition.kind:
        case "key":
            return (item.key, *item.aliases)
        case "ancestor":
            return _keys_up(lineage)
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


def _keys_up(lineage: Lineage) -> list[str]:
    keys = [key for item in lineage.items for key in (item.key, *item.aliases)]
    return keys if lineage.unseen is None else [*keys, lineage.unseen]


def _is_named(condition: Condition, name: str) -> bool:
    return condition.name is not None and fold(name) == fold(condition.name)


def _texts(value: FieldValue) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value
