"""The cells of a CSV as Jira exports it in any language: encodings, separators, decimal commas and localized times."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from integration.files.faults import Refused
from integration.trackers.jira.sprints import moment_of
from integration.trackers.jira.values import exact_number
from mappings.model import Exact

_MONTHS = {
    1: "jan jän janv ene", 2: "feb fév févr fev", 3: "mar mär mrz mars maerz", 4: "apr avr abr", 5: "may mai maio",
    6: "jun juin", 7: "jul juil", 8: "aug août ago aout", 9: "sep sept set", 10: "oct okt out", 11: "nov",
    12: "dec dez déc dic",
}  # fmt: skip
_MONTH_OF = {name: number for number, names in _MONTHS.items() for name in names.split()}
_CLOCK = r"(?:[ T,]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?(?:[.,]\d+)?\s*(?P<half>\D+)?)?"
_FORMS = tuple(
    re.compile(form + _CLOCK + r"\s*")
    for form in (
        r"(?P<day>\d{1,2})[/ .-]+(?P<name>[^\W\d_]+)\.?[/ .,-]+(?P<year>\d{4}|\d{2})",  # 02/Mar/20 11:04 AM
        r"(?P<name>[^\W\d_]+)\.? (?P<day>\d{1,2}),? (?P<year>\d{4})",  # Mar 2, 2020, 11:04 AM
        r"(?P<year>\d{4})[/.-](?P<month>\d{1,2})[/.-](?P<day>\d{1,2})",  # 2020-03-02 11:04
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4}|\d{2})",  # 02.03.2020 11:04
        r"(?P<first>\d{1,2})[/-](?P<then>\d{1,2})[/-](?P<year>\d{4}|\d{2})",  # 02/03/2020: day or month first
    )
)
_SLASHED = re.compile(r"\s*(\d{1,2})[/-](\d{1,2})[/-](?:\d{4}|\d{2})\b")
_HALVES = re.compile(r"\b[ap]m\b", re.IGNORECASE)
_AFTERNOON = re.compile(r"p\.?\s?m|nachm", re.IGNORECASE)
_FORENOON = re.compile(r"a\.?\s?m|vorm", re.IGNORECASE)


def decoded(data: bytes, what: str) -> str:
    """UTF-8 with or without its mark, UTF-16 with it; else what spreadsheets of old write."""
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused((f"{what} is no text in UTF-8; export it again or save it as UTF-8",))


def dialect_of(text: str) -> str:
    """The separator: the one of comma, semicolon and tab that is most frequent in the first line, outside of quotes."""
    outside = re.sub(r'"[^"]*"', "", text.partition("\n")[0])
    return max(",;\t", key=outside.count)


def decimal_number(cell: str) -> Exact | None:
    """A number with a decimal point or comma; thousands are not parted in exports."""
    text = cell.strip()
    return exact_number(text if "." in text else text.replace(",", "."))


def is_day_first(cells: Iterable[str]) -> bool:
    """Whether 02/03/2020 is the second of March in this file: told by any date that can only be read one way.

    Without one: those who write AM and PM after such a date put the month first.
    """
    has_halves = False
    for cell in cells:
        match = _SLASHED.match(cell)
        if match and int(match.group(1)) > 12:
            return True
        if match and int(match.group(2)) > 12:
            return False
        has_halves = has_halves or (match is not None and _HALVES.search(cell) is not None)
    return not has_halves


@lru_cache(maxsize=4096)
def local_moment(cell: str, zone: ZoneInfo, *, day_first: bool) -> datetime | None:
    """A time as Jira shows it to the exporting person, who saw it in `zone`; None where it is none."""
    text = cell.strip()
    if re.match(r"\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)\Z", text):
        return moment_of(text)
    match = next((one for form in _FORMS if (one := form.fullmatch(text))), None)
    if match is None:
        return None
    parts = match.groupdict()
    if parts.get("name"):
        month = _MONTH_OF.get(parts["name"].casefold()[:4]) or _MONTH_OF.get(parts["name"].casefold()[:3])
    elif parts.get("first"):
        parts["day"], parts["month"] = (parts["first"], parts["then"])[:: 1 if day_first else -1]
        month = int(parts["month"])
    else:
        month = int(parts["month"])
    try:
        found = datetime(_year(parts["year"]), month or 0, int(parts["day"]), *_clock(parts), tzinfo=zone)
    except ValueError:
        return None
    return moment_of(found.isoformat())


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else 2000 + year if year < 70 else 1900 + year


def _clock(parts: dict[str, str]) -> tuple[int, int, int]:
    if not parts.get("hour"):
        return 0, 0, 0
    hour, half = int(parts["hour"]), parts.get("half") or ""
    if _AFTERNOON.search(half) and hour < 12:
        hour += 12
    elif _FORENOON.search(half) and hour == 12:
        hour = 0
    return hour, int(parts["minute"]), int(parts.get("second") or 0)
