"""Stores of past moments, computed one after the other beside the requests and kept while they are asked for."""

import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from integration.past import past_store
from integration.store.opened import Store

MOST_KEPT = 8  # moments, each a file about as large as the answers
MOST_WAITING = 4
FRESH = 60.0  # seconds for which a moment is not computed anew although something was learnt meanwhile

Build = Callable[[Store, datetime, datetime, str], Store]


class Busy(Exception):
    """More moments were asked for than are computed at a time."""


@dataclass(slots=True)
class _Past:
    pulse: int
    begun: float
    path: Path
    future: "Future[Store]"

    @property
    def has_failed(self) -> bool:
        return self.future.done() and self.future.exception() is not None


class Pasts:
    """Holds what was computed by moment. One that failed is forgotten: asked again, it is tried again."""

    def __init__(self, store: Store, build: Build = past_store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._build, self._clock = store, build, clock
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="past")
        self._known: OrderedDict[datetime, _Past] = OrderedDict()
        self._lock = Lock()
        self._numbers = count(1)
        self._folder: TemporaryDirectory[str] | None = None

    def ask(self, moment: datetime, now: datetime, pulse: int) -> "Future[Store]":
        """The store of that moment, or the promise of it."""
        with self._lock:
            known = self._known.get(moment)
            if known is not None and self._holds(known, pulse):
                self._known.move_to_end(moment)
                return known.future
            if sum(1 for one in self._known.values() if not one.future.done()) >= MOST_WAITING:
                raise Busy
            self._forget(moment)
            begun = self._begin(moment, now, pulse)
            self._known[moment] = begun
            done = [one for one, past in self._known.items() if past.future.done()]
            for oldest in done[: max(len(self._known) - MOST_KEPT, 0)]:
                self._forget(oldest)
            return begun.future

    def _holds(self, known: _Past, pulse: int) -> bool:
        if known.has_failed:
            return False
        return not known.future.done() or known.pulse == pulse or self._clock() - known.begun < FRESH

    def _begin(self, moment: datetime, now: datetime, pulse: int) -> _Past:
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="tieline-past-", ignore_cleanup_errors=True)
        path = Path(self._folder.name) / f"{next(self._numbers)}.sqlite"
        future = self._worker.submit(self._build, self._store, moment, now, str(path))
        return _Past(pulse, self._clock(), path, future)

    def _forget(self, moment: datetime) -> None:
        past = self._known.pop(moment, None)
        if past is None:
            return
        if past.future.done() and not past.has_failed:
            past.future.result().engine.dispose()  # whoever still reads from it reads on
        for name in past.path.parent.glob(f"{past.path.name}*"):
            name.unlink(missing_ok=True)
