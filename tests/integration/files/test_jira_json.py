"""Jira REST JSON becomes a backlog: pages, lists and lines, with and without changelogs."""

import contextlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.files import jira_json
from integration.files.backlog_file import dump
from integration.files.backlog_file import load as load_backlog
from integration.files.faults import Refused
from mappings.model import (
    AllOf,
    AnyOf,
    Backlog,
    Condition,
    Cycle,
    KeyResult,
    MappingRule,
    Not,
    Objective,
    Plan,
    SprintState,
    Status,
)
from tests.integration.trackers.jira.issues import EPIC_LINK, KR, POINTS, SPRINT, change, history, issue, sprint, status
from tests.shared_material import SHARED

TYPES = "com.atlassian.jira.plugin.system.customfieldtypes:"
NAMES = {
    "summary": "Summary",
    SPRINT: "Sprint",
    POINTS: "Story point estimate",
    EPIC_LINK: "Epic Link",
    KR: "Key Result",
    "customfield_10060": "Cost centre",
}
SCHEMA = {
    SPRINT: {"type": "array", "items": "json", "custom": "com.pyxis.greenhopper.jira:gh-sprint"},
    POINTS: {"type": "number", "custom": "com.pyxis.greenhopper.jira:jsw-story-points"},
    EPIC_LINK: {"type": "any", "custom": "com.pyxis.greenhopper.jira:gh-epic-link"},
    KR: {"type": "option", "custom": f"{TYPES}select"},
}
S36 = {
    "id": 36,
    "state": "closed",
    "name": "Sprint 1",
    "boardId": 9,
    "goal": "",
    "startDate": "2026-03-02T09:00:00.000Z",
    "endDate": "2026-03-06T17:00:00.000Z",
    "completeDate": "2026-03-06T16:00:00.000Z",
}
S37 = {"id": 37, "state": "active", "name": "Sprint 2", "startDate": "2026-03-09T09:00:00.000Z", "goal": "Grow"}


def one(number: int, status_: str = "1", /, **fields: Any) -> dict[str, Any]:
    return {**issue(status_, **fields), "id": str(number), "key": f"PAY-{number}"}


def page(*issues: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"issues": issues, "names": NAMES, "schema": SCHEMA, **more}).encode()


def by_key(backlog: Backlog) -> dict[str, Any]:
    return {item.key: item for item in backlog.items}


