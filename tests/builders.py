"""Short builders of backlogs for tests: `item("PAY-7", tags=("KR-1",), sprints=("S1",))`.

Moments are written as days: `at("03-02 09:00")` is in 2026, in UTC. The register has the key results KR-1 and
KR-2 of the objective O1 (team Payments, cycle 2026Q1) unless a test gives its own.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from mappings.model import (
    Backlog,
    Board,
    Cycle,
    Goal,
    Item,
    ItemState,
    KeyResult,
    MeasuredValue,
    Objective,
    Plan,
    Settings,
    Sprint,
    SprintState,
    Status,
    Team,
)

CREATED = datetime(2026, 1, 5, tzinfo=UTC)
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
Q1 = Cycle("2026Q1", date(2026, 1, 1), date(2026, 3, 31))
Q2 = Cycle("2026Q2", date(2026, 4, 1), date(2026, 6, 30))


def at(text: str) -> datetime:
    """`03-02` or `03-02 09:00` of 2026, in UTC."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def item(key: str, *changes: tuple[str, Mapping[str, Any]], **values: Any) -> Item:
    """An item that is created on 01-05 with the state `values`; each change is (moment, what became true)."""
    fixed = {name: values.pop(name) for name in list(values) if name in _FIXED}
    fixed = {"type": "epic" if fixed.get("level", 0) > 0 else "story", "level": 0, "created": CREATED, **fixed}
    state = ItemState(values.pop("since", CREATED), **_state(values))
    states = [state]
    for moment, what in changes:
        state = state._replace(at=at(moment), **_state(what))
        states.append(state)
    return Item(key=key, states=tuple(states), **fixed)


_FIXED = ("type", "level", "created", "project", "title", "deleted", "history_known", "url", "tag_field", "aliases")


def _state(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: Status(value) if name == "status" else value for name, value in values.items()}


def epic(key: str, *changes: tuple[str, Mapping[str, Any]], **values: Any) -> Item:
    return item(key, *changes, level=1, **values)


def subtask(key: str, parent: str | None, *changes: tuple[str, Mapping[str, Any]], **values: Any) -> Item:
    return item(key, *changes, **{"level": -1, "type": "sub-task", "parent": parent, **values})


def sprint(
    name: str = "S1", start: str = "03-02 09:00", completed: str | None = "03-13 17:00", **values: Any
) -> Sprint:
    """A closed sprint of board B1; without `completed` an active one."""
    end = values.pop("end", completed or "03-27 17:00")
    state = values.pop("state", SprintState.CLOSED if completed else SprintState.ACTIVE)
    goal = values.pop("goal", "Serve the customers")
    fields = {"board": "B1", "name": f"Sprint {name}", "goals": (Goal(None, goal),), **values}
    return Sprint(
        id=name, state=state, start=at(start), end=at(end), completed=at(completed) if completed else None, **fields
    )


def future(name: str = "F1", start: str | None = None, end: str | None = None, **values: Any) -> Sprint:
    fields = {"board": "B1", "name": f"Sprint {name}", "goals": (Goal(None, "Serve the customers"),), **values}
    return Sprint(
        id=name, state=SprintState.FUTURE, start=at(start) if start else None, end=at(end) if end else None, **fields
    )


def board(name: str = "B1", team: str | None = "Payments", **values: Any) -> Board:
    return Board(name, f"Board {name}", team, **values)


def objective(name: str = "O1", team: str = "Payments", cycle: str = "2026Q1", **values: Any) -> Objective:
    return Objective(name, f"Objective {name}", team, cycle, **values)


def key_result(code: str = "KR-1", objective: str = "O1", **values: Any) -> KeyResult:
    """A metric KR from 10 to 20, measured on 03-10 at 12."""
    fields = {"baseline": 10, "target": 20, "values": (MeasuredValue(at("03-10"), 12),), **values}
    return KeyResult(code, objective, fields.pop("title", f"Title of {code}"), **fields)


PLAN = Plan(
    teams=(Team("Payments"),),
    cycles=(Q1,),
    objectives=(objective(),),
    key_results=(key_result("KR-1"), key_result("KR-2")),
)


def plan(**values: Any) -> Plan:
    """The usual register with other parts; settings are given by their names (`measure=…`, `inherit=…`)."""
    parts = {name: values.pop(name) for name in list(values) if name in _PARTS}
    return replace(PLAN, settings=Settings(**values), **parts)


_PARTS = ("rules", "teams", "cycles", "objectives", "key_results", "since")


def backlog(*parts: Item | Sprint | Board, plans: Plan | tuple[Plan, ...] = PLAN, now: datetime = NOW) -> Backlog:
    """A backlog of items, sprints and boards (B1 of team Payments, where none is given)."""
    boards = tuple(part for part in parts if isinstance(part, Board)) or (board(),)
    items = tuple(part for part in parts if isinstance(part, Item))
    known = {each.key for each in items}
    parents = {state.parent for each in items for state in each.states if state.parent is not None}
    return Backlog(
        now=now,
        plans=plans if isinstance(plans, tuple) else (plans,),
        boards=boards,
        sprints=tuple(part for part in parts if isinstance(part, Sprint)),
        items=items,
        hidden_parents=frozenset(parents - known),
    )


def three_sprints(kr1: int, rest: int, **values: Any) -> list[Item | Sprint]:
    """Three closed sprints, S0 to S2, each with `kr1` points for KR-1 and `rest` for KR-2."""
    parts: list[Item | Sprint] = []
    for number, (start, end) in enumerate((("01-12", "01-23"), ("02-02", "02-13"), ("03-02", "03-13"))):
        name = f"S{number}"
        parts.append(sprint(name, f"{start} 09:00", f"{end} 17:00"))
        parts.append(item(f"A{number}", sprints=(name,), points=kr1, tags=("KR-1",), **values))
        parts.append(item(f"B{number}", sprints=(name,), points=rest, tags=("KR-2",), **values))
    return parts
