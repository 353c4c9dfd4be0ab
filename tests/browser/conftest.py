"""A served site and a browser that is logged in; whatever a page logs or the policy refuses fails the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page
from werkzeug.serving import make_server

from reports.access import login_link
from tests.reports.material import NOW, Site, shop

WAIT = 10_000  # milliseconds, for two busy cores


@dataclass(frozen=True, slots=True)
class Served:
    site: Site
    address: str

    def link(self) -> str:
        return login_link(self.site.store, self.address, NOW)


@contextmanager
def serving(site: Site) -> Iterator[Served]:
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Served(site, f"http://127.0.0.1:{server.port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with shop(f"sqlite:///{tmp_path / 'tieline.sqlite'}") as site, serving(site) as found:
        yield found


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any], served: Served) -> dict[str, Any]:
    return {**browser_context_args, "base_url": served.address, "locale": "en-GB", "timezone_id": "Europe/Berlin"}


@pytest.fixture
def complaints(context: BrowserContext) -> Iterator[list[str]]:
    """What browsers write into their console as an error, broken policies too: nothing at the end of a test."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            found.append(message.text)

    context.on("console", note)
    context.on("weberror", lambda error: found.append(str(error.error)))
    yield found
    assert found == []


@pytest.fixture
def reader(page: Page, served: Served, complaints: list[str]) -> Page:
    """Somebody who came in by the link."""
    page.set_default_timeout(WAIT)
    page.goto(served.link())
    return page
