"""The API `/api/v1`: what pages show as JSON, described in OpenAPI 3.1, errors as problems (RFC 9457)."""

from typing import Any

from apiflask import APIFlask
from flask import Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from reports import access, api_audit, api_operation, api_routes, api_shapes, drafts, finding_pages
from reports.api_routes import answer, asked, json_of, problems, query, route, site, told

blueprint, problem = api_routes.blueprint, api_routes.problem
ROUTES = (api_audit, api_operation)  # of the same blueprint
PROBLEM, SECURITY, BODIES = api_routes.PROBLEM, api_routes.SECURITY, api_routes.BODIES
Json = dict[str, Any]
Responses = api_routes.Responses
_MEASURE = query(
    "measure",
    "points or count; else the measure of the settings.",
    "points",
    "count",
    "time_spent",
    "original_estimate",
)
_OUTSIDE = {
    "type": ["object", "null"],
    "description": "What the board did outside sprints since the completion before, up to this one's or now, as a"
    " figure of its own with its receipt; null where there is none.",
}
_ACT: Json = {
    "type": "object",
    "properties": {
        "act": {"type": "string", "enum": ["acknowledged", "muted"]},
        "reason": {"type": "string", "minLength": 1, "maxLength": finding_pages.LONGEST_REASON},
        "until": {"type": "string", "format": "date", "description": "The last day of a mute."},
    },
    "required": ["act", "reason"],
}


def describe(app: APIFlask) -> None:
    """All routes are known by now."""
    app.config["OPENAPI_VERSION"] = "3.1.0"
    app.config["AUTO_OPERATION_ID"] = True
    app.config["INFO"] = {"description": "What share of the work serves each key result, with the receipts."}
    app.config["SERVERS"] = [{"url": "/"}]
    app.security_schemes = {
        "token": {"type": "http", "scheme": "bearer", "description": "A token that your account page makes."},
        "login": {"type": "apiKey", "in": "cookie", "name": "tieline"},
    }
    app.spec_processor(_with_parameters)
    api_routes.mark_answers(app)


def _with_parameters(spec: Json | str) -> Json | str:
    assert isinstance(spec, dict)
    for path, parameters in api_routes.PARAMETERS.items():
        operation = spec["paths"][path]["get"]
        operation.setdefault("parameters", []).extend(parameters)
    for path, schema in BODIES.items():
        body = {"required": True, "content": {"application/json": {"schema": schema}}}
        spec["paths"][f"/api/v1{path}"]["post"]["requestBody"] = body
    return spec


BODIES.update({"/judge": drafts.SCHEMA, "/findings/{number}/acts": _ACT})
blueprint.before_request(api_routes.refuse_what_is_not_offered)


@route("/boards", "Boards with the figures of their running sprints", "boards", _MEASURE)
def boards() -> ResponseReturnValue:
    return answer(lambda: api_shapes.boards(site().store, asked("measure"), site().clock()), "boards")


@route(
    "/sprints",
    "All sprints",
    "sprints",
    query("state", "Only those in this state.", "future", "active", "closed"),
    query("board", "Only those of the board with this id."),
)
def sprints() -> ResponseReturnValue:
    return answer(lambda: api_shapes.sprints(site().store, asked("state"), asked("board")), "sprints")


@route(
    "/sprints/<path:sprint>",
    "A sprint with its receipts: by connection/id, or an id alone",
    "",
    _MEASURE,
    missing=True,
    members={"outside": _OUTSIDE},
)
def sprint(sprint: str) -> ResponseReturnValue:
    return answer(lambda: api_shapes.sprint(site().store, sprint, asked("measure"), site().clock()))


@route(
    "/periods",
    "The periods of boards without sprints",
    "periods",
    query("state", "Only those in this state.", "active", "closed"),
    query("board", "Only those of the board with this id."),
)
def periods() -> ResponseReturnValue:
    return answer(lambda: api_shapes.periods(site().store, asked("state"), asked("board")), "periods")


@route("/periods/<path:period>", "A period with its receipts: by connection/id, or an id alone", "", missing=True)
def period(period: str) -> ResponseReturnValue:
    return answer(lambda: api_shapes.period(site().store, period))


@route(
    "/findings",
    "Findings, the gravest first",
    "findings",
    query("kind", "Only those of this kind."),
    query("state", "Those in this state; open ones by default.", "open", "acknowledged", "muted", "resolved", "all"),
    query("severity", "Only those of this severity.", "high", "medium", "low"),
)
def findings() -> ResponseReturnValue:
    return answer(
        lambda: api_shapes.findings(site().store, asked("kind"), asked("state"), asked("severity")), "findings"
    )


@route("/epics/orphans", "Open epics that serve no key result, the costliest first", "epics")
def orphans() -> ResponseReturnValue:
    return answer(lambda: api_shapes.orphans(site().store), "epics")


@route("/key-results", "Key results with their progress", "key_results")
def key_results() -> ResponseReturnValue:
    return answer(lambda: api_shapes.key_results(site().store, site().clock()), "key_results")


@route(
    "/rollups",
    "Roll-ups by board, team and company",
    "rollups",
    query("by", "Only those by board, team or company.", "board", "team", "company"),
    query("cycle", "Only those of this cycle."),
)
def rollups() -> ResponseReturnValue:
    return answer(lambda: api_shapes.rollups(site().store, asked("by"), asked("cycle")), "rollups")


@route("/connections", "Connections and how they fare", "connections")
def connections() -> ResponseReturnValue:
    # How far behind a site is moves with time alone: no mark could tell that it is the same.
    return told(api_shapes.connections(site().store, site().clock()), "connections")


_JUDGED: Responses = {
    200: {"description": "The verdict", "content": {"application/json": {"schema": {"type": "object"}}}},
    **problems(400, 401, 403, 415, 422),
}


@blueprint.post("/judge")
@access.needs("viewer")
@blueprint.doc(
    summary="Judge the words of a draft goal or key result; nothing of it is kept", security=SECURITY, responses=_JUDGED
)
def judge() -> ResponseReturnValue:
    """A JSON object: `kind` (goal or key_result), `text`, and `lang` and `team` if known.

    Send the page's `X-CSRF-Token` along."""
    try:
        verdict = drafts.judged(request.get_json(silent=True), drafts.desk_of(site().store, site().clock()))
    except drafts.WrongDraft as wrong:
        abort(422, str(wrong))
    return json_of(verdict)


_ACTED: Responses = {
    204: {"description": "It is kept, with the name of who did it."},
    **problems(400, 401, 403, 404, 422),
}


@blueprint.post("/findings/<int(max=2147483647):number>/acts")
@blueprint.doc(summary="Acknowledge a finding, or mute it until the end of a day", security=SECURITY, responses=_ACTED)
def act_on_finding(number: int) -> ResponseReturnValue:
    """`act`: acknowledged or muted; `reason`; `until`, the last day of a mute. It takes an editor of its team."""
    store, now = site().store, site().clock()
    access.require("editor", finding_pages.teams_of(store, now, number))
    given = request.get_json(silent=True)
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        abort(422, "Send a JSON object of texts: act, reason, and for a mute until.")
    try:
        is_there = finding_pages.act(store, now, number, given, access.login().name)
    except finding_pages.WrongAct as wrong:
        abort(422, wrong.sentence)
    if not is_there:
        abort(404, "There is no such finding.")
    return Response(status=204)


@blueprint.get("/openapi.json")
@blueprint.doc(hide=True)
def description() -> ResponseReturnValue:
    app = current_app
    assert isinstance(app, APIFlask)
    return json_of(app.spec)
