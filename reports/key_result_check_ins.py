"""Check-ins as people and programs give them, one by one or as a table, read with a sentence for who must mend them."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from integration.store import check_ins, plans
from integration.store.acts import note_act
from integration.store.check_ins import CheckIn
from integration.store.opened import Store
from mappings.exact import plain
from mappings.model import Exact, KeyResult
from mappings.tags import Register, fold
from reports.exports import number_text
from reports.foreign_text import for_csv

LONGEST_NOTE = 1000
MOST_ROWS = 10_000
ASKED = ("key_result", "day", "value", "confidence", "note")
COLUMNS = ("key_result", "at", "value", "confidence", "note", "by", "entered_at")
_SURPLUS = frozenset({"by", "entered_at", "title"})  # columns of a download that say nothing new
_NUMBER = re.compile(r"([+-]?)([0-9]{1,18}(?:\.[0-9]{1,12})?|\.[0-9]{1,12})(.*)", re.DOTALL)
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)


class WrongCheckIn(Exception):
    """Its sentence says what to mend."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Speaker:
    name: str
    now: datetime


def register_of(store: Store, now: datetime) -> Register:
    with store.reading() as session:
        return Register(plans.plan_of_all(session, now))


def key_result_named(register: Register, name: str) -> KeyResult:
    """By its code, else by a name that only one has."""
    wanted = fold(name)
    for kr in register.key_results.values():
        if fold(kr.code) == wanted:
            return kr
    named = [kr for kr in register.key_results.values() if wanted in {fold(other) for other in (*kr.aliases, kr.title)}]
    if len(named) == 1:
        return named[0]
    if named:
        codes = ", ".join(kr.code for kr in named)
        raise WrongCheckIn(f"“{_shown(name)}” may mean {codes}: say which by its code.")
    raise WrongCheckIn(f"There is no key result “{_shown(name)}” in the register that holds now: give its code.")


def read_check_in(register: Register, given: Mapping[str, str], speaker: Speaker) -> CheckIn:
    """`given`: texts by the names of `ASKED`; `at` is taken for `day`."""
    kr = key_result_named(register, given.get("key_result", ""))
    confidence = _confidence(given.get("confidence", ""))
    value = _value(kr, given.get("value", ""), confidence)
    if kr.kind == "binary" and confidence is None:
        sentence = f"{kr.code} is true or false: say how likely it is, as a confidence such as 70 %."
        raise WrongCheckIn(sentence)
    note = " ".join(given.get("note", "").split())
    if len(note) > LONGEST_NOTE:
        raise WrongCheckIn(f"The note has {len(note)} signs: say it in at most {LONGEST_NOTE}.")
    at = _moment(register, given.get("at") or given.get("day", ""), speaker.now)
    return CheckIn(kr.code, at, value, confidence, note, speaker.name, speaker.now)


def read_table(register: Register, text: str, speaker: Speaker) -> tuple[CheckIn, ...]:
    """All rows of a CSV, or none: each fault is told with its line."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    names = [(name or "").strip().lower() for name in rows.fieldnames or ()]
    unknown = [name for name in names if name not in {*ASKED, "at", *_SURPLUS}]
    if "key_result" not in names or unknown:
        said = f"it does not know “{_shown(unknown[0])}”" if unknown else "the first row names no key_result"
        raise WrongCheckIn(f"The columns are {', '.join(ASKED)}; {said}.")
    rows.fieldnames = names
    return tuple(_read_rows(register, rows, speaker))


def _read_rows(register: Register, rows: "csv.DictReader[str]", speaker: Speaker) -> Iterator[CheckIn]:
    try:
        for number, row in enumerate(rows):
            if number >= MOST_ROWS:
                raise WrongCheckIn(f"The table has more than {MOST_ROWS} rows: send it in parts.")
            given = {name: _unguarded(cell) for name, cell in row.items() if name and isinstance(cell, str)}
            try:
                yield read_check_in(register, given, speaker)
            except WrongCheckIn as wrong:
                raise WrongCheckIn(f"Line {rows.line_num}: {wrong.sentence} Nothing was kept.") from None
    except csv.Error as error:
        raise WrongCheckIn(f"Line {rows.line_num} is no CSV ({error}). Nothing was kept.") from None


def enter(store: Store, given: Iterable[CheckIn], speaker: Speaker) -> int:
    """Keep them, and the act; say how many are new."""
    found = tuple(given)
    with store.writing() as session:
        number = check_ins.keep_check_ins(session, found, speaker.now)
        if number:
            codes = sorted({one.key_result for one in found})
            subject = ", ".join(codes[:5]) + (f" and {len(codes) - 5} more" if len(codes) > 5 else "")
            detail = {"check_ins": number}
            note_act(session, speaker.now, speaker.name, "checked_in", subject, detail=detail)
    return number


def take_back(store: Store, code: str, number: int, why: str, speaker: Speaker) -> bool:
    """False: it is none of this key result, or does not hold."""
    reason = " ".join(why.split())
    if not reason or len(reason) > LONGEST_NOTE:
        raise WrongCheckIn(f"Say why in at most {LONGEST_NOTE} signs: the reason is kept with your name.")
    with store.writing() as session:
        known = check_ins.check_in_numbered(session, number)
        if known is None or known.key_result != code:
            return False
        if not check_ins.take_back(session, number, speaker.now, speaker.name, reason):
            return False
        note_act(session, speaker.now, speaker.name, "check_in_taken_back", code, reason)
    return True


def table(given: Iterable[CheckIn]) -> str:
    """As CSV that can be read back: exact numbers, and no cell that a spreadsheet would run."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in given:
        numbers = ("" if number is None else number_text(number) for number in (one.value, one.confidence))
        words = (for_csv(one.note), for_csv(one.author), one.entered_at.isoformat())
        writer.writerow((for_csv(one.key_result), one.at.isoformat(), *numbers, *words))
    return text.getvalue()


