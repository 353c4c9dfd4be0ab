"""The least that a door can do: verify, parse, store durably together with whatever else waits, then answer.

The server starts it by its name; the environment names the database, for there is no other way to tell it.
"""

import hmac
import os
import sqlite3
import threading
from queue import SimpleQueue
from typing import NamedTuple

import orjson
from flask import Flask, Response, abort, request

from bench.load import PATH, SECRET

DATABASE = "BENCH_DATABASE"
ANSWER_SECONDS = 10.0


class Waiting(NamedTuple):
    body: bytes
    stored: threading.Event


def create_app() -> Flask:
    app = Flask("bare")
    queue: SimpleQueue[Waiting] = SimpleQueue()
    threading.Thread(target=commit_together, args=(os.environ[DATABASE], queue), daemon=True).start()

    @app.post(PATH)
    def receive() -> Response:
        body = request.get_data(cache=False)
        signature = "sha256=" + hmac.digest(SECRET.encode(), body, "sha256").hex()
        if not hmac.compare_digest(request.headers.get("X-Hub-Signature", ""), signature):
            abort(401)
        orjson.loads(body)
        waiting = Waiting(body, threading.Event())
        queue.put(waiting)
        return Response(status=200 if waiting.stored.wait(ANSWER_SECONDS) else 503)

    return app


def commit_together(path: str, queue: SimpleQueue[Waiting]) -> None:
    """Store all that wait in one transaction, and let each be answered after its commit."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE inbox (id INTEGER PRIMARY KEY, body BLOB)")
    while True:
        batch = [queue.get()]
        while not queue.empty():
            batch.append(queue.get())
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO inbox (body) VALUES (?)", [(waiting.body,) for waiting in batch])
        database.execute("COMMIT")
        for waiting in batch:
            waiting.stored.set()
