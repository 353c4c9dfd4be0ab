"""Our calls to Jira Cloud one by one: who asks, what is asked, and answers that are not what they should be."""

import base64
from collections.abc import Callable

import pytest

from integration.contract import Malformed, Misconfigured, Permanent, Temporary
from integration.http import HTTPClient
from integration.trackers.jira import client, cloud
from tests.integration.trackers.jira.fake_jira import SITE, FakeJira, body, connection, issue, sprint

SEARCH = "/rest/api/3/search/jql"


@pytest.fixture
def http(jira: FakeJira) -> HTTPClient:
    return client.open_client(connection())


def test_no_call_is_made_before_the_first_is_asked_for(jira: FakeJira, http: HTTPClient) -> None:
    assert jira.asked == []


def test_mail_and_token_go_as_basic_authentication(jira: FakeJira, http: HTTPClient) -> None:
    client.myself(http)
    expected = base64.b64encode(b"me@example.org:sesame").decode()
    assert jira.asked[0].headers["Authorization"] == f"Basic {expected}"


def test_a_token_alone_goes_as_bearer(jira: FakeJira) -> None:
    client.server_info(client.open_client(connection(token="pat-1")))
    assert jira.asked[0].headers["authorization"] == "Bearer pat-1"


def test_a_token_with_scopes_goes_through_the_gateway() -> None:
    http = client.open_client(connection(email="me@example.org", token="x", cloud_id="c-1"))
    assert http.base_url == "https://api.atlassian.com/ex/jira/c-1"


def test_a_connection_shares_its_client_and_with_it_its_budget() -> None:
    assert client.open_client(connection()) is client.open_client(connection())
    assert client.open_client(connection()) is not client.open_client(connection(email="me@example.org", token="new"))


def test_secrets_are_in_no_printed_form(http: HTTPClient) -> None:
    assert "sesame" not in repr(connection())
    assert "sesame" not in repr(http)


def test_an_anonymous_answer_is_told_as_wrong_credentials(jira: FakeJira, http: HTTPClient) -> None:
    jira.fail("/rest/api/3/myself", 200, {"displayName": "Anonymous"})
    with pytest.raises(Misconfigured, match="nobody"):
        client.myself(http)


def test_fields_are_always_named_in_a_search(jira: FakeJira, http: HTTPClient) -> None:
    client.search_page(http, "project = 10001", ["updated"], reconcile=["20001"])
    sent = body(jira.called(SEARCH)[0])
    assert sent == {"jql": "project = 10001", "fields": ["updated"], "maxResults": 1000, "reconcileIssues": [20001]}


def test_a_search_goes_on_while_there_is_a_token(jira: FakeJira, http: HTTPClient) -> None:
    jira.add(issue(1), issue(2), issue(3))
    jira.page = 2
    first, token = client.search_page(http, "project = 10001", ["id"])
    second, end = client.search_page(http, "project = 10001", ["id"], token=token)
    assert [len(first), len(second), end] == [2, 1, None]


@pytest.mark.parametrize(
    "answer",
    [[], {"issues": None}, {"issues": ["1"]}, {}, {"issues": [], "nextPageToken": 7}, {"issues": [{}]}, "text"],
)
def test_an_answer_of_another_shape_is_malformed(jira: FakeJira, http: HTTPClient, answer: object) -> None:
    jira.fail(SEARCH, 200, answer or [])
    with pytest.raises(Malformed):
        client.search_page(http, "project = 10001", ["id"])


def test_a_token_that_leads_in_a_circle_ends_the_search(jira: FakeJira, http: HTTPClient) -> None:
    jira.fail(SEARCH, 200, {"issues": [], "nextPageToken": "x"})
    with pytest.raises(Malformed, match="token of the next page"):
        client.search_page(http, "project = 10001", ["id"], token="x")


def test_a_removed_call_is_told_with_what_jira_says(jira: FakeJira, http: HTTPClient) -> None:
    jira.fail(SEARCH, 410, {"errorMessages": ["Migrate to /rest/api/3/search/jql (CHANGE-2046)."]})
    with pytest.raises(Permanent, match="CHANGE-2046"):
        client.search_page(http, "project = 10001", ["id"])


