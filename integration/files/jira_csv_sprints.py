"""What a CSV lets us reckon of its sprints, of which it tells nothing but the names that issues bear.

An issue is in one open sprint at most, and Jira lists its sprints oldest first: all but the last are closed. One in
whose issues nothing is open is closed, too. It was completed no earlier than the last of its own issues was done, and
is taken to have had the usual two weeks, or longer where issues that were in no other sprint were done before that.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from integration.files.jira_backlog import UNKNOWN_BOARD
from mappings.model import Sprint, SprintState

_USUAL_LENGTH = timedelta(days=14)
# No sprint lasts longer than a month; what has seen nothing for this long is over, whatever was left in it.
_LONGEST_SILENCE = timedelta(days=42)


class Naming(NamedTuple):
    """The sprints that one issue names, oldest first, and when it was created, last updated and done."""

    sprints: tuple[str, ...]
    created: datetime
    updated: datetime
    done: datetime | None
    is_begun: bool


def sprints_named(namings: Iterable[Naming], now: datetime) -> list[Sprint]:
    """The sprints by their names, which are all the identity that they have here."""
    by_name: dict[str, list[Naming]] = defaultdict(list)
    for naming in namings:
        for name in naming.sprints:
            by_name[name].append(naming)
    return [_sprint(name, found, now) for name, found in by_name.items()]


def _sprint(name: str, namings: Sequence[Naming], now: datetime) -> Sprint:
    own = [naming for naming in namings if naming.sprints[-1] == name]
    state = _state(namings, own, now)
    if state is SprintState.FUTURE:
        return Sprint(id=name, board=UNKNOWN_BOARD.id, name=name, state=state, goal_known=False)
    done = [naming.done for naming in own if naming.done is not None]
    end = now if state is SprintState.ACTIVE else max([*done, *(naming.created for naming in namings)])
    alone = [naming.done for naming in own if naming.done is not None and len(naming.sprints) == 1]
    return Sprint(
        id=name,
        board=UNKNOWN_BOARD.id,
        name=name,
        state=state,
        start=min([end - _USUAL_LENGTH, *alone]),
        completed=end if state is SprintState.CLOSED else None,
        goal_known=False,
    )


def _state(namings: Sequence[Naming], own: Sequence[Naming], now: datetime) -> SprintState:
    still_open = [naming for naming in own if naming.done is None]
    if len(own) < len(namings) or not still_open:
        return SprintState.CLOSED
    if not any(naming.is_begun for naming in own):
        return SprintState.FUTURE
    seen = [naming.done or naming.created for naming in own]
    seen += [naming.updated for naming in still_open if naming.is_begun]
    return SprintState.CLOSED if max(seen) < now - _LONGEST_SILENCE else SprintState.ACTIVE
