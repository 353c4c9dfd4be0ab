"""Refuses names that no database keeps: what is found by a name must be found by that very name."""

from collections.abc import Iterator

from integration.files.faults import Refused, shown
from mappings.model import Backlog

LONGEST = 500  # signs: longer ones fit into no index
MOST_TOLD = 20


def refuse(backlog: Backlog) -> None:
    """Raise `Refused` where keys of items, or ids of boards and sprints, are too long or hold a NUL or half a sign."""
    wrong = sorted(name for name in set(_names(backlog)) if len(name) > LONGEST or not _is_text(name))
    if wrong:
        raise Refused(
            tuple(
                f"the key or id {shown(name)} cannot be kept: it takes {LONGEST} signs at most, and no NUL; shorten it"
                for name in wrong[:MOST_TOLD]
            )
        )


def _names(backlog: Backlog) -> Iterator[str]:
    for board in backlog.boards:
        yield board.id
    for sprint in backlog.sprints:
        yield sprint.id
    for item in backlog.items:
        yield item.key
        yield from item.aliases
        for state in item.states:
            yield from state.sprints
            if state.parent is not None:
                yield state.parent


def _is_text(name: str) -> bool:
    return not any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in name)
