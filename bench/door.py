"""Durable acceptance at the door: 16 connections, signed bodies of 7 KB, the same server for both."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path
from statistics import median

from bench.bare_door import DATABASE
from bench.load import CONNECTION, SECRET, Load, deliveries, send
from bench.measure import Bench, Row, in_turn
from bench.servers import running
from integration.contract import Connection
from integration.store.connections import Webhook, keep_connection
from integration.store.engine import writing
from service.installation import now, open_installation

CONNECTIONS = 16
THREADS = 16
REQUESTS = 4000
ROUNDS = 5
LEAST_RATIO = 0.8
PROGRAMS = Path(sys.executable).parent


def run() -> Iterator[Row]:
    numbers = count(1, REQUESTS)
    with (
        tempfile.TemporaryDirectory(prefix="tieline-bench-") as folder,
        product_door(Path(folder)) as product,
        bare_door(Path(folder)) as bare,
    ):
        for port in (product, bare):
            load(port, next(numbers))
        ours, limit = in_turn(lambda: load(product, next(numbers)), lambda: load(bare, next(numbers)), ROUNDS)
    area = f"door: durable accept, {CONNECTIONS} connections, 7 KB"
    rate, bare_rate = median(one.rate for one in ours), median(one.rate for one in limit)
    yield Row(area, "requests/s", rate, bare_rate, f"≥ {LEAST_RATIO:g} ×", rate >= LEAST_RATIO * bare_rate)
    slow, bare_slow = (1000 * median(one.p99 for one in loads) for loads in (ours, limit))
    yield Row(f"{area}: p99", "ms", slow, bare_slow, "beside it", True)


def load(port: int, first: int) -> Load:
    return send(port, deliveries(first, REQUESTS), CONNECTIONS)


def product_door(folder: Path) -> AbstractContextManager[int]:
    """The door as it is served, with a connection that Jira could call."""
    keep_bench_connection(folder)
    serve = [str(PROGRAMS / "tieline"), "serve", "--only", "hooks", "--host", "127.0.0.1"]
    environment = {"TIELINE_DATA_DIR": str(folder), "TIELINE_HOOK_THREADS": str(THREADS)}
    return running(lambda port: [*serve, "--port", str(port)], environment)


def keep_bench_connection(folder: Path) -> None:
    installation = open_installation({"data_dir": folder})
    connection = Connection(CONNECTION, "jira", "https://payments.example")
    with writing(installation.engine) as session:
        keep_connection(session, installation.vault, connection, now(), webhook=Webhook(secret=SECRET))
    installation.engine.dispose()


def bare_door(folder: Path) -> AbstractContextManager[int]:
    how = ["--interface", "wsgi", "--workers", "1", "--blocking-threads", str(THREADS), "--no-log", "--factory"]
    granian = [str(PROGRAMS / "granian"), *how, "bench.bare_door:create_app", "--host", "127.0.0.1"]
    return running(lambda port: [*granian, "--port", str(port)], {DATABASE: str(folder / "bare.sqlite")})


BENCH = Bench("deliveries accepted durably a second, beside bare Flask with HMAC, parsing and group commit", run)
