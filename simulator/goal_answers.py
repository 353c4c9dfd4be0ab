"""The GraphQL by which goals are asked for (`/gateway/api/graphql`): pages, errors beside partial data, opt-ins.

A question is held against `goals.graphql`, so that a field or argument that nobody knows is refused as it would be.
What does so, graphql-core, is a development package: the demo runs without it, and asks for no goals.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify

from simulator import dates
from simulator.dates import Json
from simulator.goals import Goal, Goals
from simulator.requests_in import Refused, Shape, must_be_known, strict_body
from simulator.site import Site

if TYPE_CHECKING:
    from graphql import GraphQLError, GraphQLResolveInfo, GraphQLSchema

    Info = GraphQLResolveInfo[None]

OF_GOALS, OF_LINKS = "Townsquare", "GraphStoreJiraEpicContributesToAtlasGoal"
_MOST_GOALS, _MOST_LINKS = 50, 100
_SDL = Path(__file__).with_name("goals.graphql")
_LACKING = "Goals of a simulated site need the development packages: `python3 dev.py check` installs them."


def goals(site: Site) -> Blueprint:
    """The route, bound to one site."""
    routes = Blueprint("goals", __name__)

    @routes.post("/gateway/api/graphql")
    def ask() -> Response:
        must_be_known()
        if find_spec("graphql") is None:
            raise Refused(501, _LACKING)
        body = strict_body({"query": Shape(str), "variables": Shape(dict), "operationName": Shape(str)}, ("query",))
        return jsonify(_answer(site, body))

    return routes


@cache
def _schema() -> "GraphQLSchema":
    from graphql import build_schema

    return build_schema(_SDL.read_text(encoding="utf-8"))


def _answer(site: Site, body: Json) -> Json:
    from graphql import graphql_sync

    site.goals.questions += 1
    if site.goals.troubles:
        status = site.goals.troubles.pop(0)
        return {"data": None, "errors": [_told({"message": "The service cannot answer."}, status)]}
    variables = body.get("variables")
    result = graphql_sync(
        _schema(),
        str(body["query"]),
        root_value=_Root(site),
        variable_values=variables if isinstance(variables, dict) else {},
        type_resolver=lambda value, *_: value["__typename"],
    )
    answer: Json = {"data": result.data}
    if result.errors:
        answer["errors"] = [_told(dict(error.formatted), _status(error)) for error in result.errors]
    return answer


def _status(error: "GraphQLError") -> int:
    given = (error.extensions or {}).get("statusCode")
    return given if isinstance(given, int) else 400


def _told(error: Mapping[str, Any], status: int) -> Json:
    return {**error, "extensions": {"statusCode": status, "errorSource": "UNDERLYING_SERVICE"}}


class _Root:
    """What can be asked for at the top; each goal is made of plain values, with functions where it takes arguments."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._goals = site.goals

    def goals_search(
        self,
        info: "Info",
        containerId: str,  # noqa: N803 - the vendor's name
        first: int = _MOST_GOALS,
        after: str | None = None,
        searchString: str | None = None,  # noqa: N803 - the vendor's name
        sort: Sequence[str] = (),
    ) -> Json:
        _opted_in(info, OF_GOALS)
        self._is_ours(containerId)
        wanted = (searchString or "").casefold()
        found = [goal for goal in self._goals.every.values() if wanted in goal.name.casefold()]
        found.sort(key=lambda goal: goal.number, reverse=bool(sort) and sort[0].endswith("DESC"))
        nodes: list[object] = [_goal(self._site, goal) for goal in found]
        return _page(nodes, min(first, _MOST_GOALS, self._goals.page_most), after)

    def goals_byKey(  # noqa: N802 - the vendor's name
        self,
        info: "Info",
        containerId: str,  # noqa: N803 - the vendor's name
        goalKey: str,  # noqa: N803 - the vendor's name
    ) -> Json | None:
        _opted_in(info, OF_GOALS)
        self._is_ours(containerId)
        goal = self._goals.every.get(goalKey)
        return None if goal is None else _goal(self._site, goal)

    def _is_ours(self, container: str) -> None:
        if container != f"ari:cloud:townsquare::site/{self._site.cloud_id}":
            raise _refusal("The container is not there, or not for you to see.", 403)


