"""The wording judge: median time a text, and lines a second through `tieline judge`, beside reading and writing the
same lines without judging them."""

import io
import json
import time
from collections.abc import Callable, Iterator
from statistics import median

from bench.measure import Bench, Row, in_turn
from mappings.wording import judge_goal
from service.commands.judge import judge_lines

TEXTS = (
    "Fix bugs",
    "Users can export their invoices",
    "Reduce checkout drop-off from 42 % to 30 % so that fewer carts are lost",
    "Find out why trial users leave after the second day",
    "Complete PAY-12, PAY-15 and PAY-19, update the documentation and prepare the demo",
    (
        "Continue the importer, close the permission tickets and get onboarding of regional offices to more than 60% "
        "of all caseworkers; start the archive service, so that nobody has to copy files by hand any more"
    ),
    "Unsere Kunden finden die passende Größe, damit weniger Retouren anfallen",
    "TBD",
)
LINES = 4_000
ROUNDS = 5
MILLISECONDS, PER_SECOND = 0.5, 1_000


def run() -> Iterator[Row]:
    singles = [_milliseconds(_judge_one, text) for _ in range(50) for text in TEXTS]
    bare = [_milliseconds(_copy_one, text) for _ in range(50) for text in TEXTS]
    took = median(singles)
    goal = f"≤ {MILLISECONDS:g} ms"
    yield Row("judge a goal, median", "ms", took, median(bare), goal, took <= MILLISECONDS)
    lines = [json.dumps({"id": at, "text": TEXTS[at % len(TEXTS)]}).encode() for at in range(LINES)]
    ours, limit = in_turn(lambda: _rate(_judge_all, lines), lambda: _rate(_copy_all, lines), ROUNDS)
    rate = median(ours)
    goal = f"≥ {PER_SECOND:,}/s"
    yield Row(f"tieline judge, {LINES:,} goals", "texts/s", rate, median(limit), goal, rate >= PER_SECOND)


def _judge_one(text: str) -> None:
    judge_goal(text)


def _copy_one(text: str) -> None:
    json.loads(json.dumps({"text": text}))


def _judge_all(lines: list[bytes]) -> None:
    judge_lines(io.BytesIO(b"\n".join(lines)), io.StringIO(), io.StringIO(), judge_goal)


def _copy_all(lines: list[bytes]) -> None:
    out = io.StringIO()
    for line in lines:
        print(json.dumps(json.loads(line)), file=out)


def _milliseconds(act: Callable[[str], None], text: str) -> float:
    began = time.perf_counter()
    act(text)
    return (time.perf_counter() - began) * 1_000


def _rate(act: Callable[[list[bytes]], None], lines: list[bytes]) -> float:
    began = time.perf_counter()
    act(lines)
    return len(lines) / (time.perf_counter() - began)


BENCH = Bench("median time a text and texts a second, beside the same JSON without a judgement", run)
