"""`tieline disconnect` forgets a connection after it asked."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from integration.store.engine import create_engine, writing
from integration.store.migrate import migrate
from integration.store.tables import ConnectionRow
from service.cli import main
from tests.integration.store.material import day


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIELINE_DATA_DIR", str(tmp_path))
    engine = create_engine(f"sqlite:///{tmp_path / 'tieline.sqlite'}")
    migrate(engine)
    with writing(engine) as session:
        session.add(
            ConnectionRow(id="shop", tracker="jira", base_url="x", callback_url="", mapping={}, created_at=day(0))
        )


def disconnect(*arguments: str, said: str = "") -> Result:
    return CliRunner().invoke(main, ["disconnect", *arguments, "--reason", "moved"], input=said)


def test_it_asks_first_and_then_forgets() -> None:
    assert disconnect("shop", said="n\n").exit_code == 1
    assert "is forgotten" in disconnect("shop", said="y\n").output
    assert "no connection shop" in disconnect("shop").output


def test_a_script_says_yes_beforehand() -> None:
    assert disconnect("shop", "--yes").exit_code == 0


def test_what_is_not_there_cannot_be_forgotten() -> None:
    result = disconnect("nobody", "--yes")
    assert (result.exit_code, "no connection nobody" in result.output) == (1, True)