def _goal(site: Site, goal: Goal) -> Json:
    above = site.goals.every.get(goal.parent or "")
    told: Json = {
        "id": f"ari:cloud:townsquare:{site.cloud_id}:goal/{goal.number}",
        "key": goal.key,
        "name": goal.name,
        "url": f"{site.base_url}/o/goals/{goal.key}",
        "isArchived": goal.archived,
        "creationDate": dates.zulu(goal.created),
        "startDate": None,
        "latestUpdateDate": dates.zulu(goal.updates[-1][0]) if goal.updates else None,
        "targetDate": _target_date(goal.until),
        "status": {"value": goal.status, "score": None},
        "parentGoal": None if above is None else (lambda _info: _goal(site, above)),
        "goalType": lambda info: _type(info, goal),
        "teams": lambda _info, first=10: _page([{"displayName": goal.team}] if goal.team else [], first, None),
        "metricTargets": lambda _info, first=10: _page(_measures(goal), first, None),
        "updates": lambda info, first=10: _updates(info, goal, first),
        "workItems": lambda info, first=_MOST_LINKS, after=None: _links(info, site, goal, first, after),
    }
    return {name: _unknown(site.goals, name, value) for name, value in told.items()}


def _unknown(goals: Goals, name: str, value: object) -> object:
    """A field that the service does not answer any more, as one that is withdrawn from preview."""
    if name not in goals.unknown:
        return value

    def refuse(_info: object, **_arguments: object) -> object:
        raise _refusal(f"The field {name} is not available.", 400)

    return refuse


def _type(info: "Info", goal: Goal) -> Json:
    _opted_in(info, OF_GOALS)
    if goal.type == "Goal":
        return {"name": {"__typename": "TownsquareLocalizationField", "defaultValue": "Goal", "messageId": "goal"}}
    return {"name": {"__typename": "TownsquareGoalTypeCustomName", "value": goal.type}}


def _target_date(until: date | None) -> Json:
    if until is None:
        return {"label": None, "dateRange": None}
    day = until.isoformat()
    return {"label": f"{until:%b %Y}", "dateRange": {"start": f"{day[:8]}01", "end": day}}


def _measures(goal: Goal) -> list[object]:
    if goal.measure is None:
        return []
    measure = goal.measure
    latest = None if measure.latest is None else _value(*measure.latest)
    metric = {"name": measure.name, "type": measure.type, "archived": measure.archived, "latestValue": latest}
    return [{"startValue": measure.start, "targetValue": measure.target, "metric": metric}]


def _value(at: datetime, value: float) -> Json:
    return {"value": value, "time": dates.zulu(at)}


def _updates(info: "Info", goal: Goal, first: int) -> Json:
    _opted_in(info, OF_GOALS)
    newest = [{"creationDate": dates.zulu(at), "summary": said} for at, said in reversed(goal.updates)]
    return _page(list(newest), first, None)


def _links(info: "Info", site: Site, goal: Goal, first: int, after: str | None) -> Json:
    """Of what may not be seen there is an empty place; what is deleted is gone."""
    _opted_in(info, OF_LINKS)
    there = [site.issues[id_] for id_ in goal.links if site.issues[id_].deleted is None]
    nodes: list[object] = [
        {"__typename": "JiraIssue", "issueId": str(issue.id), "key": issue.key, "summary": issue.values.summary}
        if site.shows(issue)
        else None
        for issue in there
    ]
    return _page(nodes, min(first, _MOST_LINKS, site.goals.page_most), after)


def _page(nodes: Sequence[object], first: int, after: str | None) -> Json:
    start = int(after or 0)
    end = start + max(first, 1)
    more = end < len(nodes)
    info = {"hasNextPage": more, "endCursor": str(end) if more else None}
    return {"edges": [{"node": node} for node in nodes[start:end]], "pageInfo": info}


def _opted_in(info: "Info", to: str) -> None:
    """What is in preview is answered to those who say that they know it."""
    from graphql import get_directive_values

    directive = info.schema.get_directive("optIn")
    assert directive is not None
    for node in info.field_nodes:
        values = get_directive_values(directive, node, info.variable_values)
        if values is not None and to in values["to"]:
            return
    raise _refusal(f"{info.field_name} is in preview: opt in to {to}.", 400)


def _refusal(sentence: str, status: int) -> "GraphQLError":
    from graphql import GraphQLError

    return GraphQLError(sentence, extensions={"statusCode": status})
