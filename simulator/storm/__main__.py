"""Lets the storm break, and says whether Tieline's store equals the site afterwards.

python -m simulator.storm                          Cloud, 10,000 edits
python -m simulator.storm --data-center 10.3.2     Data Center of that version
"""

import argparse
import sys
import tempfile
from pathlib import Path

from simulator.storm.run import Plan, Report, Storm

SHOWN = 40


def main() -> None:
    arguments = _arguments()
    plan = Plan(arguments.edits, arguments.items, arguments.data_center, arguments.seed)
    with tempfile.TemporaryDirectory(prefix="tieline-storm-") as folder:
        report = Storm(plan, arguments.keep or Path(folder)).run()
    _print(report)
    sys.exit(0 if report.equal_after is not None else 1)


def _print(report: Report) -> None:
    print(f"{report.edits} edits on {report.items} items in an hour of virtual time; {report.kills} kills.")
    print(f"Deliveries: {', '.join(f'{number} {what}' for what, number in report.deliveries.items())}.")
    print(f"Answers to them: {', '.join(f'{number} times {what}' for what, number in report.answers.items())}.")
    print(f"Calls to the site: {report.calls}. It took {report.seconds:.0f} seconds.")
    if report.equal_after is not None:
        print(f"The store equals the site, {report.equal_after} after the storm began.")
        return
    print(f"{len(report.differences)} differences remain:")
    for text in report.differences[:SHOWN]:
        print(f"  {text}")


def _version(text: str) -> tuple[int, int, int]:
    parts = text.split(".")
    if not 1 <= len(parts) <= 3 or not all(part.isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is no version: say it as 10.3 or 10.3.1")
    major, minor, patch = (*map(int, parts), 0, 0)[:3]
    return major, minor, patch


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="simulator.storm", description="See whether Tieline's store outlives a storm."
    )
    parser.add_argument("--edits", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=1000, help="on the site before the storm")
    parser.add_argument("--data-center", type=_version, help="version of a Data Center site; Cloud without it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder that keeps store and log")
    return parser.parse_args()


if __name__ == "__main__":
    main()