# --- shapes of files ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        json.dumps({"issues": [one(1), one(2)], "total": 2}),
        json.dumps([one(1), one(2)]),
        json.dumps(one(1)) + "\n\n" + json.dumps(one(2)) + "\n",
        json.dumps({"issues": [one(1)]}) + "\n" + json.dumps({"issues": [one(2)]}),
        json.dumps([{"issues": [one(1)]}, {"issues": [one(2)]}]),
        "\ufeff" + json.dumps([one(1), one(2)], indent=1),
        json.dumps([one(1), one(2), one(1)]),
    ],
)
def test_pages_lists_and_lines_hold_the_same_issues(data: str) -> None:
    assert sorted(by_key(jira_json.load(data.encode()))) == ["PAY-1", "PAY-2"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"\xff\xfe", "is no JSON"),
        (b'{"issues": []}', "holds no issue"),
        (b'{"values": []}', "holds no issues"),
        (b"[5]", r"\[0\]: must hold issues, not a number"),
        (b'{"issues": [', "is no JSON"),
        (b'{"key": "A-1"}\n{"key"', "line 2: is no JSON"),
        (b"[" * 5000, "is no JSON"),
        (json.dumps({"issues": [{"id": "1", "key": "A-1"}]}).encode(), r"issues\[0\]: issue.fields: .*fields=\*all"),
        (page({**one(1), "key": "PAY-1"}, {**one(2), "key": "PAY-1"}), "PAY-1: 2 issues have this key"),
        (
            page(one(1, parent={"id": "2", "key": "PAY-2"}), one(2, parent={"id": "1", "key": "PAY-1"})),
            "its parents make a circle",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place_and_mend(data: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        jira_json.load(data)


# --- fields ---------------------------------------------------------------------------------------


def test_fields_are_found_by_the_pages_schema() -> None:
    raw = one(1, **{SPRINT: [S36, S37], POINTS: 3.0, EPIC_LINK: "PAY-9", KR: {"id": "5", "value": "KR-1"}})
    item = by_key(jira_json.load(page(raw), kr_field="key result"))["PAY-1"]
    state = item.states[-1]
    assert (state.sprints, state.points, state.parent, state.tags) == (("36", "37"), 3, "PAY-9", ("KR-1",))
    assert item.tag_field == "Key Result"


def test_fields_are_found_by_their_names_where_the_page_has_no_schema() -> None:
    raw = one(1, **{SPRINT: [S36], POINTS: 3, EPIC_LINK: "PAY-9"})
    state = by_key(jira_json.load(page(raw, schema=None)))["PAY-1"].states[-1]
    assert (state.sprints, state.points, state.parent) == (("36",), 3, "PAY-9")


def test_sprints_and_epic_links_are_found_by_what_they_hold_where_the_page_has_no_names() -> None:
    epic = one(9, issuetype={"name": "Epic", "subtask": False})
    raw = one(1, customfield_7="2026-03-01", **{SPRINT: [S36], EPIC_LINK: "PAY-9", POINTS: 3})
    state = by_key(jira_json.load(json.dumps([raw, epic]).encode()))["PAY-1"].states[-1]
    assert (state.sprints, state.parent, state.points) == (("36",), "PAY-9", None)


def test_the_tag_field_may_be_named_by_its_id() -> None:
    raw = one(1, **{KR: [{"id": "5", "value": "KR-1"}, {"id": "6", "value": "KR-2"}]})
    backlog = jira_json.load(json.dumps([raw]).encode(), kr_field=KR)
    assert by_key(backlog)["PAY-1"].states[-1].tags == ("KR-1", "KR-2")


def test_all_fields_of_one_name_are_read_as_each_project_may_have_its_own() -> None:
    names = {KR: "Key Result", "customfield_88": "Key Result"}
    data = page(one(1, **{KR: {"value": "KR-1"}}), one(2, customfield_88="KR-2"), names=names)
    items = by_key(jira_json.load(data, kr_field="Key Result"))
    assert [items[key].states[-1].tags for key in ("PAY-1", "PAY-2")] == [("KR-1",), ("KR-2",)]


def test_an_unknown_tag_field_is_refused_with_what_there_is() -> None:
    with pytest.raises(Refused, match=r'no field "KR" in the file; its fields include .*"Key Result"'):
        jira_json.load(page(one(1)), kr_field="KR")
    with pytest.raises(Refused, match=r"gives no field names; write its id"):
        jira_json.load(json.dumps([one(1)]).encode(), kr_field="Key Result")


def test_labels_bear_tags_and_the_register_says_which_part_of_them() -> None:
    data = json.dumps([one(1, labels=["kr-3", "okr"]), one(2, labels=["kr-A1"])]).encode()
    cycle, objective = Cycle("Q1", date(2026, 1, 1), date(2026, 3, 31)), Objective("O1", "Grow", "Pay", "Q1")
    plan = Plan(cycles=(cycle,), objectives=(objective,), key_results=(KeyResult("3", "O1", "Three"),))
    items = by_key(jira_json.load(data, kr_label_prefix="kr-", plan=plan))
    assert [items[key].states[-1].tags for key in ("PAY-1", "PAY-2")] == [("3",), ("A1",)]
    assert by_key(jira_json.load(data, kr_label_prefix="kr-"))["PAY-1"].states[-1].tags == ("kr-3",)


def test_fields_that_rules_look_at_are_kept_under_the_rules_names() -> None:
    rule = MappingRule(
        AnyOf((AllOf((Condition("label", "x"),)), Not(Condition("field", "R&D", "cost CENTRE")))), reason="not ours"
    )
    backlog = jira_json.load(page(one(1, customfield_10060={"value": "R&D"})), plan=Plan(rules=(rule,)))
    assert backlog.items[0].states[-1].fields == {"cost CENTRE": "R&D"}
    assert backlog.plans[0].rules == (rule,)


# --- history --------------------------------------------------------------------------------------

LOG = [history(1, "03T10", status("1", "3")), history(2, "04T10", sprint("", "36"))]


def test_an_issue_with_its_whole_changelog_has_its_history() -> None:
    raw = {**one(1, "3", **{SPRINT: [S36]}), "changelog": {"total": 2, "histories": LOG}}
    backlog = jira_json.load(page(raw))
    assert backlog.items[0].history_known
    assert [state.sprints for state in backlog.items[0].states] == [(), (), ("36",)]
    assert backlog.notes == ()


@pytest.mark.parametrize("log", [None, {}, {"total": 3, "histories": LOG}, {"histories": None}])
def test_an_issue_without_or_with_a_part_of_its_changelog_says_how_it_is_today(log: object) -> None:
    backlog = jira_json.load(page({**one(1, **{SPRINT: [S36]}), "changelog": log}))
    assert not backlog.items[0].history_known
    assert backlog.notes[0].startswith("1 of 1 items came without their history")


def test_a_sprint_that_only_changelogs_name_is_left_out() -> None:
    raw = {**one(1), "changelog": {"histories": [history(1, "03T10", sprint("99", ""))]}}
    assert {state.sprints for state in jira_json.load(page(raw)).items[0].states} == {()}


@pytest.mark.parametrize(
    "raw", [{"id": 3, "state": "lost", "name": "Old"}, {"id": 3, "state": "closed", "name": "Old"}]
)
def test_a_sprint_that_cannot_be_placed_in_time_is_left_out_and_noted(raw: dict[str, object]) -> None:
    backlog = jira_json.load(page(one(1, **{SPRINT: [raw, S36]})))
    assert [found.id for found in backlog.sprints] == ["36"]
    assert backlog.items[0].states[-1].sprints == ("36",)
    assert backlog.notes[-1].startswith('the sprint "Old" (3) was left out: sprint.')


def test_what_had_to_be_guessed_is_noted_once_with_its_items() -> None:
    gone = change("status", ("99", "Limbo"), ("1", "To Do"), fieldId="status")
    issues = [{**one(number), "changelog": {"histories": [history(1, "03T10", gone)]}} for number in range(1, 6)]
    note = "unknown status “Limbo”, taken as to do: PAY-1, PAY-2, PAY-3 and 2 more"
    assert jira_json.load(page(*issues)).notes == (note,)


# --- the backlog ----------------------------------------------------------------------------------


def test_boards_are_those_of_the_sprints_and_one_for_those_without() -> None:
    backlog = jira_json.load(page(one(1, **{SPRINT: [S36, S37]})))
    assert [(board.id, board.name) for board in backlog.boards] == [("9", "Board 9"), ("unknown", "unknown board")]
    assert [(found.id, found.state, len(found.goals)) for found in backlog.sprints] == [
        ("36", SprintState.CLOSED, 0),
        ("37", SprintState.ACTIVE, 1),
    ]


def test_of_a_sprint_that_issues_show_at_two_stages_the_later_one_counts() -> None:
    issues = [one(1, **{SPRINT: [{**S36, "state": "active", "completeDate": None}]}), one(2, **{SPRINT: [S36]})]
    assert [found.state for found in jira_json.load(page(*issues)).sprints] == [SprintState.CLOSED]


def test_parents_that_are_not_in_the_file_are_hidden_ones() -> None:
    backlog = jira_json.load(
        page(one(1, parent={"id": "9", "key": "PAY-9"}), one(2, parent={"id": "1", "key": "PAY-1"}))
    )
    assert backlog.hidden_parents == {"PAY-9"}


def test_a_parent_by_its_old_key_is_found() -> None:
    moved = {**one(1), "changelog": {"histories": [history(1, "03T10", change("Key", "OLD-1", "PAY-1"))]}}
    backlog = jira_json.load(page(moved, one(2, **{EPIC_LINK: "OLD-1"})))
    assert by_key(backlog)["PAY-2"].states[-1].parent == "PAY-1"
    assert backlog.hidden_parents == frozenset()


def test_what_stands_above_an_epic_is_no_epic() -> None:
    kind = {"name": "Epic", "subtask": False}
    issues = [one(1, issuetype=kind), one(2, issuetype=kind, parent={"id": "1", "key": "PAY-1"})]
    assert [item.level for item in jira_json.load(page(*issues)).items] == [2, 1]


def test_now_is_the_latest_moment_of_the_file_unless_it_is_given() -> None:
    assert jira_json.load(page(one(1))).now == datetime(2026, 3, 20, 9, tzinfo=UTC)
    given = datetime(2026, 6, 1, tzinfo=UTC)
    assert jira_json.load(page(one(1)), now=given).now == given


@pytest.mark.parametrize(
    "points",
    [
        b"Issue_Key,Story_Point\nPAY-1,3\nPAY-2,NULL\n,\nPAY-3,0.5\n",
        "\ufeffIssue key;Story Points\nPAY-1;3\nPAY-2;\nPAY-3;0,5\n".encode(),
        b"key\tpoints\nPAY-1\t3.0\nPAY-3\t0.5",
    ],
)
def test_points_may_come_from_a_table_of_their_own(points: bytes) -> None:
    items = by_key(jira_json.load(page(one(1), one(2), one(3)), points=points))
    assert [float(state.points or 0) for state in (items[f"PAY-{n}"].states[-1] for n in (1, 2, 3))] == [3, 0, 0.5]


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (b"name,points\nx,1", "there is no column “Issue key”"),
        (b"key,size\nx,1", "there is no column “Story points”"),
        (b"key,points\nPAY-1,1\nPAY-2,many", 'row 3: "many" is no number of points'),
        (b"", "there is no column"),
    ],
)
def test_a_table_of_points_that_cannot_be_read_says_where(points: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        jira_json.load(page(one(1)), points=points)


def test_the_base_address_is_that_before_rest_and_holds_no_password() -> None:
    at_home = {**one(1), "self": "https://jira.example.com/jira/rest/api/2/issue/1"}
    assert jira_json.load(page(at_home)).items[0].url == "https://jira.example.com/jira/browse/PAY-1"
    secret = {**one(1), "self": "https://user:secret@jira.example.com/rest/api/2/issue/1"}
    assert jira_json.load(page(secret)).items[0].url is None


def test_the_backlog_can_be_written_and_read_again() -> None:
    raw = {**one(1, "3", **{SPRINT: [S36, S37], POINTS: 0.5}), "changelog": {"histories": LOG}}
    backlog = jira_json.load(page(raw, one(2, parent={"id": "9", "key": "PAY-9"})))
    written = dump(backlog)
    kept = tuple(replace(item, url=None, tag_field=None) for item in backlog.items)
    assert load_backlog(written).items == kept


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "key", "value", "name"]), inner),
    max_leaves=6,
)
FIELDS = sorted({*issue()["fields"], SPRINT, POINTS, EPIC_LINK, KR, "parent", "epic", "closedSprints", "sprint"})


