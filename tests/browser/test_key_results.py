"""The journey of a check-in, and that the pages of key results are accessible and fit, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import WAIT, serving
from tests.reports.key_result_material import checked_in, say, tree

AXE = Path(__file__).parent / "assets" / "axe.min.js"
PAGES = ("/key-results", "/key-results?cycle=2025Q4", "/key-results/KR-1", "/key-results/KR-2", "/key-results/KR-4")


@pytest.fixture
def team(context: BrowserContext, tmp_path: Path) -> Iterator[Page]:
    """The site with the tree of objectives, and somebody logged in."""
    with tree(f"sqlite:///{tmp_path / 'tree.sqlite'}") as site, serving(site) as served:
        say(site.engine, checked_in("KR-2", 1, 96, "=1+1"), checked_in("KR-C", 2, 39))
        page = context.new_page()
        page.set_default_timeout(WAIT)
        page.goto(served.link())
        yield page
        page.close()


def at(page: Page, address: str) -> str:
    return f"{page.evaluate('location.origin')}{address}"


def test_a_team_sees_what_is_stuck_checks_in_and_sees_it_move(team: Page) -> None:
    team.get_by_role("link", name="Key results", exact=True).click()
    stuck = team.get_by_role("region", name="Starved and stuck")
    stuck.get_by_role("link", name="KR-C").click()
    expect(team.get_by_role("heading", level=1)).to_contain_text("KR-C")
    team.get_by_label("Value, k€").fill("47.5")
    team.get_by_label("How confident you are").fill("60")
    team.get_by_label("Note").fill("The new prices are live")
    team.get_by_role("button", name="Check in").click()
    expect(team.get_by_text("Starved and moving.")).to_be_visible()
    said = team.get_by_role("listitem").filter(has_text="The new prices are live")
    expect(said).to_contain_text("47.5 k€, 60 % confident")
    team.get_by_role("link", name="Key results", exact=True).first.click()
    expect(team.get_by_role("region", name="Starved and moving")).to_contain_text("KR-C")


def test_a_bar_of_a_sprint_opens_the_receipt_of_this_key_result(team: Page) -> None:
    team.goto(at(team, "/key-results/KR-1"))
    team.get_by_role("link", name="Receipt of KR-1 in Sprint S2").click()
    receipt = team.get_by_role("complementary", name="Receipt")
    expect(receipt.get_by_role("row").filter(has_text="PAY-21")).to_be_visible()
    expect(receipt).not_to_contain_text("PAY-22")


def test_what_cannot_be_kept_is_said_beside_the_form_with_what_was_typed(team: Page) -> None:
    team.goto(at(team, "/key-results/KR-1"))
    team.get_by_label("Value, %").fill("12,5")
    team.get_by_role("button", name="Check in").click()
    expect(team.get_by_role("alert")).to_contain_text("write a number such as 12.5")
    expect(team.get_by_label("Value, %")).to_have_value("12,5")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_are_accessible_and_fit(team: Page, scheme: str, width: int) -> None:
    team.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    team.set_viewport_size({"width": width, "height": 900})
    for address in PAGES:
        team.goto(at(team, address))
        assert team.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        team.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
        found = team.evaluate("axe.run({rules: {'label-content-name-mismatch': {enabled: true}}})")
        faults = [(fault["id"], [node["html"][:200] for node in fault["nodes"]][:3]) for fault in found["violations"]]
        assert faults == [], address
