"""The door on a disk whose sync takes 5 ms more: group commit, beside a commit for each request."""

import hmac
import os
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import orjson
from flask import Flask, Response, abort, request
from sqlalchemy import event

from bench.bare_door import DATABASE
from bench.door import CONNECTIONS, THREADS, keep_bench_connection
from bench.load import PATH, SECRET, Load, deliveries, send
from bench.measure import Bench, Row, in_turn
from bench.servers import running
from service.installation import open_installation
from service.serving import build
from webhooks.front import Application

SYNC_SECONDS = 0.005
FOLDER = "BENCH_FOLDER"
REQUESTS = 2000
LIMITS_REQUESTS = 300
ROUNDS = 3
LEAST_RATIO = 5.0
P99_MS = 100.0


def run() -> Iterator[Row]:
    numbers = count(1, REQUESTS)
    with (
        tempfile.TemporaryDirectory(prefix="tieline-bench-") as name,
        _served(Path(name), "asginl", "product_door") as product,
        _served(Path(name), "wsgi", "commit_each_door") as each,
    ):

        def ours() -> Load:
            return send(product, deliveries(next(numbers), REQUESTS), CONNECTIONS)

        def limit() -> Load:
            return send(each, deliveries(next(numbers), LIMITS_REQUESTS), CONNECTIONS)

        ours(), limit()
        product_loads, each_loads = in_turn(ours, limit, ROUNDS)
    rate, each_rate = median(one.rate for one in product_loads), median(one.rate for one in each_loads)
    area = "door: sync of the disk + 5 ms, beside a commit for each request"
    yield Row(area, "requests/s", rate, each_rate, f"≥ {LEAST_RATIO:g} ×", rate >= LEAST_RATIO * each_rate)
    slow = 1000 * median(one.p99 for one in product_loads)
    yield Row("door: sync of the disk + 5 ms, p99", "ms", slow, P99_MS, "≤ the limit", slow <= P99_MS)


def _served(folder: Path, interface: str, made: str) -> AbstractContextManager[int]:
    threads = ["--blocking-threads", str(THREADS)] if interface == "wsgi" else []
    how = ["--interface", interface, *threads, "--no-log", "--factory", f"bench.slow_disk:{made}"]
    granian = [str(Path(sys.executable).parent / "granian"), *how, "--host", "127.0.0.1"]
    keep_bench_connection(folder)
    environment = {FOLDER: str(folder), DATABASE: str(folder / "each.sqlite")}
    return running(lambda port: [*granian, "--port", str(port)], environment)


def product_door() -> Application:
    """The door as it is served; each of its commits takes the disk's time more, with the lock held, as a sync does."""
    installation = open_installation({"data_dir": Path(os.environ[FOLDER])}, migrated=False)
    event.listen(installation.engine, "commit", _wait_for_disk)
    return build(installation, "hooks")


def _wait_for_disk(_connection: Any) -> None:
    time.sleep(SYNC_SECONDS)


def commit_each_door() -> Flask:
    """The least that a door can do without group commit."""
    app, mine = Flask("each"), threading.local()
    path = os.environ[DATABASE]
    _opened(path).execute("CREATE TABLE IF NOT EXISTS inbox (id INTEGER PRIMARY KEY, body BLOB)")

    @app.post(PATH)
    def receive() -> Response:
        body = request.get_data(cache=False)
        signature = "sha256=" + hmac.digest(SECRET.encode(), body, "sha256").hex()
        if not hmac.compare_digest(request.headers.get("X-Hub-Signature", ""), signature):
            abort(401)
        orjson.loads(body)
        if not hasattr(mine, "database"):
            mine.database = _opened(path)
        mine.database.execute("BEGIN IMMEDIATE")
        mine.database.execute("INSERT INTO inbox (body) VALUES (?)", (body,))
        time.sleep(SYNC_SECONDS)
        mine.database.execute("COMMIT")
        return Response(status=200)

    return app


def _opened(path: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, timeout=30)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    return database


BENCH = Bench("deliveries accepted on a slow disk, beside one commit for each", run)