@given(
    st.lists(st.dictionaries(st.sampled_from(FIELDS), anything), min_size=1, max_size=3),
    st.fixed_dictionaries({}, optional={"names": anything, "schema": anything}),
    st.fixed_dictionaries({}, optional={"changelog": anything, "self": anything, "id": anything, "fields": anything}),
)
def test_absurd_issues_are_read_or_refused(fields: list[Any], more: dict[str, Any], top: dict[str, Any]) -> None:
    issues = [one(number, **found) for number, found in enumerate(fields, start=1)]
    data = page(*issues, one(98, **{KR: "x"}), {**one(99), **top}, **more)
    with contextlib.suppress(Refused):
        assert jira_json.load(data, kr_field=KR, kr_label_prefix="k").items


if SHARED is not None:
    TITANIUM = SHARED / "fixtures" / "datasets" / "titanium-jira-archive"
    RECORDED = SHARED / "fixtures" / "jira" / "rest"

    @pytest.fixture(scope="module")
    def titanium() -> Backlog:
        return jira_json.load(
            (TITANIUM / "TIMOB-issues.jsonl").read_bytes(), points=(TITANIUM / "story-points-TIMOB.csv").read_bytes()
        )

    def test_titanium_has_263_sprints_on_12_boards_and_an_unknown_one(titanium: Backlog) -> None:
        assert len(titanium.items) == 2853
        assert len(titanium.sprints) == 263
        assert {sprint.state for sprint in titanium.sprints} == set(SprintState)
        assert [sprint.id for sprint in titanium.sprints if sprint.board == "unknown"] == ["3", "10"]
        assert len(titanium.boards) == 13
        assert all(sprint.goals == () for sprint in titanium.sprints)

    def test_titaniums_sprints_stand_in_order_of_time_and_not_of_names(titanium: Backlog) -> None:
        starts = [sprint.start for sprint in titanium.sprints if sprint.start is not None]
        assert starts == sorted(starts)
        assert titanium.sprints[-1].start is None
        names = [sprint.name for sprint in titanium.sprints]
        assert len(names) - len(set(names)) == 5

    def test_titanium_has_110_epics_and_43_of_them_have_no_work_below(titanium: Backlog) -> None:
        epics = {item.key for item in titanium.items if item.level == 1}
        above = {item.states[-1].parent for item in titanium.items if item.level == 0}
        assert len(epics) == 110
        assert len(epics - above) == 43
        assert sum(bool(item.states[-1].sprints) for item in titanium.items if item.level == 1) == 42

    def test_titanium_has_195_items_below_17_epics_that_are_not_in_it(titanium: Backlog) -> None:
        assert len(titanium.hidden_parents) == 17
        assert sum(item.states[-1].parent in titanium.hidden_parents for item in titanium.items) == 195

    def test_titaniums_dropped_items_are_told_from_delivered_ones(titanium: Backlog) -> None:
        now = [item.states[-1].status for item in titanium.items]
        assert {status: now.count(status) for status in Status} == {
            Status.TODO: 244,
            Status.DOING: 5,
            Status.DONE: 2158,
            Status.DROPPED: 446,
        }

    def test_titaniums_points_join_by_key(titanium: Backlog) -> None:
        assert sum(item.states[-1].points is not None for item in titanium.items) == 1428

    def test_titaniums_history_is_not_known_and_the_unknown_moments_are_noted(titanium: Backlog) -> None:
        assert not any(item.history_known for item in titanium.items)
        assert titanium.notes[0].startswith("2853 of 2853 items came without their history")
        assert titanium.notes[1].endswith("and 36 more")
        assert titanium.now == datetime(2021, 11, 18, 17, 54, 26, tzinfo=UTC)

    def test_titanium_can_be_written_as_a_backlog_file_and_read_again(titanium: Backlog) -> None:
        written = dump(titanium)
        again = load_backlog(written)
        assert len(again.items) == 2853
        assert again.sprints == titanium.sprints

    @pytest.mark.parametrize(
        ("file", "items", "sprints", "hidden"),
        [
            ("devlake/board_issues.json", 33, 3, frozenset({"K5-1"})),
            ("faros-jira-source/issues.json", 3, 8, frozenset()),
            ("go-jira/issues_in_sprint.json", 1, 0, frozenset({"AR-37"})),
            ("jira-ruby/issue.json", 11, 0, frozenset()),
            ("osidb-recorded/issue_OSIDB-920.json", 1, 0, frozenset()),
        ],
    )
    def test_recorded_answers_become_backlogs(file: str, items: int, sprints: int, hidden: frozenset[str]) -> None:
        backlog = jira_json.load((RECORDED / file).read_bytes())
        assert (len(backlog.items), len(backlog.sprints), backlog.hidden_parents) == (items, sprints, hidden)

    def test_a_recorded_page_of_ids_alone_says_what_to_ask_for() -> None:
        with pytest.raises(Refused, match=r"ask for all fields \(fields=\*all\)"):
            jira_json.load((RECORDED / "osidb-recorded/search_jql_15.json").read_bytes())
