"""The webhook: proof of a delivery, registration with a secret, reading back, and instructions for the hand."""

import hmac
from datetime import UTC, datetime

import pytest

from integration.connecting import Wanted
from integration.contract import Misconfigured, Permanent
from integration.trackers.jira import client
from integration.trackers.jira.read import read
from integration.trackers.jira.sender import SENDER
from integration.trackers.jira.webhook import EVENTS, instructions, jql_of, read_back, register
from tests.integration.trackers.jira.fake_jira import FakeJira, body, connection
from webhooks.contract import Key, Rejected

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
HOOKS = "/rest/webhooks/1.0/webhook"
WANTED = Wanted("Tieline acme", "https://okr.example.org/hooks/jira/acme", ("10001", "10002"), secret="s3cret")


def key(*secrets: bytes) -> Key:
    return Key("acme", "jira", secrets=secrets)


def test_the_documented_example_of_a_signature_is_accepted() -> None:
    header = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
    known = key(b"It's a Secret to Everybody", b"another")
    SENDER.verify({"x-hub-signature": header}, b"Hello World!", known, NOW)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "unsigned"),
        ("sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709", "unknown_signature_method"),
        ("sha256=" + "0" * 64, "bad_signature"),
        ("sha256=é", "bad_signature"),
    ],
)
def test_anything_else_is_rejected(header: str, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        SENDER.verify({"x-hub-signature": header}, b"{}", key(b"one", b"two"), NOW)
    assert caught.value.reason == reason


def test_the_secret_before_the_last_change_still_proves_a_delivery() -> None:
    signature = "sha256=" + hmac.new(b"old", b"{}", "sha256").hexdigest()
    SENDER.verify({"x-hub-signature": signature}, b"{}", key(b"new", b"old"), NOW)


def test_a_repeated_delivery_is_known_by_its_identifier() -> None:
    headers = {"x-atlassian-webhook-identifier": "a1", "x-atlassian-webhook-retry": "2"}
    assert SENDER.delivery_id(headers, b"{}") == "a1"
    assert SENDER.delivery_id({}, b"{}") is None


def test_every_event_that_we_subscribe_to_is_one_that_we_read() -> None:
    bodies = {
        "jira:issue": '"issue": {"id": "1"}',
        "worklog": '"worklog": {"issueId": "1"}',
        "sprint": '"sprint": {"id": 1}',
        "board": '"board": {"id": 1}, "configuration": {"id": 1}',
        "project": '"project": {"id": 1}',
        "issuelink": '"issueLink": {"sourceIssueId": 1, "destinationIssueId": 2}',
    }
    for event in EVENTS:
        part = bodies[
            event.rpartition("_")[0]
            if event in {f"jira:issue_{w}" for w in ("created", "updated", "deleted")}
            else event.split("_")[0]
        ]
        assert read(f'{{"webhookEvent": "{event}", {part}}}'.encode())


def test_a_webhook_is_registered_with_its_secret_and_read_back(jira: FakeJira) -> None:
    registered = register(client.open_client(connection()), WANTED)
    (request,) = [one for one in jira.called(HOOKS) if one.method == "POST"]
    sent = body(request)
    assert sent["secret"] == "s3cret"
    assert sent["excludeBody"] is False
    assert sent["filters"] == {"issue-related-events-section": "project in (10001, 10002)"}
    assert (registered.id, registered.url, registered.is_signed, registered.is_enabled) == ("1", WANTED.url, True, True)


def test_a_webhook_with_our_url_is_set_anew_instead_of_doubled(jira: FakeJira) -> None:
    http = client.open_client(connection())
    first = register(http, WANTED)
    assert register(http, WANTED) == first
    assert len(jira.webhooks) == 1


def test_a_webhook_that_jira_keeps_unsigned_is_refused(jira: FakeJira) -> None:
    hook = {"self": f"https://acme.atlassian.net{HOOKS}/5", "url": WANTED.url, "isSigned": False}
    jira.webhooks.append(hook)
    jira.fail(f"{HOOKS}/5", 200, hook)
    with pytest.raises(Misconfigured) as caught:
        register(client.open_client(connection()), WANTED)
    assert caught.value.reason == "unsigned_webhook"


def test_a_registration_that_may_have_happened_is_not_sent_twice(jira: FakeJira) -> None:
    jira.faults[HOOKS] = [(200, {}, "[]"), (502, {}, "")]
    with pytest.raises(Exception, match="502"):
        register(client.open_client(connection()), WANTED)
    assert sum(request.method == "POST" for request in jira.called(HOOKS)) == 1


def test_a_webhook_that_is_not_listed_is_missing(jira: FakeJira) -> None:
    with pytest.raises(Permanent, match="does not list"):
        read_back(client.open_client(connection()), "9")


def test_the_instructions_name_all_that_must_be_pasted() -> None:
    text = "\n".join(instructions("https://acme.atlassian.net", WANTED))
    for needed in (WANTED.url, WANTED.secret, jql_of(WANTED), "/plugins/servlet/webhooks"):
        assert needed in text


def test_the_secret_is_not_in_the_printed_form() -> None:
    assert "s3cret" not in repr(WANTED)
