"""A small Jira Cloud site with OKRs for the tests: issues behind JQL, their histories, and goals behind GraphQL."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import responses

from integration.contract import Connection
from integration.trackers.jira import client
from tests.integration.trackers.jira.documents import judge
from tests.integration.trackers.jira.fake_jira import SITE, TODO, connection, issue
from tests.shared_material import SHARED

Json = dict[str, Any]
BASELINE, TARGET, VALUE, TEAM, CYCLE, DUE = (
    "customfield_1",
    "customfield_2",
    "customfield_3",
    "customfield_4",
    "customfield_5",
    "duedate",
)
DONE = {"id": "3", "name": "Closed", "statusCategory": {"id": 3, "key": "done", "name": "Done"}}
FIELDS = [
    {"id": BASELINE, "name": "Baseline", "custom": True, "schema": {"type": "number"}},
    {"id": TARGET, "name": "Target", "custom": True, "schema": {"type": "number"}},
    {"id": VALUE, "name": "Current value", "custom": True, "schema": {"type": "number"}},
    {"id": TEAM, "name": "Owner team", "custom": True, "schema": {"type": "option"}},
    {"id": CYCLE, "name": "Cycle", "custom": True, "schema": {"type": "option"}},
    {"id": DUE, "name": "Due date", "custom": False, "schema": {"type": "date"}},
    {"id": "customfield_9", "name": "Sponsor", "custom": True, "schema": {"type": "user"}},
]
LINK = {"id": "1", "name": "Contributes", "inward": "is contributed to by", "outward": "contributes to"}
REGISTER = """
settings: {unestimated: zero}
teams: [{name: Payments}, {name: Checkout}]
cycles: [{id: 2026Q1, start: 2026-01-01, end: 2026-03-31}]
sources:
  - kind: jira-issues
    connection: acme
    teams: [Payments]
    project: OKR
    key_results: Key Result
    objectives: Objective
    fields: {baseline: Baseline, target: Target, value: Current value, team: Owner team, cycle: Cycle, until: Due date}
"""


@dataclass
class OkrSite:
    issues: dict[str, Json] = field(default_factory=dict)
    histories: dict[str, list[Json]] = field(default_factory=dict)
    goals: list[Json] = field(default_factory=list)
    graphql: list[Json] = field(default_factory=list)  # answers given first, one each
    hidden: set[str] = field(default_factory=set)  # ids that the account may not see
    refusal: tuple[int, Json] | None = None
    asked: list[requests.PreparedRequest] = field(default_factory=list)
    page: int = 50

    def add(self, *issues: Json) -> None:
        self.issues.update({one["id"]: one for one in issues})

    def paths(self) -> list[str]:
        return [urlsplit(request.url or "").path for request in self.asked]

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.asked.append(request)
        path = urlsplit(request.url or "").path
        if self.refusal is not None and path.endswith("search/jql"):
            return self.refusal[0], {}, json.dumps(self.refusal[1])
        known = json.loads(request.body or b"{}")
        return 200, {}, json.dumps(self._told(path, known))

    def _told(self, path: str, known: Json) -> Any:
        seen = [one for one in self.issues.values() if one["id"] not in self.hidden]
        match path.rsplit("/", 2)[-2:]:
            case ["search", "jql"]:
                return {"issues": [{"id": one["id"], "fields": one["fields"]} for one in seen if _matches(one, known)]}
            case ["issue", "bulkfetch"]:
                named = known["issueIdsOrKeys"]
                return {"issues": [one for one in seen if one["id"] in named or one["key"] in named]}
            case ["changelog", "bulkfetch"]:
                ids = known["issueIdsOrKeys"]
                return {"issueChangeLogs": [{"issueId": i, "changeHistories": self.histories.get(i, [])} for i in ids]}
            case ["3", "field"]:
                return FIELDS
            case ["3", "status"]:
                return [TODO, DONE]
            case ["3", "issueLinkType"]:
                return {"issueLinkTypes": [LINK]}
            case ["resolution", "search"]:
                return {"values": [{"id": "7", "name": "Won't Do"}], "isLast": True}
            case ["_edge", "tenant_info"]:
                return {"cloudId": "cloud-1"}
            case ["api", "graphql"]:
                return self.graphql.pop(0) if self.graphql else self._goals(known["variables"])
        raise AssertionError(path)

    def _goals(self, variables: Json) -> Json:
        if "key" in variables:
            goal = next(one for one in self.goals if one["key"] == variables["key"])
            return {"data": {"goals_byKey": {"key": goal["key"], "workItems": goal["more"].pop(0)}}}
        start = int(variables["after"] or "0")
        size = min(self.page, variables["first"])
        nodes = [{"node": goal} for goal in self.goals[start : start + size]]
        more = start + size < len(self.goals)
        info = {"hasNextPage": more, "endCursor": str(start + size) if more else None}
        return {"data": {"goals_search": {"edges": nodes, "pageInfo": info}}}


@contextmanager
def okr_site() -> Iterator[OkrSite]:
    """A site that answers; what is asked of its REST interface is held against Atlassian's documents."""
    client._client.cache_clear()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        site = OkrSite()
        for method in ("GET", "POST"):
            mock.add_callback(method, re.compile(re.escape(SITE) + "/.*"), site.answer)
        yield site
        if SHARED is not None:
            for request in site.asked:
                if "/rest/" in (request.url or ""):
                    judge(request, SHARED / "specs")


