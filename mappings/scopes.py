"""Which items lie in each scope of a sprint, and the moment at which each is measured (DOMAIN.md, "Sprint scopes")."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from mappings.calendar import INSTANT
from mappings.measures import is_counted
from mappings.model import Item, Measure, Scope, Sprint, SprintState, Status
from mappings.timeline import Timeline

NO_HISTORY = "no history in the source"
_HISTORIC = (Scope.COMMITTED, Scope.ADDED, Scope.REMOVED)


class Placed(NamedTuple):
    """An item in a scope, and the moment of its measure and links there."""

    item: Item
    moment: datetime


@dataclass(frozen=True, slots=True)
class Scopes:
    """A sprint's scopes as of a moment; None where it has no such scope, or nobody can know it."""

    state: SprintState
    placed: Mapping[Scope, tuple[Placed, ...] | None]
    done: Mapping[str, datetime]  # when the completed items were done, by key
    unknown: Mapping[Scope, str]
    is_upper_bound: bool


def scopes_of(timeline: Timeline, sprint: Sprint, measure: Measure, as_of: datetime) -> Scopes:
    state = timeline.sprint_state(sprint, as_of)
    find = _Finder(timeline, sprint, measure, as_of, state)
    hidden = () if state is SprintState.FUTURE or not find.lacks_history() else _hidden(measure)
    unknown = {scope: NO_HISTORY for scope in hidden if _exists(scope, state, measure)}
    placed: dict[Scope, tuple[Placed, ...] | None] = {}
    for scope in Scope:
        if scope in unknown or not _exists(scope, state, measure):
            placed[scope] = None
        else:
            placed[scope] = tuple(find.scope(scope))
    bound = state is SprintState.CLOSED and any(not each.item.history_known for each in find.final)
    done = {} if placed[Scope.COMPLETED] is None else find.done
    return Scopes(state, placed, done, unknown, bound)


def commitment(timeline: Timeline, sprint: Sprint, as_of: datetime) -> datetime:
    """The start, or `commit_grace` minutes after it; at most the completion or now."""
    closing = timeline.closing(sprint, as_of)
    grace = timeline.register_at(closing).plan.settings.commit_grace
    minutes = timedelta(microseconds=int(grace * 60_000_000))
    assert sprint.start is not None
    return min(sprint.start + minutes, closing)


def is_in(timeline: Timeline, item: Item, sprint: Sprint, moment: datetime) -> bool:
    return timeline.is_there(item, moment) and sprint.id in timeline.sprints_of(item, moment)


def _exists(scope: Scope, state: SprintState, measure: Measure) -> bool:
    if measure is Measure.TIME_SPENT and (state is SprintState.FUTURE or scope is Scope.COMMITTED):
        return False  # nothing can be logged in a sprint before it starts
    if state is SprintState.FUTURE:
        return scope is Scope.FINAL
    return state is SprintState.CLOSED or scope is not Scope.CARRIED_OVER


def _hidden(measure: Measure) -> Iterable[Scope]:
    """The scopes that nobody can know without history."""
    return Scope if measure is Measure.TIME_SPENT else _HISTORIC


