"""Fields are found by what they are, and the mapping that a connection keeps survives JSON."""

import json

import pytest

from integration.contract import Misconfigured
from integration.trackers.jira.discovery import Discovery, discover, suggest
from integration.trackers.jira.fields import FieldMapping, FieldRef, mapping_from_json, wanted_fields
from mappings.model import Status
from tests.shared_material import SHARED

TYPES = "com.atlassian.jira.plugin.system.customfieldtypes:"
JSW = "com.pyxis.greenhopper.jira:jsw-story-points"


def field(number: int, name: str, custom: str, type_: str = "any", **more: object) -> dict[str, object]:
    return {"id": f"customfield_{number}", "name": name, "schema": {"type": type_, "custom": custom}, **more}


def in_project(number: str) -> dict[str, object]:
    return {"scope": {"type": "PROJECT", "project": {"id": number}}}


def ids(candidates: tuple[object, ...]) -> list[str]:
    return [candidate.field.id for candidate in candidates]  # type: ignore[attr-defined]


def test_sprint_and_epic_link_are_found_by_type_whatever_their_names_and_ids() -> None:
    found = discover(
        [
            field(1, "Iteration", "com.pyxis.greenhopper.jira:gh-sprint", "array"),
            field(2, "Sprint", f"{TYPES}textfield", "string"),
            field(3, "Epos", "com.pyxis.greenhopper.jira:gh-epic-link"),
        ]
    )
    assert ids(found.sprint) == ["customfield_1"]
    assert ids(found.epic_link) == ["customfield_3"]


def test_points_are_ranked_by_board_type_name_and_age() -> None:
    found = discover(
        [
            field(40, "Story Points", f"{TYPES}float", "number"),
            field(30, "Story Points", f"{TYPES}float", "number"),
            field(20, "Actual Story Points", f"{TYPES}float", "number"),
            field(50, "Effort", f"{TYPES}float", "number"),
            field(60, "Story point estimate", JSW, "number"),
            field(70, "Story Points", f"{TYPES}textfield", "string"),
        ],
        board_estimates=["customfield_50"],
    )
    assert ids(found.points) == [f"customfield_{number}" for number in (50, 60, 30, 40, 20)]
    assert ids(found.points)[0] == suggest(found).points_fields[0].id
    assert "customfield_20" not in [ref.id for ref in suggest(found).points_fields]
    assert all(candidate.reason for candidate in found.points)


def test_a_team_managed_projects_own_field_is_shown_with_its_project_and_after_the_sites() -> None:
    found = discover([field(1, "Estimate", JSW, "number", **in_project("10007")), field(2, "Estimate", JSW, "number")])
    assert [(candidate.field.id, candidate.project) for candidate in found.points] == [
        ("customfield_2", None),
        ("customfield_1", "10007"),
    ]


@pytest.mark.parametrize(
    ("custom", "encoding"),
    [
        (f"{TYPES}select", "option"),
        (f"{TYPES}radiobuttons", "option"),
        (f"{TYPES}multiselect", "options"),
        (f"{TYPES}multicheckboxes", "options"),
        (f"{TYPES}cascadingselect", "cascading"),
        (f"{TYPES}labels", "labels"),
        (f"{TYPES}textfield", "text"),
        (f"{TYPES}textarea", "text"),
        (f"{TYPES}float", "number"),
    ],
)
def test_a_key_result_may_be_in_a_field_of_any_encoding(custom: str, encoding: str) -> None:
    found = discover([field(1, "Key Result", custom), field(2, "Colour", custom)])
    assert [(c.field.id, c.field.encoding, c.rank) for c in found.key_result] == [
        ("customfield_1", encoding, 1),
        ("customfield_2", encoding, 3),
    ]
    assert [ref.id for ref in suggest(found).kr_fields] == ["customfield_1"]


def test_a_field_named_goal_is_offered_and_not_suggested() -> None:
    found = discover([field(1, "Goal", f"{TYPES}select", "option")])
    assert found.key_result[0].rank == 2
    assert suggest(found).kr_fields == ()


def test_junk_in_the_list_of_fields_is_passed_over() -> None:
    junk: list[object] = [None, 5, {}, {"id": 5, "name": [], "schema": "x"}, {"id": "summary", "name": "Summary"}]
    assert discover(junk) == Discovery()


FULL = FieldMapping(
    sprint_field=FieldRef("customfield_10020", ("Sprint",)),
    points_fields=(FieldRef("customfield_10016", ("Story point estimate", "Story Points"), "number"),),
    epic_link_field=FieldRef("customfield_10014", ("Epic Link",)),
    parent_link_field=FieldRef("customfield_10018", ("Parent Link",)),
    epic_name_field=FieldRef("customfield_10011", ("Epic Name",)),
    kr_fields=(FieldRef("customfield_10050", ("Key Result",), "cascading"),),
    kr_label_prefix="kr-",
    kr_text_pattern=r"KR-\d+",
    kr_link_types=("Contribution",),
    team_field=FieldRef("customfield_10001", ("Team",)),
    rule_fields=(FieldRef("customfield_10060", ("Cost centre",), "option"),),
    status_overrides=(("10004", Status.DONE),),
    dropped_resolutions=("Obsolete",),
    type_levels=(("Capability", 2),),
)


