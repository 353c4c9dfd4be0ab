"""A small Jira Cloud for the tests of our client: a few dicts behind `responses`, paging by token, faults on demand."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
import responses

from integration.contract import Connection
from integration.trackers.jira import client
from integration.trackers.jira.chosen import Chosen, ChosenBoard, Project
from integration.trackers.jira.fields import FieldMapping, FieldRef
from tests.integration.trackers.jira.documents import judge
from tests.shared_material import SHARED

SITE = "https://acme.atlassian.net"
CLOUD_ID = "35273b54-3f06-40d2-880f-dd28cf8daafa"
GATEWAY = f"https://api.atlassian.com/ex/jira/{CLOUD_ID}"
SPRINT_FIELD, POINTS_FIELD, KR_FIELD = "customfield_10104", "customfield_10026", "customfield_10301"
FIELDS = FieldMapping(
    sprint_field=FieldRef(SPRINT_FIELD, ("Sprint",)),
    points_fields=(FieldRef(POINTS_FIELD, ("Story Points",), "number"),),
    kr_fields=(FieldRef(KR_FIELD, ("Key Result",), "option"),),
)
_TYPES = ("Story", "Task", "Test case")
TODO = {"id": "1", "name": "To Do", "statusCategory": {"id": 2, "key": "new", "name": "To Do"}}

Json = dict[str, Any]
Answer = tuple[int, Mapping[str, str], str]
Handler = Callable[[requests.PreparedRequest], Answer]


def connection(**credentials: str) -> Connection:
    chosen = Chosen(
        projects=(Project("10001", "PAY", "Payments"), Project("10002", "WEB", "Web shop")),
        boards=(ChosenBoard("7", "Payments board", team="Payments"),),
        fields=FIELDS,
    )
    known = credentials or {"email": "me@example.org", "token": "sesame"}
    return Connection("acme", "jira", SITE, known, chosen.to_json())


def issue(number: int, project: Any = "10001", key: Any = "PAY", **fields: Any) -> Json:
    values = {
        "summary": f"Item {number}",
        "issuetype": {"id": "10", "name": "Story", "hierarchyLevel": 0, "subtask": False},
        "project": {"id": project, "key": key},
        "status": TODO,
        "created": "2026-01-05T09:00:00.000+0000",
        "updated": "2026-02-01T10:00:00.000+0000",
        "labels": [],
        "components": [],
        **fields,
    }
    return {"id": str(20000 + number), "key": f"{key}-{number}", "fields": values}


def sprint(number: int, state: str = "active", board: int = 7, **more: Any) -> Json:
    dates = {"startDate": "2026-01-12T09:00:00.000Z", "endDate": "2026-01-26T09:00:00.000Z"}
    closed = {"completeDate": "2026-01-26T10:00:00.000Z"} if state == "closed" else {}
    known = {} if state == "future" else {**dates, **closed}
    return {"id": number, "name": f"Sprint {number}", "state": state, "originBoardId": board, **known, **more}


@dataclass
class FakeJira:
    """What the site holds; `asked` are those it got, `faults` are answered first, one each, by path."""

    http: responses.RequestsMock
    issues: dict[str, Json] = field(default_factory=dict)
    histories: dict[str, list[Json]] = field(default_factory=dict)
    boards: dict[str, Json] = field(default_factory=lambda: {"7": {"id": 7, "name": "Payments board", "type": "scrum"}})
    sprints: dict[str, Json] = field(default_factory=dict)
    projects: list[Json] = field(
        default_factory=lambda: [
            {"id": "10001", "key": "PAY", "name": "Payments"},
            {"id": "10002", "key": "WEB", "name": "Web shop"},
        ]
    )
    fields: list[Json] = field(default_factory=list)
    statuses: list[Json] = field(default_factory=lambda: [TODO])
    resolutions: list[Json] = field(default_factory=lambda: [{"id": "5", "name": "Done"}])
    types: list[Json] = field(default_factory=lambda: [{"id": name, "name": name} for name in _TYPES])
    link_types: list[Json] = field(default_factory=list)
    webhooks: list[Json] = field(default_factory=list)
    apps_webhooks: list[Json] = field(default_factory=list)
    refuses_apps_webhook: str = ""
    permissions: set[str] = field(default_factory=lambda: {"BROWSE_PROJECTS", "ADMINISTER"})
    page: int = 1000
    history_page: int = 1000
    asked: list[requests.PreparedRequest] = field(default_factory=list)
    faults: dict[str, list[Answer]] = field(default_factory=dict)

    def add(self, *issues: Json) -> None:
        self.issues.update({one["id"]: one for one in issues})

    def fail(self, path: str, status: int, body: object = None, **headers: str) -> None:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.faults.setdefault(path, []).append((status, names, json.dumps(body or {"errorMessages": ["no"]})))

    def called(self, path: str) -> list[requests.PreparedRequest]:
        return [request for request in self.asked if urlsplit(request.url or "").path == path]

    def start(self) -> None:
        client._client.cache_clear()
        for method in ("GET", "POST", "PUT", "DELETE"):
            self.http.add_callback(method, re.compile(re.escape(SITE) + "/.*"), self._answer)
            self.http.add_callback(method, re.compile(re.escape(GATEWAY) + "/.*"), self._through_gateway)

    def _through_gateway(self, request: requests.PreparedRequest) -> Answer:
        """The same site, for tokens with scopes and those of OAuth."""
        there = request.copy()
        there.url = (request.url or "").replace(GATEWAY, SITE)
        return self._answer(there)

    def _answer(self, request: requests.PreparedRequest) -> Answer:
        self.asked.append(request)
        path = urlsplit(request.url or "").path
        if self.faults.get(path):
            return self.faults[path].pop(0)
        for pattern, handler in _ROUTES:
            match = re.fullmatch(pattern, f"{request.method} {path}")
            if match:
                answer = handler(self, request, *match.groups())
                if answer is None:
                    return (
                        404,
                        {},
                        json.dumps({"errorMessages": ["Issue does not exist or you do not have permission."]}),
                    )
                return 200, {}, json.dumps(answer)
        return 404, {}, json.dumps({"errorMessages": [f"no route for {request.method} {path}"]})


@contextmanager
def running_jira() -> Iterator[FakeJira]:
    """A site that answers; whatever is asked of it is held against Atlassian's documents, where these lie beside."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        fake = FakeJira(mock)
        fake.start()
        yield fake
        if SHARED is not None:
            for request in fake.asked:
                if "/_edge/" in (request.url or ""):  # of the site itself, which no document describes
                    continue
                judge(request, SHARED / "specs")


