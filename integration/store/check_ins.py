"""Values that key results were given beside the register: check-ins of people, and readings of sources.

They are kept apart from the versions of the plan and joined into it where it is read, so that a value makes no version.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import CursorResult, select, update
from sqlmodel import Session, col

from integration.store import due
from integration.store.check_in_tables import CheckInRow
from integration.store.tables import PlanRow
from mappings.model import Exact, KeyResult, MeasuredValue, Plan

_Said = tuple[datetime, Exact | None, Exact | None]  # moment, value, confidence


@dataclass(frozen=True, slots=True)
class CheckIn:
    """`confidence` is from 0 to 1. What was taken back stays to be seen."""

    key_result: str
    at: datetime
    value: Exact | None
    confidence: Exact | None
    note: str
    author: str
    entered_at: datetime
    is_read: bool = False  # from a source, not entered by a person
    id: int = 0
    taken_back_at: datetime | None = None
    taken_back_by: str | None = None
    taken_back_why: str | None = None


def check_ins_of(session: Session, key_result: str, limit: int = 200) -> tuple[CheckIn, ...]:
    """What was said of a key result? The latest moment first."""
    question = select(CheckInRow).where(col(CheckInRow.key_result) == key_result)
    latest = question.order_by(col(CheckInRow.at).desc(), col(CheckInRow.id).desc()).limit(limit)
    return tuple(_check_in(row) for row in session.scalars(latest))


def all_check_ins(session: Session) -> tuple[CheckIn, ...]:
    """All that hold, by key result and moment."""
    order = (col(CheckInRow.key_result), col(CheckInRow.at), col(CheckInRow.id))
    question = select(CheckInRow).where(col(CheckInRow.taken_back_at).is_(None)).order_by(*order)
    return tuple(_check_in(row) for row in session.scalars(question))


def last_check_ins(session: Session, now: datetime) -> Mapping[str, CheckIn]:
    """The last check-in of each key result by a person."""
    holding = (col(CheckInRow.taken_back_at).is_(None), col(CheckInRow.is_read).is_(False), col(CheckInRow.at) <= now)
    question = select(CheckInRow).where(*holding).order_by(col(CheckInRow.at), col(CheckInRow.id))
    return {row.key_result: _check_in(row) for row in session.scalars(question)}


def last_reading(session: Session, key_result: str) -> CheckIn | None:
    """The last value that a source told."""
    mine = (col(CheckInRow.key_result) == key_result, col(CheckInRow.is_read), col(CheckInRow.taken_back_at).is_(None))
    question = select(CheckInRow).where(*mine).order_by(col(CheckInRow.at).desc(), col(CheckInRow.id).desc()).limit(1)
    row = session.scalar(question)
    return None if row is None else _check_in(row)


def check_in_numbered(session: Session, number: int) -> CheckIn | None:
    row = session.get(CheckInRow, number)
    return None if row is None else _check_in(row)


def keep_check_ins(session: Session, given: Iterable[CheckIn], now: datetime) -> int:
    """Keep them; what says the same as holds already for its moment is passed over. Say how many are new."""
    known: dict[str, dict[datetime, tuple[object, ...]]] = {}
    fresh: set[str] = set()
    number = 0
    for one in given:
        if one.key_result not in known:
            known[one.key_result] = _held(session, one.key_result)
        held = known[one.key_result]
        if held.get(one.at) != _told(one):
            held[one.at] = _told(one)
            session.add(_row(one))
            fresh.add(one.key_result)
            number += 1
    if number:
        session.flush()
        note_values(session, fresh, now)
    return number


def take_back(session: Session, number: int, now: datetime, by: str, why: str) -> bool:
    """From now on it holds no more; False where it did not hold."""
    mine = (col(CheckInRow.id) == number, col(CheckInRow.taken_back_at).is_(None))
    said = {"taken_back_at": now, "taken_back_by": by, "taken_back_why": why}
    row = session.get(CheckInRow, number)
    taken = session.execute(update(CheckInRow).where(*mine).values(**said))
    assert isinstance(taken, CursorResult)
    if row is None or taken.rowcount != 1:
        return False
    note_values(session, (row.key_result,), now)
    return True


def note_values(session: Session, key_results: Iterable[str], now: datetime) -> None:
    """What rests on values is due: findings about these key results. Readings are taken when they are asked for, and no
    figure rests on a value."""
    alone = select(col(PlanRow.connection)).where(col(PlanRow.connection).is_not(None)).distinct()
    for connection in sorted(name for name in session.scalars(alone) if name is not None):
        due.note_subjects(session, connection, (), now)
    due.note_of_all(session, now, [(due.KEY_RESULT, code) for code in sorted(key_results)])
    due.beat_for_pages(session, now)


# --- joined into the plan


def with_check_ins(session: Session, plans: tuple[Plan, ...]) -> tuple[Plan, ...]:
    """The plans with the values that were given beside the register."""
    said = _said(session)
    return tuple(_joined(plan, said) for plan in plans) if said else plans


def _said(session: Session) -> dict[str, list[_Said]]:
    columns = (CheckInRow.key_result, CheckInRow.at, CheckInRow.value, CheckInRow.confidence)
    question = select(*(col(column) for column in columns)).where(col(CheckInRow.taken_back_at).is_(None))
    found: dict[str, list[_Said]] = {}
    for code, at, value, confidence in session.execute(question.order_by(col(CheckInRow.at), col(CheckInRow.id))):
        found.setdefault(code, []).append((at, value, confidence))
    return found


def _joined(plan: Plan, said: Mapping[str, list[_Said]]) -> Plan:
    key_results = tuple(_with_values(kr, said[kr.code]) if kr.code in said else kr for kr in plan.key_results)
    return replace(plan, key_results=key_results)


def _with_values(kr: KeyResult, said: Iterable[_Said]) -> KeyResult:
    """Later moments win, wherever a value comes from; of one moment the value that was entered here."""
    values = {value.at: value.value for value in kr.values}
    for at, value, confidence in said:
        told = confidence if kr.kind == "binary" else value
        if told is not None:
            values[at] = told
    return replace(kr, values=tuple(MeasuredValue(at, values[at]) for at in sorted(values)))


# --- rows


def _held(session: Session, key_result: str) -> dict[datetime, tuple[object, ...]]:
    mine = (col(CheckInRow.key_result) == key_result, col(CheckInRow.taken_back_at).is_(None))
    rows = session.scalars(select(CheckInRow).where(*mine).order_by(col(CheckInRow.id)))
    return {row.at: _told(_check_in(row)) for row in rows}


def _told(one: CheckIn) -> tuple[object, ...]:
    return (one.value, one.confidence, one.note)


def _row(one: CheckIn) -> CheckInRow:
    return CheckInRow(
        key_result=one.key_result,
        at=one.at,
        value=one.value,
        confidence=one.confidence,
        note=one.note,
        author=one.author,
        is_read=one.is_read,
        entered_at=one.entered_at,
    )


def _check_in(row: CheckInRow) -> CheckIn:
    assert row.id is not None
    return CheckIn(
        key_result=row.key_result,
        at=row.at,
        value=row.value,
        confidence=row.confidence,
        note=row.note,
        author=row.author,
        entered_at=row.entered_at,
        is_read=row.is_read,
        id=row.id,
        taken_back_at=row.taken_back_at,
        taken_back_by=row.taken_back_by,
        taken_back_why=row.taken_back_why,
    )
