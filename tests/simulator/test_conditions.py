"""What can go wrong at the simulated site, switched by its controls."""

from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.test import TestResponse

from simulator.mock_document import prepared
from simulator.site import Site
from tests.simulator.callers import Caller, caller_of

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
SEARCH = "/rest/api/3/search/jql"


@pytest.fixture
def caller() -> Caller:
    site = Site(clock=lambda: NOON)
    for key in ("AB", "CD"):
        project = site.add_project(key, key)
        site.add_board(f"{key} board", "scrum", project)
        for number in range(5):
            site.create(project, "story", f"Step {number}", NOON - timedelta(days=1))
    return caller_of(site)


def set_(caller: Caller, **conditions: object) -> None:
    assert caller.post("/_control/conditions", conditions).status_code == 200


def edit(caller: Caller, **what: object) -> None:
    assert caller.post("/_control/edit", what).status_code == 200


def found(caller: Caller, jql: str, **more: object) -> list[str]:
    answer = caller.post(SEARCH, {"jql": jql, "fields": ["labels"], **more})
    assert answer.status_code == 200
    return [issue["key"] for issue in answer.get_json()["issues"]]


def said(answer: TestResponse) -> str:
    return str(answer.get_json()["errorMessages"][0])


def test_an_outage_answers_nothing_else_until_it_is_over(caller: Caller) -> None:
    set_(caller, outage=3600, retry_after=30)
    answer = caller.get("/rest/api/3/myself")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    caller.post("/_control/clock", {"advance": 3600})
    assert caller.get("/rest/api/3/myself").status_code == 200


def test_a_maintenance_shows_a_page(caller: Caller) -> None:
    set_(caller, outage=60, status=502, maintenance=True)
    answer = caller.get("/rest/api/3/myself")
    assert (answer.status_code, answer.mimetype, "Retry-After" in answer.headers) == (502, "text/html", False)


def test_searches_lag_behind_but_for_the_issues_that_are_to_be_reconciled(caller: Caller) -> None:
    set_(caller, index_lag=90)
    edit(caller, action="tag", issue="AB-2", tags=["KR-1"])
    edit(caller, action="delete", issue="AB-3")
    caller.post("/_control/clock", {"advance": 60})
    now = "project = AB AND updated >= -5m"
    assert found(caller, now) == []
    ids = {issue.key: issue.id for issue in caller.site.issues.values()}
    assert found(caller, now, reconcileIssues=[ids["AB-2"]]) == ["AB-2"]
    assert "AB-3" in found(caller, "project = AB")
    caller.post("/_control/clock", {"advance": 31})
    assert found(caller, now) == ["AB-2"]
    assert "AB-3" not in found(caller, "project = AB")


def test_a_closed_project_is_unknown_to_searches_and_its_issues_are_missing(caller: Caller) -> None:
    set_(caller, closed=["AB"])
    refused = caller.post(SEARCH, {"jql": "project in (AB, CD)", "fields": ["id"]})
    assert (refused.status_code, said(refused)) == (400, "The value 'AB' does not exist for the field 'project'.")
    assert caller.get("/rest/api/3/issue/AB-1").status_code == 404
    boards = caller.get("/rest/agile/1.0/board").get_json()["values"]
    assert [board["name"] for board in boards] == ["CD board"]
    set_(caller, closed=[])
    assert caller.get("/rest/api/3/issue/AB-1").status_code == 200


def test_an_archived_project_is_out_of_sight_until_it_is_restored(caller: Caller) -> None:
    edit(caller, action="archive", project="AB")
    projects = caller.get("/rest/api/3/project/search").get_json()["values"]
    assert [project["key"] for project in projects] == ["CD"]
    assert caller.post("/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": ["AB-1"]}).get_json()["issues"] == []
    edit(caller, action="archive", project="AB", archived=False)
    assert caller.get("/rest/api/3/issue/AB-1").status_code == 200


def test_an_issue_at_a_security_level_is_missing_until_it_is_shown_again(caller: Caller) -> None:
    edit(caller, action="security", issue="AB-1")
    assert caller.get("/rest/api/3/issue/AB-1").status_code == 404
    edit(caller, action="security", issue="AB-1", hidden=False)
    changes = caller.get("/rest/api/3/issue/AB-1/changelog").get_json()["values"]
    assert [change["items"][0]["field"] for change in changes] == ["security", "security"]


def test_strangers_are_answered_with_less_and_not_refused(caller: Caller) -> None:
    set_(caller, anonymous=True)
    assert found(caller, "project = AB") == []
    assert caller.get("/rest/api/3/myself").status_code == 401


@pytest.mark.parametrize("path", ["/rest/api/3/search", "/rest/api/2/search", "/rest/api/3/field"])
def test_what_was_removed_is_gone(caller: Caller, path: str) -> None:
    set_(caller, removed=["/rest/api/3/field"])
    answer = caller.get(path)
    assert answer.status_code == 410
    assert "CHANGE-2046" in said(answer)


def test_pages_are_as_short_as_they_are_said_to_be(caller: Caller) -> None:
    set_(caller, page=2)
    answer = caller.post(SEARCH, {"jql": "project = AB", "maxResults": 100}).get_json()
    assert (len(answer["issues"]), answer["isLast"]) == (2, False)


@pytest.mark.parametrize("version", [None, (10, 3, 2)])
def test_a_limit_tells_what_its_edition_tells(version: tuple[int, int, int] | None) -> None:
    caller = caller_of(Site(clock=lambda: NOON, version=version))
    caller.post("/_control/limit", {"reason": "jira-quota-tenant-based", "count": 1, "retry_after": 1847})
    answer = caller.get(f"/rest/api/{2 if version else 3}/field")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1847")
    assert answer.headers.get("RateLimit-Reason") == (None if version else "jira-quota-tenant-based")
    assert ("X-RateLimit-FillRate" in answer.headers) == (version is not None)


def test_a_secret_changed_in_jira_signs_what_is_sent_from_then_on(caller: Caller) -> None:
    hook = {"name": "x", "url": "https://x.example/hooks", "events": ["jira:issue_updated"], "secret": "old"}
    assert caller.post("/rest/webhooks/1.0/webhook", hook).get_json()["isSigned"] is True
    assert caller.post("/_control/secret", {"secret": "new"}).get_json() == {"hooks": 1}


def test_a_document_for_a_mock_has_its_examples_parsed_and_its_paths_prefixed() -> None:
    document = {
        "paths": {"/api/2/field": {"get": {"example": '[{"id": 1}]', "x": {"example": None}}}},
        "components": {"examples": {"one": {"value": '{"a": 1}'}, "two": {"value": "{no JSON"}}},
    }
    found = prepared(document, "/rest")
    assert found["paths"] == {"/rest/api/2/field": {"get": {"example": [{"id": 1}], "x": {}}}}
    assert found["components"]["examples"] == {"one": {"value": {"a": 1}}, "two": {"value": "{no JSON"}}
