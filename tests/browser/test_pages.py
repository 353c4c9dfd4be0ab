"""The journeys through the pages, in a real browser."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from integration.contract import Fetched
from tests.browser.conftest import WAIT, Served
from tests.integration.store.material import day, state, tracked
from tests.reports.material import BOARDS, SPRINTS, save

AXE = Path(__file__).parent / "assets" / "axe.min.js"
PAGES = (
    "/",
    "/boards/shop/B1",
    "/boards/shop/B2",
    "/sprints/shop/S0",
    "/sprints/shop/S1",
    "/sprints/shop/S2",
    "/sprints/shop/S1/receipt?scope=final&measure=points&part=KR-1",
    "/epics",
    "/findings",
    "/findings/1",
    "/findings?state=resolved",
    "/findings?kind=orphan_epic",
    "/findings?kind=unknown_tag",
    "/epics?text=nothing",
    "/rules",
    "/rules/new",
    "/key-results",
    "/key-results/KR-1",
    "/key-results/KR-1/wording",
    "/draft",
    "/connections",
    "/trends",
    "/trends?scope=final",
    "/sprints/shop/S1/sheet",
    "/sprints/shop/S0?as_of=2026-02-26",
    "/findings?as_of=2026-03-05",
    "/compare",
    "/compare?a=shop/S1&a_as_of=2026-03-05&b=shop/S1",
    "/deliveries",
    "/account",
    "/accounts",
    "/log",
    "/login",
)


def test_a_reader_comes_from_the_board_to_the_receipt_of_a_share_and_back(reader: Page) -> None:
    reader.get_by_role("link", name="Sprint S1", exact=True).click()
    expect(reader.get_by_role("heading", level=1)).to_contain_text("Sprint S1")
    address = reader.url
    reader.get_by_role("region", name="In points").get_by_role("link", name=re.compile("^KR-1 ")).nth(1).click()
    receipt = reader.get_by_role("complementary", name="Receipt")
    expect(receipt.get_by_role("row").filter(has_text="PAY-1")).to_be_visible()
    expect(receipt.get_by_role("row").filter(has_text="Sum")).to_contain_text("5")
    assert "/receipt?" in reader.url
    reader.go_back()
    expect(receipt).to_be_hidden()
    assert reader.url == address


def test_a_receipt_that_is_loaded_anew_is_a_page_of_its_own(reader: Page) -> None:
    reader.goto("/sprints/shop/S1")
    reader.locator("a.segment").first.click()
    expect(reader.get_by_role("complementary", name="Receipt")).to_be_visible()
    reader.reload()
    expect(reader.get_by_role("heading", level=1)).to_be_visible()
    expect(reader.get_by_role("main").get_by_role("row").filter(has_text="Sum")).to_be_visible()


def test_an_open_page_follows_a_change_marks_the_figure_and_says_so(reader: Page, served: Served) -> None:
    reader.goto("/sprints/shop/S1")
    total = reader.locator('[data-figure="shop/S1/final/points"]')
    before = total.inner_text()
    again = tracked("PAY-1", state(-9, sprints=("S1",), points=50, tags=("KR-1",)), updated=5.1)
    save(served.site.engine, Fetched(at=day(5.1), items=(again,), sprints=SPRINTS, boards=BOARDS))
    expect(total).not_to_have_text(before, timeout=WAIT)
    expect(total).to_contain_text("56 points")
    expect(reader.get_by_role("status")).to_contain_text("changed")


def test_what_a_reader_does_survives_the_polling_of_the_page(reader: Page, served: Served) -> None:
    reader.goto("/sprints/shop/S1")
    segment = reader.locator("a.segment").first
    segment.focus()
    again = tracked("PAY-4", state(-9, sprints=("S1",), points=9, labels=("support",)), updated=5.1)
    save(served.site.engine, Fetched(at=day(5.1), items=(again,), sprints=SPRINTS, boards=BOARDS))
    expect(reader.locator('[data-figure="shop/S1/final/points"]')).to_contain_text("18 points")
    expect(segment).to_be_focused()


def test_a_focused_segment_is_outlined_and_says_its_interval(reader: Page) -> None:
    reader.goto("/sprints/shop/S1")
    segment = reader.get_by_role("region", name="In points").locator("a.segment").first
    segment.focus()
    reader.keyboard.press("Tab")
    reader.keyboard.press("Shift+Tab")
    expect(segment).to_be_focused()
    expect(segment.locator(".said")).to_be_visible()
    expect(segment.locator(".said")).to_contain_text("however the unestimated item turns out")
    assert segment.locator(".fill").evaluate("each => getComputedStyle(each).strokeWidth") == "3px"


def test_tables_are_sorted_filtered_and_walked_by_keys(reader: Page) -> None:
    reader.goto("/sprints/shop/S1")
    items = reader.get_by_role("table").last
    items.get_by_role("button", name=re.compile("Points")).click()
    expect(items.locator("tbody tr").first).to_contain_text("PAY-1")
    assert items.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
    reader.keyboard.press("?")
    expect(reader.get_by_role("dialog", name="Keys")).to_be_visible()
    reader.keyboard.press("Escape")
    reader.keyboard.press("j")
    expect(reader.locator("[data-row].here")).to_have_count(1)


def test_the_word_of_a_filter_stands_in_the_address_and_outlives_the_polling(reader: Page, served: Served) -> None:
    more = tuple(tracked(f"PAY-{n}", state(-9, sprints=("S1",), points=1), title=f"Item {n}") for n in range(20, 26))
    save(served.site.engine, Fetched(at=day(5.05), items=more, sprints=SPRINTS, boards=BOARDS))
    reader.goto("/sprints/shop/S1")
    reader.get_by_label("Filter the table").press_sequentially("Item 23")
    rows = reader.get_by_role("table").last.locator("tbody tr:visible")
    expect(rows).to_have_count(1)
    assert "filter1=Item+23" in reader.url
    again = tracked("PAY-20", state(-9, sprints=("S1",), points=40), updated=5.1)
    save(served.site.engine, Fetched(at=day(5.1), items=(again,), sprints=SPRINTS, boards=BOARDS))
    expect(reader.locator('[data-figure="shop/S1/final/points"]')).to_contain_text("56 points", timeout=WAIT)
    expect(reader.get_by_label("Filter the table")).to_be_focused()
    expect(rows).to_have_count(1)
    reader.reload()
    expect(rows).to_have_count(1)
    expect(reader.get_by_label("Filter the table")).to_have_value("Item 23")


def test_rows_far_below_are_drawn_after_the_first_picture_and_after_each_poll(reader: Page, served: Served) -> None:
    more = tuple(tracked(f"PAY-{n}", state(-9, sprints=("S1",), points=1), title=f"Item {n}") for n in range(20, 80))
    save(served.site.engine, Fetched(at=day(5.05), items=more, sprints=SPRINTS, boards=BOARDS))
    reader.goto("/sprints/shop/S1")
    rows = reader.get_by_role("table").last.locator("tbody tr")
    expect(rows.last).to_have_text(re.compile("PAY-"))
    expect(reader.locator(".long")).to_have_count(0)
    assert rows.evaluate_all(_ALL_DRAWN) > 60
    again = tracked("PAY-20", state(-9, sprints=("S1",), points=40), updated=5.1)
    save(served.site.engine, Fetched(at=day(5.1), items=(again,), sprints=SPRINTS, boards=BOARDS))
    expect(reader.get_by_role("row").filter(has_text="PAY-20").last).to_contain_text("40", timeout=WAIT)
    expect(reader.locator(".long")).to_have_count(0)
    assert rows.evaluate_all(_ALL_DRAWN) > 60


_ALL_DRAWN = "all => all.filter((row) => row.checkVisibility({ contentVisibilityAuto: true })).length"


def test_only_one_segment_says_its_words_at_a_time(reader: Page) -> None:
    reader.goto("/sprints/shop/S1")
    segments = reader.get_by_role("region", name="In points").locator("a.segment")
    segments.first.focus()
    reader.keyboard.press("Tab")
    reader.keyboard.press("Shift+Tab")
    segments.nth(1).locator(".fill").hover()
    expect(segments.nth(1).locator(".said")).to_be_visible()
    expect(segments.first.locator(".said")).to_be_hidden()


def test_all_pages_are_named_in_sight_on_a_phone(reader: Page) -> None:
    reader.set_viewport_size({"width": 390, "height": 844})
    links = reader.get_by_role("navigation", name="Pages").get_by_role("link").all()
    assert len(links) > 5
    for link in links:
        box = link.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390


def test_a_whole_day_is_the_same_day_west_of_greenwich(browser: Browser, served: Served) -> None:
    context = browser.new_context(base_url=served.address, locale="en-GB", timezone_id="America/Los_Angeles")
    try:
        page = context.new_page()
        page.goto(served.link())
        told = page.locator("time[data-date]").first
        expect(told).to_have_text(str(int((told.get_attribute("datetime") or "")[8:])) + " Mar 2026")
    finally:
        context.close()


def test_a_printed_sheet_has_no_forms_and_no_words_of_the_pointer(reader: Page) -> None:
    reader.goto("/sprints/shop/S1")
    reader.emulate_media(media="print")
    reader.locator("a.segment").first.focus()
    expect(reader.get_by_text("Is it something else?").first).to_be_hidden()
    expect(reader.locator(".said").first).to_be_hidden()
    expect(reader.get_by_role("heading", level=1)).to_be_visible()


def test_the_chosen_ground_stays(reader: Page) -> None:
    reader.get_by_role("button", name="Dark").click()
    reader.goto("/findings")
    assert reader.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    expect(reader.get_by_role("button", name="Light")).to_be_visible()


def test_a_finding_is_acknowledged_with_a_reason(reader: Page) -> None:
    reader.goto("/findings")
    reader.get_by_role("link", name=re.compile("Look closer at Tag names no key result")).click()
    reader.get_by_label("Reason").first.fill("KR-9 comes next week")
    reader.get_by_role("button", name="Acknowledge").click()
    expect(reader.get_by_text("KR-9 comes next week")).to_be_visible()
    reader.goto("/findings?state=acknowledged")
    expect(reader.get_by_role("heading", name="Tag names no key result")).to_be_visible()


def test_the_costliest_epic_without_a_key_result_is_first(reader: Page) -> None:
    reader.get_by_role("link", name="Epics").click()
    expect(reader.get_by_role("row").filter(has_text="PAY-E")).to_be_visible()


def test_a_kanban_board_opens_to_its_periods(reader: Page) -> None:
    reader.get_by_role("link", name="Flow").click()
    expect(reader.get_by_role("heading", name=re.compile("Periods"))).to_be_visible()
    reader.locator("a.segment").first.click()
    expect(reader.get_by_role("complementary", name="Receipt")).to_contain_text("FLOW-1")


def test_key_results_and_connections_are_listed(reader: Page) -> None:
    reader.get_by_role("link", name="Key results").click()
    expect(reader.get_by_role("row").filter(has_text="KR-1")).to_contain_text("Raise activation")
    reader.get_by_role("link", name="Connections").click()
    expect(reader.get_by_role("row").filter(has_text="shop")).to_contain_text("At most a minute behind")


def test_who_logs_out_has_to_come_in_anew(reader: Page) -> None:
    reader.get_by_role("button", name="Log out").click()
    expect(reader.get_by_role("heading", name="Log in")).to_be_visible()
    reader.goto("/findings")
    expect(reader.get_by_role("heading", name="Log in")).to_be_visible()


def test_everything_is_reached_without_javascript(browser: Browser, served: Served) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=served.address)
    try:
        page = context.new_page()
        page.set_default_timeout(WAIT)
        page.goto(served.link())
        page.get_by_role("link", name="Sprint S1", exact=True).click()
        page.locator("a.segment").first.click()
        expect(page.get_by_role("row").filter(has_text="Sum")).to_be_visible()
    finally:
        context.close()


def test_pages_with_hostile_texts_are_accessible_fit_a_phone_and_run_nothing_foreign(reader: Page) -> None:
    """How every page looks on every ground is asked in `test_every_page.py`."""
    reader.emulate_media(color_scheme="dark")
    reader.set_viewport_size({"width": 390, "height": 900})
    for address in PAGES:
        reader.goto(address)
        assert reader.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        # Evaluated by the test, not loaded by the page: its policy would refuse that.
        reader.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
        found = reader.evaluate("axe.run({rules: {'label-content-name-mismatch': {enabled: true}}})")
        faults = [(fault["id"], [node["html"][:160] for node in fault["nodes"]][:3]) for fault in found["violations"]]
        assert faults == [], address
