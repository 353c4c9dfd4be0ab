"""The door's front: reads calls without holding a thread, has them judged and stored, and answers in time.

A sender that dawdles costs a few bytes of memory until its time is up; a sender too many is told at once to come again.
It speaks ASGI: https://asgi.readthedocs.io/en/latest/specs/www.html
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from webhooks.contract import LARGEST_BODY, Headers
from webhooks.receiver import Accepted, Answer, Door, in_trouble, judge, later, may_wait, said
from webhooks.writer import InboxWriter, Unavailable

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

Result = TypeVar("Result")

SMALL_BODY = 64 * 1024  # judged at once, in less time than handing it to a thread would take


class NotRead(Exception):
    """The body did not come as it should; `answer` says so."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Limits:
    """What senders may take of the process together, and one of them for itself."""

    body_seconds: float = 15.0  # from the headers to the last byte
    at_once: int = 512  # calls that were read and are not answered yet
    bytes_at_once: int = 128 * 1024 * 1024  # of bodies larger than `SMALL_BODY`, while they are read and judged
    seconds: float = 4.0  # that a call waits for the database
    threads: int = 16  # for large bodies, handshakes, and loading the keys


class Front:
    """`/hooks/<tracker>/<connection>[/<token>]` and `/healthz`; all else goes to the application inside.

    It never sees a delivery: nothing that is done for pages (sessions, forms, logs) can slow the door down or break it.
    """

    def __init__(self, door: Door, writer: InboxWriter, inside: Application, limits: Limits | None = None) -> None:
        self._door = door
        self._writer = writer
        self._inside = inside
        self._limits = limits or Limits()
        self._threads = ThreadPoolExecutor(self._limits.threads, "door")
        self._loading = Shared(door.ring.load, "keys", self._limits.seconds)
        self._checking = Shared(writer.check, "health", self._limits.seconds)
        self._at_once = 0
        self._room = Room(self._limits.bytes_at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path.startswith("/hooks/"):
            answer = await self._safely(self._received(path, scope, receive))
        elif path == "/healthz":
            answer = await self._safely(self._health())
        else:
            await self._inside(scope, receive, send)
            return
        await reply(answer, scope, send)

    async def _safely(self, answering: Awaitable[Answer]) -> Answer:
        try:
            return await answering
        except NotRead as unread:
            return unread.answer
        except Exception as error:  # noqa: BLE001 - the door's error handler: a 500 would be lost, a 503 is sent again
            return in_trouble(error)

    async def _health(self) -> Answer:
        await self._checking.done()
        return said(200, "ok")

    async def _received(self, path: str, scope: Scope, receive: Receive) -> Answer:
        headers = headers_of(scope)
        with self._room.taken() as taken:
            body = await read_body(headers, receive, LARGEST_BODY, self._limits.body_seconds, taken)
            if self._at_once >= self._limits.at_once:
                return later("too_many_at_once")
            self._at_once += 1
            try:
                judged = await self._judged(path, scope["method"], headers, body)
                if isinstance(judged, Answer):
                    return judged
                await self._writer.put(judged.delivery)
                return judged.answer
            finally:
                self._at_once -= 1

    async def _judged(self, path: str, method: str, headers: Headers, body: bytes) -> Answer | Accepted:
        if not self._door.ring.is_fresh():
            await self._loading.done()
        if len(body) <= SMALL_BODY and not may_wait(self._door, path):
            return judge(self._door, path, method, headers, body)
        loop = asyncio.get_running_loop()
        return await in_time(
            loop.run_in_executor(self._threads, judge, self._door, path, method, headers, body), self._limits.seconds
        )


class Shared:
    """Work that waits for something, done in a thread of its own; all who ask meanwhile share one run of it."""

    def __init__(self, work: Callable[[], None], name: str, seconds: float) -> None:
        self._work = work
        self._seconds = seconds
        self._thread = ThreadPoolExecutor(1, name)
        self._running: asyncio.Future[None] | None = None

    async def done(self) -> None:
        """Return when it is done, raise what it raised, or `Unavailable` when that takes too long."""
        if self._running is None or self._running.done():
            self._running = asyncio.get_running_loop().run_in_executor(self._thread, self._work)
        await in_time(asyncio.shield(self._running), self._seconds)


class Room:
    """Memory that large bodies may take together. Small ones always have room: nobody can shut them out."""

    def __init__(self, size: int) -> None:
        self._left = size

    def taken(self) -> "Taken":
        return Taken(self)

    def take(self, size: int) -> None:
        if size > self._left:
            raise NotRead(later("too_many_bytes_at_once"))
        self._left -= size

    def give_back(self, size: int) -> None:
        self._left += size


class Taken:
    """What one body has of the room, until the end of the block."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._room.give_back(self._size)

    def up_to(self, size: int) -> None:
        """Take what a body of so many bytes needs above what it has."""
        if size > SMALL_BODY:
            self._room.take(size - self._size)
            self._size = size


async def in_time(waiting: "asyncio.Future[Result]", seconds: float) -> Result:
    try:
        async with asyncio.timeout(seconds):
            return await waiting
    except TimeoutError:
        raise Unavailable("too_slow") from None


def headers_of(scope: Scope) -> dict[str, str]:
    """By name in lower case; what is there several times is joined, as HTTP allows."""
    named: dict[str, str] = {}
    for name_bytes, value_bytes in scope["headers"]:
        name, value = name_bytes.decode("latin-1").lower(), value_bytes.decode("latin-1")
        named[name] = f"{named[name]},{value}" if name in named else value
    return named


async def read_body(headers: Headers, receive: Receive, most: int, seconds: float, taken: Taken | None = None) -> bytes:
    """Read it whole, or raise `NotRead`: it is too large, too slow, or its sender hung up before its end."""
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        raise NotRead(said(413, "body_too_large"))
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    # Some repeat after 408, none after 400.
                    raise NotRead(said(408, "body_cut_short"))
                part = message.get("body", b"")
                size += len(part)
                if size > most:
                    raise NotRead(said(413, "body_too_large"))
                if taken is not None:
                    taken.up_to(size)
                parts.append(part)
                if not message.get("more_body", False):
                    return parts[0] if len(parts) == 1 else b"".join(parts)
    except TimeoutError:
        raise NotRead(said(408, "body_too_slow")) from None


async def reply(answer: Answer, scope: Scope, send: Send) -> None:
    length = [] if answer.status == 204 else [("Content-Length", str(len(answer.body)))]
    await send(
        {"type": "http.response.start", "status": answer.status, "headers": _encoded([*answer.headers, *length])}
    )
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})


def _encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
