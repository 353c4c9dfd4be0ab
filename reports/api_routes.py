"""How routes of the API are made: described, asked only for what they have, marked with an ETag, in pages."""

import json
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import orjson
from apiflask import APIBlueprint
from flask import Flask, Response, abort, g, request
from flask.typing import ResponseReturnValue

from reports import access, api_paging, pages, views

blueprint = APIBlueprint("api", __name__, url_prefix="/api/v1", tag="Figures")
PROBLEM = "application/problem+json"
SECURITY: list[str | dict[str, list[Any]]] = ["token", "login"]  # either
Json = dict[str, Any]
Responses = dict[int | str, dict[str, str | dict[str, dict[str, Any]]]]
View = Callable[..., ResponseReturnValue]
Finish = Callable[[list[Json]], list[Json]]
PARAMETERS: dict[str, tuple[Json, ...]] = {}
BODIES: dict[tuple[str, str], Json] = {}  # what is taken, by method and path of the description
FORMS: dict[tuple[str, str], Json] = {}  # the same where a file is taken
DATED: set[str] = set()  # endpoints that can be asked for a past moment
NUL = "\x00"
PATH_PARTS: dict[str, dict[str, Json]] = {}  # schemas of parts of the address, by path of the description
_WHOLE, _CHOSEN = re.compile(r"<int\(max=(\d+)\):(\w+)>"), re.compile(r"<any\(([^)]*)\):(\w+)>")
_CHOICE = re.compile(r"[\w-]+")
_PATH_PART = re.compile(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>")
PROBLEM_SCHEMA: Json = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
}


def problem(status: int, sentence: str, detail: Any = None) -> Response:
    title = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"
    body = {"type": "about:blank", "title": title, "status": status, "detail": sentence}
    more = {"errors": detail} if detail else {}
    return Response(json.dumps({**body, **more}), status=status, mimetype=PROBLEM)


def problems(*codes: int) -> Responses:
    content = {PROBLEM: {"schema": PROBLEM_SCHEMA}}
    return {code: {"description": HTTPStatus(code).phrase, "content": content} for code in codes}


AS_OF: Json = {
    "name": "as_of",
    "in": "query",
    "required": False,
    "description": "What could be said at the end of that day in the register's time zone, or at that moment with its"
    " offset. The first answer about a moment takes a while: until then it is 202.",
    "schema": {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]},
}
_COMPUTED: Responses = {
    202: {"description": "That moment is being computed: ask again after the seconds of Retry-After."}
}


def query(name: str, description: str, *values: str, schema: Json | None = None, required: bool = False) -> Json:
    chosen = schema or {"type": "string", **({"enum": list(values)} if values else {})}
    return {"name": name, "in": "query", "required": required, "description": description, "schema": chosen}


def route(
    path: str,
    summary: str,
    name: str,
    *parameters: Json,
    missing: bool = False,
    members: Json | None = None,
    role: str = "viewer",
    scope: str | None = None,
    dated: bool = False,
    computed: bool = False,
    media: tuple[str, ...] = (),
    faults: tuple[int, ...] = (),
) -> Callable[[View], View]:
    """A route and its description: the answer is an object whose member `name` holds a list, in pages; or, without a
    name, what was asked for itself. `dated`: it can be asked for a past moment; `computed`: its own parameters name
    one. `media`: it answers with a file of these types."""
    schema: Json = {"type": "object"}
    if name:
        listed = {name: {"type": "array", "items": {"type": "object"}}, "next": api_paging.NEXT}
        schema |= {"properties": listed, "required": [name, "next"]}
    if members is not None:
        schema["properties"] = {**schema.get("properties", {}), **members}
    taken = (*parameters, *((AS_OF,) if dated else ()), *(api_paging.PARAMETERS if name else ()))
    responses: Responses = {
        200: {"description": summary, "content": _content(schema, media)},
        **(_COMPUTED if dated or computed else {}),
        304: {"description": "What the caller has still holds."},
        **problems(400, 401, 403, *((404,) if missing or taken else ()), *faults),
    }
    PARAMETERS[described(path)] = taken

    def decorate(view: View) -> View:
        if dated:
            DATED.add(f"{blueprint.name}.{view.__name__}")
        let_in = access.needs(role, scope)(view)
        blueprint.get(path)(blueprint.doc(summary=summary, security=SECURITY, responses=responses)(let_in))
        return view

    return decorate


