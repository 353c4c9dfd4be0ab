"""`tieline mapping` shows and changes what fields and statuses mean, and reads kept answers again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from integration import sync
from integration.answers import decide_due
from integration.secrets import key_file, vault
from integration.store import connections, plans, raw_answers
from integration.store.engine import create_engine, writing
from integration.store.migrate import migrate
from mappings.model import Plan, Team
from service.cli import main
from service.commands import mapping as command
from tests.integration.trackers.jira.fake_jira import FakeJira, connection, issue, running_jira

START = datetime(2026, 2, 2, 12, tzinfo=UTC)


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with running_jira() as fake:
        fake.add(issue(1), issue(2, status={"id": "999", "name": "Simmering"}))
        yield fake


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jira: FakeJira) -> Engine:
    monkeypatch.setenv("TIELINE_DATA_DIR", str(tmp_path))
    engine = create_engine(f"sqlite:///{tmp_path / 'tieline.sqlite'}")
    migrate(engine)
    with writing(engine) as session:
        connections.keep_connection(session, vault(key_file(tmp_path / "secret.key")), connection(), START)
        other = replace(connection(), id="board", tracker="trello")
        connections.keep_connection(session, vault(key_file(tmp_path / "secret.key")), other, START)
    list(sync.run_backfill(engine, connection(), lambda: START))
    decide_due(engine, START)
    jira.asked.clear()
    return engine


def run(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(main, ["mapping", *arguments])
    assert result.exit_code == status, result.output
    return result.output


@pytest.mark.usefixtures("engine")
def test_the_mapping_is_shown_with_what_had_to_be_guessed() -> None:
    lines = run("show", "acme").splitlines()
    assert "key results from  Key Result" in lines
    assert "The tracker's answers about 2 items are kept and can be read again." in lines
    assert lines[-1] == "  PAY-2: unknown status “Simmering”, taken as to do"
    assert any(line.endswith("holds from always") for line in lines)


@pytest.mark.usefixtures("engine")
def test_a_change_is_set_and_left_to_the_worker(jira: FakeJira) -> None:
    said = run("set", "acme", "--status", "Simmering=doing", "--name", "Ada", "--reason", "It is work")
    assert "Sprints that are closed keep the one before" in said
    assert "Being read again: 0 of 2 items" in said
    assert "by Ada: It is work" in run("show", "acme")
    assert "Read again: 2 items." in run("retranslate", "acme")
    assert "guessed" not in run("show", "acme")
    assert [request.path_url for request in jira.asked] == ["/rest/api/3/status"]


@pytest.mark.usefixtures("engine")
def test_a_change_is_read_at_once_where_it_is_waited_for() -> None:
    said = run("set", "acme", "--board-status", "Payments board:Simmering=doing", "--kr-label-prefix", "kr-", "--wait")
    assert said.splitlines()[-1] == "Read again: 2 items."


def test_a_team_that_the_register_lacks_is_refused_with_those_that_come_near(engine: Engine) -> None:
    assert "Nothing to do" not in run("set", "acme", "--board-team", "Payments board=Anybody")
    with writing(engine) as session:
        plans.apply_plan(session, Plan(teams=(Team("Payments"),)), START, author="Ada")
    said = run("set", "acme", "--board-team", "Payments board=Paymnts", status=1)
    assert "--board-team: The register has no team “Paymnts”. Did you mean “Payments”?" in said
    assert "is set" in run("set", "acme", "--board-team", "Payments board=payments")
    assert "Nothing to do" in run("set", "acme", "--board-team", "Payments board=Payments")
    assert "is set" in run("set", "acme", "--board-team", "Payments board=")


@pytest.mark.usefixtures("engine")
def test_a_change_from_an_earlier_moment_wants_a_name_and_a_reason() -> None:
    assert "who decided it" in run("set", "acme", "--status", "Simmering=doing", "--from", "always", status=1)
    explained = ("--name", "Ada", "--reason", "It was wrong from the start")
    assert "--from:" in run("set", "acme", "--from", "yesterday", *explained, status=1)
    assert "still to come" in run("set", "acme", "--from", "2126-01-01T00:00:00Z", *explained, status=1)
    assert run("set", "acme", "--status", "Simmering=doing", "--from", "always", *explained).startswith(
        "The mapping of acme is set.\n"
    )


@pytest.mark.usefixtures("engine")
def test_the_mapping_that_holds_is_not_set_again() -> None:
    assert run("set", "acme") == "Nothing to do: this very mapping holds already.\n"


def test_what_had_to_be_fetched_is_said(engine: Engine) -> None:
    with writing(engine) as session:
        raw_answers.purge(session, datetime(2026, 3, 1, tzinfo=UTC))
    said = run("retranslate", "acme")
    assert said.splitlines()[-1] == "2 of them were fetched anew: its answer was not kept any more."


@pytest.mark.usefixtures("engine")
def test_wrong_words_are_answered_in_a_sentence() -> None:
    assert "There are: acme, board." in run("show", "nowhere", status=1)
    assert "tieline connect trello" in run("show", "board", status=1)
    assert "STATUS=MEANING" in run("set", "acme", "--board-status", "done", status=1)
    assert "NAME=VALUE" in run("set", "acme", "--status", "done", status=1)
    said = run("set", "acme", "--status", "Simering=done", status=1)
    assert said.splitlines()[-1] == "Error: --status: Jira has no status “Simering”. There are: “To Do”."


def test_the_settings_that_can_be_taken_out_are_those_of_jira() -> None:
    from integration.trackers.jira.remapping import SETTINGS

    assert set(command._WITHOUT) == set(SETTINGS)
