"""Everything that is computed once for one backlog as of one moment: scopes, entries of figures, work in
periods and outside sprints. Each answer is worked out when first asked for, then kept."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

from mappings.calendar import INSTANT, period_of, periods_between
from mappings.estimates import impute, policy_for
from mappings.links import links_of
from mappings.measures import estimate, is_counted, logged
from mappings.model import Backlog, Board, Cycle, Exact, Figure, Item, Link, Measure, Scope, Sprint, SprintState, Status
from mappings.scopes import Placed, Scopes, scopes_of
from mappings.shares import Entry, figure_of
from mappings.tags import LiveTime, Register, Standpoint, fold, subteams
from mappings.timeline import Timeline

_OWN_MOMENT = (Scope.COMMITTED, Scope.REMOVED, Scope.FINAL)  # the other scopes are parts of `final`
POOL = 5  # sprints or periods that estimates are taken from


class Done(NamedTuple):
    """A counted item, and the moment at which it was done."""

    item: Item
    moment: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """One period of a board without sprints: whole days, both inclusive, and its two moments."""

    board: Board
    first: date
    last: date
    start: datetime
    over: datetime

    @property
    def id(self) -> str:
        return f"{self.board.id}/{self.first.isoformat()}"


class _Measured(NamedTuple):
    item: Item
    moment: datetime
    value: Exact | None


class Reckoning:
    """Answers about one backlog as of one moment."""

    def __init__(self, backlog: Backlog, as_of: datetime | None = None, measure: Measure | None = None) -> None:
        self.timeline = Timeline(backlog)
        self.as_of = as_of or backlog.now
        self.register = self.timeline.register_at(self.as_of)
        self.measure = measure or self.register.plan.settings.measure
        self._scopes: dict[tuple[str, Measure], Scopes] = {}
        self._entries: dict[tuple[str, Scope, Measure], tuple[Entry, ...] | None] = {}
        self._figures: dict[tuple[str, Scope, Measure], Figure | None] = {}
        self._kept_links: dict[tuple[Register, str, Standpoint], tuple[Link, ...]] = {}
        self._estimates: dict[tuple[str, Measure], dict[str, list[Exact]]] = {}
        self._periods: dict[tuple[str, Measure], dict[date, tuple[Done, ...]]] = {}
        self._done_in_sprints: dict[Measure, dict[str, datetime]] = {}

    # --- items as of now

    @cached_property
    def links(self) -> dict[str, tuple[Link, ...]]:
        """The links of every item that is there, as of now, by key."""
        there = (item for item in self.timeline.items.values() if self.timeline.is_there(item, self.as_of))
        return {item.key: self.links_now(item) for item in there}

    def links_now(self, item: Item) -> tuple[Link, ...]:
        return links_of(self.timeline, self.register, item, self.standpoint_now(item))

    def standpoint_now(self, item: Item) -> Standpoint:
        """From where links are seen outside a sprint's figures."""
        time = self.timeline.live_time_outside(item, self.as_of)
        return Standpoint(self.as_of, time, self.timeline.team_of(item, self.as_of))

    # --- sprints

    def scopes(self, sprint: Sprint, measure: Measure) -> Scopes:
        key = (sprint.id, Measure.POINTS if measure is Measure.COUNT else measure)  # what points count, count counts
        if key not in self._scopes:
            self._scopes[key] = scopes_of(self.timeline, sprint, measure, self.as_of)
        return self._scopes[key]

    def register_for(self, sprint: Sprint) -> Register:
        """The version that a sprint's figures keep: that of its completion, else of now."""
        return self.timeline.register_at(self.timeline.closing(sprint, self.as_of))

    def entries(self, sprint: Sprint, scope: Scope, measure: Measure) -> tuple[Entry, ...] | None:
        """The entries of a scope's figure; None where there is no such scope."""
        key = (sprint.id, scope, measure)
        if key not in self._entries:
            placed = self.scopes(sprint, measure).placed[scope]
            self._entries[key] = None if placed is None else self._sprint_entries(sprint, scope, measure, placed)
        return self._entries[key]

    def figure(self, sprint: Sprint, scope: Scope, measure: Measure) -> Figure | None:
        key = (sprint.id, scope, measure)
        if key not in self._figures:
            entries = self.entries(sprint, scope, measure)
            self._figures[key] = None if entries is None else figure_of(entries, measure)
        return self._figures[key]

    def of_team(self, entries: Iterable[Entry], team: str) -> tuple[Entry, ...]:
        """The entries of one team and its sub-teams."""
        within = subteams(self.register.plan.teams, team)
        return tuple(entry for entry in entries if entry.team in within)

    def _sprint_entries(
        self, sprint: Sprint, scope: Scope, measure: Measure, placed: Sequence[Placed]
    ) -> tuple[Entry, ...]:
        if scope not in _OWN_MOMENT:
            within = {each.item.key for each in placed}
            return tuple(entry for entry in self.entries(sprint, Scope.FINAL, measure) or () if entry.item in within)
        measured = [_Measured(each.item, each.moment, self._value(sprint, each, measure)) for each in placed]
        lacking = any(each.value is None for each in measured)
        frame = _Frame(
            self.register_for(sprint), sprint.board, self._estimates_in(sprint, scope, measure) if lacking else []
        )
        time = self.timeline.live_time(sprint, self.as_of)
        pool = self._pool_of_sprint(sprint, measure) if lacking else _Pool(())
        teams = (self.timeline.team_of(each.item, each.moment, sprint) for each in measured)
        return tuple(
            frame.entry(each, pool, self._links(frame.register, each.item, Standpoint(each.moment, time, team)), team)
            for each, team in zip(measured, teams, strict=True)
        )

    def _links(self, register: Register, item: Item, seen: Standpoint) -> tuple[Link, ...]:
        key = (register, item.key, seen)
        if key not in self._kept_links:
            self._kept_links[key] = links_of(self.timeline, register, item, seen)
        return self._kept_links[key]

    def _value(self, sprint: Sprint, placed: Placed, measure: Measure) -> Exact | None:
        if measure is Measure.TIME_SPENT:
            assert sprint.start is not None
            return logged(self.timeline, placed.item, sprint.start, placed.moment)
        return estimate(self.timeline, placed.item, placed.moment, measure)

    def _estimates_in(self, sprint: Sprint, scope: Scope, measure: Measure) -> list[Exact]:
        """The estimates "in the sprint" for a scope's figure."""
        placed = self.scopes(sprint, measure).placed
        if scope is Scope.COMMITTED:
            together = placed[Scope.COMMITTED] or ()
        elif scope is Scope.REMOVED:
            together = (*(placed[Scope.FINAL] or ()), *(placed[Scope.REMOVED] or ()))
        else:
            together = placed[Scope.FINAL] or ()
        values = (self._value(sprint, each, measure) for each in together)
        return [value for value in values if value is not None]

    def _pool_of_sprint(self, sprint: Sprint, measure: Measure) -> "_Pool":
        """Estimates by type from the last sprints that the board closed before this one started."""
        team = self.timeline.sprint_team(sprint)
        closed = self.timeline.closed_sprints(sprint.board, team, self.as_of)
        if self.scopes(sprint, measure).state is not SprintState.FUTURE:
            start = sprint.start
            closed = tuple(each for each in closed if each.completed and start and each.completed < start)
        return _Pool([self.estimates_completed(each, measure) for each in closed[:POOL]])

    def estimates_completed(self, sprint: Sprint, measure: Measure) -> dict[str, list[Exact]]:
        """The estimates of a closed sprint's completed scope, by folded type."""
        key = (sprint.id, measure)
        if key not in self._estimates:
            found: dict[str, list[Exact]] = defaultdict(list)
            for each in self.scopes(sprint, measure).placed[Scope.COMPLETED] or ():
                value = self._value(sprint, each, measure)
                if value is not None:
                    found[fold(each.item.type)].append(value)
            self._estimates[key] = found
        return self._estimates[key]

    # --- boards without sprints

    def periods(self, board: Board, measure: Measure) -> tuple[Period, ...]:
        """From the first period in which the board completed something to the one that holds now."""
        if board.periods is None:
            return ()
        done = self._done_by_period(board, measure)
        if not done:
            return ()
        today = self.register.days.of(self.as_of)
        return tuple(self._period(board, *days) for days in periods_between(board.periods, min(done), today))

    def period_entries(self, period: Period, measure: Measure) -> tuple[Entry, ...]:
        """The entries of a period's one figure, `completed`, each measured when it was done."""
        register = self.timeline.register_at(min(period.over - INSTANT, self.as_of))
        done = self._done_by_period(period.board, measure).get(period.first, ())
        by_type = _Pool([self._period_estimates(period.board, first, measure) for first in _firsts_before(period)])
        return self._done_entries(register, done, period.board.id, measure, lambda _: by_type)

    def _period(self, board: Board, first: date, last: date) -> Period:
        days = self.register.days
        return Period(board, first, last, days.start(first), days.over(last))

    def _done_by_period(self, board: Board, measure: Measure) -> dict[date, tuple[Done, ...]]:
        key = (board.id, measure)
        if key not in self._periods:
            found: dict[date, list[Done]] = defaultdict(list)
            for done in self._done_on.get(board.id, ()):
                assert board.periods is not None
                period = self._period(board, *period_of(board.periods, self.register.days.of(done.moment)))
                if self._is_counted_when_done(done, period.start, period.over, measure):
                    found[period.first].append(done)
            self._periods[key] = {first: tuple(each) for first, each in found.items()}
        return self._periods[key]

    def _period_estimates(self, board: Board, first: date, measure: Measure) -> dict[str, list[Exact]]:
        return self._by_type(self._done_by_period(board, measure).get(first, ()), measure)

    # --- work outside sprints

    def outside_entries(self, board: Board | None, cycle: Cycle, measure: Measure) -> tuple[Entry, ...]:
        """The entries of the work done in the cycle on the board (None: on no board), outside sprints."""
        days = self.register.days
        return self.outside_between(board, days.start(cycle.start), days.over(cycle.end), measure)

    def outside_between(
        self, board: Board | None, start: datetime, over: datetime, measure: Measure
    ) -> tuple[Entry, ...]:
        """The same for what was done from `start` until just before `over`."""
        if board is not None and board.periods is not None:
            return ()
        register = self.timeline.register_at(min(over - INSTANT, self.as_of))
        name = board.id if board is not None else None
        in_sprints = self._done_in_completed(measure)
        done = tuple(
            each
            for each in self._done_on.get(name, ())
            if start <= each.moment < over
            and self._is_counted_when_done(each, start, over, measure)
            and not (each.item.key in in_sprints and in_sprints[each.item.key] <= each.moment)
        )
        pool_of = self._pool_outside(board, measure)
        return self._done_entries(register, done, name, measure, pool_of)

    def _pool_outside(self, board: Board | None, measure: Measure) -> "_PoolAt":
        closed = [
            sprint
            for sprint in (self.timeline.board_sprints(board.id) if board is not None else ())
            if self.timeline.sprint_state(sprint, self.as_of) is SprintState.CLOSED
        ]
        closed.sort(key=self.timeline.completion_order, reverse=True)

        def pool_at(moment: datetime) -> _Pool:
            before = [each for each in closed if each.completed is not None and each.completed <= moment]
            return _Pool([self.estimates_completed(each, measure) for each in before[:POOL]])

        return pool_at

    def _done_in_completed(self, measure: Measure) -> dict[str, datetime]:
        """By item: the first moment at which some sprint's completed scope has it as done."""
        if measure not in self._done_in_sprints:
            found: dict[str, datetime] = {}
            for sprint in self.timeline.backlog.sprints:
                for each in self.scopes(sprint, measure).placed[Scope.COMPLETED] or ():
                    done = self.timeline.done_at(each.item, each.moment)
                    assert done is not None
                    found[each.item.key] = min(done, found.get(each.item.key, done))
            self._done_in_sprints[measure] = found
        return self._done_in_sprints[measure]

    # --- what was done, wherever

    @cached_property
    def _done_on(self) -> dict[str | None, list[Done]]:
        """Every moment up to now at which an item was changed to done, by the board it was on then."""
        found: dict[str | None, list[Done]] = defaultdict(list)
        for item in self.timeline.items.values():
            for moment in _done_moments(item, self.as_of) if item.level <= 0 else ():
                board = self.timeline.board_of(item, moment)
                found[board.id if board is not None else None].append(Done(item, moment))
        return found

    def _is_counted_when_done(self, done: Done, start: datetime, over: datetime, measure: Measure) -> bool:
        """Done then, still done at the end of that time (or now), and counted work when it was done."""
        end = min(over - INSTANT, self.as_of)
        if not self.timeline.is_there(done.item, end) or self.timeline.done_at(done.item, end) != done.moment:
            return False
        return is_counted(self.timeline, self.timeline.register_at(end), done.item, done.moment, measure)

    def _done_entries(
        self, register: Register, done: Iterable[Done], board: str | None, measure: Measure, pool_of: "_PoolAt"
    ) -> tuple[Entry, ...]:
        measured = [
            _Measured(each.item, each.moment, estimate(self.timeline, each.item, each.moment, measure)) for each in done
        ]
        frame = _Frame(register, board, [each.value for each in measured if each.value is not None])
        entries: list[Entry] = []
        for each in measured:
            team = self.timeline.team_of(each.item, each.moment)
            seen = Standpoint(each.moment, LiveTime(each.moment, each.moment), team)
            links = self._links(register, each.item, seen)
            entries.append(frame.entry(each, pool_of(each.moment), links, team))
        return tuple(entries)

    def _by_type(self, done: Iterable[Done], measure: Measure) -> dict[str, list[Exact]]:
        found: dict[str, list[Exact]] = defaultdict(list)
        for each in done:
            value = estimate(self.timeline, each.item, each.moment, measure)
            if value is not None:
                found[fold(each.item.type)].append(value)
        return found


