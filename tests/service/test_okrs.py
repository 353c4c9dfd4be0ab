"""The command `tieline okrs`: check, apply once, and leave what holds already."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from integration.store.engine import create_engine, reading, writing
from integration.store.plans import apply_plan, plan_versions
from mappings.model import Condition, MappingRule
from service.cli import main

REGISTER = """\
cycles: [{id: 2026Q1, start: 2026-01-01, end: 2026-03-31}]
objectives: [{id: O, title: Shops, team: Payments, cycle: 2026Q1}]
key_results:
  - {code: KR-1, objective: O, title: One}
"""
NOT_TAKEN = "the last look was not taken over"


def okrs(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["okrs", *arguments])


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TIELINE_DATA_DIR", str(tmp_path / "data"))
    path = tmp_path / "okrs.yaml"
    path.write_text(REGISTER)
    return path


def kept(register: Path) -> list[tuple[datetime | None, str | None, str | None]]:
    with reading(create_engine(f"sqlite:///{register.parent / 'data' / 'tieline.sqlite'}")) as session:
        return [(version.plan.since, version.author, version.reason) for version in plan_versions(session)]


def test_check_says_what_is_in_it(register: Path) -> None:
    result = okrs("check", str(register))
    assert (result.exit_code, result.stdout) == (
        0, "okrs.yaml is right: 1 cycle, 0 teams, 1 objective, 1 key result, 0 rules.\n",
    )  # fmt: skip


def test_check_names_line_and_mend(register: Path) -> None:
    register.write_text(REGISTER.replace("title: One", "titel: One"))
    result = okrs("check", str(register))
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "okrs.yaml:4: key_results[0].title: is missing; it is required",
        "okrs.yaml:4: key_results[0].titel: unknown key; did you mean title?",
    ]


def test_show_and_sync_tell_of_sources(register: Path) -> None:
    assert okrs("show").stdout == "The register names no team yet: apply one with `tieline okrs apply FILE`.\n"
    assert okrs("sync").stdout == "The register declares no sources: all OKRs are in its file.\n"
    source = "sources: [{kind: jira-goals, connection: acme, teams: [Growth]}]\n"
    register.write_text(REGISTER + source)
    assert okrs("apply", str(register)).stdout.endswith(
        "1 source of OKRs is read next: by the workers, or at once by `tieline okrs sync`.\n"
    )
    synced = okrs("sync")
    assert synced.exit_code == 2
    assert synced.stderr.splitlines() == [
        "Atlassian Goals of acme: nothing was taken over.",
        "  There is no connection “acme”: connect it, or mend the register's sources.",
    ]
    assert okrs("show").stdout.splitlines() == [
        f"Growth    0 objectives, 0 key results, from Atlassian Goals of acme, not read yet; {NOT_TAKEN}",
        "            There is no connection “acme”: connect it, or mend the register's sources.",
        "Payments  1 objective, 1 key result, from the register's file",
    ]
    register.write_text(REGISTER)
    assert okrs("apply", str(register)).stdout == "All OKRs are in the file now.\n"


def test_an_objective_beside_the_source_of_its_team_is_refused_with_its_line(register: Path) -> None:
    register.write_text(REGISTER + "sources: [{kind: jira-goals, connection: acme, teams: [payments]}]\n")
    result = okrs("check", str(register))
    assert result.exit_code == 2
    assert result.stderr.startswith(
        'okrs.yaml:2: objectives[0].team: the OKRs of team "Payments" are kept in Atlassian'
    )


def test_the_schema_is_printed(register: Path) -> None:
    assert json.loads(okrs("schema").stdout)["title"] == "OKR register"


def test_the_first_version_holds_from_always_and_is_kept_once(register: Path) -> None:
    first = okrs("apply", str(register), "--name", "Ada", "--reason", "begin")
    assert first.stdout == ("Applied: 1 cycle, 0 teams, 1 objective, 1 key result, 0 rules; holds from always.\n")
    assert okrs("apply", str(register)).stdout == "Nothing to do: this very register holds already.\n"
    assert kept(register) == [(None, "Ada", "begin")]


def test_a_later_version_holds_from_now_or_from_a_stated_moment(register: Path) -> None:
    okrs("apply", str(register))
    register.write_text(REGISTER.replace("One", "Two"))
    assert "holds from 20" in okrs("apply", str(register)).stdout
    register.write_text("from: 2026-02-01\nname: Ada\nreason: decided then\n" + REGISTER.replace("One", "Three"))
    assert okrs("apply", str(register)).stdout.endswith("holds from 2026-02-01T00:00:00Z.\n")
    assert (datetime(2026, 2, 1, tzinfo=UTC), "Ada", "decided then") in kept(register)
    assert len(kept(register)) == 3


def test_rules_written_in_tieline_stay_before_those_of_the_file(register: Path) -> None:
    okrs("apply", str(register))
    engine = create_engine(f"sqlite:///{register.parent / 'data' / 'tieline.sqlite'}")
    own = MappingRule(Condition("ancestor", "PAY-44"), reason="until the move", author="Ada")
    with writing(engine) as session:
        (version,) = plan_versions(session)
        apply_plan(session, replace(version.plan, rules=(own,)), datetime(2026, 3, 1, tzinfo=UTC), author="Ada")
    register.write_text(REGISTER + "rules: [{when: {label: support}, then: exempt}]\n")
    okrs("apply", str(register))
    with reading(engine) as session:
        assert [rule.author for rule in plan_versions(session)[-1].plan.rules] == ["Ada", None]


def test_an_earlier_moment_asks_for_name_and_reason(register: Path) -> None:
    result = okrs("apply", str(register), "--from", "2026-02-01T00:00:00Z", "--name", "Ada")
    assert result.exit_code == 2
    assert "who decided it (--name) and why (--reason)" in result.stderr
    assert okrs("apply", str(register), "--from", "soon").exit_code == 2


def test_a_wrong_setting_is_named(register: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIELINE_DATABASE_URL", "mysql://x")
    result = okrs("apply", str(register))
    assert result.exit_code == 2
    assert "TIELINE_DATABASE_URL" in result.stderr
