"""From hints to the present state: what is asked of Jira, how often, and what absence is taken to mean."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from integration.contract import Change, Malformed, Misconfigured, Temporary
from integration.trackers.jira import TRACKER
from integration.trackers.jira.scrub import without_people
from mappings.model import SprintState
from tests.integration.trackers.jira.fake_jira import (
    KR_FIELD,
    SPRINT_FIELD,
    FakeJira,
    Json,
    body,
    connection,
    issue,
    sprint,
)

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
BULK, CHANGES = "/rest/api/3/issue/bulkfetch", "/rest/api/3/changelog/bulkfetch"


def items(*numbers: int) -> tuple[Change, ...]:
    return tuple(Change("work_item", str(20000 + number), NOW) for number in numbers)


def history(number: int, at: int, *changes: Json, **more: object) -> Json:
    return {"id": str(number), "created": at, "items": list(changes), **more}


def test_a_changed_issue_comes_with_its_history(jira: FakeJira) -> None:
    jira.add(issue(1, **{KR_FIELD: {"id": "1", "value": "KR-1"}}))
    change = {"field": "status", "fieldId": "status", "from": "9", "fromString": "Done", "to": "1", "toString": "To Do"}
    jira.histories["20001"] = [history(1, 1_769_000_000_000, change)]
    fetched = TRACKER.fetch(connection(), items(1), NOW)
    (tracked,) = fetched.items
    assert (tracked.id, tracked.item.key, tracked.item.title) == ("20001", "PAY-1", "Item 1")
    assert tracked.item.states[-1].tags == ("KR-1",)
    assert len(tracked.item.states) == 2
    assert fetched.at == NOW


def test_many_hints_about_one_issue_are_one_look(jira: FakeJira) -> None:
    jira.add(issue(1))
    fetched = TRACKER.fetch(connection(), items(1) * 50, NOW)
    assert len(fetched.items) == 1
    assert [body(request)["issueIdsOrKeys"] for request in jira.called(BULK)] == [["20001"]]


def test_a_bulk_edit_of_a_thousand_issues_costs_at_most_thirty_calls(jira: FakeJira) -> None:
    jira.add(*(issue(number, **{SPRINT_FIELD: [sprint(31)]}) for number in range(1000)))
    change = {"field": "labels", "fieldId": "labels", "fromString": "", "toString": "x"}
    for number in range(1000):
        jira.histories[str(20000 + number)] = [
            history(number * 20 + n, 1_769_000_000_000 + n, change) for n in range(20)
        ]
    jira.history_page = 5000
    fetched = TRACKER.fetch(connection(), items(*range(1000)), NOW)
    assert len(fetched.items) == 1000
    assert len(jira.asked) <= 30


def test_nothing_of_people_or_comments_is_asked_for(jira: FakeJira) -> None:
    jira.add(issue(1))
    TRACKER.fetch(connection(), items(1), NOW)
    asked = set(body(jira.called(BULK)[0])["fields"])
    assert not asked & {"assignee", "reporter", "creator", "comment", "*all", "*navigable", "worklog", "description"}
    assert {"summary", "status", "updated", SPRINT_FIELD, KR_FIELD} <= asked


def test_nothing_of_people_is_kept_of_histories(jira: FakeJira) -> None:
    person = {"accountId": "5b10", "displayName": "Somebody"}
    jira.add(issue(1))
    jira.histories["20001"] = [
        history(
            1, 1_769_000_000_000, {"field": "assignee", "fieldId": "assignee", "toString": "Somebody"}, author=person
        ),
        history(
            2,
            1_769_000_001_000,
            {"field": "Reviewer", "fieldId": "customfield_9", "toString": "Somebody", "tmpToAccountId": "5b10"},
            {"field": "labels", "fieldId": "labels", "fromString": "", "toString": "x"},
            author=person,
            historyMetadata={"actor": person},
        ),
    ]
    fetched = TRACKER.fetch(connection(), items(1), NOW)
    assert b"Somebody" not in fetched.raw["20001"]
    assert b"5b10" not in fetched.raw["20001"]
    assert b"labels" in fetched.raw["20001"]


def test_histories_spread_over_pages_are_put_together(jira: FakeJira) -> None:
    jira.add(issue(1), issue(2))
    for number in (1, 2):
        jira.histories[str(20000 + number)] = [
            history(
                n, 1_769_000_000_000 + n * 60_000, {"field": "labels", "fromString": f"l{n}", "toString": f"l{n + 1}"}
            )
            for n in range(5)
        ]
    jira.history_page = 3
    fetched = TRACKER.fetch(connection(), items(1, 2), NOW)
    assert [len(tracked.item.states) for tracked in fetched.items] == [6, 6]
    assert len(jira.called(CHANGES)) == 4


def test_a_deleted_issue_is_gone(jira: FakeJira) -> None:
    jira.add(issue(1))
    assert TRACKER.fetch(connection(), items(1, 2), NOW).gone == ("20002",)


def test_an_absent_issue_is_not_gone_while_a_project_is_closed_to_us(jira: FakeJira) -> None:
    jira.projects = jira.projects[:1]
    assert TRACKER.fetch(connection(), items(2), NOW).gone == ()


def test_nothing_is_gone_where_jira_does_not_know_us_any_more(jira: FakeJira) -> None:
    jira.fail("/rest/api/3/myself", 401)
    with pytest.raises(Misconfigured):
        TRACKER.fetch(connection(), items(2), NOW)


def test_an_absence_that_is_not_confirmed_is_tried_again_later(jira: FakeJira) -> None:
    jira.fail(BULK, 200, {"issues": []})
    jira.add(issue(2))
    with pytest.raises(Temporary) as caught:
        TRACKER.fetch(connection(), items(2), NOW)
    assert caught.value.reason == "unsteady"


def test_an_issue_of_a_project_that_was_not_chosen_is_left_out(jira: FakeJira) -> None:
    jira.add(issue(1, project="10099", key="HR"))
    fetched = TRACKER.fetch(connection(), items(1), NOW)
    assert (fetched.items, fetched.gone, dict(fetched.raw)) == ((), (), {})


def test_an_issue_that_moved_out_of_a_chosen_project_stays_in_sight(jira: FakeJira) -> None:
    jira.add(issue(1, project="10099", key="HR"))
    moved = {"field": "project", "from": "10001", "fromString": "Payments", "to": "10099", "toString": "People"}
    key = {"field": "Key", "fromString": "PAY-1", "toString": "HR-1"}
    jira.histories["20001"] = [history(1, 1_769_000_000_000, moved, key)]
    (tracked,) = TRACKER.fetch(connection(), items(1), NOW).items
    assert tracked.item.key == "HR-1"
    assert tracked.item.aliases == ("PAY-1",)


def test_an_epic_of_another_project_is_fetched_with_what_stands_below_it(jira: FakeJira) -> None:
    epic_type = {"id": "12", "name": "Epic", "hierarchyLevel": 1, "subtask": False}
    epic = issue(9, project="10099", key="STRAT", issuetype=epic_type)
    jira.add(issue(1, parent={"id": epic["id"], "key": "STRAT-9"}), epic)
    fetched = TRACKER.fetch(connection(), items(1), NOW)
    assert [tracked.item.key for tracked in fetched.items] == ["PAY-1", "STRAT-9"]
    assert fetched.hidden_parents == frozenset()


def test_an_epic_that_we_may_not_see_is_named_as_hidden(jira: FakeJira) -> None:
    jira.add(issue(1, parent={"id": "99", "key": "SECRET-9"}))
    fetched = TRACKER.fetch(connection(), items(1), NOW)
    assert fetched.hidden_parents == frozenset({"SECRET-9"})


def test_an_issue_that_cannot_be_read_stops_no_other(jira: FakeJira) -> None:
    jira.add(issue(1, status=None), issue(2))
    fetched = TRACKER.fetch(connection(), items(1, 2), NOW)
    assert [tracked.id for tracked in fetched.items] == ["20002"]
    assert [id_ for id_, _ in fetched.refused] == ["20001"]
    assert fetched.gone == ()


def test_a_sprint_that_cannot_be_read_stops_no_other(jira: FakeJira) -> None:
    jira.sprints = {"31": {}, "32": sprint(32)}
    fetched = TRACKER.fetch(connection(), (Change("sprint", "31", NOW), Change("sprint", "32", NOW)), NOW)
    assert ([one.id for one in fetched.sprints], fetched.gone_sprints) == (["32"], ())


def test_an_issue_whose_history_is_not_told_stays_as_it_was_and_stops_no_other(jira: FakeJira) -> None:
    jira.add(issue(1), issue(2))
    logs = [{"issueId": "20001", "changeHistories": None}, {"issueId": "20002", "changeHistories": []}]
    jira.fail(CHANGES, 200, {"issueChangeLogs": logs})
    fetched = TRACKER.fetch(connection(), items(1, 2), NOW)
    assert [tracked.id for tracked in fetched.items] == ["20002"]
    assert ([id_ for id_, _ in fetched.refused], fetched.gone) == (["20001"], ())


def test_an_issue_nested_deeper_than_can_be_kept_stops_no_other(jira: FakeJira) -> None:
    deep: Json = {"type": "text", "text": "KR-1"}
    for _ in range(300):
        deep = {"type": "doc", "content": [deep]}
    jira.add(issue(1, **{KR_FIELD: deep}), issue(2))
    fetched = TRACKER.fetch(connection(), items(1, 2), NOW)
    assert [tracked.id for tracked in fetched.items] == ["20002"]
    ((id_, reason),) = fetched.refused
    assert (id_, "nested deeper" in reason) == ("20001", True)


def test_open_sprints_that_an_issue_names_come_along(jira: FakeJira) -> None:
    named = [{**sprint(30, "closed"), "boardId": 7}, {**sprint(31), "boardId": 7}]
    jira.add(issue(1, **{SPRINT_FIELD: named}))
    assert [one.id for one in TRACKER.fetch(connection(), items(1), NOW).sprints] == ["31"]


def test_a_changed_sprint_is_asked_for_by_its_id(jira: FakeJira) -> None:
    jira.sprints["31"] = sprint(31, goal="Cut waiting time")
    (found,) = TRACKER.fetch(connection(), (Change("sprint", "31"), Change("sprint", "31")), NOW).sprints
    assert (found.id, found.board, found.state, found.goals[-1].text) == (
        "31",
        "7",
        SprintState.ACTIVE,
        "Cut waiting time",
    )
    assert len(jira.called("/rest/agile/1.0/sprint/31")) == 1


def test_a_deleted_sprint_is_gone_only_while_we_see_everything(jira: FakeJira) -> None:
    assert TRACKER.fetch(connection(), (Change("sprint", "31"),), NOW).gone_sprints == ("31",)
    jira.projects = []
    assert TRACKER.fetch(connection(), (Change("sprint", "31"),), NOW).gone_sprints == ()


def test_a_sprint_of_another_board_counts_where_our_issues_are_in_it(jira: FakeJira) -> None:
    jira.sprints |= {"41": sprint(41, board=8), "42": sprint(42, board=8)}
    jira.add(issue(1, **{SPRINT_FIELD: [sprint(42, board=8)]}))
    found = TRACKER.fetch(connection(), (Change("sprint", "41"), Change("sprint", "42")), NOW).sprints
    assert [one.id for one in found] == ["42"]


def test_a_board_comes_with_the_team_that_the_operator_gave_it(jira: FakeJira) -> None:
    jira.boards["7"]["name"] = "Payments, renamed"
    (board,) = TRACKER.fetch(connection(), (Change("board", "7"), Change("board", "8")), NOW).boards
    assert (board.id, board.name, board.team) == ("7", "Payments, renamed", "Payments")


def test_a_changed_project_brings_all_its_issues(jira: FakeJira) -> None:
    jira.add(issue(1), issue(2), issue(3, project="10002", key="WEB"))
    jira.page = 1
    fetched = TRACKER.fetch(connection(), (Change("project", "10001"), Change("project", "777")), NOW)
    assert [tracked.item.key for tracked in fetched.items] == ["PAY-1", "PAY-2"]


def test_an_id_that_is_no_number_gets_into_no_address(jira: FakeJira) -> None:
    with pytest.raises(Malformed):
        TRACKER.fetch(connection(), (Change("sprint", "../../myself"),), NOW)


def test_a_connection_without_projects_says_what_to_do(jira: FakeJira) -> None:
    with pytest.raises(Misconfigured, match="tieline connect jira"):
        TRACKER.fetch(replace(connection(), mapping={}), items(1), NOW)


def test_histories_of_an_unknown_shape_are_passed_over() -> None:
    assert without_people([{"id": "1", "items": None}, {"id": "2", "items": ["?"]}, {}]) == []


def test_portions_of_a_bulk_edit_below_one_outside_epic_look_at_it_once(jira: FakeJira) -> None:
    jira.add(*(issue(number, parent={"id": "99", "key": "STRAT-9"}) for number in range(200)))
    TRACKER.fetch(connection(), items(*range(100)), NOW)
    asked = len(jira.asked)
    TRACKER.fetch(connection(), items(*range(100, 200)), NOW)
    assert len(jira.asked) - asked == 2


def test_a_hint_that_failed_looks_at_the_outside_epic_again(jira: FakeJira) -> None:
    jira.add(issue(1, parent={"id": "99", "key": "STRAT-9"}))
    jira.fail("/rest/agile/1.0/sprint/31", 403)
    with pytest.raises(Misconfigured):
        TRACKER.fetch(connection(), (*items(1), Change("sprint", "31")), NOW)
    assert TRACKER.fetch(connection(), items(1), NOW).hidden_parents == {"STRAT-9"}
