"""Starts the demo's processes and stops them again, whatever happens in between."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

HERE = Path(__file__).resolve().parents[1]
PATIENCE = 10.0  # seconds that a process gets to stop by itself


class NotStarted(Exception):
    """Something that the demo needs did not start; the text says what it told."""


class Processes:
    """A context in which processes run; when it ends, none of them does."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        # What the shell says of another installation of Tieline must not reach this one.
        shell = {name: value for name, value in os.environ.items() if not name.startswith("TIELINE_")}
        self.environment = {**shell, **environment}
        self._running: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop all; a second Ctrl-C meanwhile must not leave one behind."""
        before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
        for process in reversed(self._running):
            _stop(process)
        for number, handler in before.items():
            signal.signal(number, handler)

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a Python program that keeps running, in a group of its own; its output can be read.

        It ends with its standard input, and so with this process, even where that one is killed: see `leash`.
        """
        process = subprocess.Popen(
            [sys.executable, "-m", "simulator.leash", sys.executable, *command],
            cwd=HERE,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        self._running.append(process)
        return process

    def run(self, *command: str, given: str | None = None) -> None:
        """Run a Python program to its end; its output is ours. Raises `CalledProcessError` where it fails."""
        subprocess.run([sys.executable, *command], cwd=HERE, env=self.environment, input=given, text=True, check=True)

    def output_of(self, *command: str) -> str:
        """Run a Python program to its end and give what it printed."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=HERE,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            encoding="utf-8",
        )
        return done.stdout

    def dead(self) -> list[subprocess.Popen[str]]:
        """Those that were started to keep running and did not."""
        return [process for process in self._running if process.poll() is not None]


def _stop(process: subprocess.Popen[str]) -> None:
    """Ask it to stop; take it and its children away where it does not."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    _signal(process, signal.SIGTERM)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        _signal(process, signal.SIGKILL)
        process.wait()
    # Workers that outlived their server are in its group.
    _signal(process, signal.SIGKILL)


def _signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def lines_of(process: subprocess.Popen[str], log: Path, found: Callable[[str], bool]) -> Iterator[str]:
    """The lines of a process up to the one that was looked for; the rest goes on into the log."""
    assert process.stdout is not None
    with log.open("a", encoding="utf-8") as file:
        for line in process.stdout:
            file.write(line)
            yield line
            if found(line):
                break
    threading.Thread(target=_drain, args=(process.stdout, log), daemon=True).start()


def _drain(stream: IO[str], log: Path) -> None:
    with log.open("a", encoding="utf-8") as file, contextlib.suppress(ValueError):
        for line in stream:
            file.write(line)
            file.flush()


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
