"""OAuth of Jira Cloud: consent, renewal by one process at a time, and what a person is told when it is over."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses
from sqlalchemy import Engine

from integration.contract import Connection, KeptTokens, Misconfigured, Temporary
from integration.secrets import Vault, new_key
from integration.store import token_box
from integration.store.engine import writing
from integration.store.token_box import StoredTokens
from integration.trackers.jira import choosing, connect_site, oauth, oauth_tokens
from integration.trackers.jira.places import ATLASSIAN, places_of
from tests.integration.store.material import fresh_store
from tests.integration.trackers.jira.fake_jira import CLOUD_ID, SITE, running_jira

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
TOKEN_URL = "https://auth.atlassian.com/oauth/token"
RESOURCES = "https://api.atlassian.com/oauth/token/accessible-resources"
APP = {"client_id": "app", "client_secret": "hush"}
CALLBACK = "https://okr.example.org/connect/consent"
CLOUD = connect_site.site_of(SITE, "cloud", "1001", "Acme")


@pytest.fixture
def box(database_url: str) -> Iterator[StoredTokens]:
    """Tokens whose access token has just run out, on both kinds of database."""
    with fresh_store(database_url) as engine:
        yield box_in(engine, Vault([new_key()]))


def box_in(engine: Engine, vault: Vault) -> StoredTokens:
    with writing(engine) as session:
        token_box.put(session, vault, "acme", KeptTokens("old", "refresh-1", NOW), NOW)
    return StoredTokens(engine, vault, "acme")


def renewal(box: StoredTokens, now: datetime = NOW) -> oauth_tokens.Renewal:
    return oauth_tokens.Renewal(box, "app", "hush", clock=lambda: now, sleep=lambda _seconds: None)


def give_tokens(mock: responses.RequestsMock, number: int = 2) -> None:
    answer = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}", "expires_in": 3600}
    mock.post(TOKEN_URL, json=answer)


def sent(call: responses.Call) -> dict[str, object]:
    told = json.loads(call.request.body or "{}")
    assert isinstance(told, dict)
    return told


def test_a_person_is_sent_to_agree_with_a_state_and_our_address() -> None:
    address = urlsplit(oauth.consent_address(CLOUD, APP, CALLBACK, "draft.word"))
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert address.netloc == "auth.atlassian.com"
    assert (asked["state"], asked["redirect_uri"], asked["audience"]) == ("draft.word", CALLBACK, "api.atlassian.com")
    assert "offline_access" in asked["scope"].split()
    assert "hush" not in address.query


def test_the_right_to_write_is_asked_for_where_it_is_wished() -> None:
    def scopes(**entries: str) -> list[str]:
        query = parse_qs(urlsplit(oauth.consent_address(CLOUD, {**APP, **entries}, CALLBACK, "state")).query)
        return query["scope"][0].split()

    assert "write:jira-work" not in scopes()
    assert scopes(writes="yes") == [*scopes(), "write:jira-work"]


def test_what_was_agreed_to_is_kept_for_the_doctor() -> None:
    with responses.RequestsMock() as mock:
        granted = "read:jira-work write:jira-work offline_access"
        mock.post(TOKEN_URL, json={"access_token": "a", "refresh_token": "r", "scope": granted})
        mock.get(RESOURCES, json=[{"id": CLOUD_ID, "url": SITE}])
        found = oauth.credentials(CLOUD, APP, CALLBACK, "code", NOW)
    assert (found["scopes"], found["writes"]) == (granted, "yes")


def test_without_an_app_nobody_is_sent_anywhere() -> None:
    with pytest.raises(Misconfigured, match="client id and secret"):
        oauth.consent_address(CLOUD, {"client_id": "app"}, CALLBACK, "state")


def test_the_code_is_spent_for_tokens_and_the_cloud_id_of_our_site() -> None:
    with responses.RequestsMock() as mock:
        give_tokens(mock, 1)
        mock.get(RESOURCES, json=[{"id": "other", "url": "https://x.atlassian.net"}, {"id": CLOUD_ID, "url": SITE}])
        found = oauth.credentials(CLOUD, APP, CALLBACK, "code", NOW)
        asked = sent(mock.calls[0])
    assert (asked["grant_type"], asked["redirect_uri"], asked["code"]) == ("authorization_code", CALLBACK, "code")
    assert (found["cloud_id"], found["access_token"], found["refresh_token"]) == (CLOUD_ID, "access-1", "refresh-1")


def test_consent_for_another_site_is_told_by_its_name() -> None:
    with responses.RequestsMock() as mock:
        give_tokens(mock, 1)
        mock.get(RESOURCES, json=[{"id": "other", "url": "https://x.atlassian.net"}])
        with pytest.raises(Misconfigured, match=r"https://x\.atlassian\.net, not for https://acme"):
            oauth.credentials(CLOUD, APP, CALLBACK, "code", NOW)


def test_a_token_that_still_holds_is_used_as_it_is(box: StoredTokens) -> None:
    assert oauth_tokens.access_token(renewal(box, NOW - timedelta(minutes=10))) == "old"


def test_new_tokens_are_kept_before_they_are_used(box: StoredTokens) -> None:
    with responses.RequestsMock() as mock:
        give_tokens(mock)
        assert oauth_tokens.access_token(renewal(box)) == "access-2"
        assert sent(mock.calls[0])["refresh_token"] == "refresh-1"
    kept = box.read()
    assert (kept.access, kept.refresh, kept.until) == ("access-2", "refresh-2", NOW + timedelta(hours=1))


def test_of_many_that_need_a_token_at_once_one_renews_it(box: StoredTokens) -> None:
    found: list[str] = []

    def fetch() -> None:
        found.append(oauth_tokens.access_token(oauth_tokens.Renewal(box, "app", "hush", clock=lambda: NOW)))

    with responses.RequestsMock() as mock:
        give_tokens(mock)
        threads = [threading.Thread(target=fetch) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(mock.calls) == 1
    assert found == ["access-2"] * 8


def test_who_dies_while_renewing_is_followed_by_another_when_the_lease_is_over(box: StoredTokens) -> None:
    assert box.take("dead", NOW, NOW + oauth_tokens.LEASE)
    with pytest.raises(Temporary, match="renewed elsewhere"):
        oauth_tokens.access_token(renewal(box))
    with responses.RequestsMock() as mock:
        give_tokens(mock)
        assert oauth_tokens.access_token(renewal(box, NOW + oauth_tokens.LEASE + timedelta(seconds=1))) == "access-2"


def test_a_withdrawn_consent_says_connect_again_and_is_not_tried_a_second_time(box: StoredTokens) -> None:
    with responses.RequestsMock() as mock:
        mock.post(TOKEN_URL, status=403, json={"error": "invalid_grant"})
        for _ in range(2):
            with pytest.raises(Misconfigured, match="connect again") as caught:
                oauth_tokens.access_token(renewal(box))
            assert caught.value.reason == "connect_again"
        assert len(mock.calls) == 1
    assert "refresh-1" not in (box.read().refused or "")


def test_a_site_in_trouble_leaves_the_tokens_and_frees_the_lease(box: StoredTokens) -> None:
    with responses.RequestsMock() as mock:
        mock.post(TOKEN_URL, status=503)
        with pytest.raises(Temporary):
            oauth_tokens.access_token(renewal(box))
        assert len(mock.calls) == 1
    with responses.RequestsMock() as mock:
        give_tokens(mock)
        assert oauth_tokens.access_token(renewal(box)) == "access-2"


def test_a_fresh_consent_takes_the_place_of_what_was_withdrawn(box: StoredTokens) -> None:
    assert box.take("me", NOW, NOW + oauth_tokens.LEASE)
    box.refuse("me", "Connect again.", NOW)
    with writing(box.engine) as session:
        fresh = KeptTokens("new", "refresh-9", NOW + timedelta(hours=1))
        token_box.put(session, box.vault, "draft:1", fresh, NOW)
        token_box.move(session, "draft:1", "acme")
    assert oauth_tokens.access_token(renewal(box)) == "new"


def test_a_connection_calls_through_the_gateway_with_the_present_token(box: StoredTokens) -> None:
    with running_jira() as jira:
        give_tokens(jira.http)
        known = {"kind": "oauth", **APP, "cloud_id": CLOUD_ID}
        connection = Connection("acme", "jira", SITE, known, tokens=box)
        clockless = replace(box.read(), until=datetime.now(UTC) + timedelta(hours=1))
        box.keep("me", clockless, NOW)
        assert choosing.who_am_i(connection).name == "Robot"
        assert jira.asked[-1].headers["Authorization"] == "Bearer old"


def answered(mock: responses.RequestsMock, box: StoredTokens, now: datetime = NOW) -> requests.Response:
    mock.get(f"{SITE}/x", status=401, json={"code": 401, "message": "Unauthorized"})
    mock.get(f"{SITE}/x", json={})
    return requests.get(f"{SITE}/x", auth=renewal(box, now), timeout=5)


def test_a_token_that_is_refused_before_its_time_is_renewed_once_and_the_call_sent_again(box: StoredTokens) -> None:
    with responses.RequestsMock() as mock:
        give_tokens(mock)
        assert answered(mock, box, NOW - timedelta(minutes=30)).status_code == 200
        assert [call.request.headers.get("Authorization") for call in mock.calls] == [
            "Bearer old", None, "Bearer access-2",
        ]  # fmt: skip


def test_a_fresh_token_that_is_refused_is_not_renewed_again(box: StoredTokens) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        assert answered(mock, box, NOW - timedelta(minutes=59, seconds=30)).status_code == 401


def test_a_scope_that_is_missing_costs_no_renewal(box: StoredTokens) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{SITE}/x", status=401, json={"code": 401, "message": "Unauthorized; scope does not match"})
        assert requests.get(f"{SITE}/x", auth=renewal(box, NOW - timedelta(minutes=30)), timeout=5).status_code == 401


def test_an_app_that_has_another_secret_now_is_told_apart_from_a_withdrawn_consent(box: StoredTokens) -> None:
    with responses.RequestsMock() as mock:
        mock.post(TOKEN_URL, status=401, json={"error": "access_denied", "error_description": "Unauthorized"})
        for _ in range(2):
            with pytest.raises(Misconfigured, match="client id and secret of the app"):
                oauth_tokens.access_token(renewal(box))
        assert len(mock.calls) == 1


def test_a_certificate_that_is_not_trusted_withdraws_nothing(box: StoredTokens) -> None:
    with responses.RequestsMock() as mock:
        said = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate"
        mock.post(TOKEN_URL, body=requests.exceptions.SSLError(said))
        with pytest.raises(Misconfigured, match="not trusted"):
            oauth_tokens.access_token(renewal(box))
    with responses.RequestsMock() as mock:
        give_tokens(mock)
        assert oauth_tokens.access_token(renewal(box)) == "access-2"


def test_a_code_that_is_refused_says_what_to_look_at(box: StoredTokens) -> None:
    with responses.RequestsMock() as mock:
        mock.post(TOKEN_URL, status=403, json={"error": "invalid_grant"})
        with pytest.raises(Misconfigured, match="callback address in the developer console"):
            oauth.credentials(CLOUD, APP, CALLBACK, "code", NOW)


@pytest.mark.parametrize(
    "url", ["https://acme.atlassian.net", "https://localhost.example.org", "https://127.0.0.1.nip.io"]
)
def test_consent_tokens_and_gateway_are_atlassians_own(url: str) -> None:
    assert places_of(url) == ATLASSIAN


def test_a_site_on_our_own_machine_has_them_itself() -> None:
    assert places_of("http://127.0.0.1:8123").gateway == "http://127.0.0.1:8123"


def test_a_renewal_shows_no_secret(box: StoredTokens) -> None:
    shown = repr(renewal(box)) + repr(box) + repr(box.read())
    assert not any(word in shown for word in ("hush", "refresh-1", "'old'"))


def test_a_scoped_token_asks_the_site_for_its_cloud_id() -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{SITE}/_edge/tenant_info", json={"cloudId": CLOUD_ID})
        entries = {"email": "", "token": "scoped", "expires": "2027-01-31"}
        found = connect_site.credentials_by(CLOUD, "scoped_token", entries)
    assert found == {"token": "scoped", "cloud_id": CLOUD_ID, "expires": "2027-01-31"}
    with running_jira() as jira:
        choosing.who_am_i(Connection("acme", "jira", SITE, found))
        assert jira.asked[-1].headers["Authorization"] == "Bearer scoped"


def test_where_the_site_does_not_tell_its_cloud_id_a_person_is_asked() -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{SITE}/_edge/tenant_info", status=404)
        with pytest.raises(Misconfigured, match="tenant_info and copy it"):
            connect_site.credentials_by(CLOUD, "scoped_token", {"email": "", "token": "scoped"})


@pytest.mark.parametrize("cloud_id", ["../../evil", "a b", "x" * 80])
def test_a_cloud_id_cannot_lead_elsewhere(cloud_id: str) -> None:
    with pytest.raises(Misconfigured, match="cloudId looks like"):
        connect_site.credentials(CLOUD, "me@example.org", "token", cloud_id)


def test_a_request_is_signed_when_it_is_sent(box: StoredTokens) -> None:
    request = requests.Request("GET", f"{SITE}/x").prepare()
    signed = renewal(box, NOW - timedelta(hours=1))(request)
    assert signed.headers["Authorization"] == "Bearer old"
