"""The door at half of what it can take, and far beyond it: all are answered in time, some of them to come again."""

import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from statistics import median

from bench.door import CONNECTIONS, product_door
from bench.load import Load, deliveries, send
from bench.measure import Bench, Row

REQUESTS = 4000
ROUNDS = 3
CROWD = 1000  # connections, each of which sends again as soon as it is answered
HALF_P99_MS = 50.0
SLOWEST_MS = 1000.0


def run() -> Iterator[Row]:
    numbers = count(1, REQUESTS)
    with tempfile.TemporaryDirectory(prefix="tieline-bench-") as folder, product_door(Path(folder)) as port:
        send(port, deliveries(next(numbers), REQUESTS), CONNECTIONS)
        at_half: list[Load] = []
        crowded: list[Load] = []
        for _ in range(ROUNDS):
            most = send(port, deliveries(next(numbers), REQUESTS), CONNECTIONS).rate
            at_half.append(send(port, deliveries(next(numbers), REQUESTS), 4 * CONNECTIONS, rate=most / 2))
            crowded.append(send(port, deliveries(next(numbers), REQUESTS), CROWD, may_refuse=True))
    half = 1000 * median(one.p99 for one in at_half)
    yield Row("door: at half the maximum, p99", "ms", half, HALF_P99_MS, "≤ the limit", half <= HALF_P99_MS)
    slowest = 1000 * median(one.slowest for one in crowded)
    area = f"door: {CROWD:,} connections at once, slowest answer"
    yield Row(area, "ms", slowest, SLOWEST_MS, "≤ the limit", slowest <= SLOWEST_MS)
    refused = median(one.refused for one in crowded)
    yield Row("door: of these told to come again", "requests", refused, REQUESTS, "beside it", True)


BENCH = Bench("the time of answers at half of the door's maximum, and beyond it", run)
