"""Numbers, times and days as files write them: exact, with offset, in a range that arithmetic can bear."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from zoneinfo import ZoneInfo

from integration.files.faults import Wrong, kind_of, shown
from mappings.model import Exact

_LARGEST = 10**40
_DIGITS = 60  # a decimal of more is no measurement, and its fraction could fill the memory
_FIRST_YEAR, _LAST_YEAR = 1900, 9000  # leaves room for time zones and additions on both sides
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_fromisoformat = datetime.fromisoformat


class Unusable:
    """Stands for a number that cannot be kept exactly (NaN, Infinity, 1e999999): refused where it is used."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def exact_decimal(text: str) -> Exact | Unusable:
    """Turn the digits of a decimal into an exact number, an integer where it is one."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return Unusable(text)
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        return Unusable(text)
    if not number:
        return 0
    if -exponent > _DIGITS or len(digits) + exponent > _DIGITS:
        return Unusable(text)
    value = Fraction(number)
    return value.numerator if value.denominator == 1 else value


def number(value: object) -> Exact:
    """Take an exact number; true and false are none."""
    kind = type(value)
    if (kind is int or kind is Fraction) and -_LARGEST < value < _LARGEST:  # type: ignore[operator]  # both are numbers
        return value  # type: ignore[return-value]  # the kind was looked at
    if isinstance(value, Unusable) or kind is int or kind is Fraction:
        raise Wrong("a number that is out of range; write a plain decimal")
    raise Wrong(f"must be a number, not {kind_of(value)}")


def number_from_zero(value: object) -> Exact:
    found = number(value)
    if found < 0:
        raise Wrong(f"must not be negative, but is {decimal_text(found)}")
    return found


def text(value: object) -> str:
    if type(value) is str:
        return value
    hint = "; put it in quotes" if isinstance(value, (int, Fraction)) else ""
    raise Wrong(f"must be text, not {kind_of(value)}{hint}")


def name(value: object) -> str:
    """Take a text that names something: it must not be blank."""
    found = text(value)
    if not found.strip():
        raise Wrong("must not be blank")
    return found


def moment(value: object) -> datetime:
    """Take a time with offset, as UTC."""
    if type(value) is not str:
        raise Wrong(f'must be a time such as "2026-03-01T08:00:00Z", not {kind_of(value)}')
    try:
        found = _fromisoformat(value)
        if found.tzinfo is not UTC:
            found = _in_utc(found, value)
    except (ValueError, OverflowError) as error:
        if isinstance(error, Wrong):
            raise
        raise Wrong(f"{shown(value)} is not an ISO 8601 time; write it as 2026-03-01T08:00:00Z") from None
    if "T" not in value and " " not in value:
        raise Wrong(f"{shown(value)} is not an ISO 8601 time; write it as 2026-03-01T08:00:00Z")
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise Wrong(f"the year of {shown(value)} is out of range ({_FIRST_YEAR} to {_LAST_YEAR})")
    return found


def day(value: object) -> date:
    """Take a whole day; one after the last year stands for "for ever" and becomes its last day."""
    if not isinstance(value, str) or not _DAY.match(value):
        found = shown(value) if isinstance(value, str) else kind_of(value)
        raise Wrong(f'must be a day such as "2026-03-31", not {found}')
    try:
        found_day = date.fromisoformat(value)
    except ValueError:
        raise Wrong(f"{shown(value)} is not a day of the calendar") from None
    if found_day.year < _FIRST_YEAR:
        raise Wrong(f"the year of {shown(value)} is out of range ({_FIRST_YEAR} to {_LAST_YEAR})")
    return min(found_day, date(_LAST_YEAR, 12, 31))


def time_zone(value: object) -> str:
    """Take the IANA name of a time zone that is there."""
    found = text(value)
    try:
        ZoneInfo(found)
    except (OSError, ValueError, KeyError):  # a folder such as "Europe" raises IsADirectoryError
        raise Wrong(f"there is no time zone {shown(found)}; write an IANA name such as Europe/Berlin") from None
    return found


def decimal_text(value: Exact) -> str:
    """Write a number of a file as it was: every one of them has a finite decimal form."""
    if isinstance(value, int):
        return str(value)
    places = 0
    scaled = value
    while scaled.denominator != 1 and places < _DIGITS:
        scaled, places = scaled * 10, places + 1
    if scaled.denominator != 1:
        return repr(float(value))
    digits = str(abs(scaled.numerator)).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def _in_utc(found: datetime, value: str) -> datetime:
    if found.tzinfo is None:
        raise Wrong(f"{shown(value)} has no offset; add Z or one such as +01:00")
    return found.astimezone(UTC)
