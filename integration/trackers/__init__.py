"""The trackers: each is a module or folder here that ends in one `TRACKER = Tracker(...)`; the loader finds them."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from integration.contract import Misconfigured, Tracker


@cache
def load_trackers() -> Mapping[str, Tracker]:
    """Every tracker by its name, sorted."""
    found: dict[str, Tracker] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        tracker = getattr(importlib.import_module(f"{__name__}.{module.name}"), "TRACKER", None)
        if not isinstance(tracker, Tracker):
            raise TypeError(f"{__name__}.{module.name} must end in one TRACKER = Tracker(...)")
        found[tracker.name] = tracker
    return found


def tracker_named(name: str) -> Tracker:
    """The tracker of that name, or `Misconfigured` naming those that there are."""
    trackers = load_trackers()
    if name not in trackers:
        raise Misconfigured("unknown_tracker", f"There is no tracker “{name}”; known are: {', '.join(trackers)}.")
    return trackers[name]
