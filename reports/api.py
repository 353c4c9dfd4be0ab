"""The API `/api/v1`: what pages show as JSON, described in OpenAPI 3.1, errors as problems (RFC 9457)."""

import json
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import orjson
from apiflask import APIBlueprint, APIFlask
from flask import Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from reports import access, api_shapes, drafts, finding_pages, pages, views

blueprint = APIBlueprint("api", __name__, url_prefix="/api/v1", tag="Figures")
PROBLEM = "application/problem+json"
SECURITY: list[str | dict[str, list[Any]]] = ["token", "login"]  # either
Json = dict[str, Any]
Responses = dict[int | str, dict[str, str | dict[str, dict[str, Any]]]]
View = Callable[..., ResponseReturnValue]
_PARAMETERS: dict[str, tuple[Json, ...]] = {}
BODIES: dict[str, Json] = {}  # what posts of other modules take, by path
_PATH_PART = re.compile(r"<path:(\w+)>")
_MEASURE = {
    "name": "measure",
    "in": "query",
    "required": False,
    "description": "points, count or the measure of the settings, which is also the default.",
    "schema": {"type": "string"},
}
_OUTSIDE = {
    "type": ["object", "null"],
    "description": "What the board did outside sprints since the completion before, up to this one's or now, as a"
    " figure of its own with its receipt; null where there is none.",
}


def describe(app: APIFlask) -> None:
    app.config["OPENAPI_VERSION"] = "3.1.0"
    app.config["INFO"] = {"description": "What share of the work serves each key result, with the receipts."}
    app.config["SERVERS"] = [{"url": "/"}]
    app.security_schemes = {
        "token": {"type": "http", "scheme": "bearer", "description": "A token that your account page makes."},
        "login": {"type": "apiKey", "in": "cookie", "name": "tieline"},
    }
    app.spec_processor(_with_parameters)


def problem(status: int, sentence: str, detail: Any = None) -> Response:
    title = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"
    body = {"type": "about:blank", "title": title, "status": status, "detail": sentence}
    more = {"errors": detail} if detail else {}
    return Response(json.dumps({**body, **more}), status=status, mimetype=PROBLEM)


def _problems(*codes: int) -> Responses:
    return {
        code: {"description": HTTPStatus(code).phrase, "content": {PROBLEM: {"schema": _PROBLEM}}} for code in codes
    }


def _route(
    path: str, summary: str, name: str, *parameters: Json, missing: bool = False, members: Json | None = None
) -> Callable[[View], View]:
    """A route and its description: the answer is an object whose member `name` holds what was asked for."""
    member = {"type": "array", "items": {"type": "object"}} if name else {}
    schema: Json = {"type": "object", "properties": {name: member}, "required": [name]} if name else {"type": "object"}
    if members is not None:
        schema["properties"] = members
    responses: Responses = {
        200: {"description": summary, "content": {"application/json": {"schema": schema}}},
        304: {"description": "What the caller has still holds."},
    }
    responses |= _problems(401, 403, *((404,) if missing else ()))
    _PARAMETERS["/api/v1" + _PATH_PART.sub(r"{\1}", path)] = parameters

    def decorate(view: View) -> View:
        described = blueprint.doc(summary=summary, security=SECURITY, responses=responses)(view)
        blueprint.get(path)(described)
        return view

    return decorate


def _with_parameters(spec: Json | str) -> Json | str:
    assert isinstance(spec, dict)
    for path, parameters in _PARAMETERS.items():
        operation = spec["paths"][path]["get"]
        operation.setdefault("parameters", []).extend(parameters)
    for path, schema in {**BODIES, "/judge": drafts.SCHEMA, "/findings/{number}/acts": _ACT}.items():
        body = {"required": True, "content": {"application/json": {"schema": schema}}}
        spec["paths"][f"/api/v1{path}"]["post"]["requestBody"] = body
    return spec


_ACT: Json = {
    "type": "object",
    "properties": {
        "act": {"type": "string", "enum": ["acknowledged", "muted"]},
        "reason": {"type": "string", "minLength": 1, "maxLength": finding_pages.LONGEST_REASON},
        "until": {"type": "string", "format": "date", "description": "The last day of a mute."},
    },
    "required": ["act", "reason"],
}
_PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}


