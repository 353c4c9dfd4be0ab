"""The page of notifications, and what anybody sees by a share link."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from integration.messages.composing import Words, trial
from integration.messages.message import as_json
from integration.secrets import Vault, new_key
from integration.store import accounts, logins, messages, messages_outbox, messages_pictures
from integration.store.acts import acts
from service.app import create_app
from service.settings import Settings
from tests.reports.material import HOSTILE, NOW, Site, shop

ADDRESS = "https://hooks.slack.com/services/T0/B0/verysecret"
PNG = b"\x89PNG\r\n\x1a\nnot really"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def site(database_url: str) -> Iterator[Site]:
    with shop(database_url) as found:
        yield with_vault(found)


@pytest.fixture
def small(sqlite_url: str) -> Iterator[Site]:
    with shop(sqlite_url) as found:
        yield with_vault(found)


def with_vault(site: Site) -> Site:
    """A key of its own: none is written into the folder that the tests run in."""
    vault = Vault([new_key()])
    site.app.extensions["tieline_desk"] = replace(site.app.extensions["tieline_desk"], vault=lambda: vault)
    return site


def poster(client: FlaskClient) -> Callable[..., TestResponse]:
    found = re.search(r'name="csrf" value="(\w+)"', client.get("/account").text)
    assert found is not None
    word = found[1]

    def post(path: str, **form: str) -> TestResponse:
        return client.post(path, data={"csrf": word, **form})

    return post


def add_chat(client: FlaskClient) -> Callable[..., TestResponse]:
    post = poster(client)
    assert post("/notifications/destinations", name="chat", channel="slack", address=ADDRESS).status_code == 303
    return post


def somebody(site: Site, role: str) -> FlaskClient:
    with site.store.writing() as session:
        account = accounts.add_account(session, f"A {role}", role, NOW)
        token = logins.make_login_link(session, NOW, account.id)
    client = site.app.test_client()
    assert client.get(f"/login/{token}").status_code == 303
    return client


def test_an_empty_page_says_how_to_begin(small: Site) -> None:
    page = small.client.get("/notifications").text
    assert "No destination yet" in page
    assert "incoming webhook in your chat" in page


def test_a_destination_is_kept_and_its_address_never_shown(site: Site) -> None:
    add_chat(site.client)
    page = site.client.get("/notifications").text
    assert "https://hooks.slack.com" in page
    assert "verysecret" not in page
    with site.store.reading() as session:
        assert [one.name for one in messages.destinations(session)] == ["chat"]
        assert "verysecret" not in str(acts(session))


def test_a_signing_secret_is_shown_once_and_can_be_replaced(small: Site) -> None:
    post = poster(small.client)
    made = post("/notifications/destinations", name="hook", channel="webhook", address="https://example.org/x")
    assert "whsec_" in made.text
    assert made.headers["Cache-Control"] == "no-store"
    assert "whsec_" not in small.client.get("/notifications").text
    assert "whsec_" in post("/notifications/destinations/hook/secret").text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "A B", "channel": "slack", "address": ADDRESS}, "small letters"),
        ({"name": "a", "channel": "pager", "address": ADDRESS}, "The channel is one of"),
        ({"name": "a", "channel": "slack", "address": "javascript:alert(1)"}, "must begin with https://"),
        ({"name": "a\0", "channel": "slack", "address": ADDRESS}, "small letters"),
        ({"name": "a", "channel": "email", "address": "nobody"}, "mail addresses"),
    ],
)
def test_a_wrong_destination_is_refused_with_what_to_write(site: Site, form: dict[str, str], said: str) -> None:
    refused = poster(site.client)("/notifications/destinations", **form)
    assert refused.status_code == 422
    assert said in refused.text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"topic": "digest", "schedule": "every blursday 08:00"}, "is no day of the week"),
        ({"topic": "digest"}, "Say when"),
        ({"topic": "sprint_closed", "schedule": "daily 09:00"}, "leave the schedule out"),
        ({"topic": "sprint_closed", "severity": "high"}, "A severity chooses findings"),
        ({"topic": "sprint_closed", "board": "shop/B9"}, "There is no board B9"),
        ({"topic": "finding_opened", "board": "shop/B1"}, "choose findings by their team"),
        ({"topic": "sprint_closed", "board": "nowhere/B1"}, "There is no connection"),
        ({"topic": "everything"}, "is one of"),
        ({"topic": "sprint_closed", "destination": "no\0where"}, "There is no destination"),
    ],
)
def test_a_subscription_that_could_never_be_told_is_refused(site: Site, form: dict[str, str], said: str) -> None:
    post = add_chat(site.client)
    refused = post("/notifications/subscriptions", **{"destination": "chat", **form})
    assert refused.status_code == 422
    assert said in refused.text.replace("&#39;", "'")


def test_a_subscription_is_made_shown_and_removed(site: Site) -> None:
    post = add_chat(site.client)
    form = {"topic": "digest", "team": "Payments", "schedule": "every monday 08:00 Europe/Berlin"}
    assert post("/notifications/subscriptions", destination="chat", **form).status_code == 303
    page = site.client.get("/notifications").text
    assert "every monday 08:00 Europe/Berlin, next" in page
    with site.store.reading() as session:
        [one] = messages.subscriptions(session)
    assert post(f"/notifications/subscriptions/{one.id}/remove").status_code == 303
    assert post(f"/notifications/subscriptions/{one.id}/remove").status_code == 422


def test_a_test_message_is_queued_and_its_page_says_what_it_holds(site: Site) -> None:
    post = add_chat(site.client)
    queued = post("/notifications/destinations/chat/test")
    page = site.client.get(queued.headers["Location"]).text
    assert "Tieline can reach you" in page
    assert "█" in page
    assert "Tieline can reach you" in site.client.get("/notifications/log?state=waiting").text
    assert site.client.get("/notifications/log?state=nonsense&before=-9999999999999").status_code == 200


def test_what_was_set_aside_is_seen_and_sent_again(site: Site) -> None:
    post = add_chat(site.client)
    post("/notifications/destinations/chat/test")
    with site.store.writing() as session:
        claimed = messages_outbox.claim(session, NOW, NOW - NOW)
        assert claimed is not None
        outcome = messages_outbox.Try(NOW, 404, "refused", "The address answered 404.", 12)
        messages_outbox.finish(session, claimed, outcome, "dead")
    assert "1 set aside" in site.client.get("/notifications").text
    assert "The address answered 404." in site.client.get(f"/notifications/messages/{claimed.id}").text
    assert post(f"/notifications/messages/{claimed.id}/replay").status_code == 303
    assert "1 set aside" not in site.client.get("/notifications").text


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("viewer", "/notifications/subscriptions", 403),
        ("viewer", "/notifications/shares", 403),
        ("viewer", "/notifications/destinations/chat/test", 403),
        ("editor", "/notifications/destinations", 403),
        ("editor", "/notifications/destinations/chat/remove", 403),
        ("editor", "/notifications/destinations/chat/secret", 403),
        ("editor", "/notifications/destinations/chat/change", 403),
        ("viewer", "/notifications/messages/1/picture/revoke", 403),
        ("editor", "/notifications/destinations/chat/test", 303),
    ],
)
def test_each_act_takes_its_role(small: Site, role: str, path: str, status: int) -> None:
    add_chat(small.client)
    client = somebody(small, role)
    assert client.get("/notifications").status_code == 200
    assert poster(client)(path).status_code == status


def test_no_act_is_taken_from_a_forged_form(small: Site) -> None:
    forged = small.client.post("/notifications/shares", data={"board": "shop/B1"})
    assert forged.status_code == 400


# --- what a share link shows


def shared(site: Site, **form: str) -> tuple[str, str]:
    """The paths of badge and widget of a new link."""
    page = poster(site.client)("/notifications/shares", **{"board": "shop/B1", "label": HOSTILE, **form}).text
    badge, widget = re.search(r"/badge/[\w-]+/share\.svg", page), re.search(r"/widget/[\w-]+", page)
    assert badge is not None
    assert widget is not None
    return badge[0], widget[0]


def test_a_badge_shows_the_running_sprint_to_anybody_and_nothing_that_acts(site: Site) -> None:
    badge, _ = shared(site)
    answer = site.app.test_client().get(badge)
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    root = ET.fromstring(answer.text)  # noqa: S314 - our own
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        "svg",
        "title",
        "clipPath",
        "g",
        "rect",
        "text",
    }
    assert "Sprint S1: KR-1 37 %" in str(root.findtext(f"{SVG}title"))


def test_a_badge_that_is_known_already_is_not_sent_again(small: Site) -> None:
    badge, _ = shared(small)
    client = small.app.test_client()
    mark = client.get(badge).headers["ETag"]
    assert client.get(badge, headers={"If-None-Match": mark}).status_code == 304


def test_a_widget_shows_hostile_text_as_text_and_may_be_framed_by_named_sites_alone(small: Site) -> None:
    _, widget = shared(small)
    page = small.app.test_client().get(widget)
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    app = create_app(small.engine, Settings(widget_hosts="https://wiki.example.org"), clock=lambda: NOW)
    framed = app.test_client().get(widget)
    assert "frame-ancestors https://wiki.example.org" in framed.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed.headers
    assert "Set-Cookie" not in framed.headers
    login = app.test_client().get("/login")
    assert "frame-ancestors 'none'" in login.headers["Content-Security-Policy"]
    assert login.headers["X-Frame-Options"] == "DENY"


def test_a_revoked_link_shows_nothing(site: Site) -> None:
    badge, widget = shared(site)
    assert poster(site.client)("/notifications/shares/1/revoke").status_code == 303
    anybody = site.app.test_client()
    assert [anybody.get(path).status_code for path in (badge, widget)] == [404, 404]


@pytest.mark.parametrize("token", ["x", "%00", "x" * 500, "%C3%BC", "1%27--"])
def test_a_guessed_token_shows_nothing(site: Site, token: str) -> None:
    anybody = site.app.test_client()
    assert anybody.get(f"/badge/{token}/share.svg").status_code == 404
    assert anybody.get(f"/widget/{token}").status_code == 404


def test_a_link_to_one_sprint_keeps_to_it(small: Site) -> None:
    badge, _ = shared(small, sprint="S0", board="shop/")
    assert "Sprint S0" in small.app.test_client().get(badge).text


def test_what_is_not_there_cannot_be_shared(site: Site) -> None:
    post = poster(site.client)
    assert post("/notifications/shares", board="shop/nothing").status_code == 422
    assert post("/notifications/shares", board="shop/", sprint="no\0thing").status_code == 422
    assert post("/notifications/shares").status_code == 422


# --- pictures


def sent_by_link(site: Site) -> tuple[int, str]:
    """A message whose picture stands at a link; gives its number and the link's path."""
    vault = site.app.extensions["tieline_desk"].vault()
    with site.store.writing() as session:
        body = {"topic": "test", "title": "x"}
        number = messages_outbox.queue(session, "chat", as_json(trial(NOW, Words(None, {}))) | body, NOW)
        messages_pictures.keep(session, vault, number, PNG, f"KR-1 60 % {HOSTILE}", NOW, is_linked=True)
        kept = messages_pictures.picture_of(session, vault, number, NOW)
    assert kept is not None
    return number, f"/pictures/{kept.token}/share.png"


