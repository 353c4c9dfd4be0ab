"""What the findings look at: the sprints, epics, tags and teams of a reckoning, with the work in them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property
from itertools import islice

from mappings.census import Census
from mappings.goals import overrulings_by
from mappings.key_result_words import KeyResultWords, read_key_result
from mappings.known_work import Lines
from mappings.model import (
    Board,
    Exact,
    Figure,
    Item,
    KeyResult,
    Measure,
    Overruling,
    Scope,
    Sprint,
    SprintState,
    Team,
)
from mappings.progress import is_open, open_epics
from mappings.reach import EVERYTHING, Reach, within
from mappings.reckoning import Reckoning
from mappings.shares import figure_of, normalised_figure
from mappings.tags import Allotment, DeadTag, LiveTime, Register
from mappings.timeline import Timeline
from mappings.work_below import WorkBelow

THRESHOLDS: dict[str, Exact] = {
    "goal_work_mismatch": 20, "starved_kr": 5, "late_tagging": 30, "catch_all_kr": 80, "sudden_alignment": 90,
    "untagged_backlog": 5, "off_balance": 15, "effort_without_movement": 20, "undeclared_epic": 50,
    "contradicting_epic": 50, "scattered_sprint": 5, "too_many_krs": 5, "too_many_objectives": 3, "unmeasured_kr": 14,
}  # fmt: skip
LAST = 3  # sprints that "the last three" are


def threshold_of(register: Register, kind: str, team: str | None) -> Exact:
    """The setting of the team, else of the nearest team above it, else of the installation."""
    for name in register.teams_above(team):
        if name in register.teams and kind in register.teams[name].thresholds:
            return register.teams[name].thresholds[kind]
    return register.plan.settings.thresholds.get(kind, THRESHOLDS[kind])


def teams_in(timeline: Timeline, sprint: Sprint, final: Lines) -> frozenset[str | None]:
    """The teams that had a part in a sprint: its own, its board's and those of its items."""
    named = (timeline.boards[sprint.board].team, timeline.sprint_team(sprint))
    return frozenset((*named, *(line.team for line in final)))


