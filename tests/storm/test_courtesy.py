"""How many calls Tieline makes: for a bulk edit, in an idle hour, and while the site asks it to wait."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from simulator.conditions import Limit
from simulator.site import Site
from tests.simulator.visits import DAY, EDITIONS, MINUTE, START, Version, visiting

Fill = Callable[[Site], None]
MANY = 1000
BULK_AT_MOST = 30
IDLE_AT_MOST = 60  # an hour, and one more for each board with an active sprint


def _fill(site: Site, items: int) -> None:
    """Two boards with a running sprint, one without; stories below epics, most with a short history."""
    at = START - 20 * DAY
    for key in ("PAY", "WEB", "OPS"):
        project = site.add_project(key, key.title())
        board = site.add_board(f"{key.title()} board", "kanban" if key == "OPS" else "scrum", project)
        epics = [site.create(project, "epic", f"Aim {number}", at, tags=("KR-1",)) for number in range(4)]
        if key != "OPS":
            site.start_sprint(site.add_sprint(board, f"{key} 1", at).id, at + DAY)
        for number in range(items // 3 + 1):
            story = site.create(project, "story", f"Step {number}", at, parent=epics[number % 4].id)
            if number % 3:
                site.edit(story, at + number * MINUTE, points=3.0)


def _fill_much(site: Site) -> None:
    _fill(site, MANY)


def _fill_little(site: Site) -> None:
    _fill(site, 30)


@EDITIONS
def test_a_bulk_edit_of_a_thousand_issues_costs_few_calls(version: Version, sqlite_url: str, tmp_path: Path) -> None:
    with visiting(version, sqlite_url, tmp_path, _fill_much) as visit:
        visit.connect()
        visit.now += 7 * MINUTE
        stories = [issue for issue in visit.site.visible() if issue.values.type == "story"][:MANY]
        before = visit.site.asked
        for issue in stories:
            visit.site.edit(issue, visit.now, labels=("bulk",))
        visit.now += timedelta(seconds=1)
        visit.work()
        assert visit.deliveries == MANY
        assert visit.site.asked - before <= BULK_AT_MOST
        assert visit.differences() == []


@EDITIONS
@pytest.mark.parametrize("fill", [_fill_much, _fill_little], ids=["large", "small"])
def test_an_idle_site_is_asked_seldom(version: Version, fill: Fill, sqlite_url: str, tmp_path: Path) -> None:
    with visiting(version, sqlite_url, tmp_path, fill) as visit:
        visit.connect()
        for _hour in range(3):
            before = visit.site.asked
            for _look in range(60):
                visit.now += MINUTE
                visit.reconcile()
            running = {sprint.board for sprint in visit.site.sprints.values() if sprint.state == "active"}
            assert visit.site.asked - before <= IDLE_AT_MOST + len(running)


def test_a_used_up_quota_stops_all_calls_until_it_is_filled_again(sqlite_url: str, tmp_path: Path) -> None:
    with visiting(None, sqlite_url, tmp_path, _fill_little) as visit:
        visit.connect()
        visit.now += 7 * MINUTE
        issue = visit.site.find("PAY-7")
        assert issue is not None
        visit.site.conditions.limits.append(Limit("jira-quota-tenant-based", left=1, retry_after=1800))
        visit.site.edit(issue, visit.now, labels=("late",))
        before = visit.site.asked
        visit.work()
        visit.reconcile()
        assert visit.site.asked - before == 1
