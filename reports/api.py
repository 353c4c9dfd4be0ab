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

from reports import api_shapes, drafts, pages, views

blueprint = APIBlueprint("api", __name__, url_prefix="/api/v1", tag="Figures")
PROBLEM = "application/problem+json"
Json = dict[str, Any]
View = Callable[..., ResponseReturnValue]
_PARAMETERS: dict[str, tuple[Json, ...]] = {}
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
    app.security_schemes = {"login": {"type": "apiKey", "in": "cookie", "name": "tieline"}}
    app.spec_processor(_with_parameters)


def problem(status: int, sentence: str, detail: Any = None) -> Response:
    title = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"
    body = {"type": "about:blank", "title": title, "status": status, "detail": sentence}
    more = {"errors": detail} if detail else {}
    return Response(json.dumps({**body, **more}), status=status, mimetype=PROBLEM)


def _route(
    path: str, summary: str, name: str, *parameters: Json, missing: bool = False, members: Json | None = None
) -> Callable[[View], View]:
    """A route and its description: the answer is an object whose member `name` holds what was asked for."""
    member = {"type": "array", "items": {"type": "object"}} if name else {}
    schema: Json = {"type": "object", "properties": {name: member}, "required": [name]} if name else {"type": "object"}
    if members is not None:
        schema["properties"] = members
    responses: dict[int | str, dict[str, str | dict[str, dict[str, Any]]]] = {
        200: {"description": summary, "content": {"application/json": {"schema": schema}}},
        304: {"description": "What the caller has still holds."},
    }
    for code in (401, 404) if missing else (401,):
        responses[code] = {"description": HTTPStatus(code).phrase, "content": {PROBLEM: {"schema": _PROBLEM}}}
    _PARAMETERS["/api/v1" + _PATH_PART.sub(r"{\1}", path)] = parameters

    def decorate(view: View) -> View:
        described = blueprint.doc(summary=summary, security="login", responses=responses)(view)
        blueprint.get(path)(described)
        return view

    return decorate


def _with_parameters(spec: Json | str) -> Json | str:
    assert isinstance(spec, dict)
    for path, parameters in _PARAMETERS.items():
        operation = spec["paths"][path]["get"]
        operation.setdefault("parameters", []).extend(parameters)
    draft = {"application/json": {"schema": drafts.SCHEMA}}
    spec["paths"]["/api/v1/judge"]["post"]["requestBody"] = {"required": True, "content": draft}
    return spec


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


_JUDGED: dict[int | str, dict[str, str | dict[str, dict[str, Any]]]] = {
    200: {"description": "The verdict", "content": {"application/json": {"schema": {"type": "object"}}}},
    **{
        code: {"description": HTTPStatus(code).phrase, "content": {PROBLEM: {"schema": _PROBLEM}}}
        for code in (401, 422)
    },
}


@blueprint.post("/judge")
@blueprint.doc(
    summary="Judge the words of a draft goal or key result; nothing of it is kept", security="login", responses=_JUDGED
)
def judge() -> ResponseReturnValue:
    """A JSON object: `kind` (goal or key_result), `text`, and `lang` if known. Send the page's `X-CSRF-Token` along."""
    try:
        verdict = drafts.judged(request.get_json(silent=True))
    except drafts.WrongDraft as wrong:
        abort(422, str(wrong))
    return _json(verdict)


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
    response.headers["Vary"] = "Cookie"
    return response


def _json(document: Any) -> Response:
    return Response(orjson.dumps(document), mimetype="application/json")


def _asked(name: str) -> str | None:
    return request.args.get(name) or None


def _site() -> pages.Site:
    return pages.site()
