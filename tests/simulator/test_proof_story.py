"""A webhook that is proven by a change which nobody sees: over HTTP, at a Cloud site."""

import json
from collections.abc import Iterator

import pytest

from integration.trackers.jira.webhook import PROPERTY, SILENT
from mappings.analysis import analyse
from mappings.document import to_document
from tests.simulator.stage import Stage, add_app, on_stage
from tests.storm.telling import told_of


@pytest.fixture
def stage(sqlite_url: str) -> Iterator[Stage]:
    with on_stage(sqlite_url) as stage:
        yield stage


def traces(stage: Stage) -> list[tuple[int, int, object]]:
    """What the site would show of a change: histories, when an issue was changed last, properties."""
    return [(issue.id, len(issue.histories), issue.updated) for issue in stage.site.issues.values()]


def all_figures(stage: Stage) -> object:
    found = to_document(analyse(stage.backlog()))
    return {name: part for name, part in found.items() if name != "as_of"}


def prove(stage: Stage) -> str:
    return stage.send("/connections/acme/webhook", act="prove").get_data(as_text=True)


@pytest.mark.parametrize("way", ["token", "consent"])
def test_an_invisible_change_proves_the_webhook_and_moves_nothing(stage: Stage, way: str) -> None:
    stage.connected_by_token() if way == "token" else stage.connected_by_consent(writes=True)
    assert "nothing has arrived yet" in stage.see("/connections/acme")
    before, figures, told = traces(stage), all_figures(stage), told_of(stage.engine, stage.now)
    assert "was set and taken away again" in prove(stage)

    events = [json.loads(one.body)["webhookEvent"] for one in stage.sender.log]
    assert events[:1] == [SILENT]
    assert stage.answers[:1] == [200]
    stage.work()
    assert "<b>Proven</b>" in stage.see("/connections/acme")

    assert traces(stage) == before
    assert not [issue for issue in stage.site.issues.values() if PROPERTY in issue.properties]
    stage.look_again()
    assert told_of(stage.engine, stage.now)["items"] == told["items"]
    assert all_figures(stage) == figures


def test_once_proven_a_webhook_of_an_administrator_tells_of_no_silent_change_any_more(stage: Stage) -> None:
    stage.connected_by_token()
    (hook,) = stage.sender.hooks.values()
    assert SILENT not in hook.events
    prove(stage)
    assert SILENT in stage.sender.hooks[hook.id].events
    stage.work()
    assert SILENT not in stage.sender.hooks[hook.id].events


def test_of_properties_of_others_an_app_hears_nothing(stage: Stage) -> None:
    stage.connected_by_consent()
    issue = next(iter(stage.site.issues.values()))
    stage.site.set_property(issue, "of.another.app", {"a": 1})
    assert stage.answers == []


def test_where_the_app_may_only_read_no_invisible_change_is_offered(stage: Stage) -> None:
    add_app(stage.site)
    stage.connected_by_consent()
    page = stage.see("/connections/acme")
    assert "Prove it by an invisible change" not in page
    assert "add a label and take it off again" in page
    refused = prove(stage)
    assert "was not given the scope write:jira-work" in refused
    assert stage.asked("/properties/") == 0
