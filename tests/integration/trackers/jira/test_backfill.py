"""The backfill: everything once, in pages, from where it stopped, with flat memory."""

import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from integration.contract import Misconfigured, Page
from integration.trackers.jira import TRACKER, backfill
from integration.trackers.jira.fetch import fetch_issues
from tests.integration.trackers.jira.fake_jira import SPRINT_FIELD, FakeJira, body, connection, issue, sprint

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
SEARCH, BULK = "/rest/api/3/search/jql", "/rest/api/3/issue/bulkfetch"


@pytest.fixture
def site(jira: FakeJira) -> FakeJira:
    jira.add(*(issue(number) for number in range(250)))
    jira.add(*(issue(number, project="10002", key="WEB") for number in range(300, 310)))
    jira.sprints |= {"30": sprint(30, "closed"), "31": sprint(31), "32": sprint(32, "future")}
    jira.page = 200
    return jira


def run(cursor: str | None = None) -> list[Page]:
    return list(TRACKER.backfill(connection(), cursor, NOW))


def keys(pages: list[Page]) -> list[str]:
    return [tracked.item.key for page in pages for tracked in page.fetched.items]


def test_all_issues_of_all_chosen_projects_come_once(site: FakeJira) -> None:
    pages = run()
    found = keys(pages)
    assert len(found) == len(set(found)) == 260
    assert pages[-1].cursor is None
    assert all(page.cursor for page in pages[:-1])
    assert (pages[-1].done, pages[-1].total) == (260, 260)


def test_boards_come_first_with_all_their_sprints(site: FakeJira) -> None:
    first = run()[0].fetched
    assert [board.name for board in first.boards] == ["Payments board"]
    assert [one.id for one in first.sprints] == ["30", "31", "32"]


def test_pages_hold_a_limited_number_of_issues_and_progress_grows(site: FakeJira) -> None:
    pages = run()
    assert max(len(page.fetched.items) for page in pages) == backfill.PAGE
    done = [page.done for page in pages]
    assert done == sorted(done)


@pytest.mark.parametrize("stop", range(1, 7))
def test_a_killed_backfill_goes_on_where_it_was_saved(site: FakeJira, stop: int) -> None:
    saved: list[Page] = []
    for page in TRACKER.backfill(connection(), None, NOW):
        saved.append(page)
        if len(saved) == stop:
            break
    asked_before = len(site.called(BULK))
    rest = run(saved[-1].cursor)
    assert set(keys(saved) + keys(rest)) == set(keys(run()))
    assert rest[-1].done == 260
    assert asked_before <= stop + backfill.PARALLEL


def test_what_was_finished_is_not_fetched_again(site: FakeJira) -> None:
    pages = run()
    cursor = next(page.cursor for page in pages if page.done == 250 and not page.fetched.items)
    assert {key.split("-")[0] for key in keys(run(cursor))} == {"WEB"}


def test_a_token_that_has_expired_begins_its_project_anew(site: FakeJira) -> None:
    cursor = next(page.cursor for page in run() if page.done == 250)
    site.fail(SEARCH, 400, {"errorMessages": ["The provided nextPageToken is invalid or has expired."]})
    assert len(keys(run(cursor))) == 260


def test_another_choice_of_projects_begins_anew(site: FakeJira) -> None:
    cursor = run()[-2].cursor
    assert cursor is not None
    assert len(keys(run(cursor.replace("10001", "10009")))) == 260


def test_sprints_of_other_boards_come_with_the_first_issue_that_names_them(site: FakeJira) -> None:
    foreign = {**sprint(55, "closed", board=9), "boardId": 9}
    site.add(*(issue(number, **{SPRINT_FIELD: [foreign, sprint(31)]}) for number in range(150)))
    found = [one.id for page in run()[1:] for one in page.fetched.sprints]
    assert found == ["55"]


def test_a_hidden_parent_is_looked_for_once(site: FakeJira) -> None:
    site.add(*(issue(number, parent={"id": "99", "key": "SECRET-9"}) for number in range(150)))
    pages = run()
    assert frozenset().union(*(page.fetched.hidden_parents for page in pages)) == {"SECRET-9"}
    assert sum("SECRET-9" in body(request)["issueIdsOrKeys"] for request in site.called(BULK)) == 1


def test_a_board_that_is_not_there_any_more_is_named(site: FakeJira) -> None:
    site.boards.clear()
    with pytest.raises(Misconfigured, match="Board 7"):
        run()


def test_an_item_is_on_the_only_board_of_its_project(site: FakeJira) -> None:
    known = connection()
    board: dict[str, Any] = known.mapping["boards"][0]  # type: ignore[index]
    board["project"] = "10001"
    found = {t.item.key: t.item for page in TRACKER.backfill(known, None, NOW) for t in page.fetched.items}
    assert found["PAY-1"].states[-1].board == "7"
    assert found["WEB-300"].states[-1].board is None


def test_several_calls_run_at_once_but_never_more_than_set(site: FakeJira, monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = 0, 0, threading.Lock()
    original = fetch_issues

    def slow(*args: Any) -> Any:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.05)
        with lock:
            running -= 1
        return original(*args)

    monkeypatch.setattr(backfill, "fetch_issues", slow)
    site.add(*(issue(number) for number in range(250, 900)))
    site.page = 1000
    run()
    assert most == backfill.PARALLEL


def test_a_project_that_is_closed_to_us_stops_no_other(jira: FakeJira) -> None:
    jira.add(issue(1), issue(2, project="10002", key="WEB"))
    jira.projects = jira.projects[1:]
    refusal = {"errorMessages": ["The value '10001' does not exist for the field 'project'."]}
    jira.fail("/rest/api/3/search/approximate-count", 400, refusal)
    jira.fail("/rest/api/3/search/jql", 400, refusal)
    pages = list(TRACKER.backfill(connection(), None, NOW))
    assert [tracked.item.key for page in pages for tracked in page.fetched.items] == ["WEB-2"]
    assert (pages[-1].cursor, pages[-1].done) == (None, 1)
