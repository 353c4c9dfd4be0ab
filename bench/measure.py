"""A row of the table, and how its two columns are taken: product and limit in turn, in one loop, then the medians.

Machines swing from minute to minute; two figures taken in turn swing together, so that their ratio tells.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

Taken = TypeVar("Taken")


@dataclass(frozen=True, slots=True)
class Row:
    area: str
    unit: str
    ours: float
    limit: float
    goal: str
    is_met: bool

    @property
    def ratio(self) -> float:
        return self.ours / self.limit


@dataclass(frozen=True, slots=True)
class Bench:
    """What one module measures: `areas` says it in a line, `run` takes the figures."""

    areas: str
    run: Callable[[], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a finished process took: seconds by the clock, seconds of a core, peak memory in megabytes."""

    seconds: float
    cpu: float
    megabytes: float


def in_turn(ours: Callable[[], Taken], limit: Callable[[], Taken], rounds: int) -> tuple[list[Taken], list[Taken]]:
    pairs = [(ours(), limit()) for _ in range(rounds)]
    return [mine for mine, _ in pairs], [bare for _, bare in pairs]


def cost_of(command: Sequence[str], folder: Path) -> Cost:
    """Run a command to its end, its output thrown away, and say what it took."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with status {process.returncode}")
    # Linux counts kilobytes, macOS bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6)


def middle(costs: Sequence[Cost], figure: str) -> float:
    return float(median(getattr(cost, figure) for cost in costs))
