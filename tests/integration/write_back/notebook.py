"""A tracker that keeps its items' tags in a dict and can fail in every way, and a store that knows the same items."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from integration.contract import (
    Connection,
    Edit,
    KeyResultTag,
    Mark,
    Proposal,
    Tracker,
    Wish,
    Writer,
)
from integration.secrets import Vault, new_key
from integration.store import connections
from integration.store.engine import reading, writing
from integration.store.plans import apply_plan
from integration.store.write_back_records import Change, Run, changes_of, run_of
from integration.store.writes import save_fetched
from integration.write_back import asking
from integration.write_back.sending import Office, work_once
from integration.write_back.wishes import Wish as Asked
from mappings.model import Cycle, KeyResult, Objective, Plan, Team
from tests.integration.store.material import day, fetched, fresh_store, sprint, state, tracked
from webhooks.contract import Sender

SENDER = Sender("notebook", lambda _headers, _body, _key, _now: None, lambda _headers, _body: None, can_sign=False)
KRS = (KeyResult("KR-1", "O1", "Fast"), KeyResult("KR-2", "O1", "Sure"), KeyResult("KR-9", "O9", "Old"))
PLAN = Plan(
    cycles=(Cycle("Q1", date(2026, 1, 1), date(2026, 6, 30)), Cycle("Q0", date(2025, 1, 1), date(2025, 3, 31))),
    teams=(Team("Payments"),),
    objectives=(Objective("O1", "Better", "Payments", "Q1"), Objective("O9", "Past", "Payments", "Q0")),
    key_results=KRS,
)


class Killed(BaseException):
    """As if the process ended there."""


@dataclass
class Notebook:
    """`pages`: the value of each place, by item and place. `before` and `after` are called around each call that
    writes, with its number; what they raise is raised."""

    now: datetime = field(default_factory=lambda: day(1))
    pages: dict[tuple[str, str], object] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    sent: list[tuple[str, object]] = field(default_factory=list)
    before: Callable[[int], None] = lambda _number: None
    after: Callable[[int], None] = lambda _number: None
    trouble: dict[str, Exception] = field(default_factory=dict)  # of proposals, by item

    def clock(self) -> datetime:
        return self.now

    def pass_time(self, **given: float) -> None:
        self.now += timedelta(**given)

    def propose(self, _connection: Connection, wish: Wish, ids: Sequence[str], _now: datetime) -> tuple[Proposal, ...]:
        return tuple(self._proposal(wish, id_) for id_ in ids)

    def _proposal(self, wish: Wish, id_: str) -> Proposal:
        if id_ in self.trouble:
            raise self.trouble[id_]
        place = wish.name if isinstance(wish, Mark) else "tag" if isinstance(wish, KeyResultTag) else "comment"
        former = self.pages.get((id_, place))
        if isinstance(wish, KeyResultTag):
            wanted: object = wish.names[0][0]
            if former and not wish.replaces:
                return Proposal(id_, place, str(former), problem="It keeps its tag.")
            tags: tuple[str, ...] | None = (str(wanted),)
        else:
            tags = None
            wanted = (True if wish.is_set else None) if isinstance(wish, Mark) else wish.text
        if former == wanted:
            return Proposal(id_, place, is_so_already=True)
        kind = wish.kind if isinstance(wish, Mark) else place
        edit = Edit(id_, kind, place, former, wanted)
        return Proposal(id_, place, str(former or ""), str(wanted or ""), edit, tags)

    def present(self, _connection: Connection, edits: Sequence[Edit]) -> Mapping[str, object]:
        return {edit.item: self.pages.get((edit.item, edit.place)) for edit in edits if edit.item not in self.gone}

    def send(self, _connection: Connection, edit: Edit) -> Mapping[str, str]:
        number = len(self.sent) + 1
        self.before(number)
        self.sent.append((edit.item, edit.wanted))
        self.pages[edit.item, edit.place] = edit.wanted
        self.after(number)
        return {"id": str(number)}

    def look_for(self, connection: Connection, edit: Edit) -> tuple[object, Mapping[str, str]]:
        return self.present(connection, [edit]).get(edit.item), {"id": "found"}

    @property
    def tracker(self) -> Tracker:
        writer = Writer(
            propose=self.propose,
            present=self.present,
            send=self.send,
            look_for=self.look_for,
            undone=lambda edit, _receipt: replace(edit, former=edit.wanted, wanted=edit.former),
        )
        nothing = fetched(0)
        return Tracker(
            "notebook",
            SENDER,
            lambda _body: (),
            lambda _connection, _changes, _now: nothing,
            lambda _connection, _cursor, _now: iter(()),
            writer=writer,
        )


@dataclass
class Story:
    """An epic E-1 with the stories S-1 to S-30 below, of which S-30 is done, and an epic E-2 with the tag KR-2."""

    engine: Engine
    notebook: Notebook
    office: Office

    def ask(self, wish: Asked) -> int:
        number = asking.ask(self.engine, "site", wish, "ada", self.notebook.now)
        assert work_once(self.office)
        return number

    def send(self, number: int) -> None:
        asking.send(self.engine, number, "ada", self.notebook.now)

    def work(self, turns: int = 50) -> None:
        """Take turns while there are any, with time going on between."""
        for _ in range(turns):
            if not work_once(self.office):
                self.notebook.pass_time(seconds=30)

    def run(self, number: int) -> Run:
        with reading(self.engine) as session:
            found = run_of(session, number)
        assert found is not None
        return found

    def changes(self, number: int) -> tuple[Change, ...]:
        with reading(self.engine) as session:
            return changes_of(session, number)

    def states(self, number: int) -> dict[str, str]:
        return {change.key: change.state for change in self.changes(number)}

    def switch(self, *, on: bool) -> None:
        asking.switch(self.engine, "site", "ada", self.notebook.now, on=on)

    def told(self, at: float, tags: Mapping[str, tuple[str, ...]]) -> None:
        """Save what the tracker tells of some items at a moment."""
        items = [tracked(key, state(-10), state(at, tags=value), **_shape(key)) for key, value in tags.items()]
        with writing(self.engine) as session:
            save_fetched(session, "site", fetched(at, items), day(at))


def _shape(key: str) -> dict[str, Any]:
    return {"type": "epic", "level": 1} if key.startswith("E") else {}


@contextmanager
def story(url: str) -> Iterator[Story]:
    notebook = Notebook()
    with fresh_store(url) as engine:
        vault = Vault([new_key()])
        epics = [tracked("E-1", state(-10), **_shape("E-1")), tracked("E-2", state(-10, tags=("KR-2",)), **_shape("E"))]
        names = [f"S-{number}" for number in range(1, 31)]
        stories = [
            tracked(key, state(-10, parent="E-1", status="done" if key == "S-30" else "todo", sprints=("S1",)))
            for key in names
        ]
        with writing(engine) as session:
            connections.keep_connection(session, vault, Connection("site", "notebook", "https://n.invalid"), day(0))
            save_fetched(session, "site", fetched(0, [*epics, *stories], [sprint()]), day(0))
            apply_plan(session, PLAN, day(0), author="ada")
        notebook.pages["id-E-2", "tag"] = "KR-2"
        yield Story(engine, notebook, Office(engine, vault, {"notebook": notebook.tracker}, notebook.clock))
