"""One edited item in a connection of 20,000: seconds until its figures and all other answers are kept again, beside
deciding everything."""

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from bench.backlog import NOW, write_backlog
from bench.measure import Bench, Row
from integration.answers import Pace, decide_figures, decide_standing
from integration.contract import Fetched, TrackedItem
from integration.files import backlog_file
from integration.store import due, plans
from integration.store.engine import create_engine, writing
from integration.store.migrate import migrate
from integration.store.writes import save_fetched
from mappings.model import Backlog, Item
from service.installation import look_for_garbage_rarely

ITEMS = 20_000
ROUNDS = 3
RATIO = 0.2
CONNECTION = "bench"
AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds until the figures of sprints are kept, and until all answers are."""

    figures: float
    all: float


def run() -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="tieline-bench-") as name:
        backlog = _backlog(Path(name) / "company.backlog.json", ITEMS)
        engine = filled(f"sqlite:///{name}/store.db", backlog)
        edited = [each for each in backlog.items if each.level == 0][-ROUNDS:]
        pairs = []
        for number, item in enumerate(edited):
            now = NOW + timedelta(seconds=10 * number + 10)
            pairs.append((edit(engine, item, now), everything(engine, now + timedelta(seconds=5))))
        engine.dispose()
    ours, limit = (sorted(each.all for each in column)[ROUNDS // 2] for column in zip(*pairs, strict=True))
    yield Row(f"one edit among {ITEMS:,} items", "s", ours, limit, f"≤ {RATIO:g} ×", ours <= RATIO * limit)


def filled(url: str, backlog: Backlog) -> Engine:
    """A store with this backlog, all decided."""
    look_for_garbage_rarely()  # as every process of the service does
    engine = create_engine(url)
    migrate(engine)
    with writing(engine) as session:
        plans.apply_plan(session, backlog.plans[0], NOW - timedelta(days=900), author="bench")
    for start in range(0, len(backlog.items), AT_ONCE):
        some = backlog.items[start : start + AT_ONCE]
        _save(engine, tuple(some), NOW, backlog if start == 0 else None)
    decide(engine, NOW)
    return engine


def edit(engine: Engine, item: Item, now: datetime) -> Spent:
    """Save the item with other points."""
    changed = item.states[-1]._replace(at=now - timedelta(seconds=1), points=(item.states[-1].points or 0) + 1)
    _save(engine, (replace(item, states=(*item.states, changed)),), now)
    return decide(engine, now)


def everything(engine: Engine, now: datetime) -> Spent:
    with writing(engine) as session:
        due.note_everything(session, [CONNECTION], now)
    return decide(engine, now)


def decide(engine: Engine, now: datetime) -> Spent:
    began = time.perf_counter()
    decide_figures(engine, now)
    figures = time.perf_counter() - began
    decide_standing(engine, now, Pace())
    return Spent(figures, time.perf_counter() - began)


def _save(engine: Engine, items: tuple[Item, ...], now: datetime, backlog: Backlog | None = None) -> None:
    told = tuple(TrackedItem(item.key, item, item.states[-1].at) for item in items)
    sprints, boards = ((), ()) if backlog is None else (backlog.sprints, backlog.boards)
    with writing(engine) as session:
        save_fetched(session, CONNECTION, Fetched(at=now, items=told, sprints=sprints, boards=boards), now)


def _backlog(path: Path, items: int) -> Backlog:
    write_backlog(path, items)
    with path.open("rb") as file:
        return backlog_file.load(file)


def main(items: int) -> None:
    """What the row says, for any number of items: `python -m bench.follow 100000`."""
    with tempfile.TemporaryDirectory(prefix="tieline-bench-") as name:
        backlog = _backlog(Path(name) / "company.backlog.json", items)
        engine = filled(f"sqlite:///{name}/store.db", backlog)
        for number, item in enumerate([each for each in backlog.items if each.level == 0][-1 : -2 * ROUNDS : -1]):
            print(edit(engine, item, NOW + timedelta(seconds=10 * number + 10)))
        print("everything", everything(engine, NOW + timedelta(minutes=5)))


BENCH = Bench(f"one edited item among {ITEMS:,}, beside deciding everything", run)

if __name__ == "__main__":
    main(int(sys.argv[1]))
