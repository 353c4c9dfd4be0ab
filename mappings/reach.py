"""What of a backlog is decided anew: the things that a change touches, or everything."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """The things whose answers and findings are decided anew; None: all of their sort.

    `epics` holds the keys of unseen parents too, `teams` those above a touched team as well.
    """

    items: frozenset[str] | None = None
    epics: frozenset[str] | None = None
    sprints: frozenset[str] | None = None
    boards: frozenset[str | None] | None = None
    teams: frozenset[str] | None = None
    cycles: frozenset[str] | None = None


EVERYTHING = Reach()


def within(name: str | None, names: Iterable[str | None] | None) -> bool:
    return names is None or name in names
