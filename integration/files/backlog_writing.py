"""Writes a `Backlog` as a backlog file: the inverse of reading it, numbers exact, one item a line."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from fractions import Fraction

from integration.files.conditions import EXEMPT
from integration.files.scalars import decimal_text
from mappings.document import moment_text
from mappings.model import (
    AllOf,
    AnyOf,
    Backlog,
    Condition,
    Goal,
    Item,
    ItemState,
    KeyResult,
    MappingRule,
    Not,
    Objective,
    Plan,
    Settings,
    Sprint,
    Team,
    When,
)

FORMAT = "tieline-backlog/1"
_LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


def dump(backlog: Backlog) -> bytes:
    """Write the backlog with the plan that holds at its `now`: a file holds one version."""
    return b"".join(part.encode("utf-8", "replace") for part in _parts(backlog))


def plan_document(plan: Plan) -> dict[str, object]:
    """A plan in the sections of a backlog file, which are those of a register too."""
    return {
        "settings": _settings(plan.settings),
        "rules": [_rule(rule) for rule in plan.rules],
        "teams": [_team(team) for team in plan.teams],
        "cycles": [{"id": one.id, "start": one.start, "end": one.end} for one in plan.cycles],
        "objectives": [_objective(one) for one in plan.objectives],
        "key_results": [_key_result(one) for one in plan.key_results],
    }


def as_json(value: object) -> str:
    """Write plain data, days, times and exact numbers as JSON."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{json.dumps(str(key), ensure_ascii=False)}: {as_json(one)}" for key, one in value.items())
        return "{" + inner + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(as_json(one) for one in value) + "]"
    if isinstance(value, datetime):
        return f'"{moment_text(value)}"'
    if isinstance(value, date):
        return f'"{value.isoformat()}"'
    if isinstance(value, Fraction):
        return decimal_text(value)
    if isinstance(value, StrEnum):
        return f'"{value.value}"'
    return json.dumps(value, ensure_ascii=False)


def _parts(backlog: Backlog) -> Iterator[str]:
    held = [plan for plan in backlog.plans if plan.since is None or plan.since <= backlog.now]
    head: dict[str, object] = {
        "format": FORMAT,
        "now": backlog.now,
        **plan_document(held[-1] if held else Plan()),
        "boards": [_given(id=one.id, name=one.name, team=one.team, periods=one.periods) for one in backlog.boards],
        "sprints": [_sprint(one) for one in backlog.sprints],
        "hidden_parents": sorted(backlog.hidden_parents),
    }
    yield "{"
    for key, value in head.items():
        yield f'\n "{key}": {_list_of_lines(value)},'
    yield '\n "items": ['
    for index, item in enumerate(backlog.items):
        yield f"{',' if index else ''}\n  {as_json(_item(item))}"
    yield "]\n}\n"


def _list_of_lines(value: object) -> str:
    if not isinstance(value, list) or not value:
        return as_json(value)
    return "[" + ",".join(f"\n  {as_json(one)}" for one in value) + "]"


def _given(**values: object) -> dict[str, object]:
    return {key: value for key, value in values.items() if value is not None and value != ()}


def _settings(settings: Settings) -> dict[str, object]:
    return {
        "measure": settings.measure,
        "unestimated": dict(settings.unestimated),
        "inherit": settings.inherit,
        "none_values": settings.none_values,
        "not_work": settings.not_work,
        "count_subtasks": settings.count_subtasks,
        "commit_grace": settings.commit_grace,
        "time_zone": settings.time_zone,
        "thresholds": settings.thresholds,
    }


def _rule(rule: MappingRule) -> dict[str, object]:
    found: dict[str, object] = {"when": _when(rule.when), "then": EXEMPT if rule.is_exempt else rule.key_results}
    return found | _given(reason=rule.reason, **{"from": rule.since}, until=rule.until)


def _when(when: When) -> dict[str, object]:
    if isinstance(when, AllOf):
        return {"all": [_when(one) for one in when.conditions]}
    if isinstance(when, AnyOf):
        return {"any": [_when(one) for one in when.conditions]}
    if isinstance(when, Not):
        return {"not": _when(when.condition)}
    return _condition(when)


def _condition(condition: Condition) -> dict[str, object]:
    if condition.kind == "field":
        return {"field": {"name": condition.name, "value": condition.value}}
    return {condition.kind: condition.value}


def _team(team: Team) -> dict[str, object]:
    split = team.split
    parts = split and {"primary": split.primary, "secondary": split.secondary, "exploration": split.exploration}
    return _given(name=team.name, parent=team.parent, split=parts)


def _objective(one: Objective) -> dict[str, object]:
    return _given(id=one.id, title=one.title, team=one.team, cycle=one.cycle, horizon=one.horizon)


def _key_result(one: KeyResult) -> dict[str, object]:
    return _given(
        code=one.code,
        objective=one.objective,
        title=one.title,
        aliases=one.aliases,
        metric=one.metric,
        unit=one.unit,
        direction=one.direction,
        baseline=one.baseline,
        target=one.target,
        kind=one.kind,
        confidence=one.confidence,
        owner=one.owner,
        supports=one.supports,
        cadence_days=one.cadence_days,
        **{"from": one.since},
        until=one.until,
        values=tuple({"at": value.at, "value": value.value} for value in one.values),
    )


def _sprint(sprint: Sprint) -> dict[str, object]:
    found = _given(id=sprint.id, board=sprint.board, team=sprint.team, name=sprint.name, state=sprint.state)
    if [goal.at for goal in sprint.goals] == [None]:
        found["goal"] = sprint.goals[0].text
    elif sprint.goals:
        found["goals"] = [_goal(goal) for goal in sprint.goals]
    return found | _given(start=sprint.start, end=sprint.end, completed=sprint.completed)


def _goal(goal: Goal) -> dict[str, object]:
    return {"at": goal.at if goal.at is not None else _LONG_AGO, "text": goal.text}


def _item(item: Item) -> dict[str, object]:
    found = _given(key=item.key, type=item.type, level=item.level, project=item.project, title=item.title)
    found["created"] = item.created
    if item.deleted is not None:
        found["deleted"] = item.deleted
    if not item.history_known:
        found["history_known"] = False
    found["history"] = list(_history(item))
    return found


def _history(item: Item) -> Iterator[dict[str, object]]:
    """Each state as what it changes; the first one against what an item is that nothing was said of."""
    before = ItemState(item.states[0].at)
    for number, state in enumerate(item.states):
        # The first state holds from always, so it is said of the item's beginning.
        at = min(state.at, item.created) if number == 0 else state.at
        changed: dict[str, object] = {
            name: value
            for name, old, value in zip(ItemState._fields[1:], before[1:], state[1:], strict=True)
            if value != old
        }
        if "fields" in changed:
            changed["fields"] = _fields(before.fields, state.fields)
        if "status" not in changed and not item.history_known:
            changed["status"] = state.status
        yield {"at": at, **changed}
        before = state


def _fields(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, object]:
    """What changed, name by name; a name that is gone is null from then on."""
    names: Iterable[str] = dict.fromkeys((*before, *after))
    return {name: after.get(name) for name in names if name not in before or before[name] != after.get(name)}
