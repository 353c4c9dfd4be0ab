"""`tieline write-back` from the first preview to undoing, against a Jira that can be written to."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from integration.contract import Fetched, TrackedItem
from integration.store import connections
from integration.store.engine import writing
from integration.store.plans import apply_plan
from integration.store.writes import save_fetched
from integration.trackers.jira.fields import FieldMapping, FieldRef
from integration.write_back import asking
from mappings.model import Cycle, Item, ItemState, KeyResult, Objective, Plan
from service.commands import write_back as command
from service.installation import open_installation
from tests.integration.trackers.jira.writable_jira import WritableJira, connection, meta, running_jira

KR = "customfield_10301"
MAPPING = FieldMapping(kr_fields=(FieldRef(KR, ("Key Result",), "text"),))
NOW = datetime.now(UTC)


def item(key: str, **more: Any) -> Item:
    fields: dict[str, Any] = {"type": "story", "level": 0, "title": f"\x1b[31mTitle of {key}"}
    parent = more.pop("parent", None)
    created = NOW - timedelta(days=9)
    return Item(key=key, created=created, states=(ItemState(created, parent=parent),), **{**fields, **more})


@pytest.fixture
def jira(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WritableJira]:
    """The epic PAY-1, and the stories PAY-2 and PAY-3 below it."""
    monkeypatch.setenv("TIELINE_DATA_DIR", str(tmp_path))
    installation = open_installation()
    today = NOW.date()
    plan = Plan(
        cycles=(Cycle("now", today - timedelta(days=30), today + timedelta(days=30)),),
        objectives=(Objective("O1", "Better", "Payments", "now"),),
        key_results=(KeyResult("KR-3", "O1", "Faster"),),
    )
    items = (item("PAY-1", type="epic", level=1), item("PAY-2", parent="PAY-1"), item("PAY-3", parent="PAY-1"))
    tracked = [TrackedItem(one.key[-1], one, NOW) for one in items]
    with writing(installation.engine) as session:
        connections.keep_connection(session, installation.vault, connection(MAPPING), NOW)
        apply_plan(session, plan, NOW, author="ada")
        save_fetched(session, "acme", Fetched(at=NOW, items=tuple(tracked)), NOW)
    with running_jira() as fake:
        fake.screen = {KR: meta("textfield"), "labels": meta("labels")}
        for number in (1, 2, 3):
            fake.add(number)
        yield fake


def run(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(command.write_back, list(arguments))


ASK = ("key-result", "acme", "kr-3", "--on", "pay-1", "--children", "open")


def test_a_dry_run_shows_what_would_be_written_and_sends_nothing(jira: WritableJira) -> None:
    result = run(*ASK)
    assert result.exit_code == 0, result.output
    assert "Record 1, planned: Set kr-3 on PAY-1 and the open items below" in result.output
    assert "nothing → KR-3" in result.output
    assert "2 open items would move from unaligned to KR-3." in result.output
    assert "Nothing was sent. `tieline write-back send 1` sends it." in result.output
    assert "\x1b" not in result.output
    assert jira.wrote() == []


def test_it_is_off_until_somebody_switches_it_on_and_off_again(jira: WritableJira) -> None:
    run(*ASK)
    refused = run("send", "1")
    assert refused.exit_code == 1
    assert "Writing to acme is off, and nothing was sent" in refused.output
    assert "is on" in run("enable", "acme", "--name", "ada").output
    assert "is off" in run("disable", "acme").output
    assert run("send", "1").exit_code == 1
    assert jira.wrote() == []


def test_it_is_sent_listed_and_undone(jira: WritableJira) -> None:
    run("enable", "acme")
    sent = run(*ASK, "--send", "--format", "json")
    assert sent.exit_code == 0, sent.output
    told = json.loads(sent.output)
    assert (told["state"], told["numbers"]) == ("done", {"sent": 3})
    assert [(change["item"], change["state"]) for change in told["changes"]] == [
        ("PAY-1", "sent"),
        ("PAY-2", "sent"),
        ("PAY-3", "sent"),
    ]
    assert jira.value("2", KR) == "KR-3"
    assert "3 of 3" in run("status").output
    assert "3 sent." in run("status", "1").output
    assert "KR-3 → nothing" in run("undo", "1").output
    assert jira.value("2", KR) == "KR-3"
    one = run("undo", "1", "--change", "2", "--send")
    assert one.exit_code == 0, one.output
    assert (jira.value("1", KR), jira.value("2", KR)) == ("KR-3", None)
    assert [json.loads(line)["id"] for line in run("status", "--format", "json").output.splitlines()] == [3, 2, 1]


def test_what_was_changed_since_the_preview_is_said_by_the_exit_status(jira: WritableJira) -> None:
    run("enable", "acme")
    run(*ASK)
    jira.issues["2"]["fields"][KR] = "KR-9"
    result = run("send", "1")
    assert result.exit_code == 1
    assert "changed since" in result.output
    assert jira.value("2", KR) == "KR-9"


def test_a_pause_is_waited_out(jira: WritableJira, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integration.write_back.sending.FIRST_PAUSE", timedelta(milliseconds=10))
    monkeypatch.setattr("integration.write_back.sending.SETTLED", timedelta(milliseconds=10))
    run("enable", "acme")
    jira.lose_answer("PUT /rest/api/3/issue/2")
    result = run(*ASK, "--send")
    assert result.exit_code == 0, result.output
    assert "The answer was lost; it was found written." in result.output
    assert len(jira.wrote()) == 3


def test_marks_and_comments_are_commands_of_their_own(jira: WritableJira) -> None:
    run("enable", "acme")
    assert "serves-no-key-result" in run("orphans", "acme").output
    assert run("orphans", "acme", "--property", "tieline.orphan", "--send").exit_code == 0
    assert jira.properties == {("1", "tieline.orphan"): "serves no key result"}
    assert run("orphans", "acme", "--label", "a", "--property", "b").exit_code == 2
    nothing = run("comment", "acme", "--sprint", "7", "--on", "PAY-1")
    assert nothing.exit_code == 1
    assert "There are no figures of a sprint 7 on this connection." in nothing.output


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("key-result", "acme", "KR-9", "--on", "PAY-1"), "The register has no key result “KR-9”"),
        (("key-result", "other", "KR-3", "--on", "PAY-1"), "There is no connection “other”"),
        (("key-result", "acme", "KR-3", "--on", "PAY-77"), "Tieline knows no item by this key"),
        (("enable", "other"), "There is no connection “other”"),
        (("send", "9"), "There is no record 9"),
        (("stop", "9"), "Record 9 is not being sent."),
        (("undo", "9"), "There is no record 9."),
        (("status", "9"), "There is no record 9"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(jira: WritableJira, arguments: tuple[str, ...], why: str) -> None:
    assert why in run(*arguments).output
    assert jira.wrote() == []


def test_stopping_and_resuming_go_by_the_number_of_the_record(jira: WritableJira) -> None:
    run("enable", "acme")
    run(*ASK)
    installation = open_installation()
    asking.send(installation.engine, 1, "ada", NOW)
    assert "resume 1" in run("stop", "1").output
    assert jira.wrote() == []
    assert "3 sent." in run("resume", "1").output
