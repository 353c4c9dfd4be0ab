"""A mapping is changed as its operator words it, and Jira is asked only for what is not known."""

import re
from dataclasses import replace
from typing import Any

import pytest

from integration.contract import Connection, Misconfigured
from integration.trackers.jira import client
from integration.trackers.jira.chosen import Chosen, chosen_of
from integration.trackers.jira.remapping import Changes, changed, in_words
from mappings.model import Periods, Status
from tests.integration.trackers.jira.fake_jira import FakeJira, connection, issue

TYPES = "com.atlassian.jira.plugin.system.customfieldtypes"
SELECT = {"type": "option", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:select"}


@pytest.fixture(autouse=True)
def site(jira: FakeJira) -> None:
    """The statuses, types and resolutions that the site has."""
    jira.statuses = [{"id": id_, "name": name} for id_, name in (("1", "To Do"), ("4", "In Review"), ("6", "Parked"))]
    jira.types = [{"id": "10", "name": "Story"}, {"id": "20", "name": "Theme"}]
    jira.resolutions = [{"id": "5", "name": "Done"}, {"id": "6", "name": "Rejected"}]
    jira.link_types = [{"id": "1", "name": "Serves", "inward": "is served by", "outward": "serves"}]


def again(chosen: Chosen) -> Connection:
    return replace(connection(), mapping=chosen.to_json())


def test_only_what_was_said_changes(jira: FakeJira) -> None:
    before = chosen_of(connection())
    after = changed(connection(), Changes(kr_label_prefix="kr-", dropped=("Rejected",)))
    assert after == replace(
        before, fields=replace(before.fields, kr_label_prefix="kr-", dropped_resolutions=("Rejected",))
    )
    jira.asked.clear()
    assert changed(connection(), Changes()) == before
    assert jira.asked == []


def test_a_field_that_the_mapping_knows_is_found_without_a_call(jira: FakeJira) -> None:
    after = changed(connection(), Changes(team_field="key result"))
    assert after.fields.team_field == chosen_of(connection()).fields.kr_fields[0]
    assert jira.asked == []


def test_another_field_is_found_on_the_site_with_its_encoding(jira: FakeJira) -> None:
    jira.fields = [
        {"id": "customfield_1", "name": "OKR", "schema": SELECT},
        {"id": "customfield_2", "name": "Size", "schema": {"type": "any", "custom": "x:y"}},
    ]
    after = changed(connection(), Changes(kr_fields=("OKR",), points_fields=("customfield_2",), rule_fields=("size",)))
    assert [(ref.id, ref.encoding) for ref in after.fields.kr_fields] == [("customfield_1", "option")]
    assert [(ref.id, ref.encoding) for ref in after.fields.points_fields] == [("customfield_2", "number")]
    assert [(ref.id, ref.encoding) for ref in after.fields.rule_fields] == [("customfield_2", "text")]
    assert len(jira.called("/rest/api/3/field")) == 1


def test_an_unknown_field_or_board_is_named(jira: FakeJira) -> None:
    with pytest.raises(Misconfigured, match="--kr-field: Jira has no field “Nonsense”"):
        changed(connection(), Changes(kr_fields=("Nonsense",)))
    with pytest.raises(Misconfigured, match="There are: “Payments board”"):
        changed(connection(), Changes(board_teams=(("Web", "Web"),)))


def test_statuses_and_types_are_added_to_those_that_were_named_before() -> None:
    first = changed(
        connection(), Changes(statuses=(("In Review", "done"), ("4", "todo")), type_levels=(("Theme", "2"),))
    )
    assert first.fields.type_levels == (("Theme", 2),)
    second = changed(again(first), Changes(statuses=(("in review", "doing"),)))
    assert second.fields.status_overrides == (("In Review", Status.DOING), ("4", Status.TODO))


@pytest.mark.parametrize(
    "said",
    [
        Changes(statuses=(("In Review", "finished"),)),
        Changes(type_levels=(("Theme", "high"),)),
        Changes(board_periods=(("Payments board", "year"),)),
        Changes(board_statuses=(("Payments board", "In Review", "finished"),)),
        Changes(kr_pattern="("),
    ],
)
def test_a_wrong_value_is_refused(said: Changes) -> None:
    with pytest.raises(Misconfigured):
        changed(connection(), said)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            Changes(statuses=(("In Reviw", "done"),)),
            "--status: Jira has no status “In Reviw”. Did you mean “In Review”?",
        ),
        (Changes(statuses=(("Nope", "done"),)), "There are: “To Do”, “In Review”, “Parked”."),
        (Changes(board_statuses=(("7", "Nope", "done"),)), "--board-status: Jira has no status “Nope”."),
        (Changes(type_levels=(("Initiative", "2"),)), "--type-level: Jira has no issue type “Initiative”. There are:"),
        (Changes(kr_link_types=("Nope",)), "--kr-link-type: Jira has no link type “Nope”. There are: “Serves”."),
        (Changes(dropped=("Reject",)), "--dropped: Jira has no resolution “Reject”. Did you mean “Rejected”?"),
    ],
)
def test_a_name_that_the_site_lacks_is_refused_with_those_that_come_near(said: Changes, sentence: str) -> None:
    with pytest.raises(Misconfigured, match=re.escape(sentence)):
        changed(connection(), said)


