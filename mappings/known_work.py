"""Work that was told before and did not change since: answers about a part of a backlog take it as it is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from mappings.estimates import ByType
from mappings.model import Measure, ReceiptLine, Scope

Lines = tuple[ReceiptLine, ...]


@dataclass(frozen=True, slots=True)
class SprintParts:
    """What other answers need of a sprint in one measure: the lines of `final` and `completed` (None: no such scope),
    and the estimates of what was completed."""

    final: Lines | None
    completed: Lines | None
    estimates: ByType

    def lines(self, scope: Scope) -> Lines | None:
        assert scope in (Scope.FINAL, Scope.COMPLETED), "the other scopes are not kept in parts"
        return self.final if scope is Scope.FINAL else self.completed


def _nothing(*_of: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class KnownWork:
    """Each gives None for what is not known, which is then reckoned from the backlog."""

    sprint: Callable[[str, Measure], SprintParts | None] = _nothing
    teams: Callable[[str], frozenset[str | None] | None] = _nothing  # that had a part in a sprint
    outside: Callable[[str | None, str, Measure], Lines | None] = _nothing  # by board and cycle
    periods: Callable[[str, Measure], Mapping[date, Lines] | None] = _nothing  # by board: by first day


NOTHING_KNOWN = KnownWork()
