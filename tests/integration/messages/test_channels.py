"""Each channel's mark-up: tracker text stays text, and addresses are judged before they are called."""

import email
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.policy import default

import pytest
import responses

from integration.contract import Misconfigured, Permanent, Temporary, TrackerError
from integration.messages import addresses, carrying, channels, composing, generic, mail, posting, slack, teams
from integration.messages.carrying import Ways
from integration.messages.message import Bar, Entry, Message, Part, as_json, from_json
from integration.messages.posting import Rules
from integration.messages.words import bar_text
from tests.integration.messages.material import HOSTILE, WORDS
from tests.reports.material import NOW

MESSAGE = Message(
    topic="sprint_closed",
    title=HOSTILE,
    at=NOW,
    paragraphs=(f"Goal: {HOSTILE}",),
    bars=(Bar("Completed", "5 points", (Part(HOSTILE, "key_result", 60), Part("unaligned", "unaligned", 40))),),
    facts=(("board", HOSTILE),),
    entries=(Entry(HOSTILE, "https://tieline.example.org/findings/1"), Entry(HOSTILE)),
    url="https://tieline.example.org/sprints/shop/S%201",
    data={"name": HOSTILE},
)


def test_a_message_comes_back_from_the_store_as_it_was_composed() -> None:
    assert from_json(json.loads(json.dumps(as_json(MESSAGE)))) == MESSAGE


def test_slack_reads_no_mark_up_in_tracker_text() -> None:
    payload = slack.payload(MESSAGE)
    read = [payload["text"]]
    for block in payload["blocks"]:
        texts = [block.get("text"), *block.get("elements", ())] if block["type"] != "rich_text" else []
        for text in texts:
            if isinstance(text, dict):
                assert text["type"] == "plain_text" or "evil" not in text["text"]
                read.append(text["text"])
    assert not any("<!" in text or "<b" in text for text in read)
    assert payload["mrkdwn"] is False
    [rich] = [block for block in payload["blocks"] if block["type"] == "rich_text"]
    pieces = [section["elements"][0] for section in rich["elements"][0]["elements"]]
    assert [piece["type"] for piece in pieces] == ["link", "text"]
    assert pieces[0]["url"] == "https://tieline.example.org/findings/1"


def test_slack_takes_the_message_within_its_limits() -> None:
    long = Message("digest", "&" * 900, NOW, ("<" * 5000,), MESSAGE.bars * 40, entries=MESSAGE.entries)
    blocks = slack.payload(long)["blocks"]
    assert len(blocks) <= 50
    assert len(blocks[0]["text"]["text"]) <= 150
    assert blocks[0]["text"]["text"].removesuffix("…").endswith("&amp;")
    assert all(len(block["text"]["text"]) <= 3000 for block in blocks if "text" in block)


def test_teams_reads_no_markdown_and_no_templates_in_tracker_text() -> None:
    card = teams.payload(MESSAGE)["attachments"][0]["content"]
    assert {element["type"] for element in card["body"]} == {"RichTextBlock"}
    assert "{{" not in json.dumps(card)
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Open in Tieline", "url": MESSAGE.url}]
    assert len(json.dumps(teams.payload(MESSAGE))) < 28_000


def test_other_chats_read_no_mark_up_and_call_nobody() -> None:
    text = generic.payload(MESSAGE)["text"]
    assert "@here" not in text
    assert "<!channel>" not in text
    assert "](https://evil" not in text
    assert "\\*bold\\*" in text
    assert "https://evil" not in text


def test_mail_has_text_and_html_and_its_headers_cannot_be_forged() -> None:
    letter = mail.letter(MESSAGE, "msg_1", ("a@example.org",), "Tieline <t@example.org>", NOW)
    read = email.message_from_bytes(letter.as_bytes(), policy=default)
    assert read["Bcc"] is None
    assert read["Message-ID"] == "<msg_1@example.org>"
    assert "\n" not in read["Subject"]
    html = read.get_body(("html",))
    plain = read.get_body(("plain",))
    assert html is not None
    assert plain is not None
    assert "<b onmouseover" not in html.get_content()
    assert "&lt;b onmouseover" in html.get_content()
    assert "60&nbsp;%" in html.get_content()
    assert bar_text(MESSAGE.bars[0]) in plain.get_content()


