"""How the simulated site checks a request: who asks, how often, and whether body and parameters are
exactly what the official documents allow."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import Response, g, jsonify, request

from simulator.conditions import REMOVED, Limit, Outage
from simulator.dates import Json
from simulator.scopes import needed
from simulator.site import Site

GATE = "simulator.gateway"  # the cloudId by which a request came through the gateway


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
    """As the site words it; a 401 through the gateway is the gateway's own."""
    if error.status == 401 and GATE in request.environ:
        answer = jsonify({"code": 401, "message": str(error)})
    else:
        answer = jsonify({"errorMessages": list(error.sentences), "errors": {}})
    answer.status_code = error.status
    return answer


def done(status: int) -> Response:
    """An answer without a word, which is JSON all the same."""
    return Response(status=status, mimetype="application/json")


def check_caller(site: Site) -> None:
    """Right credentials, none (then the caller sees no issue), or 401."""
    g.app = None
    if GATE in request.environ:
        _check_at_the_gateway(site)
        return
    header = request.headers.get("Authorization")
    g.anonymous = header is None or site.conditions.is_anonymous
    if header is None or g.anonymous:
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


def _check_at_the_gateway(site: Site) -> None:
    """An OAuth token with the scopes for this call, or a token with scopes; tokens of the other kinds are refused."""
    if request.environ[GATE] != site.cloud_id:
        raise Refused(404, "No site has this cloudId.")
    g.anonymous = False
    header = request.headers.get("Authorization", "")
    given = bearer_of(header)
    scoped = base64.b64encode(f"{site.email}:{site.scoped_token}".encode()).decode()
    if header in (f"Bearer {site.scoped_token}", f"Basic {scoped}"):
        return
    grant = site.accounts.grant_of(given)
    if grant is None:
        raise Refused(401, "Unauthorized")
    wanted = needed(request.method, request.path)
    if wanted is None or not wanted <= set(grant.scopes):
        raise Refused(401, "Unauthorized; scope does not match")
    g.app = grant.app


def bearer_of(header: str) -> str:
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def must_be_known() -> None:
    if g.anonymous:
        raise Refused(401, "Client must be authenticated to access this resource.")


def refused_at_once(site: Site) -> Response | None:
    """What the site's conditions answer in place of any work: an outage, a call that is gone, a limit."""
    outage = site.conditions.outage
    if outage is not None and site.now() < outage.until:
        return _out_of_order(outage)
    gone = not site.is_data_center and request.path in REMOVED
    if gone or (site.conditions.removed and request.path.startswith(site.conditions.removed)):
        sentence = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."
        raise Refused(
            410, f"{sentence} A full migration guideline is at https://developer.atlassian.com/changelog/#CHANGE-2046"
        )
    limit = next((one for one in site.conditions.limits if one.left > 0 and request.path.startswith(one.path)), None)
    return None if limit is None else _limited(site, limit)


def _out_of_order(outage: Outage) -> Response:
    if outage.is_page:
        answer = Response("<html><body>We will be back soon.</body></html>", mimetype="text/html")
    else:
        answer = jsonify({"errorMessages": ["Service unavailable."], "errors": {}})
    answer.status_code = outage.status
    if outage.retry_after is not None:
        answer.headers["Retry-After"] = str(outage.retry_after)
    return answer


def _limited(site: Site, limit: Limit) -> Response:
    """Cloud tells why, and until when; Data Center tells how fast its bucket fills."""
    limit.left -= 1
    answer = jsonify({"errorMessages": ["Rate limit exceeded."], "errors": {}})
    answer.status_code = 429
    answer.headers["X-RateLimit-Limit"] = "100"
    answer.headers["X-RateLimit-Remaining"] = "0"
    if limit.retry_after is not None:
        answer.headers["Retry-After"] = str(limit.retry_after)
    if site.is_data_center:
        answer.headers["X-RateLimit-FillRate"] = "10"
        answer.headers["X-RateLimit-Interval-Seconds"] = "1"
        return answer
    answer.headers["RateLimit-Reason"] = limit.reason
    reset = site.now() + timedelta(seconds=limit.retry_after or 0)
    answer.headers["X-RateLimit-Reset"] = reset.strftime("%Y-%m-%dT%H:%MZ")
    return answer


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
