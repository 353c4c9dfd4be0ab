"""Tieline connected to a simulated or foreign site in one process, with a time that the test sets."""

import io
import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console
from sqlalchemy import Engine
from werkzeug.serving import make_server

from integration import http, sync
from integration.secrets import Vault, new_key
from integration.store.engine import writing
from integration.trackers.jira import TRACKER, client
from integration.worker import Worker, work_once
from service.commands import connect as command
from simulator.rest import create_app
from simulator.sender import Delivery, Sender
from simulator.serve import QuietHandler
from simulator.site import Site
from simulator.storm.compare import SprintLife, differences
from simulator.things import Event, Sprint
from tests.integration.store.material import fresh_store
from tests.simulator import foreign
from tests.storm.telling import told_of
from webhooks.intake import incoming, put

START = datetime(2026, 2, 2, 9, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
EDITIONS = pytest.mark.parametrize("version", [None, (10, 3, 2)], ids=["cloud", "data-center"])
Version = tuple[int, int, int] | None


@dataclass
class Visit:
    """A foreign site, Tieline's store, and the time that both have."""

    site: Site
    engine: Engine
    folder: Path
    vault: Vault = field(default_factory=lambda: Vault([new_key()]))
    lives: dict[int, list[tuple[datetime, Sprint | None]]] = field(default_factory=lambda: defaultdict(list))
    deliveries: int = 0
    now: datetime = START
    slept: float = 0.0

    def sleep(self, seconds: float) -> None:
        """Pauses between calls take no time."""
        self.slept += seconds

    def monotonic(self) -> float:
        return self.now.timestamp() + self.slept

    def clock(self) -> datetime:
        return self.now

    def remember(self, event: Event) -> None:
        if event.sprint is not None and event.name in ("sprint_created", "sprint_updated"):
            self.lives[event.sprint.id].append((event.at, event.sprint))

    def take(self, delivery: Delivery) -> None:
        """Straight into the inbox: of the body only what names the thing, as a number or a text."""
        told = json.loads(delivery.body)
        self.deliveries += 1
        for name in ("issue", "sprint"):
            if name in told:
                id_ = told[name]["id"]
                told[name] = {"id": int(id_) if self.deliveries % 2 else str(id_)}
        body = json.dumps({"timestamp": told["timestamp"], "webhookEvent": told["webhookEvent"]} | told).encode()
        row = incoming("jira", "visit", delivery_id=delivery.identifier, headers={}, body=body, at=self.now)
        with writing(self.engine) as session:
            put(session.connection(), [row])

    def connect(self) -> None:
        token = self.folder / "token"
        token.write_text(self.site.token, encoding="utf-8")
        console = Console(file=io.StringIO(), width=200, soft_wrap=True)
        desk = command.Desk(self.engine, self.vault, console, self.clock)
        flags = ["jira", "--url", self.site.base_url, "--token-file", str(token), "--name", "visit", "--yes"]
        flags += [] if self.site.is_data_center else ["--email", self.site.email]
        flags += ["--kr-field", "customfield_12031", "--team-field", "customfield_12040"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(command, "_desk", lambda console: desk)
            result = CliRunner().invoke(command.connect, [*flags, "--public-url", "https://tieline.example.org"])
        assert isinstance(console.file, io.StringIO)
        assert result.exit_code == 0, console.file.getvalue() + result.output

    def work(self) -> None:
        worker = Worker(self.engine, self.vault, {"jira": TRACKER}, self.clock)
        while work_once(worker):
            self.now += MINUTE

    def reconcile(self) -> None:
        sync.reconcile_due(self.engine, self.vault, self.clock)

    def differences(self) -> list[str]:
        lives = {number: SprintLife(tuple(versions)) for number, versions in self.lives.items()}
        return differences(self.site, lives, told_of(self.engine, self.now))


@contextmanager
def visiting(
    version: Version, url: str, folder: Path, fill: Callable[[Site], None], *changes: foreign.Change
) -> Iterator[Visit]:
    """A site that `fill` has filled; `changes`: how its answers differ from what the simulator says."""
    with fresh_store(url) as engine:
        visit = Visit(Site(version=version), engine, folder)
        visit.site._clock = visit.clock
        visit.site.listeners.append(visit.remember)
        fill(visit.site)
        sender = Sender(visit.site, threads=0)
        sender.carry = visit.take
        sender.start()
        app = foreign.foreign(create_app(visit.site, sender), *changes)
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
        visit.site.base_url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        patch = pytest.MonkeyPatch()
        patch.setattr(client, "Budget", partial(http.Budget, sleep=visit.sleep, clock=visit.monotonic))
        try:
            yield visit
        finally:
            patch.undo()
            server.shutdown()
            thread.join()
            server.server_close()
