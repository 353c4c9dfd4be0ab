"""How the simulated site checks a request: who asks, how often, and whether body and parameters are
exactly what the official documents allow."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Response, g, jsonify, request

from simulator.shapes import Json
from simulator.site import Site


class Refused(Exception):
    """An answer that is not 2xx, as Jira words it."""

    def __init__(self, status: int, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.status = status
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class Shape:
    """One key of a body: its type, and how many entries a list may have."""

    kind: type
    most: int | None = None
    entries: tuple[type, ...] = (str,)


def refuse(error: Refused) -> Response:
    answer = jsonify({"errorMessages": list(error.sentences), "errors": {}})
    answer.status_code = error.status
    return answer


def check_caller(site: Site) -> None:
    """Right credentials, none (then the caller sees no issue), or 401."""
    header = request.headers.get("Authorization")
    g.anonymous = header is None
    if header is None:
        return
    scheme, _, encoded = header.partition(" ")
    if site.is_data_center:
        if scheme.lower() != "bearer" or not hmac.compare_digest(encoded.encode(), site.token.encode()):
            raise Refused(401, "Client must be authenticated to access this resource.")
        return
    try:
        given = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        given = b""
    if scheme.lower() != "basic" or not hmac.compare_digest(given, f"{site.email}:{site.token}".encode()):
        raise Refused(401, "Client must be authenticated to access this resource.")


def must_be_known() -> None:
    if g.anonymous:
        raise Refused(401, "Client must be authenticated to access this resource.")


def limited(site: Site) -> Response | None:
    """The 429 that was asked for, if this request meets it."""
    for limit in site.limits:
        if limit.left > 0 and request.path.startswith(limit.path):
            limit.left -= 1
            answer = jsonify({"errorMessages": ["Rate limit exceeded."], "errors": {}})
            answer.status_code = 429
            reset = datetime.now(UTC) + timedelta(seconds=limit.retry_after)
            answer.headers["Retry-After"] = str(limit.retry_after)
            answer.headers["RateLimit-Reason"] = limit.reason
            answer.headers["X-RateLimit-Limit"] = "100"
            answer.headers["X-RateLimit-Remaining"] = "0"
            answer.headers["X-RateLimit-Reset"] = reset.strftime("%Y-%m-%dT%H:%MZ")
            return answer
    return None


def strict_body(shapes: Mapping[str, Shape], required: tuple[str, ...] = ()) -> Json:
    """The request's JSON object; unknown keys, nulls and wrong types are 400."""
    if not request.is_json:
        raise Refused(415, "The request must be of type application/json.")
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refused(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    for key, value in body.items():
        shape = shapes.get(key)
        if shape is None or not _fits(value, shape):
            raise Refused(400, f"Invalid request payload: '{key}'. Refer to the REST API documentation and try again.")
    missing = [key for key in required if key not in body]
    if missing:
        raise Refused(400, f"Invalid request payload: '{missing[0]}' is required.")
    return body


def _fits(value: object, shape: Shape) -> bool:
    if not isinstance(value, shape.kind) or isinstance(value, bool) != (shape.kind is bool):
        return False
    if isinstance(value, list):
        return (shape.most is None or len(value) <= shape.most) and all(isinstance(v, shape.entries) for v in value)
    return True


def whole(name: str, default: int, least: int = 0, most: int = 10_000) -> int:
    """A whole number among the query parameters."""
    text = request.args.get(name)
    if text is None:
        return default
    if not text.lstrip("-").isdecimal() or not least <= int(text) <= most:
        raise Refused(400, f"The value '{text}' of '{name}' must be between {least} and {most}.")
    return int(text)


def listed(name: str) -> list[str]:
    """A parameter that may be repeated or hold commas."""
    return [part.strip() for text in request.args.getlist(name) for part in text.split(",") if part.strip()]
