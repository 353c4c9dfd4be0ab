"""The calls of Data Center: pages by number, ids that are gone, histories cut short, and webhooks by version."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from integration.connecting import Wanted
from integration.contract import Connection, Misconfigured, Permanent
from integration.http import HTTPClient
from integration.trackers.jira import client, data_center, webhook
from integration.trackers.jira.webhook import found_by_url, instructions, register
from tests.integration.trackers.jira.documents import DATA_CENTER, judge
from tests.integration.trackers.jira.fake_jira import body, issue
from tests.shared_material import SHARED

SITE = "https://jira.example.org/jira"
SEARCH, NEW, OLD = "/rest/api/2/search", "/rest/jira-webhook/1.0/webhooks", "/rest/webhooks/1.0/webhook"
ADDRESS = "https://okr.example.org/hooks/jira/acme"

Json = dict[str, Any]


@dataclass
class Server:
    """A few dicts behind `responses`; a search for an id that is not there is refused."""

    issues: dict[str, Json] = field(default_factory=dict)
    changes: dict[str, int] = field(default_factory=dict)  # by issue id
    shown: int = 100  # of an issue's changes, in a search
    page: int = 1000
    info: Json = field(default_factory=lambda: {"deploymentType": "Server", "versionNumbers": [10, 3, 2]})
    hooks: list[Json] = field(default_factory=list)
    keeps_secrets: bool = True
    tells_ids: bool = True
    asked: list[requests.PreparedRequest] = field(default_factory=list)

    def add(self, *numbers: int) -> None:
        self.issues |= {one["id"]: one for one in map(issue, numbers)}

    def called(self, path: str) -> list[requests.PreparedRequest]:
        return [one for one in self.asked if _path(one) == path]

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.asked.append(request)
        status, told = self._answer(request, _path(request))
        # Some sites send this with every answer: https://jira.atlassian.com/ (rate limiting switched on)
        return status, {"Retry-After": "0", "X-RateLimit-Remaining": "9"}, json.dumps(told)

    def _answer(self, request: requests.PreparedRequest, path: str) -> tuple[int, object]:
        if path == SEARCH:
            return self._search(body(request))
        if path.startswith("/rest/api/2/issue/"):
            found = self._named(path.rpartition("/")[2])
            return (404, {}) if found is None else (200, self._whole(found, 10**6))
        if path in (NEW, OLD) or path.startswith((f"{NEW}/", f"{OLD}/")):
            return self._hook(request, path)
        plain: dict[str, object] = {
            "serverInfo": self.info,
            "project": [{"id": "10001", "key": "PAY"}, {"id": "10002", "key": "OLD", "archived": True}],
            "myself": {"name": "robot", "key": "JIRAUSER1", "displayName": "Robot"},
            "mypermissions": {"permissions": {"BROWSE_PROJECTS": {"havePermission": True}}},
        }
        return 200, plain.get(path.rpartition("/")[2], [])

    def _named(self, name: str) -> Json | None:
        return next((one for one in self.issues.values() if name in (one["id"], one["key"])), None)

    def _search(self, asked: Json) -> tuple[int, object]:
        listed = re.match(r"id in \((.*?)\)", asked["jql"])
        names = [name.strip('" ') for name in listed.group(1).split(",")] if listed else list(self.issues)
        missing = [name for name in names if self._named(name) is None]
        if missing:
            return 400, {"errorMessages": [f"An issue with key '{missing[0]}' does not exist for field 'id'."]}
        start, size = asked.get("startAt", 0), min(asked["maxResults"], self.page)
        found = [one for name in names if (one := self._named(name)) is not None]
        shown = [self._whole(one, self.shown) for one in found[start : start + size]]
        return 200, {"startAt": start, "maxResults": size, "total": len(found), "issues": shown}

    def _whole(self, one: Json, most: int) -> Json:
        number = self.changes.get(one["id"], 0)
        moment = "2026-01-06T09:00:00.000+0000"
        every = [{"id": str(n), "created": moment, "items": []} for n in range(number)]
        return one | {"changelog": {"startAt": 0, "total": number, "histories": every[:most]}}

    def _hook(self, request: requests.PreparedRequest, path: str) -> tuple[int, object]:
        if request.method == "GET":
            return 200, self.hooks
        asked = body(request)
        number = int(path.rpartition("/")[2]) if request.method == "PUT" else len(self.hooks) + 1
        configuration = asked.get("configuration", {})
        kept = {key: value for key, value in asked.items() if key != "secret"}
        if not self.keeps_secrets:
            kept["configuration"] = {key: value for key, value in configuration.items() if key != "SECRET"}
        self.hooks = [hook for hook in self.hooks if hook["id"] != number] + [kept | {"id": number}]
        return 200, self.hooks[-1] if self.tells_ids else {}


def _path(request: requests.PreparedRequest) -> str:
    return urlsplit(request.url or "").path.removeprefix("/jira")


@pytest.fixture
def server() -> Iterator[Server]:
    client._client.cache_clear()
    found = Server()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in ("GET", "POST", "PUT"):
            mock.add_callback(method, re.compile(re.escape(SITE) + "/.*"), found.answer)
        yield found
    if SHARED is not None:
        for request in found.asked:
            judged = request.copy()
            judged.url = (request.url or "").replace("/jira/rest", "/rest")
            judge(judged, SHARED / "specs", DATA_CENTER)


@pytest.fixture
def http(server: Server) -> HTTPClient:
    return client.open_client(Connection("acme", "jira", SITE, {"token": "sesame", "edition": client.DATA_CENTER}, {}))


def test_the_path_of_the_site_is_kept_and_the_token_goes_as_bearer(server: Server, http: HTTPClient) -> None:
    assert client.myself(http)["displayName"] == "Robot"
    (request,) = server.asked
    assert request.url == f"{SITE}/rest/api/2/myself"
    assert request.headers["Authorization"] == "Bearer sesame"


def test_a_server_that_takes_us_for_nobody_is_told(server: Server, http: HTTPClient) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{SITE}/rest/api/2/myself", json={})
        with pytest.raises(Misconfigured, match="personal access token"):
            client.myself(http)


def test_archived_projects_are_left_out_and_others_found_by_id(server: Server, http: HTTPClient) -> None:
    assert [project["key"] for project in client.projects(http)] == ["PAY"]
    assert list(client.projects(http, ["10002"])) == []


def test_rights_are_read_from_all_that_are_told(server: Server, http: HTTPClient) -> None:
    held = client.my_permissions(http, ("BROWSE_PROJECTS", "ADMINISTER"))
    assert held == {"BROWSE_PROJECTS": True, "ADMINISTER": False}


def test_pages_overlap_so_that_a_deletion_meanwhile_hides_no_issue(server: Server, http: HTTPClient) -> None:
    server.add(*range(120))
    server.page = 50
    every = list(server.issues)
    seen: list[str] = []
    token: str | None = None
    for _ in range(10):
        issues, token = client.search_page(http, "project = 10001", ["id"], token=token)
        seen += [one["id"] for one in issues]
        server.issues.pop(every[0], None)  # everything moves up by one
        if token is None:
            break
    assert token is None
    assert set(seen) == set(every)


def test_a_site_that_gives_one_issue_a_page_is_read_to_its_end(server: Server, http: HTTPClient) -> None:
    server.add(1, 2, 3)
    server.page = 1
    token: str | None = None
    seen = []
    while True:
        issues, token = client.search_page(http, "project = 10001", ["id"], token=token)
        seen += issues
        if token is None:
            break
    assert len(seen) == 3


def test_a_few_issues_are_asked_for_themselves_and_many_together(server: Server, http: HTTPClient) -> None:
    server.add(*range(100))
    ids = list(server.issues)
    assert len(client.issues(http, ids[: data_center.FEW], ["updated"])) == data_center.FEW
    assert not server.called(SEARCH)
    assert len(client.issues(http, ids, ["updated"])) == 100
    assert len(server.called(SEARCH)) == 1


def test_ids_that_are_gone_hide_no_other_and_cost_few_calls(server: Server, http: HTTPClient) -> None:
    server.add(*range(100))
    ids = list(server.issues)
    del server.issues[ids[42]]
    found = client.issues(http, ids, ["updated"])
    assert {one["id"] for one in found} == set(server.issues)
    assert len(server.asked) < 20


def test_keys_are_asked_for_like_ids_and_what_is_neither_is_not_asked_for(server: Server, http: HTTPClient) -> None:
    server.add(*range(10))
    keys = [one["key"] for one in server.issues.values()]
    assert len(client.issues(http, [*keys, '") OR project = X', "../.."], ["updated"])) == 10
    (request,) = server.asked
    assert '"PAY-0"' in body(request)["jql"]
    assert "OR" not in body(request)["jql"].removesuffix("ORDER BY created ASC, id ASC")


def test_a_history_that_a_search_cut_short_is_fetched_from_the_issue(server: Server, http: HTTPClient) -> None:
    server.add(*range(10))
    ids = list(server.issues)
    server.changes = {ids[0]: 7, ids[1]: 250}
    found = {one["id"]: changes for one, changes in client.issues_with_histories(http, ids, ["updated"])}
    assert [len(found[id_] or ()) for id_ in ids[:3]] == [7, 250, 0]
    assert len(server.asked) == 2
    assert parse_qs(urlsplit(server.asked[1].url or "").query)["expand"] == ["changelog"]


def test_an_issue_without_a_changelog_is_told_apart_from_one_that_never_changed(
    server: Server, http: HTTPClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add(1)
    ((_, never_changed),) = client.issues_with_histories(http, list(server.issues), ["updated"])
    monkeypatch.setattr(server, "_whole", lambda one, _most: {**one, "changelog": None})
    ((_, untold),) = client.issues_with_histories(http, list(server.issues), ["updated"])
    assert (never_changed, untold) == ([], None)


def test_a_bulk_edit_of_a_thousand_issues_costs_ten_calls(server: Server, http: HTTPClient) -> None:
    server.add(*range(1000))
    assert len(client.issues_with_histories(http, list(server.issues), ["updated"])) == 1000
    assert len(server.asked) == 10


def test_issues_are_counted_without_fetching_any(server: Server, http: HTTPClient) -> None:
    server.add(1, 2)
    assert client.approximate_count(http, "project = 10001") == 2
    assert body(server.asked[0])["maxResults"] == 0


def test_no_waiting_is_made_of_retry_after_while_tokens_are_left(
    server: Server, http: HTTPClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(http.budget, "sleep", slept.append)
    for _ in range(5):
        client.server_info(http)
    assert slept == []


def test_too_many_calls_at_once_wait_as_long_as_they_are_told(
    server: Server, http: HTTPClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(http.budget, "sleep", slept.append)
    http._policy = type(http._policy)(tries=1)
    with responses.RequestsMock() as mock:
        headers = {"Retry-After": "7", "X-RateLimit-Remaining": "0", "X-RateLimit-Interval-Seconds": "60"}
        mock.get(f"{SITE}/rest/api/2/field", status=429, headers=headers)
        with pytest.raises(Exception, match="too many calls") as caught:
            client.fields(http)
    assert caught.value.retry_after == 7  # type: ignore[attr-defined]


# --- webhooks ---------------------------------------------------------------------------------


def test_from_version_10_on_the_secret_stands_in_the_configuration(server: Server, http: HTTPClient) -> None:
    registered = register(http, Wanted("Tieline acme", ADDRESS, ("10001",), secret="s3cret"))
    (request,) = [one for one in server.called(NEW) if one.method == "POST"]
    sent = body(request)
    assert sent["configuration"] == {"SECRET": "s3cret", "EXCLUDE_BODY": "false"}
    assert not {"secret", "filters"} & sent.keys()
    assert (sent["scopeType"], sent["active"]) == ("global", True)
    assert not set(webhook.CLOUD_ONLY) & set(sent["events"])
    assert (registered.is_signed, registered.is_good, registered.url) == (True, True, ADDRESS)


def test_an_answer_without_an_id_is_followed_by_a_look_at_the_address(server: Server, http: HTTPClient) -> None:
    server.tells_ids = False
    assert register(http, Wanted("Tieline acme", ADDRESS, secret="s3cret")).id == "1"


def test_a_secret_that_the_server_did_not_keep_is_refused(server: Server, http: HTTPClient) -> None:
    server.keeps_secrets = False
    with pytest.raises(Misconfigured, match="without a secret"):
        register(http, Wanted("Tieline acme", ADDRESS, secret="s3cret"))


def test_version_9_gets_a_token_in_the_path_and_no_secret(server: Server, http: HTTPClient) -> None:
    server.info = {"deploymentType": "Server", "version": "9.12.4"}
    registered = register(http, Wanted("Tieline acme", ADDRESS, ("10001",), token="t0ken"))
    (request,) = [one for one in server.called(OLD) if one.method == "POST"]
    sent = body(request)
    assert sent["url"] == f"{ADDRESS}/t0ken"
    assert "secret" not in sent
    assert sent["filters"] == {"issue-related-events-section": "project in (10001)"}
    assert (registered.is_signed, registered.is_good) == (False, True)


def test_a_webhook_with_another_token_is_set_anew_instead_of_doubled(server: Server, http: HTTPClient) -> None:
    server.info = {"deploymentType": "Server", "versionNumbers": [9, 12, 4]}
    register(http, Wanted("Tieline acme", ADDRESS, token="one"))
    register(http, Wanted("Tieline acme", ADDRESS, token="two"))
    register(http, Wanted("Tieline other", f"{ADDRESS}-other", token="three"))
    assert sorted(hook["url"] for hook in server.hooks) == [f"{ADDRESS}-other/three", f"{ADDRESS}/two"]
    found = found_by_url(http, "/hooks/jira/acme")
    assert found is not None
    assert found.url == f"{ADDRESS}/two"


def test_the_instructions_for_the_hand_name_the_token_instead_of_a_secret() -> None:
    text = "\n".join(instructions(SITE, Wanted("Tieline acme", ADDRESS, token="t0ken")))
    assert f"{ADDRESS}/t0ken" in text
    assert "cannot sign" in text
    assert "Secret:" not in text


def test_neither_secret_nor_token_is_in_the_printed_form() -> None:
    printed = repr(Wanted("Tieline acme", ADDRESS, secret="s3cret", token="t0ken"))
    assert "s3cret" not in printed
    assert "t0ken" not in printed


def test_what_is_refused_for_another_reason_is_told(server: Server, http: HTTPClient) -> None:
    with responses.RequestsMock() as mock:
        mock.post(f"{SITE}{SEARCH}", status=400, json={"errorMessages": ["The value '1' does not exist."]})
        with pytest.raises(Permanent, match="does not exist"):
            client.search_page(http, "project = 1", ["id"])
