"""What the demo starts it also stops, whatever happens."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulator.processes import Processes, free_port, lines_of

ROOT = Path(__file__).parents[2]

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


def all_end(numbers: list[int]) -> bool:
    """Whether they end; whoever takes over the children of a process that was killed needs a moment for it."""
    until = time.monotonic() + 60
    while any(is_there(number) for number in numbers) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(is_there(number) for number in numbers)


def test_processes_and_their_children_end_with_the_block(tmp_path: Path) -> None:
    with Processes({}) as processes:
        started = processes.start("-c", PARENT)
        line = next(iter(lines_of(started, tmp_path / "log", lambda _: True)))
        numbers = [int(word) for word in line.split()]
        assert all(is_there(number) for number in numbers)
    assert all_end(numbers)


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


KILLED = """
import os, signal, sys
from pathlib import Path
from simulator.processes import Processes, lines_of
with Processes({}) as processes:
    started = processes.start("-c", sys.argv[1])
    print(next(iter(lines_of(started, Path(sys.argv[2]), lambda _: True))), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_processes_and_their_children_end_when_who_started_them_is_killed(tmp_path: Path) -> None:
    # As `tieline serve`, its child stays behind when it is told to stop and does not stop it.
    told = subprocess.run(
        [sys.executable, "-c", KILLED, PARENT, str(tmp_path / "log")],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False, timeout=60,
    )  # fmt: skip
    numbers = [int(word) for word in told.stdout.split()]
    assert len(numbers) == 2
    assert all_end(numbers)


def test_a_program_that_ends_by_itself_is_seen_to_have_ended() -> None:
    with Processes({}) as processes:
        ended = processes.start("-c", "raise SystemExit(3)")
        assert ended.wait(30) == 3
        assert processes.dead() == [ended]


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
