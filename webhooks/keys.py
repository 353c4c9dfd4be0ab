"""The keys of all connections in memory: no call waits for the database, and unknown names cost what known ones do."""

import time
from collections.abc import Callable, Mapping

from webhooks.contract import Key

Keys = Mapping[tuple[str, str], Key]
"""By tracker and connection."""


class KeyRing:
    """Ask it as the door does: `key(tracker, connection)`, after a `load` where it is not fresh.

    What it knows is at most `seconds` old. `load` waits for the database, and is called in a thread.
    """

    def __init__(
        self, load: Callable[[], Keys], seconds: float = 0.25, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._load = load
        self._seconds = seconds
        self._monotonic = monotonic
        self._keys: Keys = {}
        self._good_until = float("-inf")
        self._forgotten = 0  # how often

    def is_fresh(self) -> bool:
        return self._monotonic() < self._good_until

    def load(self) -> None:
        while True:
            forgotten, began = self._forgotten, self._monotonic()
            keys = self._load()
            # What was read before a secret was changed is read again.
            if forgotten == self._forgotten:
                break
        self._keys = keys
        self._good_until = began + self._seconds

    def key(self, tracker: str, connection: str) -> Key | None:
        return self._keys.get((tracker, connection))

    def forget(self) -> None:
        """Ask again at the next call: say so when a secret was changed in this process."""
        self._forgotten += 1
        self._good_until = float("-inf")
