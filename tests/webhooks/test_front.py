"""The front: slow, large, cut and many calls; what waits, and what is told at once to come again."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.asgi import call, finished, scope
from tests.webhooks.door import ACME, BODY, SIGNING, detail, open_door, signed, stored
from tests.webhooks.test_writer import Gate
from webhooks.contract import LARGEST_BODY, Call, Handshake, Key
from webhooks.front import SMALL_BODY, Front, Limits, Message, read_body
from webhooks.keys import KeyRing, Keys
from webhooks.receiver import Door
from webhooks.writer import InboxWriter

PATH = "/hooks/jira/acme"


def part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def posted(front: Front, *messages: Message, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Send these messages alone; give status and body of the answer."""
    return finished(answer_to(front, *messages, headers=headers))


async def answer_to(front: Front, *messages: Message, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    start, *parts = await call(front, scope(PATH, signed() if headers is None else headers), messages)
    return start["status"], b"".join(each["body"] for each in parts)


def test_a_body_that_comes_in_parts_is_stored_whole(sqlite_engine: Engine, sqlite_writer: InboxWriter) -> None:
    parts = [part(BODY[:5]), part(b""), part(BODY[5:], more=False)]
    assert posted(open_door(sqlite_writer).front, *parts) == (200, b"")
    assert detail(sqlite_engine, 1).body == BODY


def test_a_body_too_large_is_refused_by_its_announcement_alone(sqlite_writer: InboxWriter) -> None:
    headers = {**signed(), "Content-Length": str(LARGEST_BODY + 1)}
    assert posted(open_door(sqlite_writer).front, headers=headers) == (413, b'{"status": "body_too_large"}\n')


def test_a_body_too_large_that_was_not_announced_is_refused_as_it_grows(sqlite_writer: InboxWriter) -> None:
    megabytes = [part(b"x" * 1024 * 1024) for _ in range(26)]
    assert posted(open_door(sqlite_writer).front, *megabytes) == (413, b'{"status": "body_too_large"}\n')


def test_a_body_that_ends_early_is_to_be_sent_again(sqlite_engine: Engine, sqlite_writer: InboxWriter) -> None:
    answer = posted(open_door(sqlite_writer).front, part(BODY), {"type": "http.disconnect"})
    assert answer == (408, b'{"status": "body_cut_short"}\n')
    assert stored(sqlite_engine) == ()


@pytest.mark.parametrize("path", [PATH, "/hooks/jira/globex", "/hooks/nobody/x"])
def test_a_body_that_never_ends_is_given_up_in_time_alike_for_all(sqlite_writer: InboxWriter, path: str) -> None:
    front = open_door(sqlite_writer, limits=Limits(body_seconds=0.1)).front
    began = time.monotonic()
    start, body = finished(call(front, scope(path, signed()), [part(b"{")]))
    assert (start["status"], body["body"]) == (408, b'{"status": "body_too_slow"}\n')
    assert time.monotonic() - began < 5


def test_what_is_not_for_the_door_goes_inside(sqlite_writer: InboxWriter) -> None:
    door = open_door(sqlite_writer)
    assert door.client.get("/boards").text == "page /boards"
    assert door.client.post("/hooks").text == "page /hooks"


def test_headers_that_come_twice_are_joined(sqlite_writer: InboxWriter) -> None:
    called = scope(PATH, signed())
    called["headers"].append((b"x-hub-signature", b"sha256=00"))
    start, _ = finished(call(open_door(sqlite_writer).front, called, [part(BODY, more=False)]))
    assert start["status"] == 401


# Many at once


@asynccontextmanager
async def held_up(front: Front, gate: Gate, number: int) -> AsyncIterator[list["asyncio.Task[tuple[int, bytes]]"]]:
    """So many deliveries that wait for their commit."""
    tasks = [
        asyncio.create_task(answer_to(front, part(BODY, more=False), headers=signed(delivery=f"d-{each}")))
        for each in range(number)
    ]
    await asyncio.to_thread(gate.reached.acquire)
    await asyncio.sleep(0.05)
    yield tasks


def test_more_calls_than_may_wait_are_told_at_once_to_come_again(
    sqlite_engine: Engine, sqlite_writer: InboxWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    front = open_door(sqlite_writer, limits=Limits(at_once=5)).front

    async def scenario() -> None:
        async with held_up(front, gate, 5) as waiting:
            began = time.monotonic()
            start, body = await call(front, scope(PATH, signed()), [part(BODY, more=False)])
            assert time.monotonic() - began < 0.5
            assert (start["status"], body["body"]) == (503, b'{"status": "too_many_at_once"}\n')
            assert (b"retry-after", b"5") in start["headers"]
            gate.opened.set()
            assert {status for status, _ in await asyncio.gather(*waiting)} == {200}
        assert await answer_to(front, part(BODY, more=False), headers=signed(delivery="later")) == (200, b"")

    finished(scenario())
    assert len(stored(sqlite_engine)) == 6


def test_large_bodies_share_their_room_and_small_ones_always_get_in(
    sqlite_engine: Engine, sqlite_writer: InboxWriter
) -> None:
    front = open_door(sqlite_writer, limits=Limits(body_seconds=1.0, bytes_at_once=3 * SMALL_BODY)).front
    large = b"x" * (2 * SMALL_BODY)

    async def scenario() -> None:
        dawdling = asyncio.create_task(answer_to(front, part(large)))
        await asyncio.sleep(0.05)
        refused = await answer_to(front, part(large, more=False), headers=signed(large))
        assert refused == (503, b'{"status": "too_many_bytes_at_once"}\n')
        assert await answer_to(front, part(BODY, more=False)) == (200, b"")
        assert (await dawdling)[0] == 408
        assert await answer_to(front, part(large, more=False), headers=signed(large, "d-2")) == (200, b"")

    finished(scenario())
    assert [kept.body_size for kept in stored(sqlite_engine)] == [len(BODY), len(large)]


# The database dawdles


def test_a_key_ring_that_cannot_be_read_in_time_is_answered_with_503(sqlite_writer: InboxWriter) -> None:
    release = threading.Event()
    asked: list[int] = []

    def load() -> Keys:
        asked.append(1)
        release.wait(10)
        return {("jira", "acme"): ACME}

    front = open_door(sqlite_writer, load=load, limits=Limits(seconds=0.2)).front

    async def scenario() -> None:
        answers = await asyncio.gather(*(answer_to(front, part(BODY, more=False)) for _ in range(20)))
        assert set(answers) == {(503, b'{"status": "too_slow"}\n')}
        release.set()
        assert await answer_to(front, part(BODY, more=False)) == (200, b"")

    finished(scenario())
    assert asked == [1]


def test_many_health_checks_ask_the_database_once(sqlite_writer: InboxWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def check() -> None:
        asked.append(1)
        time.sleep(0.1)

    monkeypatch.setattr(sqlite_writer, "check", check)
    front = open_door(sqlite_writer).front

    async def scenario() -> None:
        calls = [call(front, scope("/healthz", method="GET"), []) for _ in range(10)]
        assert {start["status"] for start, _ in await asyncio.gather(*calls)} == {200}

    finished(scenario())
    assert asked == [1]


def test_handshakes_and_large_bodies_are_judged_in_threads(sqlite_writer: InboxWriter) -> None:
    judged_in: list[str] = []

    def no_handshake(_call: Call, _key: Key) -> Handshake | None:
        judged_in.append(threading.current_thread().name)
        return None

    def verify(*of_the_call: Any) -> None:
        judged_in.append(threading.current_thread().name)
        SIGNING.verify(*of_the_call)

    large = b"x" * (SMALL_BODY + 1)
    with_handshake = open_door(sqlite_writer, sender=replace(SIGNING, handshake=no_handshake)).front
    assert posted(with_handshake, part(BODY, more=False))[0] == 200
    without = open_door(sqlite_writer, sender=replace(SIGNING, verify=verify)).front
    assert posted(without, part(large, more=False), headers=signed(large, "d-2"))[0] == 200
    assert posted(without, part(BODY, more=False), headers=signed(BODY, "d-3"))[0] == 200
    is_in_thread = [name.startswith("door") for name in judged_in]
    assert is_in_thread == [True, True, False]


def test_an_answer_that_nobody_waits_for_any_more_hurts_nobody(
    sqlite_engine: Engine, sqlite_writer: InboxWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    front = open_door(sqlite_writer).front

    async def hung_up() -> None:
        task = asyncio.create_task(answer_to(front, part(BODY, more=False)))
        await asyncio.to_thread(gate.reached.acquire)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        gate.opened.set()
        await asyncio.to_thread(_until, lambda: len(stored(sqlite_engine)) == 1)
        await asyncio.sleep(0.05)

    finished(hung_up())
    assert posted(front, part(BODY, more=False)) == (200, b"")
    assert [kept.repeated for kept in stored(sqlite_engine)] == [1]


def _until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)


def test_a_body_may_be_read_without_a_share_in_the_room() -> None:
    async def receive() -> Message:
        return part(b"form", more=False)

    assert finished(read_body({}, receive, 100, 1.0)) == b"form"


def test_a_door_of_which_nothing_else_is_said_keeps_no_secret_and_reads_the_clock() -> None:
    door = Door({}, KeyRing(dict))
    assert not door.keep_secret(ACME, b"s3cret")
    assert datetime.now(UTC) - door.clock() < timedelta(minutes=1)
