"""A Jira site is connected by API alone, in the steps of the pages; what was not offered is refused at every step."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from integration import backfills
from integration.store import acts, connections, plans
from integration.store.engine import reading, writing
from integration.trackers.jira.chosen import chosen_of
from mappings.model import Periods, Plan, Status, Team
from tests.integration.trackers.jira.fake_jira import KR_FIELD, SITE, FakeJira
from tests.reports.test_connect import NOW, VAULT, Visitor, jira, visitor

__all__ = ["jira", "visitor"]
LOGIN = {"way": "api_token", "entries": {"email": "me@example.org", "token": "sesame"}, "name": "acme"}


@dataclass(frozen=True, slots=True)
class Program:
    """Sends JSON with the login of a visitor; `at` is where its draft is."""

    client: FlaskClient
    engine: Engine
    at: str = ""

    def send(self, path: str, body: Any = None, status: int = 200, method: str = "POST") -> Any:
        word = self.client.get("/account").text.split('name="csrf" value="')[1].split('"')[0]
        answer = self.client.open(f"/api/v1/{path}", method=method, json=body, headers={"X-CSRF-Token": word})
        assert answer.status_code == status, answer.text
        assert "sesame" not in answer.text
        return answer.json if answer.data else None

    def get(self, path: str = "", status: int = 200) -> Any:
        return self.send(f"{self.at}{path}", None, status, "GET")

    def looked(self) -> Any:
        self.send(f"{self.at}/login", LOGIN)
        self.send(f"{self.at}/look", {"projects": ["10001", "10002"]}, 202)
        return self.get()


@pytest.fixture
def program(jira: FakeJira, visitor: Visitor) -> Program:
    with writing(visitor.engine) as session:
        plans.apply_plan(session, Plan(teams=(Team("Payments"), Team("Web"))), NOW, author="Ada")
    program = Program(visitor.client, visitor.engine)
    return replace(program, at=f"connect/{program.send('connect', {'url': SITE}, 201)['id']}")


def test_a_site_is_connected_by_api_alone(jira: FakeJira, program: Program) -> None:
    made = program.get()
    assert made["site"]["base_url"] == SITE
    assert "api_token" in [one["name"] for one in made["ways"]]
    assert program.send(f"{program.at}/login", LOGIN)["is_logged_in"]
    assert program.get("/account")["is_enough"]
    assert [one["id"] for one in program.get("/projects")["projects"]] == ["10001", "10002"]
    program.send(f"{program.at}/look", {"projects": ["10001", "10002"]}, 202)
    looked = program.get()
    assert looked["look"]["state"] == "ready"
    assert {one["id"]: one["team"] for one in looked["choice"]["boards"]} == {"7": "Payments", "8": None}
    boards = [{"id": "7", "team": "Payments"}, {"id": "8", "team": None, "periods": "month"}]
    chosen = {"boards": boards, "statuses": [{"id": "1", "means": "done"}], "not_work": ["Test case"]}
    assert program.send(f"{program.at}/choice", chosen, method="PUT")["choice"]["statuses"] == chosen["statuses"]
    after = program.send(f"{program.at}/choice", {"label_prefix": "kr-"}, method="PUT")["choice"]
    assert (after["label_prefix"], after["not_work"]) == ("kr-", ["Test case"])
    done = program.send(f"{program.at}/finish", {"public_url": "https://okr.example.org"}, 201)
    assert done == {"connection": "acme", "webhook": {"registered": True, "problem": None, "to_paste": []}}
    with reading(program.engine) as session:
        known = connections.connection_named(session, VAULT, "acme")
        plan = plans.plan_in_force(session, NOW)
        assert acts.acts(session)[0].act == "connection_made"
    assert known is not None
    mapping = chosen_of(known)
    assert [ref.id for ref in mapping.fields.kr_fields] == [KR_FIELD]
    assert [(one.team, one.periods) for one in mapping.boards] == [(None, Periods.MONTH), ("Payments", None)]
    assert mapping.fields.status_overrides == (("1", Status.DONE),)
    assert plan.settings.not_work == ("Test case",)
    assert jira.webhooks[0]["url"] == "https://okr.example.org/hooks/jira/acme"
    assert backfills.run_waiting(program.engine, VAULT, lambda: NOW) == 1
    program.get(status=404)


def test_what_was_not_offered_is_refused(program: Program) -> None:
    program.send(f"{program.at}/choice", {}, 409, "PUT")
    program.send(f"{program.at}/finish", {}, 409)
    assert "say first" in program.get("/account", 409)["detail"].lower()
    program.looked()
    for wrong in (
        {"key_results": ["evil"]},
        {"boards": [{"id": "9"}]},
        {"boards": [{"id": "7", "team": "Sales"}]},
        {"statuses": [{"id": "99", "means": "done"}]},
        {"dropped": ["Nope"]},
        {"not_work": ["Evil"]},
        {"pattern": "("},
        {"types": [{"id": "10", "level": 9}]},
    ):
        program.send(f"{program.at}/choice", wrong, 422, "PUT")
    program.send(f"{program.at}/look", {"projects": ["666"]}, 422)


def test_credentials_are_checked_before_they_are_kept(jira: FakeJira, program: Program) -> None:
    for wrong in (
        {**LOGIN, "way": "carrier_pigeon"},
        {**LOGIN, "way": "oauth", "entries": {}},
        {**LOGIN, "entries": {"email": "me@example.org", "colour": "red"}},
        {**LOGIN, "entries": {"email": ["me"]}},
        {**LOGIN, "name": "No Name"},
    ):
        program.send(f"{program.at}/login", wrong, 422)
    jira.fail("/rest/api/3/myself", 401)
    assert "not accepted" in program.send(f"{program.at}/login", LOGIN, 422)["detail"]
    assert not program.get()["is_logged_in"]


def test_a_connection_is_chosen_anew_and_a_draft_thrown_away(program: Program) -> None:
    program.looked()
    program.send(f"{program.at}/finish", {"public_url": None}, 201)
    anew = program.send("connect", {"connection": "acme"}, 201)
    assert (anew["chooses_anew"], anew["is_logged_in"], anew["projects"]) == (True, True, ["10001", "10002"])
    (listed,) = program.send("connect", method="GET")["drafts"]
    assert listed["id"] == anew["id"]
    program.send(f"connect/{anew['id']}", None, 204, "DELETE")
    program.send(f"connect/{anew['id']}", None, 404, "DELETE")
    program.send("connect", {"connection": "nobody"}, 422)
    program.send("connect", {"connection": "acme", "url": SITE}, 422)
