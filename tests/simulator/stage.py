"""Tieline's pages, door and work beside a simulated Cloud site: all of it over HTTP, in one time that the test sets."""

import html
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from integration import backfills, http, keeping, sync
from integration.contract import Connection, Tracker
from integration.files.register import read_version
from integration.secrets import Vault, new_key
from integration.store import connections
from integration.store.backlog import backlog_at
from integration.store.door import door_keys
from integration.store.engine import reading
from integration.store.opened import Store
from integration.trackers.jira import TRACKER, client, oauth, oauth_tokens
from integration.worker import Worker, work_once
from mappings.model import Backlog, Item
from reports.access import login_link
from service.app import create_app
from service.commands.okrs import apply_version
from service.settings import Settings
from simulator import newcomers
from simulator.accounts import App
from simulator.company.moments import Calendar
from simulator.company.okrs import as_yaml
from simulator.sender import Delivery, Sender, post
from simulator.serve import QuietHandler
from simulator.site import Site
from tests.asgi import as_wsgi
from tests.integration.store.material import fresh_store
from tests.simulator.callers import answering
from webhooks.front import Front, Receive, Scope, Send, reply
from webhooks.keys import KeyRing
from webhooks.receiver import Answer, Door
from webhooks.writer import InboxWriter

START = datetime(2026, 2, 2, 9, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PUBLIC = "https://okr.example.org"
SECRET = "the client secret of the app"
KR_FIELD = "customfield_12031"


@dataclass
class Stage:
    """One site with a small backlog, one installation of Tieline, and the time that both have."""

    site: Site
    sender: Sender
    engine: Engine
    vault: Vault
    now: datetime = START
    slept: float = 0.0
    door: str = ""
    answers: list[int | None] = field(default_factory=list)  # of the door, to deliveries
    session: requests.Session = field(default_factory=requests.Session)
    browser: FlaskClient = None  # type: ignore[assignment]  # set as soon as there is a door

    # --- time

    def clock(self) -> datetime:
        return self.now

    def later(self, **how: float) -> datetime:
        self.now += timedelta(**how)
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept += seconds

    def monotonic(self) -> float:
        return self.now.timestamp() + self.slept

    # --- what people do at the pages

    def see(self, address: str) -> str:
        response = self.browser.get(address, follow_redirects=True)
        assert response.status_code == 200, response.text
        return html.unescape(response.text)

    def send(self, address: str, **form: Any) -> TestResponse:
        word = re.search(r'name="csrf" value="(\w+)"', self.browser.get("/connections").text)
        assert word is not None
        return self.browser.post(address, data={"csrf": word.group(1), **form})

    def begun(self) -> str:
        return self.send("/connect", url=self.site.base_url).headers["Location"].removesuffix("/login")

    def agreed(self, draft: str, *, secret: str = SECRET, writes: bool = False) -> TestResponse:
        """Send the app's words, go where the page leads, answer there, and come back as a browser does."""
        form = {"way": "oauth", "client_id": "app", "client_secret": secret, "name": "acme"}
        page = self.send(f"{draft}/login", **form, **({"writes": "yes"} if writes else {})).text
        address = re.search(r'href="(http[^"]*/authorize\?[^"]*)"', page)
        assert address is not None, page
        answer = requests.get(html.unescape(address.group(1)), allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["Location"])
        return self.browser.get(f"{back.path}?{back.query}")

    def logged_in(self, draft: str) -> TestResponse:
        form = {"way": "api_token", "email": self.site.email, "token": self.site.token, "name": "acme"}
        return self.send(f"{draft}/login", **form)

    def chosen(self, draft: str) -> None:
        """Choose everything there is, and end with a connection and its webhook."""
        self.see(f"{draft}/projects")
        self.send(f"{draft}/projects", project=[str(id_) for id_ in self.site.projects])
        self.see(f"{draft}/look")
        self.send(f"{draft}/fields", key_result=[KR_FIELD])
        self.send(f"{draft}/boards", board=[str(id_) for id_ in self.site.boards])
        self.send(f"{draft}/statuses")
        response = self.send(f"{draft}/webhook", public_url=self.door)
        assert response.headers.get("Location") == "/connections/acme", response.text

    def connected_by_consent(self, *, writes: bool = False) -> None:
        draft = self.begun()
        response = self.agreed(draft, writes=writes)
        assert response.headers.get("Location") == f"{draft}/account", response.text
        self.chosen(draft)
        self.work()

    def connected_by_token(self) -> None:
        draft = self.begun()
        assert self.logged_in(draft).status_code == 303
        self.chosen(draft)
        self.work()

    # --- what Tieline does by itself

    def work(self) -> None:
        """Read what waits to be read, work off the inbox, renew and note what is to be renewed and noted."""
        backfills.run_waiting(self.engine, self.vault, self.clock)
        worker = Worker(self.engine, self.vault, {"jira": TRACKER}, self.clock)
        while work_once(worker):
            self.later(seconds=10)
        keeping.keep(self.engine, self.vault, self.now)

    def look_again(self) -> None:
        sync.reconcile_due(self.engine, self.vault, self.clock)

    # --- what came of it

    def connection(self) -> Connection:
        with reading(self.engine) as session:
            found = connections.connection_named(session, self.vault, "acme")
        assert found is not None
        return found

    def backlog(self) -> Backlog:
        with reading(self.engine) as session:
            return backlog_at(session, "acme", self.now)

    def item(self, key: str) -> Item:
        return next(item for item in self.backlog().items if item.key == key)

    def asked(self, path: str) -> int:
        return sum(path in str(request["path"]) for request in self.site.requests)

    # --- what happens at the site

    def deliver(self, delivery: Delivery) -> None:
        """At once, over HTTP, tried once."""
        status = post(self.session, delivery, self.site)
        self.sender.log.append(delivery)
        delivery.answers.append(status)
        self.answers.append(status)


def add_app(site: Site, *more: str, secret: str = SECRET) -> App:
    scopes = (*oauth.READ_SCOPES, "manage:jira-webhook", *more)
    return site.accounts.add_app("app", secret, f"{PUBLIC}/connect/consent", scopes)


@contextmanager
def on_stage(url: str) -> Iterator[Stage]:
    with fresh_store(url) as engine:
        site = Site()
        stage = Stage(site, Sender(site, threads=0), engine, Vault([new_key()]))
        site._clock = stage.clock
        calendar = Calendar(START.date())
        newcomers.build(site, calendar, tagged=1)
        add_app(site, oauth.WRITE_SCOPE)
        stage.sender.carry = stage.deliver
        stage.sender.start()
        apply_version(engine, read_version(as_yaml(newcomers.register(calendar)).encode()), START - 60 * DAY)
        with answering(site, stage.sender), _open_door(stage), _pages(stage), pytest.MonkeyPatch.context() as patch:
            patch.setattr(client, "Budget", partial(http.Budget, sleep=stage.sleep, clock=stage.monotonic))
            patch.setattr(client, "Renewal", partial(oauth_tokens.Renewal, clock=stage.clock, sleep=stage.sleep))
            client._client.cache_clear()
            yield stage
        stage.session.close()


@contextmanager
def _open_door(stage: Stage) -> Iterator[None]:
    def keys() -> Any:
        with reading(stage.engine) as session:
            return door_keys(session, stage.vault)

    tracker: Tracker = TRACKER
    door = Door({"jira": tracker.sender}, KeyRing(keys, seconds=0), clock=stage.clock)
    front = Front(door, InboxWriter(stage.engine), _no_pages)
    server = make_server("127.0.0.1", 0, as_wsgi(front), threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    stage.door = f"http://127.0.0.1:{server.server_port}"
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def _no_pages(scope: Scope, _receive: Receive, send: Send) -> None:
    await reply(Answer(404), scope, send)


@contextmanager
def _pages(stage: Stage) -> Iterator[None]:
    app = create_app(
        stage.engine, Settings(public_url=PUBLIC, hooks_url=stage.door), clock=stage.clock, vault=lambda: stage.vault
    )
    # The look at the site is taken before the answer in place of beside it.
    app.extensions["tieline_desk"] = replace(app.extensions["tieline_desk"], start=lambda work: work())
    stage.browser = app.test_client()
    stage.browser.environ_base["wsgi.url_scheme"] = "https"
    stage.browser.get(login_link(Store(stage.engine), "", stage.now))
    yield
