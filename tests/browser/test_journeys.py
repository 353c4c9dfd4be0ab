"""Journeys from end to end that no other module here goes: trends, comparing, deliveries, saved views, likely key
results, sheets taken along, what was corrected, and what a viewer sees.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from integration.answers import decide_due
from integration.contract import Fetched
from integration.secrets import Vault, new_key
from integration.store import accounts, logins
from integration.store.engine import writing
from integration.store.tables import ConnectionRow
from tests.browser.conftest import Served
from tests.browser.test_key_results import at, team
from tests.integration.store.material import day, state, tracked
from tests.reports.material import BOARDS, NOW, SPRINTS, save
from tests.reports.test_audit import MORE
from tests.reports.test_deliveries import receive

__all__ = ["team"]  # a fixture


@pytest.fixture
def audited(reader: Page, served: Served) -> Page:
    save(served.site.engine, Fetched(at=day(5), items=MORE, sprints=SPRINTS, boards=BOARDS))
    with writing(served.site.engine) as session:
        session.get_one(ConnectionRow, "shop").credentials = Vault([new_key()]).encrypt_all({})
    return reader


def test_a_trend_says_its_figures_to_pointer_and_arrows_and_opens_a_receipt(team: Page) -> None:
    team.get_by_role("link", name="Trends", exact=True).click()
    chart = team.get_by_role("group", name="How the work of Payments divides, sprint by sprint")
    marks = chart.get_by_role("link")
    first = marks.first.get_attribute("aria-label")
    marks.first.hover()
    expect(chart).to_have_attribute("data-said", first or "-")
    chart.focus()
    team.keyboard.press("ArrowRight")
    expect(marks.first).to_be_focused()
    team.keyboard.press("ArrowRight")
    expect(marks.nth(1)).to_be_focused()
    expect(chart).to_have_attribute("data-said", marks.nth(1).get_attribute("aria-label") or "-")
    team.keyboard.press("Enter")
    receipt = team.get_by_role("complementary", name="Receipt")
    expect(receipt.get_by_role("row").filter(has_text="Sum")).to_be_visible()
    team.keyboard.press("Escape")
    expect(receipt).to_be_hidden()
    assert "/trends" in team.url


def test_a_key_result_is_reached_from_its_place_in_effort_beside_movement(team: Page) -> None:
    team.goto(at(team, "/key-results"))
    chart = team.get_by_role("group", name="Key results by their share of work and their progress")
    chart.get_by_role("link", name=re.compile("^KR-1: .* of the work")).click()
    expect(team.get_by_role("heading", level=1)).to_contain_text("KR-1")
    values = team.get_by_role("group", name="The values of KR-1 over time")
    values.focus()
    team.keyboard.press("ArrowRight")
    expect(values).to_have_attribute("data-said", re.compile(r"^\d{4}-\d\d-\d\d: 41 %$"))


def test_two_sprints_are_chosen_and_put_beside_each_other(reader: Page) -> None:
    reader.goto("/sprints/shop/S0")
    reader.get_by_role("link", name="compare", exact=True).click()
    reader.get_by_role("group", name="The second").get_by_label("Sprint").select_option("shop/S1")
    reader.get_by_role("group", name="The first").get_by_label("Sprint").select_option("shop/S0")
    reader.get_by_role("button", name="Compare").click()
    differ = reader.get_by_role("region", name=re.compile("^Items that differ"))
    expect(differ.get_by_role("row").filter(has_text="PAY-6")).to_contain_text("not in it")
    final = reader.get_by_role("region", name="Final")
    expect(final.get_by_role("columnheader", name="Sprint S0")).to_be_visible()
    final.get_by_role("row").filter(has_text="KR-1").get_by_role("link").first.click()
    expect(reader.get_by_role("row").filter(has_text="Sum")).to_be_visible()


def test_a_delivery_that_was_set_aside_is_looked_at_and_worked_on_again(reader: Page, served: Served) -> None:
    receive(served.site)
    reader.get_by_role("link", name="Connections", exact=True).click()
    reader.get_by_role("link", name="shop", exact=True).first.click()
    reader.get_by_role("link", name="What it sent, and what became of it").click()
    reader.get_by_role("link", name=re.compile("^set aside")).click()
    reader.get_by_role("row").filter(has_text="set aside").get_by_role("link").first.click()
    expect(reader.get_by_role("heading", level=1)).to_contain_text("set aside")
    reader.get_by_role("button", name="Work on it again").click()
    expect(reader.get_by_role("heading", level=1)).to_contain_text("waiting")
    reader.goto("/log")
    expect(reader.get_by_role("row").filter(has_text="1").filter(has_text="admin").first).to_be_visible()


def test_filters_are_kept_as_a_view_opened_another_day_and_dropped(audited: Page) -> None:
    audited.goto("/epics")
    audited.get_by_label("Words").fill("activation")
    audited.get_by_role("button", name="Show", exact=True).last.click()
    audited.get_by_text("Keep these filters as a view").click()
    audited.get_by_label("Name").fill("Activation")
    audited.get_by_role("button", name="Keep").click()
    audited.goto("/epics")
    audited.get_by_role("navigation", name="Saved views").get_by_role("link", name="Activation").click()
    expect(audited.get_by_label("Words")).to_have_value("activation")
    expect(audited.get_by_label("Choose FLOW-E")).to_have_count(0)
    audited.get_by_text("Keep these filters as a view").click()
    audited.get_by_role("button", name="Drop “Activation”").click()
    expect(audited.get_by_role("navigation", name="Saved views")).to_have_count(0)


def test_a_likely_key_result_says_why_and_leads_to_a_preview(audited: Page) -> None:
    audited.goto("/epics")
    row = audited.get_by_role("row").filter(has_text="PAY-F")
    expect(row).to_contain_text("1 item below it is tagged so (PAY-21)")
    row.get_by_role("button", name="KR-1: look at writing it to PAY-F").click()
    expect(audited.get_by_text("The preview is being made")).to_be_visible()
    assert "/write-back/" in audited.url


@pytest.mark.parametrize(
    ("link", "kind"), [("PDF", "application/pdf"), ("picture", "image/png"), ("Markdown", "text/markdown")]
)
def test_the_review_is_taken_along(reader: Page, link: str, kind: str) -> None:
    reader.goto("/sprints/shop/S1")
    reader.get_by_role("link", name="one sheet for the review").click()
    address = reader.get_by_role("link", name=link, exact=True).get_attribute("href")
    answer = reader.request.get(address or "")
    assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, kind)
    assert len(answer.body()) > 500


def test_what_was_tagged_late_stands_corrected_beside_the_closed_figure(reader: Page, served: Served) -> None:
    tagged = tracked(
        "PAY-6",
        state(-13, sprints=("S0",), points=3, tags=("KR-1",)),
        state(2, sprints=("S0",), points=3, tags=("KR-2",)),
    )
    save(served.site.engine, Fetched(at=NOW, items=(tagged,), sprints=SPRINTS, boards=BOARDS))
    decide_due(served.site.engine, NOW)
    reader.goto("/sprints/shop/S0")
    changed = reader.get_by_role("region", name="Changed since it was closed")
    expect(changed.get_by_role("figure").first).to_contain_text("KR-1")
    moved = changed.get_by_role("row").filter(has_text="PAY-6")
    expect(moved).to_contain_text("KR-1")
    expect(moved).to_contain_text("KR-2")


def test_a_viewer_sees_all_of_it_and_is_offered_no_act(reader: Page, served: Served) -> None:
    with served.site.store.writing() as session:
        account = accounts.add_account(session, "Grace", "viewer", NOW)
        token = logins.make_login_link(session, NOW, account.id)
    reader.get_by_role("button", name="Log out").click()
    reader.goto(f"/login/{token}")
    expect(reader.get_by_role("link", name="Accounts", exact=True)).to_have_count(0)
    for address, act in (("/epics", "Exempt…"), ("/rules", "Make a rule"), ("/connections", "Connect a site")):
        reader.goto(address)
        expect(reader.get_by_role("heading", level=1)).to_be_visible()
        expect(reader.get_by_text(act, exact=True)).to_have_count(0)


def test_a_poll_that_brings_nothing_new_is_answered_in_a_word(reader: Page) -> None:
    is_poll = re.compile(r"/sprints/shop/S1\?live=1$")
    with reader.expect_response(is_poll):
        reader.goto("/sprints/shop/S1")
    with reader.expect_response(is_poll) as second:
        pass
    second.value.finished()
    polls = "performance.getEntriesByType('resource').filter((each) => each.name.includes('live=1'))"
    sent, whole = reader.evaluate(f"[{polls}[1].transferSize, {polls}[1].encodedBodySize]")
    assert sent < 500
    assert whole > 1000
