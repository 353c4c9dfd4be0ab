"""What a tracker tells the door about its deliveries: how they are proven genuine, named and acknowledged.

Whatever bytes arrive, the functions of a `Sender` return or raise `Rejected`; they never read a clock.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

Headers = Mapping[str, str]  # names in lower case

# Jira and GitHub send nothing above 25 MB, and a smaller limit would lose deliveries: 413 is never retried.
LARGEST_BODY = 25 * 1024 * 1024

_NEVER_KEPT = frozenset({"authorization", "cookie", "proxy-authorization", "x-gitlab-token", "x-hook-secret"})


class Rejected(Exception):
    """The call is not proven to come from the tracker; `reason` is a stable snake_case code for counting."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Key:
    """What the door knows of a connection. Two secrets may be valid at a time: they can be changed without a gap."""

    connection: str
    tracker: str
    secrets: tuple[bytes, ...] = field(default=(), repr=False)  # newest first, at most two
    token: str | None = field(default=None, repr=False)  # last part of the path
    callback_url: str = field(default="", repr=False)  # as registered: some trackers sign it
    unsigned: bool = False  # the operator said that this site cannot sign: its token alone proves it


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request to the door, before anything is known about it."""

    method: str
    headers: Headers
    body: bytes = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Handshake:
    """The answer that a tracker wants while its webhook is being created; a `secret` in it is to be kept."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    secret: bytes | None = field(default=None, repr=False)


Verify = Callable[[Headers, bytes, Key, datetime], None]
"""(headers, raw body, key, now): returns, or raises `Rejected`. Does the same work whatever is wrong.

`key.secrets` always holds two: the door fills up with random ones that match nothing.
"""


@dataclass(frozen=True, slots=True)
class Sender:
    """One tracker, as the door sees it.

    `delivery_id`: the vendor's own id, the same in every repetition; None where there is none: then the body must tell
    its own time, for equal bodies count as one delivery.
    `can_sign`: a connection without a secret is refused, unless its key says `unsigned`.
    `handshake`: returns an answer only to a call that is one; asked after connection and token are known to be right,
    before the signature. Its `key` is the real one, so that a pending secret can be told from one that is there.
    """

    tracker: str
    verify: Verify
    delivery_id: Callable[[Headers, bytes], str | None]
    can_sign: bool
    handshake: Callable[[Call, Key], Handshake | None] | None = None
    accepted_status: int = 200
    kept_headers: tuple[str, ...] = ()  # lower case; stored beside the body

    def __post_init__(self) -> None:
        forbidden = _NEVER_KEPT.intersection(self.kept_headers)
        if forbidden:
            raise ValueError(f"{self.tracker}: these headers may hold secrets and are never kept: {sorted(forbidden)}")
