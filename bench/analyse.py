"""`tieline analyse` on 100,000 items with history, beside a process that only reads the same JSON."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.backlog import write_backlog
from bench.measure import Bench, Row, cost_of, in_turn, middle

ITEMS = 100_000
ROUNDS = 3
SECONDS, MEGABYTES = 5.0, 400.0
READ_ALONE = "import json, sys; json.load(open(sys.argv[1], encoding='utf-8'))"


def run() -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="tieline-bench-") as name:
        folder, file = Path(name), Path(name) / "company.backlog.json"
        write_backlog(file, ITEMS)
        product = [str(Path(sys.executable).parent / "tieline"), "analyse", str(file), "--format", "json"]
        bare = [sys.executable, "-c", READ_ALONE, str(file)]
        ours, limit = in_turn(lambda: cost_of(product, folder), lambda: cost_of(bare, folder), ROUNDS)
    area = f"analyse {ITEMS:,} items with history"
    seconds, megabytes = middle(ours, "seconds"), middle(ours, "megabytes")
    yield Row(area, "s", seconds, middle(limit, "seconds"), f"≤ {SECONDS:g} s", seconds <= SECONDS)
    yield Row(area, "MB peak", megabytes, middle(limit, "megabytes"), f"≤ {MEGABYTES:g} MB", megabytes <= MEGABYTES)


BENCH = Bench(f"tieline analyse on {ITEMS:,} items, beside reading the JSON alone", run)
