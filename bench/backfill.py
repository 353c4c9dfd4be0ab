"""The backfill of a Jira site, per issue: fetched, translated with its history, saved; beside fetching and parsing
the same answers and writing rows of 23 columns. What counts is the processor's time of the client alone.

python -m bench.backfill URL DATABASE ISSUES: the same once, for its memory.
"""

import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median

import orjson
import requests
from sqlalchemy import Engine, text
from sqlmodel import SQLModel

from bench import jira_site
from bench.measure import Bench, Row, cost_of, in_turn
from bench.servers import running
from integration import sync
from integration.contract import Connection
from integration.retranslation import retranslate_due
from integration.secrets import Vault, new_key
from integration.store import connections
from integration.store.engine import create_engine, reading, writing
from integration.trackers.jira.chosen import Chosen, ChosenBoard, Project, chosen_of
from integration.trackers.jira.fields import FieldMapping, FieldRef
from service.installation import look_for_garbage_rarely

ISSUES = 5_000
PAGE = 100
ROUNDS = 3
LEAST_RATIO = 0.6
LEAST_SECOND = 0.9
MANY_ISSUES = 20_000  # from here on memory stays as it is
MEGABYTES = 120
COLUMNS = 23
FIELDS = FieldMapping(
    sprint_field=FieldRef(jira_site.SPRINT, ("Sprint",)),
    points_fields=(FieldRef(jira_site.POINTS, ("Story Points",), "number"),),
    kr_fields=(FieldRef(jira_site.KEY_RESULT, ("Key Result",), "option"),),
)


def run() -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="tieline-bench-") as name:
        yield speed(Path(name))
        yield second(Path(name))
        yield read_again(Path(name))
        yield memory(Path(name))


@contextmanager
def site(issues: int) -> Iterator[str]:
    """Serve so many issues, and say where."""
    command = [sys.executable, "-m", "bench.jira_site"]
    with running(lambda port: [*command, str(port), str(issues)], {}) as port:
        yield f"http://127.0.0.1:{port}"


def speed(folder: Path) -> Row:
    with site(ISSUES) as url:
        numbers = count()
        ours, limit = in_turn(
            lambda: product(url, folder / f"{next(numbers)}.sqlite"),
            lambda: bare(url, folder / f"{next(numbers)}.sqlite"),
            ROUNDS,
        )
    rate, bare_rate = median(ours), median(limit)
    return Row(
        f"backfill of {ISSUES:,} issues with history",
        "issues per second of a core",
        rate,
        bare_rate,
        f"≥ {LEAST_RATIO:g} ×",
        rate >= LEAST_RATIO * bare_rate,
    )


def memory(folder: Path) -> Row:
    """Peak memory of many issues, beside that of a quarter of them."""
    peaks = []
    for issues in (MANY_ISSUES, MANY_ISSUES // 4):
        with site(issues) as url:
            once = [sys.executable, "-m", "bench.backfill", url, str(folder / f"{issues}.sqlite"), str(issues)]
            peaks.append(cost_of(once, Path(__file__).parents[1]).megabytes)
    area = f"backfill of {MANY_ISSUES:,} issues, beside a quarter of them"
    return Row(area, "MB peak", peaks[0], peaks[1], f"≤ {MEGABYTES:g} MB", peaks[0] <= MEGABYTES)


def second(folder: Path) -> Row:
    """The same backlog once more, beside the first time: nothing has changed, so no history may be written."""
    with site(ISSUES) as url, connected(url, folder / "twice.sqlite") as (engine, connection):
        first = backfilled(engine, connection, ISSUES)
        before = histories(engine)
        again = backfilled(engine, connection, ISSUES)
        is_untouched = histories(engine) == before
    area = f"backfill of {ISSUES:,} issues of which none has changed, beside the first one"
    is_met = is_untouched and again >= LEAST_SECOND * first
    goal = f"≥ {LEAST_SECOND:g} ×, no history written"
    return Row(area, "issues per second of a core", again, first, goal, is_met)


def read_again(folder: Path) -> Row:
    """The kept answers read by another mapping, beside fetching and reading them all; the site is not asked."""
    vault = Vault([new_key()])
    with site(ISSUES) as url, connected(url, folder / "again.sqlite", vault) as (engine, connection):
        first = backfilled(engine, connection, ISSUES)
        other = replace(FIELDS, points_fields=())
        with writing(engine) as session:
            mapping = replace(chosen_of(connection), fields=other).to_json()
            connections.set_mapping(session, connection.id, mapping, clock(), author="bench")
    with connected_again(folder / "again.sqlite") as engine:  # the site has ended: whoever asked it would fail
        began = time.process_time()
        done = retranslate_due(engine, vault, clock)
        again = done / (time.process_time() - began)
    area = f"{ISSUES:,} kept answers read again by another mapping, beside their backfill"
    return Row(area, "issues per second of a core", again, first, "without a call", done == ISSUES)


def product(url: str, database: Path, issues: int = ISSUES) -> float:
    with connected(url, database) as (engine, connection):
        return backfilled(engine, connection, issues)


@contextmanager
def connected(url: str, database: Path, vault: Vault | None = None) -> Iterator[tuple[Engine, Connection]]:
    """An empty store that is connected to the site."""
    project = Project(jira_site.PROJECT["id"], jira_site.PROJECT["key"])
    chosen = Chosen((project,), (ChosenBoard(str(jira_site.BOARD), "Payments", "Payments"),), FIELDS)
    connection = Connection("bench", "jira", url, {"email": "bench@example.org", "token": "-"}, chosen.to_json())
    with connected_again(database) as engine:
        SQLModel.metadata.create_all(engine)
        with writing(engine) as session:
            connections.keep_connection(session, vault or Vault([new_key()]), connection, clock())
        yield engine, connection


@contextmanager
def connected_again(database: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{database}")
    try:
        yield engine
    finally:
        engine.dispose()


def backfilled(engine: Engine, connection: Connection, issues: int) -> float:
    """Issues per second of a core."""
    look_for_garbage_rarely()  # as every process of the service does
    began = time.process_time()
    done = [progress.done for progress in sync.run_backfill(engine, connection, clock, anew=True)]
    seconds = time.process_time() - began
    if done[-1] != issues:
        raise RuntimeError(f"{done[-1]} issues instead of {issues}")
    return issues / seconds


def histories(engine: Engine) -> tuple[int, int]:
    """How many states there are, and where the last one was written."""
    with reading(engine) as session:
        count, last = session.execute(text("SELECT count(*), max(rowid) FROM item_states")).one()
    return count, last


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


BENCH = Bench("issues backfilled per second of a core, beside fetching, parsing and writing rows; memory", run)

if __name__ == "__main__":
    product(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
