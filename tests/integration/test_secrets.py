"""Secrets are encrypted at rest, with keys that can be changed, and never shown."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from integration.contract import Connection, Misconfigured
from integration.secrets import Vault, new_key, vault
from integration.store import connections
from integration.store.connections import Webhook
from integration.store.door import door_keys, keep_first_secret
from integration.store.engine import reading, writing
from tests.integration.store.material import day, fresh_store

JIRA = Connection("site", "jira", "https://jira.example", {"token": "hunter2"}, {"kr_field": "customfield_1"})


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    with fresh_store(database_url) as engine:
        yield engine


def test_what_was_encrypted_with_an_older_key_is_read_and_encrypted_anew() -> None:
    old, new = new_key(), new_key()
    token = Vault([old]).encrypt("hunter2")
    both = vault(f"{new}, {old}")
    assert both.decrypt(token) == "hunter2"
    assert Vault([new]).decrypt(both.rotated(token)) == "hunter2"


def test_a_foreign_key_is_told_from_a_broken_one_and_neither_is_shown() -> None:
    token = Vault([new_key()]).encrypt("hunter2")
    with pytest.raises(Misconfigured, match="another key"):
        Vault([new_key()]).decrypt(token)
    with pytest.raises(Misconfigured) as caught:
        vault("not-a-key")
    assert "not-a-key" not in str(caught.value)
    assert repr(Vault([new_key()])) == "Vault(…)"


def test_no_keys_at_all_are_refused() -> None:
    with pytest.raises(Misconfigured, match="TIELINE_SECRET_KEY"):
        vault(" , ")


def test_a_connection_comes_back_equal_and_its_secrets_are_not_in_the_database(engine: Engine) -> None:
    keys = Vault([new_key()])
    with writing(engine) as session:
        connections.keep_connection(session, keys, JIRA, day(0), webhook=Webhook("s3cret", "t0ken"))
    with reading(engine) as session:
        assert connections.connection_named(session, keys, "site") == JIRA
        row = session.execute(text("SELECT * FROM connections")).one()
    assert not any(secret in str(row) for secret in ("hunter2", "s3cret", "t0ken"))
    assert "hunter2" not in repr(JIRA)


def test_the_door_knows_both_secrets_while_one_replaces_the_other(engine: Engine) -> None:
    keys = Vault([new_key()])
    with writing(engine) as session:
        connections.keep_connection(session, keys, JIRA, day(0), webhook=Webhook("first", "t0ken"))
        connections.rotate_webhook_secret(session, keys, "site", "second")
        key = connections.door_key(session, keys, "jira", "site")
        assert key is not None
        assert key.secrets == (b"second", b"first")
        assert key.token == "t0ken"
        assert door_keys(session, keys) == {("jira", "site"): key}
        assert connections.door_key(session, keys, "asana", "site") is None


def test_a_handshake_never_replaces_a_secret(engine: Engine) -> None:
    keys = Vault([new_key()])
    with writing(engine) as session:
        connections.keep_connection(session, keys, JIRA, day(0))
        assert keep_first_secret(session, keys, "site", b"first")
        assert not keep_first_secret(session, keys, "site", b"second")


def test_all_stored_secrets_can_be_encrypted_with_a_new_key(engine: Engine) -> None:
    old, new = new_key(), new_key()
    with writing(engine) as session:
        connections.keep_connection(session, Vault([old]), JIRA, day(0), webhook=Webhook("s3cret"))
        assert connections.encrypt_anew(session, Vault([new, old])) == 2
        assert connections.connection_named(session, Vault([new]), "site") == JIRA
