"""The first ten minutes in a real browser: from the empty page to a connection that is proven."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from integration import backfills, keeping
from integration.secrets import Vault, new_key
from integration.store import connections
from integration.store.engine import writing
from service.app import create_app
from service.settings import Settings
from tests.browser.conftest import WAIT, Served, serving
from tests.browser.test_pages import AXE
from tests.integration.store.material import fresh_store
from tests.integration.trackers.jira.fake_jira import KR_FIELD, SITE, FakeJira, issue, running_jira
from tests.integration.trackers.jira.test_field_survey import FIELDS
from tests.reports.material import Site

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
VAULT = Vault([new_key()])


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with running_jira() as fake:
        fake.fields = FIELDS
        fake.boards["7"]["location"] = {"projectId": 10001}
        fake.add(*(issue(number, **{KR_FIELD: {"id": "1", "value": "KR-1"}}) for number in range(30)))
        yield fake


@pytest.fixture
def served(tmp_path: Path, jira: FakeJira) -> Iterator[Served]:
    with fresh_store(f"sqlite:///{tmp_path / 'tieline.sqlite'}") as engine:
        app = create_app(engine, Settings(), clock=lambda: NOW, vault=lambda: VAULT)
        with serving(Site(engine, app, app.test_client())) as found:
            yield found


def log_in(reader: Page) -> None:
    reader.get_by_role("main").get_by_role("link", name="Connect a site").click()
    reader.get_by_label("Address of your Jira site").fill(f"{SITE}/browse/PAY-1")
    reader.get_by_role("button", name="Look what is there").click()
    reader.get_by_label("E-mail of the account").fill("me@example.org")
    reader.get_by_label("API token").fill("sesame")
    reader.get_by_role("button", name="Log in and look").click()
    expect(reader.get_by_role("heading", name="Jira knows us as Robot")).to_be_visible()


def test_a_newcomer_comes_from_the_empty_page_to_a_proven_connection(reader: Page, served: Served) -> None:
    log_in(reader)
    reader.get_by_role("link", name="Choose projects").click()
    reader.get_by_role("checkbox", name="Web shop").uncheck()
    reader.get_by_role("button", name="Look at them").click()
    expect(reader.get_by_role("heading", name="Key results", level=1)).to_be_visible(timeout=WAIT * 3)
    expect(reader.get_by_role("checkbox", name=re.compile("Key Result"))).to_be_checked()
    expect(reader.get_by_role("row").filter(has_text="Key Result")).to_contain_text("30 of 30")
    reader.get_by_role("button", name="Go on to boards").click()
    reader.get_by_role("button", name="Go on to what counts as done").click()
    reader.get_by_role("button", name="Go on to the webhook").click()
    reader.get_by_label("Public address of Tieline").fill("https://okr.example.org")
    reader.get_by_role("button", name="Connect and read the backlog").click()
    expect(reader.get_by_text("nothing has arrived yet")).to_be_visible()
    engine = served.site.engine
    backfills.run_waiting(engine, VAULT, lambda: NOW)
    expect(reader.get_by_text("Complete: 30 items.")).to_be_visible(timeout=WAIT)
    with writing(engine) as session:
        connections.note_delivery(session, "acme", NOW)
    keeping.keep(engine, VAULT, NOW)
    expect(reader.get_by_text("Proven")).to_be_visible(timeout=WAIT)


def test_what_was_begun_is_gone_on_with_another_day(reader: Page) -> None:
    log_in(reader)
    reader.goto("/connect")
    reader.get_by_role("link", name="Go on with acme").click()
    expect(reader.get_by_role("heading", name="Jira knows us as Robot")).to_be_visible()
    reader.get_by_role("button", name="Throw this half-done connection away").click()
    expect(reader.get_by_role("heading", name="Half-done")).to_be_hidden()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_every_step_is_accessible_and_fits(reader: Page, scheme: str, width: int) -> None:
    reader.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    reader.set_viewport_size({"width": width, "height": 900})
    log_in(reader)
    draft = reader.url.rsplit("/", 1)[0]
    reader.get_by_role("link", name="Choose projects").click()
    reader.get_by_role("button", name="Look at them").click()
    expect(reader.get_by_role("heading", name="Key results", level=1)).to_be_visible(timeout=WAIT * 3)
    steps = ("login", "login?way=scoped_token", "login?way=oauth", "account", "projects", "fields", "boards")
    addresses = ["/", "/connect", "/connections", *(f"{draft}/{step}" for step in (*steps, "statuses", "webhook"))]
    for address in addresses:
        reader.goto(address)
        _judge(reader, address)
    reader.get_by_role("button", name="Connect and read the backlog").click()
    reader.wait_for_url("**/connections/acme")
    for address in ("/connections/acme", "/connections/acme/doctor", "/connections", "/"):
        reader.goto(address)
        _judge(reader, address)


def _judge(reader: Page, address: str) -> None:
    assert reader.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    reader.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
    found = reader.evaluate("axe.run({rules: {'label-content-name-mismatch': {enabled: true}}})")
    faults = [(fault["id"], [node["html"][:160] for node in fault["nodes"]][:3]) for fault in found["violations"]]
    assert faults == [], address
