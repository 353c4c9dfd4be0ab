"""What Tieline loses from sight it does not count as deleted; when it sees again, all is true."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from simulator.conditions import Outage
from simulator.site import Site
from tests.simulator.visits import DAY, EDITIONS, MINUTE, START, Version, Visit, visiting
from tests.storm.telling import told_of

Turn = Callable[[Site, bool], None]


def _fill(site: Site) -> None:
    at = START - 20 * DAY
    for key in ("PAY", "WEB"):
        project = site.add_project(key, key.title())
        board = site.add_board(f"{key.title()} board", "scrum", project)
        site.start_sprint(site.add_sprint(board, f"{key} 1", at).id, at + DAY)
        for number in range(15):
            site.create(project, "story", f"Step {number}", at + number * MINUTE)


def _rights(site: Site, is_lost: bool) -> None:
    site.conditions.closed = {next(iter(site.projects))} if is_lost else set()


def _all_rights(site: Site, is_lost: bool) -> None:
    site.conditions.closed = set(site.projects) if is_lost else set()


def _name(site: Site, is_lost: bool) -> None:
    site.conditions.is_anonymous = is_lost


def _archive(site: Site, is_lost: bool) -> None:
    site.archive(next(iter(site.projects.values())), site.now(), is_archived=is_lost)


def _maintenance(site: Site, is_lost: bool) -> None:
    site.conditions.outage = Outage(site.now() + DAY, status=200, is_page=True) if is_lost else None


def _hours(visit: Visit, hours: int) -> None:
    for _ in range(hours * 4):
        visit.now += 15 * MINUTE
        visit.work()
        visit.reconcile()


@EDITIONS
@pytest.mark.parametrize("turn", [_rights, _all_rights, _name, _archive, _maintenance], ids=lambda turn: turn.__name__)
def test_what_is_lost_from_sight_is_not_deleted(version: Version, turn: Turn, sqlite_url: str, tmp_path: Path) -> None:
    with visiting(version, sqlite_url, tmp_path, _fill) as visit:
        visit.connect()
        _hours(visit, 1)
        turn(visit.site, True)
        visit.now += timedelta(seconds=1)
        for number in range(1, 4):  # of these deliveries come, whatever we may see
            issue = visit.site.issues[visit.site.by_key[f"PAY-{number}"]]
            visit.site.edit(issue, visit.now, labels=("late",))
        _hours(visit, 2)
        told = told_of(visit.engine, visit.now)
        assert [item["key"] for item in told["items"] if item["deleted"] is not None] == []
        assert [id_ for id_, sprint in told["sprints"].items() if sprint["gone_at"] is not None] == []
        turn(visit.site, False)
        _hours(visit, 2)
        assert visit.differences() == []
