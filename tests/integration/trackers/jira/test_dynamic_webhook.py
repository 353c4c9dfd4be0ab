"""The webhook of an OAuth app: registered, listed, renewed; and its deliveries, which bear a token."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from integration.connecting import Wanted
from integration.contract import Misconfigured
from integration.trackers.jira import client, dynamic_webhook
from integration.trackers.jira.sender import SENDER
from tests.integration.trackers.jira.fake_jira import FakeJira, body, connection, running_jira
from webhooks.contract import Key, Rejected
from webhooks.signatures import hmac_sha256

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
WANTED = Wanted("Tieline acme", "https://okr.example.org/hooks/jira/acme", ("10001", "10002"))
SECRET = b"client secret"
KEY = Key("acme", "jira", (SECRET, b"random"))


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with running_jira() as fake:
        yield fake


def test_it_is_registered_for_what_an_app_may_hear_and_read_back(jira: FakeJira) -> None:
    made = dynamic_webhook.register(client.open_client(connection()), WANTED)
    assert (made.id, made.url, made.is_signed) == ("1000", WANTED.url, True)
    assert made.expires_at == datetime(2026, 3, 4, 9, tzinfo=UTC)
    entry = jira.apps_webhooks[0]
    assert entry["jqlFilter"] == "project in (10001, 10002)"
    assert entry["issuePropertyKeysFilter"] == ["tieline.proof"]


def test_registering_again_leaves_one(jira: FakeJira) -> None:
    http = client.open_client(connection())
    dynamic_webhook.register(http, WANTED)
    jira.apps_webhooks[0]["id"] = 7
    made = dynamic_webhook.register(http, WANTED)
    assert [str(hook["id"]) for hook in jira.apps_webhooks] == [made.id]


def test_an_answer_of_200_that_holds_an_error_is_a_refusal(jira: FakeJira) -> None:
    jira.refuses_apps_webhook = "The URL is not that of the app."
    with pytest.raises(Misconfigured, match="not that of the app"):
        dynamic_webhook.register(client.open_client(connection()), WANTED)


def test_it_is_renewed_before_it_ends(jira: FakeJira) -> None:
    http = client.open_client(connection())
    made = dynamic_webhook.register(http, WANTED)
    renewed = dynamic_webhook.renew(http, made)
    assert made.expires_at is not None
    assert renewed.expires_at == made.expires_at + timedelta(days=30)
    assert body(jira.called("/rest/api/3/webhook/refresh")[0]) == {"webhookIds": [1000]}


def test_it_is_found_by_its_address(jira: FakeJira) -> None:
    http = client.open_client(connection())
    assert dynamic_webhook.found_by_url(http, "/hooks/jira/acme") is None
    dynamic_webhook.register(http, WANTED)
    found = dynamic_webhook.found_by_url(http, "/hooks/jira/acme")
    assert found is not None
    assert found.id == "1000"


# --- deliveries -------------------------------------------------------------------------------


def part(claims: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


def token(claims: object, *, secret: bytes = SECRET, method: str = "HS256") -> str:
    signed = f"{part({'alg': method, 'typ': 'JWT'})}.{part(claims)}"
    return f"{signed}.{base64.urlsafe_b64encode(hmac_sha256(secret, signed.encode())).decode().rstrip('=')}"


GOOD = {"iss": "app", "exp": int(NOW.timestamp()) + 180}


def test_a_delivery_with_a_token_of_our_secret_is_let_in() -> None:
    SENDER.verify({"authorization": f"Bearer {token(GOOD)}"}, b"{}", KEY, NOW)
    SENDER.verify({"authorization": f"JWT {token(GOOD)}"}, b"{}", KEY, NOW)


@pytest.mark.parametrize(
    ("bearer", "reason"),
    [
        (token(GOOD, secret=b"another"), "bad_signature"),
        (token(GOOD, method="none"), "bad_signature"),
        (token({**GOOD, "exp": int(NOW.timestamp()) - 120}), "stale_token"),
        (token({"iss": "app"}), "stale_token"),
        (token([]), "stale_token"),
        (f"{part({'alg': 'none'})}.{part(GOOD)}.", "bad_signature"),
        ("", "bad_signature"),
        ("a.b", "bad_signature"),
        ("\udcff.é.ß", "bad_signature"),
    ],
)
def test_any_other_token_is_refused(bearer: str, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        SENDER.verify({"authorization": f"Bearer {bearer}"}, b"{}", KEY, NOW)
    assert caught.value.reason == reason


def test_a_signature_is_looked_at_first_and_never_outdone_by_a_token() -> None:
    headers = {"x-hub-signature": "sha256=00", "authorization": f"Bearer {token(GOOD)}"}
    with pytest.raises(Rejected, match="bad_signature"):
        SENDER.verify(headers, b"{}", KEY, NOW)


def test_a_delivery_without_any_proof_is_refused() -> None:
    with pytest.raises(Rejected, match="unsigned"):
        SENDER.verify({}, b"{}", KEY, NOW)