def _content(schema: Json, media: tuple[str, ...]) -> Json:
    return {form: {"schema": {}} for form in media} or {"application/json": {"schema": schema}}


def described(path: str) -> str:
    """A path as the description writes it; what its parts may be is noted."""
    name = "/api/v1" + _PATH_PART.sub(r"{\1}", path)
    numbers = {part: {"type": "integer", "minimum": 0, "maximum": int(most)} for most, part in _WHOLE.findall(path)}
    choices = {part: {"type": "string", "enum": _CHOICE.findall(names)} for names, part in _CHOSEN.findall(path)}
    PATH_PARTS[name] = {**numbers, **choices}
    return name


def refuse_what_is_not_offered() -> None:
    """Before any view of the API: a parameter that is none, or has a value that cannot be, is named."""
    rule = request.url_rule
    taken = PARAMETERS.get(_PATH_PART.sub(r"{\1}", rule.rule)) if rule is not None else None
    if taken is None or request.method != "GET":
        return
    known = {parameter["name"]: parameter["schema"] for parameter in taken}
    for parameter in taken:
        if parameter["required"] and parameter["name"] not in request.args:
            abort(400, f"{parameter['name']}: it is missing.")
    for name, values in request.args.lists():
        if name not in known:
            offered = f"There are: {', '.join(known)}." if known else "It takes none."
            abort(400, f"There is no parameter {name[:50]!r} here. {offered}")
        if NUL in "".join(values):
            abort(404, "There is nothing of this name.")
        if len(values) > 1 or not _fits(values[0], known[name]):
            abort(400, f"{name}: {_wanted(known[name])}")


def _fits(value: str, schema: Json) -> bool:
    if schema["type"] == "integer":
        is_number = value.isascii() and value.isdigit() and len(value) <= 18
        least, most = schema.get("minimum", 0), schema.get("maximum", 2**63 - 1)
        return is_number and least <= int(value) <= most and int(value) in schema.get("enum", [int(value)])
    return value in schema["enum"] if "enum" in schema else True


def _wanted(schema: Json) -> str:
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}, once."
    if schema["type"] == "integer":
        return f"a whole number from {schema.get('minimum', 0)} to {schema.get('maximum', 2**63 - 1)}, once."
    return "one text."


def answer(read: Callable[[], Json | None], name: str = "", finish: Finish | None = None) -> Response:
    """The answer with its mark; a caller that has it already costs one indexed read. With `name` in pages.

    An answer about the past is marked by what it says: what is learnt later may change it."""
    if "past" in g:
        return told(read(), name, finish)
    mark = f"{views.pulse(site().store)}-{pages.build()}"
    if request.if_none_match.contains_weak(mark):
        response = Response(status=304)
    else:
        response = told(read(), name, finish)
    response.set_etag(mark, weak=True)
    return private(response)


def told(document: Json | None, name: str = "", finish: Finish | None = None) -> Response:
    """The answer of something that moves beside the figures; its mark is made from what it says.

    `finish` adds to the lines of one page what would be too much for all of them."""
    if document is None:
        abort(404, "There is nothing of this name, or nothing was decided about it yet.")
    if not name:
        return json_of(document)
    page = api_paging.one_page(document, name)
    if finish is not None:
        page[name] = finish(page[name])
    response = json_of(page)
    api_paging.link_next(response, page)
    return response


def private(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie, Authorization"
    return response


def mark_answers(app: Flask) -> None:
    """Every answer to a GET has a mark; most have one that costs less than the answer."""

    @app.after_request
    def _mark(response: Response) -> Response:
        is_plain = response.status_code == 200 and request.method in ("GET", "HEAD") and not response.is_streamed
        if request.path.startswith("/api/") and is_plain and "ETag" not in response.headers:
            response.add_etag(weak=True)
            private(response).make_conditional(request)
        return response


def json_of(document: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(document), status=status, mimetype="application/json")


def told_once(document: Any, status: int) -> Response:
    """A secret stands in it, and nothing between here and whoever asked may keep it."""
    response = json_of(document, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def asked(name: str) -> str | None:
    return request.args.get(name) or None


def site() -> pages.Site:
    return pages.site()
