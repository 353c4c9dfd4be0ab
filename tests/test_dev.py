"""The script that sets up, tests and checks: what it decides, without doing it."""

import json
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import dev


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Path]:
    """Make a file that can be run, as a browser would be."""

    def make(name: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.delenv("PLAYWRIGHT_BROWSERS_PATH", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(dev, "MAC_BROWSERS", ())
    monkeypatch.setattr(dev, "PLAYWRIGHT_CACHES", (str(tmp_path / "cache"),))


@pytest.mark.usefixtures("no_browser")
def test_the_browser_that_is_named_comes_before_all_others(
    program: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    program("path/chromium")
    named = program("mine/browser")
    monkeypatch.setenv("CHROMIUM", str(named))
    assert dev.find_browser() == str(named)


@pytest.mark.usefixtures("no_browser")
def test_a_named_browser_that_is_not_there_is_not_replaced_by_another(
    program: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    program("path/chromium")
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    assert dev.find_browser() is None


@pytest.mark.usefixtures("no_browser")
def test_an_installed_browser_comes_before_the_test_tools_own(program: Callable[[str], Path]) -> None:
    own = program("cache/chromium-1200/chrome-linux/chrome")
    assert dev.find_browser() == str(own)
    installed = program("path/google-chrome")
    assert dev.find_browser() == str(installed)


@pytest.mark.usefixtures("no_browser")
def test_without_any_browser_the_tests_stop_with_status_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "set_up", lambda _name: None)
    monkeypatch.setattr(dev, "provide_browser", lambda: False)
    assert dev.main(["test"]) == 3
    assert "--without-browser" in capsys.readouterr().out


def test_arguments_for_pytest_pass_through_and_ask_for_no_coverage(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[tuple[str | Path, ...]] = []

    def run(*command: str | Path) -> int:
        commands.append(command)
        return 0

    monkeypatch.setattr(dev, "set_up", lambda _name: None)
    monkeypatch.setattr(dev, "run", run)
    assert dev.main(["test", "--without-browser", "tests/mappings", "-k", "share"]) == 0
    assert commands == [(dev.PYTHON, "-m", "pytest", "-m", "not browser", "tests/mappings", "-k", "share")]


def test_without_arguments_every_test_runs_once_and_coverage_is_asked_of_its_packages_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(dev, "set_up", lambda _name: None)
    monkeypatch.setattr(dev, "COVERAGE", tmp_path / "coverage.json")
    monkeypatch.setattr(dev, "run", lambda *command: commands.append([str(part) for part in command]))
    assert dev.main(["test", "--without-browser"]) == 1, "no coverage was told"
    measured, others = commands
    own = [f"tests/{package}" for package in dev.FULLY_COVERED]
    assert measured[-len(own) :] == own
    assert "--cov" in measured
    assert others[-len(own) :] == [f"--ignore={folder}" for folder in own]
    assert "--cov" not in others


def test_a_misspelt_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        dev.main(["demo", "--chekc"])
    assert stopped.value.code == 2
    assert "unknown arguments: --chekc" in capsys.readouterr().err


def test_coverage_is_measured_of_the_packages_that_must_be_covered_whole() -> None:
    settings = tomllib.loads((dev.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert tuple(settings["tool"]["coverage"]["run"]["source"]) == dev.FULLY_COVERED


def test_each_line_and_branch_that_is_not_covered_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "mappings/shares.py": {"missing_lines": [], "missing_branches": []},
        "webhooks/inbox.py": {"missing_lines": [12, 13], "missing_branches": [[11, 12]]},
    }
    monkeypatch.setattr(dev, "COVERAGE", tmp_path / "coverage.json")
    dev.COVERAGE.write_text(json.dumps({"files": files}))
    assert dev.uncovered() == 1
    assert capsys.readouterr().out == "not covered by its own tests: webhooks/inbox.py: line 12, 13; branch 11->12\n"


def test_whoever_is_not_root_is_told_the_one_command_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dev, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(dev, "PYTHON", tmp_path / "python")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match=r"sudo apt install python3\.\d+-venv"):
        dev.make_environment()


def test_what_the_product_needs_is_there_once_the_tests_were_set_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dev, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(dev, "environment_works", lambda: True)
    for step in ("make_environment", "must", "uv", "say"):
        monkeypatch.setattr(dev, step, lambda *_: None)
    dev.set_up("dev")
    monkeypatch.setattr(dev, "make_environment", lambda: pytest.fail("set up twice"))
    dev.set_up("run")
    dev.set_up("dev")


def test_a_changed_lock_is_installed_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(dev, "LOCKS", tmp_path)
    for name in ("bootstrap", "run"):
        (tmp_path / f"{name}.lock").write_text("flask==3.1.3 \\\n")
    before = dev.stamp_of("run")
    assert dev.stamp_of("run") == before
    (tmp_path / "run.lock").write_text("flask==3.1.4 \\\n")
    assert dev.stamp_of("run") != before


def test_new_files_of_a_version_do_not_outdate_a_lock(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    lock.write_text(f"flask==3.1.3 \\\n    --hash=sha256:{'0' * 64} \\\n    --hash=sha256:{'1' * 64}\n")
    assert dev.versions(lock) == ["flask==3.1.3 \\"]
