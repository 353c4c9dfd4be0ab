"""Which picture a message is sent with, and how each channel shows it: always with words, and nothing waits for it."""

import email
import json
from collections.abc import Callable, Iterator
from email.policy import default
from typing import Any

import orjson
import pytest
import responses
from sqlalchemy import Engine

from integration.messages import asking, channels, generic, mail, picturing, sending, slack, standard_webhook, teams
from integration.messages.carrying import Ways
from integration.messages.message import Bar, Entry, Message, Part
from integration.messages.picture import LARGEST_IN_A_CARD, Picture, words_of
from integration.pruning import Keeping, prune
from integration.store import messages_outbox, messages_pictures
from integration.store.engine import reading, writing
from tests.integration.messages.material import ADDRESS, HOSTILE, VAULT, WORDS, later, postman, states
from tests.reports.material import NOW

PNG = b"\x89PNG\r\n\x1a\nnot really"
PUBLIC = "https://tieline.example.org"
POSTED = "https://93.184.216.34:443/services/T0/B0/secret"
MESSAGE = Message(
    topic="sprint_closed",
    title=HOSTILE,
    at=NOW,
    bars=(Bar(HOSTILE, "5 points", (Part(HOSTILE, "key_result", 60), Part("unaligned", "unaligned", 40))),),
    url="https://tieline.example.org/sprints/shop/S%201",
)


@pytest.fixture
def calls() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def drawing(png: bytes | None = PNG) -> Callable[[Message, int], bytes | None]:
    return lambda _message, _most: png


def place(engine: Engine, channel: str, pictures: str) -> int:
    with writing(engine) as session:
        asking.add_destination(session, VAULT, "team", channel, ADDRESS, "", "Ada", later(), pictures)
        return asking.queue_test(session, WORDS, "team", "Ada", later(minutes=2))


def send(engine: Engine, draw: Any = None, minutes: float = 3, public_url: str | None = PUBLIC) -> None:
    ways = Ways(draw=draw or drawing(), public_url=public_url)
    assert sending.send_next(postman(engine, later(minutes=minutes), ways))


def body(calls: responses.RequestsMock, number: int = -1) -> Any:
    sent = calls.calls[number].request.body
    assert isinstance(sent, bytes)
    return orjson.loads(sent)


def images(made: Any) -> list[Any]:
    if isinstance(made, dict):
        mine = [made] if str(made.get("type", "")).casefold() == "image" else []
        return mine + [one for value in made.values() for one in images(value)]
    return [one for value in made for one in images(value)] if isinstance(made, list) else []


# --- the ways


def test_slacks_incoming_webhook_gets_a_link_that_opens_the_picture_and_the_same_at_every_try(
    engine: Engine, calls: responses.RequestsMock
) -> None:
    place(engine, "slack", "link")
    calls.post(POSTED, status=503)
    send(engine)
    send(engine, drawing(b"another"), minutes=9)
    first, second = (images(body(calls, number))[0]["image_url"] for number in (0, 1))
    assert first == second
    assert first.startswith(f"{PUBLIC}/pictures/")
    token = first.split("/")[-2]
    with reading(engine) as session:
        found = messages_pictures.opened_by(session, token, later(days=1))
        assert found is not None
        assert found.png == PNG
        assert messages_pictures.opened_by(session, token, later(days=31)) is None
        assert messages_pictures.opened_by(session, "x" * 43, later(days=1)) is None


def test_without_a_public_address_or_a_wish_there_is_no_link(engine: Engine, calls: responses.RequestsMock) -> None:
    calls.post(POSTED)
    place(engine, "slack", "link")
    send(engine, public_url=None)
    with writing(engine) as session:
        asking.change_destination(session, VAULT, "team", "", "", "inside", "Ada", later())
        asking.queue_test(session, WORDS, "team", "Ada", later(minutes=2))
    send(engine)
    assert [images(body(calls, number)) for number in (0, 1)] == [[], []]
    assert "█" in str(body(calls))


def test_a_chat_that_cannot_fetch_the_picture_gets_the_message_without_it(
    engine: Engine, calls: responses.RequestsMock
) -> None:
    place(engine, "slack", "link")
    calls.post(POSTED, status=400, body="invalid_blocks")
    calls.post(POSTED, status=200)
    send(engine)
    assert [len(images(body(calls, number))) for number in (0, 1)] == [1, 0]
    [(state, sentence)] = states(engine)
    assert state == "sent"
    assert "without its picture" in sentence


def test_a_revoked_link_opens_nothing_and_is_sent_to_nobody_again(
    engine: Engine, calls: responses.RequestsMock
) -> None:
    number = place(engine, "generic", "link")
    calls.post(POSTED)
    send(engine)
    assert "](<https://tieline.example.org/pictures/" in body(calls)["text"]
    with writing(engine) as session:
        asking.revoke_picture(session, number, "Ada", later(minutes=4))
        asking.replay(session, number, "Ada", later(minutes=4))
    send(engine, minutes=5)
    assert "/pictures/" not in body(calls)["text"]


def test_removing_a_destination_ends_its_links(engine: Engine, calls: responses.RequestsMock) -> None:
    place(engine, "webhook", "link")
    calls.post(POSTED)
    send(engine)
    told = body(calls)["data"]["picture"]
    assert "KR-1 45 %" in told["alt"]
    with writing(engine) as session:
        asking.remove_destination(session, "team", "Ada", later(minutes=4))
        assert messages_pictures.opened_by(session, told["url"].split("/")[-2], later(minutes=5)) is None


