"""From the command to the first answer, on a database that is there; beside importing Flask and SQLModel."""

import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.measure import Bench, Row, cost_of, in_turn
from bench.servers import running
from service.installation import open_installation

ROUNDS = 5
SECONDS = 1.5


def run() -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="tieline-bench-") as name:
        folder = Path(name)
        open_installation({"data_dir": folder}).engine.dispose()
        imports = [sys.executable, "-c", "import flask, sqlmodel"]
        ours, limit = in_turn(lambda: first_answer(folder), lambda: cost_of(imports, folder).seconds, ROUNDS)
    seconds = median(ours)
    yield Row("start to first answer", "s", seconds, median(limit), f"≤ {SECONDS:g} s", seconds <= SECONDS)


def first_answer(folder: Path) -> float:
    serve = [str(Path(sys.executable).parent / "tieline"), "serve", "--host", "127.0.0.1"]
    began = time.perf_counter()
    with running(lambda port: [*serve, "--port", str(port)], {"TIELINE_DATA_DIR": str(folder)}) as port:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            answer.read()
        return time.perf_counter() - began


BENCH = Bench("seconds from `tieline serve` to its first answer, beside importing Flask and SQLModel", run)
