"""`tieline login-link`: a link that works once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from integration.store.engine import create_engine
from service.app import create_app
from service.cli import main
from service.commands.login_link import address_of
from service.settings import Settings


def test_the_printed_link_lets_in(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tieline.sqlite'}"
    told = CliRunner(env={"TIELINE_DATABASE_URL": url}).invoke(main, ["login-link"])
    assert told.exit_code == 0, told.output
    link = told.output.split()[-1]
    assert link.startswith("http://127.0.0.1:8000/login/")
    engine = create_engine(url)
    client = create_app(engine, Settings(), clock=lambda: datetime.now(UTC)).test_client()
    assert client.get(link.removeprefix("http://127.0.0.1:8000")).status_code == 303
    assert client.get("/").status_code == 200
    engine.dispose()


def test_a_port_that_is_chosen_at_the_start_makes_no_link(tmp_path: Path) -> None:
    environment = {"TIELINE_DATA_DIR": str(tmp_path), "TIELINE_PORT": "0"}
    told = CliRunner(env=environment).invoke(main, ["login-link"])
    assert told.exit_code == 1
    assert "TIELINE_PORT is 0: say with --public-url" in told.output
    named = CliRunner(env=environment).invoke(main, ["login-link", "--public-url", "https://tieline.example"])
    assert named.output.startswith("https://tieline.example/login/")


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        (Settings(), "http://127.0.0.1:8000"),
        (Settings(host="0.0.0.0", port=80), "http://127.0.0.1:80"),  # noqa: S104 - asked about, not bound
        (Settings(public_url="https://tieline.example"), "https://tieline.example"),
    ],
)
def test_the_link_leads_where_people_reach_tieline(settings: Settings, address: str) -> None:
    assert address_of(settings) == address
