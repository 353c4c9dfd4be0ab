"""A mapping is changed as its operator words it, and Jira is asked only for what is not known."""

from dataclasses import replace
from typing import Any

import pytest

from integration.contract import Connection, Misconfigured
from integration.trackers.jira import client
from integration.trackers.jira.chosen import Chosen, chosen_of
from integration.trackers.jira.remapping import Changes, changed, in_words
from mappings.model import Periods, Status
from tests.integration.trackers.jira.fake_jira import FakeJira, connection

SELECT = {"type": "option", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:select"}


def again(chosen: Chosen) -> Connection:
    return replace(connection(), mapping=chosen.to_json())


def test_only_what_was_said_changes(jira: FakeJira) -> None:
    before = chosen_of(connection())
    after = changed(connection(), Changes(kr_label_prefix="kr-", dropped=("Rejected",)))
    assert after == replace(
        before, fields=replace(before.fields, kr_label_prefix="kr-", dropped_resolutions=("Rejected",))
    )
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
    assert len(jira.asked) == 1


def test_an_unknown_field_or_board_is_named(jira: FakeJira) -> None:
    with pytest.raises(Misconfigured, match="no field “Nonsense”"):
        changed(connection(), Changes(kr_fields=("Nonsense",)))
    with pytest.raises(Misconfigured, match="There are: “Payments board”"):
        changed(connection(), Changes(board_teams=(("Web", "Web"),)))


def test_statuses_and_types_are_added_to_those_that_were_named_before() -> None:
    first = changed(
        connection(), Changes(statuses=(("In Review", "done"), ("4", "todo")), type_levels=(("Theme", "2"),))
    )
    assert first.fields.type_levels == (("Theme", 2),)
    second = changed(again(first), Changes(statuses=(("in review", "doing"),)))
    assert second.fields.status_overrides == (("in review", Status.DOING), ("4", Status.TODO))


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
    assert later.fields.board_statuses == (("7", "in review", Status.DOING), ("7", "Parked", Status.DROPPED))


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
