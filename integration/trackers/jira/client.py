"""The calls of Jira that we make, one function a call; answers are plain dicts.

Where Cloud and Data Center differ, the call stands in `cloud` and in `data_center`, and the site's client knows which
of them it speaks to; boards, sprints and webhooks are called alike. The registration of a webhook is never repeated.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Protocol, cast

import requests

from integration.contract import Connection, Permanent, TokenBox
from integration.http import TIMEOUT, Budget, HTTPClient, prepare_session
from integration.limits import CallBook
from integration.trackers.jira import cloud, data_center
from integration.trackers.jira.answered import Histories, Json, as_object, as_objects, found, number, paged
from integration.trackers.jira.oauth_tokens import Renewal
from integration.trackers.jira.places import places_of
from integration.trackers.jira.refusals import explained

CLOUD, DATA_CENTER = "cloud", "data_center"
ISSUES_A_CALL = 100  # in both editions
ISSUES_AT_ONCE = 500  # with their histories
RECONCILED = cloud.RECONCILED
# Under the 100 calls a second that Jira allows for each call of a site:
# https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
CLOUD_PACE = (80.0, 40)
# A server of one's own has no such limit, or one that its administrator chose; a backfill must not be felt there.
DATA_CENTER_PACE = (20.0, 20)
GATED = "/ex/jira/"  # at the gateway, before the cloudId


class Edition(Protocol):
    """What is called in another way in each edition; the modules `cloud` and `data_center` have it all."""

    def server_info(self, http: HTTPClient) -> Json: ...
    def myself(self, http: HTTPClient) -> Json: ...
    def my_permissions(self, http: HTTPClient, names: Sequence[str]) -> dict[str, bool]: ...
    def fields(self, http: HTTPClient) -> list[Json]: ...
    def statuses(self, http: HTTPClient) -> list[Json]: ...
    def resolutions(self, http: HTTPClient) -> list[Json]: ...
    def link_types(self, http: HTTPClient) -> list[Json]: ...
    def projects(self, http: HTTPClient, ids: Sequence[str] = ()) -> Iterator[Json]: ...
    def search_page(
        self,
        http: HTTPClient,
        jql: str,
        wanted: Sequence[str],
        *,
        token: str | None = None,
        size: int = ...,
        reconcile: Sequence[str] = (),
    ) -> tuple[list[Json], str | None]: ...
    def approximate_count(self, http: HTTPClient, jql: str) -> int | None: ...
    def issues(self, http: HTTPClient, ids: Sequence[str], wanted: Sequence[str]) -> list[Json]: ...
    def issues_with_histories(
        self, http: HTTPClient, ids: Sequence[str], wanted: Sequence[str]
    ) -> list[tuple[Json, Histories]]: ...
    def is_there(self, http: HTTPClient, issue_id: str) -> bool: ...


def edition(http: HTTPClient) -> Edition:
    return data_center if http.dialect == DATA_CENTER else cloud


def open_client(connection: Connection) -> HTTPClient:
    """The client of a connection; kept, so that calls share its pool and its budget."""
    http = _client(connection.base_url, tuple(sorted(connection.credentials.items())), connection.tokens)
    return http if connection.calls is None else _counted(http, connection.calls)


@lru_cache(maxsize=64)
def _counted(http: HTTPClient, book: CallBook) -> HTTPClient:
    return http.counted_in(book)


@lru_cache(maxsize=64)
def _client(base_url: str, credentials: tuple[tuple[str, str], ...], tokens: TokenBox | None) -> HTTPClient:
    known = dict(credentials)
    # Tokens with scopes, those of service accounts and those of OAuth work through the gateway only.
    places = places_of(base_url)
    address = f"{places.gateway}{GATED}{known['cloud_id']}" if known.get("cloud_id") else base_url
    session = prepare_session(_library_session(address, known))
    if tokens is not None:
        session.auth = Renewal(tokens, known["client_id"], known["client_secret"], places)
    dialect = known.get("edition", CLOUD)
    budget = Budget(*(DATA_CENTER_PACE if dialect == DATA_CENTER else CLOUD_PACE))
    hidden = (known.get("token", ""),)
    return HTTPClient(session, address, budget=budget, secrets=hidden, dialect=dialect, explain=explained)


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
    return edition(http).server_info(http)


def major_version(http: HTTPClient) -> int:
    """Such as 10, of a Data Center site."""
    return version_of(server_info(http))[0]


def version_of(info: Json) -> tuple[int, ...]:
    """From `serverInfo`; never empty."""
    numbers = info.get("versionNumbers")
    parts = numbers if isinstance(numbers, list) else re.findall(r"\d+", str(info.get("version")))
    return tuple(int(part) for part in parts if str(part).isdecimal()) or (0,)


def myself(http: HTTPClient) -> Json:
    """Who we are; raise where the site takes us for nobody."""
    return edition(http).myself(http)


def my_permissions(http: HTTPClient, names: Sequence[str]) -> dict[str, bool]:
    return edition(http).my_permissions(http, names)


def fields(http: HTTPClient) -> list[Json]:
    return edition(http).fields(http)


def statuses(http: HTTPClient) -> list[Json]:
    return edition(http).statuses(http)


def resolutions(http: HTTPClient) -> list[Json]:
    """None where the site does not offer the list: then the resolutions within the issues must do."""
    return edition(http).resolutions(http)


def link_types(http: HTTPClient) -> list[Json]:
    return edition(http).link_types(http)


def projects(http: HTTPClient, ids: Sequence[str] = ()) -> Iterator[Json]:
    """The live projects that we may browse; of these only `ids`, if given."""
    return edition(http).projects(http, ids)


# --- boards and sprints -----------------------------------------------------------------------


def boards(http: HTTPClient, project: str | None = None) -> Iterator[Json]:
    return paged(http, "/rest/agile/1.0/board", [("projectKeyOrId", project)] if project else [], size=50)


def home_of(http: HTTPClient, board: Json) -> str | None:
    """The id of the project in which a board is located, if it is in one.

    Data Center tells no location, nor does Cloud of every board: that of one project alone is at home there.
    """
    location = board.get("location")
    located = location if isinstance(location, dict) else {}
    if located.get("projectId") is not None:
        return str(located["projectId"])
    if "userId" in located or "userAccountId" in located:
        return None
    path = f"/rest/agile/1.0/board/{number(str(board.get('id')))}/project"
    try:
        homes = [str(raw.get("id")) for raw in paged(http, path, [], size=50)]
    except Permanent as error:
        if error.reason not in {"refused", "not_found"}:
            raise
        return None
    return homes[0] if len(homes) == 1 else None


def board(http: HTTPClient, board_id: str) -> Json | None:
    return found(http, f"/rest/agile/1.0/board/{number(board_id)}")


def board_configuration(http: HTTPClient, board_id: str) -> Json | None:
    return found(http, f"/rest/agile/1.0/board/{number(board_id)}/configuration")


def board_sprints(http: HTTPClient, board_id: str, states: str = "") -> Iterator[Json]:
    """The sprints that a board shows, which may belong to others; none for a board without sprints (Jira: 400)."""
    query = [("state", states)] if states else []
    try:
        yield from paged(http, f"/rest/agile/1.0/board/{number(board_id)}/sprint", query, size=50)
    except Permanent as error:
        if error.reason not in {"refused", "not_found"}:
            raise


def sprint(http: HTTPClient, sprint_id: str) -> Json | None:
    return found(http, f"/rest/agile/1.0/sprint/{number(sprint_id)}")


# --- issues -----------------------------------------------------------------------------------


def search_page(
    http: HTTPClient,
    jql: str,
    wanted: Sequence[str],
    *,
    token: str | None = None,
    size: int = cloud.IDS_A_PAGE,
    reconcile: Sequence[str] = (),
) -> tuple[list[Json], str | None]:
    """One page of a search, and the token of the next; None on the last.

    `reconcile`: at most 50 ids that are known to have changed just now, where the site has an index that lags behind.
    """
    return edition(http).search_page(http, jql, wanted, token=token, size=size, reconcile=reconcile)


def approximate_count(http: HTTPClient, jql: str) -> int | None:
    return edition(http).approximate_count(http, jql)


def issues(http: HTTPClient, ids: Sequence[str], wanted: Sequence[str]) -> list[Json]:
    """The issues of up to 100 ids or keys. What is missing is deleted, archived or not for us to see."""
    return edition(http).issues(http, ids, wanted)


def issues_with_histories(http: HTTPClient, ids: Sequence[str], wanted: Sequence[str]) -> list[tuple[Json, Histories]]:
    """Issues by id or key, each with all its changes; any number of them."""
    return edition(http).issues_with_histories(http, ids, wanted)


def is_there(http: HTTPClient, issue_id: str) -> bool:
    """Ask for one issue by its id; 404 means deleted, archived or not for us to see."""
    return edition(http).is_there(http, issue_id)


# --- webhooks ---------------------------------------------------------------------------------


def webhooks(http: HTTPClient, resource: str) -> list[Json]:
    answer = http.json("GET", resource)
    return as_objects(answer.get("values") if isinstance(answer, dict) else answer, "webhooks")


def create_webhook(http: HTTPClient, resource: str, body: Json) -> Json:
    return as_object(http.json("POST", resource, body=body), "webhooks")


def update_webhook(http: HTTPClient, resource: str, webhook_id: str, body: Json) -> Json:
    answer = http.json("PUT", f"{resource}/{number(webhook_id)}", body=body, repeatable=True)
    return as_object(answer or {}, "webhooks")
