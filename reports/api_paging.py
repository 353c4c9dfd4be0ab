"""Lists in pages: `limit`, an opaque `cursor`, and the address of the next page."""

import base64
import binascii
import json
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, request

Json = dict[str, Any]
DEFAULT, MOST = 200, 1000
PARAMETERS: tuple[Json, ...] = (
    {
        "name": "limit",
        "in": "query",
        "required": False,
        "description": f"How many lines a page has at most; {DEFAULT} by default.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT},
    },
    {
        "name": "cursor",
        "in": "query",
        "required": False,
        "description": "Where a page goes on: take it from `next`, do not make one.",
        "schema": {"type": "string"},
    },
)
NEXT: Json = {"type": ["string", "null"], "description": "The address of the next page; null on the last one."}
_NAMES = (
    "connection",
    "id",
    "code",
    "epic",
    "name",
    "number",
    "words",
    "kind",
    "by",
    "subject",
    "cycle",
    "measure",
    "scope",
    "at",
    "item",
    "about",
    "text",
)


def one_page(document: Json, name: str) -> Json:
    """The lines of `name` that are asked for, and where the next ones are.

    A cursor names the line that a page ended with: what comes or goes elsewhere moves no line out of the next page.
    """
    lines: list[Json] = document[name]
    limit = request.args.get("limit", DEFAULT, type=int)
    start = _start(lines, request.args.get("cursor"))
    page = lines[start : start + limit]
    is_last = start + limit >= len(lines)
    following = None if is_last or not page else address(cursor=_cursor(start + limit, page[-1]))
    return {**document, name: page, "next": following}


def link_next(response: Response, document: Json) -> None:
    """Also as RFC 8288 has it."""
    if document.get("next"):
        response.headers["Link"] = f'<{document["next"]}>; rel="next"'


def _start(lines: list[Json], cursor: str | None) -> int:
    if cursor is None:
        return 0
    place, identity = _read(cursor)
    if 0 < place <= len(lines) and _identity(lines[place - 1]) == identity:
        return place
    found = next((number for number, line in enumerate(lines) if _identity(line) == identity), None)
    return min(place, len(lines)) if found is None else found + 1


def _cursor(place: int, line: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps([place, _identity(line)]).encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[int, list[Any]]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        place, identity = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, RecursionError, binascii.Error):
        place, identity = None, None
    if not isinstance(place, int) or isinstance(place, bool) or place < 1 or not isinstance(identity, list):
        abort(404, "This cursor is none of ours: take the address of a page from `next`.")
    return place, identity


def _identity(line: Json) -> list[Any]:
    return [line.get(name) for name in _NAMES]


def address(**changed: object) -> str:
    """The address that was asked for, with other values of these parameters."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in changed]
    return f"{request.path}?{urlencode([*kept, *changed.items()])}"
