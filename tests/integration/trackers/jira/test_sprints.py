"""The three encodings of sprints, and one sprint with the start that holds."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.contract import Malformed
from integration.trackers.jira.sprints import moment_of, printed_sprint, raw_sprints, sprint_ids, translate_sprint
from mappings.model import Goal, SprintState
from tests.shared_material import SHARED

START = "com.atlassian.greenhopper.service.sprint.Sprint@38c6bd04["
SERVER = (
    START + "id=1,rapidViewId=2,state=ACTIVE,name=SCRUM1 Sprint 1,goal=,startDate=2019-05-23T14:02:10.170Z,"
    "endDate=2019-06-06T14:02:00.000Z,completeDate=<null>,sequence=1]"
)
CLOUD = (
    START + "completeDate=<null>,endDate=2020-08-15T16:17:00.000Z,goal=,id=197,name=TES Sprint 3,rapidViewId=9,"
    "sequence=197,startDate=2020-08-01T16:17:00.000Z,state=ACTIVE]"
)


def test_the_printed_sprint_of_a_server() -> None:
    assert printed_sprint(SERVER) == {
        "id": "1",
        "rapidViewId": "2",
        "state": "ACTIVE",
        "name": "SCRUM1 Sprint 1",
        "goal": "",
        "startDate": "2019-05-23T14:02:10.170Z",
        "endDate": "2019-06-06T14:02:00.000Z",
        "completeDate": None,
        "sequence": "1",
    }


def test_the_printed_sprint_of_a_cloud_site_in_alphabetical_order() -> None:
    raw = printed_sprint(CLOUD)
    assert raw is not None
    assert (raw["id"], raw["name"], raw["goal"], raw["state"], raw["rapidViewId"]) == (
        "197",
        "TES Sprint 3",
        "",
        "ACTIVE",
        "9",
    )


NASTY = (
    "Ops, Sprint 9",
    "a=b, c=d",
    "[x] (y), [z",
    "🚀 launch, id=9 of it",
    "first line\nsecond line",
    "goal=grow, state=bad",
)


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("goal", [*NASTY, "", "<null>"])
def test_names_and_goals_may_hold_commas_brackets_and_equals_signs(name: str, goal: str) -> None:
    server = f"{START}id=7,rapidViewId=<null>,state=CLOSED,name={name},startDate=<null>,goal={goal}]"
    cloud = f"{START}completeDate=<null>,goal={goal},id=7,name={name},rapidViewId=9,state=CLOSED]"
    for text in (server, cloud):
        raw = printed_sprint(text)
        assert raw is not None
        assert (raw["id"], raw["state"], raw["name"]) == ("7", "CLOSED", name)
        assert raw["goal"] == (None if goal == "<null>" else goal)


PARTS = {
    "id": "12",
    "rapidViewId": "3",
    "state": "FUTURE",
    "startDate": "<null>",
    "endDate": "2026-03-13T17:00:00.000Z",
    "completeDate": "<null>",
    "activatedDate": "<null>",
    "sequence": "12",
    "autoStartStop": "false",
    "synced": "false",
}
free = st.text(st.characters(exclude_characters=",=<"), max_size=12)


@given(st.permutations([*PARTS, "name", "goal"]), free, free)
def test_the_keys_may_stand_in_any_order(order: list[str], name: str, goal: str) -> None:
    parts = {**PARTS, "name": name, "goal": goal}
    raw = printed_sprint(START + ",".join(f"{key}={parts[key]}" for key in order) + "]")
    assert raw == {key: None if text == "<null>" else text for key, text in parts.items()}


@given(st.text())
def test_any_text_is_a_sprint_or_none(text: str) -> None:
    printed_sprint(text)
    printed_sprint(f"{START}{text}]")


def test_strings_objects_and_the_agile_pair_give_the_same_ids() -> None:
    closed, active = {"id": 36, "state": "closed"}, {"id": 37, "state": "active"}
    strings = [f"{START}id=36,state=CLOSED,name=A]", f"{START}id=37,state=ACTIVE,name=B]"]
    assert sprint_ids([strings]) == sprint_ids([[closed, active]]) == sprint_ids([[closed], active]) == ("36", "37")


@pytest.mark.parametrize("value", [None, [], "", {}, [None], [5], ["no sprint"], "{}", {"id": "x"}, [{"id": "9" * 30}]])
def test_what_is_no_sprint_gives_no_id(value: object) -> None:
    assert sprint_ids([value]) == ()


def test_a_sprint_that_stands_twice_is_one() -> None:
    assert [raw["name"] for raw in raw_sprints([[{"id": 1, "name": "A"}], {"id": "1", "name": "B"}])] == ["A"]


# --- one sprint -----------------------------------------------------------------------------------

RAW = {
    "id": 37,
    "state": "closed",
    "name": "Ops, Sprint 9",
    "startDate": "2026-03-02T09:00:00.000Z",
    "endDate": "2026-03-13T17:00:00.000+01:00",
    "completeDate": "2026-03-13T16:30:00.000Z",
    "originBoardId": 9,
    "goal": "Fewer people leave the checkout",
}


def test_a_closed_sprint() -> None:
    sprint = translate_sprint(RAW)
    assert (sprint.id, sprint.board, sprint.name, sprint.state) == ("37", "9", "Ops, Sprint 9", SprintState.CLOSED)
    assert sprint.goals == (Goal(None, "Fewer people leave the checkout"),)
    assert sprint.start == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert sprint.end == datetime(2026, 3, 13, 16, tzinfo=UTC)
    assert sprint.completed == datetime(2026, 3, 13, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize("goal", ["", "  ", None])
def test_an_empty_goal_is_no_goal(goal: str | None) -> None:
    assert translate_sprint({**RAW, "goal": goal}).goals == ()


def test_the_real_start_goes_before_the_planned_one() -> None:
    assert translate_sprint({**RAW, "activatedDate": "2026-03-03T08:00:00Z"}).start == datetime(
        2026, 3, 3, 8, tzinfo=UTC
    )


def test_the_printed_sprint_is_translated_as_the_object_is() -> None:
    sprint = translate_sprint(raw_sprints([[SERVER]])[0])
    assert (sprint.id, sprint.board, sprint.state) == ("1", "2", SprintState.ACTIVE)
    assert sprint.start == datetime(2019, 5, 23, 14, 2, 10, 170000, tzinfo=UTC)
    assert sprint.completed is None


@pytest.mark.parametrize("key", ["originBoardId", "boardId", "rapidViewId"])
def test_the_board_goes_by_three_names(key: str) -> None:
    assert translate_sprint({"id": 1, "state": "future", key: 12}).board == "12"


def test_a_sprint_without_a_board_is_on_the_unknown_one() -> None:
    assert translate_sprint({"id": 1, "state": "future"}).board == "unknown"


def test_a_future_sprint_is_not_completed() -> None:
    sprint = translate_sprint({"id": 1, "state": "future", "completeDate": "2026-03-13T16:30:00.000Z"})
    assert (sprint.start, sprint.completed) == (None, None)


def test_a_closed_sprint_without_a_start_began_when_it_was_created() -> None:
    raw = {**RAW, "startDate": None, "createdDate": "2026-03-01T08:00:00Z"}
    assert translate_sprint(raw).start == datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize("start", [None, "2026-03-13T16:30:00.000Z", "2027-01-01T00:00:00Z"])
def test_a_closed_sprint_without_a_start_before_its_completion_had_two_weeks(start: str | None) -> None:
    assert translate_sprint({**RAW, "startDate": start}).start == datetime(2026, 2, 27, 16, 30, tzinfo=UTC)


def test_a_closed_sprint_without_a_completion_ended_as_planned() -> None:
    assert translate_sprint({**RAW, "completeDate": None}).completed == datetime(2026, 3, 13, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ({}, "sprint.id"),
        ({"id": True}, "sprint.id"),
        ({"id": 1}, "sprint.state"),
        ({"id": 1, "state": ["closed"]}, "sprint.state"),
        ({"id": 1, "state": "closed"}, "sprint.completeDate"),
        ({"id": 1, "state": "active", "startDate": {}}, "sprint.startDate"),
    ],
)
def test_a_sprint_that_lacks_what_it_needs_says_what(raw: dict[str, object], path: str) -> None:
    with pytest.raises(Malformed) as caught:
        translate_sprint(raw)
    assert caught.value.path == path


@pytest.mark.parametrize(
    "value",
    [
        "2021-03-02T11:04:00.000+1000",
        "2021-03-02T11:04:00.000+10:00",
        "2021-03-02T01:04:00Z",
        "2021-03-02T01:04:00",
        1614647040,
        1614647040000,
    ],
)
def test_a_moment_in_each_spelling(value: object) -> None:
    assert moment_of(value) == datetime(2021, 3, 2, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", [None, "", "soon", True, [], 10**30, -(10**18), float("inf"), "0001-01-01", "9999-12-31"]
)
def test_what_is_no_moment_is_none(value: object) -> None:
    assert moment_of(value) is None


if SHARED is not None:
    REST = SHARED / "fixtures" / "jira" / "rest"

    @pytest.mark.parametrize("file", ["devlake/board_sprints.json", "go-jira/sprints.json"])
    def test_recorded_sprints_are_translated(file: str) -> None:
        page = json.loads((REST / file).read_bytes())
        raws = page if isinstance(page, list) else page["values"]
        sprints = [translate_sprint(raw) for raw in raws]
        assert [sprint.id for sprint in sprints] == [str(raw["id"]) for raw in raws]
        assert all(sprint.start and sprint.completed for sprint in sprints if sprint.state is SprintState.CLOSED)
