"""Pages behind the front: made in threads of their own, sent whole or in parts, refused where too many are wanted."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response, redirect, request
from flask.typing import ResponseReturnValue

from service import page_threads
from service.page_threads import (
    API_UPLOADS,
    LARGEST_BODY,
    LARGEST_UPLOAD,
    PART,
    UPLOADS,
    UPLOADS_AT_ONCE,
    WAITING_PER_THREAD,
    PageThreads,
)
from tests import asgi
from tests.asgi import call, finished, scope


def flask_app() -> Flask:
    app = Flask("pages")

    @app.route("/tell", methods=["GET", "POST"])
    def tell() -> dict[str, Any]:
        told = {"form": request.form.get("word"), "word": request.args.get("word"), "from": request.remote_addr}
        return {**told, "path": request.path, "cookie": request.cookies.get("a"), "host": request.host}

    @app.get("/<name>/page")
    def named(name: str) -> str:
        return name

    @app.get("/long")
    def long() -> Response:
        return Response((b"x" * 1000 for _ in range(1000)), mimetype="text/csv")

    return app


def test_a_page_sees_the_request_as_it_was() -> None:
    client = asgi.client(PageThreads(flask_app().wsgi_app, 2))
    client.set_cookie("a", "b", domain="tieline.example")
    answer = client.post("/tell?word=%C3%BC", data={"word": "ä"}, base_url="http://tieline.example:81")
    expected = {"form": "ä", "word": "ü", "from": "127.0.0.1", "path": "/tell", "cookie": "b"}
    assert answer.json == {**expected, "host": "tieline.example:81"}
    assert client.get("/%C3%BC/page").text == "ü"
    assert client.get("/nothing").status_code == 404


def test_a_header_with_an_underscore_does_not_pass_for_another() -> None:
    app = Flask("pages")
    app.add_url_rule("/", view_func=lambda: request.headers.get("X-Word", "none"))
    called = {**scope("/", {"x_word": "forged"}, "GET"), "query_string": b""}
    _, body = finished(call(PageThreads(app.wsgi_app, 1), called, [{"type": "http.request", "body": b""}]))
    assert body["body"] == b"none"


def test_a_long_page_is_sent_in_parts() -> None:
    called = scope("/long", method="GET")
    start, *parts = finished(
        call(PageThreads(flask_app().wsgi_app, 1), called, [{"type": "http.request", "body": b""}])
    )
    assert start["status"] == 200
    assert sum(len(each["body"]) for each in parts) == 1_000_000
    assert len(parts) > 10
    assert all(each["more_body"] for each in parts[:-1])
    assert not parts[-1].get("more_body")


def test_a_head_has_no_body() -> None:
    client = asgi.client(PageThreads(flask_app().wsgi_app, 1))
    assert client.head("/word/page").data == b""


def test_a_form_too_large_is_refused_before_a_thread_is_taken() -> None:
    client = asgi.client(PageThreads(flask_app().wsgi_app, 1))
    assert client.post("/tell", data=b"x" * (LARGEST_BODY + 1)).status_code == 413


def test_large_forms_of_strangers_take_no_more_memory_together_than_there_is_for_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page_threads, "BYTES_AT_ONCE", 3 * 100_000)
    pages, begun = PageThreads(flask_app().wsgi_app, 1), {"type": "http.request", "body": b"x" * 100_000}

    async def scenario() -> None:
        form = {**scope("/tell"), "query_string": b""}
        slow = [asyncio.create_task(call(pages, form, [{**begun, "more_body": True}])) for _ in range(3)]
        await asyncio.sleep(0.05)
        refused, _ = await call(pages, form, [begun])
        small, _ = await call(pages, form, [{"type": "http.request", "body": b"word=a"}])
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        assert (refused["status"], small["status"]) == (503, 200)
        assert (await call(pages, form, [begun]))[0]["status"] == 200

    finished(scenario())


def test_more_pages_than_may_wait_are_told_at_once_to_come_again() -> None:
    app, go_on = Flask("slow"), threading.Event()

    @app.get("/slow")
    def slow() -> str:
        go_on.wait(10)
        return "at last"

    pages = PageThreads(app.wsgi_app, 2)

    async def scenario() -> None:
        messages = [{"type": "http.request", "body": b""}]
        most = 2 * (1 + WAITING_PER_THREAD)
        asked = [asyncio.create_task(call(pages, scope("/slow", method="GET"), messages)) for _ in range(most)]
        await asyncio.sleep(0.1)
        began = time.monotonic()
        refused, _ = await call(pages, scope("/slow", method="GET"), messages)
        assert time.monotonic() - began < 1
        assert refused["status"] == 503
        assert (b"retry-after", b"1") in refused["headers"]
        go_on.set()
        assert {start["status"] for start, _ in await asyncio.gather(*asked)} == {200}
        assert (await call(pages, scope("/slow", method="GET"), messages))[0]["status"] == 200

    finished(scenario())


def test_a_page_that_fails_is_told_and_gives_its_thread_back(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_environ: object, _start: object) -> Any:
        raise RuntimeError("no page")

    client = asgi.client(PageThreads(broken, 1))
    for _ in range(8):
        assert client.get("/").status_code == 500
    assert "no page could be made" in caplog.text


def test_a_page_that_fails_in_the_middle_is_cut_off(caplog: pytest.LogCaptureFixture) -> None:
    closed: list[bool] = []

    class Parts:
        def __iter__(self) -> Iterator[bytes]:
            yield from [b"x" * PART] * 2
            raise RuntimeError("broken off")

        def close(self) -> None:
            closed.append(True)

    def app(_environ: object, start: Any) -> Any:
        start("200 OK", [])
        return Parts()

    # The server cuts the connection: a page that ends as if it were whole would be believed.
    with pytest.raises(RuntimeError, match="broken off"):
        asgi.client(PageThreads(app, 1)).get("/")
    assert closed == [True]
    assert "broken off" in caplog.text


def upload_of(size: int, threads: PageThreads, path: str = UPLOADS) -> tuple[int, bytes]:
    length = {"content-length": str(size)}
    called = {**scope(path, length, "POST"), "query_string": b""}
    start, body = finished(call(threads, called, [{"type": "http.request", "body": b"x" * size}]))
    return start["status"], body["body"]


def test_the_page_that_takes_files_takes_more_than_forms_are_and_says_where_larger_ones_go() -> None:
    app = Flask("pages")
    app.add_url_rule(UPLOADS, view_func=lambda: str(len(request.get_data())), methods=["GET", "POST"])
    threads = PageThreads(app.wsgi_app, 1)
    assert upload_of(LARGEST_BODY + 1, threads) == (200, str(LARGEST_BODY + 1).encode())
    status, sentence = upload_of(LARGEST_UPLOAD + 1, threads)
    assert (status, b"tieline import FILE" in sentence) == (413, True)


def test_programs_are_refused_with_a_problem() -> None:
    app = Flask("pages")
    app.add_url_rule(API_UPLOADS, view_func=lambda: str(len(request.get_data())), methods=["GET", "POST"])
    threads = PageThreads(app.wsgi_app, 1)
    assert upload_of(LARGEST_BODY + 1, threads, API_UPLOADS)[0] == 200
    status, said = upload_of(LARGEST_UPLOAD + 1, threads, API_UPLOADS)
    problem = json.loads(said)
    assert (status, problem["status"], problem["title"]) == (413, 413, "Request Entity Too Large")
    assert "tieline import FILE" in problem["detail"]


def test_more_files_at_once_than_memory_is_for_are_sent_away() -> None:
    app = Flask("pages")
    app.add_url_rule(UPLOADS, view_func=lambda: "choose a file", methods=["GET", "POST"])
    threads = PageThreads(app.wsgi_app, 1)
    threads._uploads = UPLOADS_AT_ONCE
    status, sentence = upload_of(1, threads)
    assert (status, b"Try again" in sentence) == (503, True)


def test_who_may_not_upload_is_told_before_a_byte_is_read_and_holds_no_place() -> None:
    app = Flask("pages")

    @app.route(UPLOADS, methods=["GET", "POST"])
    def upload() -> ResponseReturnValue:
        return "let in" if request.headers.get("Cookie") == "is=let-in" else redirect("/login", 303)

    threads = PageThreads(app.wsgi_app, 1)

    async def scenario() -> None:
        waits_for_ever = {**scope(UPLOADS, {"content-length": "9000"}), "query_string": b""}
        for _ in range(UPLOADS_AT_ONCE + 1):
            start, body = await asyncio.wait_for(call(threads, waits_for_ever, []), 5)
            headers = dict(start["headers"])
            assert (start["status"], headers[b"location"]) == (303, b"/login")
            assert int(headers[b"content-length"]) == len(body["body"])
        let_in = {**scope(UPLOADS, {"cookie": "is=let-in"}), "query_string": b""}
        start, *_ = await call(threads, let_in, [{"type": "http.request", "body": b"file"}])
        assert start["status"] == 200

    finished(scenario())
