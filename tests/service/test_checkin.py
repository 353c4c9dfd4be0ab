"""`tieline checkin`: one by one, with a table, and out again."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main

REGISTER = """\
teams: [{name: Payments}]
cycles: [{id: "2026", start: 2026-01-01, end: 2099-12-31}]
objectives: [{id: O1, title: Shops start fast, team: Payments, cycle: "2026"}]
key_results:
  - {code: KR-1, objective: O1, title: Raise activation from 40 to 60, unit: "%", baseline: 40, target: 60}
  - {code: KR-2, objective: O1, title: The bank says yes, kind: binary}
"""
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("TIELINE_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "okrs.yaml").write_text(REGISTER, encoding="utf-8")

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments)

    assert invoke("okrs", "apply", str(tmp_path / "okrs.yaml")).exit_code == 0
    return invoke


def test_a_value_is_kept_and_comes_out_again(run: Run) -> None:
    said = run("checkin", "kr-1", "51.5 %", "--at", "2026-01-31", "--confidence", "70%", "--note", "=better")
    assert (said.exit_code, said.output) == (0, "1 check-in kept.\n")
    table = run("checkin", "--export").output.splitlines()
    assert table[0] == "key_result,at,value,confidence,note,by,entered_at"
    assert table[1].startswith("KR-1,2026-01-31T23:59:59+00:00,51.5,0.7,'=better,operator,")


def test_what_was_printed_is_taken_back_in(run: Run, tmp_path: Path) -> None:
    run("checkin", "KR-2", "--confidence", "0.4")
    file = tmp_path / "check-ins.csv"
    file.write_text(run("checkin", "--export").output, encoding="utf-8")
    assert run("checkin", "--csv", str(file)).output == "0 check-ins kept; 1 held already.\n"


def test_what_is_wrong_is_said_and_ends_with_two(run: Run) -> None:
    said = run("checkin", "KR-9", "5")
    assert (said.exit_code, "There is no key result “KR-9”" in said.output) == (2, True)
    assert run("checkin").exit_code == 2
    assert run("checkin", "KR-1", "5", "--export").exit_code == 2
    assert "has no value" in run("checkin", "KR-2", "5").output


def test_a_negative_value_stands_after_two_dashes(run: Run) -> None:
    assert run("checkin", "--", "KR-1", "-5").exit_code == 0
    assert ",-5," in run("checkin", "--export").output


def test_values_that_the_register_names_are_read_and_told(run: Run, tmp_path: Path) -> None:
    values = tmp_path / "values.csv"
    values.write_text("Value\n55\n", encoding="utf-8")
    section = f"values:\n  - {{key_result: KR-1, kind: csv, file: {values}, value: Value, every: daily 08:00}}\n"
    (tmp_path / "okrs.yaml").write_text(REGISTER + section, encoding="utf-8")
    applied = run("okrs", "apply", str(tmp_path / "okrs.yaml"))
    assert "1 source of values is read next" in applied.output
    assert run("okrs", "values").output == "KR-1, from the file values.csv: 1 value, 1 new.\n"
    assert "Values of KR-1 from the file values.csv, last read just now" in run("okrs", "show").output
    values.unlink()
    failed = run("okrs", "values")
    assert (failed.exit_code, "cannot be read" in failed.output) == (2, True)
    assert "cannot be read" in run("okrs", "show").output
