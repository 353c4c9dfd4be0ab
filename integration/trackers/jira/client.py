"""The calls of Jira Cloud that we make, one function a call; answers are plain dicts.

Paths and parameters stand only here; nothing deprecated is called. Reads by POST may be repeated, the
registration of a webhook may not.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

import requests

from integration.contract import Connection, Malformed, Misconfigured, Permanent
from integration.http import TIMEOUT, Budget, HTTPClient, Query, prepare_session

Json = dict[str, Any]

ISSUES_A_CALL = 100  # https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/ (bulkfetch)
HISTORIES_A_CALL = 1000  # issues in one changelog/bulkfetch
IDS_A_PAGE = 1000
RECONCILED = 50  # ids in one search
# Under the 100 calls a second that Jira allows for each call of a site:
# https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
CALLS_A_SECOND, BURST = 80.0, 40
GATEWAY = "https://api.atlassian.com/ex/jira/"
WEBHOOKS = "/rest/webhooks/1.0/webhook"


def open_client(connection: Connection) -> HTTPClient:
    """The client of a connection; kept, so that calls share its pool and its budget."""
    return _client(connection.base_url, tuple(sorted(connection.credentials.items())))


@lru_cache(maxsize=64)
def _client(base_url: str, credentials: tuple[tuple[str, str], ...]) -> HTTPClient:
    known = dict(credentials)
    # Tokens with scopes and those of service accounts work through the gateway only.
    address = GATEWAY + known["cloud_id"] if known.get("cloud_id") else base_url
    session = prepare_session(_library_session(address, known))
    return HTTPClient(session, address, budget=Budget(CALLS_A_SECOND, BURST), secrets=(known.get("token", ""),))


def _library_session(address: str, known: Mapping[str, str]) -> requests.Session:
    """The session of the `jira` library with its authentication.

    Its constructor would call the site, its retries repeat POSTs, and its default has no timeout: all three are off.
    """
    from jira import JIRA

    email, token = known.get("email"), known.get("token")
    library = JIRA(
        server=address,
        options={"rest_api_version": "3"},
        basic_auth=(email, token) if email and token else None,
        token_auth=token if token and not email else None,
        get_server_info=False,
        max_retries=0,
        timeout=TIMEOUT,
        logging=False,
    )
    # The library types its session loosely; it is a `requests.Session`.
    return cast(requests.Session, library._session)


# --- the site ---------------------------------------------------------------------------------


def server_info(http: HTTPClient) -> Json:
    return _object(http.json("GET", "/rest/api/3/serverInfo"), "serverInfo")


def myself(http: HTTPClient) -> Json:
    """Who we are. Anonymous calls get 401 here, while elsewhere they get 200 with fewer results."""
    account = _object(http.json("GET", "/rest/api/3/myself"), "myself")
    if not account.get("accountId"):
        raise Misconfigured("anonymous", "Jira treats us as nobody: check e-mail and API token.")
    return account


def my_permissions(http: HTTPClient, names: Sequence[str]) -> dict[str, bool]:
    answer = _object(http.json("GET", "/rest/api/3/mypermissions", [("permissions", ",".join(names))]), "mypermissions")
    held = _object(answer.get("permissions"), "mypermissions.permissions")
    return {name: bool(held.get(name, {}).get("havePermission")) for name in names}


def fields(http: HTTPClient) -> list[Json]:
    return _objects(http.json("GET", "/rest/api/3/field"), "field")


def statuses(http: HTTPClient) -> list[Json]:
    return _objects(http.json("GET", "/rest/api/3/status"), "status")


def resolutions(http: HTTPClient) -> list[Json]:
    """None where the site does not offer the list: then the resolutions within the issues must do."""
    try:
        return list(_values(http, "/rest/api/3/resolution/search", [], size=50))
    except Permanent as error:
        if error.reason == "not_found":
            return []
        raise


def link_types(http: HTTPClient) -> list[Json]:
    answer = _object(http.json("GET", "/rest/api/3/issueLinkType"), "issueLinkType")
    return _objects(answer.get("issueLinkTypes"), "issueLinkType.issueLinkTypes")


def projects(http: HTTPClient, ids: Sequence[str] = ()) -> Iterator[Json]:
    """The live projects that we may browse; of these only `ids`, if given."""
    for some in portions(ids, 50) if ids else [()]:
        asked = [("id", id_) for id_ in some]
        yield from _values(http, "/rest/api/3/project/search", [("action", "browse"), *asked], size=100)


# --- boards and sprints -----------------------------------------------------------------------


def boards(http: HTTPClient, project: str | None = None) -> Iterator[Json]:
    return _values(http, "/rest/agile/1.0/board", [("projectKeyOrId", project)] if project else [], size=50)


def board(http: HTTPClient, board_id: str) -> Json | None:
    return _found(http, f"/rest/agile/1.0/board/{_number(board_id)}")


def board_configuration(http: HTTPClient, board_id: str) -> Json | None:
    return _found(http, f"/rest/agile/1.0/board/{_number(board_id)}/configuration")


def board_sprints(http: HTTPClient, board_id: str, states: str = "") -> Iterator[Json]:
    """The sprints that a board shows, which may belong to others; none for a board without sprints (Jira: 400)."""
    query = [("state", states)] if states else []
    try:
        yield from _values(http, f"/rest/agile/1.0/board/{_number(board_id)}/sprint", query, size=50)
    except Permanent as error:
        if error.reason not in {"refused", "not_found"}:
            raise


def sprint(http: HTTPClient, sprint_id: str) -> Json | None:
    return _found(http, f"/rest/agile/1.0/sprint/{_number(sprint_id)}")


# --- issues -----------------------------------------------------------------------------------


def search_page(
    http: HTTPClient,
    jql: str,
    wanted: Sequence[str],
    *,
    token: str | None = None,
    size: int = IDS_A_PAGE,
    reconcile: Sequence[str] = (),
) -> tuple[list[Json], str | None]:
    """One page of a search, and the token of the next; None on the last.

    `reconcile`: at most 50 ids that are known to have changed just now: the index lags behind.
    https://developer.atlassian.com/cloud/jira/platform/search-and-reconcile
    """
    body: Json = {"jql": jql, "fields": list(wanted), "maxResults": size}
    if token:
        body["nextPageToken"] = token
    if reconcile:
        body["reconcileIssues"] = [int(_number(id_)) for id_ in reconcile[:RECONCILED]]
    answer = _object(http.json("POST", "/rest/api/3/search/jql", body=body, repeatable=True), "search/jql")
    following = answer.get("nextPageToken")
    if following is not None and (not isinstance(following, str) or following == token):
        raise Malformed("search/jql.nextPageToken", "the token of the next page is no text, or that of this page.")
    return _issues(answer.get("issues"), "search/jql.issues"), following or None


def approximate_count(http: HTTPClient, jql: str) -> int | None:
    path = "/rest/api/3/search/approximate-count"
    count = _object(http.json("POST", path, body={"jql": jql}, repeatable=True), "approximate-count").get("count")
    return count if isinstance(count, int) else None


def issues(http: HTTPClient, ids: Sequence[str], wanted: Sequence[str]) -> list[Json]:
    """The issues of up to 100 ids or keys. What is missing is deleted, archived or not for us to see."""
    body = {"issueIdsOrKeys": list(ids), "fields": list(wanted)}
    answer = _object(http.json("POST", "/rest/api/3/issue/bulkfetch", body=body, repeatable=True), "bulkfetch")
    return _issues(answer.get("issues"), "bulkfetch.issues")


def histories(http: HTTPClient, ids: Sequence[str]) -> dict[str, list[Json]]:
    """All changes of up to 1,000 issues, by issue id, oldest first.

    Without `fieldIds`: changes of the parent have no field id and would be left out.
    One issue's histories may be spread over pages.
    """
    found: dict[str, list[Json]] = {id_: [] for id_ in ids}
    body: Json = {"issueIdsOrKeys": list(ids), "maxResults": 10_000}
    while True:
        path = "/rest/api/3/changelog/bulkfetch"
        answer = _object(http.json("POST", path, body=body, repeatable=True), "changelog/bulkfetch")
        for log in _objects(answer.get("issueChangeLogs"), "changelog/bulkfetch.issueChangeLogs"):
            changes = _objects(log.get("changeHistories"), "changelog/bulkfetch.changeHistories")
            found.setdefault(str(log.get("issueId")), []).extend(changes)
        token = answer.get("nextPageToken")
        if not token:
            return found
        if token == body.get("nextPageToken"):
            raise Malformed("changelog/bulkfetch.nextPageToken", "the next page is the page itself.")
        body["nextPageToken"] = token


def is_there(http: HTTPClient, issue_id: str) -> bool:
    """Ask for one issue by its id; 404 means deleted, archived or not for us to see."""
    return _found(http, f"/rest/api/3/issue/{_number(issue_id)}", [("fields", "updated")]) is not None


# --- webhooks ---------------------------------------------------------------------------------
# https://developer.atlassian.com/cloud/jira/platform/webhooks/#registering-a-webhook-using-the-rest-api--other-integrations-


def webhooks(http: HTTPClient) -> list[Json]:
    return _objects(http.json("GET", WEBHOOKS), "webhook")


def create_webhook(http: HTTPClient, body: Json) -> Json:
    return _object(http.json("POST", WEBHOOKS, body=body), "webhook")


def update_webhook(http: HTTPClient, webhook_id: str, body: Json) -> Json:
    return _object(http.json("PUT", f"{WEBHOOKS}/{_number(webhook_id)}", body=body, repeatable=True), "webhook")


# --- shapes -----------------------------------------------------------------------------------


def _values(http: HTTPClient, path: str, query: Query, size: int) -> Iterator[Json]:
    """All pages of an answer that pages by `startAt`."""
    start = 0
    while True:
        asked = [*query, ("startAt", str(start)), ("maxResults", str(size))]
        answer = _object(http.json("GET", path, asked), path)
        values = _objects(answer.get("values"), f"{path}.values")
        yield from values
        start += len(values)
        if not values or answer.get("isLast") is True or _is_all(start, answer.get("total")):
            return


def _is_all(start: int, total: object) -> bool:
    return isinstance(total, int) and start >= total


def _found(http: HTTPClient, path: str, query: Query = ()) -> Json | None:
    try:
        return _object(http.json("GET", path, query), path)
    except Permanent as error:
        if error.reason == "not_found":
            return None
        raise


def _number(id_: str) -> str:
    """Ids stand in paths: only digits may."""
    if not id_.isascii() or not id_.isdecimal():
        raise Malformed("id", f"{id_[:40]!r} is no id of Jira's.")
    return id_


def portions(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _object(answer: Any, path: str) -> Json:
    if not isinstance(answer, dict):
        raise Malformed(path, "Jira answered with something else than an object.")
    return answer


def _issues(answer: Any, path: str) -> list[Json]:
    """Issues with an id; what their fields hold is checked where it is translated."""
    found = _objects(answer, path)
    for issue in found:
        if not str(issue.get("id")).isdecimal():
            raise Malformed(f"{path}.id", "must be a whole number.")
        if not isinstance(issue.get("fields"), dict):
            issue["fields"] = {}  # a search for ids alone answers without
    return found


def _objects(answer: Any, path: str) -> list[Json]:
    if not isinstance(answer, list) or not all(isinstance(one, dict) for one in answer):
        raise Malformed(path, "Jira answered with something else than a list of objects.")
    return answer
