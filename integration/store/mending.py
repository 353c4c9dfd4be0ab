"""Mending what the core could stumble over: keys that moved, names that nobody told us of, circles of parents. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from mappings.model import EarlierReading, Item, ItemState

Names = frozenset[str]


def mended(items: Iterable[Item], sprints: Names, boards: Names) -> tuple[Item, ...]:
    """The items with names that lead somewhere: of sprints and boards that are known, of parents as they are now."""
    by_key: dict[str, Item] = {}
    for item in items:
        other = by_key.get(item.key)
        if other is None or other.deleted is not None:
            by_key[item.key] = item
    moved = {alias: item.key for item in by_key.values() for alias in item.aliases if alias not in by_key}
    return _without_circles({key: _named(item, sprints, boards, moved) for key, item in by_key.items()})


def mended_readings(
    readings: Iterable[EarlierReading], items: Iterable[Item], sprints: Names, boards: Names
) -> tuple[EarlierReading, ...]:
    """What earlier mappings read otherwise, mended among all items as that mapping reads them."""
    present = tuple(items)
    found = []
    for reading in readings:
        then = {item.key: item for item in reading.items}
        whole = mended((then.get(item.key, item) for item in present), sprints, boards)
        found.append(replace(reading, items=tuple(item for item in whole if item.key in then)))
    return tuple(found)


def _named(item: Item, sprints: Names, boards: Names, moved: Mapping[str, str]) -> Item:
    states = tuple(_named_state(state, sprints, boards, moved) for state in item.states)
    same = all(new is old for new, old in zip(states, item.states, strict=True))
    return item if same else replace(item, states=states)


def _named_state(state: ItemState, sprints: Names, boards: Names, moved: Mapping[str, str]) -> ItemState:
    board_is_known = state.board is None or state.board in boards
    if state.parent not in moved and board_is_known and sprints.issuperset(state.sprints):
        return state
    return state._replace(
        sprints=tuple(sprint for sprint in state.sprints if sprint in sprints),
        board=state.board if board_is_known else None,
        parent=None if state.parent is None else moved.get(state.parent, state.parent),
    )


def _without_circles(items: dict[str, Item]) -> tuple[Item, ...]:
    """Take out a parent that is no level above its child and leads back to it: no tracker means that."""
    for key, item in items.items():
        odd = {state.parent for state in item.states if _is_no_higher(items, state.parent, item)}
        circular = {parent for parent in odd if parent is not None and _leads_to(items, parent, key)}
        if circular:
            states = (state._replace(parent=None) if state.parent in circular else state for state in item.states)
            items[key] = replace(item, states=tuple(states))
    return tuple(items.values())


def _is_no_higher(items: Mapping[str, Item], parent: str | None, item: Item) -> bool:
    above = items.get(parent) if parent is not None else None
    return above is not None and above.level <= item.level


def _leads_to(items: Mapping[str, Item], start: str, key: str) -> bool:
    reached: set[str] = set()
    frontier: Collection[str] = {start}
    while frontier:
        if key in frontier:
            return True
        reached |= set(frontier)
        above = {state.parent for name in frontier if name in items for state in items[name].states}
        frontier = {name for name in above if name is not None} - reached
    return False
