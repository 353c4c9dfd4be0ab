"""`tieline read`: one JSON line a file, for any tracker that there is."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from integration.trackers import load_trackers
from service.cli import main

UPDATED = b'{"webhookEvent": "jira:issue_updated", "issue": {"id": "10101"}}'


def run(*arguments: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["read", *arguments], input=stdin)


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_changes_ignored_and_malformed_bodies_each_get_their_line(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("updated.json", "user.json", "cut.json")]
    for file, body in zip(files, (UPDATED, b'{"webhookEvent": "user_updated"}', UPDATED[:-1]), strict=True):
        file.write_bytes(body)
    result = run("--tracker", "jira", *map(str, files))
    assert result.exit_code == 0
    updated, user, cut = lines(result)
    assert updated == {"file": str(files[0]), "changes": [{"kind": "work_item", "id": "10101"}]}
    assert user == {"file": str(files[1]), "ignored": "of people nothing is kept"}
    assert cut["file"] == str(files[2])
    assert str(cut["malformed"]).startswith("body: is no JSON")


def test_a_dash_is_the_standard_input() -> None:
    result = run("--tracker", "jira", "-", stdin=UPDATED)
    assert lines(result) == [{"file": "-", "changes": [{"kind": "work_item", "id": "10101"}]}]


def test_a_file_that_cannot_be_opened_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    good = tmp_path / "good.json"
    good.write_bytes(UPDATED)
    result = run("--tracker", "jira", str(tmp_path / "absent.json"), str(tmp_path), str(good))
    assert result.exit_code == 2
    assert [line["file"] for line in lines(result)] == [str(good)]
    assert f"{tmp_path / 'absent.json'}: cannot be read (No such file or directory)" in result.stderr
    assert f"{tmp_path}: cannot be read (Is a directory)" in result.stderr


def test_an_unknown_tracker_is_refused_naming_the_known_ones() -> None:
    result = run("--tracker", "jjira", "-", stdin=UPDATED)
    assert result.exit_code == 2
    assert "There is no tracker “jjira”; known are: " in result.stderr
    assert "jira" in result.stderr


@pytest.mark.parametrize("name", sorted(load_trackers()))
def test_every_tracker_reads_any_bytes(name: str) -> None:
    result = run("--tracker", name, "-", stdin=b"\xff\x00 no body")
    assert result.exit_code == 0
    assert "malformed" in lines(result)[0]


def test_a_body_that_the_door_would_not_let_in_is_malformed() -> None:
    body = UPDATED[:-1] + b', "x": "' + b"x" * (25 << 20) + b'"}'
    assert lines(run("--tracker", "jira", "-", stdin=body))[0]["malformed"] == (
        "body: is larger than the door lets in, 25 MiB"
    )
