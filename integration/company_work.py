"""The work of all connections as if it stood in one place: their boards and sprints side by side, without items, and
beside them the lines that are kept of each.

A name is unique within its connection only. Where there are several, items, boards and sprints bear their connection's
name before their own; where there is one, nothing does.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session

from integration.kept_work import KeptWork
from integration.store.together import qualified
from integration.work_documents import BOARD_WORK, SPRINT_WORK
from mappings.known_work import KnownWork, Lines, SprintParts
from mappings.model import Backlog, Measure, Overruling, Plan, Sprint
from mappings.reckoning import Reckoning


@dataclass(frozen=True, slots=True)
class Ground:
    """What people declare and say, for all connections alike."""

    plans: tuple[Plan, ...]
    overrulings: tuple[Overruling, ...]
    now: datetime


class CompanyWork:
    """`frames`: by connection its boards and sprints, of those whose work is kept."""

    def __init__(self, session: Session, frames: Mapping[str, Backlog], ground: Ground) -> None:
        self._is_several = len(frames) > 1
        self._boards = {self.name(name, each.id): (name, each) for name in frames for each in frames[name].boards}
        self._sprints = {self.name(name, each.id): (name, each) for name in frames for each in frames[name].sprints}
        self._frame = Backlog(
            now=ground.now,
            plans=ground.plans,
            boards=tuple(replace(board, id=name) for name, (_, board) in self._boards.items()),
            sprints=tuple(self._sprint(name) for name in self._sprints),
            overrulings=ground.overrulings,
        )
        plan = Reckoning(self._frame).register.plan
        self._kept = {name: KeptWork(session, name, plan, ground.now) for name in frames}
        self._known = {name: kept.known() for name, kept in self._kept.items()}

    def name(self, connection: str, own: str) -> str:
        return qualified(connection, own) if self._is_several else own

    def reckoning(self) -> Reckoning:
        known = KnownWork(self._sprint_parts, self._teams, self._outside, self._periods)
        return Reckoning(self._frame, known=known)

    def read_work_of(self, days: Collection[tuple[date, date]]) -> None:
        """Read at once what was done in any of these times, first and last day."""
        for kept in self._kept.values() if days else ():
            told = {name: date.fromisoformat(summary["about"]["day"]) for name, summary in kept.sprints.items()}
            within = [name for name, day in told.items() if any(first <= day <= last for first, last in days)]
            kept.read_all(SPRINT_WORK, within)
            kept.read_all(BOARD_WORK)

    def _sprint(self, name: str) -> Sprint:
        connection, sprint = self._sprints[name]
        return replace(sprint, id=name, board=self.name(connection, sprint.board))

    # --- what is kept, by the names that it has here

    def _sprint_parts(self, name: str, measure: Measure) -> SprintParts | None:
        connection, sprint = self._sprints[name]
        parts = self._known[connection].sprint(sprint.id, measure)
        if parts is None or not self._is_several:
            return parts
        final, completed = (self._named(connection, lines) for lines in (parts.final, parts.completed))
        return SprintParts(final, completed, parts.estimates)

    def _teams(self, name: str) -> frozenset[str | None] | None:
        connection, sprint = self._sprints[name]
        return self._known[connection].teams(sprint.id) if sprint.id in self._kept[connection].sprints else frozenset()

    def _outside(self, board: str | None, cycle: str, measure: Measure) -> Lines:
        if board is None:
            found = ((each, self._known[each].outside(None, cycle, measure)) for each in self._known)
            return tuple(line for each, lines in found for line in self._named(each, lines) or ())
        connection, own = self._boards[board]
        return self._named(connection, self._known[connection].outside(own.id, cycle, measure)) or ()

    def _periods(self, board: str, measure: Measure) -> Mapping[date, Lines]:
        connection, own = self._boards[board]
        found = self._known[connection].periods(own.id, measure) or {}
        return {first: self._named(connection, lines) or () for first, lines in found.items()}

    def _named(self, connection: str, lines: Lines | None) -> Lines | None:
        if lines is None or not self._is_several:
            return lines
        boards = {line.board for line in lines}
        names = {board: None if board is None else self.name(connection, board) for board in boards}
        return tuple(line._replace(item=self.name(connection, line.item), board=names[line.board]) for line in lines)
