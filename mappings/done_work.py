"""The work told by the moment it was done: in the periods of boards without sprints, and outside sprints.

Each item is measured when it was done, with the links and the live key results of that moment."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from mappings.calendar import INSTANT, period_of, periods_between
from mappings.estimates import ByType, Frame, Measured, Pool, by_type
from mappings.known_work import Lines
from mappings.links import links_of
from mappings.measures import estimate, is_counted
from mappings.model import Board, Cycle, Item, Measure, ReceiptLine, SprintState, Status
from mappings.sprint_work import POOL, SprintWork
from mappings.tags import LiveTime, Register, Standpoint

_MOMENT = attrgetter("moment")


class Done(NamedTuple):
    """An item, and a moment at which it was changed to done."""

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


class DoneWork:
    """Answers about what was done, wherever, as of one moment."""

    def __init__(self, sprints: SprintWork) -> None:
        self._sprints = sprints
        self._timeline = sprints.timeline
        self._as_of = sprints.as_of
        self._days = self._timeline.register_at(self._as_of).days
        self._periods: dict[tuple[str, Measure], dict[date, tuple[Done, ...]]] = {}
        self._outside: dict[Measure, dict[str | None, list[Done]]] = {}
        self._before: dict[int, DoneWork] = {}

    def _read_at(self, moment: datetime) -> "DoneWork":
        """Whose answers are those about a time that ends then: it keeps the field mapping that held at its end."""
        sprints = self._sprints.read_at(moment)
        if sprints is self._sprints:
            return self
        return self._before.setdefault(len(sprints.timeline.backlog.earlier), DoneWork(sprints))

    # --- boards without sprints

    def periods(self, board: Board, measure: Measure) -> tuple[Period, ...]:
        """From the first period in which the board completed something to the one that holds now."""
        if board.periods is None:
            return ()
        known = self._sprints.known.periods(board.id, measure)
        done: Collection[date] = self._done_by_period(board, measure) if known is None else known
        if not done:
            return ()
        today = self._days.of(self._as_of)
        return tuple(self._period(board, *days) for days in periods_between(board.periods, min(done), today))

    def period_lines(self, period: Period, measure: Measure) -> Lines:
        """The lines of a period's one figure, `completed`."""
        known = self._sprints.known.periods(period.board.id, measure)
        if known is not None:
            return known.get(period.first, ())
        end = min(period.over - INSTANT, self._as_of)
        if (own := self._read_at(end)) is not self:
            return own.period_lines(period, measure)
        register = self._timeline.register_at(end)
        done = self._done_by_period(period.board, measure).get(period.first, ())
        pool = Pool([self._period_estimates(period.board, first, measure) for first in _firsts_before(period)])
        return self._lines(register, done, period.board.id, measure, lambda _: pool)

    def _period(self, board: Board, first: date, last: date) -> Period:
        return Period(board, first, last, self._days.start(first), self._days.over(last))

    def _done_by_period(self, board: Board, measure: Measure) -> dict[date, tuple[Done, ...]]:
        key = (board.id, measure)
        if key not in self._periods:
            found: dict[date, list[Done]] = defaultdict(list)
            for done in self._done_on.get(board.id, ()):
                assert board.periods is not None
                period = self._period(board, *period_of(board.periods, self._days.of(done.moment)))
                if self._is_counted(done, period.over, measure):
                    found[period.first].append(done)
            self._periods[key] = {first: tuple(each) for first, each in found.items()}
        return self._periods[key]

    def _period_estimates(self, board: Board, first: date, measure: Measure) -> ByType:
        return by_type(self._measured(self._done_by_period(board, measure).get(first, ()), measure))

    # --- work outside sprints

    def outside_cycle(self, board: Board | None, cycle: Cycle, measure: Measure) -> Lines:
        """The lines of the work done in the cycle on the board (None: on no board), outside sprints."""
        known = self._sprints.known.outside(board.id if board is not None else None, cycle.id, measure)
        if known is not None:
            return known
        return self.outside_between(board, self._days.start(cycle.start), self._days.over(cycle.end), measure)

    def outside_between(self, board: Board | None, start: datetime, over: datetime, measure: Measure) -> Lines:
        """The same for what was done from `start` until just before `over`."""
        if board is not None and board.periods is not None:
            return ()
        end = min(over - INSTANT, self._as_of)
        if (own := self._read_at(end)) is not self:
            return own.outside_between(board, start, over, measure)
        register = self._timeline.register_at(end)
        name = board.id if board is not None else None
        outside = self._outside_on(measure).get(name, [])
        first, last = (bisect_left(outside, moment, key=_MOMENT) for moment in (start, over))
        done = tuple(each for each in outside[first:last] if self._is_counted(each, over, measure))
        return self._lines(register, done, name, measure, self._pool_outside(board, measure))

    def _pool_outside(self, board: Board | None, measure: Measure) -> Callable[[datetime], Pool]:
        closed = [
            sprint
            for sprint in (self._timeline.board_sprints(board.id) if board is not None else ())
            if self._timeline.sprint_state(sprint, self._as_of) is SprintState.CLOSED
        ]
        closed.sort(key=self._timeline.completion_order, reverse=True)

        def pool_at(moment: datetime) -> Pool:
            before = [each for each in closed if each.completed is not None and each.completed <= moment]
            return Pool([self._sprints.estimates_completed(each, measure) for each in before[:POOL]])

        return pool_at

    def _outside_on(self, measure: Measure) -> dict[str | None, list[Done]]:
        """What was done and no completed scope has as done then or earlier, by the board it was on."""
        measure = Measure.POINTS if measure is Measure.COUNT else measure  # what points count, count counts
        if measure not in self._outside:
            first = self._first_done_in_sprints(measure)
            self._outside[measure] = self._by_board(
                each for each in self._done if each.item.key not in first or each.moment < first[each.item.key]
            )
        return self._outside[measure]

    def _first_done_in_sprints(self, measure: Measure) -> dict[str, datetime]:
        """By item: the first moment at which some sprint's completed scope has it as done."""
        found: dict[str, datetime] = {}
        for sprint in self._timeline.backlog.sprints:
            for key, done in self._sprints.scopes(sprint, measure).done.items():
                found[key] = min(done, found.get(key, done))
        return found

    # --- what was done, wherever

    def candidates(self, board: Board | None, measure: Measure) -> frozenset[str]:
        """The items that the board's periods, or its work outside sprints, are made of, counted or not."""
        if board is not None and board.periods is not None:
            done = self._done_on.get(board.id, [])
        else:
            done = self._outside_on(measure).get(board.id if board is not None else None, [])
        earlier = (each.candidates(board, measure) for each in self._earlier)
        return frozenset(each.item.key for each in done).union(*earlier)

    def boards_of(self, item: Item) -> frozenset[str | None]:
        """The boards on which the item was ever done (None: on none), by any mapping."""
        moments = _done_moments(self._timeline.items[item.key], self._as_of)
        boards = (self._timeline.board_of(self._timeline.items[item.key], moment) for moment in moments)
        earlier = (each.boards_of(item) for each in self._earlier)
        return frozenset(board.id if board is not None else None for board in boards).union(*earlier)

    @cached_property
    def _earlier(self) -> "tuple[DoneWork, ...]":
        """The same as an earlier field mapping reads it; each knows those before it."""
        readings = self._timeline.backlog.earlier
        return (self._read_at(readings[-1].until - INSTANT),) if readings else ()

    @cached_property
    def _done(self) -> tuple[Done, ...]:
        """Every moment up to now at which an item was changed to done."""
        items = (item for item in self._timeline.items.values() if item.level <= 0)
        return tuple(Done(item, moment) for item in items for moment in _done_moments(item, self._as_of))

    @cached_property
    def _done_on(self) -> dict[str | None, list[Done]]:
        return self._by_board(self._done)

    def _by_board(self, done: Iterable[Done]) -> dict[str | None, list[Done]]:
        """By the board that the item was on when it was done (None: on none), in order of time."""
        found: dict[str | None, list[Done]] = defaultdict(list)
        for each in sorted(done, key=_MOMENT):
            board = self._timeline.board_of(each.item, each.moment)
            found[board.id if board is not None else None].append(each)
        return found

    def _is_counted(self, done: Done, over: datetime, measure: Measure) -> bool:
        """Still done, since then, at the end of that time (or now), and counted work when it was done."""
        end = min(over - INSTANT, self._as_of)
        if not self._timeline.is_there(done.item, end) or self._timeline.done_at(done.item, end) != done.moment:
            return False
        return is_counted(self._timeline, self._timeline.register_at(end), done.item, done.moment, measure)

    def _measured(self, done: Iterable[Done], measure: Measure) -> list[Measured]:
        return [Measured(item, moment, estimate(self._timeline, item, moment, measure)) for item, moment in done]

    def _lines(
        self,
        register: Register,
        done: Iterable[Done],
        board: str | None,
        measure: Measure,
        pool_of: Callable[[datetime], Pool],
    ) -> Lines:
        measured = self._measured(done, measure)
        frame = Frame(register, board, [each.value for each in measured])
        lines: list[ReceiptLine] = []
        for each in measured:
            team = self._timeline.team_of(each.item, each.moment)
            seen = Standpoint(each.moment, LiveTime(each.moment, each.moment), team)
            lines.append(frame.line(each, pool_of, links_of(self._timeline, register, each.item, seen), team))
        return tuple(lines)


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
        is_done = state.status is Status.DONE
        if is_done and not was_done:
            moment = max(state.at, item.created)
            if moment > as_of:
                break
            if moment != last:
                yield moment
            last = moment
        was_done = is_done
