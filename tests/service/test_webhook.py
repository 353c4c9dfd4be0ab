"""`tieline webhook` on a real installation in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from integration import connect
from integration.store import connections
from integration.store.engine import reading, writing
from service.commands.webhook import webhook
from service.installation import Installation, now, open_installation
from tests.integration.trackers.jira.fake_jira import FakeJira, connection, running_jira

PUBLIC = "https://okr.example.org"


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with running_jira() as fake:
        yield fake


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jira: FakeJira) -> Installation:
    """With a connection whose webhook was registered a moment ago."""
    monkeypatch.setenv("TIELINE_DATA_DIR", str(tmp_path))
    found = open_installation()
    wanted = connect.save(found.engine, found.vault, connection(), now(), PUBLIC)
    assert wanted is not None
    connect.register_webhook(found.engine, connection(), wanted, now())
    return found


def run(*arguments: str) -> Result:
    return CliRunner().invoke(webhook, ["acme", *arguments])


def secrets(installation: Installation) -> tuple[bytes, ...]:
    with reading(installation.engine) as session:
        key = connections.door_key(session, installation.vault, "jira", "acme")
    assert key is not None
    return key.secrets


def test_it_says_that_nothing_has_arrived_and_how_to_cause_it(installation: Installation) -> None:
    result = run()
    assert result.exit_code == 3
    assert "nothing has arrived yet. Change any work item" in result.output


def test_it_says_when_it_was_proven(installation: Installation) -> None:
    with writing(installation.engine) as session:
        connections.note_delivery(session, "acme", now())
    result = run("--wait", "1")
    assert result.exit_code == 0
    assert result.output.startswith("Proven 20")


def test_a_new_secret_is_registered_at_the_same_address(installation: Installation, jira: FakeJira) -> None:
    before = secrets(installation)
    result = run("--new-secret")
    assert "Registered with a new secret" in result.output
    assert secrets(installation)[1:] == before
    assert [hook["url"] for hook in jira.webhooks] == [f"{PUBLIC}/hooks/jira/acme"]


def test_a_new_secret_that_must_be_pasted_is_shown_once_and_the_old_one_ended_on_word(
    installation: Installation, jira: FakeJira
) -> None:
    jira.fail("/rest/webhooks/1.0/webhook", 403)
    result = run("--new-secret")
    assert secrets(installation)[0].decode() in result.output
    assert "the secret before is still taken" in result.output
    result = run("--drop-old-secret")
    assert "Only the newest secret is taken" in result.output
    assert len(secrets(installation)) == 1


def test_an_invisible_change_is_made_on_demand(installation: Installation, jira: FakeJira) -> None:
    assert "no issue yet" in run("--prove").output
    jira.add({"id": "20001", "key": "PAY-1", "fields": {"project": {"id": "10001"}, "updated": "x"}})
    assert "The property tieline.proof of PAY-1 was set and taken away again." in run("--prove").output


def test_a_name_that_is_not_there_is_told(installation: Installation) -> None:
    result = CliRunner().invoke(webhook, ["nobody"])
    assert (result.exit_code, "There is no connection nobody." in result.output) == (1, True)
