"""Who may come in, for how long, and what nobody may do without the word of their login."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from integration.store import logins
from integration.store.engine import writing
from reports.access import first_login_link, login_link
from service.app import create_app
from service.settings import Settings
from tests.reports.material import NOW, Site, site_on


def stranger(site: Site) -> FlaskClient:
    return site.app.test_client()


@pytest.mark.parametrize("address", ["/", "/sprints/shop/S1", "/findings", "/sprints/shop/S1/receipt.csv", "/nowhere"])
def test_who_is_not_in_is_sent_to_the_login(small: Site, address: str) -> None:
    answer = stranger(small).get(address)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")


@pytest.mark.parametrize("address", ["/api/v1/boards", "/api/v1/openapi.json", "/api/v1/sprints/S1"])
def test_the_api_refuses_who_is_not_in_with_a_problem(small: Site, address: str) -> None:
    answer = stranger(small).get(address)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_an_open_page_whose_login_ran_out_goes_to_the_login_as_a_whole(small: Site) -> None:
    answer = stranger(small).get("/?live=1", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")


@pytest.mark.parametrize("address", ["/healthz", "/login", "/static/tieline.css"])
def test_health_login_and_files_are_open(small: Site, address: str) -> None:
    with stranger(small).get(address) as answer:
        assert answer.status_code == 200


def test_a_link_lets_in_once(site: Site) -> None:
    link = login_link(site.store, "", NOW)
    first, second = stranger(site), stranger(site)
    assert first.get(link).status_code == 303
    assert first.get("/").status_code == 200
    answer = second.get(link)
    assert answer.status_code == 401
    assert "used already" in answer.text


def test_looking_at_a_link_does_not_spend_it(small: Site) -> None:
    link = login_link(small.store, "", NOW)
    assert stranger(small).head(link).status_code == 200
    assert stranger(small).get(link).status_code == 303


def test_a_new_link_takes_the_place_of_those_not_used(small: Site) -> None:
    old, new = login_link(small.store, "", NOW), login_link(small.store, "", NOW)
    assert stranger(small).get(old).status_code == 401
    assert stranger(small).get(new).status_code == 303


def test_a_link_runs_out_after_a_day(small: Site) -> None:
    link = login_link(small.store, "", NOW - logins.LINK_LASTS)
    assert stranger(small).get(link).status_code == 401


def test_an_invented_link_lets_nobody_in(small: Site) -> None:
    assert stranger(small).get("/login/nonsense").status_code == 401


def test_the_first_link_is_given_until_somebody_was_in(site: Site) -> None:
    assert first_login_link(site.store, "https://tieline.example", NOW) is None


def test_the_first_link_names_where_people_reach_tieline(sqlite_url: str) -> None:
    from integration.store.opened import Store
    from tests.integration.store.material import fresh_store

    with fresh_store(sqlite_url) as engine:
        link = first_login_link(Store(engine), "https://tieline.example/", NOW)
    assert link is not None
    assert link.startswith("https://tieline.example/login/")


def test_many_failed_attempts_from_one_address_are_refused(small: Site) -> None:
    client = stranger(small)
    answers = [client.get(f"/login/{number}").status_code for number in range(logins.MOST_ATTEMPTS + 1)]
    assert answers == [401] * logins.MOST_ATTEMPTS + [429]


def test_a_link_lets_in_however_many_attempts_failed_from_the_same_address(small: Site) -> None:
    client, link = stranger(small), login_link(small.store, "", NOW)
    for number in range(logins.MOST_ATTEMPTS + 1):
        client.get(f"/login/{number}")
    assert client.get(link).status_code == 303


def test_behind_proxies_each_sender_has_attempts_of_its_own(small: Site) -> None:
    app = create_app(small.engine, Settings(proxies=1), clock=lambda: NOW)

    def tried(address: str) -> int:
        # Whatever a sender claims stands to the left of what the proxy has seen.
        return app.test_client().get("/login/x", headers={"X-Forwarded-For": f"10.9.8.7, {address}"}).status_code

    answers = [tried("192.0.2.1") for _ in range(logins.MOST_ATTEMPTS + 1)]
    assert (answers[-1], tried("192.0.2.2")) == (429, 401)


def test_without_proxies_nobody_chooses_the_address_that_is_counted(small: Site) -> None:
    client = stranger(small)
    tried = [
        client.get("/login/x", headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
        for number in range(logins.MOST_ATTEMPTS + 1)
    ]
    assert tried[-1] == 429


def test_failed_attempts_are_forgiven_after_a_quarter_of_an_hour(small: Site) -> None:
    client = stranger(small)
    for number in range(logins.MOST_ATTEMPTS):
        client.get(f"/login/{number}")
    later = site_on(small.engine, NOW + logins.ATTEMPTS_WITHIN).app.test_client()
    assert client.get("/login/x").status_code == 429
    assert later.get("/login/x").status_code == 401


def test_who_logs_out_is_out_with_the_same_cookie_as_well(site: Site) -> None:
    cookie = site.client.get_cookie("tieline")
    assert cookie is not None
    word = site.client.get("/findings/1").text.split('name="csrf" value="')[1].split('"')[0]
    assert site.client.post("/logout", data={"csrf": word}).status_code == 303
    thief = stranger(site)
    thief.set_cookie("tieline", cookie.value)
    assert thief.get("/").status_code == 303


def test_a_login_ends_when_it_was_not_used_for_a_day(small: Site) -> None:
    later = site_on(small.engine, NOW)
    cookie = small.client.get_cookie("tieline")
    assert cookie is not None
    waking = site_on(small.engine, NOW + logins.IDLE_LASTS).app.test_client()
    waking.set_cookie("tieline", cookie.value)
    assert waking.get("/").status_code == 303
    assert later.client.get("/").status_code == 200


def test_a_login_that_is_used_ends_after_two_weeks_all_the_same(small: Site) -> None:
    cookie = small.client.get_cookie("tieline")
    assert cookie is not None
    answers = []
    for days in range(1, 16):
        now = NOW + timedelta(days=days) - timedelta(hours=1) * days
        with writing(small.engine) as session:
            logins.note_seen(session, cookie.value, now)
        with small.store.reading() as session:
            answers.append(logins.login_of(session, cookie.value, now) is not None)
    assert answers[0] is True
    assert answers[-1] is False


def test_use_of_a_login_is_noted_now_and_then(small: Site) -> None:
    cookie = small.client.get_cookie("tieline")
    assert cookie is not None
    later = site_on(small.engine, NOW + timedelta(hours=23)).app.test_client()
    later.set_cookie("tieline", cookie.value)
    assert later.get("/").status_code == 200
    with small.store.reading() as session:
        assert logins.login_of(session, cookie.value, NOW + timedelta(hours=40)) is not None


def test_the_cookie_cannot_be_read_by_scripts_and_needs_https_where_there_is(small: Site) -> None:
    link = login_link(small.store, "", NOW)
    plain = stranger(small).get(link).headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    secure = site_on(small.engine, NOW, Settings(public_url="https://tieline.example"))
    cookie = secure.app.test_client().get(login_link(small.store, "", NOW)).headers["Set-Cookie"]
    assert cookie.startswith("__Host-tieline=")
    assert "Secure" in cookie


@pytest.mark.parametrize("word", [None, "", "0" * 64, "ü"])
def test_a_post_without_the_word_of_the_login_does_nothing(site: Site, word: str | None) -> None:
    form = {"act": "acknowledged", "reason": "x", **({} if word is None else {"csrf": word})}
    assert site.client.post("/findings/1", data=form).status_code == 400
    assert site.client.post("/logout", data=form).status_code == 400
    assert site.client.get("/").status_code == 200


def test_the_database_holds_no_token_in_the_clear(small: Site) -> None:
    token = login_link(small.store, "", NOW).rpartition("/")[2]
    cookie = small.client.get_cookie("tieline")
    assert cookie is not None
    with small.engine.connect() as connection:
        rows = connection.exec_driver_sql("select token_hash from login_links union select id_hash from sessions")
        kept = {row[0] for row in rows}
    assert not kept & {token, cookie.value}
