"""Pages in threads of their own: a WSGI application behind the door's front, which no page can keep waiting.

A few pages are made at once, some more wait, and whoever comes then is told to come again.
"""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from webhooks.front import Message, NotRead, Receive, Room, Scope, Send, Taken, headers_of, read_body, reply
from webhooks.receiver import Answer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

LARGEST_BODY = 2 * 1024 * 1024  # of forms; what a page takes is less
BYTES_AT_ONCE = 64 * 1024 * 1024  # of forms larger than nearly all are, while they are read and answered
UPLOADS = "/import"  # the one page that takes a file
API_UPLOADS = "/api/v1/imports"  # and what programs do in its place
LARGEST_UPLOAD = 17 * 1024 * 1024  # the file, and the form around it
UPLOADS_AT_ONCE = 2  # they lie in memory
UPLOAD_SECONDS = 180.0
BODY_SECONDS = 30.0
SEND_SECONDS = 60.0  # that a reader may take for one part of a page
PART = 64 * 1024  # bytes of a long page that are sent together
WAIT_FOR_A_THREAD = 1  # second, said to whom pages are refused
WAITING_PER_THREAD = 4

_TOO_MANY = Answer(
    503,
    b"Too many pages are being made at once. Try again in a second.\n",
    (("Content-Type", "text/plain"), ("Retry-After", str(WAIT_FOR_A_THREAD))),
)
_TOO_MANY_FILES = Answer(
    503,
    b"Other files are being taken in. Try again in a moment.\n",
    (("Content-Type", "text/plain"), ("Retry-After", "5")),
)
_TOO_LARGE = Answer(
    413,
    b"The file is larger than a page takes. In a terminal, `tieline import FILE` takes it.\n",
    (("Content-Type", "text/plain"),),
)
_FAILED = Answer(500, b"Tieline failed to answer. The reason is in its log.\n")
_log = logging.getLogger(__name__)


class PageThreads:
    """Serves a WSGI application as an ASGI one, with so many threads."""

    def __init__(self, application: "WSGIApplication", threads: int) -> None:
        self._application = application
        self._pool = ThreadPoolExecutor(threads, "page")
        self._most = threads * (1 + WAITING_PER_THREAD)
        self._in_hand = 0
        self._uploads = 0
        self._room = Room(BYTES_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] not in (UPLOADS, API_UPLOADS) or scope["method"] != "POST":
            with self._room.taken() as taken:
                await self._answer(LARGEST_BODY, BODY_SECONDS, scope, receive, send, taken)
            return
        refusal = await self._refusal(scope)
        if refusal:
            for message in refusal:
                await send(message)
            return
        if self._uploads >= UPLOADS_AT_ONCE:
            await _refuse(_TOO_MANY_FILES, scope, send)
            return
        self._uploads += 1
        try:
            await self._answer(LARGEST_UPLOAD, UPLOAD_SECONDS, scope, receive, send)
        finally:
            self._uploads -= 1

    async def _refusal(self, scope: Scope) -> list[Message]:
        """Why this sender gets no form for files, none: it gets one. Asked before a byte of a file is read, for who may
        not upload could else hold the places of those who may."""
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)

        looking = {**scope, "method": "GET"}
        await self._taken_in_hand(_environ(looking, b""), looking, keep)
        return [] if sent[0]["status"] == 200 else sent

    async def _answer(
        self, most: int, seconds: float, scope: Scope, receive: Receive, send: Send, taken: Taken | None = None
    ) -> None:
        try:
            body = await read_body(headers_of(scope), receive, most, seconds, taken)
        except NotRead as unread:
            is_file = most == LARGEST_UPLOAD and unread.answer.status == _TOO_LARGE.status
            await _refuse(_TOO_LARGE if is_file else unread.answer, scope, send)
            return
        await self._taken_in_hand(_environ(scope, body), scope, send)

    async def _taken_in_hand(self, environ: "WSGIEnvironment", scope: Scope, send: Send) -> None:
        if self._in_hand >= self._most:
            await _refuse(_TOO_MANY, scope, send)
            return
        self._in_hand += 1
        try:
            await self._made(environ, scope, send)
        finally:
            self._in_hand -= 1

    async def _made(self, environ: "WSGIEnvironment", scope: Scope, send: Send) -> None:
        loop = asyncio.get_running_loop()
        page = _Page(partial(_send_from_thread, loop, send))
        try:
            rest = await loop.run_in_executor(self._pool, page.make, self._application, environ)
        except Exception:
            _log.exception("no page could be made", extra={"path": scope["path"]})
            if page.is_begun:
                raise  # the server cuts the connection: nobody takes the half for the whole
            await _refuse(_FAILED, scope, send)
            return
        for message in rest:
            await send(message)


