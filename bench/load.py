"""Deliveries over kept-alive connections to this machine, from one thread, with as little work as a client can do."""

import hashlib
import hmac
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

SECRET = "known to both ends of the benchmark"
CONNECTION = "bench"
PATH = f"/hooks/jira/{CONNECTION}"
BODY_BYTES = 7 * 1024
SECONDS_AT_MOST = 60.0


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: answered requests a second, and the time that 99 of 100 answers needed at most."""

    rate: float
    p99: float


@dataclass(slots=True)
class _Line:
    connection: socket.socket
    began: float = 0.0
    answer: bytearray = field(default_factory=bytearray)


def deliveries(first: int, count: int) -> list[bytes]:
    """Make signed requests in the manner of Jira, no two of them alike."""
    return [_request(number) for number in range(first, first + count)]


def _request(number: int) -> bytes:
    start = f'{{"timestamp": {number}, "webhookEvent": "jira:issue_updated", "issue": {{"id": "{number}"}}, "text": "'
    body = start.encode() + b"x" * (BODY_BYTES - len(start) - 2) + b'"}'
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nX-Hub-Signature: sha256={signature}\r\n"
        f"X-Atlassian-Webhook-Identifier: {number}\r\n\r\n"
    )
    return head.encode() + body


def send(port: int, requests: Sequence[bytes], connections: int) -> Load:
    """Send them all, each connection the next one as soon as it was answered; fail on anything but a success."""
    waiting = list(reversed(requests))
    times: list[float] = []
    with selectors.DefaultSelector() as selector:
        began = time.perf_counter()
        for _ in range(min(connections, len(waiting))):
            line = _Line(socket.create_connection(("127.0.0.1", port)))
            selector.register(line.connection, selectors.EVENT_READ, line)
            _send_next(line, waiting)
        while len(times) < len(requests):
            ready = selector.select(SECONDS_AT_MOST)
            if not ready or time.perf_counter() - began > SECONDS_AT_MOST:
                raise TimeoutError(f"{len(requests) - len(times)} requests were not answered")
            for key, _ in ready:
                if _is_answered(key.data):
                    times.append(time.perf_counter() - key.data.began)
                    _send_next(key.data, waiting)
        seconds = time.perf_counter() - began
        for key in list(selector.get_map().values()):
            key.data.connection.close()
    return Load(len(times) / seconds, sorted(times)[int(len(times) * 0.99)])


def _send_next(line: _Line, waiting: list[bytes]) -> None:
    if waiting:
        line.answer.clear()
        line.began = time.perf_counter()
        line.connection.sendall(waiting.pop())


def _is_answered(line: _Line) -> bool:
    received = line.connection.recv(65536)
    if not received:
        raise ConnectionError("the server hung up")
    line.answer += received
    head, end, body = bytes(line.answer).partition(b"\r\n\r\n")
    if not end:
        return False
    status, *lines = head.lower().split(b"\r\n")
    if not status.startswith((b"http/1.1 200", b"http/1.1 204")):
        raise ConnectionError(f"refused: {status.decode()}")
    length = next((int(one.partition(b":")[2]) for one in lines if one.startswith(b"content-length:")), 0)
    return len(body) >= length
