"""Changelogs are put in order and replayed, whatever clocks, pages and spellings did to them."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.contract import Malformed
from integration.trackers.jira.fields import FieldMapping, FieldRef
from integration.trackers.jira.history import Line, Told, replay, replay_members, replay_parent, sort_steps
from integration.trackers.jira.slots import slot_finder
from tests.integration.trackers.jira.issues import EPIC_LINK, MAPPING, SPRINT, change, history, sprint, status

SLOTS_OF = slot_finder(MAPPING)
HISTORIES = [
    history(1, "03T10", status("1", "3")),
    history(2, "04T10", status("3", "1"), sprint("", "37")),
    history(3, "05T10", status("1", "5")),
]


def ends(histories: Sequence[dict[str, Any]], slot: str = "status") -> list[tuple[str, str | None]]:
    """The day and hour of each step with the id that it leads to."""
    return [(step.at.strftime("%dT%H"), step.after.id) for step in sort_steps(histories, SLOTS_OF)[slot]]


@given(st.permutations(HISTORIES + HISTORIES))
def test_order_and_repetition_of_histories_do_not_matter(shuffled: list[dict[str, Any]]) -> None:
    assert sort_steps(shuffled, SLOTS_OF) == sort_steps(HISTORIES, SLOTS_OF)


def test_within_one_millisecond_the_ids_decide_then_the_places() -> None:
    found = ends([history(12, "03T10", status("3", "5")), history(9, "03T10", status("1", "3"), status("3", "3"))])
    assert [end for _, end in found] == ["3", "3", "5"]


def test_a_clock_that_went_back_does_not_turn_the_chain_round() -> None:
    found = ends([history(1, "04T10", status("1", "3")), history(2, "03T10", status("3", "5"))])
    assert found == [("04T10", "3"), ("04T10", "5")]


def test_ids_of_an_import_that_run_against_time_do_not_turn_the_chain_round() -> None:
    found = ends([history(9, "03T10", status("1", "3")), history(2, "04T10", status("3", "5"))])
    assert found == [("03T10", "3"), ("04T10", "5")]


@pytest.mark.parametrize("at", ["2026-03-03T11:00:00.000+0100", 1772532000, 1772532000000])
def test_times_are_taken_as_text_seconds_and_milliseconds(at: object) -> None:
    assert ends([history(1, at, status("1", "3"))]) == [("03T10", "3")]


@pytest.mark.parametrize(
    ("item", "slot"),
    [
        ({"field": "Status", "fieldId": "status"}, "status"),
        ({"field": "STATUS"}, "status"),
        ({"field": "Sprint", "fieldId": SPRINT}, "sprints"),
        ({"field": "Sprint"}, "sprints"),
        ({"field": "Sprint", "fieldId": "Sprint"}, "sprints"),
        ({"field": "Sprint", "fieldId": "customfield_99"}, None),
        ({"field": "IssueParentAssociation"}, "parent"),
        ({"field": "Parent"}, "parent"),
        ({"field": "Parent Issue"}, "parent"),
        ({"field": "Epic Link", "fieldId": EPIC_LINK}, "parent"),
        ({"field": "Epos-Verknüpfung", "fieldId": EPIC_LINK}, "parent"),
        ({"field": "Parent Link"}, "parent"),
        ({"field": "Component", "fieldId": "components"}, "components"),
        ({"field": "story point ESTIMATE"}, "customfield_10016"),
        ({"field": "Story point estimate", "fieldId": "customfield_77"}, None),
        ({"field": "Key"}, "key"),
        ({"field": "Link"}, None),
        ({"field": "Rank", "fieldId": "customfield_10019"}, None),
        ({"field": "RemoteIssueLink"}, None),
        ({"field": "assignee", "fieldId": "assignee"}, None),
    ],
)
def test_an_item_is_about_what_its_field_id_says_else_its_name(item: dict[str, Any], slot: str | None) -> None:
    found = sort_steps([history(1, "03T10", change("", "a", "b") | item)], SLOTS_OF)
    assert list(found) == ([] if slot is None else [slot])


def test_a_site_whose_mapping_names_no_sprint_field_still_tells_of_sprints() -> None:
    slots_of = slot_finder(FieldMapping())
    assert slots_of("customfield_10020", "sprint") == ("sprints",)
    assert slots_of("customfield_10014", "epic link") == ("parent",)
    assert slots_of("customfield_10050", "key result") == ()


def test_a_field_may_play_two_parts() -> None:
    rules = (FieldRef("status", ("Status",)), FieldRef("customfield_10020", ("Sprint",)))
    slots_of = slot_finder(FieldMapping(sprint_field=FieldRef("customfield_10020", ("Sprint",)), rule_fields=rules))
    assert slots_of("status", "status") == slots_of(None, "status") == ("status", "status as text")
    assert slots_of("customfield_10020", "sprint") == ("sprints", "customfield_10020 as text")


def test_a_custom_field_does_not_take_the_changes_of_a_field_of_jira_by_bearing_its_name() -> None:
    slots_of = slot_finder(FieldMapping(kr_fields=(FieldRef("customfield_10050", ("Parent",)),)))
    assert slots_of(None, "parent") == ("parent",)
    assert slots_of("customfield_10050", "parent") == ("customfield_10050",)


@pytest.mark.parametrize(
    ("histories", "path"),
    [
        ([5], "changelog.histories[0]"),
        ([{"id": "1", "created": "2026-03-03T10:00:00Z"}], "changelog.histories[0].items"),
        ([{"id": "1", "items": [status("1", "3")]}], "changelog.histories[0].created"),
        ([history(1, "soon", status("1", "3"))], "changelog.histories[0].created"),
        ([history(1, "03T10"), history(2, "03T10", "x")], "changelog.histories[1].items[0]"),  # type: ignore[arg-type]
        ([history(1, "03T10", {"field": None})], "changelog.histories[0].items[0].field"),
    ],
)
def test_a_changelog_that_lacks_what_it_needs_says_where(histories: list[Any], path: str) -> None:
    with pytest.raises(Malformed) as caught:
        sort_steps(histories, SLOTS_OF)
    assert caught.value.path == path


def test_a_history_of_things_that_we_do_not_keep_needs_no_time() -> None:
    assert sort_steps([{"items": [change("assignee", "a", "b")]}], SLOTS_OF) == {}


# --- replay ---------------------------------------------------------------------------------------


def steps(slot: str, *histories: dict[str, Any]) -> list[Any]:
    return sort_steps(histories, SLOTS_OF)[slot]


def values(line: Line) -> list[object]:
    return [line.first, *(value for _, value in line.changes)]


def test_without_changes_the_present_value_held_always() -> None:
    assert replay([], 5, lambda told: told.text) == Line(5)


def test_the_first_value_is_what_the_first_change_came_from_and_the_last_is_the_present_one() -> None:
    found = steps("status", history(1, "03T10", status("1", "3")), history(2, "04T10", status("3", "5")))
    assert values(replay(found, "now", lambda told: told.id)) == ["1", "3", "now"]


def test_a_gap_in_the_chain_is_survived_and_what_was_said_last_holds() -> None:
    found = steps("status", history(1, "03T10", status("1", "3")), history(2, "05T10", status("1", "5")))
    assert values(replay(found, "5", lambda told: told.id)) == ["1", "3", "5"]


def test_members_are_undone_one_by_one_from_the_present_ones() -> None:
    found = steps(
        "components",
        history(1, "03T10", change("Component", None, ("1", "api"))),
        history(2, "04T10", change("Component", None, ("2", "web")), change("Component", ("1", "api"), None)),
    )
    line = replay_members(found, ("web",), lambda told: told.text)
    assert values(line)[0] == ()
    assert values(line)[-1] == ("web",)
    assert ("api",) in values(line)


@given(st.lists(st.sampled_from("abc"), max_size=6))
def test_members_that_came_and_went_end_as_they_are(names: list[str]) -> None:
    histories = [history(n + 1, 1772532000 + n, change("Component", None, name)) for n, name in enumerate(names)]
    found = sort_steps(histories, SLOTS_OF).get("components", [])
    line = replay_members(found, ("a",), lambda told: told.text)
    assert values(line)[-1] == ("a",)


def parents(present: str | None, *histories: dict[str, Any]) -> list[str | None]:
    line = replay_parent(steps("parent", *histories), Told(None, present))
    return [value.text for value in values(line) if isinstance(value, Told)]


def test_the_three_spellings_of_a_parent_make_one_line() -> None:
    assert parents(
        "E-3",
        history(1, "03T10", change("Epic Link", None, ("11", "E-1"), fieldId=EPIC_LINK)),
        history(2, "04T10", change("IssueParentAssociation", ("11", "E-1"), ("12", "E-2"))),
        history(3, "05T10", change("Parent", "E-2", "E-3")),
    ) == [None, "E-1", "E-2", "E-3"]


@pytest.mark.parametrize("turned", [False, True])
def test_emptying_one_spelling_leaves_the_parent_that_another_set(turned: bool) -> None:
    items = [change("Epic Link", ("11", "E-1"), None), change("Parent Issue", None, ("12", "S-2"))]
    found = parents("S-2", history(1, "03T10", *(reversed(items) if turned else items)))
    assert found[0] == "E-1"
    assert found[-1] == "S-2"


def test_a_parent_that_was_taken_away_is_gone() -> None:
    assert parents(None, history(1, "03T10", change("IssueParentAssociation", ("11", "E-1"), None))) == ["E-1", None]
