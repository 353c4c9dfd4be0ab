"""What a source answered, read as values: a number somewhere in JSON, or the rows of a table."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import orjson

from integration.contract import Permanent
from integration.kr_values.definition import ValueSource
from mappings.calendar import Days
from mappings.exact import plain
from mappings.model import Exact

MOST_VALUES = 5000
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,18}|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]{1,12})?(?:[eE][+-]?[0-9]{1,2})?")
_AROUND = re.compile(r"^[\s\u00a0$€£¥]+|[\s\u00a0%$€£¥]+$")
_STEP = re.compile(r"\.([^.\[\]'\"*\s]+)|\[(-?[0-9]{1,6})\]|\['([^']*)'\]|\[\"([^\"]*)\"\]")
_MILLISECONDS_FROM = 10**11  # a time since 1970 that is larger is told in milliseconds


@dataclass(frozen=True, slots=True)
class Reading:
    """A value; `at` None: as of the moment of reading."""

    value: Exact
    at: datetime | None


class Unreadable(Permanent):
    """What came is not what the register says it would be; the sentence names the mend."""

    def __init__(self, sentence: str) -> None:
        super().__init__("unreadable_values", sentence)


def json_readings(body: bytes, source: ValueSource, zone: str) -> tuple[Reading, ...]:
    """The number at `path`, with the moment at `at`; an object of days and numbers at `path` is as many values."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unreadable(f"What came from {source.place} is no JSON: mend the address in `url`.") from None
    found = at_path(document, source.path or "$", "path")
    if isinstance(found, dict):
        return tuple(_by_day(found, source, zone))
    at = None if source.at is None else moment_of(at_path(document, source.at, "at"), zone)
    return (Reading(number_of(found, f"at {source.path}"), at),)


def _by_day(found: Mapping[str, object], source: ValueSource, zone: str) -> Iterator[Reading]:
    if not found:
        raise Unreadable(f"At {source.path} there is an object without any day: nothing was measured yet.")
    for day, value in list(found.items())[-MOST_VALUES:]:
        if value is not None:
            yield Reading(number_of(value, f"at {source.path}, {_shown(day)}"), moment_of(day, zone))


def table_readings(text: str, source: ValueSource, zone: str) -> tuple[Reading, ...]:
    """Each row with its day where `at` names a column; else the last row that holds a value, as of now."""
    head = text.removeprefix("\ufeff").lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter))
    except csv.Error as error:
        raise Unreadable(f"What came from {source.place} is no CSV ({error}): mend the address.") from None
    return row_readings(rows, source, zone)


def row_readings(rows: Iterable[Mapping[str, object]], source: ValueSource, zone: str) -> tuple[Reading, ...]:
    name = source.value or ""
    found = []
    for row in rows:
        for column in (name, *([source.at] if source.at else []), *(column for column, _ in source.where)):
            if column not in row:
                there = ", ".join(_shown(str(one)) for one in list(row)[:8])
                raise Unreadable(f"There is no column “{_shown(column)}” in {source.place}; there are: {there}.")
        if all(str(row[column]).strip() == wanted for column, wanted in source.where) and _is_there(row[name]):
            at = moment_of(row[source.at], zone) if source.at else None
            found.append(Reading(number_of(row[name], f"in column “{_shown(name)}”"), at))
    if not found:
        raise Unreadable(f"No row of {source.place} holds a value: look at `value` and `where`.")
    return tuple(found[-MOST_VALUES:]) if source.at else (found[-1],)


def _is_there(cell: object) -> bool:
    return cell is not None and str(cell).strip() != ""


# --- a path in JSON


def path_steps(path: str) -> tuple[str | int, ...]:
    """The steps of a JSONPath: names and indexes, such as `$.data[0]['a name'].value`; ValueError where it is none."""
    if not path.startswith("$"):
        raise ValueError("begins with $")
    steps: list[str | int] = []
    place = 1
    while place < len(path):
        found = _STEP.match(path, place)
        if found is None:
            raise ValueError(f"is not understood from “{path[place:][:20]}” on")
        name, index, quoted, also_quoted = found.groups()
        steps.append(
            int(index) if index is not None else next(one for one in (name, quoted, also_quoted) if one is not None)
        )
        place = found.end()
    return tuple(steps)


def at_path(document: object, path: str, key: str) -> object:
    here = document
    for step in path_steps(path):
        try:
            here = _step(here, step)
        except (KeyError, IndexError):
            there = f"there is {_what(here)}"
            raise Unreadable(f"`{key}: {path}` leads nowhere: at “{_shown(str(step))}” {there}.") from None
    return here


def _step(here: object, step: str | int) -> object:
    if isinstance(step, str) and isinstance(here, dict):
        return here[step]
    if isinstance(step, int) and isinstance(here, list):
        return here[step]
    raise KeyError(step)


def _what(here: object) -> str:
    if isinstance(here, dict):
        return f"an object with {', '.join(_shown(str(name)) for name in list(here)[:8]) or 'nothing in it'}"
    if isinstance(here, list):
        return f"a list of {len(here)}"
    return "no object or list"


# --- one number, one moment


def number_of(found: object, where: str) -> Exact:
    if isinstance(found, int) and not isinstance(found, bool) and abs(found) < 10**30:
        return found
    text = repr(found) if isinstance(found, float) else str(found)
    bare = _AROUND.sub("", text.replace("\u2212", "-"))
    if isinstance(found, bool) or _NUMBER.fullmatch(bare) is None:
        raise Unreadable(f"“{_shown(text)}” {where} is no number such as 1234.5.")
    return plain(Fraction(bare.replace(",", "")))


def moment_of(found: object, zone: str) -> datetime:
    """A time with offset, a time of that zone without, a day (its last second), or seconds since 1970."""
    try:
        if isinstance(found, datetime):
            return _aware(found, zone)
        if isinstance(found, int | float) and not isinstance(found, bool):
            seconds = found / 1000 if found > _MILLISECONDS_FROM else found
            return datetime.fromtimestamp(seconds, UTC)
        if isinstance(found, date):
            return _end_of(found, zone)
        text = str(found).strip()
        if len(text) == len("2026-03-01"):
            return _end_of(date.fromisoformat(text), zone)
        return _aware(datetime.fromisoformat(text), zone)
    except (ValueError, OverflowError, OSError):
        raise Unreadable(f"“{_shown(str(found))}” is no day or time: it is written as 2026-03-31.") from None


def _aware(moment: datetime, zone: str) -> datetime:
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _end_of(day: date, zone: str) -> datetime:
    return Days(ZoneInfo(zone)).over(day) - timedelta(seconds=1)


def _shown(text: str) -> str:
    one_line = "".join(letter if letter.isprintable() else "\ufffd" for letter in " ".join(text.split()))
    return one_line if len(one_line) <= 60 else f"{one_line[:59]}…"
