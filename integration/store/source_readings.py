"""Values that a source of OKRs tells of its key results: kept as readings are, beside the versions of the plan."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from integration.store.bulk import batches
from integration.store.check_in_tables import CheckInRow
from integration.store.check_ins import CheckIn, keep_check_ins, note_values
from mappings.model import KeyResult, MeasuredValue


def keep_values(
    session: Session, place: str, key_results: Sequence[KeyResult], now: datetime, *, is_whole: bool
) -> bool:
    """Keep what is new; say whether anything changed. What a person took back is not taken up again.

    `is_whole`: all values that there ever were are told, so that what is told no more was a mistake there.
    """
    known = _known(session, place, [one.code for one in key_results])
    refused = {(row.key_result, row.at, _value(row)) for row in known if row.taken_back_by not in (None, place)}
    given = [
        _reading(one, value, place, now)
        for one in key_results
        for value in one.values
        if (one.code, value.at, value.value) not in refused
    ]
    gone = _told_no_more(known, {one.code: one.values for one in key_results}) if is_whole else ()
    if gone:
        said = {"taken_back_at": now, "taken_back_by": place, "taken_back_why": "It is told there no more."}
        for some in batches([row.id for row in gone]):
            session.execute(update(CheckInRow).where(col(CheckInRow.id).in_(some)).values(**said))
        note_values(session, {row.key_result for row in gone}, now)
    return bool(keep_check_ins(session, given, now)) or bool(gone)


def _known(session: Session, place: str, codes: Sequence[str]) -> list[CheckInRow]:
    """What this source has told of them, taken back or not."""
    mine = (col(CheckInRow.is_read), col(CheckInRow.author) == place)
    found: list[CheckInRow] = []
    for some in batches(codes):
        found += session.scalars(select(CheckInRow).where(*mine, col(CheckInRow.key_result).in_(some)))
    return found


def _told_no_more(known: Sequence[CheckInRow], told: Mapping[str, Sequence[MeasuredValue]]) -> tuple[CheckInRow, ...]:
    moments = {code: {value.at for value in values} for code, values in told.items()}
    return tuple(row for row in known if row.taken_back_at is None and row.at not in moments[row.key_result])


def _reading(one: KeyResult, value: MeasuredValue, place: str, now: datetime) -> CheckIn:
    """A binary key result is told by how sure one is."""
    is_binary = one.kind == "binary"
    measured, sure = (None, value.value) if is_binary else (value.value, None)
    return CheckIn(one.code, value.at, measured, sure, "", place, now, is_read=True)


def _value(row: CheckInRow) -> object:
    return row.confidence if row.value is None else row.value