async def _refuse(answer: Answer, scope: Scope, send: Send) -> None:
    """Programs are told with a problem, as of all else that goes wrong."""
    if scope["path"].startswith("/api/"):
        title, detail = HTTPStatus(answer.status).phrase, answer.body.decode().strip()
        problem = {"type": "about:blank", "title": title, "status": answer.status, "detail": detail or f"{title}."}
        kept = tuple(header for header in answer.headers if header[0] != "Content-Type")
        headers = (("Content-Type", "application/problem+json"), *kept)
        answer = Answer(answer.status, json.dumps(problem).encode(), headers)
    await reply(answer, scope, send)


class _Page:
    """An answer on its way: long ones are sent in parts from the page's thread, the last part by the loop."""

    def __init__(self, send: Any) -> None:
        self._send = send
        self._start: Message | None = None
        self.is_begun = False

    def make(self, application: "WSGIApplication", environ: "WSGIEnvironment") -> list[Message]:
        """Run the application; give what is still to be sent."""
        parts = application(environ, self._start_response)
        try:
            last = b""
            for part in _gathered(parts):
                if last:
                    self._send_part(last)
                last = part
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()
        return [*self._head(), {"type": "http.response.body", "body": last}]

    def _start_response(self, status: str, headers: list[tuple[str, str]], _error: object = None) -> Any:
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self._start = {"type": "http.response.start", "status": int(status[:3]), "headers": encoded}
        return _no_write

    def _send_part(self, part: bytes) -> None:
        for message in (*self._head(), {"type": "http.response.body", "body": part, "more_body": True}):
            self._send(message)

    def _head(self) -> list[Message]:
        if self.is_begun:
            return []
        assert self._start is not None, "the application gave a body without a status"
        self.is_begun = True
        return [self._start]


def _gathered(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in parts of a size that is worth sending."""
    gathered = bytearray()
    for part in parts:
        gathered += part
        if len(gathered) >= PART:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)


def _send_from_thread(loop: asyncio.AbstractEventLoop, send: Send, message: Message) -> None:
    """Wait until it is on its way: a page is made no faster than it is read."""
    asyncio.run_coroutine_threadsafe(_sent(send, message), loop).result(SEND_SECONDS)


async def _sent(send: Send, message: Message) -> None:
    await send(message)


def _no_write(_part: bytes) -> None:
    raise RuntimeError("pages give their bodies back, they do not write them")


def _environ(scope: Scope, body: bytes) -> "WSGIEnvironment":
    """As https://peps.python.org/pep-3333/#environ-variables says."""
    client, server = scope.get("client") or ("", 0), scope.get("server") or ("", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        # WSGI hands over the bytes of the path as Latin-1: https://peps.python.org/pep-3333/#unicode-issues
        "PATH_INFO": scope["path"].encode("utf-8", "replace").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": str(client[0]),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers_of(scope).items():
        if name == "content-type":
            environ["CONTENT_TYPE"] = value
        elif name != "content-length" and "_" not in name:  # an underscore would pass for another header's hyphen
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ
