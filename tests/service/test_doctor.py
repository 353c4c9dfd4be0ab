"""`tieline doctor` on a real installation in a folder of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from integration import connect as steps
from service.commands.doctor import doctor
from service.installation import open_installation
from tests.integration.trackers.jira.fake_jira import FakeJira, connection, running_jira

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with running_jira() as fake:
        yield fake


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIELINE_DATA_DIR", str(tmp_path))


def test_where_nothing_is_connected_it_says_how_to_begin() -> None:
    result = CliRunner().invoke(doctor)
    assert (result.exit_code, result.output) == (0, "Nothing is connected yet: run `tieline connect jira`.\n")


def test_it_says_what_is_well_and_what_is_not(jira: FakeJira) -> None:
    installation = open_installation()
    steps.save(installation.engine, installation.vault, connection(), NOW, None)
    result = CliRunner().invoke(doctor)
    assert result.exit_code == 1
    assert "  ✓ account: Jira knows us as Robot." in result.output
    assert "  ✗ backfill: The backfill is not begun: run `tieline connect` again." in result.output
    assert "sesame" not in result.output


def test_a_name_that_is_not_there_is_told() -> None:
    result = CliRunner().invoke(doctor, ["nobody"])
    assert result.exit_code == 1
    assert "There is no connection of that name." in result.output
