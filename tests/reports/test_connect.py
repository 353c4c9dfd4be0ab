"""The pages of connecting without a script: from the empty home page to a connection, with everything that may fail."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from integration import backfills, connect_steps, keeping, sync
from integration.connecting import Choice
from integration.secrets import Vault, new_key
from integration.store import accounts, acts, connections, drafts, logins, plans, tokens, turns
from integration.store.engine import reading, writing
from integration.store.opened import Store
from integration.store.reads import BackfillProgress
from integration.trackers.jira.chosen import chosen_of
from mappings.model import Periods, Plan, Status, Team
from reports import connect_forms, connect_views
from reports.access import login_link
from service.app import create_app
from service.settings import Settings
from tests.integration.store.material import fresh_store
from tests.integration.trackers.jira.fake_jira import CLOUD_ID, KR_FIELD, SITE, FakeJira, issue, running_jira
from tests.integration.trackers.jira.test_field_survey import FIELDS

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
VAULT = Vault([new_key()])
GOOD = {"way": "api_token", "email": "me@example.org", "token": "sesame", "name": "acme"}


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with running_jira() as fake:
        fake.fields = FIELDS
        fake.boards["7"]["location"] = {"projectId": 10001}
        fake.boards["8"] = {"id": 8, "name": "Ops flow", "type": "kanban", "location": {"projectId": 10002}}
        fake.add(*(issue(number, **{KR_FIELD: {"id": "1", "value": "KR-1"}}) for number in range(30)))
        yield fake


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the pages, who sends forms as a browser does."""

    client: FlaskClient
    engine: Engine

    def see(self, address: str) -> str:
        response = self.client.get(address, follow_redirects=True)
        assert response.status_code == 200, response.text
        return response.text

    def send(self, address: str, **form: Any) -> TestResponse:
        word = re.search(r'name="csrf" value="(\w+)"', self.client.get("/connections").text)
        assert word is not None
        return self.client.post(address, data={"csrf": word.group(1), **form})

    def begun(self) -> str:
        return self.send("/connect", url=SITE).headers["Location"].removesuffix("/login")

    def logged_in(self) -> str:
        draft = self.begun()
        assert self.send(f"{draft}/login", **GOOD).status_code == 303
        return draft

    def looked(self) -> str:
        draft = self.logged_in()
        self.see(f"{draft}/projects")
        response = self.send(f"{draft}/projects", project=["10001", "10002"])
        assert response.headers["Location"] == f"{draft}/look"
        return draft


@pytest.fixture
def visitor(sqlite_url: str) -> Iterator[Visitor]:
    with fresh_store(sqlite_url) as engine:
        settings = Settings(public_url="https://okr.example.org")
        app = create_app(engine, settings, clock=lambda: NOW, vault=lambda: VAULT)
        app.extensions["tieline_desk"] = replace(app.extensions["tieline_desk"], start=lambda work: work())
        client = app.test_client()
        client.get(login_link(Store(engine), "", NOW), base_url="https://localhost")
        yield Visitor(_https(client), engine)


def _https(client: FlaskClient) -> FlaskClient:
    client.environ_base["wsgi.url_scheme"] = "https"
    return client


def test_an_empty_installation_leads_to_the_first_step(visitor: Visitor) -> None:
    assert 'href="/connect">Connect a site</a>' in visitor.see("/")
    assert "Address of your Jira site" in visitor.see("/connect")


def test_what_is_no_jira_is_told_beside_the_address(jira: FakeJira, visitor: Visitor) -> None:
    jira.fail("/rest/api/3/serverInfo", 404)
    response = visitor.send("/connect", url=SITE)
    assert response.status_code == 422
    assert "There is no Jira at" in response.text
    assert f'value="{SITE}"' in response.text


def test_each_kind_of_credentials_says_where_it_is_made(jira: FakeJira, visitor: Visitor) -> None:
    draft = visitor.begun()
    page = visitor.see(f"{draft}/login")
    for words in ("E-mail and API token", "Token with scopes", "OAuth 2.0", "id.atlassian.com/manage-profile"):
        assert words in page
    assert "https://okr.example.org/connect/consent" in visitor.see(f"{draft}/login?way=oauth")