def test_a_site_that_redirects_to_its_login_gets_no_credentials_there(jira: FakeJira, http: HTTPClient) -> None:
    jira.fail("/rest/api/3/field", 302, {}, Location="https://id.atlassian.com/login")
    with pytest.raises(Misconfigured, match=r"id\.atlassian\.com"):
        client.fields(http)
    assert [request.url for request in jira.asked] == [f"{SITE}/rest/api/3/field"]


def test_trouble_on_a_search_by_post_is_tried_again(
    jira: FakeJira, http: HTTPClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(http.budget, "sleep", slept.append)
    jira.fail(SEARCH, 500)
    jira.fail(SEARCH, 503)
    client.search_page(http, "project = 10001", ["id"])
    assert len(slept) == 2


def test_lists_are_read_to_their_end(jira: FakeJira, http: HTTPClient) -> None:
    jira.boards = {str(number): {"id": number, "name": f"B{number}", "type": "scrum"} for number in range(120)}
    assert len(list(client.boards(http))) == 120
    assert len(jira.asked) == 3


def test_a_board_without_sprints_has_none(jira: FakeJira, http: HTTPClient) -> None:
    jira.fail("/rest/agile/1.0/board/7/sprint", 400, {"errorMessages": ["The board does not support sprints"]})
    assert list(client.board_sprints(http, "7")) == []


def test_what_is_not_there_is_none_and_what_fails_is_not(jira: FakeJira, http: HTTPClient) -> None:
    assert client.sprint(http, "5") is None
    jira.fail("/rest/agile/1.0/sprint/5", 429, Retry_After="900", RateLimit_Reason="jira-quota-global-based")
    with pytest.raises(Temporary):
        client.sprint(http, "5")


def test_a_site_without_a_list_of_resolutions_is_borne(jira: FakeJira, http: HTTPClient) -> None:
    jira.fail("/rest/api/3/resolution/search", 404)
    assert client.resolutions(http) == []


@pytest.mark.parametrize("told", [None, [], {}, {"havePermission": None}, "yes"])
def test_a_permission_that_is_told_oddly_is_not_held(jira: FakeJira, http: HTTPClient, told: object) -> None:
    jira.fail("/rest/api/3/mypermissions", 200, {"permissions": {"ADMINISTER": told}})
    assert client.my_permissions(http, ("ADMINISTER",)) == {"ADMINISTER": False}


CALLS: tuple[Callable[[HTTPClient], object], ...] = (
    client.server_info,
    client.myself,
    lambda http: client.my_permissions(http, ("BROWSE_PROJECTS", "ADMINISTER")),
    client.statuses,
    client.resolutions,
    client.link_types,
    client.fields,
    lambda http: list(client.projects(http)),
    lambda http: list(client.projects(http, ["10001", "10002"])),
    lambda http: list(client.boards(http)),
    lambda http: list(client.boards(http, "10001")),
    lambda http: client.board(http, "7"),
    lambda http: client.board_configuration(http, "7"),
    lambda http: list(client.board_sprints(http, "7", "active,future")),
    lambda http: client.sprint(http, "31"),
    lambda http: client.search_page(http, "project = 10001", ["id"], token=None, reconcile=["20001"]),
    lambda http: client.approximate_count(http, "project = 10001"),
    lambda http: client.issues(http, ["20001"], ["summary"]),
    lambda http: cloud.histories(http, ["20001"]),
    lambda http: client.is_there(http, "20001"),
)


@pytest.mark.parametrize("call", CALLS)
def test_every_call_is_one_that_the_official_documents_allow(
    jira: FakeJira, http: HTTPClient, call: Callable[[HTTPClient], object]
) -> None:
    """The fixture holds all requests against the documents when the test ends."""
    jira.sprints["31"] = sprint(31)
    jira.add(issue(1))
    call(http)
    assert len(jira.asked) == 1
    assert "Authorization" in jira.asked[0].headers
