"""`tieline accounts` and `tieline tokens`: people and programs are let in, changed and switched off."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from integration.store.acts import acts
from integration.store.engine import create_engine, reading
from integration.store.migrate import migrate
from service.cli import main


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("TIELINE_DATA_DIR", str(tmp_path))
    engine = create_engine(f"sqlite:///{tmp_path / 'tieline.sqlite'}")
    migrate(engine)
    return engine


def tieline(*arguments: str, fails: bool = False) -> Result:
    result = CliRunner().invoke(main, arguments)
    assert (result.exit_code != 0) is fails, result.output
    return result


def lines(*arguments: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in tieline(*arguments, "--format", "json").output.splitlines()]


def test_an_account_is_added_changed_and_listed(engine: Engine) -> None:
    assert "/login/" in tieline("accounts", "add", "Grace", "--role", "editor", "--reason", "joined").output
    tieline("accounts", "role", "Grace", "admin")
    tieline("accounts", "role", "Grace", "editor", "--team", "Payments")
    (found,) = lines("accounts", "list")
    assert (found["name"], found["role"], found["team_roles"]) == ("Grace", "admin", {"Payments": "editor"})
    assert "editor for Payments" in tieline("accounts", "list").output
    tieline("accounts", "role", "Grace", "none", "--team", "Payments")
    assert lines("accounts", "list")[0]["team_roles"] == {}
    with reading(engine) as session:
        said = [(act.actor, act.act, act.reason) for act in acts(session)]
    assert said[-1] == ("operator", "account_added", "joined")
    assert [act for _, act, _ in said] == ["team_role_changed", "team_role_changed", "role_changed", "account_added"]


def test_an_account_is_switched_off_and_on_and_sent_a_link(engine: Engine) -> None:
    assert engine is not None
    tieline("accounts", "add", "Ada", "--role", "admin")
    tieline("accounts", "add", "Grace")
    tieline("accounts", "disable", "Grace")
    assert "may come in" in tieline("accounts", "link", "Grace", fails=True).output
    tieline("accounts", "enable", "Grace")
    assert "/login/" in tieline("accounts", "link", "Grace").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("role", "Grace", "viewer"), "no account Grace"),
        (("role", "Grace", "none"), "Everywhere choose"),
        (("role", "Grace", "viewer", "--team", "Payments"), "for a team editor"),
        (("add", " "), "Give a name"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(engine: Engine, arguments: tuple[str, ...], said: str) -> None:
    assert said in tieline("accounts", *arguments, fails=True).output
    with reading(engine) as session:
        assert acts(session) == ()


def test_a_token_is_made_listed_and_revoked(engine: Engine) -> None:
    assert engine is not None
    tieline("accounts", "add", "Grace")
    made = tieline("tokens", "make", "Grace", "--name", "script", "--scope", "metrics").output.strip()
    (found,) = lines("tokens", "list")
    assert made.startswith(f"tl_{found['id']}_")
    assert (found["owner"], found["scopes"]) == ("Grace", ["metrics"])
    tieline("tokens", "revoke", str(found["id"]))
    assert "revoked" in tieline("tokens", "list").output
    assert "still holds" in tieline("tokens", "revoke", str(found["id"]), fails=True).output


def test_a_token_takes_an_account(engine: Engine) -> None:
    assert engine is not None
    assert "no account Grace" in tieline("tokens", "make", "Grace", "--name", "x", fails=True).output


def test_a_script_gets_a_token_of_the_admin_before_anybody_was_in(engine: Engine) -> None:
    assert engine is not None
    assert tieline("tokens", "make", "admin", "--name", "setup").output.startswith("tl_")
