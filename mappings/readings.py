"""A backlog as an earlier field mapping reads it: figures that were closed while that one held rest on its reading."""

from dataclasses import replace
from datetime import datetime

from mappings.model import Backlog


def read_at(backlog: Backlog, moment: datetime) -> Backlog:
    """The backlog as the mapping reads it that held at `moment`; those before that one are kept beside it."""
    for number, earlier in enumerate(backlog.earlier):
        if moment < earlier.until:
            items = {item.key: item for item in earlier.items}
            boards = {board.id: board for board in earlier.boards}
            return replace(
                backlog,
                items=tuple(items.get(item.key, item) for item in backlog.items),
                boards=tuple(boards.get(board.id, board) for board in backlog.boards),
                earlier=backlog.earlier[:number],
            )
    return backlog