def body(request: requests.PreparedRequest) -> Json:
    answer = json.loads(request.body or b"{}")
    assert isinstance(answer, dict)
    return answer


def _query(request: requests.PreparedRequest) -> dict[str, list[str]]:
    return parse_qs(urlsplit(request.url or "").query)


def _search(fake: FakeJira, request: requests.PreparedRequest) -> Json:
    asked = body(request)
    found = [one for one in fake.issues.values() if _matches(one, asked["jql"])]
    start = int(asked.get("nextPageToken", "0"))
    size = min(asked["maxResults"], fake.page)
    answer: Json = {"issues": [_some(one, asked["fields"]) for one in found[start : start + size]]}
    if start + size < len(found):
        answer["nextPageToken"] = str(start + size)
    return answer


def _matches(one: Json, jql: str) -> bool:
    projects = re.search(r"project (?:= (\d+)|in \(([\d, ]+)\))", jql)
    wanted = (projects.group(1) or projects.group(2)).split(", ") if projects else []
    sprints = re.search(r"sprint = (\d+)", jql)
    named = [str(raw["id"]) for raw in one["fields"].get(SPRINT_FIELD) or []]
    return one["fields"]["project"]["id"] in wanted and (sprints is None or sprints.group(1) in named)


def _some(one: Json, wanted: list[str]) -> Json:
    return {**one, "fields": {name: value for name, value in one["fields"].items() if name in wanted}}


def _bulk(fake: FakeJira, request: requests.PreparedRequest) -> Json:
    asked = body(request)
    ids = asked["issueIdsOrKeys"]
    assert len(ids) <= 100
    found = [one for one in fake.issues.values() if one["id"] in ids or one["key"] in ids]
    return {"issues": [_some(one, asked["fields"]) for one in found], "issueErrors": []}


def _histories(fake: FakeJira, request: requests.PreparedRequest) -> Json:
    asked = body(request)
    lines = [(id_, history) for id_ in asked["issueIdsOrKeys"] for history in fake.histories.get(id_, [])]
    start = int(asked.get("nextPageToken", "0"))
    end = start + min(asked["maxResults"], fake.history_page)
    logs = [{"issueId": id_, "changeHistories": [history]} for id_, history in lines[start:end]]
    return {"issueChangeLogs": logs, **({"nextPageToken": str(end)} if end < len(lines) else {})}


def _page(fake: FakeJira, request: requests.PreparedRequest, values: list[Json]) -> Json:
    start, size = (int(_query(request)[name][0]) for name in ("startAt", "maxResults"))
    return {"values": values[start : start + size], "startAt": start, "isLast": start + size >= len(values)}


def _sprints(fake: FakeJira, request: requests.PreparedRequest, board: str) -> Json:
    states = _query(request).get("state", ["future,active,closed"])[0].split(",")
    return _page(fake, request, [one for one in fake.sprints.values() if one["state"] in states])


def _projects(fake: FakeJira, request: requests.PreparedRequest) -> Json:
    ids = _query(request).get("id")
    return _page(fake, request, [one for one in fake.projects if ids is None or one["id"] in ids])


def _permissions(fake: FakeJira, request: requests.PreparedRequest) -> Json:
    names = _query(request)["permissions"][0].split(",")
    return {"permissions": {name: {"key": name, "havePermission": name in fake.permissions} for name in names}}


