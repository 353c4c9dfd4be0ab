"""The steps of the wizard: what is asked of the site, what is chosen, and what is said where something is missing."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import responses
from sqlalchemy import Engine

from integration import connect as steps
from integration.connecting import Site
from integration.contract import Connection, Misconfigured, TrackerError
from integration.http import Policy
from integration.secrets import Vault, new_key
from integration.store import connections
from integration.store.engine import reading, writing
from integration.trackers.jira import choosing, connect_site
from integration.trackers.jira.chosen import Chosen, chosen_of
from mappings.model import Periods, Team
from tests.integration.store.material import fresh_store
from tests.integration.trackers.jira.fake_jira import KR_FIELD, SITE, FakeJira, connection, running_jira, sprint
from tests.integration.trackers.jira.test_field_survey import FIELDS

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
INFO, OLD_INFO = "/rest/api/3/serverInfo", "/rest/api/2/serverInfo"


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with running_jira() as fake:
        fake.fields = FIELDS
        yield fake


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    with fresh_store(sqlite_url) as engine:
        yield engine


def test_a_cloud_site_is_known_by_its_server_info(jira: FakeJira) -> None:
    site = connect_site.probe("acme.atlassian.net/jira/software/projects/PAY/boards/7")
    assert site == Site(SITE, "cloud", "1001.0.0", "Acme", "Jira Cloud 1001.0.0")
    assert "Authorization" not in jira.asked[0].headers


def test_data_center_is_told_apart_and_needs_a_token_alone(jira: FakeJira) -> None:
    jira.fail(INFO, 404)
    jira.fail(OLD_INFO, 200, {"deploymentType": "Server", "version": "10.3.2", "serverTitle": "Acme Jira"})
    site = connect_site.probe(SITE)
    assert (site.edition, site.name) == ("data_center", "Jira Data Center 10.3.2")
    assert connect_site.credentials(site, "", " token ") == {"token": "token", "edition": "data_center"}
    with pytest.raises(Misconfigured, match=r"personal access token, made at https://acme.*ViewProfile"):
        connect_site.credentials(site, "me@example.org", "")


@pytest.mark.parametrize(
    ("version", "is_supported"),
    [("8.20.1", False), ("9.4.0", False), ("9.12.0", True), ("10.3.24", True), ("11", True)],
)
def test_a_data_center_that_is_too_old_is_refused_in_words(version: str, is_supported: bool) -> None:
    site = connect_site.site_of("https://jira.example.org", "data_center", version, "Acme")
    assert (site.trouble is None) is is_supported
    if not is_supported:
        with pytest.raises(Misconfigured, match=r"9\.12 and newer"):
            connect_site.credentials(site, "", "token")


def test_an_address_below_a_path_is_kept_and_a_page_below_it_is_not() -> None:
    with responses.RequestsMock() as mock:
        mock.get("https://jira.example.org/jira/rest/api/3/serverInfo", status=404, json={})
        mock.get("https://jira.example.org/jira/rest/api/2/serverInfo", json={"version": "9.12.4"})
        assert connect_site.probe("jira.example.org/jira/browse/PAY-1").base_url == "https://jira.example.org/jira"
    with responses.RequestsMock() as mock:
        for number in (3, 2):
            mock.get(f"https://okr.example.org/jira/rest/api/{number}/serverInfo", status=404, json={})
        mock.get("https://okr.example.org/rest/api/3/serverInfo", json={"deploymentType": "Cloud", "version": "1001"})
        site = connect_site.probe("okr.example.org/jira/software/projects/PAY/boards/7")
    assert (site.base_url, site.edition) == ("https://okr.example.org", "cloud")


def test_an_address_that_is_no_jira_is_told_as_such(jira: FakeJira) -> None:
    jira.fail(INFO, 404)
    with pytest.raises(Misconfigured, match="no Jira at"):
        connect_site.probe(SITE)


PAGE = "<html><title>Log in</title></html>"
STRANGE: list[tuple[dict[str, Any], str, str]] = [
    ({"status": 200, "body": PAGE, "content_type": "text/html"}, "not_json", "answers with a web page where Jira's"),
    (
        {"status": 302, "headers": {"Location": "https://login.example.com/saml"}},
        "redirected",
        "https://login.example.com/saml",
    ),
    (
        {"status": 403, "body": PAGE, "content_type": "text/html"},
        "forbidden",
        "before anybody logged in: a single sign-on",
    ),
    (
        {"status": 502, "body": PAGE, "content_type": "text/html"},
        "unavailable",
        "or what stands before it, is in trouble",
    ),
    ({"status": 200, "json": {"hello": "world"}}, "no_jira", "There is no Jira at https://jira.example.org"),
    ({"status": 200, "json": [1]}, "no_jira", "with the path that it lies below"),
    ({"status": 200, "body": ""}, "no_jira", "There is no Jira at"),
    ({"body": requests.ConnectionError("gone")}, "connection_lost", "broke off"),
]


@pytest.mark.parametrize(("answer", "reason", "sentence"), STRANGE)
def test_what_answers_in_place_of_jira_is_said_with_how_to_mend_it(
    answer: dict[str, Any], reason: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect_site, "_PROBING", Policy(tries=1))
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for number in (2, 3):
            mock.get(f"https://jira.example.org/rest/api/{number}/serverInfo", **answer)
        with pytest.raises(TrackerError) as caught:
            connect_site.probe("https://jira.example.org")
    assert (caught.value.reason, sentence in caught.value.sentence) == (reason, True), caught.value.sentence


def test_a_page_that_hides_the_path_hides_no_jira_at_the_bare_host() -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for number in (2, 3):
            mock.get(f"https://jira.example.org/wiki/rest/api/{number}/serverInfo", body=PAGE, content_type="text/html")
        mock.get("https://jira.example.org/rest/api/3/serverInfo", json={"deploymentType": "Cloud", "version": "1001"})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(connect_site, "_PROBING", Policy(tries=1))
            assert connect_site.probe("https://jira.example.org/wiki").base_url == "https://jira.example.org"


@pytest.mark.parametrize(
    ("status", "headers", "body", "sentence"),
    [
        (403, {"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=x"}, {}, "answer the CAPTCHA"),
        (401, {}, {"code": 401, "message": "Unauthorized; scope does not match"}, "lacks a scope"),
        (401, {}, {}, "not expired and not revoked"),
        (403, {"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"}, {}, "is it active, and may it use Jira?"),
        (
            403,
            {"X-Seraph-LoginReason": "OK"},
            {"errorMessages": ["not on the allowlist"]},
            "It says: not on the allowlist",
        ),
    ],
)
def test_a_refusal_at_login_says_what_to_mend(
    jira: FakeJira, status: int, headers: dict[str, str], body: object, sentence: str
) -> None:
    jira.faults["/rest/api/3/myself"] = [(status, headers, json.dumps(body))]
    with pytest.raises(Misconfigured, match=re.escape(sentence)):
        choosing.who_am_i(connection())


def test_an_older_data_center_is_asked_in_its_own_words(jira: FakeJira) -> None:
    jira.fail(INFO, 404)
    jira.fail(OLD_INFO, 200, {"deploymentType": "Server", "version": "9.12.4"})
    assert connect_site.probe(SITE).version == "9.12.4"


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://acme.atlassian.net/", SITE),
        ("https://acme.atlassian.net/browse/PAY-1", SITE),
        (" acme.atlassian.net ", SITE),
        ("https://jira.example.org/jira/secure/Dashboard.jspa", "https://jira.example.org/jira"),
        ("https://example.org/tracker/browse/PAY-1", "https://example.org/tracker"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_an_address_is_taken_as_people_paste_it(typed: str, url: str) -> None:
    assert connect_site.checked_url(typed) == url


@pytest.mark.parametrize("typed", ["", "ftp://acme", "http://acme.atlassian.net", "https://me:pw@acme.atlassian.net"])
def test_an_address_that_is_none_or_unsafe_is_refused(typed: str) -> None:
    with pytest.raises(Misconfigured):
        connect_site.checked_url(typed)


def test_the_connection_is_named_after_the_site() -> None:
    assert connect_site.name_for("https://acme.atlassian.net") == "acme"
    assert connect_site.name_for("http://127.0.0.1:4711") == "jira"
    with pytest.raises(Misconfigured):
        steps.checked_name("Acme/..")


def test_an_account_without_a_mail_or_token_is_told_where_tokens_are_made() -> None:
    site = connect_site.site_of(SITE, "cloud", "1001", "Acme")
    with pytest.raises(Misconfigured, match="api-tokens"):
        connect_site.credentials(site, "me", "")


def test_missing_rights_come_with_how_to_get_them(jira: FakeJira) -> None:
    jira.permissions = {"BROWSE_PROJECTS"}
    assert [(right.name, right.is_held) for right in choosing.rights(connection())] == [
        ("BROWSE_PROJECTS", True),
        ("ADMINISTER", False),
    ]


def test_projects_are_chosen_by_key_and_unknown_ones_named(jira: FakeJira) -> None:
    found = choosing.projects(connection())
    assert [project.id for project in choosing.projects_named(found, ["web", "WEB "])] == ["10002"]
    with pytest.raises(Misconfigured, match=r"no project “XX”. There are: “PAY”, “WEB”."):
        choosing.projects_named(found, ["XX"])


def test_an_account_that_sees_no_project_is_told_so(jira: FakeJira) -> None:
    jira.projects = []
    with pytest.raises(Misconfigured, match="no project"):
        choosing.projects(connection())


def test_boards_located_in_other_projects_are_left_out(jira: FakeJira) -> None:
    jira.boards = {
        "7": {"id": 7, "name": "Pay", "type": "scrum", "location": {"projectId": 10001}},
        "8": {"id": 8, "name": "People", "type": "scrum", "location": {"projectId": 10099}},
        "9": {"id": 9, "name": "Mine", "type": "kanban"},
    }
    found = choosing.boards(connection(), choosing.projects(connection()))
    assert [(board.id, board.project) for board in found] == [("9", None), ("7", "10001")]


def test_a_board_without_sprints_gets_periods_and_one_with_sprints_none(jira: FakeJira) -> None:
    jira.sprints["31"] = sprint(31)
    lines = [
        choosing.BoardLine("7", "Payments board", "simple", "10001"),
        choosing.BoardLine("8", "Ops flow", "kanban", None),
        choosing.BoardLine("9", "Web", "scrum", "10002"),
    ]
    found = choosing.choose_boards(connection(), lines, (Team("Payments"),), given={"ops flow": "Ops"})
    assert [(board.periods, board.team) for board in found] == [
        (None, "Payments"),
        (Periods.TWO_WEEKS, "Ops"),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("board", "team"),
    [("Payments board", "Payments"), ("PAYMENTS EU", "Payments EU"), ("Payment", None), ("Web and Ops", None)],
)
def test_a_team_is_known_by_its_whole_name_in_the_boards_name(board: str, team: str | None) -> None:
    teams = tuple(Team(name) for name in ("Payments", "Payments EU", "Web", "Ops"))
    assert choosing.team_of_board(board, teams) == team


def test_fields_are_suggested_unless_the_operator_names_them(jira: FakeJira) -> None:
    seen = choosing.look_at_fields(connection(), choosing.projects(connection()), ())
    assert [ref.id for ref in choosing.choose_fields(seen, choosing.Wishes()).kr_fields] == [KR_FIELD]
    by_label = choosing.choose_fields(seen, choosing.Wishes(kr_label_prefix="kr-", team_field="Squad"))
    assert (by_label.kr_fields, by_label.kr_label_prefix) == ((), "kr-")
    assert by_label.team_field is not None
    assert by_label.team_field.id == "customfield_8"
    with pytest.raises(Misconfigured, match="no field “Nothing”"):
        choosing.choose_fields(seen, choosing.Wishes(kr_fields=("Nothing",)))


def test_what_was_chosen_is_read_back_as_it_was() -> None:
    chosen = chosen_of(connection())
    assert chosen_of(choosing.with_choice(connection(), chosen)) == chosen
    assert isinstance(chosen, Chosen)


def test_a_saved_connection_has_a_secret_that_the_door_knows_before_jira_does(engine: Engine) -> None:
    vault = Vault([new_key()])
    wanted = steps.save(engine, vault, connection(), NOW, "https://okr.example.org/")
    assert wanted is not None
    assert wanted.url == "https://okr.example.org/hooks/jira/acme"
    assert wanted.projects == ("10001", "10002")
    with reading(engine) as session:
        key = connections.door_key(session, vault, "jira", "acme")
    assert key is not None
    assert key.secrets == (wanted.secret.encode(),)


def test_connecting_again_changes_the_secret_without_a_gap(engine: Engine) -> None:
    vault = Vault([new_key()])
    first = steps.save(engine, vault, connection(), NOW, "https://okr.example.org")
    second = steps.save(engine, vault, connection(), NOW, "https://okr.example.org")
    assert first is not None
    assert second is not None
    with reading(engine) as session:
        key = connections.door_key(session, vault, "jira", "acme")
    assert key is not None
    assert key.secrets == (second.secret.encode(), first.secret.encode())


def test_a_site_that_cannot_sign_gets_a_token_that_stays_until_another_is_wanted(engine: Engine) -> None:
    vault, address = Vault([new_key()]), "https://okr.example.org"
    first = steps.save(engine, vault, connection(), NOW, address, is_signed=False)
    again = steps.save(engine, vault, connection(), NOW, address, is_signed=False)
    assert first is not None
    assert again == first
    assert first.url == f"{address}/hooks/jira/acme/{first.token}"
    assert first.secret == ""
    with reading(engine) as session:
        key = connections.door_key(session, vault, "jira", "acme")
    assert key is not None
    assert (key.secrets, key.token, key.unsigned) == ((), first.token, True)
    other = steps.save(engine, vault, connection(), NOW, address, is_signed=False, wants_new_secret=True)
    assert other is not None
    assert other.token != first.token


def test_once_a_site_can_sign_its_token_gives_way_to_a_secret(engine: Engine) -> None:
    vault, address = Vault([new_key()]), "https://okr.example.org"
    steps.save(engine, vault, connection(), NOW, address, is_signed=False)
    wanted = steps.save(engine, vault, connection(), NOW, address)
    assert wanted is not None
    assert wanted.url == f"{address}/hooks/jira/acme"
    with reading(engine) as session:
        key = connections.door_key(session, vault, "jira", "acme")
    assert key is not None
    assert (key.secrets, key.token or "", key.unsigned) == ((wanted.secret.encode(),), "", False)


def test_connecting_again_without_an_address_leaves_the_webhook_alone(engine: Engine) -> None:
    vault = Vault([new_key()])
    first = steps.save(engine, vault, connection(), NOW, "https://okr.example.org")
    assert first is not None
    assert steps.save(engine, vault, connection(), NOW, None) is None
    with reading(engine) as session:
        key = connections.door_key(session, vault, "jira", "acme")
    assert key is not None
    assert (key.secrets, key.callback_url) == ((first.secret.encode(),), first.url)


def test_it_hears_already_once_a_delivery_has_arrived_at_that_address(engine: Engine) -> None:
    vault = Vault([new_key()])
    address = "https://okr.example.org"
    assert not steps.hears_already(engine, vault, connection(), address)
    steps.save(engine, vault, connection(), NOW, address)
    assert not steps.hears_already(engine, vault, connection(), address)
    with writing(engine) as session:
        connections.note_delivery(session, "acme", NOW)
    assert steps.hears_already(engine, vault, connection(), address)
    assert not steps.hears_already(engine, vault, connection(), "https://moved.example.org")


def test_a_name_belongs_to_one_site(engine: Engine) -> None:
    vault = Vault([new_key()])
    steps.check_name(engine, vault, connection())
    steps.save(engine, vault, connection(), NOW, None)
    steps.check_name(engine, vault, connection())
    with pytest.raises(Misconfigured, match="another name"):
        steps.check_name(engine, vault, replace(connection(), base_url="https://other.atlassian.net"))


def test_another_choice_is_noticed(engine: Engine) -> None:
    vault = Vault([new_key()])
    same = choosing.with_choice(connection(), chosen_of(connection()))
    steps.save(engine, vault, same, NOW, None)
    other = Connection("acme", "jira", SITE, {}, {**same.mapping, "boards": []})
    assert not steps.needs_backfill(engine, vault, same)
    assert steps.needs_backfill(engine, vault, other)


def test_where_the_webhook_may_not_be_registered_the_hand_is_told_what_to_do(jira: FakeJira, engine: Engine) -> None:
    jira.fail("/rest/webhooks/1.0/webhook", 403)
    wanted = steps.save(engine, Vault([new_key()]), connection(), NOW, "https://okr.example.org")
    assert wanted is not None
    result = steps.register_webhook(engine, connection(), wanted, NOW)
    assert result.registered is None
    assert wanted.secret in "\n".join(result.instructions)
    assert "403" in (result.problem or "")


def test_a_public_address_that_is_none_is_refused(engine: Engine) -> None:
    with pytest.raises(Misconfigured, match="public address"):
        steps.save(engine, Vault([new_key()]), connection(), NOW, "tieline")
