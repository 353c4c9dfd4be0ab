"""An issue with its changelog becomes a work item with its whole history; without one, with what is known."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.contract import Malformed
from integration.trackers.jira.fields import FieldMapping, FieldRef
from integration.trackers.jira.site import SiteFacts, site_facts
from integration.trackers.jira.translate import translate_issue
from mappings.model import Item, ItemState, Status
from tests.integration.trackers.jira.issues import (
    BASE,
    EPIC_LINK,
    KR,
    MAPPING,
    POINTS,
    RESOLUTIONS,
    SITE,
    SPRINT,
    STATUSES,
    change,
    history,
    issue,
    sprint,
    status,
)
from tests.shared_material import SHARED

CREATED = datetime(2026, 3, 2, 9, tzinfo=UTC)


def translated(raw: dict[str, Any], *histories: dict[str, Any], mapping: FieldMapping = MAPPING) -> Item:
    return translate_issue(raw, histories, mapping, SITE).item


def over_time(item: Item, name: str) -> list[tuple[str, object]]:
    """The day and hour of each state with the value of one of its parts."""
    return [(state.at.strftime("%dT%H"), getattr(state, name)) for state in item.states]


def notes(raw: dict[str, Any], *histories: dict[str, Any], mapping: FieldMapping = MAPPING) -> Sequence[str]:
    return translate_issue(raw, histories, mapping, SITE).notes


# --- the item ---------------------------------------------------------------------------------------


def test_an_item_without_changes_was_always_as_it_is() -> None:
    tracked = translate_issue(issue(labels=["b", "a"], **{POINTS: 3.0}), (), MAPPING, SITE)
    assert tracked.id == "10101"
    assert tracked.updated == datetime(2026, 3, 20, 9, tzinfo=UTC)
    assert tracked.notes == ()
    assert tracked.item == Item(
        key="PAY-7",
        type="Story",
        level=0,
        created=CREATED,
        states=(ItemState(CREATED, points=3, labels=("b", "a")),),
        project="PAY",
        title="Offer a second card",
        url=f"{BASE}/browse/PAY-7",
        tag_field="Key Result",
    )


def test_of_people_and_comments_nothing_is_read() -> None:
    person = {"accountId": "5c", "displayName": "Never Kept", "emailAddress": "never@example.com"}
    raw = issue(assignee=person, reporter=person, creator=person, comment={"comments": [{"body": "Never Kept"}]})
    found = translated(raw, history(1, "03T10", change("assignee", "Never Kept", "Never Kept")) | {"author": person})
    assert "ever" not in repr(found)
    assert len(found.states) == 1


@pytest.mark.parametrize(
    ("type_", "level"),
    [
        ({"name": "Story", "hierarchyLevel": 0}, 0),
        ({"name": "子任务", "hierarchyLevel": -1}, -1),
        ({"name": "Vorhaben", "hierarchyLevel": 2}, 2),
        ({"name": "Sub-task", "subtask": True}, -1),
        ({"name": "EPIC", "subtask": False}, 1),
        ({"name": "Epic", "hierarchyLevel": 0}, 0),
        ({"name": "Epos", "subtask": False}, 0),
        ({"name": "Capability", "id": "77", "hierarchyLevel": 0}, 3),
        ({"name": "feature", "hierarchyLevel": 0}, 1),
    ],
)
def test_the_level_is_that_of_the_mapping_else_jiras_else_of_the_marks(type_: dict[str, object], level: int) -> None:
    mapping = replace(MAPPING, type_levels=(("77", 3), ("Feature", 1)))
    assert translated(issue(issuetype=type_), mapping=mapping).level == level


def test_an_issue_with_an_epic_name_or_that_others_call_their_epic_is_one() -> None:
    epos = issue(issuetype={"name": "Epos"}, customfield_10011="Cards")
    mapping = replace(MAPPING, epic_name_field=FieldRef("customfield_10011"))
    assert translated(epos, mapping=mapping).level == 1
    site = replace(SITE, epics=frozenset({"PAY-7"}))
    assert translate_issue(issue(issuetype={"name": "Epos"}), (), MAPPING, site).item.level == 1


def test_a_moved_issue_keeps_its_id_and_its_old_keys() -> None:
    raw = {**issue(project={"key": "OPS"}), "key": "OPS-4"}
    moved = change("project", ("10001", "Payments"), ("10002", "Operations"), fieldId="project")
    found = translate_issue(
        raw,
        [
            history(1, "03T10", moved, change("Workflow", "A", "B"), change("Key", "PAY-7", "ABC-1")),
            history(2, "04T10", change("Key", "ABC-1", "OPS-4")),
        ],
        MAPPING,
        SITE,
    )
    assert (found.id, found.item.key, found.item.project, found.item.aliases) == (
        "10101",
        "OPS-4",
        "OPS",
        ("PAY-7", "ABC-1"),
    )


def test_the_board_without_sprints_that_shows_it_is_kept() -> None:
    assert translate_issue(issue(), (), MAPPING, SITE, board="12").item.states[0].board == "12"


# --- status -----------------------------------------------------------------------------------------


def test_statuses_go_by_the_categorys_key_and_not_by_their_names() -> None:
    found = translated(issue("5"), history(1, "03T10", status("1", "3")), history(2, "04T10", status("3", "5")))
    assert over_time(found, "status") == [("02T09", Status.TODO), ("03T10", Status.DOING), ("04T10", Status.DONE)]


def test_a_category_that_contradicts_the_name_is_believed() -> None:
    raw = issue(status={"id": "10068", "name": "已完成", "statusCategory": {"key": "new", "name": "待办"}})
    assert translated(raw).states[0].status is Status.TODO


def test_a_status_known_by_its_name_only_is_looked_up_caselessly() -> None:
    found = translated(issue("5"), history(1, "03T10", change("Status", "IN ARBEIT", "Fertig")))
    assert over_time(found, "status") == [("02T09", Status.DOING), ("03T10", Status.DONE)]


def test_a_status_that_is_gone_is_taken_as_to_do_and_noted() -> None:
    gone = change("status", ("99", "Waiting for Godot"), ("5", "Fertig"), fieldId="status")
    raw, then = issue("5"), history(1, "03T10", gone)
    assert translated(raw, then).states[0].status is Status.TODO
    assert notes(raw, then) == ("unknown status “Waiting for Godot”, taken as to do",)


def test_a_status_that_is_gone_may_be_one_that_jira_ships_with() -> None:
    gone = change("status", ("4", "Reopened"), ("6", "Closed"), fieldId="status")
    back = change("status", ("6", "Closed"), ("1", "To Do"), fieldId="status")
    found = translated(issue("1"), history(1, "03T10", gone), history(2, "04T10", back))
    assert over_time(found, "status") == [("02T09", Status.TODO), ("03T10", Status.DONE), ("04T10", Status.TODO)]


def test_the_mapping_overrides_a_status_by_id_or_name() -> None:
    mapping = replace(MAPPING, status_overrides=(("3", Status.DONE), ("to do", Status.DROPPED)))
    found = translated(issue("3"), history(1, "03T10", status("1", "3")), mapping=mapping)
    assert over_time(found, "status") == [("02T09", Status.DROPPED), ("03T10", Status.DONE)]


@pytest.mark.parametrize(
    ("resolution", "expected"),
    [
        ({"id": "10001", "name": "Won't Do"}, Status.DROPPED),
        ({"id": "7", "name": "Won’t Do"}, Status.DROPPED),
        ({"id": "7", "name": "duplicate"}, Status.DROPPED),
        ({"id": "10000", "name": "Erledigt"}, Status.DONE),
        (None, Status.DONE),
    ],
)
def test_what_is_done_with_a_resolution_that_says_so_is_dropped(resolution: object, expected: Status) -> None:
    assert translated(issue("5", resolution=resolution)).states[0].status is expected


def test_a_resolution_without_a_done_status_drops_nothing() -> None:
    assert translated(issue("3", resolution=RESOLUTIONS[1])).states[0].status is Status.DOING


def test_a_resolution_that_changes_later_drops_later() -> None:
    resolve = change("resolution", None, ("10000", "Done"), fieldId="resolution")
    drop = change("resolution", ("10000", "Done"), ("10001", "Will nicht"), fieldId="resolution")
    found = translated(
        issue("5", resolution=RESOLUTIONS[1]), history(1, "03T10", status("1", "5"), resolve), history(2, "04T10", drop)
    )
    assert over_time(found, "status") == [("02T09", Status.TODO), ("03T10", Status.DONE), ("04T10", Status.DROPPED)]


# --- sprints ----------------------------------------------------------------------------------------


def test_sprints_come_and_go_by_ids_with_an_empty_text_for_none() -> None:
    raw = issue(**{SPRINT: [{"id": 36, "state": "closed"}, {"id": 38, "state": "active"}]})
    found = translated(
        raw,
        history(1, "03T10", sprint("", "36")),
        history(2, "04T10", sprint("36", "36, 37")),
        history(3, "05T10", sprint("36, 37", "36, 38")),
    )
    assert over_time(found, "sprints") == [
        ("02T09", ()),
        ("03T10", ("36",)),
        ("04T10", ("36", "37")),
        ("05T10", ("36", "38")),
    ]


def test_sprint_names_with_commas_are_not_split() -> None:
    named = change("Sprint", ("", ""), ("37, 38", "Ops, Sprint 9, Sprint 10"), fieldId=SPRINT)
    raw = issue(**{SPRINT: [{"id": 37}, {"id": 38}]})
    assert over_time(translated(raw, history(1, "03T10", named)), "sprints")[-1] == ("03T10", ("37", "38"))


def test_a_sprint_known_by_its_name_only_is_looked_up_or_left_out_with_a_note() -> None:
    raw = issue(**{SPRINT: [{"id": 37, "name": "Ops, Sprint 9"}]})
    then = history(1, "03T10", change("Sprint", "Gone", "Ops, Sprint 9"))
    back = history(2, "04T10", change("Sprint", "Ops, Sprint 9", "Ops, Sprint 9"))
    assert over_time(translated(raw, then, back), "sprints") == [("02T09", ()), ("03T10", ("37",))]
    assert notes(raw, then, back) == ("a sprint that is known by its name only, “Gone”, was left out",)


@pytest.mark.parametrize(
    "fields",
    [
        {SPRINT: ["com.atlassian.greenhopper.service.sprint.Sprint@1[id=37,state=ACTIVE,name=B]"]},
        {SPRINT: [{"id": 37, "state": "active"}]},
        {"sprint": {"id": 37, "state": "active"}, "closedSprints": None},
        {"sprint": None, "closedSprints": [{"id": 37, "state": "closed"}]},
    ],
)
def test_the_sprints_of_now_come_in_each_encoding(fields: dict[str, object]) -> None:
    assert translated(issue(**fields)).states[0].sprints == ("37",)


# --- points, estimates, time ------------------------------------------------------------------------


def test_points_follow_their_changes_exactly() -> None:
    first = change("Story point estimate", None, "0.5", fieldId=POINTS)
    then = change("Story point estimate", "0.5", "8", fieldId=POINTS)
    found = translated(issue(**{POINTS: 8.0}), history(1, "03T10", first), history(2, "04T10", then))
    assert over_time(found, "points") == [("02T09", None), ("03T10", Fraction(1, 2)), ("04T10", 8)]


def test_the_first_points_field_that_has_a_value_counts() -> None:
    other = FieldRef("customfield_10026", ("Story Points",), "number")
    mapping = replace(MAPPING, points_fields=(*MAPPING.points_fields, other))
    first = change("Story Points", "5", None, fieldId="customfield_10026")
    found = translated(issue(**{POINTS: "3"}), history(1, "03T10", first), mapping=mapping)
    assert over_time(found, "points") == [("02T09", 3)]
    assert translated(issue(**{POINTS: None, "customfield_10026": 2}), mapping=mapping).states[0].points == 2


def test_the_number_field_of_a_server_is_found_by_its_name() -> None:
    found = translated(issue(**{POINTS: 2}), history(1, "03T10", change("Story Point Estimate", "1", "2")))
    assert over_time(found, "points") == [("02T09", 1), ("03T10", 2)]


def test_a_negative_estimate_is_left_out_and_noted() -> None:
    assert translated(issue(**{POINTS: -1})).states[0].points is None
    assert notes(issue(**{POINTS: -1})) == ("the value of “Story point estimate” is no estimate and was left out",)


def test_time_estimates_and_logged_time_are_seconds() -> None:
    estimate = change("timeoriginalestimate", None, ("7200", "7200"), fieldId="timeoriginalestimate")
    logged = change("timespent", ("0", "0"), ("3600", "3600"), fieldId="timespent")
    raw = issue(timeoriginalestimate=7200, timespent=3600)
    found = translated(raw, history(1, "03T10", estimate), history(2, "04T10", logged))
    assert over_time(found, "original_estimate") == [("02T09", None), ("03T10", 7200), ("04T10", 7200)]
    assert over_time(found, "time_spent") == [("02T09", 0), ("03T10", 0), ("04T10", 3600)]


# --- parents ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "parent"),
    [
        ({"parent": {"id": "11", "key": "PAY-1"}}, "PAY-1"),
        ({EPIC_LINK: "PAY-1"}, "PAY-1"),
        ({"epic": {"id": 11, "key": "PAY-1", "done": False}}, "PAY-1"),
        ({"customfield_10018": {"showField": True, "data": {"id": 11, "key": "PAY-1"}}}, "PAY-1"),
        ({"customfield_10018": {"hasEpicLinkFieldDependency": False, "showField": False}}, None),
        ({"parent": {"id": "11", "key": "PAY-1"}, EPIC_LINK: "PAY-2"}, "PAY-1"),
        ({"parent": None, "epic": None, EPIC_LINK: None}, None),
        ({"parent": {"id": "10101", "key": "PAY-7"}}, None),
        ({"parent": 5}, None),
        ({"epic": "\x00"}, None),
        ({"parent": {"id": "11", "key": "PAY\x00-1"}}, None),
        ({EPIC_LINK: "x" * 3000}, None),
    ],
)
def test_the_parent_of_now_in_each_spelling(fields: dict[str, object], parent: str | None) -> None:
    assert translated(issue(**fields)).states[0].parent == parent


def test_a_parent_that_moved_since_goes_by_its_present_key() -> None:
    raw = issue(parent={"id": "11", "key": "OPS-1"})
    old = change("IssueParentAssociation", ("12", "PAY-2"), ("11", "PAY-1"))
    site = replace(SITE, keys={"12": "OPS-2"})
    found = translate_issue(raw, [history(1, "03T10", old)], MAPPING, site).item
    assert over_time(found, "parent") == [("02T09", "OPS-2"), ("03T10", "OPS-1")]


def test_a_former_parent_or_key_that_can_be_none_is_left_out() -> None:
    told = {"field": "Epic Link", "fromString": "\x00", "toString": "PAY-1"}
    keys = {"field": "Key", "fromString": "\x00", "toString": "PAY-7"}
    found = translated(issue(parent={"id": "11", "key": "PAY-1"}), history(2, "03T10", told, keys))
    assert (over_time(found, "parent"), found.aliases) == ([("02T09", None), ("03T10", "PAY-1")], ())


def test_a_parent_known_by_its_id_only_is_left_out_and_noted() -> None:
    then = history(1, "03T10", change("IssueParentAssociation", ("12", None), None))
    assert over_time(translated(issue(), then), "parent") == [("02T09", None)]
    assert notes(issue(), then) == ("the parent with the id 12 is known by no key and was left out",)


# --- labels, components, tags -----------------------------------------------------------------------


def test_labels_are_parted_at_blanks_and_components_by_their_ids() -> None:
    labels = change("labels", "bad test", "sad test", fieldId="labels")
    component = change("Component", None, ("5", "old name"), fieldId="components")
    raw = issue(labels=["sad", "test"], components=[{"id": "5", "name": "api"}, {"id": "4", "name": "web"}])
    found = translated(raw, history(1, "03T10", labels), history(2, "04T10", component))
    assert over_time(found, "labels")[:2] == [("02T09", ("bad", "test")), ("03T10", ("sad", "test"))]
    assert over_time(found, "components")[1:] == [("03T10", ("web",)), ("04T10", ("api", "web"))]


def test_tags_of_a_select_list_follow_their_changes_under_the_present_names_of_the_options() -> None:
    first = change("Key Result", None, ("10100", "KR one"), fieldId=KR)
    then = change("Key Result", ("10100", "KR one"), ("10101", "KR-2"), fieldId=KR)
    site = replace(SITE, options={"10100": "KR-1"})
    raw = issue(**{KR: {"id": "10101", "value": "KR-2"}})
    found = translate_issue(raw, [history(1, "03T10", first), history(2, "04T10", then)], MAPPING, site).item
    assert over_time(found, "tags") == [("02T09", ()), ("03T10", ("KR-1",)), ("04T10", ("KR-2",))]


def test_tags_of_a_cascading_field_are_the_child_else_the_parent() -> None:
    mapping = replace(MAPPING, kr_fields=(FieldRef(KR, ("Key Result",), "cascading"),))
    told = "Parent values: Growth(10200)Level 1 values: KR-1(10201)"
    first = change("Key Result", "Parent values: Growth(10200)", told, fieldId=KR)
    raw = issue(**{KR: {"id": "10200", "value": "Growth", "child": {"id": "10201", "value": "KR-1"}}})
    assert over_time(translated(raw, history(1, "03T10", first), mapping=mapping), "tags") == [
        ("02T09", ("Growth",)),
        ("03T10", ("KR-1",)),
    ]


def test_tags_come_from_every_mapped_place_once() -> None:
    other = FieldRef("customfield_10051", ("KR of the team",), "text")
    mapping = replace(MAPPING, kr_fields=(*MAPPING.kr_fields, other), kr_label_prefix="okr:")
    raw = issue(labels=["okr:KR-3", "checkout"], **{KR: {"value": "KR-1"}, "customfield_10051": "KR-1"})
    assert translated(raw, mapping=mapping).states[0].tags == ("KR-1", "KR-3")


def test_a_pattern_finds_the_tags_within_prose() -> None:
    field = FieldRef("description", ("Description",))
    mapping = FieldMapping(kr_fields=(field,), kr_text_pattern=r"serves (KR-\d+)")
    raw = issue(description="It serves KR-1 and serves KR-2, not KR-3.")
    assert translated(raw, mapping=mapping).states[0].tags == ("KR-1", "KR-2")


def test_links_of_the_mapped_type_are_tags_by_key() -> None:
    kind = {"name": "Contribution", "inward": "gets from", "outward": "contributes to"}
    mapping = replace(MAPPING, kr_fields=(), kr_link_types=("contribution",))
    raw = issue(
        issuelinks=[
            {"type": kind, "outwardIssue": {"id": "1", "key": "OKR-1"}},
            {"type": {"name": "Blocks", "inward": "is blocked by"}, "inwardIssue": {"key": "PAY-9"}},
        ]
    )
    found = translated(
        raw,
        history(1, "03T10", change("Link", None, ("OKR-2", "This issue contributes to OKR-2"))),
        history(2, "04T10", change("Link", ("OKR-2", "This issue contributes to OKR-2"), None)),
        history(3, "05T10", change("Link", None, ("OKR-1", "This issue contributes to OKR-1"))),
        history(4, "06T10", change("Link", None, ("PAY-9", "This issue is blocked by PAY-9"))),
        mapping=mapping,
    )
    assert over_time(found, "tags") == [("02T09", ()), ("03T10", ("OKR-2",)), ("04T10", ()), ("05T10", ("OKR-1",))]


def test_the_team_and_the_fields_of_rules_follow_their_changes() -> None:
    team, cost = FieldRef("customfield_10001", ("Team",)), FieldRef("customfield_10060", ("Cost centre",), "option")
    mapping = replace(MAPPING, team_field=team, rule_fields=(cost,))
    raw = issue(customfield_10001={"id": "8", "name": "Payments"}, customfield_10060={"id": "1", "value": "R&D"})
    found = translated(raw, history(1, "03T10", change("Team", ("7", "Ops"), ("8", "Payments"))), mapping=mapping)
    assert over_time(found, "team") == [("02T09", "Ops"), ("03T10", "Payments")]
    assert found.states[0].fields == {"Cost centre": "R&D"}


# --- order, gaps and absurdities --------------------------------------------------------------------


def test_what_happened_together_is_one_state() -> None:
    found = translated(issue("3"), history(1, "03T10", status("1", "3")), history(2, "03T10", sprint("5", "")))
    assert [state.at for state in found.states] == [CREATED, datetime(2026, 3, 3, 10, tzinfo=UTC)]


def test_a_change_before_the_creation_comes_first() -> None:
    found = translated(issue("3"), history(1, "01T10", status("1", "3")))
    assert over_time(found, "status") == [("01T10", Status.DOING)]


def test_a_history_that_contradicts_itself_is_survived_and_noted() -> None:
    histories = (history(1, "03T10", status("1", "3")), history(2, "04T10", status("1", "5")))
    found = translated(issue("5"), *histories)
    assert over_time(found, "status") == [("02T09", Status.TODO), ("03T10", Status.DOING), ("04T10", Status.DONE)]
    assert notes(issue("5"), *histories) == ("the history of status contradicts itself",)


MANY = (
    history(1, "03T10", status("1", "3"), sprint("", "36")),
    history(2, "03T10", change("labels", "", "a", fieldId="labels")),
    history(3, "04T10", status("3", "1"), change("Component", None, ("5", "api"))),
    history(4, "05T10", sprint("36", "36, 37"), change("Story point estimate", None, "3", fieldId=POINTS)),
    history(5, "06T10", status("1", "5")),
)
NOW = issue("5", labels=["a"], components=[{"id": "5", "name": "api"}], **{POINTS: 3, SPRINT: [{"id": 36}, {"id": 37}]})


@given(st.permutations(MANY + MANY[:2]))
def test_the_order_and_repetition_of_histories_do_not_matter(shuffled: list[dict[str, Any]]) -> None:
    assert translate_issue(NOW, shuffled, MAPPING, SITE) == translate_issue(NOW, MANY, MAPPING, SITE)


def test_states_are_sorted_and_the_last_is_the_issue_as_it_is() -> None:
    states = translated(NOW, *MANY).states
    assert [state.at for state in states] == sorted({state.at for state in states})
    assert states[-1]._replace(at=CREATED) == translated(NOW).states[0]


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ({}, "issue.id"),
        ({"id": "PAY-7"}, "issue.id"),
        ({"id": True}, "issue.id"),
        ({"id": "9" * 30, "key": "PAY-7"}, "issue.id"),
        ({"id": "1"}, "issue.key"),
        ({"id": "1", "key": "PAY\x00-7"}, "issue.key"),
        ({"id": "1", "key": "PAY-7"}, "issue.fields"),
        (issue(issuetype=None), "issue.fields.issuetype"),
        (issue(issuetype={"id": "1"}), "issue.fields.issuetype.name"),
        (issue() | {"fields": {**issue()["fields"], "status": None}}, "issue.fields.status"),
        (issue() | {"fields": {**issue()["fields"], "status": {}}}, "issue.fields.status"),
        (issue(created="yesterday"), "issue.fields.created"),
    ],
)
def test_an_issue_that_lacks_what_it_needs_says_what(raw: dict[str, Any], path: str) -> None:
    with pytest.raises(Malformed) as caught:
        translate_issue(raw, (), MAPPING, SITE)
    assert caught.value.path == path


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "key", "value", "name"]), inner),
    max_leaves=6,
)


@given(
    st.dictionaries(st.sampled_from(sorted({*NOW["fields"], KR, EPIC_LINK, "parent", "issuelinks"})), anything),
    anything,
)
def test_absurd_values_are_translated_or_malformed(fields: dict[str, object], side: object) -> None:
    items = [
        change(name, side, side, fieldId=id_) for name, id_ in (("status", "status"), ("Sprint", SPRINT), ("KR", KR))
    ]
    items += [change("labels", "a", side), change("Component", side, None), change("Epic Link", side, side)]
    mapping = replace(MAPPING, kr_label_prefix="k", kr_link_types=("Contribution",))
    try:
        found = translate_issue(issue(**fields), [history(1, "03T10", *items)], mapping, SITE).item
    except Malformed:
        return
    assert found.states


# --- without history --------------------------------------------------------------------------------


def unknown(raw: dict[str, Any]) -> Item:
    return translate_issue(raw, None, MAPPING, SITE).item


def test_without_history_all_but_the_times_of_the_status_is_as_of_today() -> None:
    found = unknown(issue("5", resolutiondate="2026-03-10T15:00:00.000+0000", **{POINTS: 3, SPRINT: [{"id": 37}]}))
    assert not found.history_known
    assert over_time(found, "status") == [("02T09", Status.TODO), ("10T15", Status.DONE)]
    assert over_time(found, "points") == [("02T09", 3), ("10T15", 3)]
    assert over_time(found, "sprints") == [("02T09", ("37",)), ("10T15", ("37",))]


def test_without_a_resolution_date_the_change_of_the_category_tells() -> None:
    changed = {"statuscategorychangedate": "2026-03-09T15:00:00.000+0000"}
    assert over_time(unknown(issue("5", **changed)), "status")[-1] == ("09T15", Status.DONE)
    assert over_time(unknown(issue("3", **changed)), "status")[-1] == ("09T15", Status.DOING)


def test_without_either_it_was_done_by_its_last_update_and_that_is_noted() -> None:
    tracked = translate_issue(issue("5"), None, MAPPING, SITE)
    assert over_time(tracked.item, "status")[-1] == ("20T09", Status.DONE)
    assert tracked.notes == ("done at an unknown moment; taken as that of its last update",)


def test_what_is_to_do_today_was_so_always_for_all_that_is_known() -> None:
    assert len(unknown(issue()).states) == 1


def test_a_site_without_lists_is_read_by_the_issues_own_words() -> None:
    found = translate_issue(issue("5"), [history(1, "03T10", status("3", "5"))], MAPPING, SiteFacts())
    assert over_time(found.item, "status") == [("02T09", Status.TODO), ("03T10", Status.DONE)]
    assert found.item.url is None


def test_site_facts_survive_junk() -> None:
    facts = site_facts(f"{BASE}/", [None, 5, {}, *STATUSES], ["x", {}], link_types=[None, {"name": "Contribution"}])
    assert facts.base_url == BASE
    assert facts.statuses == {"1": Status.TODO, "3": Status.DOING, "5": Status.DONE}
    assert facts.link_words == {"contribution": ("Contribution",)}


def test_a_name_that_several_statuses_bear_means_what_most_of_them_do() -> None:
    statuses = [
        {"id": str(number), "name": "Fertig", "statusCategory": {"key": key}}
        for number, key in enumerate(("new", "done", "done"))
    ]
    assert site_facts(BASE, statuses).status_names == {"fertig": Status.DONE}


FIXTURES = Path(__file__).parent / "fixtures"


def test_a_webhooks_issue_with_printed_sprints_is_translated() -> None:
    """Shapes differ between webhooks (v2) and REST (v3): one reader takes both."""
    body = json.loads((FIXTURES / "webhook/issue_created.json").read_bytes())
    assert translated(body["issue"]).states[0].sprints == ("37",)


if SHARED is not None:
    REST = SHARED / "fixtures" / "jira" / "rest"
    HOOKS = SHARED / "fixtures" / "jira" / "webhooks"
    STUB = "webhook-issue-assigned-empty-changelog"  # of six fields

    def test_recorded_issues_of_a_chinese_site_go_by_keys_and_levels() -> None:
        statuses = json.loads((REST / "devlake/statuses.json").read_bytes())
        issues = json.loads((REST / "devlake/board_issues.json").read_bytes())
        site = site_facts("https://merico.atlassian.net", statuses)
        mapping = replace(MAPPING, kr_fields=())
        items = {raw["key"]: translate_issue(raw, None, mapping, site).item for raw in issues}
        now = [item.states[-1].status for item in items.values()]
        assert (now.count(Status.DONE), now.count(Status.DROPPED), now.count(Status.TODO)) == (21, 4, 8)
        assert (items["EE-25"].level, items["EE-25"].states[-1].parent) == (-1, "EE-1")
        assert (items["K5-4"].level, items["K5-2"].states[-1].parent) == (1, "K5-1")
        assert items["K5-2"].states[-1].sprints == ("175",)

    def test_recorded_changelogs_with_long_sprint_lists_are_replayed() -> None:
        issues = {raw["key"]: raw for raw in json.loads((REST / "faros-jira-source/issues.json").read_bytes())}
        raw = issues["TEST-3"]
        mapping = FieldMapping(
            sprint_field=FieldRef("customfield_10020", ("Sprint",)),
            points_fields=(FieldRef("customfield_10028", ("Story Points",)),),
        )
        tracked = translate_issue(raw, raw["changelog"]["histories"], mapping, SiteFacts())
        assert tracked.item.states[0].sprints == ("15", "16", "18", "19", "20", "23", "66")
        assert "55" in tracked.item.states[-1].sprints
        assert [state.points for state in tracked.item.states][:2] == [None, 1]

    @pytest.mark.parametrize(
        "path",
        [path for path in sorted(HOOKS.glob("*/*.json")) if b'"jira:issue_' in path.read_bytes()],
        ids=lambda path: path.stem,
    )
    def test_the_issue_of_each_recorded_delivery_is_translated_or_says_what_it_lacks(path: Path) -> None:
        body = json.loads(path.read_bytes())
        log = body.get("changelog") or {"items": []}
        histories = [{"id": log.get("id"), "created": body["timestamp"], "items": log["items"]}]
        if path.stem == STUB:
            with pytest.raises(Malformed, match=r"issue\.fields\.created"):
                translate_issue(body["issue"], histories, FieldMapping(), SiteFacts())
            return
        tracked = translate_issue(body["issue"], histories, FieldMapping(), SiteFacts())
        assert tracked.id == body["issue"]["id"]
        assert tracked.item.states[-1].labels == tuple(body["issue"]["fields"].get("labels", ()))


# --- one field in two parts -------------------------------------------------------------------------


def test_a_rule_may_look_at_the_fields_that_make_the_status_the_sprints_and_the_points() -> None:
    rules = (FieldRef("status", ("Status",)), FieldRef(SPRINT, ("Sprint",)), FieldRef(POINTS, ("Points",), "number"))
    raw = issue("5", **{SPRINT: [{"id": 4, "name": "Sprint 4", "state": "active", "boardId": 1}], POINTS: 3.0})
    found = translated(raw, history(1, "03T10", status("1", "5")), mapping=replace(MAPPING, rule_fields=rules))
    plain = translated(raw, history(1, "03T10", status("1", "5")))
    assert [state._replace(fields={}) for state in found.states] == list(plain.states)
    assert [state.fields["Status"] for state in found.states] == ["To Do", "Fertig"]
    assert found.states[-1].fields == {"Status": "Fertig", "Sprint": "Sprint 4", "Points": "3"}


def test_tags_that_stand_in_the_parent_leave_the_parent_alone() -> None:
    mapping = replace(MAPPING, kr_fields=(FieldRef("parent", ("parent",)),))
    raw = issue(parent={"id": "10200", "key": "PAY-2"})
    found = translated(raw, history(1, "03T10", change("IssueParentAssociation", None, ("10200", "PAY-2"))))
    tagged = translated(raw, mapping=mapping)
    assert found.states[-1].parent == tagged.states[-1].parent == "PAY-2"
    assert tagged.states[-1].tags == ("PAY-2",)


def test_tags_that_are_components_change_with_them() -> None:
    mapping = replace(MAPPING, kr_fields=(FieldRef("components", ("Components",)),))
    added = change("Component", None, ("7", "KR-1"), fieldId="components")
    found = translated(issue(components=[{"id": "7", "name": "KR-1"}]), history(1, "03T10", added), mapping=mapping)
    assert over_time(found, "tags") == [("02T09", ()), ("03T10", ("KR-1",))]
