"""Which cycle a source means: by its name in the register, else by that of a quarter, half or year, else by days."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from mappings.model import Cycle
from mappings.tags import fold

_FIRST_YEAR, _LAST_YEAR = 1900, 8999
_WRITTEN = (
    re.compile(r"(?P<year>\d{4})[\s/_-]*(?P<part>[qh])\s*(?P<number>[1-4])"),
    re.compile(r"(?P<part>[qh])\s*(?P<number>[1-4])[\s/_'-]*(?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})(?P<part>)(?P<number>)"),
)
_PARTS = {"q": 4, "h": 2, "": 1}


def cycle_named(text: str, known: Sequence[Cycle]) -> Cycle | None:
    """The register's cycle of that name, or that of the same days; else the calendar's, if the text names one."""
    own = next((cycle for cycle in known if fold(cycle.id) == fold(text)), None)
    if own is not None:
        return own
    made = _calendar(fold(text))
    return None if made is None else _same_days(made, known)


def cycle_of_days(since: date | None, until: date | None, known: Sequence[Cycle]) -> Cycle | None:
    """The shortest cycle of the register that holds the last day (else the first); else the quarter that holds it."""
    day = until or since
    if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return None
    around = [cycle for cycle in known if cycle.start <= day <= cycle.end]
    if around:
        return min(around, key=lambda cycle: (cycle.end - cycle.start, cycle.id))
    return _part_of_year(day.year, "q", (day.month - 1) // 3 + 1)


def _calendar(text: str) -> Cycle | None:
    for pattern in _WRITTEN:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        year, part, number = int(found["year"]), found["part"], int(found["number"] or 1)
        if _FIRST_YEAR <= year <= _LAST_YEAR and number <= _PARTS[part]:
            return _part_of_year(year, part, number)
    return None


def _part_of_year(year: int, part: str, number: int) -> Cycle:
    months = 12 // _PARTS[part]
    start = date(year, (number - 1) * months + 1, 1)
    after = date(year + (number == _PARTS[part]), (number * months) % 12 + 1, 1)
    return Cycle(f"{year}{part.upper()}{number}" if part else str(year), start, after - timedelta(days=1))


def _same_days(made: Cycle, known: Sequence[Cycle]) -> Cycle:
    return next((cycle for cycle in known if (cycle.start, cycle.end) == (made.start, made.end)), made)
