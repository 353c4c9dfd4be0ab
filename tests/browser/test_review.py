"""The sprint review, its sheet and the time machine, in a real browser, with and without scripts."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from integration.contract import Fetched
from tests.browser.conftest import Served
from tests.integration.store.material import day, state, tracked
from tests.reports.material import BOARDS, SPRINTS, save


def test_a_reader_goes_to_a_past_day_looks_around_and_comes_back(reader: Page) -> None:
    reader.goto("/sprints/shop/S0")
    expect(reader.locator("h1 .chip")).to_have_text("closed")
    reader.get_by_label("As of another day").fill("2026-02-26")
    reader.get_by_role("button", name="Show").click()
    expect(reader.get_by_text("As of 26 Feb 2026, 23:59 UTC.")).to_be_visible()
    expect(reader.locator("h1 .chip")).to_have_text("active")
    reader.locator("a.segment").first.click()
    receipt = reader.get_by_role("complementary", name="Receipt")
    expect(receipt.get_by_role("row").filter(has_text="PAY-6")).to_be_visible()
    assert "as_of=2026-02-26" in reader.url
    reader.go_back()
    reader.get_by_role("link", name="Boards", exact=True).first.click()
    expect(reader.get_by_text("As of 26 Feb 2026, 23:59 UTC.")).to_be_visible()
    reader.get_by_role("link", name="Back to now").click()
    expect(reader.get_by_text("As of 26 Feb 2026")).to_have_count(0)
    assert "as_of" not in reader.url


def test_the_past_does_not_follow_what_changes_now(reader: Page, served: Served) -> None:
    reader.clock.install()
    reader.goto("/sprints/shop/S1?as_of=2026-03-05")
    total = reader.locator('[data-figure="shop/S1/final/points"]')
    before = total.inner_text()
    again = tracked("PAY-1", state(-9, sprints=("S1",), points=50, tags=("KR-1",)), updated=5.1)
    save(served.site.engine, Fetched(at=day(5.1), items=(again,), sprints=SPRINTS, boards=BOARDS))
    asked: list[str] = []
    reader.on("request", lambda request: asked.append(request.url))
    reader.clock.run_for(60_000)
    reader.evaluate("() => fetch('/healthz').then((answer) => answer.ok)")
    assert [url for url in asked if "/healthz" not in url] == []
    expect(total).to_have_text(before)
    expect(reader.get_by_role("button", name="Overrule")).to_have_count(0)


@pytest.mark.parametrize("address", ["/sprints/shop/S1", "/compare"])
def test_a_day_can_be_chosen_without_scripts(browser: Browser, served: Served, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=served.address)
    page = context.new_page()
    page.goto(served.link())
    page.goto(address)
    if address == "/compare":
        page.get_by_label("Sprint").nth(0).select_option("shop/S1")
        page.get_by_label("Sprint").nth(1).select_option("shop/S1")
        page.get_by_label("As of").nth(0).fill("2026-03-03")
        page.get_by_role("button", name="Compare").click()
        expect(page.get_by_role("heading", name="Items that differ")).to_be_visible()
        expect(page.get_by_text("Sprint S1, as of 3 Mar 2026, 23:59 UTC").first).to_be_visible()
    else:
        page.get_by_label("As of another day").fill("2026-03-03")
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_text("As of 3 Mar 2026, 23:59 UTC.")).to_be_visible()
    context.close()


def test_the_steps_from_committed_to_completed_open_their_receipts(reader: Page) -> None:
    reader.goto("/sprints/shop/S1")
    steps = reader.get_by_role("region", name="From committed to completed")
    expect(steps.locator("svg.drawn")).to_be_visible()
    steps.get_by_role("row").filter(has_text="final").get_by_role("link").click()
    receipt = reader.get_by_role("complementary", name="Receipt")
    expect(receipt.get_by_role("row").filter(has_text="Sum")).to_contain_text("13.5")


def test_the_sheet_prints_on_paper_without_what_is_for_screens(reader: Page) -> None:
    reader.goto("/sprints/shop/S1")
    reader.get_by_role("link", name="one sheet for the review").click()
    expect(reader.get_by_role("heading", level=1)).to_have_text("Sprint S1")
    reader.emulate_media(media="print")
    expect(reader.get_by_role("navigation", name="Pages")).to_be_hidden()
    expect(reader.get_by_role("link", name="PDF")).to_be_hidden()
    expect(reader.get_by_role("img", name=re.compile("^Final, 11 points"))).to_be_visible()
    printed = reader.pdf(format="A4", print_background=False)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_a_sheet_is_no_wider_than_a_phone(reader: Page) -> None:
    reader.set_viewport_size({"width": 360, "height": 740})
    for address in ("/sprints/shop/S1/sheet", "/sprints/shop/S1?as_of=2026-03-05", "/compare?a=shop/S0&b=shop/S1"):
        reader.goto(address)
        assert reader.evaluate("document.documentElement.scrollWidth") <= 360
