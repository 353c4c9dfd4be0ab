"""Acts of the API: routes that take a JSON object, held against the schema that describes it before all else."""

import math
import re
from collections.abc import Callable
from typing import Any

from flask import abort, request
from werkzeug.datastructures import FileStorage

from reports import access
from reports.api_routes import (
    BODIES,
    FORMS,
    NUL,
    SECURITY,
    Json,
    Responses,
    View,
    blueprint,
    described,
    problems,
)

DAY: Json = {"type": "string", "format": "date"}
LINE: Json = {"type": "string", "minLength": 1, "maxLength": 500, "pattern": r"\S"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NAMES = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def body(required: tuple[str, ...] = (), **properties: Json) -> Json:
    """The schema of an object with these members and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def texts(longest: int, **more: Any) -> Json:
    return {"type": "string", "maxLength": longest, **more}


def listed(item: Json, most: int, least: int = 1) -> Json:
    return {"type": "array", "items": item, "minItems": least, "maxItems": most}


def act(
    path: str,
    summary: str,
    schema: Json | None = None,
    *,
    form: Json | None = None,
    answers: dict[int, str],
    role: str = "editor",
    scope: str | None = None,
    method: str = "post",
    faults: tuple[int, ...] = (),
) -> Callable[[View], View]:
    """A route by which something is done, and its description. `answers`: what each status says; 204 has no content.
    `faults`: statuses of problems beyond those that every act has. `form`: a form is taken, with a file in it."""
    content = {"application/json": {"schema": {"type": "object"}}}
    responses: Responses = {
        **{
            code: {"description": said, **({} if code == 204 else {"content": content})}
            for code, said in answers.items()
        },
        **problems(400, 401, 403, 404, *(() if schema is form is None else (415, 422)), *faults),
    }
    if schema is not None:
        BODIES[method, described(path)] = schema
    if form is not None:
        FORMS[method, described(path)] = form

    def decorate(view: View) -> View:
        let_in = access.needs(role, scope)(view)
        shown = blueprint.doc(summary=summary, security=SECURITY, responses=responses)(let_in)
        getattr(blueprint, method)(path)(shown)
        return view

    return decorate


def sent(schema: Json) -> Json:
    """What was sent, as the schema has it; else it is refused with what is wrong and where."""
    if not request.is_json:
        abort(415, "Send JSON, with the header Content-Type: application/json.")
    given = data_sent()
    if not isinstance(given, dict):
        abort(422, f"Send a JSON object with {', '.join(schema['properties']) or 'nothing in it'}.")
    fault = _fault(given, schema, "")
    if fault:
        abort(422, fault)
    return given


def form_sent(schema: Json) -> tuple[FileStorage, dict[str, str]]:
    """The file that was sent, and the words beside it; else it is refused with what is wrong."""
    if request.mimetype != "multipart/form-data":
        abort(415, "Send a form with the file in it: Content-Type: multipart/form-data.")
    words = {name: values[0] if len(values) == 1 else values for name, values in request.form.lists()}
    fault = _fault({**words, **dict.fromkeys(request.files, "")}, schema, "")
    if fault:
        abort(422, fault)
    files = [name for name, one in schema["properties"].items() if one.get("format") == "binary"]
    found = {name: request.files.getlist(name) for name in request.files}
    if list(found) != files or len(found[files[0]]) != 1:
        abort(422, f"Send one file, as {files[0]}, with its name.")
    return found[files[0]][0], {name: str(text) for name, text in words.items()}


def data_sent() -> Any:
    """What was sent as JSON; None where it is none, or is nested deeper than anything that is asked for."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def _fault(value: Any, schema: Json, place: str) -> str:
    """What is wrong, and where; nothing: all is right."""
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if value is None and "null" in kinds:
        return ""
    kind = next((one for one in kinds if one != "null" and _is_of(value, one)), None)
    if kind is None:
        return _wrong(place, f"it is not {' or '.join(_NAMES[one] for one in kinds if one != 'null')}")
    if "enum" in schema and value not in schema["enum"]:
        return _wrong(place, f"it is one of {', '.join(map(str, schema['enum']))}")
    return _CHECKS[kind](value, schema, place)


def _is_of(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _object(value: Json, schema: Json, place: str) -> str:
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            return _wrong(f"{place}{name}", "it is missing")
    for name, part in value.items():
        if name in known:
            fault = _fault(part, known[name], f"{place}{name}.")
        elif isinstance(more := schema.get("additionalProperties", True), dict):
            fault = _fault(part, more, f"{place}{name[:50]}.")
        elif more is False:
            fault = _wrong(place, f"there is no {name[:50]!r} here; there are {', '.join(known) or 'none'}")
        else:
            fault = ""
        if fault:
            return fault
    return ""


def _array(value: list[Any], schema: Json, place: str) -> str:
    least, most = schema.get("minItems", 0), schema.get("maxItems", len(value))
    if not least <= len(value) <= most:
        return _wrong(place, f"it holds {least} to {most}")
    faults = (_fault(one, schema["items"], f"{place}{number}.") for number, one in enumerate(value))
    return next((fault for fault in faults if fault), "")


def _string(value: str, schema: Json, place: str) -> str:
    if any(sign == NUL or "\ud800" <= sign <= "\udfff" for sign in value):
        return _wrong(place, "it holds a sign that cannot be kept")
    least, most = schema.get("minLength", 0), schema.get("maxLength", len(value))
    if not least <= len(value) <= most:
        return _wrong(place, f"it has {least} to {most} signs")
    if schema.get("format") == "date" and _DAY.fullmatch(value) is None:
        return _wrong(place, "write a day such as 2026-03-31")
    if "pattern" in schema and re.search(schema["pattern"], value) is None:
        return _wrong(place, "it is empty" if schema["pattern"] == r"\S" else f"it has the form {schema['pattern']}")
    return ""


def _integer(value: int, schema: Json, place: str) -> str:
    least, most = schema.get("minimum", value), schema.get("maximum", value)
    return "" if least <= value <= most else _wrong(place, f"it is from {least} to {most}")


def _number(value: float, _schema: Json, place: str) -> str:
    return "" if math.isfinite(value) else _wrong(place, "it is no number")


def _boolean(_value: bool, _schema: Json, _place: str) -> str:
    return ""


_CHECKS: dict[str, Callable[[Any, Json, str], str]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
}


def _wrong(place: str, said: str) -> str:
    where = place.rstrip(".")
    return f"{where}: {said}." if where else f"{said[0].upper()}{said[1:]}."
