"""Trends: what each kept figure amounts to, in one short read."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from integration.contract import Fetched
from integration.store import trends
from integration.store.trends import TrendPoint
from mappings.model import SprintState, Status
from tests.integration.store.material import day, state, tracked
from tests.reports.material import BOARDS, NOW, SPRINTS, Site, save, shop


@pytest.fixture
def site(database_url: str) -> Iterator[Site]:
    with shop(database_url) as found:
        yield found


def points(site: Site, scope: str = "completed", measure: str = "points") -> dict[str, TrendPoint]:
    with site.store.reading() as session:
        found = trends.trends(session, day(-400), day(400), measure, scope)
    return {point.subject: point for point in found}


def test_each_sprint_and_period_has_its_shares_team_and_moment(site: Site) -> None:
    found = points(site)
    assert (found["S0"].team, found["S0"].at, found["S0"].closed) == ("Payments", day(-1), True)
    assert (found["S0"].aligned, found["S0"].total) == (1.0, 3.0)
    final = points(site, "final")["S1"]
    parts = [final.aligned, final.exempt, final.dead_link, final.unaligned]
    assert parts == pytest.approx([8 / 13.5, 2 / 13.5, 2.5 / 13.5, 1 / 13.5])
    assert {point.kind for point in found.values()} == {"sprint", "period"}


def test_the_shares_of_a_point_add_up_to_one_or_are_none(site: Site) -> None:
    for scope in trends.SCOPES:
        found = points(site, scope, "count").values()
        assert any(point.unaligned is not None for point in found)
        for point in found:
            parts = (point.aligned, point.exempt, point.dead_link, point.unaligned)
            assert parts == (None,) * 4 or sum(part or 0 for part in parts) == pytest.approx(1)


def test_a_key_result_has_its_share_sprint_by_sprint(site: Site) -> None:
    with site.store.reading() as session:
        found = trends.parts_of(session, day(-400), day(400), "points", "final")
    shares = {subject: parts["KR-1"] for (_, subject), parts in found.items() if "KR-1" in parts}
    assert shares == {"S0": 1.0, "S1": pytest.approx(5 / 13.5)}


def test_a_point_follows_its_answer(site: Site) -> None:
    more = tracked("PAY-9", state(-9, sprints=("S1",), points=11))
    save(site.engine, Fetched(at=NOW, items=(more,), sprints=SPRINTS, boards=BOARDS))
    assert points(site, "final")["S1"].total == 25
    done = tracked(
        "PAY-9", state(-9, sprints=("S1",), points=11), state(4, sprints=("S1",), points=11, status=Status.DONE)
    )
    save(site.engine, Fetched(at=NOW + timedelta(minutes=1), items=(done,), sprints=SPRINTS, boards=BOARDS))
    assert points(site)["S1"].unaligned == 1.0


def test_what_is_gone_has_no_point_any_more(site: Site) -> None:
    with site.store.writing() as session:
        trends.forget_trends(session, "shop", "sprint", {"S0", "S1"})
    assert not {"S0", "S1"} & points(site).keys()


def test_a_sprint_without_dates_stands_nowhere_in_time(site: Site) -> None:
    assert "S2" not in points(site, "final")


def test_a_sprint_that_is_planned_is_not_told_to_run(site: Site) -> None:
    planned = replace(SPRINTS[1], id="S9", name="Later", start=day(10), end=day(20), state=SprintState.FUTURE)
    later = tracked("PAY-9", state(-9, sprints=("S9",), points=11))
    save(site.engine, Fetched(at=NOW, items=(later,), sprints=(*SPRINTS, planned), boards=BOARDS))
    found = points(site, "final")
    assert [found[name].stage for name in ("S0", "S1", "S9")] == ["closed", "running", "planned"]
