"""The platform calls of Jira Data Center (`/rest/api/2`), one function a call, for 9.12, 10.3 and 11.

Of the accounts that it names nothing is read. https://developer.atlassian.com/server/jira/platform/rest/
"""

import logging
import re
from collections.abc import Iterator, Sequence

from integration.contract import Misconfigured, Permanent
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
    is_all,
    number,
    portions,
)

log = logging.getLogger(__name__)

ISSUES_A_CALL = 100
IDS_A_PAGE = 1000  # the site may give less: its property `jira.search.views.default.max`
# A search reads the index, which on some nodes lags behind; so few issues cost hardly more when they are asked for
# themselves.
FEW = 5
# Pages are counted from the first issue on: one that is deleted meanwhile moves all others up.
REPEATED = 20
_ID = re.compile(r"\d{1,20}", re.ASCII)
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*-\d{1,20}", re.ASCII)


# --- the site ---------------------------------------------------------------------------------


def server_info(http: HTTPClient) -> Json:
    return as_object(http.json("GET", "/rest/api/2/serverInfo"), "serverInfo")


def myself(http: HTTPClient) -> Json:
    """Who we are. Without a valid token this is 401, while much else answers a stranger, too."""
    account = as_object(http.json("GET", "/rest/api/2/myself"), "myself")
    if not account.get("displayName"):
        raise Misconfigured("anonymous", "Jira treats us as nobody: check the personal access token.")
    return account


def my_permissions(http: HTTPClient, names: Sequence[str]) -> dict[str, bool]:
    """It tells all of them, unasked."""
    answer = as_object(http.json("GET", "/rest/api/2/mypermissions"), "mypermissions")
    return held_of(as_object(answer.get("permissions"), "mypermissions.permissions"), names)


def fields(http: HTTPClient) -> list[Json]:
    return as_objects(http.json("GET", "/rest/api/2/field"), "field")


def statuses(http: HTTPClient) -> list[Json]:
    return as_objects(http.json("GET", "/rest/api/2/status"), "status")


def resolutions(http: HTTPClient) -> list[Json]:
    return as_objects(http.json("GET", "/rest/api/2/resolution"), "resolution")


def link_types(http: HTTPClient) -> list[Json]:
    answer = as_object(http.json("GET", "/rest/api/2/issueLinkType"), "issueLinkType")
    return as_objects(answer.get("issueLinkTypes"), "issueLinkType.issueLinkTypes")


def projects(http: HTTPClient, ids: Sequence[str] = ()) -> Iterator[Json]:
    """One list of all that we may browse; archived ones are left out of it."""
    for raw in as_objects(http.json("GET", "/rest/api/2/project"), "project"):
        if raw.get("archived") is not True and (not ids or str(raw.get("id")) in ids):
            yield raw


# --- issues -----------------------------------------------------------------------------------


def search_page(
    http: HTTPClient,
    jql: str,
    wanted: Sequence[str],
    *,
    token: str | None = None,
    size: int = IDS_A_PAGE,
    reconcile: Sequence[str] = (),  # noqa: ARG001 - for the other edition, whose index can be told
) -> tuple[list[Json], str | None]:
    """One page of a search, and from where the next begins, as text; None on the last.

    The next page begins with the end of this one, lest an issue be passed over.
    """
    start = int(token or 0)
    answer = _search(http, {"jql": jql, "fields": list(wanted), "startAt": start, "maxResults": size})
    issues, total = as_issues(answer.get("issues"), "search.issues"), answer.get("total")
    end = start + len(issues)
    if not issues or (isinstance(total, int) and end >= total):
        return issues, None
    return issues, str(end - min(REPEATED, len(issues) // 2))


def _search(http: HTTPClient, body: Json) -> Json:
    return as_object(http.json("POST", "/rest/api/2/search", body=body, repeatable=True), "search")


def approximate_count(http: HTTPClient, jql: str) -> int | None:
    total = _search(http, {"jql": jql, "fields": ["id"], "maxResults": 0}).get("total")
    return total if isinstance(total, int) else None


def issues(http: HTTPClient, ids: Sequence[str], wanted: Sequence[str]) -> list[Json]:
    return [issue for some in portions(ids, ISSUES_A_CALL) for issue in _asked(http, some, wanted, ())]


def issues_with_histories(http: HTTPClient, ids: Sequence[str], wanted: Sequence[str]) -> list[tuple[Json, Histories]]:
    there = [issue for some in portions(ids, ISSUES_A_CALL) for issue in _asked(http, some, wanted, ("changelog",))]
    return [(issue, _histories(http, issue)) for issue in there]


def is_there(http: HTTPClient, issue_id: str) -> bool:
    return found(http, f"/rest/api/2/issue/{number(issue_id)}", [("fields", "updated")]) is not None


def _asked(http: HTTPClient, ids: Sequence[str], wanted: Sequence[str], expand: Sequence[str]) -> list[Json]:
    """Issues by id or key. One id that is gone makes Data Center refuse the whole search: then each half is asked for
    alone, and at last each issue."""
    names = [id_ for id_ in ids if _ID.fullmatch(id_) or _KEY.fullmatch(id_)]
    if len(names) <= FEW:
        singly = (_single(http, name, wanted, expand) for name in names)
        return [issue for issue in singly if issue is not None]
    try:
        return _together(http, names, wanted, expand)
    except Permanent as error:
        if error.reason != "refused":
            raise
    middle = len(names) // 2
    return [*_asked(http, names[:middle], wanted, expand), *_asked(http, names[middle:], wanted, expand)]


def _together(http: HTTPClient, names: Sequence[str], wanted: Sequence[str], expand: Sequence[str]) -> list[Json]:
    listed = ", ".join(name if _ID.fullmatch(name) else f'"{name}"' for name in names)
    body: Json = {"jql": f"id in ({listed}) ORDER BY created ASC, id ASC", "fields": list(wanted)}
    body |= {"startAt": 0, "maxResults": len(names), "expand": list(expand)}
    there: dict[str, Json] = {}
    while True:
        answer = _search(http, body)
        some = as_issues(answer.get("issues"), "search.issues")
        there.update({str(issue["id"]): issue for issue in some})
        body["startAt"] += len(some)
        if not some or body["startAt"] >= len(names) or is_all(body["startAt"], answer.get("total")):
            return list(there.values())


def _single(http: HTTPClient, name: str, wanted: Sequence[str], expand: Sequence[str]) -> Json | None:
    query = [("fields", ",".join(wanted)), *(("expand", one) for one in expand)]
    issue = found(http, f"/rest/api/2/issue/{name}", query)
    return as_issues([issue], "issue")[0] if issue is not None else None


def _histories(http: HTTPClient, issue: Json) -> Histories:
    """All changes of an issue; where a search cut them short, the issue itself has them all."""
    changes, total = _changes(issue)
    if changes is not None and len(changes) >= total:
        return changes
    whole = _single(http, str(issue["id"]), ("updated",), ("changelog",)) or {}
    changes, total = _changes(whole)
    if changes is None or len(changes) < total:
        fields = {"issue": str(issue["id"]), "changes": len(changes or ()), "total": total}
        log.warning("Jira gives a part of the history only", extra=fields)
    return changes


def _changes(issue: Json) -> tuple[Histories, int]:
    changelog = issue.get("changelog")
    if not isinstance(changelog, dict):
        return None, 0
    total = changelog.get("total")
    return as_histories(changelog.get("histories")), total if isinstance(total, int) else 0
