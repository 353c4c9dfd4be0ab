"""Group commit: one thread stores all deliveries that wait in one transaction, and each is answered after its commit.

Without it every request would pay for a sync of the disk of its own, and they would queue for the database's lock.
"""

import asyncio
import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, exc

from webhooks import intake
from webhooks.intake import Incoming

_log = logging.getLogger(__name__)


class Unavailable(Exception):
    """The inbox cannot take it now. Nothing is lost as long as the tracker is told to send it again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(eq=False, slots=True)
class _Waiting:
    delivery: Incoming
    tell: Callable[[str | None], object]  # from the writer's thread: what became of it
    trouble: str | None = "not_stored"  # until the commit proves otherwise


class InboxWriter:
    """Takes deliveries from many tasks. Its own thread starts with the first one, and again should it ever die.

    `patience`: seconds that a request waits for its commit; `most_waiting`, `most_bytes`: what may wait together.
    """

    def __init__(
        self, engine: Engine, *, patience: float = 4.0, most_waiting: int = 256, most_bytes: int = 128 * 1024 * 1024
    ) -> None:
        self._engine = engine
        self._patience = patience
        self._most_waiting = most_waiting
        self._most_bytes = most_bytes
        self._waiting: deque[_Waiting] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._connection: Connection | None = None

    async def put(self, delivery: Incoming) -> None:
        """Return when the delivery is on the disk, or raise `Unavailable`."""
        loop = asyncio.get_running_loop()
        told: asyncio.Future[str | None] = loop.create_future()
        waiting = _Waiting(delivery, lambda trouble: loop.call_soon_threadsafe(_resolve, told, trouble))
        self._enter(waiting)
        try:
            async with asyncio.timeout(self._patience):
                trouble = await told
        except TimeoutError:
            self._give_up(waiting)
            raise Unavailable("too_slow") from None
        if trouble is not None:
            raise Unavailable(trouble)

    def check(self) -> None:
        """Raise `Unavailable` when the inbox cannot be reached."""
        try:
            with self._engine.connect() as connection:
                intake.touch(connection)
        except exc.SQLAlchemyError as error:
            raise Unavailable(reason_of(error)) from error

    def close(self) -> None:
        """Store what waits and refuse what comes."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(self._patience)

    def _enter(self, waiting: _Waiting) -> None:
        with self._changed:
            self._refuse_when_full(len(waiting.delivery.body))
            self._waiting.append(waiting)
            self._bytes += len(waiting.delivery.body)
            self._start()
            self._changed.notify()

    def _refuse_when_full(self, size: int) -> None:
        if self._closed:
            raise Unavailable("closing")
        # A single body always fits, whatever the limit.
        if len(self._waiting) >= self._most_waiting or (self._waiting and self._bytes + size > self._most_bytes):
            raise Unavailable("too_many_waiting")

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="inbox-writer", daemon=True)
            self._thread.start()

    def _give_up(self, waiting: _Waiting) -> None:
        """Leave the queue. What is being committed already may get in: its repetition is then told as one."""
        with self._changed:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
                self._bytes -= len(waiting.delivery.body)

    def _run(self) -> None:
        try:
            while batch := self._take():
                try:
                    self._store(batch)
                finally:
                    for waiting in batch:
                        # Whose loop has ended asks no more.
                        with contextlib.suppress(RuntimeError):
                            waiting.tell(waiting.trouble)
        finally:
            self._disconnect()

    def _take(self) -> list[_Waiting]:
        """Wait for deliveries and take them all; none are left when the writer was closed."""
        if not self._waiting:
            # An idle connection may be closed by the other side: it is only held from batch to batch.
            self._disconnect()
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            batch = list(self._waiting)
            self._waiting.clear()
            self._bytes = 0
            return batch

    def _store(self, batch: Sequence[_Waiting]) -> None:
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            intake.put(self._connection, [waiting.delivery for waiting in batch])
            self._connection.commit()
        except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError) as error:
            self._disconnect()
            _refuse(batch, error)
        except (exc.SQLAlchemyError, ValueError) as error:
            self._disconnect()
            self._store_singly(batch, error)
        else:
            for waiting in batch:
                waiting.trouble = None

    def _store_singly(self, batch: Sequence[_Waiting], error: Exception) -> None:
        """One of them cannot be stored: the others must not suffer for it."""
        if len(batch) == 1:
            _refuse(batch, error)
            return
        for waiting in batch:
            self._store([waiting])

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _resolve(told: "asyncio.Future[str | None]", trouble: str | None) -> None:
    if not told.done():
        told.set_result(trouble)


def reason_of(error: Exception) -> str:
    """A stable code for what the database said."""
    said = str(getattr(error, "orig", "")).lower()
    if "is full" in said or "no space left" in said:
        return "disk_full"
    return "locked" if "locked" in said else "store_error"


def _refuse(batch: Sequence[_Waiting], error: Exception) -> None:
    for waiting in batch:
        waiting.trouble = reason_of(error)
    # SQLAlchemy's own text would quote the bodies.
    said = str(getattr(error, "orig", type(error).__name__)).partition("\n")[0]
    _log.error("deliveries not stored", extra={"reason": reason_of(error), "said": said, "number": len(batch)})