def test_names_are_kept_as_the_site_writes_them() -> None:
    said = Changes(
        statuses=(("in review", "done"),),
        kr_link_types=("is served by",),
        dropped=("REJECTED", "won’t do"),
        type_levels=(("20", "2"),),
    )
    fields = changed(connection(), said).fields
    assert fields.status_overrides == (("In Review", Status.DONE),)
    assert (fields.kr_link_types, fields.dropped_resolutions) == (("Serves",), ("Rejected", "Won't Do"))
    assert fields.type_levels == (("20", 2),)


def test_a_status_that_old_items_bear_may_be_named_though_the_site_has_it_no_more() -> None:
    note = "unknown status “Simmering”, taken as to do"
    after = changed(connection(), Changes(statuses=(("simmering", "doing"),)), ["something else", note])
    assert after.fields.status_overrides == (("Simmering", Status.DOING),)
    kept = changed(again(after), Changes(statuses=(("Simmering", "done"),)))
    assert kept.fields.status_overrides == (("Simmering", Status.DONE),)


def filled(jira: FakeJira, *values: object) -> None:
    jira.add(*(issue(number, customfield_3=value) for number, value in enumerate(values)))


POINTS = Changes(points_fields=("Goal",))


def test_estimates_are_read_from_no_list_of_words(jira: FakeJira) -> None:
    jira.fields = [{"id": "customfield_3", "name": "Goal", "schema": SELECT}]
    filled(jira, {"id": "1", "value": "Growth"}, {"id": "2", "value": "Trust"})
    with pytest.raises(Misconfigured, match=r"--points-field: “Goal” \(customfield_3\) is a select list that holds "
                                            r"“Growth”, “Trust”: no numbers"):  # fmt: skip
        changed(connection(), POINTS)


def test_estimates_are_read_from_a_list_or_a_text_that_holds_numbers(jira: FakeJira) -> None:
    jira.fields = [{"id": "customfield_3", "name": "Goal", "schema": SELECT}]
    filled(jira, {"id": "1", "value": "3"}, {"id": "2", "value": "0.5"}, {"id": "3", "value": "?"})
    assert changed(connection(), POINTS).fields.points_fields[0].encoding == "number"
    jira.fields[0]["schema"] = {"type": "string", "custom": f"{TYPES}:textfield"}
    jira.issues.clear()
    assert changed(connection(), POINTS).fields.points_fields[0].id == "customfield_3"


