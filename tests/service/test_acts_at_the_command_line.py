"""What is done at the command line as on pages: rules, epics together, verdicts, check-ins; compared, logged, filed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from integration.answers import decide_due
from integration.store import made_rules
from integration.store.engine import create_engine, reading
from integration.store.migrate import migrate
from service.cli import main
from tests.reports.material import NOW, fill


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    url = f"sqlite:///{tmp_path / 'tieline.sqlite'}"
    monkeypatch.setenv("TIELINE_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("service.commands.printing.now", lambda: NOW)
    monkeypatch.setattr("service.installation.now", lambda: NOW)
    engine = create_engine(url)
    migrate(engine)
    fill(engine)
    yield url
    engine.dispose()


def run(*arguments: str, status: int = 0) -> Result:
    result = CliRunner(env={"COLUMNS": "140"}).invoke(main, list(arguments))
    assert result.exit_code == status, result.output
    return result


def test_a_rule_is_looked_at_made_edited_and_ended() -> None:
    below = ["rules", "make", '{"ancestor": "PAY-E"}', "--key-results", "KR-1:70", "--why", "Agreed"]
    assert "would move from unaligned to KR-1 and unaligned. PAY-3" in run(*below, "--preview").output
    assert run(*below).output == "Rule 1 holds.\n"
    edited = run("rules", "edit", "1", '{"label": "api"}', "--reason", "Usual", "--why", "Wider")
    assert edited.stdout == "Rule 2 holds.\n"
    assert edited.stderr.count("`tieline serve` or `tieline worker` does it.") == 1
    assert "There is no rule 1 that holds" in run("rules", "end", "1", "--why", "x", status=1).output
    assert run("rules", "end", "2", "--why", "Over").stdout == "Rule 2 is ended.\n"
    listed = json.loads(run("rules", "list", "--format", "json").stdout)["rules"]
    assert [(one["from_where"], one["number"]) for one in listed] == [("file", None), ("ended", 2), ("ended", 1)]
    assert "From the register's file" in run("rules", "list").output
    assert "this is not JSON" in run("rules", "make", "{", "--why", "x", "--reason", "x", status=1).output


def test_epics_are_exempted_after_a_look(shop: str) -> None:
    assert "to exempt" in run("audit", "exempt", "shop/PAY-E", "--preview").output
    assert "Say why" in run("audit", "exempt", "shop/PAY-E", status=1).output
    assert run("audit", "exempt", "shop/PAY-E", "--reason", "Usual").output == "1 epic exempted.\n"
    engine = create_engine(shop)
    with reading(engine) as session:
        (made,) = made_rules.made_rules(session)
    assert (made.made_by, made.rule.reason) == ("operator", "Usual")
    decide_due(engine, NOW)
    engine.dispose()
    assert "Choose at least one epic" in run("audit", "mute", "shop/PAY-E", "--reason", "x", status=1).output


def test_the_audit_is_of_a_team() -> None:
    assert "PAY-E" in run("audit", "--team", "Payments").output
    assert "PAY-E" not in run("audit", "--team", "Search").output


def test_a_finding_is_shown_with_its_history_and_several_are_acknowledged() -> None:
    assert run("findings", "acknowledge", "1", "2", "--reason", "Seen").output.count("is acknowledged.") == 2
    shown = run("findings", "show", "1").output
    assert "acknowledged, operator: Seen" in shown
    events = json.loads(run("findings", "show", "1", "--format", "json").stdout)["events"]
    assert [event["event"] for event in events] == ["opened", "acknowledged"]
    assert "There is no finding 99" in run("findings", "show", "99", status=1).output
    assert json.loads(run("findings", "--team", "Search", "--format", "json").stdout)["findings"] == []


def test_two_sprints_or_days_are_compared() -> None:
    shown = run("compare", "S0", "S1", "--measure", "count").output
    assert "Sprint S0  beside  Sprint S1, in count" in shown
    told = json.loads(run("compare", "S1", "S1", "--a-as-of", "2026-03-03", "--format", "json").stdout)
    assert told["a"]["as_of"].startswith("2026-03-03T23:59:59")
    assert "There is no sprint" in run("compare", "S0", "S9", status=1).output


def test_the_review_is_written_as_a_file(tmp_path: Path) -> None:
    for name, begins in (("r.pdf", b"%PDF"), ("r.md", b"#"), ("r.svg", b"<svg")):
        run("sprint", "S1", "--sheet", str(tmp_path / name))
        assert (tmp_path / name).read_bytes().startswith(begins)
    assert "A sheet is written as" in run("sprint", "S1", "--sheet", str(tmp_path / "r.doc"), status=2).output


def test_a_verdict_is_overruled_and_taken_back() -> None:
    run("overrulings", "goal", "S1", "--label", "output_only", "--reason", "We know it")
    assert "output_only" in run("overrulings", "list").output
    run("overrulings", "goal", "S1", "--take-back", "--reason", "It was right")
    run("overrulings", "key-result", "KR-1", "--phrase", "activation", "--label", "output", "--reason", "Ours")
    assert "activation" in run("overrulings", "phrases").output
    assert "--label: one of" in run("overrulings", "goal", "S1", "--label", "good", "--reason", "x", status=2).output


def test_a_check_in_is_listed_and_taken_back() -> None:
    run("checkin", "KR-1", "41")
    assert "#1" in run("checkin", "KR-1", "--list").output
    assert (
        run("checkin", "KR-1", "--take-back", "1", "--reason", "Typed wrongly").output == "Check-in 1 is taken back.\n"
    )
    assert "(taken back: Typed wrongly)" in run("checkin", "KR-1", "--list").output
    assert "that holds" in run("checkin", "KR-1", "--take-back", "1", "--reason", "x", status=2).output


def test_acts_are_listed_with_name_and_reason() -> None:
    run("findings", "acknowledge", "1", "--reason", "Agreed")
    assert "Agreed" in run("log").output
    (line, *_) = run("log", "--format", "json", "--actor", "operator").stdout.splitlines()
    assert json.loads(line)["act"] == "finding_acknowledged"
