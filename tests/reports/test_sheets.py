"""Tables as files: exact where it counts, and nothing in a cell is ever run."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from fractions import Fraction

import pyarrow.parquet  # type: ignore[import-untyped]  # it has no types
import pytest

from reports import sheets
from reports.sheets import CannotWrite, Column, Row, Table

COLUMNS = (
    *sheets.columns(title="text", left="exact", items="whole", share="share", open="flag", at="moment"),
    Column("evidence", "data"),
)
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FORMULA = '=HYPERLINK("https://evil.example","x")'


def table(*rows: Row) -> Table:
    return Table("t", COLUMNS, rows or ((FORMULA, Fraction(1, 3), 2, 0.25, True, AT, {"a": "b"}), (None,) * 7))


def test_csv_has_exact_numbers_and_no_formula() -> None:
    head, first, empty = csv.reader(io.StringIO(sheets.written(table(), "csv").decode()))
    assert head == [column.name for column in COLUMNS]
    assert first == [f"'{FORMULA}", "1/3", "2", "0.25", "yes", "2026-03-01T12:00:00Z", '{"a": "b"}']
    assert empty == [""] * 7


def test_a_negative_number_stays_a_number() -> None:
    row = ("x", Fraction(-1, 2), -2, None, False, None, None)
    assert list(csv.reader(io.StringIO(sheets.written(table(row), "csv").decode())))[1][1:3] == ["-0.5", "-2"]


def test_json_is_what_the_api_would_say() -> None:
    first, _ = json.loads(sheets.written(table(), "json"))
    assert (first["title"], first["left"], first["at"]) == (FORMULA, "1/3", "2026-03-01T12:00:00Z")


def test_markdown_shows_no_markup_of_a_cell() -> None:
    row = ("a|b <i> [x](https://evil.example)", 1, 1, 0.5, True, AT, None)
    shown = sheets.written(table(row), "markdown").decode().splitlines()[2]
    assert "<i>" not in shown
    assert "a\\|b" in shown
    assert "| 50 % |" in shown


def test_xlsx_holds_text_as_text() -> None:
    book = zipfile.ZipFile(io.BytesIO(sheets.written(table(), "xlsx")))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet.lower()
    assert "=HYPERLINK" in book.read("xl/sharedStrings.xml").decode()


def test_xlsx_takes_signs_that_a_sheet_cannot_hold_and_cuts_what_is_too_long() -> None:
    row = ("\x00\x1b[31m\ud800" + "a" * 40_000, 1, 1, 0.5, True, AT, None)
    book = zipfile.ZipFile(io.BytesIO(sheets.written(table(row), "xlsx")))
    assert "\x1b" not in book.read("xl/sharedStrings.xml").decode()


def test_parquet_has_typed_columns() -> None:
    row = ("half \ud800", 1, 1, 0.5, True, AT, None)
    found = pyarrow.parquet.read_table(io.BytesIO(sheets.written(table(row, (None,) * 7), "parquet")))
    assert [str(kind) for kind in found.schema.types] == [
        "string", "double", "int64", "double", "bool", "timestamp[us, tz=UTC]", "string",
    ]  # fmt: skip
    assert found.to_pylist()[0]["at"] == AT
    assert found.to_pylist()[1]["title"] is None


@pytest.mark.parametrize("form", ["csv", "json", "markdown", "xlsx", "parquet"])
def test_a_table_without_rows_is_a_file_too(form: str) -> None:
    assert sheets.written(Table("t", COLUMNS, ()), form)


@pytest.mark.parametrize(
    ("form", "module", "extra"), [("xlsx", "xlsxwriter", "xlsx"), ("parquet", "pyarrow", "parquet")]
)
def test_what_is_not_installed_is_named(form: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(CannotWrite, match=rf"pip install 'tieline\[{extra}\]'"):
        sheets.written(table(), form)
