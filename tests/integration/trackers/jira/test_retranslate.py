"""Kept answers are read by another mapping as fresh ones would be, and Jira is asked only for what they do not hold."""

from dataclasses import replace
from datetime import UTC, datetime

from integration.contract import Answered, Change, Connection, EarlierMapping, Fetched
from integration.trackers.jira import TRACKER
from integration.trackers.jira.chosen import chosen_of
from integration.trackers.jira.fetch import open_site
from integration.trackers.jira.fields import FieldMapping, FieldRef
from integration.trackers.jira.retranslate import refetch, retranslate
from mappings.model import Status
from tests.integration.trackers.jira.fake_jira import (
    FIELDS,
    KR_FIELD,
    POINTS_FIELD,
    SPRINT_FIELD,
    FakeJira,
    connection,
    issue,
    sprint,
)

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
CHANGED = datetime(2026, 2, 1, tzinfo=UTC)


def mapped(fields: FieldMapping, before: Connection | None = None) -> Connection:
    present = replace(chosen_of(connection()), fields=fields).to_json()
    earlier = (EarlierMapping(CHANGED, before.mapping),) if before is not None else ()
    return replace(connection(), mapping=present, earlier=earlier)


def fetch(jira: FakeJira, *numbers: int, as_: Connection | None = None) -> Fetched:
    changes = [Change("work_item", str(20000 + number)) for number in numbers]
    return TRACKER.fetch(as_ or connection(), changes, NOW)


def kept(fetched: Fetched) -> list[Answered]:
    return [Answered(id_, body, fetched.asked) for id_, body in fetched.raw.items()]


def told(jira: FakeJira) -> bytes:
    found = open_site(connection(), NOW).told
    jira.asked.clear()
    return found


def history(number: int, at: str, field: str, before: str | None, after: str) -> dict[str, object]:
    change = {"field": field, "fieldId": POINTS_FIELD, "fieldtype": "custom", "fromString": before, "toString": after}
    return {"id": str(number), "created": at, "items": [{**change, "from": None, "to": None}]}


def test_a_kept_answer_is_read_as_the_fresh_one_without_a_call(jira: FakeJira) -> None:
    jira.add(issue(1, **{SPRINT_FIELD: [sprint(31)], POINTS_FIELD: 3}))
    fetched = fetch(jira, 1)
    again = retranslate(connection(), kept(fetched), told(jira), NOW)
    assert again.fetched.items == fetched.items
    assert again.fetched.is_read_again
    assert not again.lacking
    assert jira.asked == []


def test_another_mapping_reads_the_whole_history_with_its_true_times(jira: FakeJira) -> None:
    jira.add(issue(1, **{POINTS_FIELD: 5}))
    jira.histories["20001"] = [
        history(1, "2026-01-10T09:00:00.000+0000", "Story Points", None, "3"),
        history(2, "2026-01-20T09:00:00.000+0000", "Story Points", "3", "5"),
    ]
    fields = replace(FIELDS, points_fields=(), kr_fields=(FieldRef(POINTS_FIELD, ("Story Points",), "number"),))
    [item] = retranslate(mapped(fields), kept(fetch(jira, 1)), told(jira), NOW).fetched.items
    changes = [(state.at.date().isoformat(), state.tags, state.points) for state in item.item.states]
    assert changes == [("2026-01-05", (), None), ("2026-01-10", ("3",), None), ("2026-01-20", ("5",), None)]


def test_the_earlier_mapping_keeps_its_reading_beside_the_present_one(jira: FakeJira) -> None:
    jira.add(issue(1, **{POINTS_FIELD: 5}), issue(2))
    answers = kept(fetch(jira, 1, 2))
    present = mapped(replace(FIELDS, points_fields=()), before=connection())
    first, second = retranslate(present, answers, told(jira), NOW).fetched.items
    assert first.item.states[-1].points is None
    [(until, before)] = first.earlier
    assert (until, before.states[-1].points) == (CHANGED, 5)
    assert second.earlier == ()
    assert fetch(jira, 1, as_=present).items == (first,)


def test_a_field_that_nobody_asked_for_is_lacking_and_named(jira: FakeJira) -> None:
    jira.add(issue(1, customfield_777="Web"))
    fields = replace(FIELDS, team_field=FieldRef("customfield_777", ("Squad",)))
    again = retranslate(mapped(fields), kept(fetch(jira, 1)), told(jira), NOW)
    assert again.fetched.items == ()
    assert again.lacking == {"20001": "the field “Squad” was not asked for before"}
    [item] = refetch(mapped(fields), list(again.lacking), NOW).items
    assert item.item.states[-1].team == "Web"


