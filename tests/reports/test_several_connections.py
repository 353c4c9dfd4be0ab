"""Where names could be those of two things, pages and API say on which connection each is, and lists keep to one."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from integration.answers import decide_due
from integration.contract import Fetched
from integration.store.engine import writing
from integration.store.tables import ConnectionRow
from integration.store.writes import save_fetched
from tests.reports.material import BOARDS, ITEMS, NOW, SPRINTS, Site, shop


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    """The shop, and a second one that calls all it has by the same names."""
    with shop(sqlite_url) as found:
        with writing(found.engine) as session:
            address = "https://other.example"
            row = ConnectionRow(
                id="other",
                tracker="jira",
                base_url=address,
                callback_url="",
                mapping={},
                created_at=NOW,
                last_sync_at=NOW,
            )
            session.add(row)
            save_fetched(session, "other", Fetched(at=NOW, items=ITEMS, sprints=SPRINTS, boards=BOARDS), NOW)
        decide_due(found.engine, NOW)
        yield found


def see(site: Site, address: str) -> str:
    response = site.client.get(address)
    assert response.status_code == 200
    return unescape(response.text)


def told(site: Site, path: str) -> Any:
    return site.client.get(f"/api/v1/{path}").json


@pytest.mark.parametrize("address", ["/", "/trends", "/epics", "/findings", "/key-results/KR-1"])
def test_a_page_says_on_which_connection_something_is(site: Site, address: str) -> None:
    page = see(site, address)
    assert "on shop" in page
    assert "on other" in page


@pytest.mark.parametrize("address", ["/trends", "/epics", "/findings"])
def test_a_list_keeps_to_one_connection(site: Site, address: str) -> None:
    page = see(site, f"{address}?connection=other")
    assert "on other" in page
    assert "on shop" not in page


def test_with_one_connection_nothing_is_said_of_it(sqlite_url: str) -> None:
    with shop(sqlite_url) as site:
        assert "on shop" not in see(site, "/trends") + see(site, "/epics") + see(site, "/findings")


def test_what_is_told_of_all_together_is_of_no_connection(site: Site) -> None:
    rollups = told(site, "rollups?by=company")["rollups"]
    assert {one["connection"] for one in rollups} == {None}
    assert {one["items"] for one in rollups} == {4}
    [finding] = [one for one in told(site, "findings?kind=no_baseline")["findings"] if one["subject"] == "KR-1"]
    assert finding["connection"] is None
    assert told(site, "findings?kind=no_baseline&connection=shop")["findings"] == []


def test_the_page_of_key_results_shows_what_the_company_completed(site: Site) -> None:
    page = see(site, "/key-results?measure=count")
    assert "What completed work served" in page
    assert "on all connections together" in page
    assert 'data-figure="company/company/2026Q1">4 items' in page
