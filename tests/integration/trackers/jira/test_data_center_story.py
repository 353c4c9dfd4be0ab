"""A Data Center site from the first question to a store that equals it, also where every delivery was lost."""

import io
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest
import requests
from click.testing import CliRunner
from flask import Flask
from rich.console import Console
from sqlalchemy import Engine
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from integration import sync
from integration.contract import Connection
from integration.doctor import examine
from integration.files.backlog_file import load
from integration.secrets import Vault, new_key
from integration.store import connections
from integration.store.backlog import backlog_at
from integration.store.door import door_keys
from integration.store.engine import reading
from integration.trackers.jira import TRACKER
from integration.worker import Worker, work_once
from mappings.model import Backlog, Item
from service.commands import connect as command
from simulator.as_backlog import site_as_backlog
from simulator.rest import create_app
from simulator.sender import Faults, Sender
from simulator.site import Site
from simulator.things import Issue
from tests.asgi import as_wsgi
from tests.integration.store.material import fresh_store
from tests.integration.trackers.jira.documents import DATA_CENTER, judge
from tests.shared_material import SHARED
from tests.webhooks.door import a_page
from webhooks.contract import Key
from webhooks.front import Front
from webhooks.keys import KeyRing
from webhooks.receiver import Door, Refusals
from webhooks.writer import InboxWriter

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

