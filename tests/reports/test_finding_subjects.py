"""What the subject of a finding is called: the names that people gave, never an id alone, with where it is."""

import pytest

from integration.store.reads import KeptFinding
from reports.finding_views import FindingView, finding_views
from reports.views import ground_of
from tests.reports.material import NOW, Site


def view_of(site: Site, kind: str, subject: str) -> FindingView:
    kept = KeptFinding(1, "shop", kind, subject, "medium", {}, "", "open", NOW, None, None, None, None)
    with site.store.reading() as session:
        (view,) = finding_views(session, [kept], ground_of(session, NOW))
    return view


@pytest.mark.parametrize(
    ("kind", "subject", "words", "href"),
    [
        ("catch_all_kr", "B1/KR-1", "KR-1 Raise activation from 40 to 60 %, on Payments", "/boards/shop/B1"),
        ("catch_all_kr", "gone/KR-1", "gone/KR-1", None),
        ("too_many_krs", "O1", "O1 New shops are live in a day", None),
        ("too_many_objectives", "Payments/2026Q1", "Payments in 2026Q1", "/key-results?cycle=2026Q1"),
        ("untagged_backlog", "backlog", "the epics, the costliest first", "/epics"),
        ("starved_kr", "KR-1", "KR-1 Raise activation from 40 to 60 %", "/key-results/KR-1"),
        ("vanity_kr", "KR-1", "KR-1 Raise activation from 40 to 60 %", "/key-results/KR-1/wording"),
        ("off_balance", "Payments", "Payments", None),
    ],
)
def test_a_subject_bears_the_names_that_people_gave(
    small: Site, kind: str, subject: str, words: str, href: str | None
) -> None:
    view = view_of(small, kind, subject)
    assert (view.words, view.href) == (words, href)
