"""The backlog at any moment: states, parents, sprints, teams and boards as they were then."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from mappings.model import Backlog, Board, Item, ItemState, Link, Plan, Sprint, SprintState, Status
from mappings.tags import LiveTime, Register

BEGINNING = datetime.min.replace(tzinfo=UTC)
_FRESH = ItemState(BEGINNING)
_AT = attrgetter("at")
_LATER = datetime.max.replace(tzinfo=UTC)


class Lineage(NamedTuple):
    """An item, its parent, its parent's parent and so on, with the state of each at a moment. `unseen` is the
    key of the first one above that may not be seen by us or is absent from the data."""

    items: tuple[Item, ...]
    states: tuple[ItemState, ...]
    unseen: str | None


class Settled(NamedTuple):
    """An item and all above it as they have been for good since a moment."""

    since: datetime
    items: tuple[Item, ...]
    states: tuple[ItemState, ...]
    unseen: str | None


class Timeline:
    """Answers what was true of an item or a sprint at a moment; computes no figure."""

    def __init__(self, backlog: Backlog) -> None:
        self.backlog = backlog
        self.items = {item.key: item if item.history_known else _flatten(item, backlog.now) for item in backlog.items}
        self.sprints = {sprint.id: sprint for sprint in backlog.sprints}
        self.boards = {board.id: board for board in backlog.boards}
        self._sprint_order = {sprint.id: number for number, sprint in enumerate(backlog.sprints)}
        self.links_by_tags: dict[object, tuple[Link, ...]] = {}  # kept by `links.py`
        self._settled: dict[str, Settled | None] = {}
        self._registers: dict[int, Register] = {}
        self._closed: dict[tuple[str, str | None, datetime], tuple[Sprint, ...]] = {}

    # --- plans

    def register_at(self, moment: datetime) -> Register:
        """The register, rules and settings that held at `moment`."""
        plans = self.backlog.plans
        index = max(bisect_right(plans, moment, key=_since) - 1, 0)
        if index not in self._registers:
            self._registers[index] = Register(plans[index])
        return self._registers[index]

    # --- items

    def state(self, item: Item, moment: datetime) -> ItemState:
        states = item.states
        if states and states[-1].at <= moment:  # the present, which is asked for most
            return states[-1]
        index = bisect_right(states, moment, key=_AT)
        return states[index - 1] if index else _FRESH

    def is_there(self, item: Item, moment: datetime) -> bool:
        return item.created <= moment and (item.deleted is None or item.deleted > moment)

    def lineage(self, item: Item, moment: datetime) -> Lineage:
        """The item and all above it; where foreign data runs in a circle, each is met once."""
        state = self.state(item, moment)
        if state.parent is None or state.parent not in self.items:
            return Lineage((item,), (state,), state.parent)
        settled = self.settled_above(item, state, moment)
        if settled is not None:
            return Lineage((item, *settled.items), (state, *settled.states), settled.unseen)
        return self._walk_up(item, state, moment)

    def settled_above(self, item: Item, state: ItemState, moment: datetime) -> Settled | None:
        """All that is above the item in that state, where it has been so since before `moment`."""
        key = state.parent
        above = None if key is None else self.items.get(key)
        if above is None or above.level <= item.level:  # the item itself may be among those above it
            return None
        assert key is not None
        if key not in self._settled:
            self._settled[key] = self._settle(above)
        settled = self._settled[key]
        return settled if settled is not None and settled.since <= moment else None

    def _settle(self, lowest: Item) -> Settled | None:
        """What is above most items has not changed for long, and is looked for once; None where something above is
        gone, or levels do not rise all the way."""
        items: list[Item] = []
        states: list[ItemState] = []
        above = lowest
        while above.states and above.deleted is None:
            last = above.states[-1]
            items.append(above)
            states.append(last)
            parent = None if last.parent is None else self.items.get(last.parent)
            if parent is None:
                since = max(*(each.created for each in items), *(state.at for state in states))
                return Settled(since, tuple(items), tuple(states), last.parent)
            if parent.level <= above.level:
                break
            above = parent
        return None

    def _walk_up(self, item: Item, state: ItemState, moment: datetime) -> Lineage:
        items = [item]
        states = [state]
        highest = item.level
        while (key := states[-1].parent) is not None:
            above = self.items.get(key)
            if above is None:
                return Lineage(tuple(items), tuple(states), key)
            if not self.is_there(above, moment):
                break
            if above.level > highest:  # as nearly always: so it was not met yet
                highest = above.level
            elif any(above is each for each in items):
                break
            items.append(above)
            states.append(self.state(above, moment))
        return Lineage(tuple(items), tuple(states), None)

    def story_of(self, item: Item, moment: datetime) -> Item | None:
        """The nearest item of level 0 above a sub-task."""
        key = self.state(item, moment).parent
        above = None if key is None else self.items.get(key)
        if above is None or not self.is_there(above, moment):
            return None
        if above.level == 0 and above is not item:  # as nearly always
            return above
        return next((above for above in self.lineage(item, moment).items[1:] if above.level == 0), None)

    def subtasks(self, item: Item, moment: datetime) -> tuple[Item, ...]:
        """The sub-tasks whose nearest item of level 0 is `item`, at any depth."""
        found: dict[str, Item] = {}
        below = [item.key]
        while below:
            for child in self._children.get(below.pop(), ()):
                if child.level >= 0 or child.key in found or not self.is_there(child, moment):
                    continue
                if self.story_of(child, moment) is item:
                    found[child.key] = child
                    below.append(child.key)
        return tuple(found.values())

    def done_at(self, item: Item, moment: datetime) -> datetime | None:
        """When an item that is done at `moment` was last changed to done; None where it is not done."""
        return self._since_when(item, moment, Status.DONE)

    # --- sprints

    def sprint_state(self, sprint: Sprint, moment: datetime) -> SprintState:
        if sprint.state is SprintState.FUTURE or sprint.start is None or sprint.start > moment:
            return SprintState.FUTURE
        if sprint.completed is not None and sprint.completed <= moment:
            return SprintState.CLOSED
        return SprintState.ACTIVE

    def closing(self, sprint: Sprint, moment: datetime) -> datetime:
        """The moment of a sprint's final figures: its completion, else `moment`."""
        if self.sprint_state(sprint, moment) is SprintState.CLOSED and sprint.completed is not None:
            return sprint.completed
        return moment

    def live_time(self, sprint: Sprint, moment: datetime) -> LiveTime:
        """The time for which a KR must be live to be live for the sprint, as of `moment`."""
        if self.sprint_state(sprint, moment) is SprintState.CLOSED and sprint.start is not None:
            return LiveTime(sprint.start, sprint.completed)
        if sprint.start is None and sprint.end is None:
            return LiveTime(moment, None)
        start = sprint.start or moment
        return LiveTime(start, max(start, moment, sprint.end or moment))

    def sprint_team(self, sprint: Sprint) -> str | None:
        return sprint.team or self.boards[sprint.board].team

    def names_several_teams(self, board: str) -> bool:
        return len({self.sprint_team(sprint) for sprint in self.board_sprints(board)}) > 1

    def board_sprints(self, board: str) -> tuple[Sprint, ...]:
        return tuple(self._by_board.get(board, ()))

    def closed_sprints(self, board: str, team: str | None, moment: datetime) -> tuple[Sprint, ...]:
        """The board's sprints completed by `moment`, the last first; of a board whose sprints name
        several teams those of `team` only."""
        key = (board, team, moment)
        if key not in self._closed:
            self._closed[key] = self._closed_sprints(board, team, moment)
        return self._closed[key]

    def _closed_sprints(self, board: str, team: str | None, moment: datetime) -> tuple[Sprint, ...]:
        several = self.names_several_teams(board)
        closed = [
            sprint
            for sprint in self.board_sprints(board)
            if self.sprint_state(sprint, moment) is SprintState.CLOSED
            and (not several or self.sprint_team(sprint) == team)
        ]
        return tuple(sorted(closed, key=self.completion_order, reverse=True))

    def completion_order(self, sprint: Sprint) -> tuple[datetime, int]:
        return (sprint.completed or _LATER, self._sprint_order[sprint.id])

    def naming(self, sprint: str) -> tuple[Item, ...]:
        """Every item that named the sprint at some time, and the sub-tasks that may have it from a parent."""
        return self._naming.get(sprint, ())

    def sprints_of(self, item: Item, moment: datetime) -> tuple[str, ...]:
        """The sprints that an item names; a sub-task that names none has its parent's."""
        named = self.state(item, moment).sprints
        if named or item.level >= 0:
            return named
        story = self.story_of(item, moment)
        return self.state(story, moment).sprints if story is not None else ()

    def current_sprint(self, item: Item, moment: datetime) -> Sprint | None:
        """The active sprint it is in (the last started); else its next future one; else the last completed."""
        names = self.sprints_of(item, moment)
        if not names:
            return None
        return self._open(names, moment) or max((self.sprints[name] for name in names), key=self.completion_order)

    def open_sprint(self, item: Item, moment: datetime) -> Sprint | None:
        """The active sprint it is in (the last started); else its next future one."""
        names = self.sprints_of(item, moment)
        return self._open(names, moment) if names else None

    def _open(self, names: Iterable[str], moment: datetime) -> Sprint | None:
        states = [(sprint, self.sprint_state(sprint, moment)) for sprint in map(self.sprints.__getitem__, names)]
        active = [sprint for sprint, state in states if state is SprintState.ACTIVE]
        if active:
            return max(active, key=lambda sprint: (sprint.start or BEGINNING, self._sprint_order[sprint.id]))
        future = [sprint for sprint, state in states if state is SprintState.FUTURE]
        return min(future, key=self.start_order) if future else None

    def start_order(self, sprint: Sprint) -> tuple[datetime, int]:
        return (sprint.start or _LATER, self._sprint_order[sprint.id])

    def live_time_outside(self, item: Item, moment: datetime) -> LiveTime:
        """The time that stands for "the sprint" outside a sprint's figures."""
        sprint = self.open_sprint(item, moment)
        return self.live_time(sprint, moment) if sprint is not None else LiveTime(moment, None)

    # --- teams and boards

    def team_of(self, item: Item, moment: datetime, sprint: Sprint | None = None) -> str | None:
        """The item's own team; in a sprint's figures the sprint's; its board's; that of its sprint."""
        team, board = self._own_team_and_board(item, moment)
        if team is not None:
            return team
        if sprint is not None and (team := self.sprint_team(sprint)) is not None:
            return team
        if board is not None and self.boards[board].team is not None:
            return self.boards[board].team
        current = self.current_sprint(item, moment)
        return self.sprint_team(current) if current is not None else None

    def board_of(self, item: Item, moment: datetime) -> Board | None:
        _, board = self._own_team_and_board(item, moment)
        if board is not None:
            return self.boards[board]
        current = self.current_sprint(item, moment)
        return self.boards[current.board] if current is not None else None

    # --- within

    def _own_team_and_board(self, item: Item, moment: datetime) -> tuple[str | None, str | None]:
        """What the item names; a sub-task has what it does not name from its story."""
        own = self.state(item, moment)
        if item.level < 0 and (story := self.story_of(item, moment)) is not None:
            its = self.state(story, moment)
            return own.team or its.team, own.board or its.board
        return own.team, own.board

    def _since_when(self, item: Item, moment: datetime, status: Status) -> datetime | None:
        since: datetime | None = None
        for state in reversed(item.states):
            if state.at > moment:
                continue
            if state.status is not status:
                break
            since = state.at
        return None if since is None else max(since, item.created)

    @cached_property
    def _by_board(self) -> dict[str, list[Sprint]]:
        found: dict[str, list[Sprint]] = defaultdict(list)
        for sprint in self.backlog.sprints:
            found[sprint.board].append(sprint)
        return found

    @cached_property
    def _children(self) -> dict[str, list[Item]]:
        found: dict[str, list[Item]] = defaultdict(list)
        for item in self.items.values():
            for key in dict.fromkeys(state.parent for state in item.states):
                if key is not None:
                    found[key].append(item)
        return found

    @cached_property
    def _naming(self) -> dict[str, tuple[Item, ...]]:
        found: dict[str, dict[str, Item]] = defaultdict(dict)
        for item in self.items.values():
            for state in item.states:
                for sprint in state.sprints:
                    found[sprint][item.key] = item
        for named in found.values():
            for item in self._subtasks_ever(named.values()):
                named.setdefault(item.key, item)
        return {sprint: tuple(named.values()) for sprint, named in found.items()}

    def _subtasks_ever(self, items: Iterable[Item]) -> Iterable[Item]:
        below = [item for item in items if item.level <= 0]
        found: dict[str, Item] = {}
        while below:
            for child in self._children.get(below.pop().key, ()):
                if child.level < 0 and child.key not in found:
                    found[child.key] = child
                    below.append(child)
        return found.values()


def _since(plan: Plan) -> datetime:
    return plan.since or BEGINNING


def _flatten(item: Item, now: datetime) -> Item:
    """An item without history is in all but its status what it is today."""
    past = [state for state in item.states if state.at <= now] or [_FRESH]
    today = past[-1]
    states = [today._replace(at=BEGINNING, status=_FRESH.status)]
    for state in past:
        if state.status is not states[-1].status:
            states.append(today._replace(at=state.at, status=state.status))
    return replace(item, states=tuple(states))