def test_refused_credentials_are_asked_for_again_and_the_token_is_not_shown(jira: FakeJira, visitor: Visitor) -> None:
    draft = visitor.begun()
    jira.fail("/rest/api/3/myself", 401)
    response = visitor.send(f"{draft}/login", **GOOD)
    assert response.status_code == 422
    assert "not accepted" in response.text
    assert 'value="me@example.org"' in response.text
    assert "sesame" not in response.text


def test_a_missing_right_comes_with_how_to_get_it_and_no_way_on(jira: FakeJira, visitor: Visitor) -> None:
    draft = visitor.logged_in()
    jira.permissions = set()
    page = visitor.see(f"{draft}/account")
    assert "Lacks the permission “Browse Projects”" in page
    assert "Project settings" in page
    assert "Choose projects" not in page


def test_the_whole_way_to_a_connection(jira: FakeJira, visitor: Visitor) -> None:
    with writing(visitor.engine) as session:
        plans.apply_plan(session, Plan(teams=(Team("Payments"), Team("Web"))), NOW, author="Ada")
    draft = visitor.looked()
    fields = visitor.see(f"{draft}/look")
    assert "Key Result" in fields
    assert '<span class="sample">KR-1</span>' in fields
    response = visitor.send(f"{draft}/fields", key_result=[KR_FIELD, "evil"], points=[], label_prefix="kr-")
    assert response.headers["Location"] == f"{draft}/boards"
    assert "<option selected>Payments</option>" in visitor.see(f"{draft}/boards")
    visitor.send(f"{draft}/boards", board=["7", "8"], **{"team-7": "Payments", "team-8": "", "periods-8": "month"})
    visitor.send(f"{draft}/statuses", **{"status-1": "done"}, dropped=["Done"], not_work=["Test case", "Evil"])
    page = visitor.see(f"{draft}/webhook")
    assert "about 30" in page
    response = visitor.send(f"{draft}/webhook", public_url="https://okr.example.org")
    assert response.headers["Location"] == "/connections/acme"
    with reading(visitor.engine) as session:
        known = connections.connection_named(session, VAULT, "acme")
        plan = plans.plan_in_force(session, NOW)
    assert known is not None
    chosen = chosen_of(known)
    assert [ref.id for ref in chosen.fields.kr_fields] == [KR_FIELD]
    assert chosen.fields.kr_label_prefix == "kr-"
    assert [(board.team, board.periods) for board in chosen.boards] == [(None, Periods.MONTH), ("Payments", None)]
    assert chosen.fields.status_overrides == (("1", Status.DONE),)
    assert plan.settings.not_work == ("Test case",)
    assert jira.webhooks[0]["url"] == "https://okr.example.org/hooks/jira/acme"


def connected(visitor: Visitor, **form: str) -> TestResponse:
    draft = visitor.looked()
    return visitor.send(f"{draft}/webhook", **{"public_url": "https://okr.example.org", **form})