def test_a_picture_is_opened_by_its_link_until_it_is_revoked(site: Site) -> None:
    post = add_chat(site.client)
    number, path = sent_by_link(site)
    shown = site.app.test_client().get(path)
    assert (shown.status_code, shown.data, shown.mimetype) == (200, PNG, "image/png")
    assert shown.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert shown.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert site.app.test_client().get(path.replace("/share.png", "x/share.png")).status_code == 404
    assert site.app.test_client().get("/pictures/%ff%00/share.png").status_code == 404
    page = site.client.get(f"/notifications/messages/{number}").text
    assert "Revoke the link" in page
    assert path.split("/")[2] not in page
    assert post(f"/notifications/messages/{number}/picture/revoke").status_code == 303
    assert site.app.test_client().get(path).status_code == 404
    assert post(f"/notifications/messages/{number}/picture/revoke").status_code == 422


def test_the_page_of_a_message_shows_its_picture_with_its_words_to_those_who_are_let_in(small: Site) -> None:
    number, _ = sent_by_link(small)
    page = small.client.get(f"/notifications/messages/{number}").text
    assert f'src="/notifications/messages/{number}/picture.png" alt="KR-1 60 % &lt;script&gt;' in page
    assert small.client.get(f"/notifications/messages/{number}/picture.png").data == PNG
    assert small.app.test_client().get(f"/notifications/messages/{number}/picture.png").status_code == 303
    assert small.client.get("/notifications/messages/999/picture.png").status_code == 404


def test_how_pictures_are_shown_and_a_bots_token_are_changed_on_the_page(small: Site) -> None:
    post = poster(small.client)
    form = {"name": "bot", "channel": "slack-bot", "address": "C0123456789", "secret": "xoxb-1234567890-abcdefgh"}
    assert post("/notifications/destinations", **form).status_code == 303
    page = small.client.get("/notifications").text
    assert "channel C0123456789" in page
    assert "xoxb-1234567890" not in page
    assert post("/notifications/destinations/bot/change", secret="xoxb-nope").status_code == 422
    assert post("/notifications/destinations/bot/change", pictures="everywhere").status_code == 422
    assert post("/notifications/destinations/nobody/change", pictures="none").status_code == 422
    assert post("/notifications/destinations/bot/change", pictures="link").status_code == 303
    assert "a link needs TIELINE_PUBLIC_URL" in small.client.get("/notifications").text
    with small.store.reading() as session:
        assert "destination_changed" in [one.act for one in acts(session)]
        assert messages.destinations(session)[0].pictures == "link"
