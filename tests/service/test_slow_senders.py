"""Two hundred senders that never come to an end leave the door open for the one that does."""

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from bench.servers import free_port, wait_for
from integration.contract import Connection
from integration.store.connections import Webhook, keep_connection
from integration.store.engine import writing
from service.installation import now, open_installation
from tests.service.test_serve import running
from webhooks.signatures import hmac_sha256

SLOW = 200
SECRET = "known to both ends"
HEAD = b"POST /hooks/jira/site HTTP/1.1\r\nHost: tieline.example\r\n"
BEGINNINGS = (
    HEAD,  # its headers never end
    HEAD + b"Content-Length: 7000\r\n\r\n",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
    b"POST /boards HTTP/1.1\r\nHost: tieline.example\r\nContent-Length: 7000\r\n\r\n",
    b"",  # says nothing at all
)
DROPS = (b"X", b"x", b"1\r\nx\r\n", b"x", b"")


@contextmanager
def slow_senders(port: int) -> Iterator[list[socket.socket]]:
    """Each sends a little every second, and ends never."""
    senders = [socket.create_connection(("127.0.0.1", port)) for _ in range(SLOW)]
    for number, sender in enumerate(senders):
        sender.sendall(BEGINNINGS[number % len(BEGINNINGS)])
    ended = threading.Event()

    def drip() -> None:
        while not ended.wait(1.0):
            for number, sender in enumerate(senders):
                try:
                    sender.sendall(DROPS[number % len(DROPS)])
                except OSError:
                    continue  # the door gave it up

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    yield senders
    ended.set()
    thread.join()
    for sender in senders:
        sender.close()


def deliver(port: int, number: int) -> float:
    """Give the seconds until it was acknowledged."""
    body = f'{{"timestamp": {number}, "webhookEvent": "jira:issue_updated"}}'.encode()
    signature = f"sha256={hmac_sha256(SECRET.encode(), body).hex()}"
    began = time.monotonic()
    url = f"http://127.0.0.1:{port}/hooks/jira/site"
    answer = requests.post(url, data=body, headers={"X-Hub-Signature": signature}, timeout=30)
    assert answer.status_code == 200
    return time.monotonic() - began


def test_slow_senders_delay_no_delivery_and_no_page_and_are_given_up(tmp_path: Path) -> None:
    installation = open_installation({"data_dir": tmp_path})
    connection = Connection("site", "jira", "https://jira.example")
    with writing(installation.engine) as session:
        keep_connection(session, installation.vault, connection, now(), webhook=Webhook(SECRET))
    installation.engine.dispose()
    port = free_port()
    with running(tmp_path, "serve", "--only", "web", "--port", str(port)) as process:
        _serve(process, port)
        deliver(port, 0)
        assert requests.get(f"http://127.0.0.1:{port}/login", timeout=30).status_code == 200
        with slow_senders(port) as senders:
            began = time.monotonic()
            taken = [deliver(port, number) for number in range(1, 20)]
            assert sorted(taken)[len(taken) // 2] < 0.5
            assert requests.get(f"http://127.0.0.1:{port}/login", timeout=30).status_code == 200
            assert time.monotonic() - began < 15  # seconds after which the first of them are given up
            assert all(_is_given_up(sender) for sender in senders[:3])


def _serve(process: "subprocess.Popen[str]", port: int) -> None:
    assert process.stdout is not None
    threading.Thread(target=process.stdout.read, daemon=True).start()
    wait_for(port)


def _is_given_up(sender: socket.socket) -> bool:
    """The connection is at its end, after an answer where there was a call."""
    sender.settimeout(40)
    try:
        while sender.recv(4096):
            pass
    except ConnectionError:
        pass
    return True
