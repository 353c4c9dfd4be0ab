"""What `tieline serve` serves: pages and the door, each with threads of its own; and the threads of the workers."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Flask

from integration.store import connections
from integration.store.engine import reading, writing
from integration.trackers import load_trackers
from service import logs
from service.installation import Installation, now, open_installation
from webhooks.contract import Key
from webhooks.keys import KeyRing
from webhooks.receiver import add_door
from webhooks.writer import InboxWriter

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WAIT_FOR_A_THREAD = 1  # second, said to whom pages are refused
_log = logging.getLogger(__name__)


def application(given: Mapping[str, Any], only: str | None) -> "WSGIApplication":
    """Build what the serving process serves; `given` are settings from the command line."""
    installation = open_installation(given, migrated=False)
    logs.set_up(installation.settings.log_format, installation.settings.log_level)
    return build(installation, only)


def build(installation: Installation, only: str | None = None) -> "WSGIApplication":
    """The pages behind the door; `only` hooks, or pages, is one of them."""
    app = Flask("tieline_door", static_folder=None)
    pages = app.wsgi_app if only == "hooks" else _made_beside(partial(_pages, installation))
    app.wsgi_app = limited(pages, installation.settings.page_threads)  # type: ignore[assignment, method-assign]  # as Flask's documentation says to wrap it
    _add_door(app, installation, with_hooks=only != "pages")
    return app


def _made_beside(make: "Callable[[], WSGIApplication]") -> "WSGIApplication":
    """An application that is still being made: the door answers at once, and only who asks for a page waits."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="pages")
    made = pool.submit(make)
    made.add_done_callback(_say_if_failed)
    pool.shutdown(wait=False)

    def waiting(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        return made.result()(environ, start_response)

    return waiting


def _say_if_failed(made: "Future[WSGIApplication]") -> None:
    if made.exception() is not None:
        _log.critical("there will be no pages", exc_info=made.exception())


def _pages(installation: Installation) -> "WSGIApplication":
    from service.app import create_app

    return create_app(installation.engine, installation.settings).wsgi_app


def _add_door(app: Flask, installation: Installation, *, with_hooks: bool) -> None:
    """Put the door in front. Without hooks it knows no sender, and answers only for its health."""
    engine, vault = installation.engine, installation.vault

    def load_keys() -> Mapping[tuple[str, str], Key]:
        with reading(engine) as session:
            return connections.door_keys(session, vault)

    ring = KeyRing(load_keys)

    def keep_secret(key: Key, secret: bytes) -> bool:
        with writing(engine) as session:
            is_kept = connections.keep_first_secret(session, vault, key.connection, secret)
        ring.forget()
        return is_kept

    senders = {name: tracker.sender for name, tracker in load_trackers().items()} if with_hooks else {}
    add_door(app, InboxWriter(engine), senders, ring, keep_secret=keep_secret)


def limited(application: "WSGIApplication", at_once: int) -> "WSGIApplication":
    """Make at most so many pages at once, and refuse more at once: the server's other threads stay for the door."""
    gate = threading.BoundedSemaphore(at_once)

    def gated(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if not gate.acquire(blocking=False):
            headers = [("Content-Type", "text/plain"), ("Retry-After", str(WAIT_FOR_A_THREAD))]
            start_response("503 Service Unavailable", headers)
            return [b"Too many pages are being made at once. Try again in a second.\n"]
        try:
            return application(environ, start_response)
        finally:
            gate.release()

    return gated


def start_background(installation: Installation, stop: threading.Event) -> tuple[threading.Thread, ...]:
    """Start workers, clock and reconciliation as threads; they end when `stop` is set, or with the process."""
    # What only workers need: the process that serves must not wait for it to be loaded.
    from integration import clock, sync, worker
    from integration.store.due import Part

    settings, engine, vault = installation.settings, installation.engine, installation.vault
    working = worker.Worker(engine, vault, load_trackers(), now)
    retention = clock.Retention.of_days(settings.keep_deliveries_days, settings.keep_raw_days)
    jobs: dict[str, Callable[[], None]] = {
        f"worker-{number}": lambda: worker.run(working, stop) for number in range(settings.workers)
    }
    for part in Part:
        jobs[part.value] = partial(worker.decide, working, stop, part)
    jobs["clock"] = lambda: clock.run(engine, now, stop, retention)
    jobs["reconciliation"] = lambda: sync.run(engine, vault, now, stop)
    threads = tuple(threading.Thread(target=job, name=name, daemon=True) for name, job in jobs.items())
    for thread in threads:
        thread.start()
    return threads
