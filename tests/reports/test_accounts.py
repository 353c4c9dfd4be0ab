"""Accounts, roles by team, passwords, tokens and the log of what was done."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from integration.store import accounts, logins, tokens
from integration.store.accounts import WrongAccount
from integration.store.acts import note_act
from integration.store.tokens import WrongToken
from tests.reports.material import NOW, Site, site_on

PASSWORD = "correct horse battery"


def word(client: FlaskClient) -> str:
    found: str = client.get("/account").text.split('name="csrf" value="')[1].split('"')[0]
    return found


def post(client: FlaskClient, address: str, **form: str) -> int:
    return client.post(address, data={"csrf": word(client), **form}).status_code


def somebody(site: Site, role: str = "viewer", **team_roles: str) -> FlaskClient:
    """Another account that is logged in."""
    with site.store.writing() as session:
        account = accounts.add_account(session, "Grace", role, NOW)
        for team, held in team_roles.items():
            accounts.set_team_role(session, "Grace", team, held)
        link = logins.make_login_link(session, NOW, account.id)
    client = site.app.test_client()
    assert client.get(f"/login/{link}").status_code == 303
    return client


def token_of(site: Site, *scopes: str, days: int = 1, name: str = "admin") -> dict[str, str]:
    with site.store.writing() as session:
        account = accounts.account_named(session, name)
        assert account is not None
        made = tokens.make_token(session, account.id, "script", scopes, days, NOW)
    return {"Authorization": f"Bearer {made}"}


def finding_of(site: Site, kind: str) -> int:
    answer: Any = site.client.get(f"/api/v1/findings?kind={kind}").json
    number: int = answer["findings"][0]["id"]
    return number


# --- people


def test_an_admin_lets_somebody_in_by_a_link_shown_once(site: Site) -> None:
    form = {"csrf": word(site.client), "act": "added", "name": "Grace", "role": "editor", "reason": "joined"}
    answer = site.client.post("/accounts", data=form)
    link = answer.text.split("<pre><code>")[1].split("<")[0]
    client = site.app.test_client()
    assert client.get(link.removeprefix("http://localhost")).status_code == 303
    assert "editor everywhere" in client.get("/account").text
    assert "account added" in site.client.get("/log").text
    assert link.rpartition("/")[2] not in site.client.get("/accounts").text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"act": "added", "name": "admin", "role": "viewer"}, "already"),
        ({"act": "added", "name": " ", "role": "viewer"}, "Give a name"),
        ({"act": "added", "name": "x", "role": "king"}, "no role king"),
        ({"act": "role", "name": "admin", "role": "viewer"}, "Nobody else is admin"),
        ({"act": "disabled", "name": "admin"}, "Nobody else is admin"),
        ({"act": "role", "name": "nobody", "role": "viewer"}, "no account nobody"),
        ({"act": "link", "name": "nobody"}, "no account nobody"),
        ({"act": "team_role", "name": "admin", "team": " ", "role": "editor"}, "Name the team"),
        ({"act": "team_role", "name": "admin", "team": "Payments", "role": "viewer"}, "no role viewer"),
        ({"act": "eaten", "name": "admin"}, "can be added"),
    ],
)
def test_what_cannot_be_done_to_an_account_is_said(small: Site, form: dict[str, str], said: str) -> None:
    answer = small.client.post("/accounts", data={"csrf": word(small.client), **form})
    assert answer.status_code == 422
    assert said in answer.text


def test_only_admins_see_accounts_and_the_log(small: Site) -> None:
    client = somebody(small, "editor", Payments="admin")
    assert [client.get(address).status_code for address in ("/accounts", "/log", "/log.csv")] == [403] * 3
    assert post(client, "/accounts", act="added", name="Eve", role="admin") == 403


def test_a_viewer_sees_everything_and_acts_on_nothing(small: Site) -> None:
    client = somebody(small)
    assert client.get("/findings").status_code == 200
    assert post(client, "/findings/1", act="acknowledged", reason="x") == 403
    assert post(client, "/draft", kind="goal", text="Ship it") == 200


def test_a_role_for_a_team_holds_for_its_sprints_items_and_key_results(site: Site) -> None:
    client = somebody(site, Payments="editor")
    number = finding_of(site, "unknown_tag")
    assert post(client, f"/findings/{number}", act="acknowledged", reason="We are on it") == 303
    assert post(client, "/sprints/shop/S1/overrule", act="text", label="outcome", reason="x", text="") == 422


def test_a_role_for_another_team_does_not(small: Site) -> None:
    client = somebody(small, Growth="editor")
    number = finding_of(small, "unknown_tag")
    assert post(client, f"/findings/{number}", act="acknowledged", reason="x") == 403
    assert post(client, "/sprints/shop/S1/overrule", act="text", label="outcome", reason="x") == 403


def test_who_is_switched_off_is_out_at_once_with_all_tokens(site: Site) -> None:
    client = somebody(site, "editor")
    token = token_of(site, "read", name="Grace")
    assert post(site.client, "/accounts", act="disabled", name="Grace", reason="left") == 303
    assert client.get("/").status_code == 303
    assert site.app.test_client().get("/api/v1/boards", headers=token).status_code == 401
    assert post(site.client, "/accounts", act="enabled", name="Grace") == 303
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("address", ["/log?actor=%00", "/log.csv?actor=a%00b", "/findings.csv?kind=%00"])
def test_what_no_database_keeps_is_found_nowhere(site: Site, address: str) -> None:
    assert site.client.get(address).status_code == 200


def test_the_log_is_downloaded_without_cells_that_a_spreadsheet_runs(small: Site) -> None:
    post(small.client, "/accounts", act="added", name="=HYPERLINK(1)", role="viewer", reason="@SUM(1)")
    text = small.client.get("/log.csv").text
    assert "'=HYPERLINK(1): viewer" in text
    assert "'@SUM(1)" in text


def test_the_log_goes_on_page_by_page(small: Site) -> None:
    with small.store.writing() as session:
        for number in range(105):
            note_act(session, NOW, "admin", "counted", str(number))
    first = small.client.get("/log").text
    older = first.split('href="/log?before=')[1].split('"')[0]
    assert "Earlier acts" not in small.client.get(f"/log?before={older}&actor=admin").text


# --- passwords


def test_a_password_lets_in_and_a_change_of_it_ends_other_logins(site: Site) -> None:
    first = somebody(site)
    assert post(first, "/account/password", password=PASSWORD, again=PASSWORD) == 303
    second = site.app.test_client()
    assert second.post("/login", data={"name": "Grace", "password": PASSWORD}).status_code == 303
    assert (
        post(second, "/account/password", held=PASSWORD, password="another long one", again="another long one") == 303
    )
    assert first.get("/").status_code == 303
    assert second.get("/").status_code == 200


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"password": "short", "again": "short"}, "12 to 200"),
        ({"password": PASSWORD, "again": "another long one"}, "differ"),
        ({"password": "x" * 201, "again": "x" * 201}, "12 to 200"),
    ],
)
def test_a_password_that_cannot_be_kept_is_refused(small: Site, form: dict[str, str], said: str) -> None:
    answer = small.client.post("/account/password", data={"csrf": word(small.client), **form})
    assert answer.status_code == 422
    assert said in answer.text


def test_a_new_password_takes_the_one_held_now(small: Site) -> None:
    client = somebody(small)
    assert post(client, "/account/password", password=PASSWORD, again=PASSWORD) == 303
    assert post(client, "/account/password", held="wrong", password=PASSWORD, again=PASSWORD) == 422


@pytest.mark.parametrize(("name", "password"), [("Grace", "wrong"), ("nobody", PASSWORD), ("admin", ""), ("", "")])
def test_a_wrong_name_or_password_lets_nobody_in(small: Site, name: str, password: str) -> None:
    client = somebody(small)
    post(client, "/account/password", password=PASSWORD, again=PASSWORD)
    answer = small.app.test_client().post("/login", data={"name": name, "password": password})
    assert answer.status_code == 401
    assert "no such name with this password" in answer.text


def test_guessing_a_password_ends_after_ten_attempts_from_wherever(small: Site) -> None:
    for number in range(logins.MOST_ATTEMPTS):
        small.app.test_client().post(
            "/login", data={"name": "admin", "password": "x"}, environ_base={"REMOTE_ADDR": f"192.0.2.{number}"}
        )
    last = small.app.test_client().post("/login", data={"name": "admin", "password": "x"})
    assert last.status_code == 429


def test_another_site_cannot_log_anybody_in(small: Site) -> None:
    sent = {"name": "admin", "password": "x"}
    answer = small.app.test_client().post("/login", data=sent, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 400


def test_a_password_is_kept_as_a_salted_hash(small: Site) -> None:
    assert accounts.hashed_password(PASSWORD) != accounts.hashed_password(PASSWORD)
    assert PASSWORD not in accounts.hashed_password(PASSWORD)


def test_an_own_login_elsewhere_can_be_ended(small: Site) -> None:
    first = somebody(small)
    with small.store.writing() as session:
        account = accounts.account_named(session, "Grace")
        assert account is not None
        (held,) = logins.open_logins(session, account.id, NOW)
        link = logins.make_login_link(session, NOW, account.id)
    second = small.app.test_client()
    second.get(f"/login/{link}")
    assert post(second, f"/account/logins/{held.id}/end") == 303
    assert first.get("/").status_code == 303
    assert second.get("/").status_code == 200


def test_nobody_ends_a_login_of_somebody_else(small: Site) -> None:
    client = somebody(small)
    with small.store.reading() as session:
        account = accounts.account_named(session, "admin")
        assert account is not None
        (held,) = logins.open_logins(session, account.id, NOW)
    assert post(client, f"/account/logins/{held.id}/end") == 303
    assert small.client.get("/").status_code == 200


# --- tokens


def test_a_token_is_shown_once_and_opens_the_api_without_a_cookie(site: Site) -> None:
    form = {"csrf": word(site.client), "name": "wall screen", "scope": "read", "days": "30"}
    made = site.client.post("/account/tokens", data=form).text.split("<pre><code>")[1].split("<")[0]
    stranger = site.app.test_client()
    assert stranger.get("/api/v1/boards", headers={"Authorization": f"Bearer {made}"}).status_code == 200
    assert made[-20:] not in site.client.get("/account").text


@pytest.mark.parametrize(
    "form",
    [
        {"name": "", "scope": "read", "days": "30"},
        {"name": "x", "days": "30"},
        {"name": "x", "scope": "everything", "days": "30"},
        {"name": "x", "scope": "read", "days": "0"},
        {"name": "x", "scope": "read", "days": "4000"},
        {"name": "x", "scope": "read", "days": "ten"},
    ],
)
def test_a_token_that_cannot_be_made_is_refused(small: Site, form: dict[str, str]) -> None:
    assert post(small.client, "/account/tokens", **form) == 422


@pytest.mark.parametrize("sent", ["Bearer nonsense", "Bearer", "Bearer tl_000000000000_" + "x" * 43, "Bearer ü"])
def test_an_invented_token_opens_nothing(small: Site, sent: str) -> None:
    assert small.client.get("/api/v1/boards", headers={"Authorization": sent}).status_code == 401


def test_a_token_with_another_secret_opens_nothing(small: Site) -> None:
    held = token_of(small, "read")["Authorization"]
    assert small.client.get("/api/v1/boards", headers={"Authorization": held[:-43] + "x" * 43}).status_code == 401


def test_a_token_opens_no_page(small: Site) -> None:
    assert small.app.test_client().get("/", headers=token_of(small, "read")).status_code == 303


def test_a_token_runs_out_and_can_be_revoked(small: Site) -> None:
    token = token_of(small, "read")
    later = site_on(small.engine, NOW + timedelta(days=2)).app.test_client()
    assert later.get("/api/v1/boards", headers=token).status_code == 401
    number = token["Authorization"].split("_")[1]
    assert post(small.client, f"/account/tokens/{number}/revoke") == 303
    assert small.app.test_client().get("/api/v1/boards", headers=token).status_code == 401
    assert post(small.client, f"/account/tokens/{number}/revoke") == 404


def test_nobody_revokes_a_token_of_somebody_else_but_an_admin(small: Site) -> None:
    token = token_of(small, "read")["Authorization"].split("_")[1]
    client = somebody(small, "editor")
    assert post(client, f"/account/tokens/{token}/revoke") == 404
    assert post(client, f"/accounts/tokens/{token}/revoke") == 403
    assert post(small.client, f"/accounts/tokens/{token}/revoke") == 303


def test_a_token_does_no_more_than_its_scopes(site: Site) -> None:
    number = finding_of(site, "unknown_tag")
    client, act = site.app.test_client(), {"act": "acknowledged", "reason": "Known"}
    address = f"/api/v1/findings/{number}/acts"
    assert client.post(address, json=act, headers=token_of(site, "read")).status_code == 403
    assert client.post(address, json=act, headers=token_of(site, "act")).status_code == 204
    assert client.get("/api/v1/boards", headers=token_of(site, "act")).status_code == 403
    assert "Known" in site.client.get(f"/findings/{number}").text


def test_a_token_does_no_more_than_its_account(small: Site) -> None:
    somebody(small)
    token = token_of(small, "act", name="Grace")
    act = {"act": "acknowledged", "reason": "x"}
    assert small.app.test_client().post("/api/v1/findings/1/acts", json=act, headers=token).status_code == 403


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"act": "acknowledged"}, 422),
        ({"act": "acknowledged", "reason": 7}, 422),
        ({"act": "eaten", "reason": "x"}, 422),
        ({"act": "muted", "reason": "x", "until": "yesterday"}, 422),
        ([], 422),
        ({"act": "muted", "reason": "x", "until": "2031-01-01"}, 204),
    ],
)
def test_an_act_that_cannot_be_is_a_problem(small: Site, sent: object, status: int) -> None:
    answer = small.app.test_client().post("/api/v1/findings/1/acts", json=sent, headers=token_of(small, "act"))
    assert answer.status_code == status


def test_no_such_finding_cannot_be_acted_on(small: Site) -> None:
    act = {"act": "acknowledged", "reason": "x"}
    answer = small.app.test_client().post("/api/v1/findings/99999/acts", json=act, headers=token_of(small, "act"))
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_metrics_take_a_token_of_their_scope(small: Site) -> None:
    stranger = small.app.test_client()
    assert stranger.get("/metrics", headers=token_of(small, "read")).status_code == 403
    text = stranger.get("/metrics", headers=token_of(small, "metrics")).text
    assert 'tieline_seconds_since_sync{connection="shop"} 0.0' in text
    assert 'tieline_deliveries{state="dead"} 0.0' in text
    assert "tieline_open_findings" in text


def test_a_token_needs_an_account_and_a_name_that_can_be_printed(small: Site) -> None:
    with small.store.writing() as session, pytest.raises(WrongToken):
        tokens.make_token(session, 1, "a\x00b", ["read"], 1, NOW)
    with small.store.writing() as session, pytest.raises(WrongAccount):
        accounts.add_account(session, "a\x00b", "viewer", NOW)
