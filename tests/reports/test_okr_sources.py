"""The page of key results says where teams keep their OKRs, and why a look at them was not taken over."""

from datetime import timedelta

from integration.okr_sources.definition import GOALS, ISSUES, Source
from integration.store import okr_sources
from integration.store.engine import writing
from tests.reports.material import NOW, Site


def test_the_page_names_the_source_of_a_team_and_how_old_its_news_are(small: Site) -> None:
    with writing(small.engine) as session:
        issues = Source(ISSUES, "shop", ("Payments",), project="OKR", key_results="Key Result")
        okr_sources.declare(session, [issues.to_json(), Source(GOALS, "shop", ("Checkout",)).to_json()], NOW)
        first, second = okr_sources.declared(session)
        okr_sources.note_read(session, first.id, NOW - timedelta(minutes=5))
        okr_sources.note_read(session, second.id, NOW - timedelta(days=2))
        okr_sources.note_faults(session, second.id, NOW, ["ACME-3: has <no> objective."])
    page = small.client.get("/key-results").text
    assert "<b>Payments</b>: from Jira project OKR of shop, read 5 minutes ago." in page
    assert "<b>Checkout</b>: from Atlassian Goals of shop, read 2 days ago; the last look was not taken over" in page
    assert "<li>ACME-3: has &lt;no&gt; objective.</li>" in page


def test_where_all_okrs_are_in_the_file_the_page_says_nothing_of_sources(small: Site) -> None:
    assert 'class="note"' not in small.client.get("/key-results").text