def _query(name: str, description: str, *values: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", **({"enum": list(values)} if values else {})}
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


@_route("/boards", "Boards with the figures of their running sprints", "boards", _MEASURE)
def boards() -> ResponseReturnValue:
    return _answer(lambda: api_shapes.boards(_site().store, _asked("measure"), _site().clock()))


@_route(
    "/sprints",
    "All sprints",
    "sprints",
    _query("state", "Only those in this state.", "future", "active", "closed"),
    _query("board", "Only those of the board with this id."),
)
def sprints() -> ResponseReturnValue:
    return _answer(lambda: api_shapes.sprints(_site().store, _asked("state"), _asked("board")))


@_route(
    "/sprints/<path:sprint>",
    "A sprint with its receipts: by connection/id, or an id alone",
    "",
    _MEASURE,
    missing=True,
    members={"outside": _OUTSIDE},
)
def sprint(sprint: str) -> ResponseReturnValue:
    return _answer(lambda: api_shapes.sprint(_site().store, sprint, _asked("measure"), _site().clock()))


@_route(
    "/periods",
    "The periods of boards without sprints",
    "periods",
    _query("state", "Only those in this state.", "active", "closed"),
    _query("board", "Only those of the board with this id."),
)
def periods() -> ResponseReturnValue:
    return _answer(lambda: api_shapes.periods(_site().store, _asked("state"), _asked("board")))


@_route("/periods/<path:period>", "A period with its receipts: by connection/id, or an id alone", "", missing=True)
def period(period: str) -> ResponseReturnValue:
    return _answer(lambda: api_shapes.period(_site().store, period))


@_route(
    "/findings",
    "Findings, the gravest first",
    "findings",
    _query("kind", "Only those of this kind."),
    _query("state", "Those in this state; open ones by default.", "open", "acknowledged", "muted", "resolved", "all"),
    _query("severity", "Only those of this severity.", "high", "medium", "low"),
)
def findings() -> ResponseReturnValue:
    return _answer(lambda: api_shapes.findings(_site().store, _asked("kind"), _asked("state"), _asked("severity")))


@_route("/epics/orphans", "Open epics that serve no key result, the costliest first", "epics")
def orphans() -> ResponseReturnValue:
    return _answer(lambda: api_shapes.orphans(_site().store))


@_route("/key-results", "Key results with their progress", "key_results")
def key_results() -> ResponseReturnValue:
    return _answer(lambda: api_shapes.key_results(_site().store, _site().clock()))


@_route(
    "/rollups",
    "Roll-ups by board, team and company",
    "rollups",
    _query("by", "Only those by board, team or company.", "board", "team", "company"),
    _query("cycle", "Only those of this cycle."),
)
def rollups() -> ResponseReturnValue:
    return _answer(lambda: api_shapes.rollups(_site().store, _asked("by"), _asked("cycle")))


@_route("/connections", "Connections and how they fare", "connections")
def connections() -> ResponseReturnValue:
    # How far behind a site is moves with time alone: no mark could tell that it is the same.
    return _json(api_shapes.connections(_site().store, _site().clock()))


_JUDGED: Responses = {
    200: {"description": "The verdict", "content": {"application/json": {"schema": {"type": "object"}}}},
    **_problems(400, 401, 403, 415, 422),
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
        verdict = drafts.judged(request.get_json(silent=True), drafts.desk_of(_site().store, _site().clock()))
    except drafts.WrongDraft as wrong:
        abort(422, str(wrong))
    return _json(verdict)


_ACTED: Responses = {
    204: {"description": "It is kept, with the name of who did it."},
    **_problems(400, 401, 403, 404, 422),
}


@blueprint.post("/findings/<int(max=2147483647):number>/acts")
@blueprint.doc(summary="Acknowledge a finding, or mute it until the end of a day", security=SECURITY, responses=_ACTED)
def act_on_finding(number: int) -> ResponseReturnValue:
    """`act`: acknowledged or muted; `reason`; `until`, the last day of a mute. It takes an editor of its team."""
    store, now = _site().store, _site().clock()
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
    return _json(app.spec)


def _answer(read: Callable[[], dict[str, Any] | None]) -> Response:
    """The answer with its mark; a caller that has it already costs one indexed read."""
    mark = f"{views.pulse(_site().store)}-{pages.build()}"
    if request.if_none_match.contains_weak(mark):
        response = Response(status=304)
    else:
        document = read()
        if document is None:
            abort(404, "There is no such sprint or period, or nothing was decided about it yet.")
        response = _json(document)
    response.set_etag(mark, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie, Authorization"
    return response


def _json(document: Any) -> Response:
    return Response(orjson.dumps(document), mimetype="application/json")


def _asked(name: str) -> str | None:
    return request.args.get(name) or None


def _site() -> pages.Site:
    return pages.site()
