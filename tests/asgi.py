"""Calls an ASGI application as werkzeug's test client calls a WSGI one, and as a server does, message by message."""

import asyncio
import threading
from collections.abc import Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from werkzeug.test import Client

from webhooks.front import Application, Message

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


T = TypeVar("T")


def finished(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run it to its end on a loop and in a thread of its own: this thread may have the loop of a browser."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def client(application: Application) -> Client:
    return Client(as_wsgi(application))


def as_wsgi(application: Application) -> "WSGIApplication":
    """The application on a loop that runs in a thread, as it does in the server."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()

    def wsgi(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        messages = [{"type": "http.request", "body": body, "more_body": False}]
        called = asyncio.run_coroutine_threadsafe(call(application, _scope(environ), messages), loop)
        start, *parts = called.result(30)
        headers = [(name.decode("latin-1").title(), value.decode("latin-1")) for name, value in start["headers"]]
        start_response(f"{start['status']} said", headers)
        return [part["body"] for part in parts]

    return wsgi


async def call(application: Application, scope: dict[str, Any], messages: Sequence[Message]) -> list[Message]:
    """Give what is sent. After the messages nothing more comes: who asks for more waits without end."""
    sent: list[Message] = []
    coming = iter(messages)

    async def receive() -> Message:
        for message in coming:
            return message
        await asyncio.Event().wait()
        raise AssertionError("nobody sets that")

    async def send(message: Message) -> None:
        sent.append(message)

    await application(scope, receive, send)
    return sent


def scope(path: str, headers: dict[str, str] | None = None, method: str = "POST") -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
    }


def _scope(environ: "WSGIEnvironment") -> dict[str, Any]:
    named = {key[5:]: value for key, value in environ.items() if key.startswith("HTTP_")}
    named |= {key: value for key in ("CONTENT_TYPE", "CONTENT_LENGTH") if (value := environ.get(key))}
    headers = {name.replace("_", "-"): str(value) for name, value in named.items()}
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    return {
        **scope(path, headers, environ["REQUEST_METHOD"]),
        "query_string": environ.get("QUERY_STRING", "").encode("latin-1"),
    }
