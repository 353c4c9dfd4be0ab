"""Prints the table: `python3 dev.py bench`, or with the names of some modules of this package."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from bench.measure import Bench, Row

MODULES = ("analyse", "door", "slow_disk", "overload", "backfill", "follow", "pages", "start", "wording")
HEADS = ("area", "unit", "ours", "limit", "ratio", "goal", "ok")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="dev.py bench", description=__doc__)
    parser.add_argument("module", nargs="*", help=f"which to run: {', '.join(MODULES)}; all by default")
    chosen = parser.parse_args(arguments).module or MODULES
    unknown = sorted(set(chosen) - set(MODULES))
    if unknown:
        parser.error(f"there is no {', '.join(unknown)} here: choose from {', '.join(MODULES)}")
    rows = [row for name in chosen for row in run(name)]
    show(rows)
    return 0 if all(row.is_met for row in rows) else 1


def run(name: str) -> list[Row]:
    bench = importlib.import_module(f"bench.{name}").BENCH
    assert isinstance(bench, Bench)
    print(f"{name}: {bench.areas} ...", file=sys.stderr, flush=True)
    return list(bench.run())


def show(rows: Sequence[Row]) -> None:
    table = Table(box=box.SIMPLE)
    for head in HEADS:
        table.add_column(head, justify="right" if head in ("ours", "limit", "ratio") else "left")
    for row in rows:
        figures = (figure(row.ours), figure(row.limit), f"{row.ratio:.2f}")
        table.add_row(row.area, row.unit, *figures, row.goal, "yes" if row.is_met else "no")
    Console().print(table)


def figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
