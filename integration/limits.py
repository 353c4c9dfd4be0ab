"""What a tracker says of its own limit on calls, read from its answers; and who counts the calls that we make.

https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

LONGEST_REASON = 100
_MOST_DIGITS = 9
_TOLD_BY = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit-Reason")
TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Pace:
    """What our budget allows to one connection."""

    per_second: float
    burst: int

    @property
    def an_hour(self) -> int:
        return int(self.per_second * 3600)


@dataclass(frozen=True, slots=True)
class Said:
    """The tracker's own words on its limit: None is what it did not say. `is_refusal`: they came with a 429."""

    limit: int | None = None
    remaining: int | None = None
    resets_at: datetime | None = None
    reason: str = ""
    is_refusal: bool = False


class CallBook(Protocol):
    """Counts the calls to one connection; it costs no write for each of them. A wait for "" is one of all calls; else
    `call` is one of those that wait."""

    def __hash__(self) -> int: ...
    def note_call(self, pace: Pace) -> None: ...
    def note_said(self, said: Said) -> None: ...
    def note_wait(self, reason: str, call: str, seconds: float) -> None: ...


def said_of(status: int, headers: Mapping[str, str]) -> Said | None:
    """None: the answer says nothing of a limit."""
    if status != TOO_MANY and not any(name in headers for name in _TOLD_BY):
        return None
    reason = "".join(sign for sign in headers.get("RateLimit-Reason", "") if sign.isprintable())[:LONGEST_REASON]
    return Said(
        limit=_number(headers.get("X-RateLimit-Limit", "")),
        remaining=_number(headers.get("X-RateLimit-Remaining", "")),
        resets_at=resets_at(headers),
        reason=reason,
        is_refusal=status == TOO_MANY,
    )


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None


def resets_at(headers: Mapping[str, str]) -> datetime | None:
    try:
        at = datetime.fromisoformat(headers.get("X-RateLimit-Reset", "").strip())
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None
