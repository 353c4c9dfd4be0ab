"""Two doors for the same deliveries: the product's, and the least that verifies, parses and stores durably.

The server starts one of them by name; the database is named by the environment, for there is no other way to tell it.
"""

import hmac
import os
import sqlite3
import threading
from queue import SimpleQueue
from typing import NamedTuple

import orjson
from flask import Flask, Response, abort, request
from sqlmodel import SQLModel

from bench.load import PATH, SECRET
from integration.store.engine import create_engine
from integration.trackers.jira.webhook import SENDER
from webhooks.contract import Key
from webhooks.receiver import create_door_app
from webhooks.writer import InboxWriter

DATABASE = "BENCH_DATABASE"
ANSWER_SECONDS = 10.0


def product() -> Flask:
    engine = create_engine(f"sqlite:///{os.environ[DATABASE]}")
    SQLModel.metadata.tables["deliveries"].create(engine)
    key = Key(connection="bench", tracker=SENDER.tracker, secrets=(SECRET,))
    return create_door_app(InboxWriter(engine), {SENDER.tracker: SENDER}, lambda _tracker, _connection: key)


class Waiting(NamedTuple):
    body: bytes
    stored: threading.Event


def bare() -> Flask:
    app = Flask("bare")
    queue: SimpleQueue[Waiting] = SimpleQueue()
    threading.Thread(target=commit_together, args=(os.environ[DATABASE], queue), daemon=True).start()

    @app.post(PATH)
    def receive() -> Response:
        body = request.get_data(cache=False)
        signature = "sha256=" + hmac.digest(SECRET, body, "sha256").hex()
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
