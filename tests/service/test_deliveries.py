"""`tieline deliveries` lists, shows and replays what trackers sent."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from integration.store.engine import create_engine, writing
from integration.store.migrate import migrate
from service.commands.deliveries import deliveries
from tests.integration.store.material import day
from webhooks import inbox
from webhooks.intake import incoming, put


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Two deliveries: number 1 was set aside, number 2 waits."""
    monkeypatch.setenv("TIELINE_DATA_DIR", str(tmp_path))
    engine = create_engine(f"sqlite:///{tmp_path / 'tieline.sqlite'}")
    migrate(engine)
    for number, body in enumerate((b'{"a": "\x1b[31mred"}', b"{}")):
        with engine.begin() as connection:
            sent = incoming("jira", "site", delivery_id=None, headers={"user-agent": "Jira"}, body=body, at=day(number))
            put(connection, [sent])
    with writing(engine) as session:
        [delivery] = inbox.claim(session, day(2), 1, timedelta(minutes=1))
        inbox.bury(session, delivery.id, "malformed", "$.issue: there is no [id]")
    return engine


def run(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(deliveries, list(arguments))


def state_of(engine: Engine, number: int) -> str:
    with writing(engine) as session:
        found = inbox.show(session, number)
    assert found is not None
    return found.summary.state


@pytest.mark.usefixtures("engine")
def test_the_list_shows_the_newest_first_with_reasons_and_counts() -> None:
    result = run("list")
    lines = result.output.splitlines()
    assert result.exit_code == 0
    assert lines[1].split()[0] == "2"
    assert "malformed: $.issue: there is no [id]" in " ".join(result.output.split())
    assert "1 new" in result.output
    assert "1 dead" in result.output


@pytest.mark.usefixtures("engine")
def test_the_list_can_be_of_one_state_and_is_json_lines_if_wished() -> None:
    result = run("list", "--state", "dead", "--format", "json")
    [line] = [json.loads(line) for line in result.output.splitlines()]
    assert (line["id"], line["reason"], line["received_at"]) == (1, "malformed", "2026-03-02T09:00:00Z")


@pytest.mark.usefixtures("engine")
def test_one_delivery_is_shown_with_headers_and_body_but_no_escape_sequences() -> None:
    result = run("show", "1")
    assert "user-agent: Jira" in result.output
    assert "\x1b[31m" not in result.output
    assert '[31mred"}' in result.output


@pytest.mark.usefixtures("engine")
def test_one_delivery_as_json_has_its_body_whole() -> None:
    assert json.loads(run("show", "1", "--format", "json").output)["body"] == '{"a": "\x1b[31mred"}'


@pytest.mark.usefixtures("engine")
def test_a_number_that_no_database_has_is_refused() -> None:
    assert run("show", "9" * 25).exit_code == 2
    assert run("replay", "0").exit_code == 2


@pytest.mark.usefixtures("engine")
def test_an_unknown_number_says_where_to_look() -> None:
    result = run("show", "9")
    assert result.exit_code == 1
    assert "There is no delivery 9" in result.output


def test_a_delivery_that_was_set_aside_can_be_replayed(engine: Engine) -> None:
    assert state_of(engine, 1) == "dead"
    result = run("replay", "1")
    assert (result.exit_code, result.output) == (0, "1 to be worked on again.\n")
    assert state_of(engine, 1) == "new"


def test_all_that_were_set_aside_can_be_replayed_at_once(engine: Engine) -> None:
    assert run("replay", "--dead", "--connection", "other").output == "0 to be worked on again.\n"
    assert run("replay", "--dead").output == "1 to be worked on again.\n"
    assert state_of(engine, 1) == "new"


@pytest.mark.usefixtures("engine")
def test_replaying_what_is_not_there_fails_and_says_so() -> None:
    result = run("replay", "9")
    assert result.exit_code == 1
    assert "Delivery 9 is being worked on, or there is none." in result.output


@pytest.mark.usefixtures("engine")
def test_replay_without_any_number_says_what_to_name() -> None:
    assert run("replay").exit_code == 2
