"""Sites that answer otherwise than the simulated one are connected, read whole, and followed by their deliveries."""

from pathlib import Path

import pytest

from simulator.site import Site
from simulator.things import Issue
from tests.simulator import foreign
from tests.simulator.visits import DAY, EDITIONS, MINUTE, START, Version, Visit, visiting
from tests.storm.telling import told_of


def _fill(site: Site) -> None:
    """A closed and a running sprint, a board without sprints, an epic, sub-tasks, and a few histories."""
    at = START - 30 * DAY
    pay, web = site.add_project("PAY", "Payments"), site.add_project("WEB", "Web shop")
    board = site.add_board("Payments board", "scrum", pay)
    site.add_board("Web flow", "kanban", web)
    first = site.add_sprint(board, "Sprint, one", at, goal="Raise [KR-1], = fast")
    second = site.add_sprint(board, "Sprint two", at)
    site.start_sprint(first.id, at + DAY)
    epic = site.create(pay, "epic", "Pay by card", at, tags=("KR-1",), labels=("card",))
    for number in range(12):
        story = site.create(pay, "story", f"Step {number}", at + number * MINUTE, points=3.0)
        site.edit(story, at + 2 * DAY + number * MINUTE, sprints=(first.id,), parent=epic.id)
        site.edit(story, at + 3 * DAY + number * MINUTE, points=[None, 0.5, 5.0][number % 3], tags=("KR-1", "KR-2"))
        if number % 2:
            site.edit(story, at + 4 * DAY + number * MINUTE, status="done", resolution="done")
    task = site.create(web, "task", "Search", at, components=("Index",), squad="Risk")
    site.create(web, "subtask", "Measure", at, parent=task.id)
    site.close_sprint(first.id, at + 15 * DAY, onward=second.id)
    site.start_sprint(second.id, at + 15 * DAY + MINUTE)


def _some_edits(visit: Visit) -> None:
    site, now = visit.site, visit.now

    def issue(key: str) -> Issue:
        found = site.find(key)
        assert found is not None
        return found

    site.edit(issue("PAY-2"), now, tags=("KR-3",), labels=("late", "card"), points=8.0)
    site.edit(issue("PAY-3"), now, parent=None, sprints=tuple(issue("PAY-3").values.sprints[:1]))
    site.edit(issue("PAY-4"), now, status="done", resolution="wont_do", components=("Mail",))
    site.edit(issue("WEB-1"), now, tags=("KR-1",), squad=None)
    site.edit(issue("WEB-2"), now, summary="Measure twice", status="doing")
    site.delete(issue("PAY-9"), now)
    site.create(next(iter(site.projects.values())), "bug", "A new one", now)
    running = next(sprint for sprint in site.sprints.values() if sprint.state == "active")
    site.change_sprint(running.id, now, goal="Keep [KR-1]", name="Sprint, 2 = two")


HERE_TOO = (
    foreign.answers_upside_down,
    foreign.histories_with_less,
    foreign.sprints_with_nulls,
    foreign.all_at_once,
)
CHANGES = [
    *(pytest.param(None, change, id=f"cloud-{change.__name__}") for change in foreign.EVERY),
    *(pytest.param((10, 3, 2), change, id=f"data-center-{change.__name__}") for change in HERE_TOO),
]


@pytest.mark.parametrize(("version", "change"), CHANGES)
def test_a_foreign_site_is_read_and_followed_as_it_is(
    version: Version, change: foreign.Change, sqlite_url: str, tmp_path: Path
) -> None:
    with visiting(version, sqlite_url, tmp_path, _fill, change) as visit:
        visit.connect()
        assert visit.differences() == []
        visit.now += 5 * MINUTE
        _some_edits(visit)
        visit.now += MINUTE
        visit.work()
        assert visit.differences() == []


@EDITIONS
def test_small_pages_are_read_to_their_end(version: Version, sqlite_url: str, tmp_path: Path) -> None:
    with visiting(version, sqlite_url, tmp_path, _fill) as visit:
        visit.site.conditions.page_most = 3
        visit.connect()
        assert visit.differences() == []


@EDITIONS
def test_closed_sprints_without_a_completion_are_taken_to_have_ended_as_planned(
    version: Version, sqlite_url: str, tmp_path: Path
) -> None:
    with visiting(version, sqlite_url, tmp_path, _fill, foreign.sprints_never_completed) as visit:
        visit.connect()
        first = min(visit.site.sprints)
        end = visit.site.sprints[first].end
        assert end is not None
        completed = told_of(visit.engine, visit.now)["sprints"][str(first)]["completed"]
        assert completed == end.isoformat()
