"""Questions of the pages about key results: their team's work of a cycle, what is planned for them, their findings."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from integration.store.bulk import batches
from integration.store.tables import AnswerRow, FindingRow, ItemRow, ItemStateRow
from mappings.exact import exact_number, plain
from mappings.model import Exact
from mappings.tags import fold

OF_KEY_RESULTS = (
    "starved_kr", "effort_without_movement", "unmeasured_kr", "no_baseline", "output_kr", "vanity_kr", "binary_kr",
)  # fmt: skip
CATCH_ALL = "catch_all_kr"  # its subject is board/code


@dataclass(frozen=True, slots=True)
class TeamWork:
    """What a team completed in a cycle, over all connections, and how much of it served each key result."""

    total: Exact
    amounts: Mapping[str, Exact]

    def share_of(self, code: str) -> Exact | None:
        return plain(Fraction(self.amounts.get(code, 0)) / self.total) if self.total else None


@dataclass(frozen=True, slots=True)
class Planned:
    """What open epics of one connection mean to bring a key result."""

    connection: str
    impact: Exact
    epics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedEpic:
    connection: str
    key: str
    title: str
    url: str | None
    impact: Exact


@dataclass(frozen=True, slots=True)
class KeyResultFinding:
    id: int
    kind: str
    key_result: str
    severity: str
    state: str


def team_work(session: Session, pairs: Collection[tuple[str, str]], measure: str) -> dict[tuple[str, str], TeamWork]:
    """What did these teams complete in these cycles? By team and cycle; a pair without any roll-up is left out."""
    named = {f"team/{team}/{cycle}/completed": (team, cycle) for team, cycle in pairs}
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    columns = (col(AnswerRow.subject), col(AnswerRow.summary))
    for some in batches(sorted(named)):
        mine = (col(AnswerRow.kind) == "rollup", col(AnswerRow.measure) == measure, col(AnswerRow.subject).in_(some))
        for subject, summary in session.execute(select(*columns).where(*mine)):
            found.setdefault(named[subject], []).append(summary)
    return {pair: _added(summaries) for pair, summaries in found.items()}


def _added(summaries: Iterable[Mapping[str, Any]]) -> TeamWork:
    """Numerators and denominators are added, never percentages."""
    total: Exact = 0
    amounts: dict[str, Exact] = {}
    for summary in summaries:
        total += exact_number(summary["total"])
        for part in summary["shares"]:
            code = part["key_result"]
            amounts[code] = amounts.get(code, 0) + exact_number(part["amount"])
    return TeamWork(total, amounts)


def planned(session: Session) -> dict[str, tuple[Planned, ...]]:
    """What is planned for each key result?"""
    columns = (col(AnswerRow.connection), col(AnswerRow.document))
    question = select(*columns).where(col(AnswerRow.kind) == "key_results").order_by(col(AnswerRow.connection))
    found: dict[str, tuple[Planned, ...]] = {}
    for connection, document in session.execute(question):
        for reading in document["key_results"]:
            if reading["planned"] is not None:
                one = Planned(connection, exact_number(reading["planned"]), tuple(reading["planned_epics"]))
                found[reading["code"]] = (*found.get(reading["code"], ()), one)
    return found


def planned_epics(session: Session, code: str, given: Iterable[Planned]) -> tuple[PlannedEpic, ...]:
    """Which epics are these, and what does each mean to bring? The most first."""
    later = aliased(ItemStateRow)
    last = select(func.max(col(later.position))).where(col(later.item_id) == col(ItemRow.id)).scalar_subquery()
    state = (col(ItemStateRow.item_id) == col(ItemRow.id)) & (col(ItemStateRow.position) == last)
    columns = (col(ItemRow.key), col(ItemRow.title), col(ItemRow.url), col(ItemStateRow.impact))
    found = []
    for one in given:
        for some in batches(one.epics):
            named = (col(ItemRow.connection) == one.connection, col(ItemRow.key).in_(some))
            for key, title, url, impact in session.execute(select(*columns).join(ItemStateRow, state).where(*named)):
                brought = next((value for name, value in impact.items() if fold(name) == fold(code)), None)
                if brought is not None:
                    found.append(PlannedEpic(one.connection, key, title, url, brought))
    return tuple(sorted(found, key=lambda epic: (-epic.impact, epic.key)))


def findings_of_key_results(session: Session, code: str | None = None) -> tuple[KeyResultFinding, ...]:
    """What should people look at about key results, or about this one? What is resolved or muted is left out."""
    own = col(FindingRow.kind).in_(OF_KEY_RESULTS)
    mine = own if code is None else and_(own, col(FindingRow.subject) == code)
    is_shown = (or_(mine, col(FindingRow.kind) == CATCH_ALL), col(FindingRow.state).in_(("open", "acknowledged")))
    columns = (FindingRow.id, FindingRow.kind, FindingRow.subject, FindingRow.severity, FindingRow.state)
    question = select(*(col(column) for column in columns)).where(*is_shown)
    found = []
    for row in session.execute(question.order_by(col(FindingRow.kind), col(FindingRow.id))):
        subject = row.subject.rpartition("/")[2] if row.kind == CATCH_ALL else row.subject
        if code in (None, subject):
            found.append(KeyResultFinding(row.id, row.kind, subject, row.severity, row.state))
    return tuple(found)
