"""`tieline import`, `tieline sample` and `tieline okrs import`: what they keep, say and refuse."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from integration.store import connections, plans, reads
from integration.store.engine import create_engine, reading
from service import installation
from service.cli import main
from tests.integration.imports.material import OKRS, item, told
from tests.integration.store.material import day

SEEN = day(4)
NOW = datetime(2026, 3, 7, 12, tzinfo=UTC)
BOARD = 'Objective 1: Shops start fast\n"KR 1.1: Raise them from 2 to 5, at last"\nBeer\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TIELINE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(installation, "now", lambda: NOW)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tieline(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def written(folder: Path, *items: dict[str, object], at: datetime = SEEN, **sections: object) -> str:
    path = folder / "team.json"
    path.write_bytes(told(*items, at=at, **sections))
    return str(path)


def test_a_file_is_imported_updated_looked_at_and_forgotten(folder: Path) -> None:
    first = tieline("import", written(folder, item("A", tags=["OWN-1"]), item("B"), **OKRS))
    assert (first.exit_code, "team: 2 items imported, as of 2026-03-06" in first.output) == (0, True)
    assert "its own OKRs" in first.output
    again = tieline("import", written(folder, item("A"), item("C"), at=day(5), **OKRS))
    assert "New: 1. Not in it any more, and so deleted: 1." in again.output
    assert "✓ file: team.json: A file, as of 7 Mar 2026" in tieline("doctor").output
    gone = tieline("disconnect", "team", "--reason", "old", "--yes")
    assert gone.output == "team is forgotten.\n"
    with reading(create_engine(f"sqlite:///{folder / 'data' / 'tieline.sqlite'}")) as session:
        assert connections.connection_names(session) == ()
        assert plans.plan_of_all(session, NOW).key_results == ()


def test_the_figures_are_there_at_once_unless_they_are_left_to_the_workers(folder: Path) -> None:
    tieline("import", written(folder, item("A")), "--no-decide")
    engine = create_engine(f"sqlite:///{folder / 'data' / 'tieline.sqlite'}")
    with reading(engine) as session:
        assert reads.answers(session, "team", "sprint") == ()
    tieline("import", written(folder, item("A")))
    with reading(engine) as session:
        assert reads.answers(session, "team", "sprint") != ()


def test_okrs_are_given_beside_the_file_for_it_alone(folder: Path) -> None:
    okrs = folder / "okrs.yaml"
    okrs.write_text(
        "cycles: [{id: 2026Q1, start: 2026-01-01, end: 2026-03-31}]\n"
        "objectives: [{id: O, title: Shops, team: Payments, cycle: 2026Q1}]\n"
        "key_results: [{code: ITS-1, objective: O, title: One}]\n"
    )
    result = tieline("import", written(folder, item("A", tags=["ITS-1"])), "--okrs", str(okrs), "--name", "mine")
    assert result.exit_code == 0
    with reading(create_engine(f"sqlite:///{folder / 'data' / 'tieline.sqlite'}")) as session:
        assert [kr.code for kr in plans.versions(session, "mine")[-1].key_results] == ["ITS-1"]
        assert plans.plan_versions(session) == ()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere.json",), "cannot be read"),
        (("team.json", "--name", "No Name"), "small letters"),
        (("team.json", "--kr-field", "X"), "--kr-field: is for Jira's files"),
        (("team.json", "--okrs", "team.json", "--with-register"), "leave out --okrs"),
        (("team.json", "--okrs", "nowhere.yaml"), "nowhere.yaml: cannot be read"),
    ],
)
def test_what_cannot_be_imported_is_refused_in_a_sentence(folder: Path, arguments: tuple[str, ...], words: str) -> None:
    written(folder, item("A"))
    result = CliRunner().invoke(main, ["import", *arguments], catch_exceptions=False)
    assert (result.exit_code, words in result.stderr) == (2, True)


def test_the_sample_is_loaded_and_removed() -> None:
    assert "No sample data is loaded." in tieline("sample", "remove").output
    assert "The sample data is loaded" in tieline("sample", "load").output
    assert "Sample data, made up" in tieline("doctor").output
    assert "The sample data is removed." in tieline("sample", "remove").output


def test_a_board_becomes_a_draft_to_be_looked_at(folder: Path) -> None:
    (folder / "board.csv").write_text(BOARD)
    result = tieline("okrs", "import", "board.csv")
    assert 'line 3: "Beer" says neither objective nor key result' in result.stderr
    assert "tieline okrs apply board.okrs.yaml" in result.stderr
    assert tieline("okrs", "check", "board.okrs.yaml").exit_code == 0
    refused = tieline("okrs", "import", "board.csv")
    assert (refused.exit_code, "is there already" in refused.stderr) == (2, True)
    assert tieline("okrs", "import", "board.csv", "--force", "--cycle", "2026H2", "--team", "Shops").exit_code == 0
    assert "2026H2" in (folder / "board.okrs.yaml").read_text()


def test_a_board_is_applied_at_once_only_where_no_register_holds(folder: Path) -> None:
    (folder / "board.csv").write_text(BOARD)
    assert "Applied: 1 cycle" in tieline("okrs", "import", "board.csv", "--to", "-", "--apply").output
    again = tieline("okrs", "import", "board.csv", "--to", "-", "--apply")
    assert (again.exit_code, "a register holds already" in again.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("none.csv",), "cannot be read"),
        (("board.csv", "--cycle", "soon"), "write 2026Q3"),
        (("x.csv",), "no text says"),
    ],
)
def test_what_is_no_board_is_refused_in_a_sentence(folder: Path, arguments: tuple[str, ...], words: str) -> None:
    (folder / "board.csv").write_text(BOARD)
    (folder / "x.csv").write_text("hello\n")
    result = tieline("okrs", "import", *arguments)
    assert (result.exit_code, words in result.stderr) == (2, True)


@pytest.mark.parametrize("command", ["mapping show team", "webhook team", "write-back orphans team --label x"])
def test_commands_that_are_for_sites_say_that_it_is_a_file(folder: Path, command: str) -> None:
    tieline("import", written(folder, item("A")), "--no-decide")
    result = tieline(*command.split())
    assert "team is a file" in " ".join((result.output + result.stderr).split())