class _Frame:
    """What all entries of one figure share: the version, the board, and the estimates "in the sprint"."""

    def __init__(self, register: Register, board: str | None, together: Sequence[Exact]) -> None:
        self.register = register
        self.board = board
        self.together = together
        self.largest = max(together, default=0)

    def entry(self, each: _Measured, pool: "_Pool", links: tuple[Link, ...], team: str | None) -> Entry:
        if each.value is not None:
            return Entry(each.item.key, each.value, False, 0, each.moment, links, self.board, team)
        value = impute(policy_for(self.register, each.item.type), pool.of(each.item.type), self.together)
        return Entry(each.item.key, value, True, max(value, self.largest), each.moment, links, self.board, team)


class _Pool:
    """Estimates by folded type, gathered when first asked for."""

    def __init__(self, sources: Sequence[dict[str, list[Exact]]]) -> None:
        self._sources = sources

    def of(self, item_type: str) -> list[Exact]:
        return [value for source in self._sources for value in source.get(fold(item_type), ())]


_PoolAt = Callable[[datetime], _Pool]


def _firsts_before(period: Period) -> Iterator[date]:
    """The first days of the five periods before this one."""
    first = period.first
    for _ in range(POOL):
        assert period.board.periods is not None
        first, _last = period_of(period.board.periods, date.fromordinal(first.toordinal() - 1))
        yield first


def _done_moments(item: Item, as_of: datetime) -> Iterator[datetime]:
    """The moments up to `as_of` at which the item became done; what was so before its creation, then."""
    was_done = False
    last: datetime | None = None
    for state in item.states:
        moment = max(state.at, item.created)
        if moment > as_of:
            break
        is_done = state.status is Status.DONE
        if is_done and not was_done and moment != last:
            yield moment
            last = moment
        was_done = is_done
