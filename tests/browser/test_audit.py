"""From the list of epics to a figure that moved, in a real browser, with and without a script."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from integration.answers import decide_due
from integration.contract import Fetched
from tests.browser.conftest import WAIT, Served
from tests.browser.test_write_back import is_accessible
from tests.integration.store.material import day, state, tracked
from tests.reports.material import BOARDS, NOW, SPRINTS, save
from tests.reports.test_audit import MORE


@pytest.fixture
def audited(reader: Page, served: Served) -> Page:
    save(served.site.engine, Fetched(at=day(5), items=MORE, sprints=SPRINTS, boards=BOARDS))
    return reader


@pytest.fixture
def without_script(browser: Browser, served: Served) -> Iterator[Page]:
    save(served.site.engine, Fetched(at=day(5), items=MORE, sprints=SPRINTS, boards=BOARDS))
    context = browser.new_context(base_url=served.address, java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.goto(served.link())
    yield page
    context.close()


def exempt_activation(page: Page) -> None:
    """Filter, choose, look, confirm."""
    page.goto("/epics")
    page.get_by_label("Words").fill("activation")
    page.get_by_role("button", name="Show", exact=True).last.click()
    page.get_by_label("Choose PAY-F").check()
    page.get_by_role("button", name="Exempt…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Exempt 1 epic?")
    expect(page.get_by_role("listitem").filter(has_text="would move from unaligned to exempt")).to_be_visible()
    page.get_by_label("Reason").fill("Run the shop")
    page.get_by_role("button", name="Exempt 1 epic").click()
    expect(page.get_by_role("status").filter(has_text="Exempt from now on")).to_be_visible()


def test_an_editor_filters_chooses_looks_confirms_and_sees_the_figure_moved(audited: Page, served: Served) -> None:
    audited.goto("/sprints/shop/S1")
    exempt = audited.locator('[data-figure="shop/S1/final/points/exempt"]')
    before = exempt.inner_text()
    exempt_activation(audited)
    decide_due(served.site.engine, NOW)
    audited.goto("/sprints/shop/S1")
    expect(exempt).not_to_have_text(before)
    audited.goto("/epics")
    expect(audited.get_by_label("Choose PAY-F")).to_have_count(0)
    audited.goto("/rules")
    expect(audited.get_by_role("row").filter(has_text="PAY-F")).to_contain_text("Run the shop")


def test_the_same_goes_without_a_script(without_script: Page) -> None:
    exempt_activation(without_script)


def test_what_is_chosen_outlives_the_polling(audited: Page, served: Served) -> None:
    audited.goto("/epics")
    audited.get_by_label("Choose PAY-F").check()
    audited.get_by_label("Words").fill("half a wo")
    extra = tracked("NEW-E", state(-9), type="epic", level=1, title="Another epic")
    save(served.site.engine, Fetched(at=day(5.1), items=(extra,), sprints=SPRINTS, boards=BOARDS))
    expect(audited.locator("#live")).to_contain_text("4 epics")
    expect(audited.get_by_label("Choose PAY-F")).to_be_checked()
    expect(audited.get_by_label("Words")).to_have_value("half a wo")


def test_an_admin_makes_a_rule_after_a_look_and_ends_it_again(audited: Page) -> None:
    audited.goto("/rules")
    audited.get_by_role("link", name="Make a rule").click()
    audited.get_by_label("Its value, 1").fill("PAY-F")
    audited.get_by_label("Reason, as receipts show it").fill("Run the shop")
    audited.get_by_role("button", name="Show what it moves").click()
    expect(audited.get_by_role("row").filter(has_text="Sprint S1")).to_contain_text("exempt")
    audited.get_by_label("Why the rules are changed").fill("Agreed in planning")
    audited.get_by_role("button", name="Keep this rule").click()
    row = audited.get_by_role("row").filter(has_text="PAY-F")
    expect(row).to_contain_text("Agreed in planning")
    row.get_by_role("link", name=re.compile("^End")).click()
    audited.get_by_label("Why", exact=True).fill("No more")
    audited.get_by_role("button", name="End the rule").click()
    expect(audited.get_by_role("region", name="Ended")).to_contain_text("No more")


def test_looks_before_acts_are_accessible_and_fit(audited: Page) -> None:
    audited.goto("/epics")
    for button in ("Exempt…", "Mute…"):
        audited.get_by_label("Choose PAY-F").check()
        audited.get_by_role("button", name=button).click()
        expect(audited.get_by_label("Reason")).to_be_visible()
        assert is_accessible(audited)
        audited.goto("/epics")
    audited.goto("/rules/new")
    audited.get_by_label("Its value, 1").fill("PAY-F")
    audited.get_by_label("Reason, as receipts show it").fill("Run the shop")
    audited.get_by_role("button", name="Show what it moves").click()
    expect(audited.get_by_role("button", name="Keep this rule")).to_be_visible()
    assert is_accessible(audited)


def test_the_items_of_a_tag_stay_open_while_the_page_is_polled(reader: Page, served: Served) -> None:
    items = [tracked(f"PAY-{n}", state(-9, tags=("KR-I",))) for n in (60, 61)]
    save(served.site.engine, Fetched(at=day(5), items=tuple(items), sprints=SPRINTS, boards=BOARDS))
    reader.goto("/findings")
    reader.get_by_text("“KR-I” on 2 items").click()
    expect(reader.get_by_text("PAY-60", exact=True)).to_be_visible()
    more = tracked("PAY-62", state(-9, tags=("KR-I",)))
    save(served.site.engine, Fetched(at=day(5), items=(more,), sprints=SPRINTS, boards=BOARDS))
    expect(reader.get_by_text("“KR-I” on 3 items")).to_be_visible()
    expect(reader.get_by_text("PAY-60", exact=True)).to_be_visible()
    reader.get_by_role("button", name="Acknowledge 3… of “KR-I”").click()
    reader.get_by_label("Reason").fill("Renamed tomorrow")
    reader.get_by_role("button", name="Acknowledge 3 findings").click()
    expect(reader.get_by_text("“KR-I” on 3 items")).to_be_visible()
    assert "state=acknowledged" in reader.url
