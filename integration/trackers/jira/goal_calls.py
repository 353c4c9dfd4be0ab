"""Atlassian's platform GraphQL, as far as goals go: pages of goals, errors beside partial data, and what they mean.

https://developer.atlassian.com/platform/goals/goals-graphql-api/using-graphql-api
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from integration.contract import Connection, Malformed, Misconfigured, Permanent, Temporary
from integration.http import HTTPClient
from integration.trackers.jira import client
from integration.trackers.jira.answered import Json

PATH = "/gateway/api/graphql"
GOALS_A_CALL = 50
LINKS_A_CALL = 100
MOST_CALLS = 2000
LONGEST_QUOTE = 200
# What is in preview is answered to those who say that they know it; to say so of the rest does no harm.
_OPT_IN = "GraphStoreJiraEpicContributesToAtlasGoal"
_GOALS_OPT_IN = '@optIn(to: "Townsquare")'

# Of people nothing is asked: no owner, watcher or author of an update.
_WORK_ITEMS = f"""
  workItems(first: $links, after: $linksAfter) @optIn(to: "{_OPT_IN}") {{
    edges {{ node {{ __typename ... on JiraIssue {{ issueId key }} }} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
"""
_GOALS = f"""
query Goals($containerId: ID!, $search: String, $first: Int, $after: String, $links: Int, $linksAfter: String) {{
  goals_search(
    containerId: $containerId, searchString: $search, first: $first, after: $after, sort: [CREATION_DATE_ASC]
  ) {_GOALS_OPT_IN} {{
    edges {{ node {{
      id key name isArchived creationDate startDate latestUpdateDate
      targetDate {{ label dateRange {{ start end }} }}
      status {{ value }}
      parentGoal {{ key }}
      goalType {_GOALS_OPT_IN} {{
        name {{ __typename ... on TownsquareGoalTypeCustomName {{ value }}
          ... on TownsquareLocalizationField {{ defaultValue }} }}
      }}
      teams {{ edges {{ node {{ displayName }} }} }}
      metricTargets(first: 5) {{ edges {{ node {{
        startValue targetValue metric {{ name type archived latestValue {{ value time }} }}
      }} }} }}
      {_WORK_ITEMS}
    }} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
_LINKS = f"""
query Links($containerId: ID!, $key: String!, $links: Int, $linksAfter: String) {{
  goals_byKey(containerId: $containerId, goalKey: $key) {_GOALS_OPT_IN} {{ key {_WORK_ITEMS} }}
}}
"""


@dataclass(frozen=True, slots=True)
class RawGoal:
    """A goal as it was answered, with all its links; `is_unsure`: not all of them may be seen."""

    node: Json
    links: tuple[Json, ...]
    is_unsure: bool


def goals_client(connection: Connection) -> HTTPClient:
    """Goals are asked on the site itself: the gateway for tokens with scopes does not have them."""
    http = client.open_client(connection)
    if http.dialect == client.DATA_CENTER:
        raise Misconfigured("no_goals", "Goals are part of Atlassian's Cloud; Jira Data Center has none.")
    if connection.credentials.get("cloud_id"):
        raise Misconfigured(
            "no_goals",
            "Goals can be read with an e-mail and an API token without scopes only; this connection has another token.",
        )
    return http


def container_of(http: HTTPClient, cloud_id: str | None) -> str:
    """Where the goals of a site lie."""
    if cloud_id is None:
        answer = http.json("GET", "/_edge/tenant_info")
        cloud_id = answer.get("cloudId") if isinstance(answer, dict) else None
    if not isinstance(cloud_id, str) or not cloud_id:
        raise Misconfigured("no_cloud_id", "The site does not tell its cloudId: name it as container in sources.")
    return cloud_id if cloud_id.startswith("ari:") else f"ari:cloud:townsquare::site/{cloud_id}"


def all_goals(http: HTTPClient, container: str, search: str | None) -> Iterator[RawGoal]:
    """Every goal, page by page. An error that hides more than some links stops the look."""
    after: str | None = None
    for _ in range(MOST_CALLS):
        variables = {"containerId": container, "search": search or "", "first": GOALS_A_CALL, "after": after}
        data, hidden = _asked(http, _GOALS, {**variables, "links": LINKS_A_CALL, "linksAfter": None}, "goals_search")
        page = _connection(data, "goals_search")
        for index, node in enumerate(_nodes(page, "goals_search")):
            yield _whole(http, container, node, is_unsure=index in hidden)
        following = _following(page, after, "goals_search")
        if following is None:
            return
        after = following
    raise Permanent("too_many_goals", f"There are more than {MOST_CALLS * GOALS_A_CALL:,} goals: narrow the search.")


def _whole(http: HTTPClient, container: str, node: Json, *, is_unsure: bool) -> RawGoal:
    """A goal with all pages of its links."""
    links: list[Json] = []
    part = node.get("workItems")
    if not isinstance(part, dict):  # not answered at all: then nobody knows
        return RawGoal(node, (), is_unsure=True)
    after: str | None = None
    for _ in range(MOST_CALLS):
        found = _edges(part, "workItems")
        links += [one for one in found if one is not None]
        is_unsure = is_unsure or any(one is None for one in found)
        after = _following(part, after, "workItems")
        if after is None:
            break
        variables = {"containerId": container, "key": node.get("key"), "links": LINKS_A_CALL, "linksAfter": after}
        data, hidden = _asked(http, _LINKS, variables, "goals_byKey")
        is_unsure = is_unsure or bool(hidden)
        goal = data.get("goals_byKey")
        part = goal.get("workItems") if isinstance(goal, dict) else None
        if not isinstance(part, dict):
            return RawGoal(node, tuple(links), is_unsure=True)
    return RawGoal(node, tuple(links), is_unsure)


# --- answers and their errors


def _asked(http: HTTPClient, query: str, variables: Json, field: str) -> tuple[Json, frozenset[int]]:
    """The data, and the places in the page of goals of which only links are hidden from us."""
    answer = http.json("POST", PATH, body={"query": query, "variables": variables}, repeatable=True)
    if not isinstance(answer, dict):
        raise Malformed("graphql", "Atlassian answered with something else than an object.")
    errors = answer.get("errors") or []
    if not isinstance(errors, list):
        raise Malformed("graphql.errors", "must be a list.")
    hidden = [_place_of_links(error) for error in errors]
    if any(place is None for place in hidden):
        raise _refusal([error for error, place in zip(errors, hidden, strict=True) if place is None])
    data = answer.get("data")
    if not isinstance(data, dict) or data.get(field) is None:
        raise Permanent("no_goals", "Atlassian shows no goals here: are Goals in use, and may the account see them?")
    return data, frozenset(place for place in hidden if place is not None)


def _place_of_links(error: object) -> int | None:
    """Which goal of the page an error is about, where it is about its links alone."""
    path = error.get("path") if isinstance(error, dict) else None
    if not isinstance(path, list) or "workItems" not in path:
        return None
    before = path[: path.index("workItems")]
    return next((step for step in before if isinstance(step, int) and not isinstance(step, bool)), 0)


def _refusal(errors: Sequence[object]) -> Exception:
    said = [str(error.get("message")) for error in errors if isinstance(error, dict) and error.get("message")]
    words = f" It says: {' '.join(said)[:LONGEST_QUOTE]}" if said else ""
    codes = {_status(error) for error in errors}
    if 429 in codes:
        return Temporary("rate_limited", "Atlassian asks us to wait with goals; we go on afterwards.")
    if codes & {401, 403}:
        return Misconfigured("forbidden", f"The account may not read goals.{words}")
    if any(code >= 500 for code in codes):
        return Temporary("unavailable", f"Atlassian answers only a part of the goals.{words}")
    return Permanent("refused", f"Atlassian refuses the question for goals.{words}")


def _status(error: object) -> int:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    code = extensions.get("statusCode") if isinstance(extensions, dict) else None
    return code if isinstance(code, int) else 0


# --- connections of GraphQL


def _connection(data: Json, field: str) -> Json:
    found = data.get(field)
    if not isinstance(found, dict):
        raise Malformed(field, "must be an object.")
    return found


def _edges(connection: Json, path: str) -> list[Json | None]:
    """The nodes; None where one is hidden from us."""
    edges = connection.get("edges")
    if not isinstance(edges, list):
        raise Malformed(f"{path}.edges", "must be a list.")
    nodes = [edge.get("node") if isinstance(edge, dict) else None for edge in edges]
    return [node if isinstance(node, dict) else None for node in nodes]


def _nodes(connection: Json, path: str) -> list[Json]:
    found = _edges(connection, path)
    if any(node is None for node in found):
        raise Temporary("unavailable", "Atlassian answers only a part of the goals.")
    return [node for node in found if node is not None]


def _following(connection: Json, after: str | None, path: str) -> str | None:
    info = connection.get("pageInfo")
    if not isinstance(info, dict) or info.get("hasNextPage") is not True:
        return None
    cursor = info.get("endCursor")
    if not isinstance(cursor, str) or not cursor or cursor == after:
        raise Malformed(f"{path}.pageInfo.endCursor", "says that there is a next page, and not where.")
    return cursor
