"""A CSV as people download it from Jira becomes a backlog, in any of five languages."""

import contextlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.files import jira_csv
from integration.files.backlog_file import dump
from integration.files.backlog_file import load as load_backlog
from integration.files.faults import Refused
from integration.files.jira_cells import is_day_first, local_moment
from integration.files.jira_csv_sprints import Naming, sprints_named
from mappings.model import Backlog, Condition, MappingRule, Plan, Settings, SprintState, Status

EXPORTS = Path(__file__).parent / "exports"
EXPORT = (EXPORTS / "jira_english.csv").read_bytes()
HEADER = EXPORT.partition(b"\n")[0]


def by_key(backlog: Backlog) -> dict[str, Any]:
    return {item.key: item for item in backlog.items}


def table(*rows: str, header: str = "Issue key,Issue Type,Status,Created") -> bytes:
    return "\n".join((header, *rows)).encode()


def test_an_export_becomes_items_with_all_that_it_tells() -> None:
    items = by_key(jira_csv.load(EXPORT, kr_field="Key Result"))
    card = items["PAY-1"]
    assert (card.title, card.type, card.level, card.project) == ('Offer a "second"\ncard', "Story", 0, "PAY")
    assert card.created == datetime(2020, 3, 2, 11, 4, tzinfo=UTC)
    assert [(state.at.day, state.status) for state in card.states] == [(2, Status.TODO), (10, Status.DONE)]
    today = card.states[-1]
    assert (today.points, today.tags, today.parent) == (3, ("KR-1",), "PAY-9")
    assert (today.labels, today.components, today.sprints) == (("a", "b"), ("api",), ("Ops, Sprint 9",))
    assert (today.original_estimate, today.time_spent) == (7200, 3600)
    assert not card.history_known
    assert card.tag_field == "Key Result"


def test_levels_parents_and_unseen_parents() -> None:
    backlog = jira_csv.load(EXPORT)
    items = by_key(backlog)
    assert {key: item.level for key, item in items.items()} == {
        "PAY-1": 0,
        "PAY-2": 0,
        "PAY-3": -1,
        "PAY-9": 1,
        "PAY-4": 0,
    }
    assert items["PAY-3"].states[-1].parent == "PAY-1"
    assert backlog.hidden_parents == {"OPS-1"}


def test_resolutions_tell_dropped_from_delivered() -> None:
    items = by_key(jira_csv.load(EXPORT))
    assert (items["PAY-4"].states[-1].status, items["PAY-1"].states[-1].status) == (Status.DROPPED, Status.DONE)
    assert items["PAY-2"].states[-1].status is Status.DOING


def test_of_a_cascading_value_the_child_is_the_tag() -> None:
    items = by_key(jira_csv.load(EXPORT, kr_field="Custom field (Key Result)"))
    assert items["PAY-9"].states[-1].tags == ("KR-2",)
    assert items["PAY-2"].states[-1].tags == ("KR-1:70, KR-2",)


def test_labels_may_bear_the_tags() -> None:
    data = table(
        "A-1,Story,Done,2020-03-02 11:04,okr:KR-1 web,okr:KR-2", header="Key,Issue Type,Status,Created,Labels,Labels"
    )
    assert jira_csv.load(data, kr_label_prefix="okr:").items[0].states[-1].tags == ("KR-1", "KR-2")


def test_what_a_csv_cannot_tell_is_said() -> None:
    notes = jira_csv.load(EXPORT).notes
    assert [note.split()[0:3] for note in notes] == [
        ["A", "CSV", "holds"],
        ["A", "CSV", "names"],
        ["Times", "are", "read"],
    ]


def test_the_backlog_can_be_written_and_read_again() -> None:
    backlog = jira_csv.load(EXPORT)
    again = load_backlog(dump(backlog))
    assert again.items == backlog.items
    assert again.sprints == tuple(replace(sprint, goal_known=True) for sprint in backlog.sprints)


def test_whether_sprints_had_goals_is_not_known() -> None:
    sprints = jira_csv.load(EXPORT).sprints
    assert [sprint.goal_known for sprint in sprints] == [False] * len(sprints)


# --- forms of files -------------------------------------------------------------------------------


def _with(separator: str) -> bytes:
    row = ("PAY-1", "Story", "Fertig", "Erledigt", "02.03.2020 11:04", "2,5")
    header = (
        "Vorgangsschlüssel",
        "Vorgangstyp",
        "Status",
        "Lösung",
        "Erstellt",
        "Benutzerdefiniertes Feld (Story Points)",
    )
    return "\r\n".join(separator.join(f'"{cell}"' for cell in cells) for cells in (header, row)).encode()


