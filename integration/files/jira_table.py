"""The rows of a Jira CSV: separator, encoding and columns found out, each cell read or its fault kept."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from integration.files.faults import Refused, shown
from integration.files.jira_cells import decimal_number, decoded, is_day_first, local_moment
from integration.files.jira_headers import Columns, columns_of, recognised
from mappings.model import Exact

_MEND = "export with “Export CSV (all fields)” from Jira's issue search"
_REQUIRED = (("key", "Issue key"), ("type", "Issue Type"), ("status", "Status"), ("created", "Created"))
_LONGEST_CELL = 2**24
_TIMES = ("created", "updated", "resolved", "category_changed")


class Row(NamedTuple):
    number: int  # as a spreadsheet numbers it
    cells: list[str]


@dataclass(slots=True)
class Table:
    """The rows with a key; `faults` gathers what could not be read of their cells."""

    columns: Columns
    rows: list[Row]
    zone: ZoneInfo
    without_key: int = 0  # rows that name no issue
    day_first: bool = True
    faults: list[str] = field(default_factory=list)

    def texts(self, row: Row, places: Sequence[int]) -> tuple[str, ...]:
        """What the cells of some columns hold, empty ones left out."""
        cells = row.cells
        found = [text for place in places if place < len(cells) and (text := cells[place].strip())]
        return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)

    def text(self, row: Row, part: str) -> str:
        """The first that the columns of a part hold, or nothing."""
        for place in self.columns.parts.get(part, ()):
            if place < len(row.cells) and (text := row.cells[place].strip()):
                return text
        return ""

    def moment(self, row: Row, part: str) -> datetime | None:
        text = self.text(row, part)
        found = local_moment(text, self.zone, day_first=self.day_first) if text else None
        if text and found is None:
            self._fault(row, self.columns.parts[part], text, "is no time that can be read; write 2020-03-02 11:04")
        return found

    def number(self, row: Row, places: Sequence[int]) -> Exact | None:
        """The first number of some columns."""
        text = next(iter(self.texts(row, places)), "")
        found = decimal_number(text) if text else None
        if text and found is None:
            self._fault(row, places, text, "is no number from 0 up; write one such as 3 or 2.5")
        return found

    def _fault(self, row: Row, places: Sequence[int], text: str, sentence: str) -> None:
        self.faults.append(f"row {row.number}, column {shown(self.columns.names[places[0]])}: {shown(text)} {sentence}")


def read_table(data: bytes, zone: ZoneInfo) -> Table:
    rows = _rows(decoded(data, "the file"))
    header = next(rows, Row(0, [])).cells
    columns = columns_of(header)
    missing = [name for part, name in _REQUIRED if part not in columns.parts]
    if missing:
        raise Refused((f"there is no column “{missing[0]}”; {_MEND}",))
    key = columns.parts["key"][0]
    found = list(rows)
    with_key = [row for row in found if len(row.cells) > key and row.cells[key].strip()]
    table = Table(columns, with_key, zone, without_key=len(found) - len(with_key))
    table.day_first = is_day_first(text for row in table.rows for part in _TIMES if (text := table.text(row, part)))
    return table


def _rows(text: str) -> Iterator[Row]:
    """Every row that is not empty; a record with line breaks in it is one row."""
    csv.field_size_limit(_LONGEST_CELL)
    skipped = 0
    if text[:4].casefold() == "sep=":  # a hint for spreadsheets
        _, _, text = text.partition("\n")
        skipped = 1
    separator = _separator(text)
    _refuse_open_quote(text, separator)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for number, cells in enumerate(reader, start=1 + skipped):
            if any(cell.strip() for cell in cells):
                yield Row(number, cells)
    except csv.Error as error:
        raise Refused((f"row {reader.line_num}: {error}; {_MEND}",)) from None


def _refuse_open_quote(text: str, separator: str) -> None:
    """A quote that is never closed swallows all rows after it: so ends a file that was cut off."""
    if text.count('"') % 2 == 0:
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for _ in reader:
            number += 1
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise Refused((f"row {number + 1}: a quote is opened and never closed; is the file cut off?",)) from None


def _separator(text: str) -> str:
    """The one that makes the most known headers of the first row."""

    def known(separator: str) -> int:
        try:
            return recognised(next(csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=separator), []))
        except csv.Error:
            return 0

    return max(",;\t", key=known)