def test_signs_that_turn_the_writing_round_are_in_no_channel() -> None:
    said = json.dumps([slack.payload(MESSAGE), teams.payload(MESSAGE), generic.payload(MESSAGE)], ensure_ascii=False)
    assert "\u202e" not in said + mail.text_of(MESSAGE) + mail.html_of(MESSAGE)


def test_the_bar_as_text_has_its_width_and_a_sign_for_every_part() -> None:
    parts = (Part("KR-1", "key_result", 97), *(Part(f"KR-{number}", "key_result", 1) for number in (2, 3, 4)))
    bar = Bar("Completed", "5 points", parts)
    assert len(bar_text(bar, 24)) == 24
    assert bar_text(Bar("Completed", "0 points", ())) == ""


# --- addresses


NO_ADDRESSES = (
    "",
    "nope",
    "ftp://example.org/x",
    "file:///etc/passwd",
    "https://",
    "https://a b/",
    "https://user:pw@example.org/",
    "https://example.org:99999/",
    "https://exämple.org/",
    "https://example.org/\r\nX: y",
    f"https://example.org/{'x' * 2000}",
)
IPV4 = ("127.0.0.1", "10.0.0.5", "172.16.3.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1")
IPV6 = ("::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::")


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_is_no_address_is_refused_without_being_quoted(address: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        addresses.checked_address(address)
    assert "pw" not in refused.value.sentence


@pytest.mark.parametrize("found", [*IPV4, *IPV6])
def test_addresses_of_private_networks_are_not_called_unless_the_operator_says_so(found: str) -> None:
    def look_up(_host: str, _port: int) -> list[str]:
        return ["93.184.216.34", found]

    with pytest.raises(Misconfigured) as refused:
        posting.post("https://hooks.example.org/x", b"{}", {}, Rules(look_up=look_up))
    assert refused.value.reason == "private_address"
    assert "TIELINE_MESSAGES_TO_PRIVATE" in refused.value.sentence


def test_the_call_goes_to_the_address_that_was_judged_and_names_the_host() -> None:
    asked: list[str] = []

    def look_up(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34"]

    with responses.RequestsMock() as calls:
        calls.post("https://93.184.216.34:443/x?y=1", status=204)
        assert posting.post("https://hooks.example.org/x?y=1", b"{}", {}, Rules(look_up=look_up)) == 204
        assert calls.calls[0].request.headers["Host"] == "hooks.example.org"
    assert asked == ["hooks.example.org"]


@pytest.mark.parametrize(
    ("status", "always", "error", "reason"),
    [
        (302, False, Misconfigured, "redirected"),
        (404, False, Permanent, "refused"),
        (404, True, Temporary, "not_taken"),
        (400, False, Permanent, "refused"),
        (410, True, Permanent, "gone"),
        (429, False, Temporary, "not_taken"),
        (500, False, Temporary, "not_taken"),
    ],
)
def test_what_an_answer_means(status: int, always: bool, error: type[TrackerError], reason: str) -> None:
    rules = Rules(look_up=lambda _host, _port: ["93.184.216.34"], always_again=always)
    with responses.RequestsMock() as calls:
        calls.post("https://93.184.216.34:443/x", status=status, headers={"Location": "http://127.0.0.1/"})
        with pytest.raises(error) as refused:
            posting.post("https://hooks.example.org/x", b"{}", {}, rules)
        assert refused.value.reason == reason
        assert posting.status_of(refused.value) == status
        assert len(calls.calls) == 1


def test_an_endless_answer_is_cut_off() -> None:
    rules = Rules(look_up=lambda _host, _port: ["93.184.216.34"])
    with responses.RequestsMock() as calls:
        calls.post("https://93.184.216.34:443/x", body=b"x" * (posting.LARGEST_ANSWER * 10))
        assert posting.post("https://hooks.example.org/x", b"{}", {}, rules) == 200


# --- what a form takes


def test_a_mail_destination_shows_no_address() -> None:
    checked = channels.checked("email", "ada@example.org, team@lists.example.org")
    assert checked.shown == "2 recipients at example.org, lists.example.org"


@pytest.mark.parametrize("text", ["", "ada", "a@b@c", "a@example.org\r\nBcc: x@example.org <y>", "ä@example.org"])
def test_what_is_no_mail_address_is_refused(text: str) -> None:
    with pytest.raises(Misconfigured):
        channels.checked("email", text)


@pytest.mark.parametrize("secret", ["hunter2", "whsec_", "whsec_!!!", "whsec_c2hvcnQ="])
def test_a_signing_secret_that_receivers_could_not_use_is_refused(secret: str) -> None:
    with pytest.raises(Misconfigured):
        channels.checked("webhook", "https://example.org/x", secret)


def test_mail_without_a_server_says_which_setting_is_missing() -> None:
    with pytest.raises(Misconfigured, match="TIELINE_SMTP_URL"):
        carrying.send("email", {"to": "a@example.org"}, composing.trial(NOW, WORDS), "msg_1", Ways(), NOW)


@pytest.mark.parametrize("url", ["mail.example.org", "https://mail.example.org", "smtp://", "smtp://host:99999"])
def test_what_is_no_mail_server_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(Misconfigured, match="TIELINE_SMTP_URL"):
        mail.server_of(url, "t@example.org")


# --- a real conversation by SMTP


class _Post(socketserver.StreamRequestHandler):
    """Speaks as much SMTP as it takes to be handed a letter; refuses who is called `refused`."""

    def handle(self) -> None:
        self.wfile.write(b"220 stub\r\n")
        letter: list[bytes] | None = None
        for line in self.rfile:
            if letter is not None:
                if line == b".\r\n":
                    self.server.letters.append(b"".join(letter))  # type: ignore[attr-defined]  # see `_post_office`
                    letter = None
                    self.wfile.write(b"250 taken\r\n")
                else:
                    letter.append(line)
            elif line.upper().startswith(b"DATA"):
                letter = []
                self.wfile.write(b"354 go on\r\n")
            elif line.upper().startswith(b"QUIT"):
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"550 nobody\r\n" if b"refused@" in line else b"250 ok\r\n")


@contextmanager
def _post_office() -> Iterator[tuple[int, list[bytes]]]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Post) as server:
        letters: list[bytes] = []
        server.letters = letters  # type: ignore[attr-defined]  # the handler looks there
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], letters
        server.shutdown()


