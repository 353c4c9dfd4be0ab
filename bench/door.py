"""Durable acceptance at the door: 16 connections, signed bodies of 7 KB, the same server and threads for both."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path
from statistics import median

from bench.doors import DATABASE
from bench.load import Load, deliveries, send
from bench.measure import Bench, Row, in_turn
from bench.servers import running

CONNECTIONS = 16
THREADS = 16
REQUESTS = 4000
ROUNDS = 5
LEAST_RATIO = 0.8


def run() -> Iterator[Row]:
    numbers = count(1, REQUESTS)
    with (
        tempfile.TemporaryDirectory(prefix="tieline-bench-") as folder,
        server("product", Path(folder)) as product,
        server("bare", Path(folder)) as bare,
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


def server(door: str, folder: Path) -> AbstractContextManager[int]:
    """Run one of the doors, served alike."""
    how = ["--interface", "wsgi", "--workers", "1", "--blocking-threads", str(THREADS), "--no-log", "--factory"]
    granian = [str(Path(sys.executable).parent / "granian"), *how, f"bench.doors:{door}", "--host", "127.0.0.1"]
    environment = {DATABASE: str(folder / f"{door}.sqlite")}
    return running(lambda port: [*granian, "--port", str(port)], environment)


BENCH = Bench("deliveries accepted durably a second, beside bare Flask with HMAC, parsing and group commit", run)