def test_progress_is_polled_and_answered_with_304_while_nothing_moves(jira: FakeJira, visitor: Visitor) -> None:
    connected(visitor)
    first = visitor.client.get("/connections/acme?live=1")
    assert "0 items so far" in first.text
    again = visitor.client.get("/connections/acme?live=1", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    backfills.run_waiting(visitor.engine, VAULT, lambda: NOW)
    later = visitor.client.get("/connections/acme?live=1", headers={"If-None-Match": first.headers["ETag"]})
    assert "Complete: 30 items." in later.text
    assert "<html" not in later.text


def test_the_webhook_is_called_proven_when_a_delivery_has_arrived(jira: FakeJira, visitor: Visitor) -> None:
    connected(visitor)
    page = visitor.see("/connections/acme")
    assert "nothing has arrived yet" in page
    assert "add a label and take it off again" in page
    with writing(visitor.engine) as session:
        connections.note_delivery(session, "acme", NOW)
    keeping.keep(visitor.engine, VAULT, NOW)
    assert "<b>Proven</b>" in visitor.see("/connections/acme")


def test_how_far_behind_it_is_and_a_closed_project_are_shown(jira: FakeJira, visitor: Visitor) -> None:
    connected(visitor)
    backfills.run_waiting(visitor.engine, VAULT, lambda: NOW)
    before = NOW - timedelta(minutes=25)
    jira.projects = jira.projects[1:]
    sync.reconcile_due(visitor.engine, VAULT, lambda: before)
    page = visitor.see("/connections/acme")
    assert "Items are at most 25 min behind" in page
    assert '<td data-label="behind at most">25 min</td>' in page
    assert "Jira shows us no project PAY any more" in page


def test_an_invisible_change_is_made_only_where_an_admin_asks_for_it(jira: FakeJira, visitor: Visitor) -> None:
    connected(visitor)
    assert not [request for request in jira.asked if "/properties/" in (request.url or "")]
    assert "was set and taken away again" in visitor.send("/connections/acme/webhook", act="prove").text
    assert len([request for request in jira.asked if "/properties/" in (request.url or "")]) == 2


def test_what_is_to_be_pasted_is_shown_once_and_never_kept_in_a_cache(jira: FakeJira, visitor: Visitor) -> None:
    jira.fail("/rest/webhooks/1.0/webhook", 403)
    response = connected(visitor)
    with reading(visitor.engine) as session:
        key = connections.door_key(session, VAULT, "jira", "acme")
    assert key is not None
    secret = key.secrets[0].decode()
    assert secret in response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert secret not in visitor.see("/connections/acme")


def test_a_new_secret_takes_over_without_a_gap(jira: FakeJira, visitor: Visitor) -> None:
    connected(visitor)
    visitor.send("/connections/acme/webhook", act="new")
    with reading(visitor.engine) as session:
        key = connections.door_key(session, VAULT, "jira", "acme")
    assert key is not None
    assert len(key.secrets) == 2
    assert len(jira.webhooks) == 1


def test_a_program_examines_a_connection_and_acts_on_its_webhook(jira: FakeJira, visitor: Visitor) -> None:
    connected(visitor)
    with writing(visitor.engine) as session:
        token = tokens.make_token(session, accounts.first_admin(session, NOW), "x", ["read", "act", "admin"], 1, NOW)
    asked: Any = {"base_url": "https://localhost", "headers": {"Authorization": f"Bearer {token}"}}
    checks = visitor.client.get("/api/v1/connections/acme/doctor", **asked).json["checks"]  # type: ignore[index]
    assert {"site", "account", "webhook"} <= {check["step"] for check in checks}
    address = "/api/v1/connections/acme/webhook"
    acts_done = [
        visitor.client.post(address, json={"act": act}, **asked) for act in ("new", "drop_old_secret", "prove")
    ]
    assert [answer.status_code for answer in acts_done] == [200, 200, 200]
    assert acts_done[0].json == {"connection": "acme", "registered": True, "problem": None, "to_paste": []}
    jira.fail("/rest/webhooks/1.0/webhook", 403)
    pasted = visitor.client.post(address, json={"act": "new"}, **asked)
    assert pasted.headers["Cache-Control"] == "no-store"
    assert pasted.json is not None
    assert pasted.json["to_paste"]
    with reading(visitor.engine) as session:
        logged = [one.act for one in acts.acts(session)]
        key = connections.door_key(session, VAULT, "jira", "acme")
    assert {"webhook_made_anew", "webhook_old_secret_dropped", "webhook_proof_asked"} <= set(logged)
    assert key is not None
    assert key.secrets[0].decode() in pasted.text
    told = visitor.client.get("/api/v1/connections/acme", **asked)
    assert key.secrets[0].decode() not in told.text
    gone = visitor.client.post(
        "/api/v1/connections/acme/remove", json={"connection": "acme", "reason": "Moved"}, **asked
    )
    assert gone.status_code == 202
    assert visitor.client.get("/api/v1/connections/acme", **asked).status_code == 404


def test_a_half_done_connection_is_gone_on_with_or_thrown_away(jira: FakeJira, visitor: Visitor) -> None:
    draft = visitor.looked()
    assert f'href="{draft}/fields"' in visitor.see("/connect")
    visitor.send(f"{draft}/fields", key_result=[KR_FIELD])
    assert f'href="{draft}/boards"' in visitor.see("/connect")
    visitor.send(f"{draft}/discard")
    assert "Half-done" not in visitor.see("/connect")
    assert visitor.client.get(f"{draft}/boards").status_code == 404


def test_a_step_that_was_not_reached_leads_back(jira: FakeJira, visitor: Visitor) -> None:
    draft = visitor.logged_in()
    assert visitor.client.get(f"{draft}/boards").headers["Location"] == f"{draft}/projects"


def test_a_look_that_failed_or_broke_off_is_told_and_begun_anew(jira: FakeJira, visitor: Visitor) -> None:
    jira.fail("/rest/api/3/field", 403)
    draft = visitor.looked()
    assert "403" in visitor.see(f"{draft}/look")
    assert visitor.send(f"{draft}/look").status_code == 303
    assert visitor.client.get(f"{draft}/look?live=1").headers["HX-Redirect"] == f"{draft}/fields"


def test_what_was_said_of_names_that_the_site_has_no_more_is_kept(jira: FakeJira, visitor: Visitor) -> None:
    draft = visitor.looked()
    with Store(visitor.engine).reading() as session:
        found = drafts.draft_of(session, VAULT, draft.rpartition("/")[2])
    assert found is not None
    offer = connect_steps.offer_of(found)
    assert offer is not None
    before = Choice(
        statuses=(("to do", Status.DOING), ("Simmering", Status.DONE)), dropped=("Obsolete",), levels=(("Theme", 3),)
    )
    form = MultiDict({"status-1": "doing", "level-Story": "0"})
    after = connect_forms.with_statuses(offer, before, form)
    assert after.statuses == (("Simmering", Status.DONE), ("1", Status.DOING))
    assert (after.dropped, after.levels) == (("Obsolete",), (("Theme", 3), ("Story", 0)))


def test_a_team_that_the_register_has_no_more_is_refused_in_words(jira: FakeJira, visitor: Visitor) -> None:
    draft = visitor.looked()
    response = visitor.send(f"{draft}/boards", **{"board": "7", "team-7": "Payments"})
    assert response.status_code == 422
    assert "The register has no team “Payments” any more" in response.text


def test_what_was_chosen_and_is_found_nowhere_is_said(jira: FakeJira, visitor: Visitor) -> None:
    jira.add(issue(40, labels=["web"]))
    jira.types = [{"id": "30", "name": "Initiative", "hierarchyLevel": 0}]
    draft = visitor.looked()
    visitor.send(f"{draft}/fields", label_prefix="okr-", key_result="customfield_8")
    page = visitor.see(f"{draft}/webhook")
    assert "None of the frequent labels begins with “okr-”: web." in page
    assert "Field “Squad” is empty on all 31 sampled items." in page
    assert "“Initiative” looks like a level above epics (by its name)" in visitor.see(f"{draft}/statuses")


def test_a_pattern_that_is_none_is_refused_in_words(jira: FakeJira, visitor: Visitor) -> None:
    draft = visitor.looked()
    response = visitor.send(f"{draft}/fields", key_result=[KR_FIELD], pattern="KR-(")
    assert response.status_code == 422
    assert "no regular expression" in response.text


def test_the_connection_is_chosen_anew_from_its_page(jira: FakeJira, visitor: Visitor) -> None:
    connected(visitor)
    location = visitor.send("/connections/acme/anew", step="login").headers["Location"]
    assert location.endswith("/login")
    assert "Chosen anew for <b>acme</b>" in visitor.see(location)


def test_the_doctor_looks_at_every_step_on_a_page(jira: FakeJira, visitor: Visitor) -> None:
    connected(visitor)
    page = visitor.see("/connections/acme/doctor")
    assert "Jira knows us as Robot." in page
    assert "The clocks of the site and of this machine agree." in page


def test_consent_that_belongs_to_another_login_is_refused(jira: FakeJira, visitor: Visitor) -> None:
    draft = visitor.begun()
    app = {"way": "oauth", "client_id": "app", "client_secret": "hush", "name": "acme"}
    page = visitor.send(f"{draft}/login", **app).text
    state = re.search(r"state=([\w.%]+)&amp;", page)
    assert state is not None
    assert "hush" not in page
    forged = state.group(1)[:-1] + ("0" if state.group(1)[-1] != "0" else "1")
    assert visitor.client.get(f"/connect/consent?state={forged}&code=x").status_code == 400
    refused = visitor.client.get(f"/connect/consent?state={state.group(1)}&error=access_denied")
    assert "access_denied" in refused.text


def test_only_an_admin_connects(visitor: Visitor) -> None:
    with writing(visitor.engine) as session:
        account = accounts.add_account(session, "Vera", "editor", NOW)
        token = logins.make_login_link(session, NOW, account.id)
    other = _https(visitor.client.application.test_client())
    other.get(f"/login/{token}")
    assert other.get("/connect").status_code == 403
    assert "An admin connects a site" in other.get("/").text


def test_a_post_without_the_word_of_the_login_is_refused(visitor: Visitor) -> None:
    assert visitor.client.post("/connect", data={"url": SITE}).status_code == 400


@pytest.mark.parametrize(
    ("seconds", "words"), [(5, "1 minute"), (100, "2 minutes"), (5000, "83 minutes"), (7260, "2 h 01 min")]
)
def test_the_time_left_is_said_as_people_say_it(seconds: int, words: str) -> None:
    assert connect_views.duration(seconds) == words


def test_the_time_left_goes_by_the_pace_of_the_present_turn() -> None:
    begun = NOW - timedelta(minutes=5)
    turn = turns.Turn(begun, 400, is_running=True, not_before=None)
    told = connect_views.progress_of(BackfillProgress(600, 1000, begun, None), turn, NOW)
    assert told is not None
    assert told.words == "600 of about 1,000 items, about 10 minutes left."
    resting = turns.Turn(begun, 400, is_running=False, not_before=NOW + timedelta(minutes=15))
    told = connect_views.progress_of(BackfillProgress(600, 1000, begun, None), resting, NOW)
    assert told is not None
    assert "goes on at 12:15 UTC by itself" in told.words


def test_consent_ends_at_the_account_and_shows_no_token(jira: FakeJira, visitor: Visitor) -> None:
    draft = visitor.begun()
    app = {"way": "oauth", "client_id": "app", "client_secret": "hush", "name": "acme"}
    state = re.search(r"state=([\w.%]+)&amp;", visitor.send(f"{draft}/login", **app).text)
    assert state is not None
    lasts = int((datetime.now(UTC) - NOW).total_seconds()) + 3600  # the client goes by the real clock
    answer = {"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": lasts}
    jira.http.add(responses.POST, "https://auth.atlassian.com/oauth/token", json=answer)
    resources = [{"id": CLOUD_ID, "url": SITE}]
    jira.http.add(responses.GET, "https://api.atlassian.com/oauth/token/accessible-resources", json=resources)
    response = visitor.client.get(f"/connect/consent?state={state.group(1)}&code=spent")
    assert response.headers["Location"] == f"{draft}/account"
    page = visitor.see(f"{draft}/account")
    assert "Jira knows us as Robot" in page
    assert "access-1" not in page
    assert jira.asked[-1].headers["Authorization"] == "Bearer access-1"


def test_of_data_center_no_invisible_change_is_offered(jira: FakeJira, visitor: Visitor) -> None:
    connected(visitor)
    assert "Prove it by an invisible change" in visitor.see("/connections/acme")
    with writing(visitor.engine) as session:
        known = connections.connection_named(session, VAULT, "acme")
        assert known is not None
        other = replace(known, credentials={"token": "sesame", "edition": "data_center"})
        connections.keep_connection(session, VAULT, other, NOW)
    assert "Prove it by an invisible change" not in visitor.see("/connections/acme")
