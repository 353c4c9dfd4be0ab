"""Questions about key results: how far they are, their team's work of a cycle, the epics that serve them, their
findings."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from integration.store.bulk import batches
from integration.store.check_ins import with_check_ins
from integration.store.reads import EPICS
from integration.store.tables import AnswerRow, FindingRow, ItemRow
from integration.store.together import connections_together, qualified
from mappings.exact import exact_number, plain
from mappings.model import Exact, KeyResultReading, Plan
from mappings.progress import LinkedEpic, read_key_result, stated_impacts
from mappings.tags import Register

OF_KEY_RESULTS = (
    "starved_kr", "effort_without_movement", "unmeasured_kr", "no_baseline", "output_kr", "vanity_kr", "binary_kr",
)  # fmt: skip
CATCH_ALL = "catch_all_kr"  # its subject is board/code


@dataclass(frozen=True, slots=True)
class TeamWork:
    """What a team completed in a cycle, on all connections together, and how much of it served each key result."""

    total: Exact
    amounts: Mapping[str, Exact]

    def share_of(self, code: str) -> Exact | None:
        return plain(Fraction(self.amounts.get(code, 0)) / self.total) if self.total else None


@dataclass(frozen=True, slots=True)
class Linked:
    """The open epics of one connection that are linked to a key result."""

    connection: str
    epics: tuple[LinkedEpic, ...]


@dataclass(frozen=True, slots=True)
class ServingEpic:
    """`weight`: how much of it serves the key result; `impact` None: it states none."""

    connection: str
    key: str
    title: str
    url: str | None
    weight: Exact
    impact: Exact | None


@dataclass(frozen=True, slots=True)
class KeyResultFinding:
    id: int
    kind: str
    key_result: str
    severity: str
    state: str


def rollups_together(
    session: Session, named: Collection[tuple[str, str, str]], measure: str
) -> dict[tuple[str, str, str], Mapping[str, Any]]:
    """What do the roll-ups of these say, without receipts? By cycle, sort and name; what has none is left out. One that
    only a connection with a plan of its own knows has its roll-up there."""
    found: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for place, _, summary in _rollups(session, named, measure):
        found.setdefault(place, summary)
    return found


def _rollups(
    session: Session, named: Collection[tuple[str, str, str]], measure: str
) -> Iterator[tuple[tuple[str, str, str], str, Mapping[str, Any]]]:
    """Each with its connection, "" for that of all together, which comes first."""
    subjects = {f"{by}/{name}/{cycle}/completed": (cycle, by, name) for cycle, by, name in named}
    columns = (col(AnswerRow.subject), col(AnswerRow.connection), col(AnswerRow.summary))
    for some in batches(sorted(subjects)):
        mine = (col(AnswerRow.kind) == "rollup", col(AnswerRow.measure) == measure, col(AnswerRow.subject).in_(some))
        for row in session.execute(select(*columns).where(*mine).order_by(col(AnswerRow.connection))):
            yield subjects[row.subject], row.connection, row.summary


def connection_of_rollup(session: Session, cycle: str, by: str, name: str) -> str | None:
    """Under which connection is the roll-up kept that `rollups_together` tells? None: there is none."""
    mine = col(AnswerRow.kind) == "rollup", col(AnswerRow.subject) == f"{by}/{name}/{cycle}/completed"
    return session.scalar(select(col(AnswerRow.connection)).where(*mine).order_by(col(AnswerRow.connection)).limit(1))


def team_work(
    session: Session, pairs: Collection[tuple[str, str]], measure: str
) -> dict[tuple[str, str, str], TeamWork]:
    """What did these teams complete in these cycles? By team, cycle and the connection whose own plan has them, "" for
    the register; what has no roll-up is left out."""
    found = _rollups(session, [(cycle, "team", team) for team, cycle in pairs], measure)
    return {(team, cycle, connection): _work(summary) for (cycle, _, team), connection, summary in found}


def _work(summary: Mapping[str, Any]) -> TeamWork:
    amounts = {part["key_result"]: exact_number(part["amount"]) for part in summary["shares"]}
    return TeamWork(exact_number(summary["total"]), amounts)


def readings(session: Session, plan: Plan, now: datetime) -> tuple[tuple[KeyResultReading, tuple[str, ...]], ...]:
    """How far is each key result of the plan, what is planned for it, and by which open epics is it served?"""
    (valued,) = with_check_ins(session, (plan,))
    register, linked = Register(valued), linked_epics(session)
    is_several = len(connections_together(session)) > 1
    found = []
    for kr in valued.key_results:
        served = [_named(each, is_several) for each in linked.get(kr.code, ())]
        epics = [epic for some in served for epic in some]
        reading = read_key_result(register, kr, stated_impacts(epics), now)
        found.append((reading, tuple(epic.epic for epic in epics)))
    return tuple(found)


def _named(linked: Linked, is_several: bool) -> Iterable[LinkedEpic]:
    """Bearing their connection's name, where there are several."""
    if not is_several:
        return linked.epics
    return (replace(each, epic=qualified(linked.connection, each.epic)) for each in linked.epics)


def linked_epics(session: Session, code: str | None = None) -> dict[str, tuple[Linked, ...]]:
    """Which epics are linked to each key result, or to this one?"""
    columns = (col(AnswerRow.subject), col(AnswerRow.connection), col(AnswerRow.document))
    question = select(*columns).where(col(AnswerRow.kind) == EPICS).order_by(col(AnswerRow.connection))
    if code is not None:
        question = question.where(col(AnswerRow.subject) == code)
    found: dict[str, tuple[Linked, ...]] = {}
    for subject, connection, document in session.execute(question):
        one = Linked(connection, tuple(_linked_epic(key, told) for key, told in document["epics"].items()))
        found[subject] = (*found.get(subject, ()), one)
    return found


def _linked_epic(key: str, told: tuple[int | str, int | str | None]) -> LinkedEpic:
    weight, impact = told
    return LinkedEpic(key, exact_number(str(weight)), None if impact is None else exact_number(str(impact)))


def serving_epics(session: Session, given: Iterable[Linked]) -> tuple[ServingEpic, ...]:
    """What are these epics called? Those that state an impact first, the most of it before."""
    found = []
    for one in given:
        known = {each.epic: each for each in one.epics}
        for some in batches(known):
            columns = (col(ItemRow.key), col(ItemRow.title), col(ItemRow.url))
            named = (col(ItemRow.connection) == one.connection, col(ItemRow.key).in_(some))
            for key, title, url in session.execute(select(*columns).where(*named)):
                found.append(ServingEpic(one.connection, key, title, url, known[key].weight, known[key].impact))
    return tuple(sorted(found, key=_most_first))


def _most_first(epic: ServingEpic) -> tuple[Any, ...]:
    return (epic.impact is None, -(epic.impact or 0), -epic.weight, epic.key, epic.connection)


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
