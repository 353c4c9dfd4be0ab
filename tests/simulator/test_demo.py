"""The promise of the README's first screen: the demo runs, and reports exactly what was planted."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 240  # seconds, on two busy cores


def test_the_demo_checks_itself_against_the_truths() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simulator.demo", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith("All truths are reported, and nothing else.")
