"""Nothing that was acknowledged is lost, and nothing is there twice, when the process is killed at any moment."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from bench.servers import free_port, wait_for
from tests.webhooks.door import signed, stored

ROUNDS = 3
SENDERS = 6


@contextmanager
def killed_door(url: str) -> Iterator[int]:
    """Serve the door; at the end of the block it is killed without a warning."""
    port = free_port()
    command = [sys.executable, "-m", "tests.webhooks.served_door", url, str(port)]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, cwd=root, start_new_session=True) as process:
        try:
            wait_for(port)
            yield port
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def post(connection: http.client.HTTPConnection, name: str) -> bool:
    body = f'{{"delivery": "{name}"}}'.encode()
    connection.request("POST", "/hooks/jira/acme", body, signed(body, name))
    answer = connection.getresponse()
    answer.read()
    return answer.status == 200


def send_until_it_dies(port: int, names: Iterator[str], acknowledged: list[str], unanswered: list[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    for name in names:
        try:
            if post(connection, name):
                acknowledged.append(name)
        except (OSError, http.client.HTTPException):
            unanswered.append(name)
            return


def test_every_acknowledged_delivery_survives_a_kill_once(engine: Engine, database_url: str) -> None:
    acknowledged: list[str] = []
    unanswered: list[str] = []
    for turn in range(ROUNDS):
        repeated, unanswered = unanswered, []
        with killed_door(database_url) as port:
            threads = []
            for sender in range(SENDERS):
                # As a tracker does: what was not answered is sent again.
                names = iter([*repeated[sender::SENDERS], *(f"{turn}-{sender}-{number}" for number in range(100_000))])
                arguments = (port, names, acknowledged, unanswered)
                threads.append(threading.Thread(target=send_until_it_dies, args=arguments))
                threads[-1].start()
            aim, deadline = len(acknowledged) + 60, time.monotonic() + 30
            while len(acknowledged) < aim and time.monotonic() < deadline:
                time.sleep(0.005)
        for thread in threads:
            thread.join()
    kept = Counter(summary.delivery_id for summary in stored(engine))
    assert len(unanswered) == SENDERS
    assert len(acknowledged) >= 60 * ROUNDS
    assert set(acknowledged) <= set(kept)
    assert set(kept) <= {*acknowledged, *unanswered}
    assert set(kept.values()) == {1}
