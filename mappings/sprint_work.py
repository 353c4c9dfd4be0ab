"""The work of sprints: their scopes, the lines of their figures and the figures. Each answer is kept once given."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from mappings.estimates import ByType, Frame, Measured, Pool, by_type
from mappings.known_work import NOTHING_KNOWN, KnownWork, Lines
from mappings.links import links_of
from mappings.measures import estimate, logged
from mappings.model import Exact, Figure, Measure, ReceiptLine, Scope, Sprint, SprintState
from mappings.readings import read_at
from mappings.scopes import Placed, Scopes, scopes_of
from mappings.shares import figure_of
from mappings.tags import Register, Standpoint
from mappings.timeline import Timeline

_OWN_MOMENT = (Scope.COMMITTED, Scope.REMOVED, Scope.FINAL)  # the other scopes are parts of `final`
POOL = 5  # sprints or periods that estimates are taken from


class SprintWork:
    """Answers about the sprints of one backlog as of one moment."""

    def __init__(self, timeline: Timeline, as_of: datetime, known: KnownWork = NOTHING_KNOWN) -> None:
        self.timeline = timeline
        self.as_of = as_of
        self.known = known
        self._scopes: dict[tuple[str, Measure], Scopes] = {}
        self._lines: dict[tuple[str, Scope, Measure], Lines | None] = {}
        self._figures: dict[tuple[str, Scope, Measure], Figure | None] = {}
        self._final: dict[tuple[str, Measure], tuple[Measured, ...]] = {}
        self._estimates: dict[tuple[str, Measure], ByType] = {}
        self._before: dict[int, SprintWork] = {}

    def read_at(self, moment: datetime) -> "SprintWork":
        """The work as the field mapping reads it that held at `moment`."""
        backlog = self.timeline.backlog
        if not backlog.earlier or moment >= backlog.earlier[-1].until:
            return self
        then = read_at(backlog, moment)
        number = len(then.earlier)
        if number not in self._before:
            self._before[number] = SprintWork(Timeline(then), self.as_of, self.known)
        return self._before[number]

    def _of(self, sprint: Sprint) -> "SprintWork":
        """Whose answers are those about a sprint: it keeps the field mapping that held at its completion."""
        return self.read_at(self.timeline.closing(sprint, self.as_of)) if self.timeline.backlog.earlier else self

    def scopes(self, sprint: Sprint, measure: Measure) -> Scopes:
        if (own := self._of(sprint)) is not self:
            return own.scopes(sprint, measure)
        key = (sprint.id, Measure.POINTS if measure is Measure.COUNT else measure)  # what points count, count counts
        if key not in self._scopes:
            self._scopes[key] = scopes_of(self.timeline, sprint, measure, self.as_of)
        return self._scopes[key]

    def register_for(self, sprint: Sprint) -> Register:
        """The version that a sprint's figures keep: that of its completion, else of now."""
        return self.timeline.register_at(self.timeline.closing(sprint, self.as_of))

    def lines(self, sprint: Sprint, scope: Scope, measure: Measure) -> Lines | None:
        """The lines of a scope's figure; None where there is no such scope."""
        if (own := self._of(sprint)) is not self:
            return own.lines(sprint, scope, measure)
        key = (sprint.id, scope, measure)
        if key not in self._lines:
            parts = self.known.sprint(sprint.id, measure)
            self._lines[key] = self._lines_at(sprint, scope, measure) if parts is None else parts.lines(scope)
        return self._lines[key]

    def _lines_at(self, sprint: Sprint, scope: Scope, measure: Measure) -> Lines | None:
        placed = self.scopes(sprint, measure).placed[scope]
        return None if placed is None else self._lines_of(sprint, scope, measure, placed)

    def figure(self, sprint: Sprint, scope: Scope, measure: Measure) -> Figure | None:
        if (own := self._of(sprint)) is not self:
            return own.figure(sprint, scope, measure)
        key = (sprint.id, scope, measure)
        if key not in self._figures:
            lines = self.lines(sprint, scope, measure)
            self._figures[key] = None if lines is None else figure_of(lines, measure)
        return self._figures[key]

    def estimates_completed(self, sprint: Sprint, measure: Measure) -> ByType:
        """The estimates of a closed sprint's completed scope, by folded type."""
        if (own := self._of(sprint)) is not self:
            return own.estimates_completed(sprint, measure)
        key = (sprint.id, measure)
        if key not in self._estimates and (parts := self.known.sprint(sprint.id, measure)) is not None:
            self._estimates[key] = parts.estimates
        if key not in self._estimates:
            completed = {each.item.key for each in self.scopes(sprint, measure).placed[Scope.COMPLETED] or ()}
            final = self._measured_final(sprint, measure)
            self._estimates[key] = by_type(each for each in final if each.item.key in completed)
        return self._estimates[key]

    def _lines_of(self, sprint: Sprint, scope: Scope, measure: Measure, placed: Sequence[Placed]) -> Lines:
        if scope not in _OWN_MOMENT:
            within = {each.item.key for each in placed}
            return tuple(line for line in self.lines(sprint, Scope.FINAL, measure) or () if line.item in within)
        if measure is Measure.COUNT:
            return counted(self.lines(sprint, scope, Measure.POINTS) or ())
        timeline, register = self.timeline, self.register_for(sprint)
        measured = self._measured(sprint, placed, measure)
        if scope is Scope.FINAL:
            self._final[sprint.id, measure] = measured
        beside = self._measured_final(sprint, measure) if scope is Scope.REMOVED else ()
        frame = Frame(register, sprint.board, [each.value for each in (*measured, *beside)])
        time = timeline.live_time(sprint, self.as_of)
        pool = self._pool(sprint, measure) if any(each.value is None for each in measured) else Pool(())
        lines: list[ReceiptLine] = []
        seen: Standpoint | None = None  # most items of a sprint are seen from the same one
        for each in measured:
            team = timeline.team_of(each.item, each.moment, sprint)
            if seen is None or seen.team != team or seen.moment != each.moment:
                seen = Standpoint(each.moment, time, team)
            lines.append(frame.line(each, lambda _: pool, links_of(timeline, register, each.item, seen), team))
        return tuple(lines)

    def _measured_final(self, sprint: Sprint, measure: Measure) -> tuple[Measured, ...]:
        key = (sprint.id, measure)
        if key not in self._final:
            self._final[key] = self._measured(sprint, self.scopes(sprint, measure).placed[Scope.FINAL] or (), measure)
        return self._final[key]

    def _measured(self, sprint: Sprint, placed: Iterable[Placed], measure: Measure) -> tuple[Measured, ...]:
        return tuple(Measured(each.item, each.moment, self._value(sprint, each, measure)) for each in placed)

    def _value(self, sprint: Sprint, placed: Placed, measure: Measure) -> Exact | None:
        if measure is Measure.TIME_SPENT:
            assert sprint.start is not None
            return logged(self.timeline, placed.item, sprint.start, placed.moment)
        return estimate(self.timeline, placed.item, placed.moment, measure)

    def _pool(self, sprint: Sprint, measure: Measure) -> Pool:
        """Estimates by type from the last sprints that the board closed before this one started."""
        team = self.timeline.sprint_team(sprint)
        closed = self.timeline.closed_sprints(sprint.board, team, self.as_of)
        if self.scopes(sprint, measure).state is not SprintState.FUTURE:
            start = sprint.start
            closed = tuple(each for each in closed if each.completed and start and each.completed < start)
        return Pool([self.estimates_completed(each, measure) for each in closed[:POOL]])


def counted(lines: Iterable[ReceiptLine]) -> Lines:
    """The same items, each counting 1."""
    return tuple(
        ReceiptLine(line.item, 1, False, line.moment, line.links, 1, 0, line.board, line.team) for line in lines
    )