@pytest.mark.parametrize(
    "change", [Changes(kr_fields=("Who",)), Changes(rule_fields=("Who",)), Changes(points_fields=("Who",))]
)
@pytest.mark.parametrize(
    "field",
    [
        {"id": "assignee", "name": "Who", "schema": {"type": "user", "system": "assignee"}},
        {"id": "description", "name": "Who", "schema": {"type": "string", "system": "description"}},
        {"id": "customfield_5", "name": "Who", "schema": {"type": "array", "items": "user", "custom": "x:people"}},
    ],
)
def test_a_field_of_people_is_refused_for_every_part(jira: FakeJira, change: Changes, field: dict[str, Any]) -> None:
    jira.fields = [field]
    with pytest.raises(Misconfigured, match="of these Tieline reads nothing"):
        changed(connection(), change)


def test_a_date_names_no_key_result(jira: FakeJira) -> None:
    jira.fields = [{"id": "duedate", "name": "Due", "schema": {"type": "date", "system": "duedate"}}]
    with pytest.raises(Misconfigured, match="is a date, which names no key results"):
        changed(connection(), Changes(kr_fields=("Due",)))


def test_of_several_fields_of_one_name_all_are_read_but_for_those_of_other_projects(jira: FakeJira) -> None:
    scope = {"type": "PROJECT", "project": {"id": "10002"}}
    jira.fields = [
        {"id": "customfield_1", "name": "OKR", "schema": SELECT},
        {"id": "customfield_2", "name": "OKR", "schema": SELECT, "scope": scope},
        {"id": "customfield_3", "name": "OKR", "schema": SELECT, "scope": {**scope, "project": {"id": "10009"}}},
    ]
    after = changed(connection(), Changes(kr_fields=("okr",)))
    assert [ref.id for ref in after.fields.kr_fields] == ["customfield_1", "customfield_2"]


def test_boards_have_statuses_teams_and_periods_of_their_own() -> None:
    said = Changes(
        board_statuses=(("Payments board", "In Review", "done"), ("7", "Parked", "dropped")),
        board_teams=(("7", "Checkout"),),
        board_periods=(("payments board", "week"),),
    )
    after = changed(connection(), said)
    assert after.fields.board_statuses == (("7", "In Review", Status.DONE), ("7", "Parked", Status.DROPPED))
    assert (after.boards[0].team, after.boards[0].periods) == ("Checkout", Periods.WEEK)
    later = changed(again(after), Changes(board_statuses=(("7", "in review", "doing"),)))
    assert later.fields.board_statuses == (("7", "In Review", Status.DOING), ("7", "Parked", Status.DROPPED))


def test_the_last_column_of_a_board_alone_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = [
        {"name": "Backlog", "statuses": []},
        {"name": "To do", "statuses": [{"id": "1"}]},
        {"name": "Work", "statuses": [{"id": "3"}, {"id": "5"}]},
        {"name": "Live", "statuses": [{"id": "9"}]},
    ]
    answers: list[Any] = [{"columnConfig": {"columns": columns}}, None]
    monkeypatch.setattr(client, "board_configuration", lambda *_: answers.pop(0))
    after = changed(connection(), Changes(last_columns=("7",)))
    assert after.fields.board_statuses == (
        ("7", "1", Status.TODO),
        ("7", "3", Status.DOING),
        ("7", "5", Status.DOING),
        ("7", "9", Status.DONE),
    )
    with pytest.raises(Misconfigured, match="no columns"):
        changed(connection(), Changes(last_columns=("7",)))


def test_a_setting_is_taken_out() -> None:
    after = changed(connection(), Changes(without=("kr-field", "points-field")))
    assert (after.fields.kr_fields, after.fields.points_fields) == ((), ())
    assert ("key results from", "nothing: every item is unaligned") in in_words(after)


def test_a_mapping_is_told_in_words() -> None:
    said = Changes(
        board_statuses=(("7", "In Review", "done"),), statuses=(("4", "todo"),), board_periods=(("7", "two_weeks"),)
    )
    words = dict(in_words(changed(connection(), said)))
    assert words["key results from"] == "Key Result"
    assert words["statuses by board"] == "Payments board: In Review is done"
    assert words["statuses"] == "4 is todo"
    assert words["board"] == "Payments board (Payments, periods: two weeks)"
    assert "labels that begin with" not in words
