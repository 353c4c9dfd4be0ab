"""Lines of figures as plain data and back: what the store keeps of a sprint's and a board's work, so that answers
about many of them need not reckon each one anew."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from mappings.census import Census, Fact
from mappings.document import moment_text
from mappings.estimates import ByType
from mappings.exact import exact_number, exact_text
from mappings.known_work import Lines, SprintParts
from mappings.model import Bucket, Exact, Link, ReceiptLine, Source

Data = dict[str, Any]
_LARGEST = 2**53  # whole numbers beyond it are texts: not all that read JSON keep them
_BUCKETS = {bucket.value: bucket for bucket in Bucket}


def lines_data(lines: Lines | None, is_short: bool = False) -> list[Any] | None:
    """`is_short`: without moments and reasons, which are told elsewhere."""
    return None if lines is None else [_line_data(line, is_short) for line in lines]


def lines_from(data: Iterable[list[Any]] | None, board: str | None, moment: datetime) -> Lines | None:
    """`moment`: of lines that were kept without one."""
    return None if data is None else tuple(_line(each, board, moment) for each in data)


def parts_data(parts: SprintParts) -> Data:
    estimates = {name: [number_data(value) for value in values] for name, values in sorted(parts.estimates.items())}
    completed = None if parts.completed is None else sorted(line.item for line in parts.completed)
    return {"final": lines_data(parts.final, is_short=True), "completed": completed, "estimates": estimates}


def parts_from(data: Data, board: str, moment: datetime) -> SprintParts:
    final = lines_from(data["final"], board, moment)
    completed = None
    if data["completed"] is not None:
        keys = set(data["completed"])
        completed = tuple(line for line in final or () if line.item in keys)
    return SprintParts(final, completed, estimates_from(data["estimates"]))


def estimates_from(data: Mapping[str, list[Any]]) -> ByType:
    return {name: [number_from(value) for value in values] for name, values in data.items()}


def periods_from(data: Mapping[str, list[Any]], board: str, moment: datetime) -> dict[date, Lines]:
    return {date.fromisoformat(first): lines_from(lines, board, moment) or () for first, lines in data.items()}


def census_data(census: Census) -> list[Any]:
    return sorted(([*fact_data(fact), number] for fact, number in census.counts.items()), key=str)


def census_from(data: Iterable[list[Any]]) -> Census:
    return Census({fact_from(each): each[-1] for each in data})


def fact_data(fact: Fact) -> list[Any]:
    value = None if fact.value is None else number_data(fact.value)
    return [fact.type, value, fact.is_open, fact.is_tagged]


def fact_from(data: list[Any]) -> Fact:
    return Fact(data[0], None if data[1] is None else number_from(data[1]), data[2], data[3])


def number_data(value: Exact) -> int | str:
    return value if isinstance(value, int) and abs(value) < _LARGEST else exact_text(value)


def number_from(data: int | str) -> Exact:
    return data if isinstance(data, int) else exact_number(data)


def _line_data(line: ReceiptLine, is_short: bool) -> list[Any]:
    cap = number_data(line.cap) if line.imputed else None
    moment = None if is_short else moment_text(line.moment)
    links = [_link_data(link, is_short) for link in line.links]
    return [line.item, number_data(line.value), cap, line.team, moment, links]


def _link_data(link: Link, is_short: bool) -> list[Any]:
    short = [link.key_result, link.bucket.value, number_data(link.weight)]
    return short if is_short else [*short, link.source.value if link.source is not None else None, link.reason]


def _line(data: list[Any], board: str | None, moment: datetime) -> ReceiptLine:
    item, number, cap, team, told, links = data
    value = number_from(number)
    at = moment if told is None else datetime.fromisoformat(told)
    is_short = told is None
    found = _short_links(tuple(map(tuple, links))) if is_short else tuple(_link(item, *each) for each in links)
    return ReceiptLine(item, value, cap is not None, at, found, value, number_from(cap or 0), board, team)


@lru_cache(maxsize=4096)
def _short_links(links: tuple[tuple[Any, ...], ...]) -> tuple[Link, ...]:
    """The same for many items: whose they are, the line tells."""
    return tuple(_link("", each[0], each[1], each[2], None, "") for each in links)


def _link(item: str, key_result: str | None, bucket: str, weight: int | str, source: str | None, reason: str) -> Link:
    told = None if source is None else Source(source)
    return Link(item, key_result, _BUCKETS[bucket], number_from(weight), told, reason)