def _register(fake: FakeJira, request: requests.PreparedRequest, id_: str | None = None) -> Json:
    asked = body(request)
    number = id_ or str(len(fake.webhooks) + 1)
    hook = {key: value for key, value in asked.items() if key != "secret"}
    hook |= {
        "self": f"{SITE}/rest/webhooks/1.0/webhook/{number}",
        "isSigned": bool(asked.get("secret")),
        "enabled": True,
    }
    fake.webhooks = [one for one in fake.webhooks if one["self"] != hook["self"]] + [hook]
    return hook


def _register_for_app(fake: FakeJira, request: requests.PreparedRequest) -> Json:
    if fake.refuses_apps_webhook:
        return {"webhookRegistrationResult": [{"errors": [fake.refuses_apps_webhook]}]}
    asked = body(request)
    number = 1000 + len(fake.apps_webhooks)
    fake.apps_webhooks += [{**asked["webhooks"][0], "id": number, "url": asked["url"], "expirationDate": EXPIRES}]
    return {"webhookRegistrationResult": [{"createdWebhookId": number}]}


def _forget_for_app(fake: FakeJira, request: requests.PreparedRequest) -> Json:
    gone = body(request)["webhookIds"]
    fake.apps_webhooks = [one for one in fake.apps_webhooks if one["id"] not in gone]
    return {}


def _renew_for_app(fake: FakeJira, request: requests.PreparedRequest) -> Json:
    for hook in fake.apps_webhooks:
        hook["expirationDate"] = EXPIRES + 30 * 86_400_000
    return {"expirationDate": EXPIRES + 30 * 86_400_000}


def _configuration(fake: FakeJira, request: requests.PreparedRequest, board: str) -> Json:
    return {"id": int(board), "estimation": {"type": "field", "field": {"fieldId": POINTS_FIELD, "displayName": "SP"}}}


EXPIRES = 1_772_614_800_000  # 2026-03-04 09:00 UTC
_INFO: Json = {"baseUrl": SITE, "deploymentType": "Cloud", "version": "1001.0.0", "serverTitle": "Acme"}
_INFO |= {"serverTime": "2026-02-02T12:00:05.000+0000"}
_ME: Json = {"accountId": "5b10", "displayName": "Robot", "timeZone": "Europe/Berlin", "active": True}
_ROUTES: tuple[tuple[str, Callable[..., object]], ...] = (
    ("GET /rest/api/3/serverInfo", lambda fake, request: _INFO),
    ("GET /rest/api/3/myself", lambda fake, request: _ME),
    ("GET /rest/api/3/mypermissions", _permissions),
    ("GET /rest/api/3/issuetype", lambda fake, request: fake.types),
    ("GET /rest/api/3/webhook", lambda fake, request: _page(fake, request, fake.apps_webhooks)),
    ("POST /rest/api/3/webhook", _register_for_app),
    ("DELETE /rest/api/3/webhook", _forget_for_app),
    ("PUT /rest/api/3/webhook/refresh", _renew_for_app),
    (r"PUT /rest/api/3/issue/(\d+)/properties/tieline.proof", lambda fake, request, id_: {}),
    (r"DELETE /rest/api/3/issue/(\d+)/properties/tieline.proof", lambda fake, request, id_: {}),
    ("GET /rest/api/3/field", lambda fake, request: fake.fields),
    ("GET /rest/api/3/status", lambda fake, request: fake.statuses),
    ("GET /rest/api/3/resolution/search", lambda fake, request: _page(fake, request, fake.resolutions)),
    ("GET /rest/api/3/issueLinkType", lambda fake, request: {"issueLinkTypes": fake.link_types}),
    ("GET /rest/api/3/project/search", _projects),
    ("POST /rest/api/3/search/jql", _search),
    (
        "POST /rest/api/3/search/approximate-count",
        lambda fake, request: {"count": sum(_matches(one, body(request)["jql"]) for one in fake.issues.values())},
    ),
    ("POST /rest/api/3/issue/bulkfetch", _bulk),
    ("POST /rest/api/3/changelog/bulkfetch", _histories),
    (r"GET /rest/api/3/issue/(\d+)", lambda fake, request, id_: fake.issues.get(id_)),
    ("GET /rest/agile/1.0/board", lambda fake, request: _page(fake, request, list(fake.boards.values()))),
    (r"GET /rest/agile/1.0/board/(\d+)", lambda fake, request, id_: fake.boards.get(id_)),
    (r"GET /rest/agile/1.0/board/(\d+)/configuration", _configuration),
    (r"GET /rest/agile/1.0/board/(\d+)/sprint", _sprints),
    (r"GET /rest/agile/1.0/sprint/(\d+)", lambda fake, request, id_: fake.sprints.get(id_)),
    ("GET /rest/webhooks/1.0/webhook", lambda fake, request: fake.webhooks),
    ("POST /rest/webhooks/1.0/webhook", _register),
    (r"PUT /rest/webhooks/1.0/webhook/(\d+)", _register),
)
