"""The API `/api/v1`: what pages show and do as JSON, described in OpenAPI 3.1, errors as problems (RFC 9457)."""

from typing import Any

from apiflask import APIFlask
from flask import abort, current_app
from flask.typing import ResponseReturnValue

from reports import (
    access,
    api_accounts,
    api_audit,
    api_check_ins,
    api_connecting,
    api_connections,
    api_files,
    api_findings,
    api_imports,
    api_key_results,
    api_notifications,
    api_operation,
    api_routes,
    api_rules,
    api_shapes,
    api_trends,
    api_wording,
    api_write_back,
    drafts,
)
from reports.api_bodies import data_sent
from reports.api_routes import answer, asked, json_of, problems, query, route, site

blueprint, problem = api_routes.blueprint, api_routes.problem
ROUTES = (  # of the same blueprint
    *(api_accounts, api_audit, api_check_ins, api_connecting, api_connections, api_files),
    *(
        api_findings,
        api_imports,
        api_key_results,
        api_notifications,
        api_operation,
        api_rules,
        api_trends,
        api_wording,
        api_write_back,
    ),
)
SECURITY, BODIES = api_routes.SECURITY, api_routes.BODIES
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
    for path, item in spec["paths"].items():
        for operation in item.values():
            _with_path_parts(path, operation)
    for media, bodies in (("application/json", BODIES), ("multipart/form-data", api_routes.FORMS)):
        for (method, path), schema in bodies.items():
            body = {"required": True, "content": {media: {"schema": schema}}}
            spec["paths"][path][method]["requestBody"] = body
    return spec


def _with_path_parts(path: str, operation: Json) -> None:
    """What a part of the address may be, where that is not any text."""
    schemas = api_routes.PATH_PARTS.get(path, {})
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path" and parameter["name"] in schemas:
            parameter["schema"] = schemas[parameter["name"]]


BODIES["post", "/api/v1/judge"] = drafts.SCHEMA
blueprint.before_request(api_routes.refuse_what_is_not_offered)


@route("/boards", "Boards with the figures of their running sprints", "boards", _MEASURE, dated=True)
def boards() -> ResponseReturnValue:
    return answer(lambda: api_shapes.boards(site().store, asked("measure"), site().clock()), "boards")


@route(
    "/boards/<connection>/<path:board>",
    "A board with the figures of its sprints and periods, the latest first",
    "",
    _MEASURE,
    missing=True,
    dated=True,
)
def board(connection: str, board: str) -> ResponseReturnValue:
    return answer(lambda: api_shapes.board(site().store, site().clock(), connection, board, asked("measure")))


@route(
    "/sprints",
    "All sprints",
    "sprints",
    query("state", "Only those in this state.", "future", "active", "closed"),
    query("board", "Only those of the board with this id."),
    dated=True,
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
    dated=True,
)
def sprint(sprint: str) -> ResponseReturnValue:
    return answer(lambda: api_shapes.sprint(site().store, sprint, asked("measure"), site().clock()))


@route(
    "/periods",
    "The periods of boards without sprints",
    "periods",
    query("state", "Only those in this state.", "active", "closed"),
    query("board", "Only those of the board with this id."),
    dated=True,
)
def periods() -> ResponseReturnValue:
    return answer(lambda: api_shapes.periods(site().store, asked("state"), asked("board")), "periods")


@route(
    "/periods/<path:period>",
    "A period with its receipts: by connection/id, or an id alone",
    "",
    missing=True,
    dated=True,
)
def period(period: str) -> ResponseReturnValue:
    return answer(lambda: api_shapes.period(site().store, period))


@route("/key-results", "Key results with their progress", "key_results", dated=True)
def key_results() -> ResponseReturnValue:
    return answer(lambda: api_shapes.key_results(site().store, site().clock()), "key_results")


@route(
    "/rollups",
    "Roll-ups by board, team and company",
    "rollups",
    query("by", "Only those by board, team or company.", "board", "team", "company"),
    query("cycle", "Only those of this cycle."),
    dated=True,
)
def rollups() -> ResponseReturnValue:
    return answer(lambda: api_shapes.rollups(site().store, asked("by"), asked("cycle")), "rollups")


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
        verdict = drafts.judged(data_sent(), drafts.desk_of(site().store, site().clock()))
    except drafts.WrongDraft as wrong:
        abort(422, str(wrong))
    return json_of(verdict)


@blueprint.get("/openapi.json")
@blueprint.doc(hide=True)
def description() -> ResponseReturnValue:
    app = current_app
    assert isinstance(app, APIFlask)
    return json_of(app.spec)
