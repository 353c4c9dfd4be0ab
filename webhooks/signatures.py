"""The building blocks of every tracker's proof: comparisons that tell nothing by the time they take."""

import hmac
from collections.abc import Callable
from datetime import datetime

from webhooks.contract import Headers, Key, Rejected, Verify


def same(given: str | bytes, expected: str | bytes) -> bool:
    """Compare in constant time; text may hold anything, while `hmac.compare_digest` takes only ASCII text."""
    return hmac.compare_digest(_bytes(given), _bytes(expected))


def hmac_sha256(secret: bytes, message: bytes) -> bytes:
    return hmac.digest(secret, message, "sha256")


def matches_any(key: Key, given: str | bytes, expected: Callable[[bytes], str | bytes]) -> bool:
    """Say whether `given` is what one of the key's secrets leads to; all of them are tried, the first match or not."""
    matches = [same(given, expected(secret)) for secret in key.secrets]
    return any(matches)


def hex_signature(header: str, prefix: str = "") -> Verify:
    """Make a check of the HMAC-SHA256 of the raw body, in hexadecimal after `prefix`, in `header` (in lower case)."""

    def verify(headers: Headers, body: bytes, key: Key, _now: datetime) -> None:
        given = headers.get(header, "")
        genuine = matches_any(key, given, lambda secret: prefix + hmac_sha256(secret, body).hex())
        if not given:
            raise Rejected("unsigned")
        if not given.startswith(prefix):
            raise Rejected("unknown_signature_method")
        if not genuine:
            raise Rejected("bad_signature")

    return verify


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