@pytest.mark.parametrize(
    "data",
    [
        _with(","),
        _with(";"),
        _with("\t"),
        b"\xef\xbb\xbf" + _with(";"),
        _with(";").decode().encode("utf-16"),
        _with(";").decode().encode("cp1252"),
        b"sep=;\r\n" + _with(";"),
        _with(";") + b"\r\n;;;;;\r\n\r\n",
    ],
)
def test_separators_encodings_and_blank_rows_do_not_matter(data: bytes) -> None:
    (item,) = jira_csv.load(data).items
    assert (item.key, item.states[-1].status, float(item.states[-1].points or 0)) == ("PAY-1", Status.DONE, 2.5)
    assert item.created == datetime(2020, 3, 2, 11, 4, tzinfo=UTC)


@pytest.mark.parametrize("language", ["french", "german", "portuguese", "spanish"])
def test_headers_dates_and_decimals_of_other_languages(language: str) -> None:
    backlog = jira_csv.load((EXPORTS / f"jira_{language}.csv").read_bytes())
    (item,) = backlog.items
    today = item.states[-1]
    assert (item.created.day, item.created.month, item.created.hour) == (2, 3, 11)
    assert (today.at.day, today.at.hour, today.status) == (10, 15, Status.DROPPED)
    assert (today.labels, today.components, today.sprints, today.parent) == (("web",), ("api",), ("S 1",), "PAY-9")
    assert today.points is not None
    assert float(today.points) == 2.5
    assert item.title in {"Carte", "Carta", "Karte"}


@pytest.mark.parametrize(
    ("parent", "key"), [("PAY-2", "PAY-2"), ("202", "PAY-2"), ("999", "999"), ("PAY-77", "PAY-77"), ("", None)]
)
def test_a_parent_may_be_told_by_key_or_by_id(parent: str, key: str | None) -> None:
    data = table(
        f"PAY-1,201,Story,Done,2020-03-02,{parent}",
        "PAY-2,202,Epic,Done,2020-03-02,",
        header="Key,Issue id,Issue Type,Status,Created,Parent",
    )
    backlog = jira_csv.load(data)
    assert by_key(backlog)["PAY-1"].states[-1].parent == key
    assert backlog.hidden_parents == ({key} - {"PAY-2", None})


@pytest.mark.parametrize(
    ("type_", "parent_type", "levels"),
    [
        ("Story", "Epic", (0, 1)),
        ("Feature slice", "Epic", (0, 1)),
        ("Check", "Story", (-1, 0)),
        ("Unteraufgabe", "Aufgabe", (-1, 0)),
        ("Epic", "Initiative", (1, 2)),
        ("Epic", "Epic", (1, 2)),
    ],
)
def test_levels_go_by_the_names_of_types_and_by_what_is_above(
    type_: str, parent_type: str, levels: tuple[int, int]
) -> None:
    data = table(
        f"A-1,{type_},Done,2020-03-02,A-2",
        f"A-2,{parent_type},Done,2020-03-02,",
        header="Key,Type,Status,Created,Parent",
    )
    items = by_key(jira_csv.load(data))
    assert (items["A-1"].level, items["A-2"].level) == levels


def test_an_item_that_an_epic_link_names_is_an_epic() -> None:
    header = "Key,Type,Status,Created,Custom field (Epic Link)"
    items = by_key(jira_csv.load(table("A-1,故事,Done,2020-03-02,A-2", "A-2,史诗,Done,2020-03-02,", header=header)))
    assert (items["A-1"].level, items["A-2"].level) == (0, 1)


def test_without_categories_a_status_goes_by_its_resolution_and_name() -> None:
    data = table(
        "A-1,Bug,Verified,2020-03-02,Fixed",
        "A-2,Bug,Closed,2020-03-02,",
        "A-3,Bug,In Progress,2020-03-02,Unresolved",
        "A-4,Bug,Triage,2020-03-02,",
        header="Key,Type,Status,Created,Resolution",
    )
    backlog = jira_csv.load(data)
    assert [item.states[-1].status for item in backlog.items] == [Status.DONE, Status.DONE, Status.DOING, Status.TODO]
    assert backlog.notes[-1] == 'The status "Triage" is taken as to do: the file has no column “Status Category” (A-4).'