# --- one field each


def number_of(text: str, unit: str | None = None) -> Exact | None:
    """An exact number, perhaps with its unit or a percent sign behind it; None where it is none."""
    found = _NUMBER.fullmatch(text.strip().replace("\u2212", "-"))
    if found is None:
        return None
    sign, digits, rest = found.groups()
    if rest.strip() and fold(rest) not in {"%", fold(unit or "%")}:
        return None
    number = Fraction(digits)
    return plain(-number if sign == "-" else number)


def _value(kr: KeyResult, text: str, confidence: Exact | None) -> Exact | None:
    if not text.strip():
        if kr.kind == "binary" or confidence is not None:
            return None
        raise WrongCheckIn(f"Say the value of {kr.code}, or at least a confidence.")
    if kr.kind == "binary":
        raise WrongCheckIn(f"{kr.code} is true or false and has no value: give a confidence such as 70 %.")
    value = number_of(text, kr.unit)
    if value is None:
        raise WrongCheckIn(f"“{_shown(text)}” is no value: write a number such as 12.5, without separators.")
    return value


def _confidence(text: str) -> Exact | None:
    if not text.strip():
        return None
    number = number_of(text)
    if number is not None and text.strip().endswith("%"):
        number = plain(Fraction(number) / 100)
    if number is None or not 0 <= number <= 1:
        raise WrongCheckIn(f"“{_shown(text)}” is no confidence: write 0.7 or 70 %, from 0 to 100 %.")
    return number


def _moment(register: Register, text: str, now: datetime) -> datetime:
    """Now; a day that is over counts with its last second; a time with offset as it is."""
    text = text.strip()
    today = register.days.of(now)
    if not text:
        return now
    try:
        if len(text) == len("2026-03-01"):
            at = _end_of(register, date.fromisoformat(text), today, now)
        else:
            at = datetime.fromisoformat(text)
            at = at.astimezone(UTC) if at.tzinfo is not None else _EMPTY
    except (ValueError, OverflowError):
        at = _EMPTY
    if at is _EMPTY:
        raise WrongCheckIn(f"“{_shown(text)}” is no day: write it as {today.isoformat()}, or a time with its offset.")
    if at > now:
        raise WrongCheckIn(f"{_shown(text)} is still to come: check in on a day up to {today.isoformat()}.")
    if at < _FIRST:
        raise WrongCheckIn(f"{_shown(text)} is too long ago: check in on a day from {_FIRST:%Y-%m-%d} on.")
    return at


_EMPTY = datetime.min.replace(tzinfo=UTC)


def _end_of(register: Register, day: date, today: date, now: datetime) -> datetime:
    return now if day == today else register.days.over(day) - timedelta(seconds=1)


def _unguarded(cell: str) -> str:
    """A cell as it was before it was kept from being a formula."""
    return cell[1:] if cell.startswith("'") and for_csv(cell[1:]) == cell else cell


def _shown(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= 60 else f"{one_line[:59]}…"