class Survey:
    """Looks at one reckoning for all findings; each view is taken once."""

    def __init__(self, reckoning: Reckoning, reach: Reach = EVERYTHING, census: Census | None = None) -> None:
        """`census`: that of the whole backlog, where the reckoning holds only what is within `reach`."""
        self.reckoning = reckoning
        self.reach = reach
        self.timeline = reckoning.timeline
        self.register = reckoning.register
        self.as_of = reckoning.as_of
        self.measure = reckoning.measure
        self.work = WorkBelow(reckoning, census)
        self._teams: dict[str, frozenset[str | None]] = {}
        self._last_three: dict[tuple[str, tuple[datetime, datetime]], tuple[tuple[Sprint, Lines], ...]] = {}

    def threshold(self, kind: str, team: str | None) -> Exact:
        return threshold_of(self.register, kind, team)

    # --- sprints

    @cached_property
    def watched_sprints(self) -> tuple[Sprint, ...]:
        """Each board's active sprints and its last closed one (of each team, where its sprints name several)."""
        return (*self.active_sprints, *self.last_closed_sprints)

    @cached_property
    def active_sprints(self) -> tuple[Sprint, ...]:
        sprints = (each for each in self.timeline.backlog.sprints if within(each.board, self.reach.boards))
        return tuple(each for each in sprints if self._state(each) is SprintState.ACTIVE)

    @cached_property
    def last_closed_sprints(self) -> tuple[Sprint, ...]:
        return tuple(closed[0] for _, closed in self.closed_by_board if closed)

    @cached_property
    def next_sprints(self) -> tuple[Sprint, ...]:
        """Each board's next sprint to start."""
        found: list[Sprint] = []
        for board in self._boards:
            future = [each for each in self.timeline.board_sprints(board.id) if self._state(each) is SprintState.FUTURE]
            found += sorted(future, key=self.timeline.start_order)[:1]
        return tuple(found)

    @cached_property
    def closed_by_board(self) -> tuple[tuple[str, tuple[Sprint, ...]], ...]:
        """The closed sprints of each board, the last first; for each team apart where several are named."""
        found: list[tuple[str, tuple[Sprint, ...]]] = []
        for board in self._boards:
            sprints = self.timeline.board_sprints(board.id)
            teams = dict.fromkeys(self.timeline.sprint_team(each) for each in sprints)
            found += [(board.id, self.timeline.closed_sprints(board.id, team, self.as_of)) for team in teams]
        return tuple(found)

    @cached_property
    def _boards(self) -> tuple[Board, ...]:
        return tuple(board for board in self.timeline.backlog.boards if within(board.id, self.reach.boards))

    def final(self, sprint: Sprint) -> Figure:
        """A sprint's work; empty where nobody can know it."""
        return self.reckoning.sprints.figure(sprint, Scope.FINAL, self.measure) or figure_of((), self.measure)

    def _state(self, sprint: Sprint) -> SprintState:
        return self.timeline.sprint_state(sprint, self.as_of)

    # --- teams

    @cached_property
    def teams(self) -> tuple[Team, ...]:
        return tuple(team for team in self.register.plan.teams if within(team.name, self.reach.teams))

    def team_sprints(self, team: str) -> Iterator[tuple[Sprint, Lines]]:
        """The closed sprints in which the team had a part, the last first, with the lines of its work."""
        within = self.register.subteams(team)
        for sprint in self._closed:
            present = self._teams_in(sprint)
            if not within.isdisjoint(present):
                lines = self.reckoning.sprints.lines(sprint, Scope.FINAL, self.measure) or ()
                yield sprint, tuple(line for line in lines if line.team in within)

    def last_three_of(self, kr: KeyResult) -> tuple[tuple[Sprint, Lines], ...]:
        """The last three closed sprints within the KR's period in which its team had a part; fewer give none."""
        team, period = self.register.team_of(kr.code), self.register.period(kr.code)
        if (team, period) not in self._last_three:
            first, over = period
            sprints = self.team_sprints(team)
            within = (each for each in sprints if each[0].completed is not None and first <= each[0].completed < over)
            last = tuple(islice(within, LAST))
            self._last_three[team, period] = last if len(last) == LAST else ()
        return self._last_three[team, period]

    def share_of(self, kr: KeyResult, sprints: Iterable[tuple[Sprint, Lines]]) -> Exact | None:
        """The KR's share of the team's work in these sprints; points of several boards are normalised."""
        lines = [line for _, each in sprints for line in each]
        figure = normalised_figure(lines) if self.measure is Measure.POINTS else figure_of(lines, self.measure)
        if not figure.total:
            return None
        return next((part.share for code, part in figure.shares if code == kr.code), 0)

    def _teams_in(self, sprint: Sprint) -> frozenset[str | None]:
        if sprint.id not in self._teams:
            known = self.reckoning.sprints.known.teams(sprint.id)
            if known is not None:
                return known
            lines = self.reckoning.sprints.lines(sprint, Scope.FINAL, self.measure) or ()
            self._teams[sprint.id] = teams_in(self.timeline, sprint, lines)
        return self._teams[sprint.id]

    @cached_property
    def _closed(self) -> list[Sprint]:
        closed = (each for each in self.timeline.backlog.sprints if self._state(each) is SprintState.CLOSED)
        return sorted(closed, key=self.timeline.completion_order, reverse=True)

    # --- key results

    @cached_property
    def live_key_results(self) -> tuple[KeyResult, ...]:
        now = LiveTime(self.as_of, self.as_of)
        return tuple(kr for kr in self.register.plan.key_results if self.register.is_live(kr.code, now))

    @cached_property
    def fed_key_results(self) -> tuple[KeyResult, ...]:
        """The live KRs whose team's work is within reach."""
        return tuple(kr for kr in self.live_key_results if within(self.register.team_of(kr.code), self.reach.teams))

    @cached_property
    def unfinished_key_results(self) -> tuple[KeyResult, ...]:
        """The KRs whose period is not over."""
        return tuple(kr for kr in self.register.plan.key_results if self.register.period(kr.code)[1] > self.as_of)

    def words_of(self, kr: KeyResult) -> KeyResultWords:
        """The KR's title as the judge reads it, and as people overruled it by now."""
        return read_key_result(self.register, self._said, kr)

    def worded(self, *labels: str) -> Iterator[tuple[KeyResult, KeyResultWords]]:
        """The KRs that are not over whose words are flagged as one of `labels`."""
        for kr in self.unfinished_key_results:
            reading = self.words_of(kr)
            if reading.is_flagged and reading.label in labels:
                yield kr, reading

    @cached_property
    def _said(self) -> tuple[Overruling, ...]:
        return overrulings_by(self.timeline.backlog.overrulings, self.as_of)

    # --- epics

    @cached_property
    def epics(self) -> tuple[Item, ...]:
        epics = (item for item in open_epics(self.reckoning) if within(item.key, self.reach.epics))
        return tuple(item for item in epics if self.register.is_work(item))

    @cached_property
    def hidden(self) -> tuple[str, ...]:
        """The parents of items of level 0 and up that we may not see or that are absent from the data."""
        keys = {
            self.timeline.state(item, self.as_of).parent
            for item in self.work.there
            if item.level >= 0 and self.register.is_work(item)
        }
        unseen = (key for key in keys if key is not None and key not in self.timeline.items)
        return tuple(sorted(key for key in unseen if within(key, self.reach.epics)))

    # --- tags

    @cached_property
    def tagged_items(self) -> tuple[tuple[Item, Allotment], ...]:
        """The items that findings about tags look at, if tagged: open, or in an active or future sprint."""
        return tuple(self._tagged())

    def _tagged(self) -> Iterator[tuple[Item, Allotment]]:
        for key in sorted(item.key for item in self.work.there if within(item.key, self.reach.items)):
            item = self.timeline.items[key]
            tags = self.timeline.state(item, self.as_of).tags
            if not tags or not self.register.is_work(item):
                continue
            if is_open(self.reckoning, item) or self.timeline.open_sprint(item, self.as_of) is not None:
                yield item, self.allotment(item)

    def allotment(self, item: Item) -> Allotment:
        """What the item's own tags come to as of now."""
        time = self.timeline.live_time_outside(item, self.as_of)
        tags = self.timeline.state(item, self.as_of).tags
        return self.register.allot(tags, time, self.timeline.team_of(item, self.as_of))

    def dead_tags(self, allotment: Allotment, why: str) -> tuple[DeadTag, ...]:
        targets = (target for target, _ in allotment.parts)
        return tuple(target for target in targets if isinstance(target, DeadTag) and target.why == why)

    def since(self, moment: datetime) -> int:
        """Whole days from `moment` to now."""
        return (self.as_of - moment).days
