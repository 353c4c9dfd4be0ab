"""Deliveries over kept-alive connections to this machine, from one thread, with as little work as a client can do:
as fast as they are answered, or at a rate of their own.
"""

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
    slowest: float
    refused: int  # told to come again


@dataclass(slots=True)
class _Line:
    connection: socket.socket
    began: float = 0.0
    answer: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class _Sending:
    """What waits to be sent, and from when on each may be; what was answered, and after how long."""

    waiting: list[bytes]
    begins: float
    pause: float  # between two requests; 0: as soon as a connection is free
    free: list[_Line] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    sent: int = 0
    refused: int = 0

    def due_in(self) -> float:
        return max(0.0, self.begins + self.sent * self.pause - time.perf_counter())


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


def send(
    port: int, requests: Sequence[bytes], connections: int, *, rate: float = 0.0, may_refuse: bool = False
) -> Load:
    """Send them all; fail on anything but a success, or where that is allowed, a 503 that says when to come again.

    Without a rate each connection sends the next one as soon as it was answered. With one, the time of an answer
    counts from when its request was due: a door that answers late does not make its senders wait politely.
    """
    with selectors.DefaultSelector() as selector:
        lines = [_Line(socket.create_connection(("127.0.0.1", port))) for _ in range(min(connections, len(requests)))]
        for line in lines:
            selector.register(line.connection, selectors.EVENT_READ, line)
        began = time.perf_counter()
        sending = _Sending(list(reversed(requests)), began, 1 / rate if rate else 0.0, list(reversed(lines)))
        while len(sending.times) < len(requests):
            _send_due(sending)
            wait = sending.due_in() if sending.free and sending.waiting else SECONDS_AT_MOST
            ready = selector.select(wait)
            if time.perf_counter() - began > SECONDS_AT_MOST:
                raise TimeoutError(f"{len(requests) - len(sending.times)} requests were not answered")
            for key, _ in ready:
                _take_answer(key.data, sending, may_refuse=may_refuse)
        seconds = time.perf_counter() - began
        for line in lines:
            line.connection.close()
    times = sorted(sending.times)
    return Load(len(times) / seconds, times[int(len(times) * 0.99)], times[-1], sending.refused)


def _send_due(sending: _Sending) -> None:
    while sending.free and sending.waiting and not sending.due_in():
        line = sending.free.pop()
        line.answer.clear()
        line.began = sending.begins + sending.sent * sending.pause if sending.pause else time.perf_counter()
        line.connection.sendall(sending.waiting.pop())
        sending.sent += 1


def _take_answer(line: _Line, sending: _Sending, *, may_refuse: bool) -> None:
    received = line.connection.recv(65536)
    if not received:
        raise ConnectionError("the server hung up")
    line.answer += received
    head, end, body = bytes(line.answer).partition(b"\r\n\r\n")
    if not end:
        return
    status, *lines = head.lower().split(b"\r\n")
    named = dict(one.split(b": ", 1) for one in lines)
    if len(body) < int(named.get(b"content-length", b"0")):
        return
    is_refused = may_refuse and status.startswith(b"http/1.1 503") and b"retry-after" in named
    if not is_refused and not status.startswith((b"http/1.1 200", b"http/1.1 204")):
        raise ConnectionError(f"refused: {status.decode()}")
    sending.refused += is_refused
    sending.times.append(time.perf_counter() - line.began)
    sending.free.append(line)
