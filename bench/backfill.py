"""The backfill of a Jira site, per issue: fetched, translated with its history, saved; beside fetching and parsing
the same answers and writing rows of 23 columns. What counts is the processor's time of the client alone."""

import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median

import orjson
import requests
from sqlmodel import SQLModel

from bench import jira_site
from bench.measure import Bench, Row, in_turn
from bench.servers import running
from integration import sync
from integration.contract import Connection
from integration.secrets import Vault, new_key
from integration.store import connections
from integration.store.engine import create_engine, writing
from integration.trackers.jira.chosen import Chosen, ChosenBoard, Project
from integration.trackers.jira.fields import FieldMapping, FieldRef

ISSUES = 5_000
PAGE = 100
ROUNDS = 3
LEAST_RATIO = 0.6
COLUMNS = 23


def run() -> Iterator[Row]:
    site = [sys.executable, "-m", "bench.jira_site"]
    with (
        tempfile.TemporaryDirectory(prefix="tieline-bench-") as name,
        running(lambda port: [*site, str(port), str(ISSUES)], {}) as port,
    ):
        folder, url, numbers = Path(name), f"http://127.0.0.1:{port}", count()
        ours, limit = in_turn(
            lambda: product(url, folder / f"{next(numbers)}.sqlite"),
            lambda: bare(url, folder / f"{next(numbers)}.sqlite"),
            ROUNDS,
        )
    rate, bare_rate = median(ours), median(limit)
    yield Row(
        f"backfill of {ISSUES:,} issues with history",
        "issues per second of a core",
        rate,
        bare_rate,
        f"≥ {LEAST_RATIO:g} ×",
        rate >= LEAST_RATIO * bare_rate,
    )


def product(url: str, database: Path) -> float:
    fields = FieldMapping(
        sprint_field=FieldRef(jira_site.SPRINT, ("Sprint",)),
        points_fields=(FieldRef(jira_site.POINTS, ("Story Points",), "number"),),
        kr_fields=(FieldRef(jira_site.KEY_RESULT, ("Key Result",), "option"),),
    )
    project = Project(jira_site.PROJECT["id"], jira_site.PROJECT["key"])
    chosen = Chosen((project,), (ChosenBoard(str(jira_site.BOARD), "Payments", "Payments"),), fields)
    connection = Connection("bench", "jira", url, {"email": "bench@example.org", "token": "-"}, chosen.to_json())
    engine = create_engine(f"sqlite:///{database}")
    SQLModel.metadata.create_all(engine)
    with writing(engine) as session:
        connections.keep_connection(session, Vault([new_key()]), connection, clock())
    began = time.process_time()
    done = [progress.done for progress in sync.run_backfill(engine, connection, clock)]
    seconds = time.process_time() - began
    engine.dispose()
    if done[-1] != ISSUES:
        raise RuntimeError(f"{done[-1]} issues instead of {ISSUES}")
    return ISSUES / seconds


def clock() -> datetime:
    return datetime.now(UTC)


def bare(url: str, database: Path) -> float:
    store = sqlite3.connect(database)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute(f"CREATE TABLE issues ({', '.join(f'c{number}' for number in range(COLUMNS))})")
    insert = f"INSERT INTO issues VALUES ({', '.join('?' * COLUMNS)})"  # noqa: S608 - nothing but question marks
    began = time.process_time()
    with requests.Session() as session:
        for issues in pages(session, url):
            with store:
                store.executemany(insert, [row(issue) for issue in issues])
    seconds = time.process_time() - began
    store.close()
    return ISSUES / seconds


def pages(session: requests.Session, url: str) -> Iterator[list[jira_site.Json]]:
    """Page through the site: the issues, and the histories that belong to them."""
    asked: jira_site.Json = {"jql": "ORDER BY key", "fields": ["*all"], "maxResults": PAGE}
    while True:
        answer = post(session, f"{url}/rest/api/3/search/jql", asked)
        ids = [issue["id"] for issue in answer["issues"]]
        post(session, f"{url}/rest/api/3/changelog/bulkfetch", {"issueIdsOrKeys": ids})
        yield answer["issues"]
        if "nextPageToken" not in answer:
            return
        asked["nextPageToken"] = answer["nextPageToken"]


def post(session: requests.Session, url: str, asked: jira_site.Json) -> jira_site.Json:
    answer: jira_site.Json = orjson.loads(session.post(url, data=json.dumps(asked), timeout=30).content)
    return answer


def row(issue: jira_site.Json) -> list[object]:
    """Take the issue's key and its fields as they are; what is no plain value is counted as its name."""
    values = [issue["id"], issue["key"], *map(plain, issue["fields"].values())]
    return [*values, *[None] * COLUMNS][:COLUMNS]


def plain(value: object) -> object:
    if isinstance(value, dict):
        return value.get("name") or value.get("value")
    return len(value) if isinstance(value, list) else value


BENCH = Bench("issues backfilled per second of a core, beside fetching, parsing and writing rows", run)
