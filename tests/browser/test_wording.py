"""Reading a draft while it is typed and overruling a goal, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from integration.contract import Fetched
from tests.browser.conftest import Served
from tests.integration.store.material import day, sprint
from tests.reports.material import BOARDS, save


def test_a_draft_is_read_while_it_is_typed(reader: Page) -> None:
    reader.goto("/draft")
    reader.get_by_label("Text").press_sequentially("Build the export page")
    expect(reader.locator("#reading")).to_contain_text("Its words read as output only")
    assert reader.get_by_label("Text").input_value() == "Build the export page"


def test_what_is_typed_into_the_form_outlives_the_polling_and_is_kept(served: Served, reader: Page) -> None:
    goal = sprint("S1", "active", "Build the export page")
    save(served.site.engine, Fetched(at=day(3), items=(), sprints=(goal,), boards=BOARDS))
    reader.goto("/sprints/shop/S1")
    reason = reader.get_by_label("Reason").first
    reason.fill("It is what they asked for")
    with reader.expect_response(lambda answer: "live=1" in answer.url):
        pass
    assert reason.input_value() == "It is what they asked for"
    reader.get_by_role("button", name="Overrule").first.click()
    expect(reader.locator(".verdict")).to_contain_text("An outcome, says admin: It is what they asked for")


@pytest.mark.parametrize("address", ["/draft", "/key-results/KR-1/wording"])
def test_pages_of_words_fit_a_phone(reader: Page, address: str) -> None:
    reader.set_viewport_size({"width": 360, "height": 800})
    reader.goto(address)
    assert reader.evaluate("document.documentElement.scrollWidth") <= 360