def test_the_first_points_column_with_a_number_counts_and_a_points_file_goes_before() -> None:
    header = "Key,Type,Status,Created,Custom field (Story point estimate),Story Points"
    data = table(
        "A-1,Bug,Open,2020-03-02,5,", "A-2,Bug,Open,2020-03-02,5,8", "A-3,Bug,Open,2020-03-02,,", header=header
    )
    points = [item.states[-1].points for item in jira_csv.load(data, points=b"key,points\nA-3,13").items]
    assert points == [5, 8, 13]


def test_times_are_those_of_the_registers_time_zone() -> None:
    plan = Plan(settings=Settings(time_zone="Europe/Berlin"))
    backlog = jira_csv.load(table("A-1,Bug,Open,2020-03-02 11:04"), plan=plan)
    assert backlog.items[0].created == datetime(2020, 3, 2, 10, 4, tzinfo=UTC)
    assert "Times are read as those of Europe/Berlin." in backlog.notes


def test_fields_that_rules_look_at_are_kept() -> None:
    plan = Plan(rules=(MappingRule(Condition("field", "R&D", "Cost centre")),))
    header = "Key,Type,Status,Created,Custom field (Cost Centre),Custom field (Cost Centre)"
    data = table(
        "A-1,Bug,Open,2020-03-02,R&D,", "A-2,Bug,Open,2020-03-02,R&D,IT", "A-3,Bug,Open,2020-03-02,,", header=header
    )
    fields = [item.states[-1].fields["Cost centre"] for item in jira_csv.load(data, plan=plan).items]
    assert fields == ["R&D", ("R&D", "IT"), None]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "there is no column “Issue key”; export with"),
        (b"<html><body>Log in</body></html>", "there is no column “Issue key”"),
        (b"Key,Type,Status\nA-1,Bug,Open", "there is no column “Created”"),
        (b"Key,Type,Status,Created\n", "holds no issue"),
        (table("A-1,Bug,Open,yesterday"), 'row 2, column "Created": "yesterday" is no time that can be read'),
        (table("A-1,Bug,Open,"), "row 2, column “Created”: is empty"),
        (
            table("A-1,Bug,Open,2020-03-02,x", header="Key,Type,Status,Created,Story Points"),
            'row 2, column "Story Points": "x" is no number',
        ),
        (
            table(
                "A-1,Bug,Open,2020-03-02,A-2", "A-2,Bug,Open,2020-03-02,A-1", header="Key,Type,Status,Created,Parent"
            ),
            "its parents make a circle",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place_and_mend(data: bytes, said: str) -> None:
    with pytest.raises(Refused) as caught:
        jira_csv.load(data)
    assert said in caught.value.faults[0]


def test_an_unknown_tag_field_is_refused_with_the_columns_there_are() -> None:
    with pytest.raises(Refused) as caught:
        jira_csv.load(EXPORT, kr_field="KR")
    assert '--kr-field: there is no column "KR"; the columns include' in caught.value.faults[0]


def test_an_issue_that_stands_twice_counts_as_its_later_row() -> None:
    data = table("A-1,Bug,Open,2020-03-02", "A-1,Bug,Closed,2020-03-02")
    assert [item.states[-1].status for item in jira_csv.load(data).items] == [Status.DONE]


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    for data in (
        text.encode("utf-8", "replace"),
        f"Key,Type,Status,Created\nA-1,Bug,Open,{text}".encode("utf-8", "replace"),
    ):
        with contextlib.suppress(Refused):
            assert jira_csv.load(data).items


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(Refused):
        assert jira_csv.load(HEADER + b"\n" + data).items


# --- dates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "02/Mar/20 11:04 AM",
        "2/Mar/20 11:04",
        "02/Mär/20 11:04",
        "02/mars/20 11:04",
        "02/mar./2020 11:04",
        "02-Mar-2020 11:04:00",
        "02. März 2020 11:04",
        "Mar 2, 2020, 11:04 AM",
        "2020-03-02 11:04",
        "2020-03-02 11:04:00.0",
        "2020/03/02 11:04",
        "2020-03-02T11:04:00.000+0000",
        "2020-03-02T12:04:00+01:00",
        "02.03.2020 11:04",
        "02.03.20 11:04",
        "02/03/2020 11:04",
        "2/3/20 11:04",
    ],
)
def test_a_date_in_each_form(cell: str) -> None:
    assert local_moment(cell, ZoneInfo("UTC"), day_first=True) == datetime(2020, 3, 2, 11, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "hour"),
    [("12:04 AM", 0), ("12:04 PM", 12), ("3:04 PM", 15), ("3:04 p. m.", 15), ("3:04 nachm.", 15), ("12:04 vorm.", 0)],
)
def test_the_two_halves_of_a_day(cell: str, hour: int) -> None:
    found = local_moment(f"02/Mar/20 {cell}", ZoneInfo("UTC"), day_first=True)
    assert found is not None
    assert found.hour == hour


