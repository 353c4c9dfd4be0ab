"""Work as it was kept, for answers that rest on more than what a change touched: read when first asked for."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from integration.answer_documents import NO_MEASURE
from integration.line_documents import census_from, lines_from, parts_from, periods_from
from integration.store import kept
from integration.store.kept import Decided
from integration.store.together import CENSUS
from integration.work_documents import ALL, BOARD_WORK, SPRINT_WORK, board_name, kept_measures
from mappings.census import Census
from mappings.known_work import KnownWork, Lines, SprintParts
from mappings.model import Measure, Plan
from mappings.sprint_work import counted

Document = dict[str, Any]
_Name = tuple[str, str]  # subject and measure


class KeptWork:
    """What one connection's work was when it was last decided; `put` lays newer work over it."""

    def __init__(self, session: Session, connection: str, plan: Plan, now: datetime) -> None:
        self._session = session
        self._connection = connection
        self._now = now
        self._documents: dict[str, dict[_Name, Document | None]] = {SPRINT_WORK: {}, BOARD_WORK: {}}
        self._parts: dict[_Name, SprintParts] = {}
        self._measures = kept_measures(plan)
        self._names = kept.summaries(session, connection, SPRINT_WORK)
        first = self._measures[0].value  # that of the findings
        self.sprints = {name: told for (name, measure), told in self._names.items() if measure == first}

    # --- as it is kept

    def census(self) -> Census | None:
        found = kept.documents(self._session, self._connection, CENSUS).get((ALL, NO_MEASURE))
        return None if found is None else census_from(found["facts"])

    def is_whole(self, sprints: Iterable[str], boards: Iterable[str | None]) -> bool:
        """Whether the work of all these sprints and boards is kept, in each measure."""
        measures = [measure.value for measure in self._measures]
        named = kept.names(self._session, self._connection, BOARD_WORK)
        return all((board_name(board), measure) in named for board in boards for measure in measures) and all(
            (sprint, measure) in self._names for sprint in sprints for measure in measures
        )

    def sprint(self, sprint: str, measure: Measure) -> Document | None:
        return self._document(SPRINT_WORK, sprint, measure)

    def board(self, board: str | None, measure: Measure) -> Document | None:
        return self._document(BOARD_WORK, board_name(board), measure)

    def read_all(self, kind: str, subjects: Collection[str] | None = None) -> None:
        """Read many at once."""
        found = kept.documents(self._session, self._connection, kind, subjects)
        known = self._documents[kind]
        self._documents[kind] = {**found, **known}

    def put(self, answers: Iterable[Decided]) -> None:
        for answer in answers:
            name = (answer.subject, answer.measure)
            self._documents[answer.kind][name] = dict(answer.document)
            self._parts.pop(name, None)
            if answer.kind == SPRINT_WORK and answer.measure == self._measures[0].value:
                self.sprints[answer.subject] = dict(answer.summary)

    def _document(self, kind: str, subject: str, measure: Measure) -> Document | None:
        name = (subject, measure.value)
        known = self._documents[kind]
        if name not in known:
            found = kept.documents(self._session, self._connection, kind, (subject,))
            known |= found
            known.setdefault(name, None)
        return known[name]

    # --- as others reckon with it

    def known(self, sprints_anew: Collection[str] = (), boards_anew: Collection[str | None] = ()) -> KnownWork:
        """All but what is reckoned anew."""

        def sprint(name: str, measure: Measure) -> SprintParts | None:
            return None if name in sprints_anew else self._sprint_parts(name, measure)

        def teams(name: str) -> frozenset[str | None] | None:
            if name in sprints_anew:
                return None
            return frozenset(self.sprints[name]["teams"])

        def outside(board: str | None, cycle: str, measure: Measure) -> Lines | None:
            return None if board in boards_anew else self._outside(board, cycle, measure)

        def periods(board: str, measure: Measure) -> Mapping[date, Lines] | None:
            return None if board in boards_anew else self._periods(board, measure)

        return KnownWork(sprint, teams, outside, periods)

    def _sprint_parts(self, name: str, measure: Measure) -> SprintParts | None:
        if measure is Measure.COUNT:
            parts = self._sprint_parts(name, Measure.POINTS)
            return None if parts is None else _counted_parts(parts)
        if (name, measure.value) not in self._parts:
            document = self.sprint(name, measure)
            if document is None:
                return None
            self._parts[name, measure.value] = parts_from(document, document["about"]["board"], self._now)
        return self._parts[name, measure.value]

    def _outside(self, board: str | None, cycle: str, measure: Measure) -> Lines | None:
        if measure is Measure.COUNT:
            lines = self._outside(board, cycle, Measure.POINTS)
            return None if lines is None else counted(lines)
        document = self.board(board, measure)
        return None if document is None else lines_from(document["outside"].get(cycle, []), board, self._now)

    def _periods(self, board: str, measure: Measure) -> Mapping[date, Lines] | None:
        if measure is Measure.COUNT:
            periods = self._periods(board, Measure.POINTS)
            return None if periods is None else {first: counted(lines) for first, lines in periods.items()}
        document = self.board(board, measure)
        return None if document is None else periods_from(document["periods"], board, self._now)


def _counted_parts(parts: SprintParts) -> SprintParts:
    final, completed = (None if lines is None else counted(lines) for lines in (parts.final, parts.completed))
    return SprintParts(final, completed, {name: [1] * len(values) for name, values in parts.estimates.items()})
