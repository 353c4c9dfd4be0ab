"""The commands that show what is in the store: sprints, audit, key results, findings, trends and exports."""

import csv
import io
import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from integration.store.engine import create_engine
from integration.store.migrate import migrate
from service.cli import main
from tests.integration.store.material import day
from tests.reports.material import HOSTILE, fill

EXIT_FOUND = 3


@pytest.fixture(autouse=True)
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TIELINE_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("service.commands.printing.now", lambda: day(5))
    engine = create_engine(f"sqlite:///{tmp_path / 'tieline.sqlite'}")
    migrate(engine)
    fill(engine)
    yield
    engine.dispose()


def run(*arguments: str, status: int = 0) -> Result:
    result = CliRunner(env={"COLUMNS": "140"}).invoke(main, list(arguments))
    assert result.exit_code == status, result.output
    return result


def document(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--format", "json").stdout)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# --- tieline sprint


def test_the_running_sprint_is_shown_with_goal_bars_parts_and_findings() -> None:
    shown = run("sprint").output
    assert "Sprint S1  active · Payments" in shown
    assert "Goal: Merchants sign up alone" in shown
    assert "█ KR-1 37 %" in shown
    assert "final, by count 5 items" in shown
    assert "#3 Work without estimates" in shown


@pytest.mark.parametrize("name", ["S0", "shop/S0", "sprint s0"])
def test_a_sprint_is_named_by_its_id_or_its_name(name: str) -> None:
    assert "Sprint S0  closed" in run("sprint", name).output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sprint", "S9"), "There is no sprint “S9”. The last ones are: “Sprint S0”"),
        (("sprint", "--board", "Nowhere"), "There is no board “Nowhere”. There are: “Flow”, “Payments”."),
        (("sprint", "--board", "Flow"), "The board “Flow” has no sprints."),
        (("sprint", "--as-of", "2025-01-01"), "As of 2025-01-01: No sprint is known"),
        (("sprint", "S2", "--receipt", "all", "--scope", "committed"), "has no scope “committed”"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(arguments: tuple[str, ...], said: str) -> None:
    assert said in " ".join(run(*arguments, status=1).output.split())


def test_a_sprint_as_json_is_what_the_api_answers_with_its_findings() -> None:
    (sprint,) = document("sprint", "--measure", "count")["sprints"]
    assert (sprint["connection"], sprint["id"], sprint["measure"]) == ("shop", "S1", "count")
    assert [finding["kind"] for finding in sprint["findings"]] == ["unestimated_work"]


def test_a_receipt_names_the_items_behind_a_part() -> None:
    shown = run("sprint", "--receipt", "unaligned").output
    assert "PAY-3" in shown
    assert "PAY-1" not in shown
    assert "1 point in 1 item" in shown


def test_a_receipt_as_csv_adds_up_to_the_figure() -> None:
    (sprint,) = document("sprint")["sprints"]
    found = rows(run("sprint", "--format", "csv").stdout)
    assert sum(Fraction(row["amount"]) for row in found) == Fraction(sprint["scopes"]["final"]["total"])
    part = rows(run("sprint", "--receipt", "KR-1", "--format", "csv").stdout)
    assert [row["item"] for row in part] == ["PAY-1"]


def test_a_sprint_as_markdown_holds_no_markup_of_the_tracker() -> None:
    shown = run("sprint", "--format", "markdown").stdout
    assert shown.startswith("# Sprint S1 (active)")
    assert "<script>" not in shown


def test_a_sprint_is_shown_as_it_was_at_an_earlier_moment() -> None:
    shown = run("sprint", "--as-of", "2026-02-20").output
    assert "As of 2026-02-20 23:59 UTC" in shown
    assert "Sprint S0  active" in shown
    (sprint,) = document("sprint", "S0", "--as-of", "2026-02-20T12:00:00Z")["sprints"]
    assert sprint["state"] == "active"


@pytest.mark.parametrize("moment", ["yesterday", "2026-02-31", "2026-02-20T12:00:00", "2030-01-01T00:00:00Z"])
def test_a_moment_that_cannot_be_asked_for_is_refused(moment: str) -> None:
    assert "--as-of" in run("sprint", "--as-of", moment, status=2).output


# --- the end of a command


def test_a_command_ends_with_its_own_status_where_something_grave_is_open() -> None:
    assert "1 open finding of severity high." in run("findings", "--fail-on", "high", status=EXIT_FOUND).stderr
    run("audit", "--fail-on", "high")
    run("audit", "--fail-on", "medium", status=EXIT_FOUND)
    run("sprint", "--fail-on", "low", status=EXIT_FOUND)
    run("krs", "--fail-on", "medium", status=EXIT_FOUND)
    run("krs", "--team", "Nobody", "--fail-on", "low")


# --- tieline audit, krs, findings, trends


def test_the_audit_lists_epics_by_cost_in_every_form() -> None:
    assert "PAY-E" in run("audit").output
    (finding,) = document("audit")["findings"]
    assert (finding["subject"], finding["title"]) == ("PAY-E", HOSTILE)
    (row,) = rows(run("audit", "--format", "csv").stdout)
    assert (row["epic"], row["left"], row["severity"]) == ("PAY-E", "1", "medium")
    assert "<script>" not in run("audit", "--format", "markdown").stdout
    assert document("audit", "--kind", "dangling_epic")["findings"] == []


def test_the_audit_of_an_earlier_moment_knows_what_was_true_then() -> None:
    assert document("audit", "--as-of", "2026-02-01")["findings"] == []
    (finding,) = document("audit", "--as-of", "2026-03-03")["findings"]
    assert (finding["subject"], finding["state"]) == ("PAY-E", "open")


def test_key_results_are_listed_with_title_and_team() -> None:
    assert "Raise activation from 40 to 60 %" in run("krs").output
    assert [one["code"] for one in document("krs", "--team", "Payments")["key_results"]] == ["KR-1", "KR-2"]
    assert document("krs", "--live", "--as-of", "2025-06-01")["key_results"] == []


def test_findings_are_filtered_and_an_act_moves_one_out_of_the_list() -> None:
    (finding,) = document("findings", "--kind", "unknown_tag")["findings"]
    number = str(finding["id"])
    assert run("findings", "acknowledge", number, "--reason", "Old  tag").output == (
        f"Finding {number} is acknowledged.\n"
    )
    assert document("findings", "--kind", "unknown_tag")["findings"] == []
    (finding,) = document("findings", "--kind", "unknown_tag", "--state", "acknowledged")["findings"]
    assert (finding["reason"], finding["actor"]) == ("Old tag", "operator")
    run("findings", "mute", number, "--reason", "Later", "--until", "2026-03-31")
    (finding,) = document("findings", "--kind", "unknown_tag", "--state", "muted")["findings"]
    assert finding["muted_until"] == "2026-04-01T00:00:00Z"


def test_an_act_that_cannot_be_done_says_why() -> None:
    assert "That day is over" in run("findings", "mute", "1", "--reason", "x", "--until", "2020-01-01", status=1).output
    assert "There is no finding 99" in run("findings", "acknowledge", "99", "--reason", "x", status=1).output


def test_trends_have_a_line_for_each_sprint_and_period() -> None:
    shown = run("trends").output
    assert "Sprint S0" in shown
    assert "100 %" in shown
    assert [row["id"] for row in document("trends", "--scope", "final", "--team", "Payments")] == ["S0", "S1"]
    assert "No sprint or period" in run("trends", "--team", "Nobody").output


# --- tieline export


@pytest.mark.parametrize("what", ["sprints", "findings", "epics", "trends", "key-results", "links"])
def test_every_table_can_be_written_in_every_form(what: str, tmp_path: Path) -> None:
    found = json.loads(run("export", what, "--format", "json").stdout)
    assert found
    assert len(rows(run("export", what).stdout)) == len(found)
    for name in ("x.csv", "x.json", "x.md", "x.xlsx", "x.parquet"):
        file = tmp_path / name
        assert "is written" in run("export", what, str(file)).stderr
        assert file.stat().st_size > 0
    assert (tmp_path / "x.xlsx").read_bytes().startswith(b"PK")
    assert (tmp_path / "x.parquet").read_bytes().startswith(b"PAR1")


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    assert "cannot be written" in run("export", "sprints", str(tmp_path / "no" / "x.csv"), status=1).output


# --- shell completion


def completed(words: str, number: int) -> list[str]:
    environment = {"_TIELINE_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(number)}
    result = CliRunner(env=environment).invoke(main, prog_name="tieline", complete_var="_TIELINE_COMPLETE")
    return [line.partition(",")[2] for line in result.stdout.splitlines()]


def test_the_shell_completes_commands_and_their_options() -> None:
    assert completed("tieline sp", 1) == ["sprint"]
    assert "--receipt" in completed("tieline sprint --", 2)
    assert completed("tieline findings --severity h", 3) == ["high"]
    assert completed("tieline findings ack", 2) == ["acknowledge"]
