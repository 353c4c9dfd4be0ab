"""The door's judgement: proves that a call comes from its tracker, and says what it gets.

Whoever cannot prove it gets the same answer after the same work, whatever is wrong, and leaves nothing but a count.
How calls come here, and how long they may take, see `front`.
"""

import logging
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from webhooks.contract import Call, Handshake, Headers, Key, Rejected, Sender
from webhooks.intake import Incoming, incoming
from webhooks.keys import KeyRing
from webhooks.signatures import hex_signature, same
from webhooks.writer import Unavailable, reason_of

RETRY_AFTER = 5  # seconds

KeepSecret = Callable[[Key, bytes], bool]
"""Keep a handshake's secret durably if the connection still has none; False if it has."""

_KEPT_HEADERS = ("content-type", "user-agent")
_NOBODY = Sender("unknown", hex_signature("x-hub-signature", "sha256="), lambda _headers, _body: None, can_sign=True)
_UNKNOWN = Key(connection="", tracker="")
_log = logging.getLogger(__name__)


def _keep_nothing(_key: Key, _secret: bytes) -> bool:
    return False


def _now() -> datetime:
    return datetime.now(UTC)


class Refusals:
    """Counts of refused calls by tracker, whether the connection is known, and reason. They are logged as they double,
    so that nobody can fill the log.
    """

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, bool, str]] = Counter()
        self._lock = threading.Lock()

    def count(self, tracker: str, known: bool, reason: str) -> None:
        with self._lock:
            self._counts[tracker, known, reason] += 1
            number = self._counts[tracker, known, reason]
        if number & (number - 1) == 0:
            fields = {"tracker": tracker, "connection_known": known, "reason": reason, "number": number}
            _log.warning("calls refused", extra=fields)

    def counts(self) -> dict[tuple[str, bool, str], int]:
        with self._lock:
            return dict(self._counts)


@dataclass(frozen=True, slots=True)
class Door:
    """All that the proof of a call needs."""

    senders: Mapping[str, Sender]
    ring: KeyRing
    keep_secret: KeepSecret = _keep_nothing
    refusals: Refusals = field(default_factory=Refusals)
    clock: Callable[[], datetime] = _now
    # They match nothing; with them every call is compared with two secrets.
    decoys: tuple[bytes, bytes] = field(default_factory=lambda: (secrets.token_bytes(32), secrets.token_bytes(32)))


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/plain"),)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A genuine delivery, to be answered once it is stored."""

    delivery: Incoming
    answer: Answer


def judge(door: Door, path: str, method: str, headers: Headers, body: bytes) -> Answer | Accepted:
    """Say what a call gets, by the keys that the ring holds. Only handshakes wait for anything."""
    tracker, connection, token = _address(path)
    sender = door.senders.get(tracker, _NOBODY)
    call = Call(method, headers, body, door.clock())
    key = door.ring.key(tracker, connection) if sender is not _NOBODY and _may_be_a_name(connection) else None
    try:
        handshake = _admit(door, sender, key, token, call)
        if handshake is not None:
            return _shaken(door, key or _UNKNOWN, handshake)
    except Rejected as rejected:
        door.refusals.count(sender.tracker, key is not None, rejected.reason)
        return said(401, "unauthorized")
    kept = {name: headers[name] for name in (*_KEPT_HEADERS, *sender.kept_headers) if name in headers}
    vendors_id = sender.delivery_id(headers, body) or None
    delivery = incoming(tracker, connection, delivery_id=vendors_id, headers=kept, body=body, at=call.at)
    return Accepted(delivery, Answer(sender.accepted_status))


def may_wait(door: Door, path: str) -> bool:
    """Say whether judging a call on this path may wait for the database: handshakes keep secrets."""
    sender = door.senders.get(_address(path)[0])
    return sender is not None and sender.handshake is not None


def _admit(door: Door, sender: Sender, key: Key | None, token: str, call: Call) -> Handshake | None:
    """Do all of the work in any case, then raise the first reason against the call."""
    against = [] if key is not None else ["unknown_connection"]
    key = key or _UNKNOWN
    if not same(token, key.token or ""):
        against.append("wrong_token")
    handshake = sender.handshake(call, key) if sender.handshake is not None else None
    unproven = _unproven(sender, key, call, door.decoys)
    if handshake is None:
        against += unproven
    if against:
        raise Rejected(against[0])
    return handshake


def _unproven(sender: Sender, key: Key, call: Call, decoys: tuple[bytes, bytes]) -> list[str]:
    """Say what is missing for the proof that this is a delivery of the tracker."""
    reasons = [] if call.method == "POST" else ["not_a_delivery"]
    wrong = []
    try:
        sender.verify(call.headers, call.body, replace(key, secrets=(*key.secrets, *decoys)[:2]), call.at)
    except Rejected as rejected:
        wrong = [rejected.reason]
    if key.secrets:
        return reasons + wrong
    if sender.can_sign and not key.unsigned:
        return [*reasons, "no_secret"]
    return reasons if key.token else [*reasons, "no_token"]


def _shaken(door: Door, key: Key, handshake: Handshake) -> Answer:
    """Answer a handshake; a secret in it is kept before, and never replaces another."""
    if handshake.secret is not None and (key.secrets or not door.keep_secret(key, handshake.secret)):
        raise Rejected("unexpected_secret")
    return Answer(handshake.status, handshake.body, (("Content-Type", "application/json"), *handshake.headers))


def in_trouble(error: Exception) -> Answer:
    """Turn every trouble of ours into a 503, which trackers repeat; never into a 4xx, which they do not."""
    if isinstance(error, Unavailable):
        return later(error.reason)
    if isinstance(error, SQLAlchemyError):
        _log.error("the door cannot reach its database", extra={"reason": reason_of(error)})
        return later(reason_of(error))
    _log.error("unexpected error at the door", exc_info=error)
    return later("unexpected")


def later(reason: str) -> Answer:
    answer = said(503, reason)
    return replace(answer, headers=(*answer.headers, ("Retry-After", str(RETRY_AFTER))))


def said(status: int, word: str) -> Answer:
    return Answer(status, f'{{"status": "{word}"}}\n'.encode(), (("Content-Type", "application/json"),))


def _address(path: str) -> tuple[str, str, str]:
    """Tracker, connection and token, the last may be empty; of any other path, names that nobody has."""
    names = path.split("/")[2:]
    if len(names) == 2:
        return names[0], names[1], ""
    return (names[0], names[1], names[2]) if len(names) == 3 else ("", "", "")


def _may_be_a_name(connection: str) -> bool:
    """Keep from the database what no name holds and what it could not take: PostgreSQL refuses NUL in texts."""
    return connection.isprintable() and len(connection) <= 200
