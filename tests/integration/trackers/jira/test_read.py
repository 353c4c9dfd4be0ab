"""Every recorded Jira body has its row in `VERDICTS`: what it changes, or why it is ignored."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.contract import Change, Ignored, Malformed
from integration.trackers.jira.read import read
from tests.shared_material import SHARED

FIXTURES = Path(__file__).parent / "fixtures"
COMMENT = "comments are not kept; what else changed arrives as an issue event"
PERSON = "of people nothing is kept"

# file: the changes, or the reason why it is ignored
OURS: dict[str, tuple[tuple[str, str], ...] | str] = {
    "webhook/issue_created.json": (("work_item", "10101"),),
    "webhook/issue_updated__sprint.json": (("work_item", "10101"),),
    "webhook/issue_updated__no_changelog.json": (("work_item", "10101"),),
    "webhook/issue_deleted.json": (("work_item", "10101"),),
    "webhook/issue_moved.json": (("work_item", "10101"),),
    "webhook/transition__no_event.json": (("work_item", "10101"),),
    "webhook/sprint_started.json": (("sprint", "37"),),
    "webhook/sprint_updated__no_change.json": (("sprint", "37"),),
    "webhook/sprint_deleted.json": (("sprint", "37"),),
    "webhook/board_configuration_changed.json": (("board", "9"),),
    "webhook/project_archived.json": (("project", "10001"),),
    "webhook/issuelink_created.json": (("work_item", "10101"), ("work_item", "10102")),
    "webhook/worklog_updated.json": (("work_item", "10101"),),
    "webhook/worklog_deleted__no_issue.json": "a worklog that names no issue; its time arrives as an issue event",
    "webhook/comment_created__no_issue.json": COMMENT,
    "webhook/user_updated.json": PERSON,
    "webhook/version_released.json": "versions are not kept",
    "webhook/option_voting_changed.json": "settings of the Jira site change no work item",
    "webhook/issue_unknown.json": "unknown webhookEvent: jira:issue_unknown",
    "webhook/no_event_no_issue.json": "no webhookEvent, and no issue that could have changed",
}


def verdict(body: bytes) -> tuple[tuple[str, str], ...] | str:
    try:
        return tuple((change.kind, change.id) for change in read(body))
    except Ignored as ignored:
        return ignored.reason


@pytest.mark.parametrize("file", OURS)
def test_each_of_our_bodies_gets_its_verdict(file: str) -> None:
    assert verdict((FIXTURES / file).read_bytes()) == OURS[file]


def test_each_of_our_bodies_stands_in_the_table() -> None:
    assert {f"webhook/{path.name}" for path in (FIXTURES / "webhook").glob("*.json")} == set(OURS)


def test_the_moment_is_the_timestamp_in_milliseconds() -> None:
    (change,) = read((FIXTURES / "webhook/issue_created.json").read_bytes())
    assert change.at is not None
    assert change.at.isoformat() == "2026-03-02T09:00:00.125000+00:00"


@pytest.mark.parametrize("timestamp", [None, "soon", True, -1, 10**17, [1], 1.5])
def test_an_absent_or_absurd_timestamp_does_not_lose_the_change(timestamp: object) -> None:
    body = {"timestamp": timestamp, "webhookEvent": "jira:issue_updated", "issue": {"id": "7"}}
    assert read(json.dumps(body).encode()) == (Change("work_item", "7"),)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"", "body"),
        (b"\xff\xfe\x00", "body"),
        (b'{"webhookEvent": NaN}', "body"),
        (b"[]", "body"),
        (b'"text"', "body"),
        (b"[" * 100_000, "body"),
        (b'{"webhookEvent": "jira:issue_updated"', "body"),
        (b'{"webhookEvent": 5}', "webhookEvent"),
        (b'{"webhookEvent": "jira:issue_updated"}', "issue"),
        (b'{"webhookEvent": "jira:issue_updated", "issue": []}', "issue"),
        (b'{"webhookEvent": "jira:issue_updated", "issue": {}}', "issue.id"),
        (b'{"webhookEvent": "jira:issue_updated", "issue": {"id": true}}', "issue.id"),
        (b'{"webhookEvent": "jira:issue_updated", "issue": {"id": {"a": 1}}}', "issue.id"),
        (b'{"webhookEvent": "jira:issue_updated", "issue": {"id": "PAY-1"}}', "issue.id"),
        (b'{"webhookEvent": "jira:issue_updated", "issue": {"id": 1e300}}', "issue.id"),
        (b'{"webhookEvent": "jira:issue_updated", "issue": {"id": 123456789012345678901234567890}}', "issue.id"),
        (b'{"webhookEvent": "sprint_started", "sprint": 5}', "sprint"),
        (b'{"webhookEvent": "sprint_started", "sprint": {"id": -5}}', "sprint.id"),
        (b'{"webhookEvent": "board_configuration_changed", "board": {"id": 1}}', "configuration"),
        (b'{"webhookEvent": "issuelink_created", "issueLink": {"sourceIssueId": 1}}', "issueLink.destinationIssueId"),
        (b'{"webhookEvent": "worklog_updated", "worklog": {"issueId": []}}', "worklog.issueId"),
        (b'{"issue": 5, "transition": {}}', "issue"),
    ],
)
def test_what_is_no_delivery_is_malformed_and_says_where(body: bytes, path: str) -> None:
    with pytest.raises(Malformed) as caught:
        read(body)
    assert caught.value.path == path


def test_a_link_of_an_issue_with_itself_is_one_change() -> None:
    body = {"webhookEvent": "issuelink_deleted", "issueLink": {"sourceIssueId": 5, "destinationIssueId": "5"}}
    assert read(json.dumps(body).encode()) == (Change("work_item", "5"),)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
bodies = [json.loads((FIXTURES / file).read_bytes()) for file in OURS]


@given(st.sampled_from(bodies), st.data())
def test_whatever_stands_in_a_body_only_changes_ignored_or_malformed_come_out(body: Any, data: st.DataObject) -> None:
    mutated = json.dumps(_mutated(body, data)).encode()
    cut = data.draw(st.integers(0, len(mutated)) | st.just(len(mutated)))
    try:
        changes = read(mutated[:cut])
    except (Ignored, Malformed):
        return
    assert changes
    assert all(change.kind and change.id.isdigit() for change in changes)


def _mutated(value: Any, data: st.DataObject) -> Any:
    """The body with one value, somewhere in it, replaced or taken out."""
    if isinstance(value, dict) and value and data.draw(st.booleans()):
        key = data.draw(st.sampled_from(sorted(value)))
        if data.draw(st.booleans()):
            return {name: _mutated(part, data) if name == key else part for name, part in value.items()}
        return {name: part for name, part in value.items() if name != key}
    return data.draw(anything)


@given(st.binary(max_size=200))
def test_any_bytes_are_taken(body: bytes) -> None:
    try:
        read(body)
    except (Ignored, Malformed):
        return


if SHARED is not None:
    RECORDED = SHARED / "fixtures" / "jira" / "webhooks"
    _ISSUES = {
        "mattermost-plugin-jira": {
            "webhook-cloud-issue-created-many-fields": "10509",
            "webhook-cloud-issue-updated-custom-field": "10368",
            "webhook-issue-assigned-empty-changelog": "10001",
            "webhook-issue-comment-created-indentation": "10101",
            "webhook-issue-deleted": "10303",
            "webhook-issue-updated-assigned-on-server": "10226",
            "webhook-issue-updated-components": "10360",
            "webhook-server-issue-updated-closed": "10300",
            "webhook-server-issue-updated-comment-deleted": "10013",
            "webhook-server-issue-updated-comment-edited": "10013",
            "webhook-server-issue-updated-commented-1": "10013",
            "webhook-server-issue-updated-commented-2": "10231",
            "webhook-server-issue-updated-commented-3": "10231",
            "webhook-server-issue-updated-commented-mention-user": "10013",
            "webhook-server-issue-updated-in-progress": "10300",
            "webhook-server-issue-updated-many-fields": "10400",
            "webhook-server-issue-updated-reopened": "10300",
            "webhook-server-issue-updated-resolved": "10300",
            "webhook-server-old-issue-updated-no-event-type-comment-deleted": "10013",
            "webhook-server-old-issue-updated-no-event-type-comment-edited": "10013",
            "webhook-server-old-issue-updated-no-event-type-commented": "10013",
            "webhook-server-updated-custom-field": "10106",
            **dict.fromkeys(
                (
                    "webhook-issue-created",
                    "webhook-issue-created-no-description",
                    "webhook-issue-created-no-description-nor-relevant-fields",
                    "webhook-issue-created-no-relevant-fields",
                    "webhook-issue-created-with-security-level",
                    "webhook-issue-updated-assigned",
                    "webhook-issue-updated-assigned-nobody",
                    "webhook-issue-updated-attachments",
                    "webhook-issue-updated-edited",
                    "webhook-issue-updated-fix-version",
                    "webhook-issue-updated-issue-type",
                    "webhook-issue-updated-labels",
                    "webhook-issue-updated-lowered-priority",
                    "webhook-issue-updated-multiple-custom-fields",
                    "webhook-issue-updated-multiple-values",
                    "webhook-issue-updated-raised-priority",
                    "webhook-issue-updated-rank",
                    "webhook-issue-updated-renamed",
                    "webhook-issue-updated-reopened",
                    "webhook-issue-updated-reopened-one-changelog",
                    "webhook-issue-updated-resolved",
                    "webhook-issue-updated-resolved-one-changelog",
                    "webhook-issue-updated-sprint",
                    "webhook-issue-updated-started-working",
                    "webhook-server-old-issue-updated-no-event-type-assigned",
                    "webhook-server-old-issue-updated-no-event-type-edited",
                ),
                "10040",
            ),
        },
        "pinpoint-agent-jira": {
            "jira_issue_created": "20942",
            "jira_issue_updated": "20706",
            "jira_issue_updated.assignee": "11917",
            "jira_issue_updated.description": "21644",
            "jira_issue_updated.due_date": "11927",
            "jira_issue_updated.tags": "11917",
        },
    }
    _COMMENTS = {
        "mattermost-plugin-jira": (
            "webhook-cloud-comment-created",
            "webhook-cloud-comment-created-mention-user",
            "webhook-cloud-comment-deleted",
            "webhook-cloud-comment-updated",
            "webhook-server-comment-created",
            "webhook-server-comment-deleted",
            "webhook-server-comment-updated",
        ),
        "pinpoint-agent-jira": ("comment_created", "comment_updated"),
    }
    _OTHERS: dict[str, tuple[tuple[str, str], ...] | str] = {
        "board_created": (("board", "9"),),
        "board_updated": (("board", "63"),),
        "issuelink_created": (("work_item", "20192"), ("work_item", "20734")),
        "project_created": (("project", "10601"),),
        "project_updated": (("project", "10601"),),
        "sprintUpdateGoalAdded": (("sprint", "196"),),
        "sprint_closed": (("sprint", "192"),),
        "sprint_created": (("sprint", "196"),),
        "sprint_started": (("sprint", "192"),),
        "sprint_updated": (("sprint", "196"),),
        "user_created": PERSON,
        "user_updated": PERSON,
    }
    VERDICTS: dict[str, tuple[tuple[str, str], ...] | str] = {
        **{f"{s}/{n}": (("work_item", id_),) for s, names in _ISSUES.items() for n, id_ in names.items()},
        **{f"{s}/{name}": COMMENT for s, names in _COMMENTS.items() for name in names},
        **{f"pinpoint-agent-jira/{name}": found for name, found in _OTHERS.items()},
    }

    @pytest.mark.parametrize("name", VERDICTS)
    def test_each_recorded_body_gets_its_verdict(name: str) -> None:
        assert verdict((RECORDED / f"{name}.json").read_bytes()) == VERDICTS[name]

    def test_each_recorded_body_stands_in_the_table() -> None:
        assert {f"{path.parent.name}/{path.stem}" for path in RECORDED.glob("*/*.json")} == set(VERDICTS)

    @pytest.mark.parametrize(
        "path", sorted((SHARED / "fixtures" / "jira" / "rest").glob("*/*.json")), ids=lambda p: p.name
    )
    def test_an_answer_of_the_api_is_no_delivery(path: Path) -> None:
        """Only a body with an issue of its own could be taken for one."""
        with pytest.raises((Ignored, Malformed)):
            read(path.read_bytes())


def test_half_a_character_in_a_text_loses_no_delivery() -> None:
    body = b'{"webhookEvent": "jira:issue_updated", "issue": {"id": "7", "fields": {"summary": "Launch \\ud83d"}}}'
    assert [change.id for change in read(body)] == ["7"]
