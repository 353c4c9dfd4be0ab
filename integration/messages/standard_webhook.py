"""Webhooks as the Standard Webhooks say: an id that stays, a moment, and a signature by each secret that holds.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

import orjson

from integration.contract import Misconfigured
from integration.messages.message import TOPICS, Message
from integration.messages.picture import Picture

PREFIX = "whsec_"
LEAST, MOST = 24, 64  # bytes of a secret


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def checked_secret(text: str) -> str:
    """A secret as receivers' libraries take it; raise where it is none."""
    secret = text.strip()
    try:
        length = len(base64.b64decode(secret.removeprefix(PREFIX), validate=True))
    except (binascii.Error, ValueError):
        length = 0
    if not secret.startswith(PREFIX) or not LEAST <= length <= MOST:
        sentence = f"A signing secret is {PREFIX} and {LEAST} to {MOST} bytes in base64; leave it out and one is made."
        raise Misconfigured("bad_secret", sentence)
    return secret


def body_of(message: Message, picture: Picture | None = None) -> bytes:
    data = {**(message.data or {}), "title": message.title, "url": message.url or None}
    if picture is not None and picture.link:
        data["picture"] = {"url": picture.link, "alt": picture.words}
    return orjson.dumps({"type": TOPICS[message.topic], "timestamp": message.at.isoformat(), "data": data})


def headers_of(public_id: str, body: bytes, held: Sequence[str], now: datetime) -> dict[str, str]:
    """`held`: the secrets that hold, the newest first: while one is replaced, the receiver may know either."""
    moment = str(int(now.timestamp()))
    signatures = " ".join(signature(public_id, moment, body, secret) for secret in held)
    return {"webhook-id": public_id, "webhook-timestamp": moment, "webhook-signature": signatures}


def signature(public_id: str, moment: str, body: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, f"{public_id}.{moment}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
