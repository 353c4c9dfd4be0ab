"""Which sprint is meant: by id, with its connection or without, by name, or the running ones of a board."""

from dataclasses import dataclass
from typing import Any

from integration.store import page_reads, reads

_ACTIVE = "active"
_SHOWN = 5  # names in a sentence


class NoSprint(Exception):
    """Says what there is instead."""


@dataclass(frozen=True, slots=True)
class Named:
    connection: str
    id: str
    name: str
    board: str
    state: str


def sprints_meant(session: Any, name: str | None, board: str | None) -> tuple[Named, ...]:
    """The sprint of this id or name; without one the running sprints, of all boards or of one."""
    places = boards_meant(session, board)
    mine = tuple(
        Named(row.connection, row.id, row.name, row.board, row.state)
        for row in page_reads.all_sprints(session)
        if board is None or (row.connection, row.board) in places
    )
    if not mine:
        raise NoSprint(_EMPTY if board is None else f"The board {_quoted(board)} has no sprints.")
    if name is None:
        running = tuple(one for one in mine if one.state == _ACTIVE)
        if not running:
            raise NoSprint("No sprint is running. Name one by its id or name to see it.")
        return running
    with_id = [one for one in mine if name in (one.id, f"{one.connection}/{one.id}")]
    found = with_id or [one for one in mine if one.name.casefold() == name.casefold()]
    if not found:
        some = _listed(one.name for one in mine[-_SHOWN:])
        raise NoSprint(f"There is no sprint {_quoted(name)}. The last ones are: {some}.")
    return tuple(found)


def boards_meant(session: Any, board: str | None) -> frozenset[tuple[str, str]]:
    """The boards of this id or name, else those whose name holds it; without one all. By connection and id."""
    known = reads.boards(session)
    asked = (board or "").casefold()
    exact = [one for one in known if board is None or board == one.id or one.name.casefold() == asked]
    found = exact or [one for one in known if asked in one.name.casefold()]
    if not found and board is not None:
        raise NoSprint(f"There is no board {_quoted(board)}. There are: {_listed(one.name for one in known)}.")
    return frozenset((one.connection, one.id) for one in found)


_EMPTY = "No sprint is known yet: connect a site with `tieline connect`, or wait until its backlog is fetched."


def _listed(names: Any) -> str:
    return ", ".join(_quoted(name) for name in sorted(set(names))) or "none"


def _quoted(name: str) -> str:
    return f"“{name}”"
