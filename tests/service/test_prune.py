"""`tieline prune`: what would go, what went, and from when on can be asked."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from integration.secrets import new_key
from service.cli import main


@pytest.fixture(autouse=True)
def _installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIELINE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TIELINE_SECRET_KEY", new_key())


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["prune", *arguments])


def test_without_a_setting_the_history_stays() -> None:
    assert "kept for ever" in run("--dry-run").output
    done = run()
    assert done.exit_code == 0
    assert "0 states of items" in done.output
    assert "Any past moment can be asked for." in done.output


def test_with_a_setting_it_says_from_when_on_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIELINE_KEEP_HISTORY_DAYS", "365")
    assert "0 states of items would go" in run("--dry-run").output
    assert "Any past moment can be asked for." in run("--dry-run").output
    assert "The earliest moment that can be asked is 2" in run().output
    refused = CliRunner().invoke(main, ["findings", "--as-of", "2001-01-01"])
    assert refused.exit_code != 0
    assert "The earliest moment that can be asked is" in refused.output


@pytest.mark.parametrize("days", ["-1", "29", "x"])
def test_too_short_a_history_stops_the_start_with_the_settings_name(monkeypatch: pytest.MonkeyPatch, days: str) -> None:
    monkeypatch.setenv("TIELINE_KEEP_HISTORY_DAYS", days)
    refused = run()
    assert refused.exit_code == 1
    assert "TIELINE_KEEP_HISTORY_DAYS" in refused.output