START = datetime(2026, 2, 2, 9, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
VERSIONS = [(9, 12, 4), (10, 3, 2), (11, 0, 1)]


@dataclass
class Story:
    """A site below the path /jira, Tieline's store and door, and the time that both have."""

    site: Site
    sender: Sender
    engine: Engine
    vault: Vault
    token_file: Path
    door: str = ""
    refusals: Refusals = field(default_factory=Refusals)
    now: datetime = START

    def clock(self) -> datetime:
        return self.now

    @property
    def connection(self) -> Connection:
        with reading(self.engine) as session:
            found = connections.connection_named(session, self.vault, "jira")
        assert found is not None
        return found

    def work(self) -> None:
        worker = Worker(self.engine, self.vault, {"jira": TRACKER}, self.clock)
        while work_once(worker):
            pass

    def stored(self) -> Backlog:
        with reading(self.engine) as session:
            return backlog_at(session, "jira", self.now)


@pytest.fixture(params=VERSIONS, ids=lambda version: ".".join(map(str, version)))
def story(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path) -> Iterator[Story]:
    with fresh_store(sqlite_url) as engine:
        site = Site(version=request.param)
        token_file = tmp_path / "token"
        token_file.write_text(site.token, encoding="utf-8")
        found = Story(site, Sender(site, threads=1, pause=0.01), engine, Vault([new_key()]), token_file)
        site._clock = found.clock
        _fill(found)
        with _answering(_below("/jira", create_app(site, found.sender))) as url, _door(found) as door:
            site.base_url, found.door = f"{url}/jira", door
            found.sender.start()
            yield found
            found.sender.stop()
        if SHARED is not None:
            # All but the question that tells the editions apart.
            for asked in (one for one in site.requests if one["path"] != "/rest/api/3/serverInfo"):
                _judge(asked, SHARED / "specs")


def _judge(asked: Mapping[str, object], folder: Path) -> None:
    """Raise where Atlassian's document of Data Center does not know such a request."""
    headers = {"Authorization": "Bearer sesame"}
    request = requests.Request(
        str(asked["method"]), f"https://x.example{asked['path']}", json=asked["body"], headers=headers
    )
    judge(request.prepare(), folder, DATA_CENTER)


@contextmanager
def _answering(app: "WSGIApplication") -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def _door(story: Story) -> Iterator[str]:
    def keys() -> dict[tuple[str, str], Key]:
        with reading(story.engine) as session:
            return door_keys(session, story.vault)

    writer = InboxWriter(story.engine)
    ring = KeyRing(keys, seconds=0.0)
    door = Door({"jira": TRACKER.sender}, ring, refusals=story.refusals, clock=story.clock)
    with _answering(as_wsgi(Front(door, writer, a_page))) as url:
        yield url
    writer.close()


def _below(path: str, app: Flask) -> "WSGIApplication":
    return DispatcherMiddleware(Flask("nothing"), {path: app})


def _fill(story: Story) -> None:
    """Two projects, a scrum and a kanban board, an epic with work below it, a sprint that runs."""
    site, at = story.site, START - 20 * DAY
    pay, web = site.add_project("PAY", "Payments"), site.add_project("WEB", "Web shop")
    board = site.add_board("Payments board", "scrum", pay)
    site.add_board("Web flow", "kanban", web)
    running = site.add_sprint(board, "Sprint, one", at, goal="Raise [KR-1], = fast")
    site.add_sprint(board, "Sprint two", at)
    site.start_sprint(running.id, START - 5 * DAY)
    epic = site.create(pay, "epic", "Pay by card", at, tags=("KR-1",))
    other = site.create(web, "epic", "Find it", at)
    for number in range(30):
        story_ = site.create(pay, "story", f"Step {number}", at + number * MINUTE, parent=epic.id, points=3.0)
        site.edit(story_, at + DAY + number * MINUTE, sprints=(running.id,), labels=("card",))
    for number in range(25):  # more changes than a search tells of
        site.edit(site.issues[epic.id], at + 2 * DAY + number * MINUTE, labels=(f"turn-{number}",))
    task = site.create(web, "task", "Search", at, parent=other.id, components=("Index",))
    site.create(web, "subtask", "Measure", at, parent=task.id)


def _connect(story: Story, monkeypatch: pytest.MonkeyPatch, *more: str) -> str:
    console = Console(file=io.StringIO(), width=200, soft_wrap=True)
    desk = command.Desk(story.engine, story.vault, console, story.clock)
    monkeypatch.setattr(command, "_desk", lambda console: desk)
    flags = ["jira", "--url", f"{story.site.base_url}/secure/Dashboard.jspa", "--token-file", str(story.token_file)]
    result = CliRunner().invoke(command.connect, [*flags, "--yes", "--public-url", story.door, *more])
    assert isinstance(console.file, io.StringIO)
    told = console.file.getvalue() + result.output
    assert result.exit_code == 0, told
    return told


def _plain(item: Item) -> Item:
    """Without what only a tracker tells."""
    return replace(item, url=None, tag_field=None, aliases=())


def _assert_store_is_the_site(story: Story) -> None:
    """Item by item with the whole history, and sprint by sprint; of what was deleted that it is."""
    wanted = load(orjson.dumps(_two_weeks(site_as_backlog(story.site, story.now, {}, {}))))
    found = story.stored()
    ours = {item.key: _plain(item) for item in wanted.items if item.deleted is None}
    theirs = {item.key: _plain(item) for item in found.items if item.deleted is None}
    assert theirs.keys() == ours.keys()
    assert [key for key in ours if ours[key] != theirs[key]] == []
    assert _sprints(found) == _sprints(wanted)


def _two_weeks(backlog: dict[str, object]) -> dict[str, object]:
    boards = backlog["boards"]
    assert isinstance(boards, list)
    return backlog | {"boards": [board | ({"periods": "two_weeks"} if "periods" in board else {}) for board in boards]}


def _sprints(backlog: Backlog) -> dict[str, tuple[object, ...]]:
    return {
        sprint.id: (
            sprint.name, sprint.board, sprint.state, sprint.start, sprint.end, sprint.completed,
            next((goal.text for goal in reversed(sprint.goals)), None),
        )
        for sprint in backlog.sprints
    }  # fmt: skip


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 90
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _edit(story: Story, **changes: object) -> Issue:
    issue = story.site.find("PAY-5")
    assert issue is not None
    story.site.edit(issue, story.now, **changes)
    return issue


def test_a_data_center_site_is_connected_and_read_whole(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    told = _connect(story, monkeypatch)
    major = story.site.version[0]
    assert f"Jira Data Center {major}." in told
    assert ("registered, signed" in told) == (major >= 10)
    assert story.site.token not in told
    assert story.connection.base_url.endswith("/jira")
    _assert_store_is_the_site(story)
    for board in story.stored().boards:
        assert (board.periods is None) == (board.name == "Payments board")


def test_a_delivery_brings_the_change_and_the_doctor_finds_all_well(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    _connect(story, monkeypatch)
    story.now += 7 * MINUTE
    _edit(story, status="done", resolution="done", tags=("KR-1",))
    _until(lambda: bool(story.sender.log) and bool(story.sender.log[-1].answers))
    assert [delivery.answers for delivery in story.sender.log] == [[200]]
    story.work()
    _assert_store_is_the_site(story)
    checks = {check.step: check for check in examine(story.engine, story.connection, story.now)}
    assert {step for step, check in checks.items() if check.is_good is not True} == set()


def test_what_no_delivery_told_is_found_by_asking(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    _connect(story, monkeypatch)
    story.now += 7 * MINUTE
    sync.reconcile(story.engine, story.connection, story.clock)
    story.sender.faults = Faults(lost=1.0)
    story.now += 7 * MINUTE
    site = story.site
    _edit(story, status="doing", points=8.0)
    pay = next(project for project in site.projects.values() if project.key == "PAY")
    site.create(pay, "story", "A late one", story.now, parent=site.by_key["PAY-1"])
    gone = site.find("PAY-7")
    assert gone is not None
    site.delete(gone, story.now)
    running, coming = sorted(site.sprints)
    site.close_sprint(running, story.now, onward=coming)
    site.change_sprint(coming, story.now, goal="Keep [KR-1]")
    for _ in range(3):
        story.now += 61 * MINUTE
        sync.reconcile(story.engine, story.connection, story.clock)
    assert story.sender.log == []
    _assert_store_is_the_site(story)


def test_a_delivery_that_cannot_be_proven_is_refused(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    _connect(story, monkeypatch)
    hook = next(iter(story.sender.hooks.values()))
    story.sender.hooks[hook.id] = replace(hook, url=f"{story.door}/hooks/jira/jira/guessed", secret="guessed")
    _edit(story, points=1.0)
    _until(lambda: bool(story.sender.log) and bool(story.sender.log[-1].answers))
    assert story.sender.log[-1].answers == [401]
    assert story.refusals.counts() == {("jira", True, "wrong_token"): 1}


def test_connecting_again_keeps_the_webhook_and_a_new_secret_replaces_it(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    _connect(story, monkeypatch)
    (first,) = story.sender.hooks.values()
    _connect(story, monkeypatch)
    (second,) = story.sender.hooks.values()
    _connect(story, monkeypatch, "--new-secret")
    (third,) = story.sender.hooks.values()
    proofs = [(hook.url, hook.secret) for hook in (first, second, third)]
    assert (proofs[0] == proofs[1]) == (story.site.version[0] < 10)
    assert proofs[2] not in proofs[:2]
