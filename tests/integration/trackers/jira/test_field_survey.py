"""The survey of a site: fields for each part, with samples of what they hold."""

from integration.trackers.jira import client
from integration.trackers.jira.field_survey import Survey, survey
from tests.integration.trackers.jira.fake_jira import KR_FIELD, POINTS_FIELD, SPRINT_FIELD, FakeJira, connection, issue

TYPES = "com.atlassian.jira.plugin.system.customfieldtypes"
FIELDS = [
    {"id": "summary", "name": "Summary", "custom": False, "schema": {"type": "string", "system": "summary"}},
    {
        "id": SPRINT_FIELD,
        "name": "Sprint",
        "custom": True,
        "schema": {"type": "array", "items": "json", "custom": "com.pyxis.greenhopper.jira:gh-sprint", "customId": 1},
    },
    {"id": POINTS_FIELD, "name": "SP", "custom": True, "schema": {"type": "number", "custom": f"{TYPES}:float"}},
    {
        "id": "customfield_9",
        "name": "Story Points",
        "custom": True,
        "schema": {"type": "number", "custom": f"{TYPES}:float"},
    },
    {"id": KR_FIELD, "name": "Key Result", "custom": True, "schema": {"type": "option", "custom": f"{TYPES}:select"}},
    {"id": "customfield_8", "name": "Squad", "custom": True, "schema": {"type": "option", "custom": f"{TYPES}:select"}},
]


def look(jira: FakeJira) -> Survey:
    jira.fields = FIELDS
    jira.add(issue(1, **{KR_FIELD: {"id": "1", "value": "KR-1"}, POINTS_FIELD: 3.0}, labels=["kr-2", "web"]))
    jira.add(issue(2, **{KR_FIELD: {"id": "1", "value": "KR-1"}}), issue(3, labels=["kr-2"]))
    return survey(client.open_client(connection()), ["10001"], ["7"])


def test_the_field_in_which_a_board_estimates_is_the_best_for_points(jira: FakeJira) -> None:
    points = look(jira).found.points
    assert [(candidate.field.id, candidate.rank) for candidate in points] == [(POINTS_FIELD, 1), ("customfield_9", 3)]


def test_samples_say_how_often_a_field_is_filled_and_with_what(jira: FakeJira) -> None:
    samples = look(jira).samples
    assert (samples[KR_FIELD].filled, samples[KR_FIELD].of, samples[KR_FIELD].values) == (2, 3, ("KR-1",))
    assert samples[POINTS_FIELD].values == ("3",)


def test_the_commonest_labels_are_shown(jira: FakeJira) -> None:
    assert look(jira).labels == ("kr-2", "web")


def test_a_field_is_found_by_its_id_or_name(jira: FakeJira) -> None:
    seen = look(jira)
    assert [ref.id for ref in seen.named("key result ")] == [KR_FIELD]
    assert [ref.id for ref in seen.named("customfield_8")] == ["customfield_8"]
    assert seen.named("Nothing") == ()


def test_a_board_whose_configuration_is_closed_to_us_is_passed_over(jira: FakeJira) -> None:
    jira.fail("/rest/agile/1.0/board/7/configuration", 403)
    assert [candidate.field.id for candidate in look(jira).found.points] == ["customfield_9"]
