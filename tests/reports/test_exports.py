"""JSON, CSV and Markdown of an analysis: nothing added, nothing lost, nothing that a reader's program would run."""

import csv
import io
import json
from collections import defaultdict
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import document
from mappings.analysis import analyse
from mappings.audit import audit
from mappings.model import Analysis, Backlog, Plan
from mappings.reckoning import Reckoning
from reports import exports
from reports.foreign_text import for_csv, for_markdown, on_one_line, shortened
from tests.builders import at, backlog, board, epic, item, sprint


def worked() -> Backlog:
    return backlog(
        board(),
        sprint("S1"),
        item("A", sprints=("S1",), points=5, tags=("KR-1",), status="done", since=at("03-10")),
        item("B", sprints=("S1",), points=Fraction(5, 2), tags=("KR-1, KR-2, KR-9",)),
        item("C", sprints=("S1",), labels=("x",)),
        item("D", board="B1", points=1, status="done", since=at("03-15")),
    )


def rows_of(analysis: Analysis) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(exports.csv_text(analysis)))))


# --- JSON


def test_the_pieces_are_the_document() -> None:
    analysis = analyse(worked())
    assert json.loads(b"".join(exports.json_parts(analysis))) == document.to_document(analysis)


def test_numbers_that_are_too_long_for_the_fast_writer_are_written_all_the_same() -> None:
    found = json.loads(b"".join(exports.json_parts(analyse(backlog(item("A", title="x"))))))
    assert found["format"] == "tieline-analysis/1"
    assert exports._json({"a": 10**30}) == b'{"a": 1000000000000000000000000000000}'


def test_the_audit_stands_beside_the_analysis() -> None:
    found = backlog(sprint("S1"), epic("E1"), item("A", parent="E1", sprints=("S1",), labels=("web",)), plans=Plan())
    written = json.loads(b"".join(exports.json_parts(analyse(found), audit(Reckoning(found)))))
    assert written["audit"]["epics"][0]["children"] == ["A"]
    assert written["audit"]["sprints"] == {"future": [], "active": [], "closed": ["S1"]}
    assert {"kind": "labels", "name": None, "items": 1, "values": [{"value": "web", "items": 1}]} in (
        written["audit"]["carriers"]
    )


# --- CSV


def test_every_figure_adds_up_from_its_rows() -> None:
    analysis = analyse(worked())
    sums: dict[tuple[str, str, str, str], Fraction] = defaultdict(Fraction)
    for row in rows_of(analysis):
        part = row["key_result"] if row["bucket"] == "aligned" else row["bucket"]
        sums[(row["figure"], row["id"], row["scope"], part)] += Fraction(row["amount"])
    report = analysis.sprints[0]
    for scope, figure in report.scopes.items():
        assert figure is not None
        named = {**dict(figure.shares), "dead_link": figure.dead_link, "unaligned": figure.unaligned}
        for part, wanted in named.items():
            assert sums[("sprint", "S1", scope, part)] == wanted.amount
    by_board = next(each for each in analysis.rollups if each.by == "board")
    assert sums[("rollup", "board/B1", "completed", "KR-1")] == dict(by_board.figure.shares)["KR-1"].amount
    assert sums[("outside", "board/B1", "completed", "unaligned")] == 1


def test_rows_name_measure_moment_source_and_reason() -> None:
    row = next(row for row in rows_of(analyse(worked())) if row["scope"] == "final" and row["item"] == "A")
    assert (row["measure"], row["moment"], row["source"]) == ("points", "2026-03-13T17:00:00Z", "direct")
    assert row["reason"].startswith("A → KR-1")
    assert (row["value"], row["imputed"], row["weight"], row["amount"]) == ("5", "no", "1", "5")


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(evil: str) -> None:
    found = backlog(
        replace(sprint("S1"), name=evil, id=evil), item(evil, sprints=(evil,), points=1, tags=(evil,)), board()
    )
    cells = [cell for row in rows_of(analyse(found)) for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert for_csv(evil) == f"'{evil}"


@given(st.fractions())
def test_numbers_are_never_rounded(value: Fraction) -> None:
    assert Fraction(exports.number_text(value)) == value


def test_numbers_are_decimals_where_they_have_an_exact_one() -> None:
    texts = [exports.number_text(value) for value in (7, Fraction(13, 2), Fraction(-1, 8), Fraction(1, 3), 0)]
    assert texts == ["7", "6.5", "-0.125", "1/3", "0"]


# --- Markdown


def test_a_report_to_paste_tells_goal_scopes_key_results_and_findings() -> None:
    text = "".join(exports.markdown_text(analyse(worked())))
    assert "## Sprint S1 (closed)" in text
    assert "Goal: Serve the customers" in text
    assert "| completed | 5 points | KR\\-1 100 % |" in text
    assert "| KR\\-1 | yes | 12 | 0.2 | 8 | not known |" in text
    assert "- **unknown_tag** B: " in text


def test_a_goal_that_the_source_cannot_tell_is_not_called_missing() -> None:
    text = "".join(exports.markdown_text(analyse(backlog(sprint("S1", goal=None, goal_known=False)))))
    assert "Whether there is a goal cannot be told from this source" in text
    assert "No goal is written" not in text


def test_the_audit_is_told_in_markdown_too() -> None:
    found = backlog(sprint("S1"), epic("E1", title="a|b"), item("A", parent="E1", sprints=("S1",)), plans=Plan())
    text = "".join(exports.markdown_text(analyse(found), audit(Reckoning(found))))
    assert "## The ten-minute audit" in text
    assert "| E1 | a\\|b | 1 | 1 |" in text


def test_many_findings_of_one_severity_are_cut_with_their_number() -> None:
    found = backlog(*(item(f"A{number}", tags=("KR-9",)) for number in range(60)))
    text = "".join(exports.markdown_text(analyse(found)))
    assert "- and 10 more" in text


@pytest.mark.parametrize(
    "evil",
    [
        "[x](javascript:alert(1))",
        "![x](https://evil.example/p.png)",
        "<script>alert(1)</script>",
        "a | b\n| c | d |",
        "https://evil.example",
        "@everyone",
        "`rm`",
        "\x1b[31mred",
        "# head",
    ],
)
def test_markdown_shows_foreign_text_as_it_stands(evil: str) -> None:
    text = "".join(exports.markdown_text(analyse(backlog(sprint("S1", goal=evil)))))
    line = next(line for line in text.splitlines() if line.startswith("Goal: "))
    assert "<" not in line
    assert "\x1b" not in line
    assert "://" not in line
    assert " @" not in line
    for sign in "[]()`|#!":
        assert f"\\{sign}" in line or sign not in line
    assert not [part for part in line.split("\\")[0] if part in "[]()`|#!"]


def test_foreign_text_stays_on_one_line_and_within_its_room() -> None:
    assert on_one_line(" a\n\tb\u202e\x00c ") == "a b\ufffd\ufffdc"
    assert shortened("abcdef", 4) == "abc…"
    assert shortened("abc", 4) == "abc"
    assert for_markdown("a_b") == "a\\_b"
