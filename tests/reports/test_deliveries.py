"""The pages of deliveries: what came, what became of it, and working on it again."""

import time
from datetime import timedelta

import pytest

from integration.store.removal import is_anything_left
from tests.integration.store.material import day
from tests.reports.material import HOSTILE, Site
from tests.reports.test_accounts import post, somebody
from webhooks import inbox
from webhooks.intake import incoming, put


@pytest.fixture
def busy(site: Site) -> Site:
    return receive(site)


def receive(site: Site) -> Site:
    """Delivery 1 was set aside, delivery 2 waits."""
    headers = {"User-Agent": "Jira", "Authorization": "a secret"}
    for number, body in enumerate((b'{"user": "Eve"}', b"{}")):
        with site.engine.begin() as connection:
            sent = incoming("jira", "shop", delivery_id=None, headers=headers, body=body, at=day(number))
            put(connection, [sent])
    with site.store.writing() as session:
        (delivery,) = inbox.claim(session, day(2), 1, timedelta(minutes=1))
        inbox.bury(session, delivery.id, "malformed", HOSTILE)
    return site


def test_deliveries_are_listed_with_their_state_and_what_was_said(busy: Site) -> None:
    text = busy.client.get("/deliveries").text
    assert "set aside 1" in text
    assert "&lt;script&gt;" in text
    assert HOSTILE not in text
    only = busy.client.get("/deliveries?state=new").text
    assert 'href="/deliveries/2"' in only
    assert 'href="/deliveries/1"' not in only


def test_an_empty_list_says_what_would_fill_it(small: Site) -> None:
    assert "Nothing came yet" in small.client.get("/deliveries").text
    assert "None here" in small.client.get("/deliveries?state=dead&connection=shop").text


@pytest.mark.parametrize("query", ["state=eaten", "before=x", "before=-1", "connection=%00"])
def test_a_wrong_question_gets_a_page_all_the_same(busy: Site, query: str) -> None:
    assert busy.client.get(f"/deliveries?{query}").status_code == 200


def test_an_old_page_goes_on_where_the_first_ended(busy: Site) -> None:
    assert 'href="/deliveries/2"' not in busy.client.get("/deliveries?before=2").text


def test_one_delivery_is_shown_without_its_body_or_secrets(busy: Site) -> None:
    text = busy.client.get("/deliveries/1").text
    assert "tieline deliveries show 1" in text
    assert "Eve" not in text
    assert "a secret" not in text
    assert busy.client.get("/deliveries/9").status_code == 404


def test_a_delivery_is_worked_on_again_and_the_log_says_who_asked(busy: Site) -> None:
    assert post(busy.client, "/deliveries/1/replay") == 303
    assert "waiting" in busy.client.get("/deliveries/1").text
    assert "delivery replayed" in busy.client.get("/log").text
    assert post(busy.client, "/deliveries/9/replay") == 409


def test_all_that_were_set_aside_are_worked_on_again(busy: Site) -> None:
    assert post(busy.client, "/deliveries/replay", connection="elsewhere") == 303
    assert "set aside 1" in busy.client.get("/deliveries").text
    assert post(busy.client, "/deliveries/replay") == 303
    assert "set aside 0" in busy.client.get("/deliveries").text


def test_a_viewer_cannot_have_anything_worked_on_again(busy: Site) -> None:
    client = somebody(busy)
    assert "Work on" not in client.get("/deliveries").text
    assert post(client, "/deliveries/1/replay") == 403


def test_an_open_page_learns_of_a_delivery(busy: Site) -> None:
    first = busy.client.get("/deliveries?live=1")
    held = {"If-None-Match": first.headers["ETag"]}
    assert busy.client.get("/deliveries?live=1", headers=held).status_code == 304
    with busy.engine.begin() as connection:
        put(connection, [incoming("jira", "shop", delivery_id=None, headers={}, body=b"x", at=day(3))])
    assert busy.client.get("/deliveries?live=1", headers=held).status_code == 200


def test_a_connection_leads_to_its_deliveries_and_says_when_each_board_was_last_read(busy: Site) -> None:
    text = busy.client.get("/connections/shop").text
    assert 'href="/deliveries?connection=shop"' in text
    rows = [row for row in text.split("<tr data-row>")[1:] if "/boards/shop/" in row]
    assert [("it has none" in row, "datetime=" in row) for row in rows] == [(True, False), (False, True)]


def test_a_connection_is_forgotten_only_by_its_name_and_with_a_reason(small: Site) -> None:
    word = small.client.get("/account").text.split('name="csrf" value="')[1].split('"')[0]
    wrong = small.client.post("/connections/shop/remove", data={"csrf": word, "typed": "shop", "reason": ""})
    assert (wrong.status_code, "Type the connection" in wrong.text) == (422, True)
    assert small.client.post("/connections/nobody/remove", data={"csrf": word}).status_code == 404
    sent = {"csrf": word, "typed": "shop", "reason": "moved"}
    assert small.client.post("/connections/shop/remove", data=sent).status_code == 303
    until = time.monotonic() + 30  # it is done beside the answer
    while is_left(small) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_left(small)
    assert "connection removed" in small.client.get("/log").text


def is_left(site: Site) -> bool:
    with site.store.reading() as session:
        return is_anything_left(session, "shop")
