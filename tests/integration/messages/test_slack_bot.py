"""Slack by a bot, against answers in the shapes of its reference: a picture that stays inside, and no message twice.

https://docs.slack.dev/reference/methods/files.getUploadURLExternal, files.completeUploadExternal, chat.postMessage,
conversations.history
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest
import requests
import responses
from sqlalchemy import Engine

from integration.contract import Misconfigured
from integration.messages import asking, channels, sending, slack_bot
from integration.messages.carrying import Ways
from integration.messages.message import Message
from integration.messages.posting import _look_up
from integration.messages.sending import LEASE, Postman
from integration.messages.slack_bot import API, EVENT
from integration.store import messages, messages_outbox
from integration.store.engine import reading, writing
from tests.integration.messages.material import VAULT, WORDS, later, postman, states

TOKEN = "xoxb-1234567890-abcdefghijkl"
CHANNEL = "C0123456789"
UPLOAD = "https://files.slack.com/upload/v1/CwABAAAAXAoAAVnX"
FILE = "F01234ABCDE"
PNG = b"\x89PNG\r\n\x1a\nnot really"
NOT_YET = {"ok": False, "error": "invalid_blocks", "errors": ["invalid slack file [json-pointer:/blocks/2/slack_file]"]}


class Slack:
    """Answers as Slack does, one answer after another for each method, the last one again and again."""

    def __init__(self, mock: responses.RequestsMock, said: dict[str, list[Any]]) -> None:
        self.asked: list[tuple[str, Any]] = []
        self._said = said
        mock.add_callback(responses.POST, UPLOAD, self._upload)
        for method in said:
            mock.add_callback(responses.POST, f"{API}{method}", self._answer)

    def _upload(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.asked.append(("upload", request.body))
        return 200, {}, "OK - 17"

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str | bytes]:
        method = str(request.url).removeprefix(API)
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        assert TOKEN not in str(request.url)
        body = request.body or b""
        assert isinstance(body, bytes)
        is_json = request.headers["Content-Type"].startswith("application/json")
        self.asked.append((method, orjson.loads(body) if is_json else parse_qs(body.decode())))
        waiting = self._said[method]
        said = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(said, Exception):
            raise said
        return (said, {}, "") if isinstance(said, int) else (200, {}, orjson.dumps(said))

    def times(self, method: str) -> int:
        return sum(name == method for name, _ in self.asked)

    def last(self, method: str) -> Any:
        return [given for name, given in self.asked if name == method][-1]


def answers(**others: list[Any]) -> dict[str, list[Any]]:
    """Of the methods that a message takes, all well unless told otherwise; `_` stands for the dot."""
    usual: dict[str, list[Any]] = {
        "files.getUploadURLExternal": [{"ok": True, "upload_url": UPLOAD, "file_id": FILE}],
        "files.completeUploadExternal": [{"ok": True, "files": [{"id": FILE, "title": "Share of the work"}]}],
        "chat.postMessage": [{"ok": True, "channel": CHANNEL, "ts": "1503435956.000247", "message": {}}],
        "conversations.history": [{"ok": True, "messages": [], "has_more": False}],
    }
    return usual | {name.replace("_", ".", 1): given for name, given in others.items()}


@pytest.fixture
def mock(monkeypatch: pytest.MonkeyPatch) -> Iterator[responses.RequestsMock]:
    """Calls by their names: nobody is looked up."""
    assert _look_up("127.0.0.1", 1) == ["127.0.0.1"]
    monkeypatch.setattr("integration.messages.posting._judged", lambda host, _port, _rules: host)
    monkeypatch.setattr("integration.messages.posting._with_host", lambda parts, _found, _port: parts.geturl())
    with responses.RequestsMock(assert_all_requests_are_fired=False) as found:
        yield found


def bot(engine: Engine, *, draws: bool = True, minutes: float = 3, **more: Any) -> Postman:
    def draw(_message: Message, _most: int) -> bytes:
        return PNG

    ways = Ways(draw=draw if draws else None)
    return replace(postman(engine, later(minutes=minutes), ways), pause=lambda _: None, **more)


def place(engine: Engine, pictures: str = "inside") -> int:
    """A destination `team`, and a test message that waits for it; gives its number."""
    with writing(engine) as session:
        asking.add_destination(session, VAULT, "team", "slack-bot", CHANNEL, TOKEN, "Ada", later(), pictures)
        return asking.queue_test(session, WORDS, "team", "Ada", later(minutes=2))


def test_a_message_shows_its_picture_from_inside_slack_with_the_figures_as_its_words(
    engine: Engine, mock: responses.RequestsMock
) -> None:
    place(engine)
    slack = Slack(mock, answers())
    sending.send_next(bot(engine))
    assert states(engine) == [("sent", "It was taken.")]
    asked = slack.last("files.getUploadURLExternal")
    assert asked["length"] == [str(len(PNG))]
    assert "KR-1 45 %" in asked["alt_txt"][0]
    assert slack.last("upload") == PNG
    assert "channel_id" not in slack.last("files.completeUploadExternal"), "uploaded for the bot alone"
    posted = slack.last("chat.postMessage")
    [image] = [block for block in posted["blocks"] if block["type"] == "image"]
    assert image["slack_file"] == {"id": FILE}
    assert "KR-1 45 %, KR-2 20 %, exempt 10 %, dead link 5 %, unaligned 20 %" in image["alt_text"]
    assert posted["channel"] == CHANNEL
    assert posted["metadata"]["event_type"] == EVENT


def test_a_picture_that_slack_still_looks_at_is_waited_for(engine: Engine, mock: responses.RequestsMock) -> None:
    place(engine)
    slack = Slack(mock, answers(chat_postMessage=[NOT_YET, NOT_YET, {"ok": True}]))
    sending.send_next(bot(engine))
    assert states(engine) == [("sent", "It was taken.")]
    assert (slack.times("upload"), slack.times("chat.postMessage")) == (1, 3)


def test_a_picture_that_slack_never_shows_is_left_out(engine: Engine, mock: responses.RequestsMock) -> None:
    place(engine)
    slack = Slack(mock, answers(chat_postMessage=[NOT_YET] * 4 + [{"ok": True}]))
    sending.send_next(bot(engine))
    assert states(engine) == [("sent", "It was taken, without its picture: Slack does not show the picture.")]
    assert not [block for block in slack.last("chat.postMessage")["blocks"] if block["type"] == "image"]


@pytest.mark.parametrize(
    "refused",
    [
        {"files_getUploadURLExternal": [{"ok": False, "error": "missing_scope", "needed": "files:write"}]},
        {"files_getUploadURLExternal": [{"ok": True, "upload_url": "https://evil.example/x", "file_id": FILE}]},
        {"files_getUploadURLExternal": [{"ok": True, "upload_url": "http://files.slack.com/x", "file_id": FILE}]},
        {"files_getUploadURLExternal": [{"ok": True, "upload_url": UPLOAD, "file_id": "../../x"}]},
        {"files_completeUploadExternal": [{"ok": False, "error": "file_not_found"}]},
    ],
)
def test_a_picture_that_cannot_be_uploaded_never_keeps_the_message(
    engine: Engine, mock: responses.RequestsMock, refused: dict[str, list[Any]]
) -> None:
    place(engine)
    slack = Slack(mock, answers(**refused))
    sending.send_next(bot(engine))
    [(state, sentence)] = states(engine)
    assert state == "sent"
    assert sentence.startswith("It was taken, without its picture: ")
    assert slack.times("chat.postMessage") == 1


def test_where_nothing_draws_the_message_goes_with_its_bar_of_signs(
    engine: Engine, mock: responses.RequestsMock
) -> None:
    place(engine)
    slack = Slack(mock, answers())
    sending.send_next(bot(engine, draws=False))
    assert "█" in str(slack.last("chat.postMessage")["blocks"])
    assert slack.times("files.getUploadURLExternal") == 0


# --- nothing twice


def test_a_retry_uploads_the_picture_no_second_time(engine: Engine, mock: responses.RequestsMock) -> None:
    place(engine)
    slack = Slack(mock, answers(chat_postMessage=[429, {"ok": True}]))
    sending.send_next(bot(engine))
    sending.send_next(bot(engine, minutes=9))
    assert states(engine) == [("sent", "It was taken.")]
    assert (slack.times("upload"), slack.times("chat.postMessage")) == (1, 2)
    assert slack.times("conversations.history") == 0, "a 429 says that nothing was posted"


@pytest.mark.parametrize(
    "lost",
    [requests.ReadTimeout(), requests.ConnectionError(), 500, {"ok": False, "error": "internal_error"}],
    ids=["timeout", "broken connection", "500", "internal_error"],
)
def test_a_message_whose_answer_was_lost_is_looked_for_and_not_posted_twice(
    engine: Engine, mock: responses.RequestsMock, lost: object
) -> None:
    place(engine)
    there: dict[str, Any] = {"ok": True, "messages": []}
    slack = Slack(mock, answers(chat_postMessage=[lost], conversations_history=[there]))
    sending.send_next(bot(engine))
    assert states(engine)[0][0] == "waiting"
    metadata = slack.last("chat.postMessage")["metadata"]
    there["messages"] = [{"type": "message", "text": "other"}, {"type": "message", "metadata": metadata}]
    sending.send_next(bot(engine, minutes=9))
    assert states(engine) == [("sent", "It had been taken already.")]
    assert slack.times("chat.postMessage") == 1
    assert slack.last("conversations.history")["include_all_metadata"] == ["true"]


def test_a_message_that_a_killed_sender_did_post_is_not_posted_again(
    engine: Engine, mock: responses.RequestsMock
) -> None:
    number = place(engine)
    slack = Slack(mock, answers())
    with writing(engine) as session:
        claimed = messages_outbox.claim(session, later(minutes=3), LEASE)
        assert claimed is not None
        messages_outbox.note_begun(session, claimed, later(minutes=3))
    metadata = {"event_type": EVENT, "event_payload": {"id": claimed.public_id}}
    slack._said["conversations.history"] = [{"ok": True, "messages": [{"metadata": metadata}]}]
    assert sending.send_next(bot(engine, minutes=9))
    assert slack.times("chat.postMessage") == 0
    assert states(engine)[0][0] == "sent"
    assert claimed.id == number


def test_a_message_that_is_not_there_is_posted_though_the_channel_has_many(
    engine: Engine, mock: responses.RequestsMock
) -> None:
    place(engine)
    pages = [
        {
            "ok": True,
            "messages": [{"metadata": {"event_type": "other"}}],
            "response_metadata": {"next_cursor": "bmV4dA"},
        },
        {"ok": True, "messages": [None, {"metadata": 7}, {"metadata": {"event_type": EVENT, "event_payload": []}}]},
    ]
    slack = Slack(mock, answers(chat_postMessage=[requests.ReadTimeout(), {"ok": True}], conversations_history=pages))
    sending.send_next(bot(engine))
    sending.send_next(bot(engine, minutes=9))
    assert states(engine) == [("sent", "It was taken.")]
    assert slack.last("conversations.history")["cursor"] == ["bmV4dA"]


def test_what_nobody_can_look_for_is_set_aside_and_sent_when_a_person_asks(
    engine: Engine, mock: responses.RequestsMock
) -> None:
    number = place(engine)
    blind = {"ok": False, "error": "missing_scope", "needed": "channels:history"}
    slack = Slack(mock, answers(chat_postMessage=[requests.ReadTimeout(), {"ok": True}], conversations_history=[blind]))
    sending.send_next(bot(engine))
    sending.send_next(bot(engine, minutes=9))
    [(state, sentence)] = states(engine)
    assert state == "dead"
    assert "look into the channel" in sentence
    with writing(engine) as session:
        asking.replay(session, number, "Ada", later(minutes=10))
    sending.send_next(bot(engine, minutes=11))
    assert states(engine)[0][0] == "sent"
    assert slack.times("chat.postMessage") == 2


# --- what Slack refuses


@pytest.mark.parametrize(
    ("error", "state", "said"),
    [
        ("not_in_channel", "waiting", "/invite"),
        ("channel_not_found", "waiting", "/invite"),
        ("token_revoked", "waiting", "enter a new one"),
        ("missing_scope", "waiting", "chat:write"),
        ("ratelimited", "waiting", "come again"),
        ("msg_too_long", "dead", "msg_too_long"),
        ("<script>", "dead", "an unknown reason"),
    ],
)
def test_what_slack_refuses_is_said_with_what_to_do(
    engine: Engine, mock: responses.RequestsMock, error: str, state: str, said: str
) -> None:
    place(engine)
    Slack(mock, answers(chat_postMessage=[{"ok": False, "error": error}]))
    sending.send_next(bot(engine))
    [(found, sentence)] = states(engine)
    assert (found, said in sentence) == (state, True)
    with reading(engine) as session:
        claimed = messages_outbox.message(session, 1)
        assert claimed is not None


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null"])
def test_an_answer_that_is_none_is_asked_for_again(engine: Engine, mock: responses.RequestsMock, body: bytes) -> None:
    place(engine, "none")
    mock.post(f"{API}chat.postMessage", body=body)
    sending.send_next(bot(engine))
    assert states(engine) == [("waiting", "Slack's answer cannot be read; it is asked again.")]


# --- what is typed


@pytest.mark.parametrize("channel", ["#general", "general", "", "C1", "C0123456789; DROP", "https://hooks.slack.com/x"])
def test_a_channel_that_is_no_id_is_refused(channel: str) -> None:
    with pytest.raises(Misconfigured, match="channel's id"):
        channels.checked("slack-bot", channel, TOKEN)


@pytest.mark.parametrize("token", ["", "xoxp-1234567890-abc", "xoxb-", "xoxb-1234567890\r\nX: y", "secret"])
def test_a_token_that_is_no_bots_is_refused_without_being_quoted(token: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        channels.checked("slack-bot", CHANNEL, token)
    assert "1234567890" not in refused.value.sentence


def test_the_token_is_kept_encrypted_shown_nowhere_and_can_be_changed_alone(engine: Engine) -> None:
    place(engine)
    other = TOKEN.replace("abc", "xyz")
    with writing(engine) as session:
        asking.change_destination(session, VAULT, "team", "", other, "", "Ada", later(minutes=3))
        held = messages.destination(session, "team")
        assert messages.secrets_of(session, VAULT, "team") == {"channel": CHANNEL, "token": other}
    assert held is not None
    assert (held.shown, held.pictures) == (f"channel {CHANNEL}", "inside")
    assert "xoxb" not in repr(held)
    assert "xoxb" not in repr(slack_bot._Bot(TOKEN, Ways().rules))