def test_a_letter_arrives() -> None:
    with _post_office() as (port, letters):
        ways = Ways(mail=mail.server_of(f"smtp+plain://127.0.0.1:{port}", "Tieline <t@example.org>"))
        carrying.send("email", {"to": "a@example.org, b@example.org"}, MESSAGE, "msg_1", ways, NOW)
    read = email.message_from_bytes(letters[0], policy=default)
    assert read["To"] == "a@example.org, b@example.org"
    assert read.get_content_type() == "multipart/alternative"


def test_recipients_that_are_refused_are_not_tried_again() -> None:
    with _post_office() as (port, _):
        ways = Ways(mail=mail.server_of(f"smtp+plain://127.0.0.1:{port}", "t@example.org"))
        with pytest.raises(Permanent) as refused:
            carrying.send("email", {"to": "refused@example.org"}, MESSAGE, "msg_1", ways, NOW)
    assert refused.value.reason == "recipients_refused"


def test_a_server_without_tls_is_not_spoken_to_in_the_clear() -> None:
    with _post_office() as (port, letters):
        ways = Ways(mail=mail.server_of(f"smtp://user:pw@127.0.0.1:{port}", "t@example.org"))
        with pytest.raises(TrackerError):
            carrying.send("email", {"to": "a@example.org"}, MESSAGE, "msg_1", ways, NOW)
    assert letters == []
