"""Tieline as a process that lives in virtual time: started, asked, killed and started again."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator.processes import HERE

COMMAND = ("-m", "tests.storm.tieline")
Answer = dict[str, Any]


class Ended(Exception):
    """Tieline stopped by itself; its log says why."""


class Product:
    """One process at a time, on one store and one port; what it logs goes into one file."""

    def __init__(self, folder: Path, port: int, clock: Callable[[], datetime]) -> None:
        self.log = folder / "tieline.log"
        self.door = f"http://127.0.0.1:{port}"
        self.kills = 0
        self._folder = folder
        self._port = port
        self._clock = clock
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        shell = {name: value for name, value in os.environ.items() if not name.startswith("TIELINE_")}
        with self.log.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [sys.executable, *COMMAND],
                cwd=HERE,
                env={**shell, "TIELINE_DATA_DIR": str(self._folder / "data")},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
            )
        self._write({"port": self._port})
        self._read()

    def ask(self, do: str, **more: object) -> Answer:
        """Tell it what to do now, and wait until it is done."""
        self._write({"do": do, **more})
        answer = self._read()
        if "failed" in answer and do == "connect":
            raise Ended(f"Tieline could not be connected:\n{self._last_words()}")
        return answer

    def kill_during(self, do: str, within: float, chance: random.Random) -> None:
        """Tell it what to do, and kill it (SIGKILL) somewhere in the midst of it."""
        self._write({"do": do})
        threading.Event().wait(chance.uniform(0, within))
        self.kill()

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._close()
        self.kills += 1

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._close()

    def _close(self) -> None:
        process, self._process = self._process, None
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.wait()
        process.stdout.close()
        try:
            process.stdin.close()
        except BrokenPipeError:
            return

    def _write(self, line: Answer) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"now": self._clock().isoformat(), **line}) + "\n")
        self._process.stdin.flush()

    def _read(self) -> Answer:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise Ended(f"Tieline ended by itself:\n{self._last_words()}")
        answer: Answer = json.loads(line)
        return answer

    def _last_words(self) -> str:
        return self.log.read_text(encoding="utf-8")[-4000:]
