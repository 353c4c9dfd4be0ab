"""What the simulated site answers: paging, refusals, moved and hidden issues, limits."""

from datetime import timedelta
from typing import Any

import pytest

from simulator.conditions import Limit
from tests.simulator.callers import Caller, caller_of
from tests.simulator.companies import NOON, company_at

SEARCH = "/rest/api/3/search/jql"


@pytest.fixture(scope="module")
def caller() -> Caller:
    """Over one company that no test changes."""
    return caller_of(company_at(NOON).site)


def keys(answer: Any) -> list[str]:
    return [issue["key"] for issue in answer.get_json()["issues"]]


def count(caller: Caller, jql: str) -> int:
    answer = caller.post("/rest/api/3/search/approximate-count", {"jql": jql})
    assert answer.status_code == 200, answer.text
    return int(answer.get_json()["count"])


def test_search_gives_ids_only_unless_fields_are_asked_for(caller: Caller) -> None:
    issue = caller.get(SEARCH, jql="key = CHK-20").get_json()["issues"][0]
    assert "fields" not in issue


def test_pages_of_a_search_hold_every_issue_once_and_the_last_has_no_token(caller: Caller) -> None:
    body: dict[str, object] = {"jql": "project = CHK", "fields": ["summary"], "maxResults": 100}
    found: list[str] = []
    while True:
        answer = caller.post(SEARCH, body)
        found += keys(answer)
        token = answer.get_json().get("nextPageToken")
        if token is None:
            break
        body["nextPageToken"] = token
    assert len(found) == len(set(found)) == count(caller, "project = CHK") > 200
    assert answer.get_json()["isLast"] is True


def test_a_token_of_another_search_is_refused(caller: Caller) -> None:
    token = caller.get(SEARCH, jql="project = CHK", maxResults=1).get_json()["nextPageToken"]
    assert caller.get(SEARCH, jql="project = ONB", nextPageToken=token).status_code == 400


@pytest.mark.parametrize("size", [0, 5001])
def test_page_sizes_outside_the_bounds_are_refused(caller: Caller, size: int) -> None:
    assert caller.get(SEARCH, jql="project = CHK", maxResults=size).status_code == 400


@pytest.mark.parametrize("jql", ["", "order by created", "assignee = me", "project = NOPE", "project in (CHK", "x"])
def test_unbounded_and_unknown_queries_are_refused(caller: Caller, jql: str) -> None:
    assert caller.get(SEARCH, jql=jql).status_code == 400


def test_a_question_for_goals_says_what_is_missing_where_only_the_product_is_installed(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.goal_answers.find_spec", lambda _name: None)
    answer = caller.post("/gateway/api/graphql", {"query": "{__typename}"})
    assert (answer.status_code, "dev.py check" in answer.text) == (501, True)


def test_an_unknown_key_in_a_body_is_refused(caller: Caller) -> None:
    assert caller.post(SEARCH, {"jql": "project = CHK", "startAt": 0}).status_code == 400


def test_null_in_a_body_is_refused(caller: Caller) -> None:
    assert caller.post(SEARCH, {"jql": "project = CHK", "expand": None}).status_code == 400


def test_more_than_ten_fields_of_changes_are_refused(caller: Caller) -> None:
    body = {"issueIdsOrKeys": ["CHK-20"], "fieldIds": [f"field{n}" for n in range(11)]}
    assert caller.post("/rest/api/3/changelog/bulkfetch", body).status_code == 400


def test_a_body_that_is_no_json_is_refused_as_such(caller: Caller) -> None:
    builder = caller.build("POST", SEARCH)
    assert caller.client.open(builder).status_code == 415


def test_queries_combine_by_and_or_not_and_brackets(caller: Caller) -> None:
    both = count(caller, "project in (CHK, ONB)")
    assert both == count(caller, "project = CHK") + count(caller, "project = ONB")
    assert count(caller, "(project = CHK or project = ONB) and issuetype != epic") == both - 15
    assert count(caller, "project = CHK and not issuetype = epic") == count(caller, "project = CHK") - 8


def test_dates_are_read_in_the_time_zone_of_the_caller() -> None:
    company = company_at(NOON)
    company.site.edit(company.marks["moved-1"], NOON - timedelta(minutes=10), points=8.0)
    caller = caller_of(company.site)
    # 12:50 in Berlin is 11:50 in UTC.
    assert count(caller, 'updated >= "2026/03/18 12:50"') == 1
    assert count(caller, 'updated >= "2026/03/18 12:51"') == 0
    assert count(caller, "updated >= -10m") == 1


def test_sprint_and_parent_can_be_searched(caller: Caller) -> None:
    sprint = next(s.id for s in caller.site.sprints.values() if s.name == "Checkout sprint 23")
    assert count(caller, f"sprint = {sprint}") == 15
    assert count(caller, "parent = CHK-5 and sprint is not EMPTY") > 10


def test_old_keys_of_a_renamed_project_and_of_moved_issues_lead_to_the_issues(caller: Caller) -> None:
    moved = next(i for i in caller.site.issues.values() if i.aliases and i.aliases[0].startswith("OPS"))
    body = {"issueIdsOrKeys": ["CORE-3", moved.aliases[0].lower()], "fields": ["summary"]}
    assert sorted(keys(caller.post("/rest/api/3/issue/bulkfetch", body))) == sorted(["PLAT-3", moved.key])


def test_hidden_and_unknown_issues_are_silently_missing_from_a_bulk_fetch(caller: Caller) -> None:
    answer = caller.post("/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": ["SEC-1", "CHK-99999", "CHK-20"]})
    assert keys(answer) == ["CHK-20"]
    assert answer.get_json()["issueErrors"] == []
    assert caller.get("/rest/api/3/issue/SEC-1").status_code == 404