def test_teams_gets_the_picture_inside_its_card(engine: Engine, calls: responses.RequestsMock) -> None:
    place(engine, "teams", "inside")
    calls.post(POSTED, status=202)
    asked: list[int] = []

    def draw(_message: Message, most: int) -> bytes:
        asked.append(most)
        return PNG

    send(engine, draw)
    [image] = images(body(calls))
    assert image["url"].startswith("data:image/png;base64,iVBORw0KGgp")
    assert "KR-1 45 %" in image["altText"]
    assert asked == [LARGEST_IN_A_CARD]


def test_what_cannot_be_drawn_is_told_in_signs_and_tried_twice_at_most(
    engine: Engine, calls: responses.RequestsMock
) -> None:
    place(engine, "teams", "inside")
    calls.post(POSTED, status=503)
    drawn: list[int] = []

    def draw(_message: Message, _most: int) -> None:
        drawn.append(1)

    for minutes in (3, 30, 300):
        send(engine, draw, minutes)
    assert len(drawn) == picturing.DRAWN_TRIES
    assert "█" in str(body(calls))


def test_a_message_without_bars_has_no_picture(engine: Engine, calls: responses.RequestsMock) -> None:
    calls.post(POSTED)
    place(engine, "teams", "none")
    send(engine)
    assert images(body(calls)) == []


def test_the_picture_goes_when_its_message_does(engine: Engine, calls: responses.RequestsMock) -> None:
    number = place(engine, "teams", "inside")
    calls.post(POSTED)
    send(engine)
    with reading(engine) as session:
        assert messages_pictures.shown(session, number) is not None
    prune(engine, later(days=60), Keeping())
    with reading(engine) as session:
        assert messages_outbox.message(session, number) is None
        assert messages_pictures.shown(session, number) is None


def test_a_way_of_pictures_that_is_none_is_refused() -> None:
    with pytest.raises(Exception, match="inside, link, none"):
        channels.checked_pictures("everywhere")


# --- the mark-up


PICTURE = Picture(words_of(MESSAGE), PNG, f"{PUBLIC}/pictures/token/share.png")


def test_the_words_of_a_picture_are_its_figures_on_one_line() -> None:
    words = words_of(MESSAGE)
    assert "unaligned 40 %" in words
    assert "\n" not in words
    assert "\u202e" not in words
    many = words_of(Message("digest", "x" * 900, NOW, bars=(Bar("y" * 300, "z" * 300, ()),) * 9))
    assert len(many) <= 2000, "as much as Slack takes"


def test_tracker_text_in_the_words_of_a_picture_is_read_as_text_everywhere() -> None:
    [image] = images(slack.payload(MESSAGE, PICTURE)["blocks"])
    assert set(image) == {"type", "image_url", "alt_text"}
    card = teams.payload(MESSAGE, PICTURE)["attachments"][0]["content"]
    assert "{{" not in json.dumps(card)
    text = generic.payload(MESSAGE, PICTURE)["text"]
    assert "](https://evil" not in text
    assert "@here" not in text
    told = orjson.loads(standard_webhook.body_of(MESSAGE, PICTURE))
    assert told["data"]["picture"]["url"] == PICTURE.link


@pytest.mark.parametrize("braces", ["{{{", "{{{{", "${{x}}", "$${x}", "{\u200b{"])
def test_no_row_of_braces_begins_a_template_of_a_card(braces: str) -> None:
    card = json.dumps(teams.payload(Message("test", f"{braces}DATE(2020-01-01)}}}}", NOW)), ensure_ascii=False)
    assert "{{" not in card
    assert "${" not in card


def test_a_card_is_never_larger_than_teams_takes() -> None:
    entries = tuple(Entry("ü" * 600, f"https://tieline.example.org/findings/{number}") for number in range(8))
    bars = tuple(Bar("ä" * 200, "1 point", MESSAGE.bars[0].parts * 9) for _ in range(10))
    large = Message("digest", "x", NOW, ("ö" * 600,) * 3, bars, entries=entries)
    for picture in (None, Picture("words", b"x" * LARGEST_IN_A_CARD)):
        made = teams.payload(large, picture)
        assert len(orjson.dumps(made)) <= teams.LARGEST
        assert images(made) == []


def test_mail_encloses_the_picture_beside_its_page_and_says_its_figures() -> None:
    letter = mail.letter(MESSAGE, "msg_1", ("a@example.org",), "Tieline <t@example.org>", NOW, PICTURE)
    read = email.message_from_bytes(letter.as_bytes(), policy=default)
    assert [part.get_content_type() for part in read.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    page, picture = list(read.walk())[3:]
    assert picture["Content-ID"] == "<msg_1.picture@example.org>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_content() == PNG
    html = page.get_content()
    assert 'src="cid:msg_1.picture@example.org"' in html
    assert "unaligned 40 %." in html
    assert "<b onmouseover" not in html
    assert 'alt="' in html


def test_mail_by_link_names_the_link_alone() -> None:
    linked = Picture(PICTURE.words, link=PICTURE.link)
    letter = mail.letter(MESSAGE, "msg_1", ("a@example.org",), "t@example.org", NOW, linked)
    assert f'src="{PICTURE.link}"' in letter.as_string().replace("=3D", "=").replace("=\n", "")
    assert "image/png" not in letter.as_string()
