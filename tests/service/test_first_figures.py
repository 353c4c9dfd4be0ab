"""The first look in a terminal: what an installation says of which nothing is known yet, or nothing was worked out."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from integration import sync
from integration.secrets import key_file, vault
from integration.store import connections, plans
from integration.store.engine import create_engine, writing
from integration.store.migrate import migrate
from mappings.model import Plan
from service.cli import main
from tests.integration.trackers.jira.fake_jira import connection, issue, running_jira

START = datetime(2026, 2, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("command", ["audit", "findings", "trends"])
def test_an_empty_installation_is_never_taken_for_a_good_one(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIELINE_DATA_DIR", str(tmp_path))
    said = " ".join(CliRunner().invoke(main, [command]).stdout.split())
    assert said.startswith("Nothing is connected yet: `tieline connect jira` or `tieline import FILE` brings a backlog")


def test_figures_of_a_backlog_that_was_just_read_are_worked_out_by_who_asks_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIELINE_DATA_DIR", str(tmp_path))
    engine = create_engine(f"sqlite:///{tmp_path / 'tieline.sqlite'}")
    migrate(engine)
    with running_jira() as jira:
        jira.add(issue(1))
        with writing(engine) as session:
            connections.keep_connection(session, vault(key_file(tmp_path / "secret.key")), connection(), START)
        list(sync.run_backfill(engine, connection(), lambda: START))
    first, second = (CliRunner().invoke(main, ["trends"]) for _ in range(2))
    assert "The figures are worked out, this once" in first.stderr
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "worked out" not in second.stderr
    with writing(engine) as session:
        plans.apply_plan(session, Plan(), START, author="Ada")
    third = CliRunner().invoke(main, ["trends"])
    assert third.stderr.startswith("What all figures rest on was changed, and they are not worked out anew yet")
