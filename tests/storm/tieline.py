"""Tieline's door, worker and reconciliation as one process in virtual time, told what to do by lines of JSON.

    python -m tests.storm.tieline FOLDER

A line holds the moment that it is now and what to do; the answer is a line, too. Between two lines only the door works.
"""

import json
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from werkzeug.serving import WSGIRequestHandler, make_server

from integration import http, sync, worker
from integration.contract import TrackerError
from integration.secrets import Vault
from integration.store.door import door_keys
from integration.store.engine import reading
from integration.trackers import load_trackers
from integration.trackers.jira import client
from service.commands import connect as command
from service.installation import open_installation
from tests.asgi import as_wsgi
from tests.storm.telling import told_of
from webhooks.front import Front, Receive, Scope, Send, reply
from webhooks.keys import KeyRing
from webhooks.receiver import Answer, Door
from webhooks.writer import InboxWriter

Json = dict[str, Any]
ENOUGH = 10_000  # rounds of work within one moment


@dataclass(slots=True)
class Tieline:
    """What is open, the moment that it is, and how long we have slept in no time at all."""

    engine: Any
    vault: Vault
    now: datetime
    slept: float = 0.0
    trackers: Mapping[str, Any] = field(default_factory=load_trackers)

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept += seconds

    def monotonic(self) -> float:
        return self.now.timestamp() + self.slept


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def main() -> None:
    installation = open_installation()
    first = json.loads(sys.stdin.readline())
    tieline = Tieline(installation.engine, installation.vault, datetime.fromisoformat(first["now"]))
    # Pauses between calls pass in virtual time, as everything does.
    vars(client)["Budget"] = partial(http.Budget, sleep=tieline.sleep, clock=tieline.monotonic)
    _say({"door": _open_door(tieline, first["port"])})
    for line in sys.stdin:
        asked = json.loads(line)
        tieline.now = datetime.fromisoformat(asked["now"])
        _say(_ACTS[asked["do"]](tieline, asked))


def _say(answer: Json) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _open_door(tieline: Tieline, port: int) -> str:
    def keys() -> Any:
        with reading(tieline.engine) as session:
            return door_keys(session, tieline.vault)

    senders = {name: tracker.sender for name, tracker in tieline.trackers.items()}
    front = Front(Door(senders, KeyRing(keys), clock=tieline.clock), InboxWriter(tieline.engine), _no_pages)
    server = make_server("127.0.0.1", port, as_wsgi(front), threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


async def _no_pages(scope: Scope, _receive: Receive, send: Send) -> None:
    await reply(Answer(404), scope, send)


# --- what it is told to do


def _connect(tieline: Tieline, asked: Json) -> Json:
    console = Console(file=sys.stderr, width=200, soft_wrap=True)
    desk = command.Desk(tieline.engine, tieline.vault, console, tieline.clock)
    vars(command)["_desk"] = lambda _console: desk
    try:
        command.jira.main([*asked["flags"], "--yes"], standalone_mode=False)
    except SystemExit as stopped:
        return {"failed": stopped.code}
    return {}


def _work(tieline: Tieline, _asked: Json) -> Json:
    """Work off the inbox as far as it can be worked off now."""
    working = worker.Worker(tieline.engine, tieline.vault, tieline.trackers, tieline.clock)
    rounds = 0
    while worker.work_once(working) and rounds < ENOUGH:
        rounds += 1
    return {"rounds": rounds}


def _reconcile(tieline: Tieline, _asked: Json) -> Json:
    """Look at what is due to be looked at; a tracker in trouble is asked again later."""
    try:
        return {"found": sync.reconcile_due(tieline.engine, tieline.vault, tieline.clock)}
    except TrackerError as error:
        return {"failed": error.reason}


def _tell(tieline: Tieline, asked: Json) -> Json:
    Path(asked["file"]).write_text(json.dumps(told_of(tieline.engine, tieline.now)), encoding="utf-8")
    return {}


_ACTS: dict[str, Callable[[Tieline, Json], Json]] = {
    "connect": _connect,
    "work": _work,
    "reconcile": _reconcile,
    "tell": _tell,
}

if __name__ == "__main__":
    main()