def test_where_nobody_noted_what_was_asked_for_only_what_is_there_was(jira: FakeJira) -> None:
    whole = dict.fromkeys((*open_site(connection(), NOW).wanted, "issuelinks"))
    there = issue(1)
    jira.add(issue(1, **{**whole, **there["fields"]}), issue(2))
    answers = [replace(one, asked=()) for one in kept(fetch(jira, 1, 2))]
    again = retranslate(connection(), answers, told(jira), NOW)
    assert list(again.lacking) == ["20002"]


def test_what_is_true_of_the_site_is_asked_for_where_it_is_not_kept(jira: FakeJira) -> None:
    jira.add(issue(1))
    answers = kept(fetch(jira, 1))
    known = told(jira)
    links = mapped(replace(FIELDS, kr_link_types=("Contribution",)))
    retranslate(links, [replace(one, asked=(*one.asked, "issuelinks")) for one in answers], known, NOW)
    assert {request.url.rpartition("/")[2] for request in jira.asked if request.url} >= {"issueLinkType"}


def test_parents_in_other_projects_are_named_and_found_wherever_they_are(jira: FakeJira) -> None:
    jira.add(issue(1, customfield_9="OPS-9"), issue(9, project="10009", key="OPS", customfield_9=None))
    fields = replace(FIELDS, epic_link_field=FieldRef("customfield_9", ("Epic Link",)))
    answers = [replace(one, asked=(*one.asked, "customfield_9")) for one in kept(fetch(jira, 1, as_=mapped(fields)))]
    again = retranslate(mapped(fields), answers, told(jira), NOW)
    assert again.parents == {"OPS-9"}
    found = refetch(mapped(fields), ["OPS-9", "OPS-10"], NOW)
    assert [one.item.key for one in found.items] == ["OPS-9"]
    assert found.hidden_parents == {"OPS-10"}


def test_an_absent_item_is_not_gone_because_it_was_to_be_read_again(jira: FakeJira) -> None:
    jira.add(issue(1))
    assert refetch(connection(), ["20001", "20404"], NOW).gone == ()


def test_boards_are_told_as_both_mappings_have_them(jira: FakeJira) -> None:
    chosen = chosen_of(connection())
    moved = replace(chosen, boards=(replace(chosen.boards[0], team="Checkout"),))
    present = replace(connection(), mapping=moved.to_json(), earlier=(EarlierMapping(CHANGED, chosen.to_json()),))
    again = retranslate(present, [], told(jira), NOW)
    assert [board.team for board in again.fetched.boards] == ["Checkout"]
    assert [(until, board.team) for until, board in again.fetched.earlier_boards] == [(CHANGED, "Payments")]


def test_what_a_status_means_may_differ_by_board(jira: FakeJira) -> None:
    review = {"id": "4", "name": "In Review", "statusCategory": {"id": 4, "key": "indeterminate", "name": "Doing"}}
    other = {**sprint(41), "originBoardId": 8}
    jira.add(
        issue(1, status=review, **{SPRINT_FIELD: [sprint(31)]}),
        issue(2, status=review, **{SPRINT_FIELD: [other]}),
        issue(3, status=review, **{SPRINT_FIELD: None}),
    )
    answers = kept(fetch(jira, 1, 2, 3))
    fields = replace(FIELDS, board_statuses=(("7", "In Review", Status.DONE), ("9", "4", Status.TODO)))
    items = retranslate(mapped(fields), answers, told(jira), NOW).fetched.items
    assert [one.item.states[-1].status for one in items] == [Status.DONE, Status.DOING, Status.DOING]


def test_an_item_that_comes_into_a_boards_sprint_has_its_status_read_as_there(jira: FakeJira) -> None:
    review = {"id": "4", "name": "In Review", "statusCategory": {"id": 4, "key": "indeterminate", "name": "Doing"}}
    jira.add(issue(1, status=review, **{SPRINT_FIELD: [sprint(31)]}))
    change = {"field": "Sprint", "fieldId": SPRINT_FIELD, "from": "", "fromString": "", "to": "31", "toString": "S"}
    jira.histories["20001"] = [{"id": "1", "created": "2026-01-14T09:00:00.000+0000", "items": [change]}]
    fields = replace(FIELDS, board_statuses=(("7", "4", Status.DONE),))
    [item] = retranslate(mapped(fields), kept(fetch(jira, 1)), told(jira), NOW).fetched.items
    assert [state.status for state in item.item.states] == [Status.DOING, Status.DONE]


def test_the_tag_field_is_that_of_each_reading(jira: FakeJira) -> None:
    jira.add(issue(1, **{KR_FIELD: {"id": "5", "value": "KR-1"}}))
    present = mapped(replace(FIELDS, kr_fields=()), before=connection())
    [item] = retranslate(present, kept(fetch(jira, 1)), told(jira), NOW).fetched.items
    assert item.item.states[-1].tags == ()
    assert item.item.tag_field is None
    assert item.earlier[0][1].tag_field == "Key Result"
