"""The command `tieline analyse`, from a file to what is printed and the exit status."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from tests.integration.files.backlogs import as_bytes, changed, document
from tests.shared_material import SHARED

OKRS = """\
cycles: [{id: 2026Q1, start: 2026-01-01, end: 2026-03-31}]
objectives: [{id: O, title: Shops, team: Payments, cycle: 2026Q1}]
key_results: [{code: KR-1, objective: O, title: From the register}]
"""


def analysed(file: Path | str, *options: str, text: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["analyse", str(file), *options], input=text)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "team.backlog.json"
    path.write_bytes(as_bytes(document()))
    return path


def refused(result: Result) -> list[str]:
    assert result.exit_code == 2
    assert result.stdout == ""
    return result.stderr.splitlines()


# --- what comes out


def test_people_get_a_report(file: Path) -> None:
    result = analysed(file)
    assert result.exit_code == 0
    assert "Sprint 1  closed · Payments" in result.stdout
    assert "\x1b" not in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert not [line for line in result.stdout.splitlines() if line.endswith(" ")]


def test_machines_get_json(file: Path) -> None:
    found = json.loads(analysed(file, "--format", "json").stdout)
    assert found["format"] == "tieline-analysis/1"
    assert [report["id"] for report in found["sprints"]] == ["S1", "S2", "S3"]
    assert "audit" not in found


def test_spreadsheets_get_rows_and_chats_get_markdown(file: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(analysed(file, "--format", "csv").stdout)))
    assert {row["id"] for row in rows if row["figure"] == "sprint"} == {"S1"}
    assert analysed(file, "--format", "markdown").stdout.startswith("# Which key results the work serves")


def test_a_past_day_is_its_last_instant_in_the_time_zone_of_the_file_and_the_day_of_the_file_is_its_moment(
    tmp_path: Path,
) -> None:
    path = tmp_path / "berlin.backlog.json"
    path.write_bytes(as_bytes(changed("settings", {"time_zone": "Europe/Berlin"})))
    for day, moment in (("2026-03-04", "2026-03-04T22:59:59.999999Z"), ("2026-03-20", "2026-03-20T12:00:00Z")):
        assert json.loads(analysed(path, "--format", "json", "--as-of", day).stdout)["as_of"] == moment
    assert refused(analysed(path, "--as-of", "2026-03-21")) == [
        '--as-of: is after "now" (2026-03-20T12:00:00Z); nothing can be said of it yet'
    ]


def test_a_past_moment_can_be_asked_for(file: Path) -> None:
    found = json.loads(analysed(file, "--format", "json", "--as-of", "2026-03-05T00:00:00+01:00").stdout)
    assert found["as_of"] == "2026-03-04T23:00:00Z"
    assert [report["state"] for report in found["sprints"]] == ["active", "future", "future"]


def test_the_measure_can_be_another(file: Path) -> None:
    found = json.loads(analysed(file, "--format", "json", "--measure", "count").stdout)
    assert {report["measure"] for report in found["sprints"]} == {"count"}
    assert "measure count" in analysed(file, "--measure", "count").stdout


@pytest.mark.parametrize("asked", ["S1", "Sprint 1"])
def test_one_sprint_can_be_asked_for_by_id_or_name(file: Path, asked: str) -> None:
    found = json.loads(analysed(file, "--format", "json", "--sprint", asked).stdout)
    assert [report["id"] for report in found["sprints"]] == ["S1"]
    assert "Sprint 2" not in analysed(file, "--sprint", asked).stdout


def test_a_register_brings_the_okrs(file: Path, tmp_path: Path) -> None:
    okrs = tmp_path / "okrs.yaml"
    okrs.write_text(OKRS)
    found = json.loads(analysed(file, "--format", "json", "--okrs", str(okrs)).stdout)
    assert [reading["code"] for reading in found["key_results"]] == ["KR-1"]


def test_a_register_whose_okrs_are_kept_elsewhere_says_so(file: Path, tmp_path: Path) -> None:
    okrs = tmp_path / "okrs.yaml"
    okrs.write_text(OKRS + "sources: [{kind: jira-goals, connection: acme, teams: [Growth]}]\n")
    assert "The OKRs of Growth are kept in Atlassian Goals of acme" in " ".join(
        analysed(file, "--okrs", str(okrs)).stdout.split()
    )


def test_without_okrs_the_audit_is_given(tmp_path: Path) -> None:
    path = tmp_path / "bare.json"
    bare = document()
    bare["items"][0]["history"][0].pop("impact")
    for section in ("rules", "key_results"):
        del bare[section]
    path.write_bytes(as_bytes(bare))
    assert "Ten-minute audit" in analysed(path).stdout
    found = json.loads(analysed(path, "--format", "json").stdout)
    assert found["audit"]["epics"][0]["key"] == "E1"


def test_the_standard_input_is_read_too() -> None:
    result = analysed("-", "--format", "json", text=as_bytes(document()))
    assert json.loads(result.stdout)["format"] == "tieline-analysis/1"


# --- what is refused


def test_a_team_that_the_register_does_not_have_is_named_with_its_place(file: Path, tmp_path: Path) -> None:
    okrs = tmp_path / "okrs.yaml"
    okrs.write_text(OKRS + "teams: [{name: Group}, {name: Payments}]\n")
    path = tmp_path / "teams.json"
    found = document()
    del found["teams"]
    found["boards"][0]["team"] = "Paymnets"
    path.write_bytes(as_bytes(found))
    assert refused(analysed(path, "--okrs", str(okrs))) == [
        'board "B1": the register has no team "Paymnets"; add it there, or mend the name in one of the files'
    ]
    found["boards"][0]["team"] = "Payments"
    path.write_bytes(as_bytes(found))
    assert analysed(path, "--okrs", str(okrs)).exit_code == 0


def test_json_that_is_something_else_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"name": "x", "version": "1", "scripts": {}, "format": "other/1"}')
    (line,) = refused(analysed(path))
    assert line == (
        'this JSON is neither a backlog file, which says "format": "tieline-backlog/1", nor an answer of Jira\'s '
        'search, which has issues: it holds "name", "version", "scripts", …'
    )


def test_every_fault_is_a_line_on_the_error_output(tmp_path: Path) -> None:
    found = changed("items.1.history.0.points", -1)
    found["sprints"][0]["completed"] = None
    path = tmp_path / "wrong.json"
    path.write_bytes(as_bytes(found))
    lines = refused(analysed(path))
    assert [line.split(": ")[0] for line in lines] == ["sprints[0].completed", "items[1].history[0].points"]


def test_faults_of_the_options_are_told_together(file: Path) -> None:
    lines = refused(analysed(file, "--format", "pdf", "--measure", "hours", "--as-of", "2026-03-01T00:00:00"))
    assert [line.split(":")[0] for line in lines] == ["--format", "--measure", "--as-of"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--as-of", "2026-03-20T12:00:01Z"), '--as-of: is after "now" (2026-03-20T12:00:00Z)'),
        (("--as-of", "soon"), "--as-of: "),
        (("--sprint", "S9"), '--sprint: there is no sprint "S9"'),
        (("--measure", "points_normalised"), "--measure: must be points, count, time_spent or original_estimate"),
        (("--points", "/nowhere/points.csv"), "--points: "),
        (("--okrs", "/nowhere/okrs.yaml"), "okrs.yaml: cannot be read"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(file: Path, options: tuple[str, str], words: str) -> None:
    (line,) = refused(analysed(file, *options))
    assert line.startswith(words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d", "binary"),
        (b"PK\x03\x04\x14\x00\x00\x00", "binary"),
        (b"{", "not readable as JSON"),
        (b'{"format": "tieline-backlog/1"}', "now: is missing"),
        (b"\x7fELF\x00" * 100, "binary"),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "junk"
    path.write_bytes(content)
    assert words in refused(analysed(path))[0]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "cannot be read (No such file or directory)" in refused(analysed(tmp_path / "none.json"))[0]
    assert "cannot be read (Is a directory)" in refused(analysed(tmp_path))[0]
    assert "cannot be read" in refused(analysed("a\0b"))[0]


def test_an_okr_register_with_faults_is_refused_by_its_lines(file: Path, tmp_path: Path) -> None:
    okrs = tmp_path / "okrs.yaml"
    okrs.write_text(OKRS.replace("objective: O,", "objective: P,"))
    (line,) = refused(analysed(file, "--okrs", str(okrs)))
    assert line.startswith("okrs.yaml:3: key_results[0].objective: there is no objective")


# --- other files


def test_jira_json_and_csv_are_known_by_their_content(tmp_path: Path) -> None:
    issue: dict[str, Any] = {
        "id": "1",
        "key": "PAY-1",
        "fields": {
            "summary": "Setup",
            "created": "2026-02-01T00:00:00.000+0000",
            "updated": "2026-03-01T00:00:00.000+0000",
            "issuetype": {"id": "1", "name": "Story", "subtask": False, "hierarchyLevel": 0},
            "status": {"name": "Open", "statusCategory": {"key": "new"}},
            "project": {"id": "1", "key": "PAY"},
            "labels": ["kr:KR-1"],
        },
    }
    okrs = tmp_path / "okrs.yaml"
    okrs.write_text(OKRS)
    export = tmp_path / "issues.jsonl"
    export.write_text(json.dumps(issue) + "\n")
    options = ("--format", "json", "--okrs", str(okrs), "--kr-label-prefix", "kr:")
    found = json.loads(analysed(export, *options).stdout)
    assert [(link["item"], link["key_result"]) for link in found["links"]] == [("PAY-1", "KR-1")]
    table = tmp_path / "issues.csv"
    table.write_text(
        "Summary,Issue key,Issue id,Issue Type,Status,Status Category,Created,Updated,Labels\n"
        "Setup,PAY-1,1,Story,Open,To Do,2026-02-01 00:00,2026-03-01 00:00,kr:KR-1\n"
    )
    found = json.loads(analysed(table, *options).stdout)
    assert [(link["item"], link["key_result"]) for link in found["links"]] == [("PAY-1", "KR-1")]


def test_the_command_works_as_a_process_of_its_own_on_a_poor_terminal(file: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "COLUMNS": "60", "TERM": "dumb"}
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "analyse", str(file)], capture_output=True, env=environment, check=False
    )
    assert done.returncode == 0
    assert b"Sprint 1" in done.stdout


if SHARED is not None:
    _DATA = SHARED / "fixtures" / "datasets" / "titanium-jira-archive"

    def test_the_real_archive_is_audited_with_its_lists() -> None:
        result = analysed(
            _DATA / "TIMOB-issues.jsonl", "--points", str(_DATA / "story-points-TIMOB.csv"), "--format", "json"
        )
        found = json.loads(result.stdout)["audit"]
        assert sum(len(ids) for ids in found["sprints"].values()) == 263
        assert len(found["epics"]) == 110
        assert len(found["childless_epics"]) == 43
        assert len(found["unseen_parents"]) == 17
        assert len({key for parent in found["unseen_parents"] for key in parent["items"]}) == 195
        assert len(found["without_history"]) == len(found["estimated"]) + len(found["unestimated"])

    @pytest.mark.parametrize("path", sorted((SHARED / "formats").rglob("*.backlog.json")), ids=lambda path: path.name)
    @pytest.mark.parametrize("output", ["text", "json", "csv", "markdown"])
    def test_the_examples_are_printed_in_every_format(path: Path, output: str) -> None:
        result = analysed(path, "--format", output)
        assert result.exit_code == 0
        assert result.stdout


def test_json_in_utf_16_is_refused_with_the_mend(tmp_path: Path) -> None:
    path = tmp_path / "from-a-windows-shell.json"
    path.write_bytes(as_bytes(document()).decode().encode("utf-16"))
    assert refused(analysed(path)) == ["the file is JSON in UTF-16; save it as UTF-8"]


def test_what_only_jiras_files_need_is_not_passed_over_in_silence(file: Path) -> None:
    assert refused(analysed(file, "--kr-field", "Key Result", "--kr-label-prefix", "kr:")) == [
        "--kr-field: is for Jira's files; a backlog file holds this itself",
        "--kr-label-prefix: is for Jira's files; a backlog file holds this itself",
    ]


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_output_that_takes_no_more_is_said(file: Path, form: str) -> None:
    command = [sys.executable, "-m", "service.cli", "analyse", str(file), "--format", form]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(b"Error: What was found cannot be written (No space left on device).")
