"""The first ten minutes in a real browser: sample data and files from the empty page to a receipt, and away again; and
from a backlog that nothing ties to key results to the epics that may serve one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from integration.answers import decide_due
from integration.contract import Fetched
from integration.secrets import Vault, new_key
from integration.store import plans
from integration.store.engine import writing
from mappings.model import KeyResult
from service.app import create_app
from service.settings import Settings
from tests.browser.conftest import WAIT, Served, serving
from tests.browser.test_connect import _judge
from tests.integration.imports.material import OKRS, item, told
from tests.integration.store.material import day, fresh_store, state, tracked
from tests.reports.material import BOARDS, NOW, PLAN, SPRINTS, Site, save, shop_row

VAULT = Vault([new_key()])


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Nothing is connected."""
    with fresh_store(f"sqlite:///{tmp_path / 'tieline.sqlite'}") as engine:
        app = create_app(engine, Settings(), clock=lambda: NOW, vault=lambda: VAULT)
        with serving(Site(engine, app, app.test_client())) as found:
            yield found


def test_a_newcomer_looks_around_with_sample_data_and_takes_it_away_again(reader: Page) -> None:
    reader.get_by_role("button", name="Look around with sample data").click()
    expect(reader.get_by_text("Sample data is loaded.")).to_be_visible(timeout=WAIT * 3)
    reader.get_by_role("link", name="Checkout 29 (sample)").click()
    expect(reader.get_by_role("heading", name="Checkout 29 (sample)", level=1)).to_be_visible()
    _judge(reader, "the sample's sprint")
    final = reader.get_by_role("link", name="SAMPLE-1").first
    final.click()
    expect(reader.locator("#receipt, main").get_by_text("Guests see the sum before they type").first).to_be_visible()
    for page in ("Epics", "Findings", "Key results", "Trends"):
        reader.goto("/")
        reader.get_by_role("navigation", name="Pages").get_by_role("link", name=page, exact=True).click()
        expect(reader.get_by_text("Sample data is loaded.")).to_be_visible()
        _judge(reader, page)
    reader.get_by_role("button", name="Remove it").click()
    expect(reader.get_by_role("heading", name="Nothing is connected yet")).to_be_visible()
    expect(reader.get_by_text("Sample data is loaded.")).to_be_hidden()


def test_a_file_leads_from_the_empty_page_to_a_first_report(reader: Page, served: Served, tmp_path: Path) -> None:
    file = tmp_path / "team.backlog.json"
    file.write_bytes(told(item("A", tags=["OWN-1"]), item("B"), **OKRS))
    reader.get_by_role("link", name="Import a file").click()
    reader.get_by_label("File", exact=True).set_input_files(file)
    _judge(reader, "/import")
    reader.get_by_role("button", name="Import it").click()
    expect(reader.get_by_text("A file, as of")).to_be_visible(timeout=WAIT)
    decide_due(served.site.engine, NOW)
    _judge(reader, "/connections/team")
    reader.goto("/")
    reader.get_by_role("link", name="One", exact=True).click()
    expect(reader.get_by_role("heading", name="One", level=1)).to_be_visible()
    expect(reader.get_by_role("main")).to_contain_text("OWN-1 50 %")


def test_an_untagged_backlog_leads_to_likely_key_results(reader: Page, served: Served) -> None:
    _untagged(served)
    reader.goto("/")
    expect(reader.get_by_text("No running work names a key result yet")).to_be_visible()
    reader.get_by_role("link", name="Begin with the epics").click()
    row = reader.get_by_role("row").filter(has_text="PAY-E")
    expect(row).to_contain_text("KR-1")
    expect(row).to_contain_text("50 %")
    reader.goto("/draft")
    expect(reader.get_by_role("heading", name="Draft a goal")).to_be_visible()


def _untagged(served: Served) -> None:
    engine = served.site.engine
    wanted = replace(PLAN, key_results=(KeyResult("KR-1", "O1", "Raise finished guest payments from 40 to 60 %"),))
    with writing(engine) as session:
        plans.apply_plan(session, wanted, day(-40), author="Ada")
        session.add(shop_row(NOW))
    items = [
        tracked(key, state(-10), type="epic", level=1, title=title)
        for key, title in (("PAY-E", "Guest payments in one step"), ("PAY-F", "New colours"))
    ]
    items += [
        tracked(f"PAY-{number}", state(-9, sprints=("S1",), points=3, parent="PAY-E" if number % 2 else "PAY-F"))
        for number in range(12)
    ]
    save(engine, Fetched(at=NOW, items=tuple(items), sprints=SPRINTS, boards=BOARDS))
