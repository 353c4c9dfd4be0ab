"""A small Jira that can be written to, Cloud or Data Center, behind `responses`; every request is held against
Atlassian's document of its edition, where these lie beside."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
import responses

from integration.contract import Connection
from integration.trackers.jira import client, write
from integration.trackers.jira.chosen import Chosen, Project
from integration.trackers.jira.fields import FieldMapping
from tests.integration.trackers.jira.documents import DATA_CENTER, judge
from tests.shared_material import SHARED

SITE = "https://acme.example"
TYPES = "com.atlassian.jira.plugin.system.customfieldtypes"
Json = dict[str, Any]
Answer = tuple[int, Mapping[str, str], str]


def connection(mapping: FieldMapping, *, is_cloud: bool = True) -> Connection:
    cloud = {"email": "me@example.org", "token": "sesame"}
    center = {"token": "sesame", "edition": "data_center"}
    chosen = Chosen(projects=(Project("10001", "PAY", "Payments"),), fields=mapping)
    return Connection("acme", "jira", SITE, cloud if is_cloud else center, chosen.to_json())


def meta(custom: str, *, options: Any = None, operations: tuple[str, ...] = ("set",)) -> Json:
    """A field of a screen as `editmeta` tells it."""
    told: Json = {
        "key": "x",
        "name": "Key Result",
        "required": False,
        "operations": list(operations),
        "schema": {"type": "any", "custom": f"{TYPES}:{custom}", "customId": 1},
    }
    return told if options is None else {**told, "allowedValues": options}


def option(number: int, text: str, **more: Any) -> Json:
    return {"self": f"{SITE}/option/{number}", "id": str(number), "value": text, **more}


@dataclass
class WritableJira:
    """What it holds; `faults` are answered first, one each, by method and path. A fault that is an error is raised
    after the call took effect, as when an answer is lost."""

    http: responses.RequestsMock
    version: int = 3
    issues: dict[str, Json] = field(default_factory=dict)
    screen: dict[str, Json] = field(default_factory=dict)
    properties: dict[tuple[str, str], Any] = field(default_factory=dict)
    comments: dict[str, list[Json]] = field(default_factory=dict)
    link_types: list[Json] = field(default_factory=list)
    permissions: set[str] = field(default_factory=lambda: {"EDIT_ISSUES", "LINK_ISSUES", "ADD_COMMENTS"})
    asked: list[requests.PreparedRequest] = field(default_factory=list)
    faults: dict[str, list[Answer | Exception]] = field(default_factory=dict)

    def add(self, number: int, **fields: Any) -> str:
        values = {
            "project": {"id": "10001", "key": "PAY"},
            "issuetype": {"id": "10", "name": "Epic"},
            "labels": [],
            "updated": "2026-02-01T10:00:00.000+0000",
            **fields,
        }
        self.issues[str(number)] = {"id": str(number), "key": f"PAY-{number}", "fields": values}
        return str(number)

    def value(self, issue: str, name: str) -> Any:
        return self.issues[issue]["fields"].get(name)

    def fail(self, call: str, status: int, body: object = None, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.faults.setdefault(call, []).append((status, named, json.dumps(body or {"errorMessages": ["no"]})))

    def lose_answer(self, call: str) -> None:
        self.faults.setdefault(call, []).append(requests.ReadTimeout("too late"))

    def wrote(self) -> list[tuple[str, str, Any]]:
        """Method, path with query, and body of all that changed something."""
        found = []
        for request in self.asked:
            parts = urlsplit(request.url or "")
            if request.method in {"PUT", "DELETE"} or parts.path.endswith(("/comment", "/issueLink")):
                path = parts.path + (f"?{parts.query}" if parts.query else "")
                if request.method != "GET":
                    found.append((str(request.method), path, json.loads(request.body) if request.body else None))
        return found

    # --- answering

    def start(self) -> None:
        client._client.cache_clear()
        write._quiet_scopes.cache_clear()
        for method in ("GET", "POST", "PUT", "DELETE"):
            self.http.add_callback(method, re.compile(re.escape(SITE) + "/.*"), self._answer)

    def _answer(self, request: requests.PreparedRequest) -> Answer | Exception:
        self.asked.append(request)
        call = f"{request.method} {urlsplit(request.url or '').path}"
        waiting = self.faults.get(call)
        if waiting and not isinstance(waiting[0], Exception):
            return waiting.pop(0)
        answer = self._done(request, call.removeprefix(f"{request.method} /rest/api/{self.version}/"))
        return waiting.pop(0) if waiting else answer

    def _done(self, request: requests.PreparedRequest, path: str) -> Answer:
        for pattern, handler in _ROUTES:
            match = re.fullmatch(pattern, f"{request.method} {path}")
            if match:
                found = getattr(self, handler)(request, *match.groups())
                return found if isinstance(found, tuple) else _said(200, found)
        return _said(404, {"errorMessages": ["There is no such thing."]})

    def _bulk(self, request: requests.PreparedRequest) -> Json:
        asked = _body(request)
        found = [self.issues[id_] for id_ in asked["issueIdsOrKeys"] if id_ in self.issues]
        return {"issues": [_some(issue, asked["fields"]) for issue in found], "issueErrors": []}

    def _search(self, request: requests.PreparedRequest) -> Answer:
        ids = re.findall(r"\d+", _body(request)["jql"].partition(")")[0])
        if any(id_ not in self.issues for id_ in ids):
            return _said(400, {"errorMessages": ["An issue with that id does not exist."]})
        found = [_some(self.issues[id_], _body(request)["fields"]) for id_ in ids]
        return _said(200, {"issues": found, "total": len(found), "startAt": 0, "maxResults": 100})

    def _one(self, request: requests.PreparedRequest, id_: str) -> Answer:
        wanted = parse_qs(urlsplit(request.url or "").query)["fields"][0].split(",")
        return _said(200, _some(self.issues[id_], wanted)) if id_ in self.issues else _said(404, {})

    def _meta(self, request: requests.PreparedRequest, id_: str) -> Json:
        return {"fields": self.screen}

    def _held(self, request: requests.PreparedRequest) -> Json:
        asked = parse_qs(urlsplit(request.url or "").query).get("permissions")
        names = asked[0].split(",") if asked else sorted(self.permissions)
        return {"permissions": {name: {"key": name, "havePermission": name in self.permissions} for name in names}}

    def _edit(self, request: requests.PreparedRequest, id_: str) -> Answer:
        values = self.issues[id_]["fields"]
        for name, operations in _body(request)["update"].items():
            for operation in operations:
                [(verb, value)] = operation.items()
                if verb == "set":
                    values[name] = value
                elif verb == "add":
                    values[name] = [*values[name], value]
                else:
                    values[name] = [one for one in values[name] if one != value]
        return 204, {}, ""

    def _property(self, request: requests.PreparedRequest, id_: str, key: str) -> Answer:
        place = (id_, key)
        if request.method == "PUT":
            self.properties[place] = json.loads(request.body or b"")
            return 201, {}, ""
        if place not in self.properties:
            return _said(404, {"errorMessages": ["The property does not exist."]})
        if request.method == "DELETE":
            del self.properties[place]
            return 204, {}, ""
        return _said(200, {"key": key, "value": self.properties[place]})

    def _comment(self, request: requests.PreparedRequest, id_: str) -> Answer:
        known = self.comments.setdefault(id_, [])
        if request.method == "GET":
            return _said(200, {"comments": list(reversed(known)), "total": len(known), "startAt": 0})
        known.append({"id": str(900 + len(known)), "body": _body(request)["body"]})
        return _said(201, known[-1])

    def _one_comment(self, request: requests.PreparedRequest, id_: str, comment: str) -> Answer:
        found = next((one for one in self.comments.get(id_, []) if one["id"] == comment), None)
        if found is None:
            return _said(404, {"errorMessages": ["Can not find a comment."]})
        if request.method == "DELETE":
            self.comments[id_].remove(found)
            return 204, {}, ""
        return _said(200, found)

    def _types(self, request: requests.PreparedRequest) -> Json:
        return {"issueLinkTypes": self.link_types}

    def _link(self, request: requests.PreparedRequest) -> Answer:
        asked = _body(request)
        type_ = next(known for known in self.link_types if known["name"] == asked["type"]["name"])
        pairs = (("inwardIssue", "outwardIssue"), ("outwardIssue", "inwardIssue"))
        for mine, theirs in pairs:
            for issue in self.issues.values():
                if issue["key"] == asked[mine]["key"]:
                    links = issue["fields"].setdefault("issuelinks", [])
                    links.append({"id": "7001", "type": type_, theirs: {"id": "1", "key": asked[theirs]["key"]}})
        return 201, {}, ""

    def _unlink(self, request: requests.PreparedRequest, link: str) -> Answer:
        for issue in self.issues.values():
            links = issue["fields"].get("issuelinks", [])
            issue["fields"]["issuelinks"] = [one for one in links if one["id"] != link]
        return 204, {}, ""


_ROUTES = (
    ("POST issue/bulkfetch", "_bulk"),
    ("POST search", "_search"),
    (r"GET issue/(\d+)", "_one"),
    (r"GET issue/(\d+)/editmeta", "_meta"),
    ("GET mypermissions", "_held"),
    (r"PUT issue/(\d+)", "_edit"),
    (r"(?:GET|PUT|DELETE) issue/(\d+)/properties/([^/]+)", "_property"),
    (r"(?:GET|POST) issue/(\d+)/comment", "_comment"),
    (r"(?:GET|DELETE) issue/(\d+)/comment/(\d+)", "_one_comment"),
    ("GET issueLinkType", "_types"),
    ("POST issueLink", "_link"),
    (r"DELETE issueLink/(\d+)", "_unlink"),
)


@contextmanager
def running_jira(*, is_cloud: bool = True) -> Iterator[WritableJira]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        fake = WritableJira(mock, version=3 if is_cloud else 2)
        fake.start()
        yield fake
        if SHARED is not None:
            for request in fake.asked:
                if is_cloud:
                    judge(request, SHARED / "specs")
                else:
                    judge(request, SHARED / "specs", DATA_CENTER)


def _said(status: int, body: object) -> Answer:
    return status, {}, json.dumps(body)


def _body(request: requests.PreparedRequest) -> Json:
    answer = json.loads(request.body or b"{}")
    assert isinstance(answer, dict)
    return answer


def _some(issue: Json, wanted: list[str]) -> Json:
    return {**issue, "fields": {name: value for name, value in issue["fields"].items() if name in wanted}}
