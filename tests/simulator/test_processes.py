"""What the demo starts it also stops, whatever happens."""

import os
import subprocess
from pathlib import Path

import pytest

from simulator.processes import Processes, free_port, lines_of

# Starts a child of its own, tells both ids, and goes on.
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(os.getpid(), child.pid, flush=True)
time.sleep(60)
"""


def is_there(number: int) -> bool:
    """Whether a process runs; one that ended and was not asked after does not."""
    state = Path(f"/proc/{number}/stat")
    if state.parent.parent.is_dir():
        return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_processes_and_their_children_end_with_the_block(tmp_path: Path) -> None:
    with Processes({}) as processes:
        started = processes.start("-c", PARENT)
        line = next(iter(lines_of(started, tmp_path / "log", lambda _: True)))
        numbers = [int(word) for word in line.split()]
        assert all(is_there(number) for number in numbers)
    assert not any(is_there(number) for number in numbers)


def test_processes_end_when_the_block_is_left_by_an_error(tmp_path: Path) -> None:
    begun: list[subprocess.Popen[str]] = []

    def interrupted() -> None:
        with Processes({}) as processes:
            begun.append(processes.start("-c", PARENT))
            next(iter(lines_of(begun[0], tmp_path / "log", lambda _: True)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert begun[0].poll() is not None


def test_a_step_that_fails_is_an_error() -> None:
    with Processes({}) as processes, pytest.raises(subprocess.CalledProcessError):
        processes.run("-c", "raise SystemExit(3)")


def test_settings_of_another_installation_do_not_reach_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIELINE_DATABASE_URL", "sqlite:///elsewhere")
    with Processes({"TIELINE_DATA_DIR": "here"}) as processes:
        told = processes.output_of("-c", "import os; print([n for n in sorted(os.environ) if n.startswith('TIELINE')])")
    assert told.strip() == "['TIELINE_DATA_DIR']"


def test_a_free_port_can_be_listened_on() -> None:
    assert free_port() > 1023
