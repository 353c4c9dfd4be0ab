"""The process that draws charts: it may end at any time, and what it cannot draw stops nothing."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from reports import drawing
from reports.drawing import Drawer

BAR = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "data": {"values": [{"a": 1}]}, "mark": "bar"}


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    found = Drawer()
    yield found
    found.end()


def test_a_chart_is_drawn_in_another_process_which_may_end_between_two(drawer: Drawer) -> None:
    drawer.make_ready()
    first = drawer._process
    assert first is not None
    svg = drawer.draw("svg", json.dumps(BAR)).decode()
    assert svg.startswith("<svg")
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert drawer.draw("png", svg).startswith(b"\x89PNG")
    assert drawer._process is not None
    assert first.pid != drawer._process.pid != os.getpid()


@pytest.mark.parametrize("spec", ["{}", "no JSON", '{"mark": "\ud800"}'])
def test_what_cannot_be_drawn_is_told_and_the_next_is_drawn(drawer: Drawer, spec: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        drawer.draw("svg", spec)
    assert drawer.draw("svg", json.dumps(BAR)).startswith(b"<svg")


def test_it_minds_no_interrupt_of_the_terminal(drawer: Drawer) -> None:
    drawer.draw("svg", json.dumps(BAR))
    process = drawer._process
    assert process is not None
    os.kill(process.pid, signal.SIGINT)
    assert drawer.draw("svg", json.dumps({**BAR, "width": 20})).startswith(b"<svg")
    assert drawer._process is process


def test_it_ends_when_nobody_can_ask_any_more() -> None:
    command = [sys.executable, "-P", drawing.__file__]
    assert subprocess.run(command, input=b"", timeout=30, check=False).returncode == 0


def test_a_chart_that_takes_for_ever_keeps_no_other_waiting(drawer: Drawer, monkeypatch: pytest.MonkeyPatch) -> None:
    drawer.draw("svg", json.dumps(BAR))
    process = drawer._process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    with monkeypatch.context() as patch:
        patch.setattr(drawing, "LONGEST", 0.1)
        with pytest.raises(ValueError, match="takes longer"):
            drawer.draw("svg", json.dumps(BAR))
    assert drawer.draw("svg", json.dumps(BAR)).startswith(b"<svg")
