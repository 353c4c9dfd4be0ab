"""Receipts of what the company and each team completed in a cycle: their rows add up to each segment of the bars."""

import csv
import io
from collections.abc import Iterator
from fractions import Fraction

import pytest

from integration.store.engine import writing
from integration.store.tables import ConnectionRow
from reports.figures import Bar
from reports.key_result_views import key_results_page
from tests.integration.store.material import fresh_store
from tests.integration.test_company import small
from tests.reports.key_result_material import tree
from tests.reports.material import NOW, Site, site_on


@pytest.fixture
def one(database_url: str) -> Iterator[Site]:
    with tree(database_url) as site:
        yield site


@pytest.fixture
def two(database_url: str) -> Iterator[Site]:
    """Two sites, with items of the same keys."""
    with fresh_store(database_url) as engine:
        small(engine)
        with writing(engine) as session:
            for name in ("east", "west"):
                row = ConnectionRow(id=name, tracker="jira", base_url="", callback_url="", mapping={}, created_at=NOW)
                session.add(row)
        yield site_on(engine)


def bars(site: Site, measure: str) -> list[Bar]:
    completed = key_results_page(site.store, NOW, None, measure).completed
    return [bar for told in completed for bar in (told.bar, told.outside) if bar is not None]


def rows(site: Site, address: str) -> list[dict[str, str]]:
    answer = site.client.get(address.replace("/receipt?", "/receipt.csv?"))
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.text)))


def amounts(told: list[dict[str, str]]) -> Fraction:
    return sum((Fraction(row["amount"]) for row in told), Fraction(0))


def hold(site: Site, measure: str) -> None:
    """Each segment is as large as the rows of its receipt are, of all rows."""
    found = bars(site, measure)
    assert {bar.key.split("/")[0] for bar in found} == {"company", "team"}
    for bar in found:
        whole = amounts(rows(site, bar.segments[0].href.split("&part=")[0]))
        for segment in bar.segments:
            assert float(amounts(rows(site, segment.href)) / whole) == pytest.approx(segment.share, abs=1e-9)
            page = site.client.get(segment.href)
            assert (page.status_code, f"{segment.percent} %" in page.text) == (200, True)


@pytest.mark.parametrize("measure", ["count", "points"])
def test_each_segment_opens_the_items_that_made_it(one: Site, measure: str) -> None:
    hold(one, measure)


@pytest.mark.parametrize("measure", ["count", "points"])
def test_items_of_several_connections_are_told_with_their_connection(two: Site, measure: str) -> None:
    hold(two, measure)
    told = rows(two, "/roll-ups/Q1/company/company/receipt?measure=count")
    assert {row["item"].split("/")[0] for row in told} == {"east", "west"}
    assert all(row["title"] for row in told)


def test_the_program_reads_the_same_rows(one: Site) -> None:
    address = "/company/company/receipt.csv?measure=count&part=KR-1"
    said = one.client.get(f"/api/v1/rollups/2026Q1{address}")
    assert said.status_code == 200
    assert said.text == one.client.get(f"/roll-ups/2026Q1{address}").text


def test_a_past_day_has_its_own_receipt(one: Site) -> None:
    address = "/roll-ups/2026Q1/company/company/receipt.csv?measure=count"
    now = rows(one, address)
    then = rows(one, f"{address}&as_of=2026-02-25")
    assert 0 < len(then) < len(now)


@pytest.mark.parametrize(
    "address",
    ["2026Q9/company/company", "2026Q1/team/Nobody", "2026Q1/board/B1", "2026Q1/company/x", "2026Q1/team/a%00b"],
)
def test_what_is_no_roll_up_is_not_found(one: Site, address: str) -> None:
    assert one.client.get(f"/roll-ups/{address}/receipt").status_code in {400, 404}
    assert one.client.get(f"/roll-ups/{address}/receipt?scope=final&measure=nonsense").status_code in {400, 404}
