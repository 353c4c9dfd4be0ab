"""Writing to Jira, in both editions: what a wish comes to, what is sent, and giving it back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from integration.contract import (
    Connection,
    Edit,
    KeyResultTag,
    Malformed,
    Mark,
    Misconfigured,
    Permanent,
    Proposal,
    Remark,
    Temporary,
    TrackerError,
    Wish,
)
from integration.http import NotDone
from integration.trackers.jira import TRACKER, write_calls
from integration.trackers.jira.fields import Encoding, FieldMapping, FieldRef
from tests.integration.trackers.jira.writable_jira import WritableJira, connection, meta, option, running_jira

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
KR = "customfield_10301"
KR_3 = KeyResultTag((("KR-3", "3", "Activation, first week"),))
assert TRACKER.writer is not None
WRITER = TRACKER.writer


@pytest.fixture(params=[True, False], ids=["cloud", "data_center"])
def is_cloud(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def jira(is_cloud: bool) -> Iterator[WritableJira]:
    with running_jira(is_cloud=is_cloud) as fake:
        fake.screen = {"labels": {**meta("labels"), "operations": ["add", "set", "remove"]}}
        yield fake


@pytest.fixture
def cloud() -> Iterator[WritableJira]:
    with running_jira() as fake:
        fake.screen = {"labels": {**meta("labels"), "operations": ["add", "set", "remove"]}}
        yield fake


def mapped(encoding: Encoding, **more: Any) -> FieldMapping:
    return FieldMapping(kr_fields=(FieldRef(KR, ("Key Result",), encoding),), **more)


def proposed(site: Connection, wish: Wish, *ids: str) -> Proposal:
    return WRITER.propose(site, wish, ids, NOW)[0]


def edit_of(found: Proposal) -> Edit:
    assert found.problem is None
    assert found.edit is not None
    return found.edit


def goes_there_and_back(site: Connection, edit: Edit) -> None:
    """It is as the preview said; sent, it is as wanted; undone, it is as before."""
    assert WRITER.present(site, [edit])[edit.item] == edit.former
    receipt = WRITER.send(site, edit)
    assert WRITER.present(site, [edit])[edit.item] == edit.wanted
    back = WRITER.undone(edit, receipt)
    assert WRITER.present(site, [back])[back.item] == back.former
    WRITER.send(site, back)
    assert WRITER.present(site, [edit])[edit.item] == edit.former


# --- every encoding -------------------------------------------------------------------------------

OPTIONS = [option(11, "KR-1"), option(13, "kr-3 "), option(14, "KR-4", disabled=True)]
CASCADE = [
    option(20, "Growth", children=[option(21, "KR-1"), option(23, "Activation, first week")]),
    option(30, "Quality"),
]


@pytest.mark.parametrize(
    ("encoding", "screen", "before", "after", "tags"),
    [
        ("option", meta("select", options=OPTIONS), option(11, "KR-1"), {"id": "13"}, ("kr-3",)),
        ("options", meta("multiselect", options=OPTIONS), None, [{"id": "13"}], ("kr-3",)),
        ("options", meta("multiselect", options=OPTIONS), [option(11, "KR-1")], [{"id": "13"}], ("kr-3",)),
        (
            "cascading",
            meta("cascadingselect", options=CASCADE),
            option(30, "Quality"),
            {"id": "20", "child": {"id": "23"}},
            ("Activation, first week",),
        ),
        ("labels", meta("labels"), ["KR-1", "old"], ["KR-3"], ("KR-3",)),
        ("number", meta("float"), 7.5, 3, ("3",)),
        ("text", meta("textfield"), "KR-1", "KR-3", ("KR-3",)),
        ("text", meta("textfield"), None, "KR-3", ("KR-3",)),
    ],
)
def test_a_field_of_every_encoding_is_written_read_again_and_given_back(
    jira: WritableJira, is_cloud: bool, encoding: Encoding, screen: Any, before: Any, after: Any, tags: tuple[str, ...]
) -> None:
    site = connection(mapped(encoding), is_cloud=is_cloud)
    jira.screen[KR] = screen
    issue = jira.add(1, **{KR: before})
    found = proposed(site, KR_3, issue)
    assert found.tags == tags
    WRITER.send(site, edit_of(found))
    assert jira.value(issue, KR) == after
    jira.issues[issue]["fields"][KR] = before
    goes_there_and_back(site, edit_of(found))


def test_a_long_text_is_a_document_on_cloud_and_plain_on_data_center(jira: WritableJira, is_cloud: bool) -> None:
    site = connection(mapped("text"), is_cloud=is_cloud)
    jira.screen[KR] = meta("textarea")
    issue = jira.add(1, **{KR: write_calls.document("KR-1\nsince May") if is_cloud else "KR-1\r\nsince May"})
    found = proposed(site, KR_3, issue)
    assert (found.former, found.wanted) == ("KR-1 since May", "KR-3")
    goes_there_and_back(site, edit_of(found))


def test_several_key_results_are_written_where_the_field_holds_several(cloud: WritableJira) -> None:
    cloud.screen[KR] = meta("multiselect", options=OPTIONS)
    issue = cloud.add(1)
    found = proposed(connection(mapped("options")), KeyResultTag((("KR-3",), ("KR-1",))), issue)
    assert edit_of(found).wanted == [{"id": "11"}, {"id": "13"}]


def test_labels_with_a_prefix_replace_each_other_and_leave_the_others_alone(jira: WritableJira, is_cloud: bool) -> None:
    site = connection(FieldMapping(kr_label_prefix="okr:"), is_cloud=is_cloud)
    issue = jira.add(1, labels=["okr:KR-1", "urgent"])
    found = proposed(site, KR_3, issue)
    assert (found.former, found.wanted, found.tags) == ("okr:KR-1", "okr:KR-3", ("KR-3",))
    jira.issues[issue]["fields"]["labels"].append("added-since")
    WRITER.send(site, edit_of(found))
    assert jira.value(issue, "labels") == ["urgent", "added-since", "okr:KR-3"]
    [(_, _, body)] = jira.wrote()
    assert body == {"update": {"labels": [{"remove": "okr:KR-1"}, {"add": "okr:KR-3"}]}}


def test_a_link_to_the_issue_of_a_key_result_is_made_and_taken_off(jira: WritableJira, is_cloud: bool) -> None:
    site = connection(FieldMapping(kr_link_types=("contributes to",)), is_cloud=is_cloud)
    jira.link_types = [{"id": "1", "name": "Contribution", "inward": "is served by", "outward": "contributes to"}]
    issue = jira.add(1, issuelinks=[])
    found = proposed(site, KeyResultTag((("Activation", "OKR-3"),)), issue)
    assert found.tags == ("OKR-3",)
    goes_there_and_back(site, edit_of(found))
    assert jira.wrote()[0][2] == {
        "type": {"name": "Contribution"},
        "inwardIssue": {"key": "PAY-1"},
        "outwardIssue": {"key": "OKR-3"},
    }


def test_a_link_named_by_its_inward_phrase_points_the_other_way(cloud: WritableJira) -> None:
    site = connection(FieldMapping(kr_link_types=("is served by",)))
    cloud.link_types = [{"id": "1", "name": "Contribution", "inward": "is served by", "outward": "contributes to"}]
    issue = cloud.add(1, issuelinks=[])
    WRITER.send(site, edit_of(proposed(site, KeyResultTag((("OKR-3",),)), issue)))
    assert cloud.wrote()[0][2]["outwardIssue"] == {"key": "PAY-1"}


# --- why nothing is written ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mapping", "screen", "wish", "why"),
    [
        (mapped("option"), meta("select", options=OPTIONS), KeyResultTag((("KR-9",),)), "has no option for KR-9"),
        (mapped("option"), meta("select", options=OPTIONS), KeyResultTag((("KR-4",),)), "has no option for KR-4"),
        (
            mapped("option"),
            meta("select", options=[option(1, "KR-3"), option(2, "kr-3")]),
            KR_3,
            "has several options “KR-3”",
        ),
        (mapped("option"), meta("select", options=OPTIONS), KeyResultTag((("KR-1",), ("KR-3",))), "holds one value"),
        (mapped("option"), meta("select", options=OPTIONS, operations=()), KR_3, "read-only"),
        (mapped("option"), None, KR_3, "not on the edit screen"),
        (mapped("number"), meta("float"), KeyResultTag((("KR-9", "nine"),)), "holds numbers"),
        (mapped("labels"), meta("labels"), KeyResultTag((("KR 9", "a b"),)), "labels hold no blanks"),
        (mapped("text"), meta("textfield"), KeyResultTag((("two\nlines",),)), "so that it is found again"),
        (mapped("text"), meta("textfield"), KeyResultTag((("x" * 300,),)), "255 signs"),
        (mapped("text", kr_text_pattern=r"KR-\d+"), meta("textfield"), KeyResultTag((("Act",),)), "in the pattern"),
        (mapped("issue"), meta("picker"), KR_3, "depends on the app"),
        (FieldMapping(kr_label_prefix="okr:"), None, KeyResultTag((("KR 9",),)), "labels hold no blanks"),
        (FieldMapping(kr_link_types=("Gone",)), None, KR_3, "no type of link “Gone”"),
        (FieldMapping(), None, KR_3, "reads tags from no field"),
        (mapped("option"), None, replace(KR_3, into="Nowhere"), "“Nowhere” is none of the places"),
    ],
)
def test_what_cannot_be_written_is_said_in_a_sentence(
    cloud: WritableJira, mapping: FieldMapping, screen: Any, wish: KeyResultTag, why: str
) -> None:
    if screen is not None:
        cloud.screen[KR] = screen
    found = proposed(connection(mapping), wish, cloud.add(1))
    assert found.edit is None
    assert why in (found.problem or "")


def test_a_missing_permission_is_named_in_clear_words(jira: WritableJira, is_cloud: bool) -> None:
    jira.screen[KR] = meta("textfield")
    jira.permissions = set()
    found = proposed(connection(mapped("text"), is_cloud=is_cloud), KR_3, jira.add(1))
    assert found.edit is None
    assert found.problem == "The account may not edit issues in project PAY: give it the permission “Edit Issues”."


def test_an_issue_that_is_gone_is_said_so(cloud: WritableJira) -> None:
    assert "not there any more" in (proposed(connection(mapped("text")), KR_3, "99").problem or "")


def test_what_is_so_already_and_what_keeps_its_tag_is_not_written(cloud: WritableJira) -> None:
    cloud.screen[KR] = meta("textfield")
    site = connection(mapped("text"))
    assert proposed(site, KR_3, cloud.add(1, **{KR: "KR-3"})).is_so_already
    kept = proposed(site, replace(KR_3, replaces=False), cloud.add(2, **{KR: "KR-1"}))
    assert kept.problem == "It has a tag already, KR-1, and keeps it."


def test_screens_and_permissions_are_asked_for_once_for_each_kind_of_issue(cloud: WritableJira) -> None:
    cloud.screen[KR] = meta("textfield")
    ids = [cloud.add(number) for number in range(1, 151)]
    assert all(found.edit for found in WRITER.propose(connection(mapped("text")), KR_3, ids, NOW))
    assert len(cloud.asked) == 4  # two of a hundred issues each, one screen, one permission


def test_quotes_and_odd_signs_in_names_are_written_as_they_are(jira: WritableJira, is_cloud: bool) -> None:
    site = connection(mapped("text"), is_cloud=is_cloud)
    jira.screen[KR] = meta("textfield")
    name = '“Früh’” "quoted" <b>{x}</b> \\ 100 %'
    issue = jira.add(1)
    WRITER.send(site, edit_of(proposed(site, KeyResultTag(((name,),)), issue)))
    assert jira.value(issue, KR) == name


# --- marks and comments ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["label", "property"])
def test_a_mark_is_put_on_and_taken_off(jira: WritableJira, is_cloud: bool, kind: str) -> None:
    site = connection(FieldMapping(kr_label_prefix="okr:"), is_cloud=is_cloud)
    issue = jira.add(1, labels=["urgent"])
    goes_there_and_back(site, edit_of(proposed(site, Mark(kind, "no-kr", "orphan"), issue)))
    assert jira.value(issue, "labels") == ["urgent"]
    assert jira.properties == {}


def test_taking_off_a_mark_that_is_not_there_is_so_already(cloud: WritableJira) -> None:
    site = connection(FieldMapping())
    issue = cloud.add(1)
    assert proposed(site, Mark("label", "no-kr", is_set=False), issue).is_so_already
    assert proposed(site, Mark("property", "no-kr", is_set=False), issue).is_so_already


@pytest.mark.parametrize(
    ("mark", "why"),
    [
        (Mark("label", "okr:none"), "would be read as the tag of a key result"),
        (Mark("label", "two words"), "is no label"),
        (Mark("property", "a/b"), "key holds letters"),
        (Mark("property", ".."), "key holds letters"),
    ],
)
def test_a_mark_that_could_not_stand_or_would_mislead_is_refused(cloud: WritableJira, mark: Mark, why: str) -> None:
    found = proposed(connection(FieldMapping(kr_label_prefix="okr:")), mark, cloud.add(1))
    assert why in (found.problem or "")


COMMENT = Remark("Sprint 7 serves:\n- KR-3 [draft] {code} *bold*: 58 %\n(Tieline, record 6.1, d4245f62)")


def test_a_comment_is_added_and_deleted_by_its_id(jira: WritableJira, is_cloud: bool) -> None:
    site = connection(FieldMapping(), is_cloud=is_cloud)
    issue = jira.add(1)
    edit = edit_of(proposed(site, COMMENT, issue))
    receipt = WRITER.send(site, edit)
    [comment] = jira.comments[issue]
    assert isinstance(comment["body"], dict if is_cloud else str)
    back = WRITER.undone(edit, receipt)
    assert WRITER.present(site, [back])[issue] == back.former
    WRITER.send(site, back)
    assert jira.comments[issue] == []


def test_a_comment_that_somebody_changed_is_not_ours_any_more(jira: WritableJira, is_cloud: bool) -> None:
    site = connection(FieldMapping(), is_cloud=is_cloud)
    issue = jira.add(1)
    edit = edit_of(proposed(site, COMMENT, issue))
    back = WRITER.undone(edit, WRITER.send(site, edit))
    jira.comments[issue][0]["body"] = write_calls.document("mended") if is_cloud else "mended"
    assert WRITER.present(site, [back])[issue] != back.former


def test_a_comment_whose_answer_was_lost_is_found_by_its_last_line(jira: WritableJira, is_cloud: bool) -> None:
    site = connection(FieldMapping(), is_cloud=is_cloud)
    issue = jira.add(1)
    edit = edit_of(proposed(site, COMMENT, issue))
    assert WRITER.look_for(site, edit) == (None, {})
    jira.lose_answer(f"POST /rest/api/{jira.version}/issue/1/comment")
    with pytest.raises(Temporary):
        WRITER.send(site, edit)
    assert WRITER.look_for(site, edit) == (edit.wanted, {"id": "900"})
    assert len([call for call in jira.wrote() if call[0] == "POST"]) == 1


def test_comments_of_others_are_not_looked_at_before_one_is_added(cloud: WritableJira) -> None:
    site = connection(FieldMapping())
    edit = edit_of(proposed(site, COMMENT, cloud.add(1)))
    WRITER.present(site, [edit])
    WRITER.send(site, edit)
    assert not [request for request in cloud.asked if request.method == "GET" and "comment" in str(request.url)]


# --- sending ----------------------------------------------------------------------------------


def test_watchers_get_no_mail_where_the_account_may_ask_for_that(jira: WritableJira, is_cloud: bool) -> None:
    site = connection(mapped("text"), is_cloud=is_cloud)
    jira.screen[KR] = meta("textfield")
    edit = edit_of(proposed(site, KR_3, jira.add(1)))
    WRITER.send(site, edit)
    jira.permissions.add("ADMINISTER_PROJECTS")
    other = replace(edit, scope="10002")
    WRITER.send(site, other)
    paths = [path for _, path, _ in jira.wrote()]
    assert paths == [f"/rest/api/{jira.version}/issue/1", f"/rest/api/{jira.version}/issue/1?notifyUsers=false"]


def test_where_only_the_silence_was_refused_it_is_sent_with_mails() -> None:
    with running_jira(is_cloud=False) as jira:
        site = connection(mapped("text"), is_cloud=False)
        jira.screen[KR] = meta("textfield")
        jira.permissions.add("ADMINISTER_PROJECTS")
        issue = jira.add(1)
        edit = edit_of(proposed(site, KR_3, issue))
        jira.fail("PUT /rest/api/2/issue/1", 403)
        WRITER.send(site, edit)
        assert jira.value(issue, KR) == "KR-3"
        assert len(jira.wrote()) == 2


def test_a_refusal_says_what_jira_says(cloud: WritableJira) -> None:
    cloud.screen[KR] = meta("textfield")
    site = connection(mapped("text"))
    edit = edit_of(proposed(site, KR_3, cloud.add(1)))
    said = {"errorMessages": [], "errors": {KR: "Field cannot be set. It is not on the appropriate screen."}}
    cloud.fail("PUT /rest/api/3/issue/1", 400, said)
    with pytest.raises(Permanent, match="not on the appropriate screen"):
        WRITER.send(site, edit)


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [
        (401, Misconfigured, "bad_credentials"),
        (403, Permanent, "forbidden"),
        (404, Permanent, "not_found"),
        (409, Permanent, "conflict"),
        (500, Temporary, "unavailable"),
        (503, Temporary, "unavailable"),
    ],
)
def test_a_call_that_failed_is_made_once(
    cloud: WritableJira, status: int, error: type[TrackerError], reason: str
) -> None:
    cloud.screen[KR] = meta("textfield")
    site = connection(mapped("text"))
    edit = edit_of(proposed(site, KR_3, cloud.add(1)))
    cloud.fail("PUT /rest/api/3/issue/1", status)
    with pytest.raises(error) as raised:
        WRITER.send(site, edit)
    assert raised.value.reason == reason
    assert len(cloud.wrote()) == 1


def test_a_token_whose_scopes_do_not_cover_writing_is_told_from_a_wrong_one(cloud: WritableJira) -> None:
    site = connection(FieldMapping())
    edit = edit_of(proposed(site, Mark("label", "no-kr"), cloud.add(1)))
    cloud.fail("PUT /rest/api/3/issue/1", 401, {"code": 401, "message": "Unauthorized; scope does not match"})
    with pytest.raises(Misconfigured, match="write:jira-work"):
        WRITER.send(site, edit)


def test_a_quota_that_is_used_up_for_long_was_certainly_not_done(cloud: WritableJira) -> None:
    cloud.screen[KR] = meta("textfield")
    site = connection(mapped("text"))
    edit = edit_of(proposed(site, KR_3, cloud.add(1)))
    cloud.fail("PUT /rest/api/3/issue/1", 429, Retry_After="900", RateLimit_Reason="jira-quota-tenant-based")
    with pytest.raises(NotDone) as raised:
        WRITER.send(site, edit)
    assert (raised.value.retry_after or 0) >= 900


def test_data_center_answers_401_where_the_account_may_not_link() -> None:
    with running_jira(is_cloud=False) as jira:
        site = connection(FieldMapping(kr_link_types=("Contribution",)), is_cloud=False)
        jira.link_types = [{"id": "1", "name": "Contribution", "inward": "is served by", "outward": "serves"}]
        edit = edit_of(proposed(site, KeyResultTag((("OKR-3",),)), jira.add(1, issuelinks=[])))
        jira.fail("POST /rest/api/2/issueLink", 401)
        with pytest.raises(Permanent, match="may not link this issue"):
            WRITER.send(site, edit)


@pytest.mark.parametrize("id_", ["1/../2", "PAY-1", "1?x=1", ""])
def test_only_an_id_may_stand_in_a_path(cloud: WritableJira, id_: str) -> None:
    with pytest.raises(Malformed):
        WRITER.send(connection(FieldMapping()), Edit(id_, "label", "x", None, True))
    assert cloud.wrote() == []


def test_an_answer_that_cannot_be_read_is_no_success(cloud: WritableJira) -> None:
    site = connection(FieldMapping())
    edit = edit_of(proposed(site, COMMENT, cloud.add(1)))
    cloud.fail("POST /rest/api/3/issue/1/comment", 201, [1, 2])
    with pytest.raises(Malformed):
        WRITER.send(site, edit)
