"""`tieline notify` from the first destination to a share link, against a receiver of this machine."""

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from integration.secrets import new_key
from service.cli import main
from service.notifying import ways_of
from service.settings import Settings


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[bytes]]]:
    """Takes what is posted, and says nothing more."""
    taken: list[bytes] = []

    class Taking(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """The tests say what they have to say."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/x", taken
        server.shutdown()


@pytest.fixture(autouse=True)
def _installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIELINE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TIELINE_SECRET_KEY", new_key())


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["notify", *arguments], input=given)


def test_a_test_message_arrives_where_the_operator_allows_private_addresses(
    receiver: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, taken = receiver
    added = run("destinations", "add", "hook", "webhook", "--address", "-", given=f"{address}\n")
    assert added.output.startswith("whsec_")
    refused = run("destinations", "test", "hook")
    assert refused.exit_code == 1
    assert "TIELINE_MESSAGES_TO_PRIVATE" in refused.output
    assert taken == []
    monkeypatch.setenv("TIELINE_MESSAGES_TO_PRIVATE", "true")
    assert run("destinations", "test", "hook").output == "It was taken (204).\n"
    assert json.loads(taken[0])["type"] == "test"


def test_a_card_for_teams_arrives_with_its_picture_inside(
    receiver: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, taken = receiver
    monkeypatch.setenv("TIELINE_MESSAGES_TO_PRIVATE", "true")
    assert run("destinations", "add", "chat", "teams", "--address", address).exit_code == 0
    assert run("destinations", "test", "chat").exit_code == 0
    assert run("destinations", "change", "chat", "--pictures", "none").exit_code == 0
    assert run("destinations", "test", "chat").exit_code == 0
    first, second = (json.loads(one)["attachments"][0]["content"]["body"] for one in taken)
    [image] = [one for one in first if one["type"] == "Image"]
    assert image["url"].startswith("data:image/png;base64,")
    assert "KR-1 45 %" in image["altText"]
    assert not [one for one in second if one["type"] == "Image"]
    assert len(taken[0]) < 20_000
    assert "sent" in run("log").output


def test_a_bots_token_is_asked_for_in_secret_and_read_from_standard_input() -> None:
    token = "xoxb-1234567890-abcdefghijkl"
    added = run("destinations", "add", "bot", "slack-bot", "--address", "C0123456789", given=f"{token}\n")
    assert added.exit_code == 0
    assert token not in added.output
    changed = run("destinations", "change", "bot", "--secret", "-", "--pictures", "none", given=f"{token}2\n")
    assert changed.exit_code == 0
    shown = run("destinations", "list", "--format", "json").output
    assert "xoxb" not in shown
    assert json.loads(shown)["pictures"] == "none"


def test_destinations_and_subscriptions_are_listed_without_addresses_and_removed() -> None:
    run("destinations", "add", "chat", "slack", "--address", "https://hooks.slack.com/services/secret")
    number = run("subscriptions", "add", "chat", "digest", "--schedule", "weekdays 09:00 Europe/Berlin").output.strip()
    shown = (
        run("destinations", "list", "--format", "json").output + run("subscriptions", "list", "--format", "json").output
    )
    assert "secret" not in shown
    assert "weekdays 09:00 Europe/Berlin" in shown
    assert "chat" in run("subscriptions", "list").output
    assert run("subscriptions", "remove", number).exit_code == 0
    assert run("destinations", "remove", "chat").exit_code == 0
    assert run("destinations", "list", "--format", "json").output == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("subscriptions", "add", "nobody", "sprint_closed"), "There is no destination “nobody”."),
        (("destinations", "remove", "nobody"), "There is no destination “nobody”."),
        (("destinations", "test", "nobody"), "There is no destination “nobody”."),
        (("subscriptions", "remove", "7"), "There is no subscription 7."),
        (("replay", "7"), "There is no message 7"),
        (("shares", "add", "shop", "--board", "B1"), "There is no board B1 on the connection shop."),
        (("shares", "revoke", "7"), "There is no share link 7"),
        (("revoke-picture", "7"), "Message 7 has no link that still opens a picture."),
        (("destinations", "change", "nobody", "--pictures", "link"), "There is no destination “nobody”."),
        (("destinations", "add", "a", "slack-bot", "--address", "#general", "--secret", "x"), "channel's id"),
        (("destinations", "add", "a", "slack", "--address", "ftp://x"), "must begin with https://"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(arguments: tuple[str, ...], said: str) -> None:
    refused = run(*arguments)
    assert refused.exit_code == 1
    assert said in refused.output


def test_an_empty_log_and_no_links_are_empty_lists() -> None:
    assert run("log", "--format", "json").output == ""
    assert run("shares", "list", "--format", "json").output == ""


def test_the_mail_server_of_the_settings_is_taken() -> None:
    settings = Settings(smtp_url="smtps://me:hunter2@mail.example.org", mail_from="t@example.org")  # type: ignore[arg-type]  # as text
    server = ways_of(settings).mail
    assert server is not None
    assert (server.host, server.port, server.is_tls, server.password) == ("mail.example.org", 465, True, "hunter2")
    assert "hunter2" not in repr(server)
    assert "hunter2" not in repr(settings)
