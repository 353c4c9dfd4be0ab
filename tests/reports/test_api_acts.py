"""What is done by the API: every act of the pages, who may do it by role and scope, and that nothing is lost."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

from integration.answers import decide_due
from integration.store import accounts, acts, made_rules, tokens, write_back_records
from integration.store.engine import reading
from reports import access
from tests.integration.store.material import day
from tests.reports.material import NOW, Site, shop
from tests.reports.test_notifications import with_vault

RULE = {"when": {"label": "api"}, "reason": "Run the shop", "why": "Agreed"}
BELOW = {"when": {"ancestor": "PAY-E"}, "key_results": "KR-1:70", "why": "Agreed"}


@pytest.fixture
def small(sqlite_url: str) -> Iterator[Site]:
    with shop(sqlite_url) as found:
        yield with_vault(found)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all that is refused, or only looked at."""
    with shop(f"sqlite:///{tmp_path_factory.mktemp('acts') / 'tieline.sqlite'}") as found:
        yield with_vault(found)


def bearer(site: Site, *scopes: str, name: str = "admin", role: str = "", team: str = "") -> dict[str, str]:
    """What a program of this account sends along; the account is made where it is not there."""
    with site.store.writing() as session:
        account = accounts.account_named(session, name) or accounts.add_account(session, name, role or "viewer", NOW)
        if team:
            accounts.set_team_role(session, name, team, "editor")
        made = tokens.make_token(session, account.id, "test", scopes or ("read", "act", "admin"), 30, NOW)
    return {"Authorization": f"Bearer {made}"}


def send(
    site: Site, path: str, body: Any = None, *, by: dict[str, str] | None = None, method: str = "POST"
) -> TestResponse:
    headers = by if by is not None else bearer(site)
    client = site.app.test_client()
    return client.open(f"/api/v1/{path}", method=method, json=body, headers=headers)


def done(answer: TestResponse, status: int) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json if answer.data else None


def get(site: Site, path: str) -> Any:
    return done(site.client.get(f"/api/v1/{path}"), 200)


def logged(site: Site) -> list[str]:
    with reading(site.engine) as session:
        return [one.act for one in acts.acts(session)]


# --- rules


def test_a_rule_is_looked_at_made_edited_and_ended(small: Site) -> None:
    look = done(
        send(small, "rules/preview", {**BELOW, "why": None} and {k: v for k, v in BELOW.items() if k != "why"}), 200
    )
    ((move,),) = [effect["moves"] for effect in look["effects"]]
    assert (move["from"], move["to"], move["items"]) == ("unaligned", "KR-1 and unaligned", ["PAY-3"])
    assert get(small, "rules")["rules"][0]["from_where"] == "file"
    answer = send(small, "rules", BELOW)
    made = done(answer, 201)
    assert answer.headers["Location"] == "/api/v1/rules/1"
    assert (made["number"], made["when"], made["key_results"]) == (1, {"ancestor": "PAY-E"}, ["KR-1:70"])
    edited = done(send(small, "rules/1", {**BELOW, "key_results": "KR-2"}, method="PUT"), 200)
    assert (edited["number"], edited["goes_on_from"]) == (2, 1)
    done(send(small, "rules/2/end", {"why": "Over"}), 204)
    ended = [(one["number"], one["ended_why"]) for one in get(small, "rules")["rules"] if one["from_where"] == "ended"]
    assert sorted(ended) == [(1, "Agreed"), (2, "Over")]
    assert {"made_rule", "edited_rule", "ended_rule"} <= set(logged(small))