def acme() -> Connection:
    return connection()


def objective(number: int, **fields: Any) -> Json:
    kind = {"id": "20", "name": "Objective", "hierarchyLevel": 1, "subtask": False}
    return issue(number, "10009", "OKR", issuetype=kind, **fields)


def key_result(number: int, parent: int | None, **fields: Any) -> Json:
    kind = {"id": "21", "name": "Key Result", "hierarchyLevel": 0, "subtask": False}
    above = {} if parent is None else {"parent": {"id": str(20000 + parent), "key": f"OKR-{parent}"}}
    return issue(number, "10009", "OKR", issuetype=kind, **above, **fields)


def goal(number: int, parent: int | None = None, **more: Any) -> Json:
    return {
        "id": f"ari:cloud:townsquare:cloud-1:goal/{number}",
        "key": f"ACME-{number}",
        "name": f"Goal {number}",
        "isArchived": False,
        "creationDate": "2026-01-02T08:00:00.000Z",
        "startDate": None,
        "targetDate": {"label": "Q1", "dateRange": {"start": "2026-01-01", "end": "2026-03-31"}},
        "status": {"value": "on_track"},
        "parentGoal": None if parent is None else {"key": f"ACME-{parent}"},
        "goalType": {"name": {"__typename": "TownsquareLocalizationField", "defaultValue": "Goal"}},
        "teams": {"edges": [{"node": {"displayName": "Payments"}}]},
        "metricTargets": {"edges": []},
        "workItems": work_items(),
        **more,
    }


def work_items(*ids: int, after: str | None = None) -> Json:
    edges = [{"node": {"__typename": "JiraIssue", "issueId": str(id_), "key": f"PAY-{id_}"}} for id_ in ids]
    return {"edges": edges, "pageInfo": {"hasNextPage": after is not None, "endCursor": after}}


def metric(start: float, target: float, value: float, at: str) -> Json:
    latest = {"value": value, "time": at}
    node = {"startValue": start, "targetValue": target, "metric": {"name": "Activation", "type": "PERCENTAGE"}}
    node["metric"] |= {"archived": False, "latestValue": latest}  # type: ignore[operator]  # a dict of dicts
    return {"edges": [{"node": node}]}


def changed(id_: int, at: str, field_id: str, name: str, before: str, after: str) -> Json:
    change = {"field": name, "fieldId": field_id, "fromString": before, "toString": after}
    return {"id": str(id_), "created": at, "items": [change]}


def _matches(one: Json, known: Json) -> bool:
    types = re.findall(r'"([^"]*)"', known["jql"].partition("issuetype in (")[2].partition(")")[0])
    project = re.search(r'project = "([^"]*)"', known["jql"])
    fields = one["fields"]
    right = project is None or fields["project"]["key"] == project.group(1)
    return right and (not types or fields["issuetype"]["name"] in types)
