"""JSON as trackers send it. Where they cut a text within a character, U+FFFD stands for the half that is left:
one such letter would else make a whole page of issues, or a delivery, unreadable."""

import hashlib
import re
from typing import Any

import orjson

_HALF_CHARACTER = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def mark(value: object) -> str:
    """A short text that is the same for equal JSON, whether its lists are tuples or not."""
    return hashlib.blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=12).hexdigest()


def loads(content: bytes) -> Any:
    """Raise `orjson.JSONDecodeError` for what is no JSON otherwise."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        mended = _HALF_CHARACTER.sub(rb"\\ufffd", content)
        if mended == content:
            raise
    return orjson.loads(mended)
