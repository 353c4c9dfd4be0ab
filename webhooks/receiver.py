"""The door: proves that a call comes from its tracker, stores it, and only then answers with success.

Whoever cannot prove it gets the same answer after the same work, whatever is wrong, and leaves nothing but a count.
"""

import logging
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.wsgi import get_content_length, get_input_stream

from webhooks.contract import LARGEST_BODY, Call, Handshake, Headers, Key, Rejected, Sender
from webhooks.intake import incoming
from webhooks.signatures import hex_signature, same
from webhooks.writer import InboxWriter, Unavailable, reason_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

RETRY_AFTER = 5  # seconds

KeyOf = Callable[[str, str], Key | None]
"""(tracker, connection as in the URL): takes the same time for a known and an unknown connection; see `KeyRing`."""

KeepSecret = Callable[[Key, bytes], bool]
"""Keep a handshake's secret durably if the connection still has none; False if it has."""

_KEPT_HEADERS = ("content-type", "user-agent")
_NOBODY = Sender("unknown", hex_signature("x-hub-signature", "sha256="), lambda _headers, _body: None, can_sign=True)
_UNKNOWN = Key(connection="", tracker="")
_log = logging.getLogger(__name__)


def _keep_nothing(_key: Key, _secret: bytes) -> bool:
    return False


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


def add_door(
    app: Flask,
    writer: InboxWriter,
    senders: Mapping[str, Sender],
    key_of: KeyOf,
    *,
    keep_secret: KeepSecret = _keep_nothing,
    refusals: Refusals | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Serve `/hooks/<tracker>/<connection>[/<token>]` and `/healthz` in front of the application.

    It never sees them: nothing that is done for pages (sessions, forms, logs) can slow the door down or break it.
    """
    door = _Door(writer, senders, key_of, keep_secret, refusals or Refusals(), clock)
    inside: WSGIApplication = app.wsgi_app

    def wsgi_app(environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith("/hooks/"):
            answer = _safely(lambda: _receive(door, path, environ))
        elif path == "/healthz":
            answer = _safely(lambda: _health(writer))
        else:
            return inside(environ, start_response)
        return _send(answer, environ, start_response)

    app.wsgi_app = wsgi_app  # type: ignore[method-assign]  # as Flask's documentation says to wrap an application


@dataclass(frozen=True, slots=True)
class _Door:
    writer: InboxWriter
    senders: Mapping[str, Sender]
    key_of: KeyOf
    keep_secret: KeepSecret
    refusals: Refusals
    clock: Callable[[], datetime]
    # They match nothing; with them every call is compared with two secrets.
    decoys: tuple[bytes, bytes] = field(default_factory=lambda: (secrets.token_bytes(32), secrets.token_bytes(32)))


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/plain"),)


def _receive(door: _Door, path: str, environ: dict[str, Any]) -> _Answer:
    tracker, connection, token = _address(path)
    sender = door.senders.get(tracker, _NOBODY)
    call = Call(environ["REQUEST_METHOD"], _headers(environ), _body(environ), door.clock())
    key = door.key_of(tracker, connection) if sender is not _NOBODY and _may_be_a_name(connection) else None
    try:
        handshake = _admit(door, sender, key, token, call)
        if handshake is not None:
            return _shaken(door, key or _UNKNOWN, handshake)
    except Rejected as rejected:
        door.refusals.count(sender.tracker, key is not None, rejected.reason)
        return _said(401, "unauthorized")
    kept = {name: call.headers[name] for name in (*_KEPT_HEADERS, *sender.kept_headers) if name in call.headers}
    vendors_id = sender.delivery_id(call.headers, call.body) or None
    door.writer.put(incoming(tracker, connection, delivery_id=vendors_id, headers=kept, body=call.body, at=call.at))
    return _Answer(sender.accepted_status)


def _admit(door: _Door, sender: Sender, key: Key | None, token: str, call: Call) -> Handshake | None:
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


def _shaken(door: _Door, key: Key, handshake: Handshake) -> _Answer:
    """Answer a handshake; a secret in it is kept before, and never replaces another."""
    if handshake.secret is not None and (key.secrets or not door.keep_secret(key, handshake.secret)):
        raise Rejected("unexpected_secret")
    return _Answer(handshake.status, handshake.body, (("Content-Type", "application/json"), *handshake.headers))


def _health(writer: InboxWriter) -> _Answer:
    writer.check()
    return _said(200, "ok")


def _safely(answer_of: Callable[[], _Answer]) -> _Answer:
    """Turn every trouble of ours into a 503, which trackers repeat; never into a 4xx, which they do not."""
    try:
        return answer_of()
    except RequestEntityTooLarge:
        return _said(413, "body_too_large")
    except ClientDisconnected:
        # The sender hung up before the end of its body. Some repeat after 408, none after 400.
        return _said(408, "body_cut_short")
    except Unavailable as error:
        return _later(error.reason)
    except SQLAlchemyError as error:
        _log.error("the door cannot reach its database", extra={"reason": reason_of(error)})
        return _later(reason_of(error))
    except Exception:  # noqa: BLE001 - the door's error handler: a 500 would be lost, a 503 is sent again
        _log.exception("unexpected error at the door")
        return _later("unexpected")


def _later(reason: str) -> _Answer:
    said = _said(503, reason)
    return replace(said, headers=(*said.headers, ("Retry-After", str(RETRY_AFTER))))


def _said(status: int, word: str) -> _Answer:
    return _Answer(status, f'{{"status": "{word}"}}\n'.encode(), (("Content-Type", "application/json"),))


def _send(answer: _Answer, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
    length = [("Content-Length", str(len(answer.body)))] if answer.status != HTTPStatus.NO_CONTENT else []
    start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", [*answer.headers, *length])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]


def _address(path: str) -> tuple[str, str, str]:
    """Tracker, connection and token, the last may be empty; of any other path, names that nobody has."""
    # WSGI hands over the bytes of the path as Latin-1: https://peps.python.org/pep-3333/#unicode-issues
    names = path.encode("latin-1", "replace").decode("utf-8", "replace").split("/")[2:]
    if len(names) == 2:
        return names[0], names[1], ""
    return (names[0], names[1], names[2]) if len(names) == 3 else ("", "", "")


def _headers(environ: Mapping[str, object]) -> Headers:
    named = {key[5:]: value for key, value in environ.items() if key.startswith("HTTP_")}
    named["CONTENT_TYPE"] = environ.get("CONTENT_TYPE", "")
    return {name.replace("_", "-").lower(): str(value) for name, value in named.items()}


def _body(environ: dict[str, Any]) -> bytes:
    # Of a body in chunks no more is read than the limit, without a word; and a server that ends the input itself
    # hides that less came than was announced. So both are looked at here.
    body = get_input_stream(environ, max_content_length=LARGEST_BODY + 1).read()
    if len(body) > LARGEST_BODY:
        raise RequestEntityTooLarge
    if len(body) < (get_content_length(environ) or 0):
        raise ClientDisconnected
    return body


def _may_be_a_name(connection: str) -> bool:
    """Keep from the database what no name holds and what it could not take: PostgreSQL refuses NUL in texts."""
    return connection.isprintable() and len(connection) <= 200
