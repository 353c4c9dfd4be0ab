"""Everything that is computed once for one backlog as of one moment: the links of now, the work of sprints,
and what was done in periods and outside sprints."""

from datetime import datetime
from functools import cached_property

from mappings.done_work import DoneWork
from mappings.known_work import NOTHING_KNOWN, KnownWork
from mappings.links import links_of
from mappings.model import Backlog, Item, Link, Measure
from mappings.readings import read_at
from mappings.sprint_work import SprintWork
from mappings.tags import Standpoint
from mappings.timeline import Timeline


class Reckoning:
    """Answers about one backlog as of one moment."""

    def __init__(
        self,
        backlog: Backlog,
        as_of: datetime | None = None,
        measure: Measure | None = None,
        known: KnownWork = NOTHING_KNOWN,
    ) -> None:
        self.as_of = as_of or backlog.now
        self.timeline = Timeline(read_at(backlog, self.as_of))
        self.register = self.timeline.register_at(self.as_of)
        self.measure = measure or self.register.plan.settings.measure
        self.sprints = SprintWork(self.timeline, self.as_of, known)
        self.done = DoneWork(self.sprints)
        self._standpoints: dict[object, Standpoint] = {}

    @cached_property
    def links(self) -> dict[str, tuple[Link, ...]]:
        """The links of every item that is there, as of now, by key."""
        there = (item for item in self.timeline.items.values() if self.timeline.is_there(item, self.as_of))
        return {item.key: self._links_now(item) for item in there}

    def _links_now(self, item: Item) -> tuple[Link, ...]:
        if item.level < 0:
            return links_of(self.timeline, self.register, item, self._standpoint(item))
        # Items of the same sprints, team and board are seen alike; a sub-task may have these from its story.
        state = self.timeline.state(item, self.as_of)
        key = (state.sprints, state.team, state.board)
        if key not in self._standpoints:
            self._standpoints[key] = self._standpoint(item)
        return links_of(self.timeline, self.register, item, self._standpoints[key])

    def _standpoint(self, item: Item) -> Standpoint:
        """From where the links of an item are seen as of now, outside a sprint's figures."""
        time = self.timeline.live_time_outside(item, self.as_of)
        return Standpoint(self.as_of, time, self.timeline.team_of(item, self.as_of))
