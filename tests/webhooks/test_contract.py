"""What keys and senders never show, and never keep."""

import pytest

from webhooks.contract import Handshake, Key, Sender
from webhooks.signatures import hex_signature


def test_no_secret_shows_in_the_text_of_a_key() -> None:
    key = Key("acme", "jira", secrets=(b"hunter2",), token="tok3n", callback_url="https://okr.example/hooks/tok3n")
    assert repr(key) == "Key(connection='acme', tracker='jira', unsigned=False)"


def test_no_secret_shows_in_the_text_of_a_handshake() -> None:
    assert "hunter2" not in repr(Handshake(secret=b"hunter2"))


@pytest.mark.parametrize("header", ["authorization", "cookie", "x-gitlab-token"])
def test_a_sender_that_would_keep_a_header_with_secrets_is_refused(header: str) -> None:
    with pytest.raises(ValueError, match=header):
        Sender("jira", hex_signature("x"), lambda _headers, _body: None, can_sign=True, kept_headers=("x-id", header))
