"""The sprint page of a large site: its server's time beside the JSON of the same sprint and beside a small site's, its
weight, when a browser first paints it; and a year's trend of 10,000 sprints beside one statement for as many rows.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine, insert, text

from bench.backlog import NOW, write_backlog
from bench.follow import CONNECTION, filled
from bench.measure import Bench, Row, in_turn
from bench.servers import running
from integration.files import backlog_file
from integration.store import trends
from integration.store.engine import reading, writing
from integration.store.opened import Store
from integration.store.tables import BoardRow
from integration.store.trend_tables import TrendRow
from mappings.model import SprintState
from reports.access import login_link
from service.app import create_app
from service.installation import now
from service.settings import Settings

LARGE, SMALL = 20_000, 2_000
ROUNDS = 30
SPRINTS = 10_000
BOARDS = 100
TIMES_SMALL, TIMES_JSON, TIMES_SQL = 2.0, 3.0, 4.0
KILOBYTES = 150
PAINT = 300  # ms
TIMES_BARE = 8.0
SHIFT_SEEN = 0.1  # what the web calls good: https://web.dev/articles/cls
VISITS = 7
REST = 1000  # ms until the browser has drawn its own window, which is no part of anybody's page
PROGRAMS = Path(sys.executable).parent


def run() -> Iterator[Row]:
    with site_of(LARGE) as large, site_of(SMALL) as small:
        yield from _times(large, small)
        yield from _page(large)
        yield _trend(large)


class Site:
    """A filled store, the application on it, and somebody who is logged in."""

    def __init__(self, engine: Engine, sprint: str) -> None:
        self.engine = engine
        self.app: Flask = create_app(engine, Settings(), clock=lambda: NOW)
        self.client: FlaskClient = self.app.test_client()
        self.client.get(login_link(Store(engine), "", NOW))
        self.page = f"/sprints/{CONNECTION}/{sprint}"
        self.json = f"/api/v1{self.page}"


@contextmanager
def site_of(items: int) -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="tieline-bench-") as name:
        path = Path(name) / "company.backlog.json"
        write_backlog(path, items)
        with path.open("rb") as file:
            backlog = backlog_file.load(file)
        engine = filled(f"sqlite:///{name}/store.db", backlog)
        active = next(sprint.id for sprint in backlog.sprints if sprint.state is SprintState.ACTIVE)
        yield Site(engine, active)
        engine.dispose()


# --- the server's time


def _times(large: Site, small: Site) -> Iterator[Row]:
    ours, limit = in_turn(lambda: milliseconds(large, large.json), lambda: milliseconds(small, small.json), ROUNDS)
    area = f"a sprint as JSON, {LARGE:,} items beside {SMALL:,}"
    yield _row(area, "ms", median(ours), median(limit), TIMES_SMALL)
    pages, jsons = in_turn(lambda: milliseconds(large, large.page), lambda: milliseconds(large, large.json), ROUNDS)
    yield _row("a sprint's page beside its JSON", "ms", median(pages), median(jsons), TIMES_JSON)


def milliseconds(site: Site, address: str) -> float:
    return timed(lambda: _ask(site, address))


def _ask(site: Site, address: str) -> None:
    """As a browser does, so that a page is compressed."""
    answer = site.client.get(address, headers={"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200, f"{address}: {answer.status}"


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _row(area: str, unit: str, ours: float, limit: float, times: float) -> Row:
    return Row(area, unit, ours, limit, f"≤ {times:g} ×", ours <= times * limit)


# --- what the browser gets


@dataclass(frozen=True, slots=True)
class Loaded:
    """A first visit, nothing cached: milliseconds to the first paint, kilobytes sent, and how far anything jumped."""

    paint: float
    kilobytes: float
    shift: float


def _page(site: Site) -> Iterator[Row]:
    """In a real browser, as it is served, beside a page of one paragraph on the same server, in turn."""
    command = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if command is None:
        return
    with _served(site) as address, _served_bare() as bare, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=command, args=["--no-sandbox"])
        state = _logged_in(browser, site, address)
        pages, paragraphs = in_turn(
            lambda: _load(browser, address + site.page, state), lambda: _load(browser, bare, None), VISITS
        )
        browser.close()
    weight, shift = max(one.kilobytes for one in pages), max(one.shift for one in pages)
    yield Row("a sprint's page with all it loads", "kB", weight, KILOBYTES, f"≤ {KILOBYTES} kB", weight <= KILOBYTES)
    paint, bare_paint = (median(one.paint for one in column) for column in (pages, paragraphs))
    yield Row("first paint of a sprint's page", "ms", paint, PAINT, f"≤ {PAINT} ms", paint <= PAINT)
    yield _row("the same beside a page of one paragraph", "ms", paint, bare_paint, TIMES_BARE)
    yield Row("how far a sprint's page jumps, with a poll", "shift", shift, SHIFT_SEEN, "0", shift == 0)


@contextmanager
def _served(site: Site) -> Iterator[str]:
    serve = [str(PROGRAMS / "tieline"), "serve", "--only", "pages", "--host", "127.0.0.1"]
    url = site.engine.url
    folder = str(Path(url.database or "").parent)
    environment = {"TIELINE_DATABASE_URL": url.render_as_string(hide_password=False), "TIELINE_DATA_DIR": folder}
    with running(lambda port: [*serve, "--port", str(port)], environment) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _served_bare() -> Iterator[str]:
    how = ["--interface", "wsgi", "--workers", "1", "--no-log", "--factory", "bench.pages:bare", "--host", "127.0.0.1"]
    with running(lambda port: [str(PROGRAMS / "granian"), *how, "--port", str(port)], {}) as port:
        yield f"http://127.0.0.1:{port}/"


def bare() -> Flask:
    app = Flask(__name__)
    app.add_url_rule("/", "bare", lambda: "<!doctype html><title>bare</title><p>One paragraph.</p>")
    return app


def _logged_in(browser: Browser, site: Site, address: str) -> Any:
    context = browser.new_context()
    page = context.new_page()
    page.goto(login_link(Store(site.engine), address, now()))
    page.goto(address + site.page)  # its chart is drawn once, for all that come after
    state = context.storage_state()
    context.close()
    return state


def _load(browser: Browser, address: str, state: Any) -> Loaded:
    context = browser.new_context(storage_state=state)
    context.add_init_script(_WATCH)
    page = context.new_page()
    page.wait_for_timeout(REST)
    if state is None:
        page.goto(address)
    else:
        with page.expect_response(lambda answer: "live=1" in answer.url):
            page.goto(address)
    page.wait_for_function(f"({_PAINTED}) !== null")
    found = Loaded(float(page.evaluate(_PAINTED)), float(page.evaluate(_SENT)) / 1000, float(page.evaluate("shifted")))
    context.close()
    return found


_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
_SENT = """['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))
  .filter((each) => !each.name.includes('live=1')).reduce((sum, each) => sum + each.transferSize, 0)"""
_WATCH = """window.shifted = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifted += each.value;
}).observe({ type: "layout-shift", buffered: true });"""


# --- a year of sprints


def _trend(site: Site) -> Row:
    _fill_trends(site.engine)
    since = NOW - timedelta(days=365)

    def ours() -> float:
        with reading(site.engine) as session:
            return timed(lambda: trends.trends(session, since, NOW, "beer", "final"))

    def limit() -> float:
        asked = text("select subject, at, aligned, exempt, dead_link, unaligned from trends where measure = 'beer'")
        with reading(site.engine) as session:
            return timed(lambda: session.execute(asked).all())

    mine, bare = in_turn(ours, limit, 9)
    return _row(f"a year's trend of {SPRINTS:,} sprints", "ms", median(mine), median(bare), TIMES_SQL)


def _fill_trends(engine: Engine) -> None:
    """Points in a measure of their own, so that they meddle with nothing."""
    boards = [
        {
            "connection": "year",
            "id": str(n),
            "name": f"Board {n}",
            "team": f"Team {n}",
            "filter_excludes": (),
            "fetched_at": NOW,
        }
        for n in range(BOARDS)
    ]
    shares = {"aligned": 0.5, "exempt": 0.1, "dead_link": 0.1, "unaligned": 0.3, "key_results": {"KR-1": 0.5}}
    points = [
        {
            "connection": "year", "kind": "sprint", "subject": str(n), "measure": "beer", "scope": "final",
            "board": str(n % BOARDS), "team": None, "name": f"Sprint {n}", "closed": True, "items": 30, "total": 50.0,
            "at": NOW - timedelta(days=1 + n % 360), **shares,
        }
        for n in range(SPRINTS)
    ]  # fmt: skip
    with writing(engine) as session:
        session.execute(insert(BoardRow), boards)
        session.execute(insert(TrendRow), points)


BENCH = Bench("the sprint page of a large site, and a year's trend", run)