@pytest.mark.parametrize("cell", ["", "soon", "32/Mar/20", "02/Foo/20", "2020-13-01", "02/Mar/20 25:00", "1/1/0000"])
def test_what_is_no_date_is_none(cell: str) -> None:
    assert local_moment(cell, ZoneInfo("UTC"), day_first=True) is None


@pytest.mark.parametrize(
    ("cells", "day_first"),
    [
        (["02/03/2020", "13/03/2020"], True),
        (["02/03/2020", "03/13/2020"], False),
        (["02/03/2020 11:04"], True),
        (["2/3/2020 11:04 AM"], False),
        (["02/Mar/20 11:04 AM"], True),
        ([], True),
    ],
)
def test_whether_the_day_comes_first_is_told_by_the_whole_file(cells: list[str], day_first: bool) -> None:
    assert is_day_first(cells) is day_first


# --- sprints --------------------------------------------------------------------------------------

NOW = datetime(2020, 6, 1, tzinfo=UTC)


def at(month: int, day: int) -> datetime:
    return datetime(2020, month, day, tzinfo=UTC)


def named(*sprints: str, done: datetime | None = None, updated: datetime = NOW, is_begun: bool = False) -> Naming:
    return Naming(sprints, at(1, 1), updated, done, is_begun or done is not None)


def state_of(*namings: Naming) -> SprintState:
    (found,) = (sprint for sprint in sprints_named(namings, NOW) if sprint.name == "S1")
    return found.state


def test_a_sprint_that_an_issue_left_for_another_is_closed() -> None:
    assert state_of(named("S1", "S2"), named("S1")) is SprintState.CLOSED


def test_a_sprint_in_which_nothing_is_open_is_closed() -> None:
    assert state_of(named("S1", done=at(5, 30))) is SprintState.CLOSED


def test_a_sprint_with_begun_work_is_active_and_one_with_none_is_future() -> None:
    assert state_of(named("S1", is_begun=True), named("S1")) is SprintState.ACTIVE
    assert state_of(named("S1"), named("S1")) is SprintState.FUTURE


def test_a_sprint_in_which_nothing_happened_for_six_weeks_is_closed() -> None:
    assert state_of(named("S1", done=at(4, 1)), named("S1", updated=at(4, 2), is_begun=True)) is SprintState.CLOSED


def test_a_closed_sprint_ended_when_the_last_of_its_own_was_done_and_had_two_weeks() -> None:
    namings = [named("S1", done=at(3, 10)), named("S1", done=at(3, 13)), named("S1", "S2", done=at(3, 30))]
    first, second = sprints_named(namings, NOW)
    assert (first.start, first.completed) == (at(2, 28), at(3, 13))
    assert (second.start, second.completed) == (at(3, 16), at(3, 30))


def test_a_sprint_is_longer_where_issues_of_its_own_alone_were_done_before() -> None:
    (sprint,) = sprints_named([named("S1", done=at(3, 1)), named("S1", done=at(3, 20))], NOW)
    assert (sprint.start, sprint.completed) == (at(3, 1), at(3, 20))


def test_a_future_sprint_has_no_dates_and_an_active_one_no_completion() -> None:
    future, active = sprints_named([named("S1"), named("S2", is_begun=True)], NOW)
    assert (future.start, future.completed) == (None, None)
    assert (active.start, active.completed) == (at(5, 18), None)


def test_a_file_that_was_cut_off_is_refused_or_says_what_it_left_out() -> None:
    first = "PAY-1,Story,Open,2026-03-01 09:00"
    with pytest.raises(Refused, match="row 3: a quote is opened and never closed"):
        jira_csv.load(table(first, '"PAY-2","Sto'))
    assert "Rows that name no issue were left out: 1." in jira_csv.load(table(first, ",Story,Open")).notes
    assert jira_csv.load(table('PAY-1,5" Story,Open,2026-03-01 09:00')).items[0].type == '5" Story'