def test_whoever_edits_what_another_has_edited_meanwhile_is_told(small: Site) -> None:
    done(send(small, "rules", RULE), 201)
    done(send(small, "rules/1", {**RULE, "reason": "First"}, method="PUT"), 200)
    lost = send(small, "rules/1", {**RULE, "reason": "Second"}, method="PUT")
    assert (lost.status_code, lost.mimetype) == (409, "application/problem+json")
    assert send(small, "rules/1/end", {"why": "x"}).status_code == 409
    assert send(small, "rules/9", RULE, method="PUT").status_code == 404
    with reading(small.engine) as session:
        holding = [one.rule.reason for one in made_rules.made_rules(session) if one.ended_at is None]
    assert holding == ["First"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"when": {"label": "api"}, "why": "x"}, "Say why this work lies outside"),
        ({**RULE, "when": {"lable": "api"}}, "The conditions"),
        ({**RULE, "key_results": "KR-9"}, "names no key result"),
        ({**RULE, "until": "2020-01-01"}, "The last day is over"),
        ({"when": {"label": "api"}, "reason": "x"}, "why: it is missing."),
        ({**RULE, "more": 1}, "There is no 'more' here"),
        ({**RULE, "until": "soon"}, "until: write a day"),
        ([], "Send a JSON object"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_what_is_wrong(still: Site, body: Any, said: str) -> None:
    answer = send(still, "rules", body)
    assert done(answer, 422)["detail"].startswith(said) or said in done(answer, 422)["detail"]


def test_rules_of_a_past_day_are_those_that_held_then(small: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.past_pages.WAIT", 60)
    with small.store.writing() as session:
        deed = made_rules.Deed("Ada", day(1), "Agreed")
        (number,) = made_rules.make_rules(session, [_label_rule()], deed)
        made_rules.end_rule(session, number, made_rules.Deed("Ada", day(3), "Over"))
    decide_due(small.engine, NOW)
    places = [get(small, f"rules?as_of={asked}")["rules"][0]["from_where"] for asked in ("2026-03-04", "2026-03-06")]
    assert places == ["made", "file"]
    assert get(small, "rules?as_of=2026-03-01")["rules"][0]["from_where"] == "file"


def _label_rule() -> Any:
    from mappings.model import Condition, MappingRule

    return MappingRule(Condition("label", "api"), reason="Run the shop")


# --- the audit and findings


def test_epics_are_exempted_after_a_look_and_a_second_sending_makes_no_second_rule(small: Site) -> None:
    asked = {"act": "exempt", "epics": ["shop/PAY-E"], "reason": "Business as usual"}
    look = done(send(small, "epics/acts", {**asked, "preview": True}), 200)
    assert (look["done"], look["epics"]) == (None, ["shop/PAY-E"])
    assert look["effects"][0]["moves"][0]["to"] == "exempt"
    assert done(send(small, "epics/acts", asked), 200)["done"] == 1
    assert done(send(small, "epics/acts", asked), 200)["done"] == 0
    with reading(small.engine) as session:
        assert len(made_rules.made_rules(session)) == 1


def test_findings_are_muted_together_and_the_list_is_of_a_team(small: Site) -> None:
    numbers = [one["id"] for one in get(small, "findings?team=Payments")["findings"]]
    assert numbers
    assert get(small, "findings?team=Nobody")["findings"] == []
    muted = {"act": "muted", "findings": numbers[:2], "reason": "Later", "until": "2026-12-31"}
    assert done(send(small, "findings/acts", muted), 200)["done"] == 2
    assert {one["id"] for one in get(small, "findings?state=muted")["findings"]} == set(numbers[:2])
    assert "until: write a day" in done(send(small, "findings/acts", {**muted, "until": ""}), 422)["detail"]


def test_views_are_kept_and_dropped(small: Site) -> None:
    done(send(small, "epics/views", {"name": "Old ones", "age": 30, "sort": "age"}), 204)
    (view,) = get(small, "epics/views")["views"]
    assert (view["name"], view["query"]) == ("Old ones", "age=30&sort=age")
    assert [one["name"] for one in get(small, f"epics?{view['query']}")["epics"]] == []
    done(send(small, f"epics/views/{view['id']}", method="DELETE"), 204)
    assert send(small, f"epics/views/{view['id']}", method="DELETE").status_code == 404


# --- words


def test_a_verdict_is_overruled_and_taken_back_and_a_changed_text_is_not_overruled(small: Site) -> None:
    reading_of = get(small, "sprints/S1/wording")
    said = {"act": "text", "text": reading_of["text"], "label": "output_only", "reason": "We know it"}
    told = done(send(small, "sprints/shop/S1/overrulings", said), 200)
    assert (told["said"]["label"], told["said"]["by"]) == ("output_only", "admin")
    changed = send(small, "sprints/S1/overrulings", {**said, "text": "Another goal"})
    assert "was changed since" in done(changed, 422)["detail"]
    back = {"act": "take_back", "text": reading_of["text"], "reason": "It was right"}
    assert done(send(small, "sprints/S1/overrulings", back), 200)["said"] is None
    assert send(small, "sprints/S9/overrulings", said).status_code == 404


def test_a_phrase_is_listed_and_taken_back(small: Site) -> None:
    text = get(small, "key-results/KR-1/wording")["text"]
    said = {"act": "phrase", "text": text, "phrase": "activation", "label": "output", "reason": "Ours"}
    done(send(small, "key-results/KR-1/overrulings", said), 200)
    (phrase,) = get(small, "phrases")["phrases"]
    gone = {"about": "key_result", "text": "activation", "team": phrase["team"], "reason": "No more"}
    done(send(small, "phrases/take-back", gone), 204)
    assert get(small, "phrases")["phrases"] == []
    assert send(small, "phrases/take-back", gone).status_code == 404


# --- check-ins


def test_check_ins_are_given_together_paged_and_taken_back(small: Site) -> None:
    given = [{"key_result": "KR-1", "value": value, "at": f"2026-03-0{at}"} for at, value in ((2, 41), (3, "42.5"))]
    assert done(send(small, "check-ins", {"check_ins": given}), 200) == {"kept": 2, "held_already": 0}
    assert done(send(small, "check-ins", {"check_ins": given}), 200) == {"kept": 0, "held_already": 2}
    page = get(small, "key-results/KR-1/check-ins?limit=1")
    assert page["check_ins"][0]["value"] == "85/2"
    (first,) = done(small.client.get(page["next"]), 200)["check_ins"]
    done(send(small, f"check-ins/{first['number']}/take-back", {"reason": "Typed wrongly"}), 204)
    assert [one["value"] for one in get(small, "check-ins?key_result=KR-1")["check_ins"]] == ["85/2"]
    again = send(small, f"check-ins/{first['number']}/take-back", {"reason": "x"})
    assert again.status_code == 409
    assert send(small, "check-ins/99/take-back", {"reason": "x"}).status_code == 404


def test_all_check_ins_are_kept_or_none(small: Site) -> None:
    given = [{"key_result": "KR-1", "value": 41}, {"key_result": "KR-9", "value": 1}]
    assert "no key result" in done(send(small, "check-ins", {"check_ins": given}), 422)["detail"]
    assert get(small, "check-ins")["check_ins"] == []


# --- notifications


def test_a_destination_is_added_tested_told_and_removed(small: Site) -> None:
    hook = {"name": "ours", "channel": "webhook", "address": "https://hooks.example.org/x"}
    answer = send(small, "notifications/destinations", hook)
    made = done(answer, 201)
    assert made["secret"].startswith("whsec_")
    assert answer.headers["Cache-Control"] == "no-store"
    assert send(small, "notifications/destinations", hook).status_code == 409
    assert made["secret"] not in small.client.get("/api/v1/notifications/destinations").text
    assert done(send(small, "notifications/destinations/ours/secret"), 200)["secret"] != made["secret"]
    number = done(send(small, "notifications/destinations/ours/test"), 202)["message"]
    assert get(small, f"notifications/messages/{number}")["topic"] == "test"
    done(send(small, f"notifications/messages/{number}/replay"), 204)
    wanted = {"destination": "ours", "topic": "digest", "schedule": "every monday 08:00 Europe/Berlin"}
    subscribed = done(send(small, "notifications/subscriptions", wanted), 201)["id"]
    assert get(small, "notifications/subscriptions")["subscriptions"][0]["id"] == subscribed
    assert send(small, "notifications/subscriptions", {**wanted, "schedule": "soon"}).status_code == 422
    done(send(small, f"notifications/subscriptions/{subscribed}", method="DELETE"), 204)
    done(send(small, "notifications/destinations/ours/change", {"pictures": "link"}), 204)
    assert get(small, "notifications/destinations")["destinations"][0]["pictures"] == "link"
    assert send(small, "notifications/destinations/ours/change", {"pictures": "loud"}).status_code == 422
    assert send(small, "notifications/destinations/nobody/change", {}).status_code == 404
    assert send(small, f"notifications/messages/{number}/picture", method="DELETE").status_code == 404
    done(send(small, "notifications/destinations/ours", method="DELETE"), 204)
    assert send(small, "notifications/destinations/ours/test").status_code == 404


def test_a_link_is_shared_once_and_revoked(small: Site) -> None:
    made = done(send(small, "notifications/shares", {"connection": "shop", "board": "B1"}), 201)
    assert re.search(r"/badge/[\w-]{43}/share\.svg$", made["badge"])
    (share,) = get(small, "notifications/shares")["shares"]
    done(send(small, f"notifications/shares/{share['id']}", method="DELETE"), 204)
    assert small.client.get(made["badge"].partition("localhost")[2]).status_code == 404


# --- writing back


def test_writing_back_is_asked_for_and_sent_only_where_it_is_switched_on(small: Site) -> None:
    asked = {"connection": "shop", "kind": "key_results", "key_results": ["KR-1"], "items": ["PAY-3"]}
    answer = send(small, "write-back", asked)
    number = done(answer, 202)["record"]
    assert answer.headers["Location"] == f"/api/v1/write-back/{number}"
    record = get(small, f"write-back/{number}")
    assert (record["state"], record["author"], record["changes"]) == ("planning", "admin", [])
    assert "is off" in done(send(small, f"write-back/{number}/send"), 409)["detail"]
    done(send(small, "write-back/switches", {"connection": "shop", "on": True}), 204)
    assert get(small, "write-back/switches")["switches"][0]["on"] is True
    assert "nothing to send" in done(send(small, f"write-back/{number}/send"), 409)["detail"]
    assert send(small, f"write-back/{number}/stop").status_code in (202, 409)
    assert send(small, "write-back/99/send").status_code == 404
    assert send(small, "write-back", {**asked, "connection": "other"}).status_code == 404
    with reading(small.engine) as session:
        assert [run.state for run in write_back_records.runs(session)] != ["running"]


# --- accounts and tokens


def test_an_account_is_added_changed_and_shut_out(small: Site) -> None:
    answer = send(small, "accounts", {"name": "Ada", "role": "viewer", "reason": "New here"})
    link = done(answer, 201)["login_link"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert small.app.test_client().get(link.partition("localhost")[2]).status_code == 303
    done(send(small, "accounts/Ada/acts", {"act": "team_role", "team": "Payments", "role": "editor"}), 200)
    (ada,) = [one for one in get(small, "accounts")["accounts"] if one["name"] == "Ada"]
    assert (ada["role"], ada["team_roles"]) == ("viewer", {"Payments": "editor"})
    done(send(small, "accounts/Ada/acts", {"act": "disabled", "reason": "Left"}), 200)
    assert "Ada" in done(send(small, "accounts/Ada/acts", {"act": "link"}), 422)["detail"]
    assert {"account_added", "team_role_changed", "account_disabled"} <= set(logged(small))


def test_a_token_makes_none_that_may_more_than_itself(still: Site) -> None:
    body = {"name": "nightly", "scopes": ["read"], "days": 7}
    assert send(still, "tokens", body, by=bearer(still, "read", "act")).status_code == 403
    assert send(still, "tokens", {**body, "scopes": ["act"]}, by=bearer(still, "read", "admin")).status_code == 403
    made = done(send(still, "tokens", body), 201)["token"]
    assert made not in still.client.get("/api/v1/tokens").text
    mine = {"Authorization": f"Bearer {made}"}
    assert send(still, "boards", by=mine, method="GET").status_code == 200
    done(send(still, f"tokens/{made.split('_')[1]}/revoke"), 204)
    assert send(still, "boards", by=mine, method="GET").status_code == 401


def test_nobody_ends_the_token_of_another_without_being_admin(still: Site) -> None:
    other = bearer(still, "read", name="Ada")["Authorization"].split("_")[1]
    editor = bearer(still, "read", "act", name="Bea", role="editor")
    assert send(still, f"tokens/{other}/revoke", by=editor).status_code == 404
    assert send(still, f"tokens/{other}/revoke", by=bearer(still, "act")).status_code == 404
    done(send(still, f"tokens/{other}/revoke"), 204)


# --- connections


def test_a_connection_is_told_without_a_secret_and_forgotten_by_its_name(still: Site) -> None:
    told = get(still, "connections/shop")
    assert (told["id"], told["write_back_is_on"], told["webhook"]) == ("shop", False, None)
    assert {board["id"] for board in told["boards"]} == {"B1", "B2"}
    assert told["behind"]["seconds"] == 0
    assert not {"credentials", "webhook_secret"} & set(told)
    wrong = send(still, "connections/shop/remove", {"connection": "other", "reason": "Moved"})
    assert wrong.status_code == 422
    assert send(still, "connections/other/remove", {"connection": "other", "reason": "x"}).status_code == 404
    assert send(still, "connections/other/doctor", method="GET").status_code == 404


# --- files


@pytest.mark.parametrize("form", ["csv", "json", "markdown", "xlsx", "parquet"])
def test_tables_are_exported_in_every_form(still: Site, form: str) -> None:
    answer = still.client.get(f"/api/v1/exports/findings.{form}")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert len(answer.data) > 100


def test_the_sheet_a_receipt_and_a_chart_are_files(still: Site) -> None:
    assert still.client.get("/api/v1/sprints/S1/sheet.pdf").data.startswith(b"%PDF")
    assert still.client.get("/api/v1/sprints/shop/S1/sheet.md").text.startswith("#")
    rows = still.client.get("/api/v1/sprints/S1/receipt.csv?part=KR-1").text.splitlines()
    assert [row.split(",")[4] for row in rows[1:]] == ["PAY-1"]
    assert len(still.client.get("/api/v1/periods/B2/2026-03-02/receipt.csv").text.splitlines()) == 2
    assert "<svg" in still.client.get("/api/v1/trends/chart.svg?team=Payments").text
    assert still.client.get("/api/v1/sprints/S1/receipt.csv?scope=carried_over").status_code == 404


def test_two_sprints_or_days_are_compared(still: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.past_pages.WAIT", 60)
    told = get(still, "compare?a=shop/S0&b=shop/S1&measure=count")
    assert (told["a"]["id"], told["b"]["id"], told["measure"]) == ("S0", "S1", "count")
    assert told["scopes"][0]["parts"]
    days = get(still, "compare?a=shop/S1&a_as_of=2026-03-03&b=shop/S1")
    assert days["a"]["as_of"].startswith("2026-03-03T23:59:59.999999")
    assert still.client.get("/api/v1/compare?a=shop/S0&b=shop/S9").status_code == 404
    assert still.client.get("/api/v1/compare?a=shop/S0").status_code == 400


def test_objectives_come_with_their_key_results(still: Site) -> None:
    (objective,) = get(still, "objectives")["objectives"]
    assert (objective["id"], [one["code"] for one in objective["key_results"]]) == ("O1", ["KR-1", "KR-2"])


# --- who may


ACTS = [
    ("POST", "findings/1/acts", {"act": "acknowledged", "reason": "x"}, "act"),
    ("POST", "epics/acts", {"act": "exempt", "epics": ["shop/PAY-E"], "reason": "x"}, "act"),
    ("POST", "rules", RULE, "act"),
    ("POST", "key-results/KR-1/check-ins", {"value": 41}, "act"),
    ("POST", "write-back", {"connection": "shop", "kind": "orphans"}, "act"),
    ("POST", "write-back/1/send", None, "admin"),
    ("POST", "write-back/switches", {"connection": "shop", "on": True}, "admin"),
    ("POST", "accounts", {"name": "Eve", "role": "admin"}, "admin"),
    ("GET", "accounts", None, "admin"),
    ("GET", "connections/shop/doctor", None, "admin"),
    (
        "POST",
        "notifications/destinations",
        {"name": "x", "channel": "webhook", "address": "https://x.example"},
        "admin",
    ),
    ("POST", "connections/shop/webhook", {"act": "new"}, "admin"),
    ("POST", "connections/shop/remove", {"connection": "shop", "reason": "x"}, "admin"),
    ("GET", "connect", None, "admin"),
    ("POST", "connect", {"url": "https://x.example"}, "admin"),
    ("POST", "connect/0123456789abcdef/finish", {}, "admin"),
    ("GET", "imports", None, "admin"),
    ("POST", "imports", None, "admin"),
    ("POST", "sample", None, "admin"),
    ("DELETE", "sample", None, "admin"),
    ("POST", "deliveries/replay", {}, "act"),
    ("POST", "deliveries/1/replay", None, "act"),
]


def test_a_token_without_the_scope_does_nothing(small: Site) -> None:
    every = {"read", "act", "metrics", "admin"}
    for method, path, body, scope in ACTS:
        answer = send(small, path, body, by=bearer(small, *(every - {scope})), method=method)
        assert (path, answer.status_code) == (path, 403)
        assert scope in done(answer, 403)["detail"]
    assert logged(small) == ["logged_in"]


def test_a_viewer_does_nothing_and_an_editor_of_another_team_neither(still: Site) -> None:
    viewer = bearer(still, name="Vi", role="viewer")
    other = bearer(still, name="Ed", team="Search")
    for method, path, body, _ in ACTS:
        for who in (viewer, other):
            answer = send(still, path, body, by=who, method=method)
            assert (path, answer.status_code) == (path, 403)


def test_an_admin_of_a_team_reads_nothing_that_is_for_admins(still: Site) -> None:
    with still.store.writing() as session:
        accounts.add_account(session, "Al", "viewer", NOW)
        accounts.set_team_role(session, "Al", "Payments", "admin")
    theirs, views = bearer(still, name="Al"), still.app.view_functions
    rules = [
        one for one in still.app.url_map.iter_rules() if one.rule.startswith("/api/") and "GET" in (one.methods or ())
    ]
    for_admins = [one.rule.replace("<name>", "shop") for one in rules if _needed_by(views[one.endpoint]) == "admin"]
    assert "/api/v1/log" in for_admins
    for address in for_admins:
        assert (address, still.app.test_client().get(address, headers=theirs).status_code) == (address, 403)


def _needed_by(view: object) -> object:
    return getattr(view, access._NEEDED, None)


def test_an_editor_of_the_team_does_what_is_the_teams_and_no_more(small: Site) -> None:
    mine = bearer(small, "read", "act", name="Ed", team="Payments")
    (tag,) = get(small, "findings?kind=unknown_tag")["findings"]
    done(send(small, f"findings/{tag['id']}/acts", {"act": "acknowledged", "reason": "Seen"}, by=mine), 204)
    done(send(small, "key-results/KR-1/check-ins", {"value": 41}, by=mine), 201)
    assert send(small, "rules", RULE, by=mine).status_code == 403  # it may match anybody's work
    assert send(small, "rules/preview", {"when": {"label": "api"}, "reason": "x"}, by=mine).status_code == 403


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"{", "application/json", 422),
        (b"\xff", "application/json", 422),
        (b"null", "application/json", 422),
        (b'{"act": "acknowledged", "reason": "a\\u0000b"}', "application/json", 422),
        (b'{"act": "acknowledged", "reason": "\\ud800"}', "application/json", 422),
        (b'{"act": ["acknowledged"], "reason": "x"}', "application/json", 422),
        (b'{"act": "acknowledged", "reason": ""}', "application/json", 422),
        (b"[" * 100_000, "application/json", 422),
    ],
)
def test_a_body_that_is_none_is_refused(still: Site, content: bytes, kind: str, status: int) -> None:
    answer = still.app.test_client().post(
        "/api/v1/findings/1/acts", data=content, content_type=kind, headers=bearer(still)
    )
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert get(still, "findings/1")["state"] == "open"


@pytest.mark.parametrize(
    "cursor", ["WzFd" * 5000, "W" * 100_000, "WzEsIFtdXQ" + "A" * 50, "WzkyMjMzNzIwMzY4NTQ3NzU4MDgsW11d"]
)
def test_a_huge_cursor_is_no_trouble(still: Site, cursor: str) -> None:
    answer = still.client.get(f"/api/v1/findings?cursor={cursor}")
    assert answer.status_code in (200, 404)


@pytest.mark.parametrize("mark", ['W/"0-0"', "*", '"' + "x" * 5000 + '"', "garbage", 'W/"', ", ,"])
def test_a_forged_mark_never_hides_what_is_new(still: Site, mark: str) -> None:
    before = still.client.get("/api/v1/findings").headers["ETag"]
    answer = still.client.get("/api/v1/findings", headers={"If-None-Match": mark})
    assert answer.status_code == (304 if mark == "*" else 200)
    assert before != mark


def test_a_body_that_is_too_large_is_a_problem(still: Site) -> None:
    body = b'{"reason": "' + b"x" * 2_000_000 + b'"}'
    answer = still.app.test_client().post(
        "/api/v1/findings/1/acts", data=body, content_type="application/json", headers=bearer(still)
    )
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


def test_of_two_who_edit_a_rule_at_once_one_is_told_that_the_other_was_quicker(database_url: str) -> None:
    with shop(database_url) as site:
        done(send(site, "rules", RULE), 201)
        by = bearer(site)
        with ThreadPoolExecutor(4) as workers:
            bodies = [{**RULE, "reason": f"Reason {number}"} for number in range(4)]
            answers = list(workers.map(lambda body: send(site, "rules/1", body, by=by, method="PUT"), bodies))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
        with reading(site.engine) as session:
            assert len([one for one in made_rules.made_rules(session) if one.ended_at is None]) == 1
