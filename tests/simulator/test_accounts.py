"""Consent and tokens at the simulated site, as Atlassian documents them."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from simulator.accounts import App
from simulator.goals import Measure
from simulator.site import Site
from tests.simulator.callers import Caller, caller_of
from tests.simulator.stage import SECRET, START, add_app

ASKED = {
    "audience": "api.atlassian.com",
    "client_id": "app",
    "scope": "read:jira-work read:jira-user offline_access",
    "redirect_uri": "https://okr.example.org/connect/consent",
    "state": "word",
    "response_type": "code",
}
OURS = {"client_id": "app", "client_secret": SECRET}


@dataclass
class Visit:
    site: Site
    caller: Caller
    app: App

    def later(self, **how: float) -> None:
        self.site.advance(timedelta(**how).total_seconds())

    def authorize(self, **changes: str) -> TestResponse:
        return self.caller.get("/authorize", **(ASKED | changes))

    def code(self) -> str:
        back = urlsplit(self.authorize().headers["Location"])
        assert parse_qs(back.query)["state"] == ["word"]
        return parse_qs(back.query)["code"][0]

    def spend(self, **changes: str) -> TestResponse:
        body = {"grant_type": "authorization_code", **OURS, "redirect_uri": self.app.callback} | changes
        return self.caller.post("/oauth/token", body)

    def renew(self, refresh: str, **changes: str) -> TestResponse:
        return self.caller.post(
            "/oauth/token", {"grant_type": "refresh_token", **OURS, "refresh_token": refresh} | changes
        )

    def ask(self, access: str, path: str = "/rest/api/3/myself", cloud_id: str | None = None) -> TestResponse:
        builder = self.caller.build("GET", f"/ex/jira/{cloud_id or self.site.cloud_id}{path}")
        builder.headers["Authorization"] = f"Bearer {access}"
        return self.caller.client.open(builder)


@pytest.fixture
def visit() -> Visit:
    site = Site(clock=lambda: START)
    return Visit(site, caller_of(site), add_app(site))


def given(visit: Visit) -> dict[str, str]:
    answer = visit.spend(code=visit.code())
    assert answer.status_code == 200, answer.text
    tokens: dict[str, str] = answer.get_json()
    return tokens


def test_a_code_is_spent_once_and_its_token_lasts_an_hour_at_the_gateway_alone(visit: Visit) -> None:
    code = visit.code()
    tokens = visit.spend(code=code).get_json()
    assert (tokens["expires_in"], tokens["token_type"]) == (3600, "Bearer")
    assert visit.spend(code=code).get_json()["error"] == "invalid_grant"
    assert visit.ask(tokens["access_token"]).status_code == 200
    assert visit.ask(tokens["access_token"], cloud_id="another").status_code == 404
    builder = visit.caller.build("GET", "/rest/api/3/myself")
    builder.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    assert visit.caller.client.open(builder).status_code == 401
    visit.later(hours=1)
    assert visit.ask(tokens["access_token"]).get_json() == {"code": 401, "message": "Unauthorized"}


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example.org/"},
        {"client_id": "another"},
        {"scope": "read:jira-work manage:jira-configuration"},
        {"response_type": "token"},
        {"state": ""},
    ],
)
def test_nobody_is_sent_back_from_a_question_that_is_not_right(visit: Visit, changes: dict[str, str]) -> None:
    assert visit.authorize(**changes).status_code == 400


def test_who_says_no_is_sent_back_without_a_code(visit: Visit) -> None:
    visit.site.accounts.agrees = False
    back = parse_qs(urlsplit(visit.authorize().headers["Location"]).query)
    assert (back["error"], back["state"], "code" in back) == (["access_denied"], ["word"], False)


def test_a_refresh_token_is_taken_again_for_ten_minutes_after_it_was_replaced(visit: Visit) -> None:
    first = given(visit)["refresh_token"]
    second = visit.renew(first).get_json()["refresh_token"]
    assert second != first
    visit.later(minutes=10)
    assert visit.renew(first).status_code == 200
    visit.later(seconds=1)
    refused = visit.renew(first)
    assert (refused.status_code, refused.get_json()["error"]) == (403, "invalid_grant")


def test_what_is_not_used_for_ninety_days_or_is_a_year_old_is_over(visit: Visit) -> None:
    refresh = given(visit)["refresh_token"]
    for _ in range(4):
        visit.later(days=90)
        refresh = visit.renew(refresh).get_json()["refresh_token"]
    visit.later(days=6)
    assert visit.renew(refresh).status_code == 403
    other = given(visit)["refresh_token"]
    visit.later(days=91)
    assert visit.renew(other).status_code == 403


def test_the_secret_of_another_app_renews_nothing(visit: Visit) -> None:
    tokens = given(visit)
    assert visit.renew(tokens["refresh_token"], client_secret="guessed").status_code == 401
    visit.site.accounts.add_app("other", "its secret", visit.app.callback, ())
    assert visit.renew(tokens["refresh_token"], client_id="other", client_secret="its secret").status_code == 403


def test_what_is_taken_back_ends_access_and_renewal(visit: Visit) -> None:
    tokens = given(visit)
    visit.caller.post("/_control/consent", {"revoke": True})
    assert visit.ask(tokens["access_token"]).status_code == 401
    assert visit.renew(tokens["refresh_token"]).status_code == 403


@pytest.mark.parametrize("path", ["/rest/agile/1.0/board", "/rest/webhooks/1.0/webhook", "/rest/api/3/webhook"])
def test_a_scope_that_was_not_agreed_to_is_missing(visit: Visit, path: str) -> None:
    refused = visit.ask(given(visit)["access_token"], path)
    assert refused.get_json() == {"code": 401, "message": "Unauthorized; scope does not match"}


def test_the_sites_that_were_agreed_to_are_listed(visit: Visit) -> None:
    builder = visit.caller.build("GET", "/oauth/token/accessible-resources")
    builder.headers["Authorization"] = f"Bearer {given(visit)['access_token']}"
    (site,) = visit.caller.client.open(builder).get_json()
    assert (site["id"], site["url"]) == (visit.site.cloud_id, visit.site.base_url)
    assert visit.caller.get("/_edge/tenant_info").get_json() == {"cloudId": visit.site.cloud_id}


def test_a_token_with_scopes_works_at_the_gateway_alone(visit: Visit) -> None:
    assert visit.ask(visit.site.scoped_token).status_code == 200


def test_a_data_center_site_has_none_of_it() -> None:
    caller = caller_of(Site(version=(10, 3, 2)))
    for path in ("/authorize", "/_edge/tenant_info", f"/ex/jira/{caller.site.cloud_id}/rest/api/2/myself"):
        assert caller.get(path).status_code in (401, 404)


def test_controls_make_apps_and_change_goals(visit: Visit) -> None:
    app = {"client_id": "second", "client_secret": "hush", "callback": "http://127.0.0.1:8000/connect/consent"}
    assert visit.caller.post("/_control/app", app).status_code == 200
    assert visit.authorize(client_id="second", redirect_uri=app["callback"]).status_code == 302
    story = visit.site.create(visit.site.add_project("AB", "Alpha"), "story", "A title", START)
    made = visit.caller.post("/_control/goal", {"add": "Boxes come", "link": story.key}).get_json()
    visit.caller.post("/_control/goal", {"goal": made["goal"], "value": 7, "report": "Late", "status": "off_track"})
    goal = visit.site.goals.every[made["goal"]]
    assert (goal.links, goal.status, goal.updates) == ([story.id], "off_track", [(START, "Late")])
    assert goal.measure == Measure("value", 0, 100, latest=(START, 7.0))
    visit.caller.post("/_control/goal", {"goal": made["goal"], "unlink": story.key, "archived": True})
    assert (goal.links, goal.archived) == ([], True)
    assert visit.caller.post("/_control/goal", {"goal": "GOAL-9"}).status_code == 404
