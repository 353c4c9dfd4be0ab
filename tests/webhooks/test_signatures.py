"""The proofs, on the vectors that the vendors publish and on those beside the checkout."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.shared_material import SHARED
from tests.webhooks.door import NOW
from webhooks.contract import Headers, Key, Rejected, Verify
from webhooks.signatures import hex_signature, hmac_sha256, matches_any, same

JIRA = hex_signature("x-hub-signature", "sha256=")
# https://developer.atlassian.com/cloud/jira/platform/webhooks/, "Secure admin webhooks"
OFFICIAL_SECRET = b"It's a Secret to Everybody"
OFFICIAL_BODY = b"Hello World!"
OFFICIAL_SIGNATURE = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"


def key(*secrets: bytes) -> Key:
    return Key("acme", "jira", secrets=secrets)


def reason(verify: Verify, headers: Headers, body: bytes, given: Key, now: datetime = NOW) -> str:
    with pytest.raises(Rejected) as caught:
        verify(headers, body, given, now)
    return caught.value.reason


def test_the_vector_of_the_jira_documentation_is_accepted() -> None:
    JIRA({"x-hub-signature": OFFICIAL_SIGNATURE}, OFFICIAL_BODY, key(OFFICIAL_SECRET), NOW)


def test_both_secrets_are_valid_while_they_are_changed() -> None:
    JIRA({"x-hub-signature": OFFICIAL_SIGNATURE}, OFFICIAL_BODY, key(b"new", OFFICIAL_SECRET), NOW)


def test_a_changed_body_is_refused() -> None:
    given = {"x-hub-signature": OFFICIAL_SIGNATURE}
    assert reason(JIRA, given, b"Hello World?", key(OFFICIAL_SECRET)) == "bad_signature"


def test_another_secret_is_refused() -> None:
    assert reason(JIRA, {"x-hub-signature": OFFICIAL_SIGNATURE}, OFFICIAL_BODY, key(b"x")) == "bad_signature"


def test_a_missing_header_is_refused_as_unsigned() -> None:
    assert reason(JIRA, {}, OFFICIAL_BODY, key(OFFICIAL_SECRET)) == "unsigned"


def test_sha1_is_refused_although_its_value_is_right() -> None:
    weak = "sha1=" + hmac.new(OFFICIAL_SECRET, OFFICIAL_BODY, hashlib.sha1).hexdigest()
    assert reason(JIRA, {"x-hub-signature": weak}, OFFICIAL_BODY, key(OFFICIAL_SECRET)) == "unknown_signature_method"


@pytest.mark.parametrize("garbage", ["sha256=", "sha256=é", "sha256=\ud800", "sha256=" + "0" * 64, "sha256=\x00"])
def test_garbage_in_the_header_is_refused(garbage: str) -> None:
    assert reason(JIRA, {"x-hub-signature": garbage}, OFFICIAL_BODY, key(OFFICIAL_SECRET)) == "bad_signature"


def test_every_secret_is_tried_even_after_a_match() -> None:
    tried: list[bytes] = []

    def expected(secret: bytes) -> bytes:
        tried.append(secret)
        return secret

    assert matches_any(key(b"a", b"b"), b"a", expected)
    assert tried == [b"a", b"b"]


def test_text_and_bytes_compare_by_their_utf8_form() -> None:
    assert same("Größe", "Größe".encode())
    assert not same("Größe", "Grosse")


def asana(headers: Headers, body: bytes, given: Key, now: datetime) -> None:
    hex_signature("x-hook-signature")(headers, body, given, now)


def linear(headers: Headers, body: bytes, given: Key, now: datetime) -> None:
    """A signature over a body that tells its own time: a replay is refused by the moment, which is an argument."""
    hex_signature("linear-signature")(headers, body, given, now)
    sent = datetime.fromtimestamp(json.loads(body)["webhookTimestamp"] / 1000, UTC)
    if abs(now - sent) > timedelta(seconds=60):
        raise Rejected("stale_timestamp")


def gitlab(headers: Headers, body: bytes, given: Key, now: datetime) -> None:
    """A signed text made of two headers and the body."""
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body

    def expected(secret: bytes) -> bytes:
        return b"v1," + base64.b64encode(hmac_sha256(base64.b64decode(secret.removeprefix(b"whsec_")), text))

    if not matches_any(given, headers["webhook-signature"], expected):
        raise Rejected("bad_signature")


def trello(headers: Headers, body: bytes, given: Key, now: datetime) -> None:
    """The URL is signed too, with the only method that this tracker has."""
    message = body + given.callback_url.encode()

    def expected(secret: bytes) -> bytes:
        return base64.b64encode(hmac.digest(secret, message, "sha1"))

    if not matches_any(given, headers["x-trello-webhook"], expected):
        raise Rejected("bad_signature")


def basic(headers: Headers, body: bytes, given: Key, now: datetime) -> None:
    """No signature at all: a password in a header."""
    if not matches_any(given, headers["authorization"], lambda secret: b"Basic " + base64.b64encode(secret)):
        raise Rejected("wrong_password")


if SHARED is not None:
    VECTORS: dict[str, dict[str, Any]] = json.loads((SHARED / "specs/webhook-signature-vectors.json").read_text())
    SENT = datetime.fromtimestamp(1793527200, UTC)
    CASES: dict[str, tuple[Verify, str]] = {
        "asana": (asana, "secret"),
        "github": (hex_signature("x-hub-signature-256", "sha256="), "secret"),
        "linear": (linear, "secret"),
        "trello": (trello, "secret"),
    }

    @pytest.mark.parametrize("tracker", CASES)
    def test_the_contract_carries_the_signature_of(tracker: str) -> None:
        vector = VECTORS[tracker]
        verify, secret = CASES[tracker]
        given = Key("c", tracker, (vector[secret].encode(),), callback_url=vector.get("callback_url", ""))
        headers = {vector["header"].lower(): vector["expected"]}
        body = vector["body"].encode()
        verify(headers, body, given, SENT)
        assert reason(verify, headers, body + b" ", given, SENT) == "bad_signature"

    def test_the_contract_carries_a_time_limit_inside_the_signature() -> None:
        vector = VECTORS["linear"]
        headers = {"linear-signature": vector["expected"]}
        given = Key("c", "linear", (vector["secret"].encode(),))
        late = SENT + timedelta(seconds=61)
        assert reason(linear, headers, vector["body"].encode(), given, late) == "stale_timestamp"

    def test_the_contract_carries_signed_headers() -> None:
        vector = VECTORS["gitlab_signing_token"]
        headers = {
            "webhook-id": vector["webhook_id"],
            "webhook-timestamp": vector["webhook_timestamp"],
            "webhook-signature": vector["expected"],
        }
        given = Key("c", "gitlab", (vector["signing_token"].encode(),))
        gitlab(headers, vector["body"].encode(), given, SENT)
        later = {**headers, "webhook-timestamp": "1793527201"}
        assert reason(gitlab, later, vector["body"].encode(), given, SENT) == "bad_signature"

    def test_the_contract_carries_a_password() -> None:
        vector = VECTORS["azure_devops"]
        given = Key("c", "azuredevops", (f"{vector['username']}:{vector['password']}".encode(),))
        basic({"authorization": vector["expected"]}, b"{}", given, SENT)
        assert reason(basic, {"authorization": "Basic b2tyOg=="}, b"{}", given, SENT) == "wrong_password"
