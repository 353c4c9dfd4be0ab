"""A tracker with hostile words, whose items all bear what was written to them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from integration.contract import Connection, Edit, KeyResultTag, Proposal, Tracker, Wish, Writer
from integration.trackers.jira import TRACKER
from tests.reports.material import HOSTILE


class Pencil:
    """What each item bears now is in `values`."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}

    def propose(self, _connection: Connection, wish: Wish, ids: Sequence[str], _now: object) -> tuple[Proposal, ...]:
        found = []
        for id_ in ids:
            wanted = wish.names[0][0] if isinstance(wish, KeyResultTag) else HOSTILE
            edit = Edit(id_, "value", "tag", self.values.get(id_), wanted)
            tags = (wanted,) if isinstance(wish, KeyResultTag) else None
            found.append(Proposal(id_, HOSTILE, str(self.values.get(id_) or ""), wanted, edit, tags))
        return tuple(found)

    def present(self, _connection: Connection, edits: Sequence[Edit]) -> Mapping[str, object]:
        return {edit.item: self.values.get(edit.item) for edit in edits}

    def send(self, _connection: Connection, edit: Edit) -> Mapping[str, str]:
        self.values[edit.item] = edit.wanted
        return {}

    @property
    def tracker(self) -> Tracker:
        def look_for(connection: Connection, edit: Edit) -> tuple[object, Mapping[str, str]]:
            return self.present(connection, [edit])[edit.item], {}

        def undone(edit: Edit, _receipt: Mapping[str, str]) -> Edit:
            return replace(edit, former=edit.wanted, wanted=edit.former)

        return replace(TRACKER, writer=Writer(self.propose, self.present, self.send, look_for, undone))
