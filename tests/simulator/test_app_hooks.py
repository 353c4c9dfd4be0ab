"""Webhooks that apps register for themselves at the simulated site."""

from datetime import timedelta
from typing import Any

import pytest

from simulator.sender import Delivery, Sender
from simulator.site import Site
from tests.simulator.stage import START
from tests.simulator.test_official_documents import App

URL = "https://okr.example.org/hooks"
PATH = "/rest/api/3/webhook"


class Visit:
    """A site with one project, whose deliveries are caught before they leave."""

    def __init__(self) -> None:
        self.site = Site(clock=lambda: START)
        self.project = self.site.add_project("AB", "Alpha")
        self.sender = Sender(self.site, threads=0)
        self.sent: list[Delivery] = []
        self.sender.carry = self.sent.append
        self.sender.start()
        self.app = App.on(self.site, self.sender)
        self.issue = self.site.create(self.project, "story", "A title", START)

    def register(self, *entries: dict[str, Any], url: str = URL) -> list[dict[str, Any]]:
        _, answer = self.app.ask("POST", PATH, {"url": url, "webhooks": list(entries)})
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.get_json()["webhookRegistrationResult"]
        return results

    def listed(self) -> list[dict[str, Any]]:
        values: list[dict[str, Any]] = self.app.ask("GET", PATH, None)[1].get_json()["values"]
        return values


def entry(*events: str, jql: str = "project = AB", **more: object) -> dict[str, Any]:
    return {"events": list(events or ("jira:issue_updated",)), "jqlFilter": jql, **more}


@pytest.fixture
def visit() -> Visit:
    return Visit()


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (entry(jql="labels = x"), "labels is not supported"),
        (entry(jql="project ~ AB"), "not supported"),
        (entry(jql="project = NOPE"), "does not exist"),
        (entry("board_created"), "board_created is not supported"),
        ({"events": ["jira:issue_updated"]}, "jqlFilter must be given"),
    ],
)
def test_what_is_refused_says_so_within_an_answer_of_200(visit: Visit, bad: dict[str, Any], why: str) -> None:
    first, second = visit.register(entry(), bad)
    assert first == {"createdWebhookId": 1000}
    assert why in second["errors"][0]


def test_an_app_has_one_address_and_five_webhooks(visit: Visit) -> None:
    assert [list(one) for one in visit.register(*[entry()] * 6)] == [["createdWebhookId"]] * 5 + [["errors"]]
    assert "single URL" in visit.register(entry(), url="https://elsewhere.example.org")[0]["errors"][0]


def test_one_is_over_after_thirty_days_unless_it_is_extended(visit: Visit) -> None:
    visit.register(entry(), entry())
    visit.site.advance(timedelta(days=29).total_seconds())
    visit.app = App.on(visit.site, visit.sender)
    visit.app.ask("PUT", f"{PATH}/refresh", {"webhookIds": [1001]})
    visit.site.advance(timedelta(days=2).total_seconds())
    visit.site.edit(visit.issue, visit.site.now(), points=3.0)
    assert [one.hook.id for one in visit.sent] == [1001]


def test_fields_and_properties_narrow_what_is_told(visit: Visit) -> None:
    visit.register(entry(fieldIdsFilter=["customfield_11440"]))
    visit.register(entry("issue_property_set", "issue_property_deleted", issuePropertyKeysFilter=["mine"]))
    visit.site.edit(visit.issue, START, summary="Another title")
    visit.site.set_property(visit.issue, "theirs", 1)
    assert visit.sent == []
    visit.site.edit(visit.issue, START, points=3.0)
    visit.site.set_property(visit.issue, "mine", 1)
    visit.site.set_property(visit.issue, "mine", None)
    assert [one.event for one in visit.sent] == ["jira:issue_updated", "issue_property_set", "issue_property_deleted"]
    assert len(visit.issue.histories) == 2


def test_what_is_deleted_is_gone_and_what_is_not_ones_own_stays(visit: Visit) -> None:
    visit.register(entry())
    visit.sender.register({"name": "admin", "url": URL, "events": []})
    visit.app.ask("DELETE", PATH, {"webhookIds": [1000, 1]})
    assert visit.listed() == []
    assert [hook.name for hook in visit.sender.hooks.values()] == ["admin"]


def test_a_person_with_a_password_is_no_app(visit: Visit) -> None:
    assert visit.app.caller.get(PATH).status_code == 403
