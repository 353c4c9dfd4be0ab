"""Shows Tieline on a simulated Jira site, by the very steps that a real user takes.

python -m simulator.demo                 opens the dashboard in a browser; Ctrl-C ends it
python -m simulator.demo --no-browser    prints the address only
python -m simulator.demo --check         no browser: succeeds if exactly the planted truths are reported
"""

import argparse
import signal
import subprocess
import sys
import tempfile
import time
import webbrowser
from pathlib import Path
from types import FrameType

import requests

from simulator.demo_check import check
from simulator.demo_steps import say, set_up
from simulator.processes import NotStarted, Processes


def main() -> None:
    arguments = _arguments()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    with tempfile.TemporaryDirectory(prefix="tieline-demo-") as folder:
        try:
            sys.exit(_run(Path(folder), is_check=arguments.check, opens_browser=not arguments.no_browser))
        except KeyboardInterrupt:
            print("\nStopped.")
        except NotStarted as error:
            sys.exit(str(error))
        except subprocess.CalledProcessError as error:
            sys.exit(f"This step failed: {' '.join(map(str, error.cmd[1:]))}")


def _run(folder: Path, *, is_check: bool, opens_browser: bool) -> int:
    with Processes({"TIELINE_DATA_DIR": str(folder / "data"), "PYTHONUNBUFFERED": "1"}) as processes:
        demo = set_up(processes, folder)
        if is_check:
            return check(demo)
        say(f"Tieline shows the company at {demo.login}")
        say("The company lives on: items move, sprints end and begin. Ctrl-C ends the demo.")
        if opens_browser:
            webbrowser.open(demo.login)
        requests.post(f"{demo.site.url}/_control/life", json={}, timeout=10).raise_for_status()
        return _wait(processes)


def _wait(processes: Processes) -> int:
    """Until Ctrl-C, or until something that should run does not."""
    while not processes.dead():
        time.sleep(0.5)
    print("A process of the demo ended by itself.", file=sys.stderr)
    return 1


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulator.demo", description="Show Tieline on a simulated Jira site.")
    parser.add_argument("--check", action="store_true", help="run without a browser; succeed if the figures are right")
    parser.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    return parser.parse_args()


if __name__ == "__main__":
    main()
