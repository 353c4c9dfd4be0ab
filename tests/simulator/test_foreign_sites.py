"""Sites that answer otherwise than the simulated one are connected, read whole, and followed by their deliveries."""

import io
import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console
from sqlalchemy import Engine
from werkzeug.serving import make_server

from integration.secrets import Vault, new_key
from integration.store.engine import writing
from integration.trackers.jira import TRACKER
from integration.worker import Worker, work_once
from service.commands import connect as command
from simulator.rest import create_app
from simulator.sender import Delivery, Sender
from simulator.serve import QuietHandler
from simulator.site import Site
from simulator.storm.compare import SprintLife, differences
from simulator.things import Event, Issue, Sprint
from tests.integration.store.material import fresh_store
from tests.simulator import foreign
from tests.storm.telling import told_of
from webhooks.intake import incoming, put

START = datetime(2026, 2, 2, 9, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
EDITIONS = pytest.mark.parametrize("version", [None, (10, 3, 2)], ids=["cloud", "data-center"])


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

    def differences(self) -> list[str]:
        lives = {number: SprintLife(tuple(versions)) for number, versions in self.lives.items()}
        return differences(self.site, lives, told_of(self.engine, self.now))


@contextmanager
def visiting(version: tuple[int, int, int] | None, url: str, folder: Path, *changes: foreign.Change) -> Iterator[Visit]:
    with fresh_store(url) as engine:
        visit = Visit(Site(version=version), engine, folder)
        visit.site._clock = visit.clock
        visit.site.listeners.append(visit.remember)
        _fill(visit.site)
        sender = Sender(visit.site, threads=0)
        sender.carry = visit.take
        sender.start()
        app = foreign.foreign(create_app(visit.site, sender), *changes)
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
        visit.site.base_url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield visit
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _fill(site: Site) -> None:
    """A closed and a running sprint, a board without sprints, an epic, sub-tasks, and a few histories."""
    at = START - 30 * DAY
    pay, web = site.add_project("PAY", "Payments"), site.add_project("WEB", "Web shop")
    board = site.add_board("Payments board", "scrum", pay)
    site.add_board("Web flow", "kanban", web)
    first = site.add_sprint(board, "Sprint, one", at, goal="Raise [KR-1], = fast")
    second = site.add_sprint(board, "Sprint two", at)
    site.start_sprint(first.id, at + DAY)
    epic = site.create(pay, "epic", "Pay by card", at, tags=("KR-1",), labels=("card",))
    for number in range(12):
        story = site.create(pay, "story", f"Step {number}", at + number * MINUTE, points=3.0)
        site.edit(story, at + 2 * DAY + number * MINUTE, sprints=(first.id,), parent=epic.id)
        site.edit(story, at + 3 * DAY + number * MINUTE, points=[None, 0.5, 5.0][number % 3], tags=("KR-1", "KR-2"))
        if number % 2:
            site.edit(story, at + 4 * DAY + number * MINUTE, status="done", resolution="done")
    task = site.create(web, "task", "Search", at, components=("Index",), squad="Risk")
    site.create(web, "subtask", "Measure", at, parent=task.id)
    site.close_sprint(first.id, at + 15 * DAY, onward=second.id)
    site.start_sprint(second.id, at + 15 * DAY + MINUTE)


def _some_edits(visit: Visit) -> None:
    site, now = visit.site, visit.now

    def issue(key: str) -> Issue:
        found = site.find(key)
        assert found is not None
        return found

    site.edit(issue("PAY-2"), now, tags=("KR-3",), labels=("late", "card"), points=8.0)
    site.edit(issue("PAY-3"), now, parent=None, sprints=tuple(issue("PAY-3").values.sprints[:1]))
    site.edit(issue("PAY-4"), now, status="done", resolution="wont_do", components=("Mail",))
    site.edit(issue("WEB-1"), now, tags=("KR-1",), squad=None)
    site.edit(issue("WEB-2"), now, summary="Measure twice", status="doing")
    site.delete(issue("PAY-9"), now)
    site.create(next(iter(site.projects.values())), "bug", "A new one", now)
    running = next(sprint for sprint in site.sprints.values() if sprint.state == "active")
    site.change_sprint(running.id, now, goal="Keep [KR-1]", name="Sprint, 2 = two")


HERE_TOO = (
    foreign.answers_upside_down,
    foreign.histories_with_less,
    foreign.sprints_with_nulls,
    foreign.all_at_once,
)
CHANGES = [
    *(pytest.param(None, change, id=f"cloud-{change.__name__}") for change in foreign.EVERY),
    *(pytest.param((10, 3, 2), change, id=f"data-center-{change.__name__}") for change in HERE_TOO),
]


@pytest.mark.parametrize(("version", "change"), CHANGES)
def test_a_foreign_site_is_read_and_followed_as_it_is(
    version: tuple[int, int, int] | None, change: foreign.Change, sqlite_url: str, tmp_path: Path
) -> None:
    with visiting(version, sqlite_url, tmp_path, change) as visit:
        visit.connect()
        assert visit.differences() == []
        visit.now += 5 * MINUTE
        _some_edits(visit)
        visit.now += MINUTE
        visit.work()
        assert visit.differences() == []


@EDITIONS
def test_small_pages_are_read_to_their_end(
    version: tuple[int, int, int] | None, sqlite_url: str, tmp_path: Path
) -> None:
    with visiting(version, sqlite_url, tmp_path) as visit:
        visit.site.conditions.page_most = 3
        visit.connect()
        assert visit.differences() == []


@EDITIONS
def test_closed_sprints_without_a_completion_are_taken_to_have_ended_as_planned(
    version: tuple[int, int, int] | None, sqlite_url: str, tmp_path: Path
) -> None:
    with visiting(version, sqlite_url, tmp_path, foreign.sprints_never_completed) as visit:
        visit.connect()
        first = min(visit.site.sprints)
        end = visit.site.sprints[first].end
        assert end is not None
        completed = told_of(visit.engine, visit.now)["sprints"][str(first)]["completed"]
        assert completed == end.isoformat()