class _Finder:
    """Finds the items of one sprint's scopes; holds what all of them need."""

    def __init__(
        self, timeline: Timeline, sprint: Sprint, measure: Measure, as_of: datetime, state: SprintState
    ) -> None:
        self.timeline = timeline
        self.sprint = sprint
        self.measure = measure
        self.as_of = as_of
        self.closing = timeline.closing(sprint, as_of)
        self.is_closed = state is SprintState.CLOSED
        self.naming = timeline.naming(sprint.id)
        self.register = timeline.register_at(self.closing)
        self.done: dict[str, datetime] = {}  # of the completed items, once these are found
        self.commitment = self.closing if state is SprintState.FUTURE else commitment(timeline, sprint, as_of)

    @cached_property
    def final(self) -> tuple[Placed, ...]:
        return tuple(Placed(item, self.closing) for item in self._stayed.values() if self._counts(item, self.closing))

    def lacks_history(self) -> bool:
        """Whether any item that names the sprint by now is one without history."""
        return any(self._named_by_now(item) for item in self.naming if not item.history_known)

    def scope(self, scope: Scope) -> Iterator[Placed]:
        match scope:
            case Scope.FINAL:
                yield from self.final
            case Scope.COMMITTED:
                for item in self._committed.values():
                    if self._counts(item, self.commitment):
                        yield Placed(item, self.commitment)
            case Scope.ADDED:
                yield from (each for each in self.final if each.item.key not in self._committed)
            case Scope.REMOVED:
                yield from self._removed()
            case _:
                yield from self._by_outcome[scope]

    @cached_property
    def _by_outcome(self) -> Mapping[Scope, list[Placed]]:
        found: dict[Scope, list[Placed]] = defaultdict(list)
        for each in self.final:
            found[self._outcome(each.item)].append(each)
        return found

    @cached_property
    def _stayed(self) -> Mapping[str, Item]:
        """The items in the sprint at its closing, by key."""
        return {item.key: item for item in self.naming if self._stays(item)}

    @cached_property
    def _committed(self) -> Mapping[str, Item]:
        """The items in the sprint at its commitment, by key."""
        if self.is_closed and self.commitment == self.closing:
            return self._stayed
        return {item.key: item for item in self.naming if is_in(self.timeline, item, self.sprint, self.commitment)}

    def _counts(self, item: Item, moment: datetime) -> bool:
        return is_counted(self.timeline, self.register, item, moment, self.measure)

    def _stays(self, item: Item) -> bool:
        """In the sprint at its closing: membership is that of the instant before a completion, which
        itself moves unfinished work out; all else is that of the completion."""
        if not self.is_closed:
            return is_in(self.timeline, item, self.sprint, self.closing)
        before = self.closing - INSTANT
        return self.timeline.is_there(item, self.closing) and is_in(self.timeline, item, self.sprint, before)

    def _named_by_now(self, item: Item) -> bool:
        return any(
            is_in(self.timeline, item, self.sprint, moment) for moment in self._changes(item) if moment <= self.as_of
        )

    def _removed(self) -> Iterator[Placed]:
        for item in self.naming:
            if item.key in self._stayed:
                continue
            left = self._left_at(item)
            if left is not None and self._counts(item, left - INSTANT):
                yield Placed(item, left - INSTANT)

    def _left_at(self, item: Item) -> datetime | None:
        """When it last left after the commitment, up to the closing."""
        moments = sorted({moment for moment in self._changes(item) if self.commitment < moment <= self.closing})
        for moment in reversed(moments):
            if is_in(self.timeline, item, self.sprint, moment - INSTANT):
                return moment
        return None

    def _changes(self, item: Item) -> Iterator[datetime]:
        """The moments at which membership may have changed: its own, and for a sub-task its parents'."""
        met = {item.key}
        upward = [item]
        while upward:
            each = upward.pop()
            yield from (state.at for state in each.states)
            yield from (moment for moment in (each.created, each.deleted) if moment is not None)
            parents = {state.parent for state in each.states} if each.level < 0 else set()
            for key in parents - met:
                if key in self.timeline.items:
                    met.add(key)
                    upward.append(self.timeline.items[key])

    def _outcome(self, item: Item) -> Scope:
        status = self.timeline.state(item, self.closing).status
        if status is Status.DROPPED:
            return Scope.DROPPED
        if status is not Status.DONE:
            return Scope.CARRIED_OVER
        done = self.timeline.done_at(item, self.closing)
        assert done is not None
        assert self.sprint.start is not None
        if done <= self.sprint.start or (not item.history_known and self._was_done_earlier(item, done)):
            return Scope.DONE_BEFORE
        self.done[item.key] = done
        return Scope.COMPLETED

    def _was_done_earlier(self, item: Item, done: datetime) -> bool:
        """Without history: a sprint of earlier completion that it names too was still open when it was done."""
        others = (self.timeline.sprints[name] for name in self.timeline.sprints_of(item, self.closing))
        return any(
            other.completed is not None and done <= other.completed < self.closing
            for other in others
            if other.id != self.sprint.id
        )