def test_the_changelog_may_be_paged_within_one_issue(caller: Caller) -> None:
    sprint = next(s.id for s in caller.site.sprints.values() if s.name == "Onboarding sprint 21")
    issue = max(caller.site.members(sprint), key=lambda member: len(member.histories))
    body: dict[str, object] = {"issueIdsOrKeys": [issue.key], "maxResults": 2}
    found: list[str] = []
    while True:
        answer = caller.post("/rest/api/3/changelog/bulkfetch", body).get_json()
        found += [h["id"] for log in answer["issueChangeLogs"] for h in log["changeHistories"]]
        if "nextPageToken" not in answer:
            break
        body["nextPageToken"] = answer["nextPageToken"]
    assert found == [str(history.id) for history in issue.histories]
    assert len(found) > 4


def test_wrong_credentials_are_refused_and_none_see_nothing(caller: Caller) -> None:
    wrong = caller.build("GET", SEARCH, query={"jql": "project = CHK"})
    wrong.headers["Authorization"] = "Basic bm9ib2R5Ondyb25n"
    assert caller.client.open(wrong).status_code == 401
    nobody = caller.build("GET", SEARCH, query={"jql": "project = CHK"})
    del nobody.headers["Authorization"]
    assert caller.client.open(nobody).get_json()["issues"] == []
    nobody = caller.build("GET", "/rest/api/3/myself")
    del nobody.headers["Authorization"]
    assert caller.client.open(nobody).status_code == 401


def test_a_kanban_board_has_no_sprints(caller: Caller) -> None:
    board = next(b.id for b in caller.site.boards.values() if b.type == "kanban")
    assert caller.get(f"/rest/agile/1.0/board/{board}/sprint").status_code == 400


def test_sprints_of_a_board_come_closed_first_then_active_then_future(caller: Caller) -> None:
    values = caller.get("/rest/agile/1.0/board/41/sprint").get_json()["values"]
    assert [sprint["state"] for sprint in values] == ["closed"] * 5 + ["active", "future"]


def test_a_goal_never_set_is_an_absent_key(caller: Caller) -> None:
    goals = {
        sprint["name"]: sprint.get("goal")
        for board in (44, 47)
        for sprint in caller.get(f"/rest/agile/1.0/board/{board}/sprint", state="future").get_json()["values"]
    }
    assert goals == {"Onboarding sprint 24": "", "Platform sprint 24": None}


def test_limits_name_their_reason_and_end() -> None:
    caller = caller_of(company_at(NOON).site)
    caller.site.conditions.limits.append(Limit("jira-quota-tenant-based", left=1, path=SEARCH, retry_after=7))
    refused = caller.get(SEARCH, jql="project = CHK")
    assert refused.status_code == 429
    assert refused.headers["RateLimit-Reason"] == "jira-quota-tenant-based"
    assert refused.headers["Retry-After"] == "7"
    assert caller.get(SEARCH, jql="project = CHK").status_code == 200


@pytest.mark.parametrize(
    ("body", "jql", "expected"),
    [
        ({"action": "estimate", "issue": "CHK-20", "points": 21}, "key = CHK-20", 21),
        ({"action": "tag", "issue": "CHK-20", "tags": ["KR-12"]}, "key = CHK-20", "KR-12"),
        ({"action": "delete", "issue": "CHK-20"}, "key = CHK-20", None),
    ],
    ids=["estimate", "tag", "delete"],
)
def test_controls_edit_the_site(body: dict[str, object], jql: str, expected: object) -> None:
    caller = caller_of(company_at(NOON).site)
    assert caller.post("/_control/edit", body).status_code == 200
    fields = ["customfield_11440", "customfield_12031"]
    issues = caller.post(SEARCH, {"jql": jql, "fields": fields}).get_json()["issues"]
    assert (str(expected) in str(issues)) if expected is not None else issues == []
