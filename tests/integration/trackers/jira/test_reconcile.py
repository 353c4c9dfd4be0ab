"""Asking what changed: nothing lost is missed, nothing known is fetched twice, an idle site costs little."""

from datetime import UTC, datetime, timedelta

import pytest

from integration.contract import Misconfigured, Page, Permanent, Temporary
from integration.trackers.jira import TRACKER
from mappings.model import SprintState
from tests.integration.trackers.jira.fake_jira import FakeJira, body, connection, issue, sprint

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
SEARCH, BULK = "/rest/api/3/search/jql", "/rest/api/3/issue/bulkfetch"


def run(cursor: str | None, now: datetime = NOW) -> list[Page]:
    assert TRACKER.reconcile is not None
    return list(TRACKER.reconcile(connection(), cursor, now))


def keys(pages: list[Page]) -> list[str]:
    return [tracked.item.key for page in pages for tracked in page.fetched.items]


def test_what_changed_without_a_delivery_is_found(jira: FakeJira) -> None:
    jira.add(issue(1))
    pages = run(None)
    assert keys(pages) == ["PAY-1"]
    assert pages[-1].cursor is not None


def test_what_was_seen_in_the_overlap_is_not_fetched_again_unless_it_changed(jira: FakeJira) -> None:
    jira.add(issue(1), issue(2))
    cursor = run(None)[-1].cursor
    jira.issues["20002"]["fields"]["updated"] = "2026-02-02T12:01:00.000+0000"
    pages = run(cursor, NOW + timedelta(minutes=5))
    assert keys(pages) == ["PAY-2"]


def test_the_time_asked_for_is_relative_and_overlaps(jira: FakeJira) -> None:
    cursor = run(None)[-1].cursor
    run(cursor, NOW + timedelta(minutes=5))
    asked = [body(request)["jql"] for request in jira.called(SEARCH)]
    assert "updated >= -1470m" in asked[0]
    assert "updated >= -35m" in asked[1]


def test_a_broken_run_is_done_again(jira: FakeJira) -> None:
    jira.add(*(issue(number) for number in range(150)))
    first = run(None)
    assert [page.cursor == first[-1].cursor for page in first] == [False, False, True]
    again = run(first[0].cursor)
    assert sorted(keys(again)) == sorted(keys(first))


def test_an_idle_site_costs_a_dozen_calls_an_hour_and_one_for_each_board(jira: FakeJira) -> None:
    jira.sprints["31"] = sprint(31)
    cursor = run(None)[-1].cursor
    jira.asked.clear()
    for minutes in range(5, 65, 5):
        cursor = run(cursor, NOW + timedelta(minutes=minutes))[-1].cursor
    assert len(jira.called("/rest/agile/1.0/board/7/sprint")) == 1
    assert len(jira.asked) <= 12 + 1 + 3


def test_a_sprint_that_was_closed_without_a_delivery_is_seen_within_the_hour(jira: FakeJira) -> None:
    jira.sprints |= {"31": sprint(31), "32": sprint(32, "future")}
    cursor = run(None)[-1].cursor
    jira.sprints["31"] = sprint(31, "closed")
    pages = run(cursor, NOW + timedelta(hours=1))
    states = {one.id: one.state for page in pages for one in page.fetched.sprints}
    assert states == {"31": SprintState.CLOSED, "32": SprintState.FUTURE}


def test_a_sprint_that_is_not_there_any_more_is_gone(jira: FakeJira) -> None:
    jira.sprints["31"] = sprint(31)
    cursor = run(None)[-1].cursor
    del jira.sprints["31"]
    pages = run(cursor, NOW + timedelta(hours=1))
    assert [id_ for page in pages for id_ in page.fetched.gone_sprints] == ["31"]


def test_an_outage_leaves_the_cursor_as_it_was(jira: FakeJira) -> None:
    jira.fail(SEARCH, 429, Retry_After="900", RateLimit_Reason="jira-quota-tenant-based")
    with pytest.raises(Temporary) as caught:
        run(None)
    assert caught.value.retry_after == 900


def test_a_project_that_is_closed_to_us_stops_no_other_and_is_named_until_it_is_back(jira: FakeJira) -> None:
    every = jira.projects
    jira.projects = every[1:]
    jira.add(issue(1), issue(2, project="10002", key="WEB"))
    jira.fail(SEARCH, 400, {"errorMessages": ["The value '10001' does not exist for the field 'project'."]})
    pages = run(None)
    assert keys(pages) == ["WEB-2"]
    assert "no project PAY any more" in str(pages[-1].notice)
    later = run(pages[-1].cursor, NOW + timedelta(minutes=5))  # even where the search is not refused
    assert "no project PAY any more" in str(later[-1].notice)
    jira.projects = every
    assert run(later[-1].cursor, NOW + timedelta(minutes=10))[-1].notice is None


def test_a_project_that_is_silently_left_out_is_noticed_within_the_hour(jira: FakeJira) -> None:
    first = run(None)[-1]
    jira.projects = jira.projects[:1]
    assert run(first.cursor, NOW + timedelta(minutes=5))[-1].notice is None
    assert "no project WEB any more" in str(run(first.cursor, NOW + timedelta(hours=1))[-1].notice)


def test_where_we_are_nobody_no_project_is_called_closed(jira: FakeJira) -> None:
    jira.projects = []
    jira.fail("/rest/api/3/myself", 401)
    with pytest.raises(Misconfigured, match="not accepted"):
        run(None)


def test_the_boards_whose_sprints_were_asked_for_are_named(jira: FakeJira) -> None:
    first = run(None)[-1]
    assert (first.is_whole, first.boards_seen) == (True, ("7",))
    assert run(first.cursor, NOW + timedelta(minutes=5))[-1].boards_seen == ()


def test_a_search_that_is_refused_for_another_reason_is_told(jira: FakeJira) -> None:
    for _ in range(2):
        jira.fail(SEARCH, 400, {"errorMessages": ["Error in the JQL Query"]})
    with pytest.raises(Permanent, match="Error in the JQL Query"):
        run(None)


def test_a_new_key_of_a_project_brings_all_its_issues_within_the_hour(jira: FakeJira) -> None:
    jira.add(*(issue(number) for number in range(150)), issue(200, project="10002", key="WEB"))
    cursor = run(None)[-1].cursor
    jira.projects[0]["key"] = "CASH"
    for number in range(150):
        jira.issues[str(20000 + number)]["key"] = f"CASH-{number}"
        jira.issues[str(20000 + number)]["fields"]["project"] = {"id": "10001", "key": "CASH"}
    assert keys(run(cursor, NOW + timedelta(minutes=30))) == []
    pages = run(cursor, NOW + timedelta(hours=1))
    assert sorted(keys(pages)) == sorted(f"CASH-{number}" for number in range(150))
    assert keys(run(pages[-1].cursor, NOW + timedelta(hours=2))) == []


def test_the_index_is_told_to_look_again_at_what_changed_last(jira: FakeJira) -> None:
    jira.add(*(issue(number) for number in range(60)))
    cursor = run(None)[-1].cursor
    jira.asked.clear()
    run(cursor, NOW + timedelta(minutes=5))
    assert body(jira.called(SEARCH)[0])["reconcileIssues"] == [20000 + number for number in range(10, 60)]
