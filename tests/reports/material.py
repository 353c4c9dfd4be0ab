"""A small site in a store, with hostile titles, and the application on it with somebody logged in."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, make_url

from integration.answers import decide_due
from integration.contract import Fetched
from integration.store import plans
from integration.store.engine import writing
from integration.store.opened import Store
from integration.store.tables import ConnectionRow
from integration.store.writes import save_fetched
from mappings.model import (
    Board,
    Condition,
    Cycle,
    Goal,
    KeyResult,
    MappingRule,
    Objective,
    Periods,
    Plan,
    Sprint,
    Status,
)
from reports.access import login_link
from service.app import create_app
from service.settings import Settings
from tests import postgres
from tests.integration.store.material import day, fresh_store, sprint, state, tracked

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'
NOW = day(5)
PLAN = Plan(
    rules=(MappingRule(Condition("label", "support"), reason="Support is not planned"),),
    cycles=(Cycle("2026Q1", date(2026, 1, 1), date(2026, 3, 31)),),
    objectives=(Objective("O1", "New shops are live in a day", "Payments", "2026Q1"),),
    key_results=(
        KeyResult("KR-1", "O1", "Raise activation from 40 to 60 %"),
        KeyResult("KR-2", "O1", HOSTILE),
    ),
)
BOARDS = (Board("B1", "Payments", team="Payments"), Board("B2", "Flow", team="Payments", periods=Periods.WEEK))
SPRINTS = (
    sprint("S0", "closed", "An earlier goal", start=day(-14), end=day(-1), completed=day(-1)),
    sprint("S1", "active", f"Merchants sign up alone {HOSTILE}"),
    Sprint(
        id="S2", board="B1", name="Sprint S2", state=sprint("x", "future").state, start=None, goals=(Goal(None, None),)
    ),
)
ITEMS = (
    tracked("PAY-E", state(-10), type="epic", level=1, title=HOSTILE, url="javascript:alert(1)"),
    tracked("PAY-1", state(-9, sprints=("S1",), points=5, tags=("KR-1",)), url="https://acme.example/browse/PAY-1"),
    tracked("PAY-2", state(-9, sprints=("S1",), points=3, tags=("KR-2",)), title=HOSTILE),
    tracked("PAY-3", state(-9, sprints=("S1",), points=1, parent="PAY-E")),
    tracked("PAY-4", state(-9, sprints=("S1",), points=2, labels=("support",))),
    tracked("PAY-5", state(-9, sprints=("S1",), tags=("KR-9",))),
    tracked(
        "PAY-6",
        state(-13, sprints=("S0",), points=3, tags=("KR-1",)),
        state(-5, sprints=("S0",), points=3, tags=("KR-1",), status=Status.DONE),
    ),
    tracked("FLOW-1", state(-9, points=2, board="B2"), state(2, points=2, board="B2", status=Status.DONE)),
)


@dataclass(frozen=True, slots=True)
class Site:
    """`client` is logged in."""

    engine: Engine
    app: Flask
    client: FlaskClient

    @property
    def store(self) -> Store:
        return Store(self.engine)


def save(engine: Engine, fetched: Fetched) -> None:
    with writing(engine) as session:
        save_fetched(session, "shop", fetched, fetched.at)
    decide_due(engine, fetched.at)


def shop_row(now: datetime) -> ConnectionRow:
    return ConnectionRow(
        id="shop",
        tracker="jira",
        base_url="https://acme.example",
        callback_url="",
        mapping={},
        created_at=now,
        last_sync_at=now,
    )


def fill(engine: Engine, now: datetime = NOW) -> None:
    """Connect the shop, apply the register, save its backlog and decide."""
    with writing(engine) as session:
        plans.apply_plan(session, PLAN, day(-40), author="Ada")
        session.add(shop_row(now))
    save(engine, Fetched(at=now, items=ITEMS, sprints=SPRINTS, boards=BOARDS))


@contextmanager
def shop(url: str, *, is_filled: bool = True) -> Iterator[Site]:
    """Filling takes longer than most tests: the filled store is made once and copied."""
    parts = make_url(url)
    assert parts.database is not None
    if is_filled and url.startswith("sqlite"):
        shutil.copyfile(_filled_file(), parts.database)
    elif is_filled:
        folder = str(parts.query["host"])
        postgres.copy_into(folder, parts.database, _filled_database(folder))
    with fresh_store(url) as engine:
        yield site_on(engine)


@cache
def _filled_file() -> Path:
    file = _kept() / "tieline.sqlite"
    with fresh_store(f"sqlite:///{file}") as engine:
        fill(engine)
    return file


@cache
def _filled_database(folder: str) -> str:
    """Its name on the server there; it goes with the server."""
    with fresh_store(postgres.create(folder, "filled")) as engine:
        fill(engine)
    return "filled"


@cache
def _kept() -> Path:
    """A folder for what several tests use, until the last of them is done."""
    folder = tempfile.mkdtemp(prefix="tieline-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def site_on(engine: Engine, now: datetime = NOW, settings: Settings | None = None) -> Site:
    app = create_app(engine, settings or Settings(), clock=lambda: now)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(_kept()))  # each template is compiled once for all
    client = app.test_client()
    assert client.get(login_link(Store(engine), "", now)).status_code == 303
    return Site(engine, app, client)
