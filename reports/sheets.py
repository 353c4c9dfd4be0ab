"""A table as a file: CSV, JSON, Markdown, xlsx or Parquet; no cell of it is ever run as a formula."""

import csv
import importlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, Literal

from mappings.document import moment_text
from mappings.exact import exact_text
from reports.exports import number_text
from reports.foreign_text import for_csv, for_markdown, on_one_line

Kind = Literal["text", "whole", "exact", "share", "flag", "moment", "data"]
Cell = str | int | float | Fraction | bool | datetime | Mapping[str, Any] | None
Row = Sequence[Cell]
FORMATS = ("csv", "json", "markdown", "xlsx", "parquet")
BINARY = frozenset({"xlsx", "parquet"})
MIMETYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "markdown": "text/markdown",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
_MOST_ROWS = 1_048_575  # of a sheet, beside its head
_LONGEST_CELL = 32_767  # signs: https://support.microsoft.com/office/excel-specifications-and-limits-1672b34d
_WIDTHS = {"text": 24, "data": 40, "moment": 20}
_BATCH = 50_000


class CannotWrite(Exception):
    """Says why a table cannot be written in this form, and what could be done."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """`name` names the file; `rows` can be gone through once."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]


def columns(**kinds: Kind) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name, kind in kinds.items())


def written(table: Table, form: str) -> bytes:
    """The whole file; raise `CannotWrite` where this installation or the form cannot hold it."""
    return _WRITERS[form](table)


# --- text


def _csv(table: Table) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([column.name for column in table.columns])
    for row in table.rows:
        writer.writerow([_csv_cell(column, cell) for column, cell in zip(table.columns, row, strict=True)])
    return buffer.getvalue().encode("utf-8", "replace")


def _csv_cell(column: Column, cell: Cell) -> str:
    return for_csv(on_one_line(_text(column, cell))) if column.kind in ("text", "data") else _text(column, cell)


def _text(column: Column, cell: Cell) -> str:
    """A cell in words: numbers are exact, not known is empty."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return moment_text(cell)
    if isinstance(cell, Mapping):
        return json.dumps(cell, ensure_ascii=False)
    if column.kind == "exact":
        assert isinstance(cell, int | Fraction)
        return number_text(cell)
    return str(cell)


def _json(table: Table) -> bytes:
    names = [column.name for column in table.columns]
    rows = [dict(zip(names, map(_plain, table.columns, row), strict=True)) for row in table.rows]
    return json.dumps(rows, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"


def _plain(column: Column, cell: Cell) -> Any:
    """As the API has it: exact numbers are texts."""
    if isinstance(cell, datetime):
        return moment_text(cell)
    if column.kind == "exact" and cell is not None:
        assert isinstance(cell, int | Fraction)
        return exact_text(cell)
    return cell


def _markdown(table: Table) -> bytes:
    head = " | ".join(for_markdown(column.name.replace("_", " ")) for column in table.columns)
    ruler = "|".join("---" if column.kind in _WIDTHS else "--:" for column in table.columns)
    lines = [f"| {head} |", f"|{ruler}|"]
    for row in table.rows:
        cells = (for_markdown(_in_words(column, cell)) for column, cell in zip(table.columns, row, strict=True))
        lines.append(f"| {' | '.join(cells)} |")
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _in_words(column: Column, cell: Cell) -> str:
    """For people: a share in percent, a number with few decimals."""
    if isinstance(cell, bool) or not isinstance(cell, int | float | Fraction) or column.kind not in ("share", "exact"):
        return _text(column, cell)
    return f"{float(cell) * 100:.3g} %" if column.kind == "share" else f"{float(cell):g}"


# --- spreadsheets


def _xlsx(table: Table) -> bytes:
    """Text is written as text, so that nothing in it is taken for a formula or a link."""
    library = _library("xlsxwriter", "xlsx")
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = library.Workbook(buffer, options)
    sheet = book.add_worksheet(table.name[:31])
    bold, moment = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    percent = book.add_format({"num_format": "0.0 %"})
    formats = {"moment": moment, "share": percent}
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, _WIDTHS.get(column.kind, 12))
        sheet.write_string(0, place, column.name.replace("_", " "), bold)
    last = 0
    for last, row in enumerate(table.rows, 1):
        if last > _MOST_ROWS:
            raise CannotWrite(f"A sheet holds {_MOST_ROWS:,} rows at most: export it as CSV or Parquet.")
        for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
            _write_cell(sheet, (last, place), column, cell, formats.get(column.kind))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(table.columns) - 1)
    book.close()
    return buffer.getvalue()


def _write_cell(sheet: Any, place: tuple[int, int], column: Column, cell: Cell, form: Any) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(*place, cell)
    elif isinstance(cell, datetime):
        # A sheet knows no zones: https://xlsxwriter.readthedocs.io/working_with_dates_and_time.html
        sheet.write_datetime(*place, cell.astimezone(UTC).replace(tzinfo=None), form)
    elif isinstance(cell, int | float | Fraction):
        sheet.write_number(*place, float(cell), form)
    else:
        sheet.write_string(*place, on_one_line(_text(column, cell))[:_LONGEST_CELL])


def _parquet(table: Table) -> bytes:
    """Typed columns; exact numbers become doubles, for their fractions have no column type."""
    arrow, parquet = _library("pyarrow", "parquet"), _library("pyarrow.parquet", "parquet")
    types = {
        "text": arrow.string(),
        "data": arrow.string(),
        "whole": arrow.int64(),
        "exact": arrow.float64(),
        "share": arrow.float64(),
        "flag": arrow.bool_(),
        "moment": arrow.timestamp("us", tz="UTC"),
    }
    schema = arrow.schema([(column.name, types[column.kind]) for column in table.columns])
    buffer = io.BytesIO()
    with parquet.ParquetWriter(buffer, schema) as writer:
        for rows in _batches(table.rows):
            arrays = [
                arrow.array([_typed(column, row[place]) for row in rows], types[column.kind])
                for place, column in enumerate(table.columns)
            ]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))
    return buffer.getvalue()


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    some: list[Row] = []
    for row in rows:
        some.append(row)
        if len(some) == _BATCH:
            yield some
            some = []
    if some:
        yield some


def _typed(column: Column, cell: Cell) -> Any:
    if isinstance(cell, Mapping):
        return json.dumps(cell, ensure_ascii=False)
    if isinstance(cell, str):
        return cell.encode("utf-8", "replace").decode()  # halves of characters have no place in a file
    return float(cell) if isinstance(cell, Fraction) or (column.kind == "exact" and cell is not None) else cell  # type: ignore[arg-type]  # numbers only


def _library(name: str, extra: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        sentence = f"This form needs an addition that is not installed: pip install 'tieline[{extra}]' brings it."
        raise CannotWrite(sentence) from None


_WRITERS: dict[str, Callable[[Table], bytes]] = {
    "csv": _csv,
    "json": _json,
    "markdown": _markdown,
    "xlsx": _xlsx,
    "parquet": _parquet,
}
