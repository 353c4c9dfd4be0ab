"""The service is killed in mid-work: all that it acknowledged is done once, seconds after the next start."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine
from werkzeug.serving import WSGIRequestHandler, make_server

from bench.servers import free_port, wait_for
from integration.store.backlog import backlog_at
from integration.store.engine import create_engine, reading
from integration.worker import LEASE
from simulator.rest import create_app
from simulator.sender import Sender
from simulator.site import Site
from webhooks import inbox

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ROOT = Path(__file__).parents[2]
START = datetime.now(UTC) - timedelta(days=20)
ISSUES = 30
SERVICE = (("serve",),)
DOOR_AND_WORKER = (("serve", "--only", "web"), ("worker",))


@dataclass
class Story:
    """A site that answers slowly when told to, and Tieline's processes on one database."""

    site: Site
    sender: Sender
    engine: Engine
    environment: dict[str, str]
    port: int
    is_slow: threading.Event = field(default_factory=threading.Event)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *commands: tuple[str, ...]) -> None:
        for command in commands:
            more = ("--port", str(self.port)) if command[0] == "serve" else ()
            whole = [sys.executable, "-m", "service.cli", *command, *more]
            self.running.append(subprocess.Popen(whole, cwd=ROOT, env=self.environment, start_new_session=True))
        wait_for(self.port)

    def kill(self, at: int) -> None:
        """Without a warning, with all children."""
        process = self.running.pop(at)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def states(self) -> Counter[str]:
        with reading(self.engine) as session:
            return Counter(line.state for line in inbox.list_deliveries(session, limit=1000))


@pytest.fixture
def story(database_url: str, tmp_path: Path) -> Iterator[Story]:
    site = Site()
    sender = Sender(site, threads=4, pause=2.0)
    project = site.add_project("PAY", "Payments")
    site.add_board("Payments board", "scrum", project)
    for number in range(ISSUES):
        site.create(project, "story", f"Step {number}", START + timedelta(minutes=number))
    address = database_url.replace("postgresql+psycopg:", "postgresql:")
    environment = {**os.environ, "TIELINE_DATA_DIR": str(tmp_path), "TIELINE_DATABASE_URL": address}
    found = Story(site, sender, create_engine(database_url), environment, free_port())
    with _answering(found) as url:
        site.base_url = url
        yield found
        for _ in list(found.running):
            found.kill(-1)
        found.engine.dispose()


class Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the library's name
        return


@contextmanager
def _answering(story: Story) -> Iterator[str]:
    inside = create_app(story.site, story.sender).wsgi_app

    def slowly(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if story.is_slow.is_set() and "bulkfetch" in environ["PATH_INFO"]:
            time.sleep(1.0)
        return inside(environ, start_response)

    server = make_server("127.0.0.1", 0, slowly, threaded=True, request_handler=Silent)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    story.sender.start()
    yield f"http://127.0.0.1:{server.server_port}"
    story.sender.stop()
    server.shutdown()
    server.server_close()


def _connect(story: Story, folder: Path) -> None:
    token = folder / "token"
    token.write_text(story.site.token)
    account = ("--url", story.site.base_url, "--email", story.site.email, "--token-file", str(token), "--name", "site")
    address = ("--public-url", f"http://127.0.0.1:{story.port}", "--yes")
    command = [sys.executable, "-m", "service.cli", "connect", "jira", *account, *address]
    subprocess.run(command, cwd=ROOT, env=story.environment, check=True, stdout=subprocess.DEVNULL)


def _edit_all(story: Story, word: str) -> None:
    for issue in list(story.site.issues.values()):
        story.site.edit(issue, datetime.now(UTC), labels=(word,))


def _until(is_so: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _acknowledged(story: Story) -> set[str]:
    return {sent.identifier for sent in story.sender.log if 200 in sent.answers}


def _labels(story: Story) -> dict[str, list[tuple[str, ...]]]:
    """Each label that an item ever had, one after the other."""
    with reading(story.engine) as session:
        items = backlog_at(session, "site", datetime.now(UTC)).items
    return {item.key: [labels for state in item.states if (labels := tuple(state.labels))] for item in items}


@pytest.mark.parametrize("parts", [SERVICE, DOOR_AND_WORKER], ids=["service", "worker"])
def test_what_was_acknowledged_is_done_once_after_a_kill(
    story: Story, tmp_path: Path, parts: tuple[tuple[str, ...], ...]
) -> None:
    story.start(*parts)
    _connect(story, tmp_path)
    story.is_slow.set()
    _edit_all(story, "first")
    _until(lambda: story.states()["running"] > 0, 20)
    story.kill(-1)
    assert story.states()["running"] > 0
    story.start(parts[-1])
    _edit_all(story, "second")
    _until(lambda: len(_acknowledged(story)) == 2 * ISSUES, 40)
    began = time.monotonic()
    _until(lambda: set(story.states()) == {"done"}, LEASE.total_seconds() + 90)
    assert time.monotonic() - began < LEASE.total_seconds() + 60
    assert story.states() == {"done": 2 * ISSUES}
    assert _labels(story) == {f"PAY-{number}": [("first",), ("second",)] for number in range(1, ISSUES + 1)}
