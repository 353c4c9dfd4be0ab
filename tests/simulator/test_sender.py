"""Deliveries of the simulated site: signed, retried under one identifier, and faulty when told to be."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from simulator.sender import Faults, Sender, signature
from simulator.site import Site
from tests.simulator.callers import caller_of

SECRET = "It's a Secret to Everybody"
EVENTS = ["jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "sprint_created", "sprint_started"]


@dataclass(slots=True)
class Receiver:
    """Keeps what arrives; answers with what is left of `answers`, then 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def wait_for(self, count: int) -> None:
        _until(lambda: len(self.bodies) >= count)


def _until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)
    assert is_so()


@contextmanager
def receiving(*answers: int) -> Iterator[Receiver]:
    receiver = Receiver(answers=list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.headers.append({name.lower(): value for name, value in self.headers.items()})
            receiver.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the standard library's name)
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hooks"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def sending(receiver: Receiver, **more: object) -> Iterator[tuple[Site, Sender]]:
    """A site with one project whose events go to the receiver."""
    site = Site()
    site.add_project("AB", "Alpha")
    site.add_project("CD", "Beta")
    sender = Sender(site, threads=1, pause=0.02)
    sender.register({"name": "test", "url": receiver.url, "secret": SECRET, "events": EVENTS} | more)
    sender.start()
    try:
        yield site, sender
    finally:
        sender.stop()


def write_down(site: Site, project: str = "AB") -> None:
    found = site.project_of_key(project)
    assert found is not None
    site.create(found, "story", "A title", site.now())


def test_signature_is_that_of_the_official_test_vector() -> None:
    expected = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
    assert signature(SECRET, b"Hello World!") == expected


def test_deliveries_are_signed_and_identified() -> None:
    with receiving() as receiver, sending(receiver) as (site, _):
        write_down(site)
        receiver.wait_for(1)
    assert receiver.headers[0]["x-hub-signature"] == signature(SECRET, receiver.bodies[0])
    assert receiver.headers[0]["x-atlassian-webhook-identifier"]
    assert "x-atlassian-webhook-retry" not in receiver.headers[0]


def test_a_delivery_is_retried_after_a_server_error_under_the_same_identifier() -> None:
    with receiving(503, 500) as receiver, sending(receiver) as (site, _):
        write_down(site)
        receiver.wait_for(3)
    assert len({headers["x-atlassian-webhook-identifier"] for headers in receiver.headers}) == 1
    assert [headers.get("x-atlassian-webhook-retry") for headers in receiver.headers] == [None, "1", "2"]


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 404])
def test_other_answers_are_final(status: int) -> None:
    with receiving(status) as receiver, sending(receiver) as (site, sender):
        write_down(site)
        _until(lambda: [delivery.answers for delivery in sender.log] == [[status]])
        write_down(site)
        receiver.wait_for(2)
    assert len(receiver.bodies) == 2


def test_a_lost_delivery_never_arrives() -> None:
    with receiving() as receiver, sending(receiver) as (site, sender):
        sender.faults = Faults(lost=1.0)
        write_down(site)
        sender.faults = Faults()
        write_down(site)
        receiver.wait_for(1)
    assert len(receiver.bodies) == 1
    assert b"AB-2" in receiver.bodies[0]


def test_a_doubled_delivery_arrives_twice_under_one_identifier() -> None:
    with receiving() as receiver, sending(receiver) as (site, sender):
        sender.faults = Faults(duplicated=1.0)
        write_down(site)
        receiver.wait_for(2)
    assert receiver.bodies[0] == receiver.bodies[1]
    assert len({headers["x-atlassian-webhook-identifier"] for headers in receiver.headers}) == 1


def test_a_swapped_delivery_arrives_after_its_successor() -> None:
    with receiving() as receiver, sending(receiver) as (site, sender):
        sender.faults = Faults(swapped=1.0)
        write_down(site)
        write_down(site)
        receiver.wait_for(2)
    assert [b"AB-2" in body for body in receiver.bodies] == [True, False]


def test_a_filter_holds_for_issues_and_not_for_sprints() -> None:
    filters = {"issue-related-events-section": "project in (AB)"}
    with receiving() as receiver, sending(receiver, filters=filters) as (site, _):
        write_down(site, "CD")
        board = site.add_board("Beta board", "scrum", next(p for p in site.projects.values() if p.key == "CD"))
        site.add_sprint(board, "Beta 1", site.now())
        receiver.wait_for(1)
    assert len(receiver.bodies) == 1
    assert b"sprint_created" in receiver.bodies[0]


def test_webhooks_are_registered_listed_and_deleted_and_secrets_not_told() -> None:
    site = Site()
    caller = caller_of(site)
    body = {"name": "Tieline", "url": "https://tieline.example/hooks", "secret": SECRET, "events": EVENTS}
    made = caller.post("/rest/webhooks/1.0/webhook", body)
    assert made.status_code == 201
    assert made.get_json()["isSigned"] is True
    listed = caller.get("/rest/webhooks/1.0/webhook")
    assert [hook["url"] for hook in listed.get_json()] == ["https://tieline.example/hooks"]
    assert SECRET not in listed.text
    assert caller.client.open(caller.build("DELETE", "/rest/webhooks/1.0/webhook/1")).status_code == 204
    assert caller.get("/rest/webhooks/1.0/webhook").get_json() == []