@pytest.mark.parametrize("mapping", [FieldMapping(), FULL])
def test_a_mapping_survives_json(mapping: FieldMapping) -> None:
    assert mapping_from_json(json.loads(json.dumps(mapping.to_json()))) == mapping


def test_pairs_may_be_written_as_an_object() -> None:
    data = {"status_overrides": {"10004": "dropped"}, "type_levels": {"Feature": 1}}
    mapping = mapping_from_json(data)
    assert mapping.status_overrides == (("10004", Status.DROPPED),)
    assert mapping.type_levels == (("Feature", 1),)


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"kr_feilds": []}, "kr_feilds"),
        ({"sprint_field": "customfield_1"}, "sprint_field"),
        ({"points_fields": {"id": "x"}}, "points_fields"),
        ({"kr_fields": [{"id": "x", "encoding": "emoji"}]}, "encoding"),
        ({"kr_fields": [{"id": "x", "names": [5]}]}, "names"),
        ({"kr_text_pattern": "("}, "kr_text_pattern"),
        ({"kr_label_prefix": 5}, "kr_label_prefix"),
        ({"status_overrides": {"1": "finished"}}, "status_overrides"),
        ({"status_overrides": [["1"]]}, "status_overrides"),
        ({"type_levels": {"Epic": "one"}}, "type_levels"),
        ({"type_levels": {"Epic": 77}}, "type_levels"),
    ],
)
def test_a_wrong_mapping_names_its_setting(data: dict[str, object], named: str) -> None:
    with pytest.raises(Misconfigured, match=named):
        mapping_from_json(data)


def test_what_is_asked_for_holds_no_person_and_no_comment() -> None:
    wanted = wanted_fields(FULL)
    assert {"customfield_10020", "customfield_10050", "issuelinks", "status"} <= set(wanted)
    assert not {"assignee", "reporter", "creator", "comment", "worklog"} & set(wanted)
    assert len(wanted) == len(set(wanted))


def test_the_tag_field_is_named_as_people_see_it() -> None:
    assert FULL.tag_field == "Key Result, Labels, link “Contribution”"
    assert FieldMapping().tag_field is None


if SHARED is not None:
    SITES = SHARED / "fixtures" / "jira" / "rest" / "public-jira-dataset"
    # site: sprint, epic link, suggested points
    KNOWN = {
        "Apache": ("customfield_12310921", "customfield_12311120", ["customfield_12310293"]),
        "IntelDAOS": ("customfield_10020", "customfield_10014", ["customfield_10016", "customfield_10026"]),
        "Jira": (
            "customfield_11930",
            "customfield_12931",
            ["customfield_10571", "customfield_10623", "customfield_10653"],
        ),
        "JiraEcosystem": ("customfield_10880", "customfield_12180", ["customfield_19406", "customfield_10133"]),
        "MongoDB": ("customfield_10557", "customfield_10857", ["customfield_10555"]),
        "RedHat": ("customfield_12310940", "customfield_12311140", ["customfield_12310243"]),
        "Sakai": ("customfield_10020", "customfield_10014", ["customfield_10016", "customfield_10026"]),
        "Sonatype": ("customfield_11001", "customfield_11500", ["customfield_10132"]),
    }

    @pytest.mark.parametrize("site", KNOWN)
    def test_the_fields_of_real_sites_are_found(site: str) -> None:
        mapping = suggest(discover(json.loads((SITES / f"field__{site}.json").read_bytes())))
        sprint, epic_link, points = KNOWN[site]
        assert mapping.sprint_field is not None
        assert mapping.sprint_field.id == sprint
        assert mapping.epic_link_field is not None
        assert mapping.epic_link_field.id == epic_link
        assert [ref.id for ref in mapping.points_fields] == points

    def test_every_site_with_a_field_list_is_tried() -> None:
        assert {path.stem.removeprefix("field__") for path in SITES.glob("field__*.json")} == set(KNOWN)

    def test_red_hats_goal_is_a_select_and_not_taken_for_a_tag_unasked() -> None:
        found = discover(json.loads((SITES / "field__RedHat.json").read_bytes()))
        goal = next(one for one in found.key_result if one.field.id == "customfield_12317386")
        assert (goal.field.name, goal.field.encoding, goal.rank) == ("Goal", "option", 2)


def test_a_field_with_a_translated_name_is_also_known_by_what_histories_call_it() -> None:
    fields = [
        {
            "id": "customfield_11440",
            "name": "Story-Punkte",
            "clauseNames": ["cf[11440]", "Story Points"],
            "schema": {"type": "number", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:float"},
        }
    ]
    (candidate,) = discover(fields).points
    assert candidate.field.names == ("Story-Punkte", "Story Points")
