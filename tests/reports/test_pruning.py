"""A moment of which nothing is kept is refused with the earliest that can be asked: by pages, API and terminal."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from integration.pruning import Keeping, prune
from reports.moments import NoMoment, moment_named, past_moment
from tests.integration.store.material import day
from tests.reports.material import NOW, Site, shop

SAID = "The earliest moment that can be asked is 2026-03-04T09:00:00Z: what was before is not kept."


@pytest.fixture
def small(sqlite_url: str) -> Iterator[Site]:
    with shop(sqlite_url) as found:
        prune(found.engine, NOW, Keeping(history=timedelta(days=3)))
        yield found


def test_the_limit_itself_can_be_asked_and_nothing_before_it(small: Site) -> None:
    assert moment_named(small.store, "2026-03-04T09:00:00Z", NOW) == day(2)
    for text in ("2026-03-04T08:59:59Z", "2026-03-03", "1999-01-01"):
        with pytest.raises(NoMoment) as refused:
            past_moment(small.store, text, NOW)
        assert refused.value.sentence == SAID
        assert refused.value.is_beyond


@pytest.mark.parametrize("path", ["/", "/findings", "/key-results", "/trends", "/epics.csv"])
def test_pages_say_from_when_on_they_can_be_asked(small: Site, path: str) -> None:
    refused = small.client.get(f"{path}?as_of=2026-03-03")
    assert refused.status_code == 400
    assert "The earliest moment that can be asked is" in refused.text


def test_the_api_says_so_as_a_problem(small: Site) -> None:
    refused = small.client.get("/api/v1/findings?as_of=2026-03-03")
    assert refused.status_code == 404
    assert refused.get_json()["detail"] == SAID


def test_the_field_for_another_day_begins_where_something_is_known(small: Site) -> None:
    page = small.client.get("/findings").text
    assert 'min="2026-03-04"' in page
