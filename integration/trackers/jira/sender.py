"""What the door needs to know of Jira: how its deliveries are proven genuine, and which name each bears.

https://developer.atlassian.com/cloud/jira/platform/webhooks/
"""

import base64
import binascii
from datetime import datetime

import orjson

from webhooks.contract import Headers, Key, Rejected, Sender
from webhooks.signatures import hex_signature, hmac_sha256, matches_any

_LEEWAY = 60  # seconds by which clocks may differ
_signature = hex_signature("x-hub-signature", prefix="sha256=")


def verify(headers: Headers, body: bytes, key: Key, now: datetime) -> None:
    """By the signature of the body; webhooks of OAuth apps bear a token signed with the client secret in its place."""
    bearer = headers.get("authorization", "")
    if "x-hub-signature" in headers or not bearer.startswith(("Bearer ", "JWT ")):
        _signature(headers, body, key, now)
        return
    _check_token(bearer.partition(" ")[2].strip(), key, now)


def _check_token(token: str, key: Key, now: datetime) -> None:
    """HS256 alone: a token that names another method, or none, is refused with the rest."""
    signed, _, given = token.rpartition(".")
    genuine = matches_any(key, given, lambda secret: _text(hmac_sha256(secret, signed.encode("utf-8", "replace"))))
    header, _, payload = signed.partition(".")
    if not genuine or _claims(header).get("alg") != "HS256":
        raise Rejected("bad_signature")
    expires = _claims(payload).get("exp")
    if not isinstance(expires, int | float) or expires + _LEEWAY < now.timestamp():
        raise Rejected("stale_token")


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _claims(part: str) -> dict[str, object]:
    try:
        told = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _identifier(headers: Headers, body: bytes) -> str | None:  # noqa: ARG001 - the door passes both
    """The same in every repetition, unique within one site."""
    return headers.get("x-atlassian-webhook-identifier") or None


SENDER = Sender(
    tracker="jira",
    verify=verify,
    delivery_id=_identifier,
    can_sign=True,
    kept_headers=(
        "x-atlassian-webhook-identifier",
        "x-atlassian-webhook-retry",
        "x-atlassian-webhook-flow",
    ),
)
