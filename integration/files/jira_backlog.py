"""Puts the items and sprints of a Jira export together into a backlog: boards, parents that are not there, notes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from integration.files.faults import Refused, shown
from integration.files.parents import parent_circles
from mappings.model import (
    AllOf,
    AnyOf,
    Backlog,
    Board,
    Condition,
    Exact,
    Item,
    Not,
    Plan,
    Sprint,
    SprintState,
    When,
)

UNKNOWN_BOARD = Board("unknown", "unknown board")


def put_together(
    items: Sequence[Item],
    sprints: Iterable[Sprint],
    *,
    points: Mapping[str, Exact],
    plan: Plan | None,
    now: datetime | None,
    updated: Iterable[datetime],
    notes: Iterable[str],
) -> Backlog:
    """Without `now`, now is the latest moment that the file knows of; `updated` are the items' last updates."""
    in_order = sorted(sprints, key=_sprint_order)
    known = frozenset(sprint.id for sprint in in_order)
    aliases = {alias: item.key for item in items for alias in item.aliases}
    placed = _levels_above([_placed(item, known, aliases, points) for item in items])
    parents = {state.parent for item in placed for state in item.states if state.parent is not None}
    _refuse_circles(placed, parents)
    return Backlog(
        now=now or _latest(placed, in_order, updated),
        plans=(plan or Plan(),),
        boards=_boards(in_order),
        sprints=tuple(in_order),
        items=tuple(placed),
        hidden_parents=frozenset(parents - {item.key for item in placed}),
        notes=tuple(dict.fromkeys(notes)),
    )


def _sprint_order(sprint: Sprint) -> tuple[bool, str, int, str]:
    """By time, never by name: names of sprints lie, and repeat."""
    moment = sprint.start or sprint.end
    number = int(sprint.id) if sprint.id.isascii() and sprint.id.isdigit() else 0
    return moment is None, moment.isoformat() if moment else "", number, sprint.id


def _placed(item: Item, known: frozenset[str], aliases: Mapping[str, str], points: Mapping[str, Exact]) -> Item:
    """The item with present keys of its parents, sprints that the file tells of, and points of the points file."""
    changes: dict[str, object] = {}
    given = next((points[key] for key in (item.key, *item.aliases) if key in points), None)
    if given is not None:
        changes["points"] = given
    return replace(
        item,
        states=tuple(
            state._replace(
                parent=_present_key(state.parent, item.key, aliases),
                sprints=tuple(id_ for id_ in state.sprints if id_ in known),
                **changes,  # type: ignore[arg-type]  # only points, which is exact
            )
            for state in item.states
        ),
    )


def _present_key(parent: str | None, own: str, aliases: Mapping[str, str]) -> str | None:
    key = aliases.get(parent, parent) if parent is not None else None
    return None if key == own else key


def _levels_above(items: list[Item]) -> list[Item]:
    """What stands above an epic is no epic itself: old sites tell no levels above it."""
    level = {item.key: item.level for item in items}
    for _ in range(len(level)):
        raised = {
            parent: level[item.key] + 1
            for item in items
            if level[item.key] >= 1
            and (parent := item.states[-1].parent) is not None
            and parent in level
            and level[parent] <= level[item.key] < 10  # a circle is refused later
        }
        if not raised:
            break
        level.update(raised)
    return [item if level[item.key] == item.level else replace(item, level=level[item.key]) for item in items]


def _refuse_circles(items: Sequence[Item], parents: Iterable[str]) -> None:
    closings = parent_circles(items, parents)
    if closings:
        raise Refused(
            tuple(
                f"{closing.item}: its parents make a circle ({' → '.join(shown(key) for key in closing.members[:6])}); "
                "mend one of them in Jira and export again"
                for closing in closings
            )
        )


def _boards(sprints: Iterable[Sprint]) -> tuple[Board, ...]:
    """An export names boards by their ids only."""
    ids = dict.fromkeys(sprint.board for sprint in sprints)
    return tuple(UNKNOWN_BOARD if id_ == UNKNOWN_BOARD.id else Board(id_, f"Board {id_}") for id_ in ids)


def rule_fields(plan: Plan | None) -> tuple[str, ...]:
    """The names of the custom fields that the plan's rules look at."""
    found: dict[str, None] = {}
    waiting: list[When] = [rule.when for rule in plan.rules] if plan else []
    while waiting:
        match waiting.pop():
            case Condition(kind="field", name=str(name)):
                found[name] = None
            case AllOf(conditions=inner) | AnyOf(conditions=inner):
                waiting.extend(inner)
            case Not(condition=one):
                waiting.append(one)
    return tuple(sorted(found))


def register_names(plan: Plan | None) -> frozenset[str]:
    """The caseless names of all key results: they tell which part of a label is a tag."""
    if plan is None:
        return frozenset()
    return frozenset(name.strip().casefold() for kr in plan.key_results for name in (kr.code, *kr.aliases, kr.title))


def _latest(items: Iterable[Item], sprints: Iterable[Sprint], updated: Iterable[datetime]) -> datetime:
    moments = [*updated]
    moments += [state.at for item in items for state in item.states]
    moments += [item.created for item in items]
    for sprint in sprints:
        if sprint.state is not SprintState.FUTURE:
            moments += [moment for moment in (sprint.start, sprint.completed) if moment is not None]
    if not moments:
        raise Refused(("the file holds no issue; export at least one",))
    return max(moments)
