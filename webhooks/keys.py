"""The keys of all connections in memory: no call waits for the database, and unknown names cost what known ones do."""

import threading
import time
from collections.abc import Callable, Mapping

from webhooks.contract import Key

Keys = Mapping[tuple[str, str], Key]
"""By tracker and connection."""


class KeyRing:
    """Call it as the door does: (tracker, connection). What it knows is at most `seconds` old."""

    def __init__(
        self, load: Callable[[], Keys], seconds: float = 0.25, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._load = load
        self._seconds = seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._keys: Keys = {}
        self._good_until = float("-inf")

    def __call__(self, tracker: str, connection: str) -> Key | None:
        with self._lock:
            if self._monotonic() >= self._good_until:
                self._keys = self._load()
                self._good_until = self._monotonic() + self._seconds
            return self._keys.get((tracker, connection))

    def forget(self) -> None:
        """Ask again at the next call: say so when a secret was changed in this process."""
        with self._lock:
            self._good_until = float("-inf")
