"""The platform calls of Jira Cloud (`/rest/api/3`), one function a call; nothing deprecated is called.

Reads by POST may be repeated.
"""

from collections.abc import Iterator, Sequence

from integration.contract import Malformed, Misconfigured, Permanent
from integration.http import HTTPClient
from integration.trackers.jira.answered import (
    Histories,
    Json,
    as_histories,
    as_issues,
    as_object,
    as_objects,
    found,
    held_of,
    number,
    paged,
    portions,
)

ISSUES_A_CALL = 100  # https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/ (bulkfetch)
IDS_A_PAGE = 1000
RECONCILED = 50  # ids in one search


# --- the site ---------------------------------------------------------------------------------


def server_info(http: HTTPClient) -> Json:
    return as_object(http.json("GET", "/rest/api/3/serverInfo"), "serverInfo")


def myself(http: HTTPClient) -> Json:
    """Who we are. Anonymous calls get 401 here, while elsewhere they get 200 with fewer results."""
    account = as_object(http.json("GET", "/rest/api/3/myself"), "myself")
    if not account.get("accountId"):
        raise Misconfigured("anonymous", "Jira treats us as nobody: check e-mail and API token.")
    return account


def my_permissions(http: HTTPClient, names: Sequence[str]) -> dict[str, bool]:
    answer = as_object(
        http.json("GET", "/rest/api/3/mypermissions", [("permissions", ",".join(names))]), "mypermissions"
    )
    return held_of(as_object(answer.get("permissions"), "mypermissions.permissions"), names)


def fields(http: HTTPClient) -> list[Json]:
    return as_objects(http.json("GET", "/rest/api/3/field"), "field")


def statuses(http: HTTPClient) -> list[Json]:
    return as_objects(http.json("GET", "/rest/api/3/status"), "status")


def resolutions(http: HTTPClient) -> list[Json]:
    """None where the site does not offer the list: then the resolutions within the issues must do."""
    try:
        return list(paged(http, "/rest/api/3/resolution/search", [], size=50))
    except Permanent as error:
        if error.reason == "not_found":
            return []
        raise


def link_types(http: HTTPClient) -> list[Json]:
    answer = as_object(http.json("GET", "/rest/api/3/issueLinkType"), "issueLinkType")
    return as_objects(answer.get("issueLinkTypes"), "issueLinkType.issueLinkTypes")


def projects(http: HTTPClient, ids: Sequence[str] = ()) -> Iterator[Json]:
    """The live projects that we may browse; of these only `ids`, if given."""
    for some in portions(ids, 50) if ids else [()]:
        asked = [("id", id_) for id_ in some]
        yield from paged(http, "/rest/api/3/project/search", [("action", "browse"), *asked], size=100)


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
        body["reconcileIssues"] = [int(number(id_)) for id_ in reconcile[:RECONCILED]]
    answer = as_object(http.json("POST", "/rest/api/3/search/jql", body=body, repeatable=True), "search/jql")
    following = answer.get("nextPageToken")
    if following is not None and (not isinstance(following, str) or following == token):
        raise Malformed("search/jql.nextPageToken", "the token of the next page is no text, or that of this page.")
    return as_issues(answer.get("issues"), "search/jql.issues"), following or None


def approximate_count(http: HTTPClient, jql: str) -> int | None:
    path = "/rest/api/3/search/approximate-count"
    count = as_object(http.json("POST", path, body={"jql": jql}, repeatable=True), "approximate-count").get("count")
    return count if isinstance(count, int) else None


def issues(http: HTTPClient, ids: Sequence[str], wanted: Sequence[str]) -> list[Json]:
    """The issues of up to 100 ids or keys. What is missing is deleted, archived or not for us to see."""
    body = {"issueIdsOrKeys": list(ids), "fields": list(wanted)}
    answer = as_object(http.json("POST", "/rest/api/3/issue/bulkfetch", body=body, repeatable=True), "bulkfetch")
    return as_issues(answer.get("issues"), "bulkfetch.issues")


def issues_with_histories(http: HTTPClient, ids: Sequence[str], wanted: Sequence[str]) -> list[tuple[Json, Histories]]:
    """Issues by id or key, each with all its changes."""
    there = [issue for some in portions(ids, ISSUES_A_CALL) for issue in issues(http, some, wanted)]
    changes = histories(http, [str(issue["id"]) for issue in there]) if there else {}
    return [(issue, changes.get(str(issue["id"]), [])) for issue in there]


def histories(http: HTTPClient, ids: Sequence[str]) -> dict[str, Histories]:
    """All changes of up to 1,000 issues, by issue id, oldest first.

    Without `fieldIds`: changes of the parent have no field id and would be left out.
    One issue's histories may be spread over pages.
    """
    by_issue: dict[str, Histories] = {id_: [] for id_ in ids}
    body: Json = {"issueIdsOrKeys": list(ids), "maxResults": 10_000}
    while True:
        path = "/rest/api/3/changelog/bulkfetch"
        answer = as_object(http.json("POST", path, body=body, repeatable=True), "changelog/bulkfetch")
        for log in as_objects(answer.get("issueChangeLogs"), "changelog/bulkfetch.issueChangeLogs"):
            id_, changes = str(log.get("issueId")), as_histories(log.get("changeHistories"))
            known = by_issue.setdefault(id_, [])
            if known is None or changes is None:
                by_issue[id_] = None
            else:
                known.extend(changes)
        token = answer.get("nextPageToken")
        if not token:
            return by_issue
        if token == body.get("nextPageToken"):
            raise Malformed("changelog/bulkfetch.nextPageToken", "the next page is the page itself.")
        body["nextPageToken"] = token


def is_there(http: HTTPClient, issue_id: str) -> bool:
    """Ask for one issue by its id; 404 means deleted, archived or not for us to see."""
    return found(http, f"/rest/api/3/issue/{number(issue_id)}", [("fields", "updated")]) is not None
