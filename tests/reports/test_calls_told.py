"""How often a site was called is the same on pages, by API and in metrics."""

from datetime import UTC, datetime

from integration import calling
from integration.limits import Pace, Said
from integration.store import calls
from tests.reports.material import NOW, Site
from tests.reports.test_accounts import token_of

RESET = datetime(2026, 3, 7, 15, tzinfo=UTC)


def called(site: Site) -> None:
    book = calls.book_of(site.store.engine, "shop")
    for _ in range(1214):
        book.note_call(Pace(20, 20))
    book.note_said(Said(limit=100, remaining=7, resets_at=RESET, reason="<b>", is_refusal=True))
    book.note_wait("quota_used_up", "", 600)
    calling.keep(site.store.engine, NOW)


def test_calls_and_what_is_waited_for_are_on_the_page_of_connections(small: Site) -> None:
    assert "–" in small.client.get("/connections").text
    called(small)
    page = small.client.get("/connections").text
    assert '<td class="n" data-label="calls, last hour">1,214</td>' in page
    assert "the quota of calls is used up" in page


def test_the_api_tells_calls_in_numbers_and_words(small: Site) -> None:
    called(small)
    listed = small.client.get("/api/v1/connections").json
    alone = small.client.get("/api/v1/connections/shop").json
    assert listed is not None
    assert alone is not None
    told = listed["connections"][0]["calls"]
    assert told == alone["calls"]
    assert (told["last_hour"], told["allowed"]["an_hour"]) == (1214, 72000)
    assert told["site_said"]["left"] == 7
    assert told["waits"]["reason"] == "quota_used_up"
    assert told["waits"]["call"] is None
    assert "1,214 calls in the last hour." in told["words"]


def test_calls_are_among_the_metrics(small: Site) -> None:
    called(small)
    text = small.app.test_client().get("/metrics", headers=token_of(small, "metrics")).text
    assert 'tieline_calls_last_hour{connection="shop"} 1214.0' in text
    assert 'tieline_calls_allowed_an_hour{connection="shop"} 72000.0' in text
    assert 'tieline_site_limit_left{connection="shop"} 7.0' in text
