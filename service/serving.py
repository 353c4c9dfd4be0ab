"""What `tieline serve` serves: pages and the door, each with threads of its own; and the threads of the workers."""

import logging
import multiprocessing.process
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from integration.store.door import door_keys, keep_first_secret
from integration.store.engine import reading, writing
from integration.trackers import load_trackers
from service import logs
from service.installation import Installation, now, open_installation
from service.page_threads import PageThreads
from webhooks.contract import Key
from webhooks.front import Application, Front, Limits, Receive, Scope, Send, reply
from webhooks.keys import KeyRing
from webhooks.receiver import Answer, Door
from webhooks.writer import InboxWriter

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SECONDS_TO_END = 5.0  # for calls in hand, once the parent is gone
_log = logging.getLogger(__name__)


def application(given: Mapping[str, Any], only: str | None) -> Application:
    """Build what the serving process serves; `given` are settings from the command line."""
    installation = open_installation(given, migrated=False)
    logs.set_up(installation.settings.log_format, installation.settings.log_level)
    _end_with_parent()
    # A page that computes must hand the interpreter over to the door soon.
    sys.setswitchinterval(0.001)
    return build(installation, only)


def build(installation: Installation, only: str | None = None) -> Application:
    """The pages behind the door; `only` hooks, or pages, is one of them."""
    pages: Application = _no_pages
    if only != "hooks":
        pages = PageThreads(_made_beside(partial(_pages, installation)), installation.settings.page_threads)
    return _front(installation, pages, with_hooks=only != "pages")


async def _no_pages(scope: Scope, _receive: Receive, send: Send) -> None:
    await reply(Answer(404, b"Only the door for webhooks is here.\n"), scope, send)


def _end_with_parent() -> None:
    """End when the process that started this one was killed: nobody else would, and the port would stay taken."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), name="parent", daemon=True).start()


def _end_after(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SECONDS_TO_END)
    os._exit(1)


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


def _front(installation: Installation, pages: Application, *, with_hooks: bool) -> Front:
    """Put the door in front. Without hooks it knows no sender, and answers only for its health."""
    engine, vault = installation.engine, installation.vault

    def load_keys() -> Mapping[tuple[str, str], Key]:
        with reading(engine) as session:
            return door_keys(session, vault)

    ring = KeyRing(load_keys)

    def keep_secret(key: Key, secret: bytes) -> bool:
        with writing(engine) as session:
            is_kept = keep_first_secret(session, vault, key.connection, secret)
        ring.forget()
        return is_kept

    senders = {name: tracker.sender for name, tracker in load_trackers().items()} if with_hooks else {}
    door = Door(senders, ring, keep_secret)
    return Front(door, InboxWriter(engine), pages, Limits(threads=installation.settings.hook_threads))


def start_background(installation: Installation, stop: threading.Event) -> tuple[threading.Thread, ...]:
    """Start workers, clock and reconciliation as threads; they end when `stop` is set, or with the process."""
    # What only workers need: the process that serves must not wait for it to be loaded.
    from integration import backfills, calling, clock, keeping, pruning, sync, worker
    from integration.kr_values import reading as values_reading
    from integration.messages import heralding
    from integration.messages import sending as message_sending
    from integration.okr_sources import reading as okr_reading
    from integration.store.due import Part
    from integration.write_back import sending
    from service import notifying
    from service.keeping import keeping_of

    settings, engine, vault = installation.settings, installation.engine, installation.vault
    working = worker.Worker(engine, vault, load_trackers(), now)
    jobs: dict[str, Callable[[], None]] = {
        f"worker-{number}": lambda: worker.run(working, stop) for number in range(settings.workers)
    }
    for part in Part:
        jobs[part.value] = partial(worker.decide, working, stop, part)
    jobs["clock"] = lambda: clock.run(engine, now, stop)
    jobs["calls"] = lambda: calling.run(engine, now, stop)
    jobs["pruning"] = lambda: pruning.run(engine, now, stop, keeping_of(settings))
    office = sending.Office(engine, vault, working.trackers, now)
    jobs["write-back"] = lambda: sending.run_forever(office, stop)
    jobs["reconciliation"] = lambda: sync.run(engine, vault, now, stop)
    jobs["backfills"] = lambda: backfills.run(engine, vault, now, stop)
    jobs["connections"] = lambda: keeping.run(engine, vault, now, stop)
    jobs["okrs"] = lambda: okr_reading.run(engine, vault, now, stop)
    jobs["values"] = lambda: values_reading.run(engine, settings.value_access, now, stop)
    herald, postman = notifying.herald_of(installation), notifying.postman_of(installation)
    jobs["news"] = lambda: heralding.run(herald, stop)
    jobs["messages"] = lambda: message_sending.run(postman, stop)
    threads = tuple(
        # None of them may end of what nobody foresaw: it would be missed by nobody until figures are old.
        threading.Thread(target=worker.repeat, args=(partial(_in_turn, job), stop), name=name, daemon=True)
        for name, job in jobs.items()
    )
    for thread in threads:
        thread.start()
    return threads


def _in_turn(job: Callable[[], None]) -> bool:
    job()
    return False
