"""What the pages of writing back show: the records, one record with its changes, and what can be asked for."""

from dataclasses import dataclass
from datetime import datetime

from integration.store import reads
from integration.store.opened import Store
from integration.store.write_back_records import Change, Run, Switch, changes_of, run_of, runs, switch, undone_by
from integration.write_back.wishes import LABEL, PROPERTY
from mappings.model import KeyResult
from mappings.tags import LiveTime, Register
from reports.views import Ground, ground_of

SHOWN = 500  # changes on a page
STATES = {
    "planning": "being previewed",
    "planned": "a preview",
    "waiting": "waiting",
    "running": "being sent",
    "stopped": "stopped",
    "done": "sent",
}
CHANGES = {
    "planned": "to send",
    "sending": "not known yet",
    "sent": "sent",
    "same": "so already",
    "stale": "changed since",
    "refused": "refused",
    "nothing": "nothing to send",
}
MOVING = ("planning", "waiting", "running")


@dataclass(frozen=True, slots=True)
class Site:
    connection: str
    switch: Switch | None

    @property
    def is_on(self) -> bool:
        return self.switch is not None and self.switch.is_on


@dataclass(frozen=True, slots=True)
class RecordsPage:
    ground: Ground
    sites: tuple[Site, ...]
    runs: tuple[Run, ...]
    marks: tuple[tuple[str, str, str], ...] = (("label", "a label", LABEL), ("property", "a property", PROPERTY))


@dataclass(frozen=True, slots=True)
class RecordPage:
    """`undone`: the state of what undoes a change, by change."""

    ground: Ground
    run: Run
    site: Site
    changes: tuple[Change, ...]
    undone: dict[int, str]

    @property
    def is_moving(self) -> bool:
        return self.run.state in MOVING

    @property
    def left_out(self) -> int:
        return max(0, sum(self.run.numbers.values()) - len(self.changes))

    @property
    def tally(self) -> tuple[tuple[int, str], ...]:
        numbers = self.run.numbers
        return tuple((numbers[state], words) for state, words in CHANGES.items() if numbers.get(state))


@dataclass(frozen=True, slots=True)
class AskPage:
    """The form for setting key results; `items` are the keys it begins with."""

    ground: Ground
    connections: tuple[str, ...]
    connection: str
    items: str
    key_results: tuple[KeyResult, ...]


def records_page(store: Store, now: datetime) -> RecordsPage:
    with store.reading() as session:
        names = [one.id for one in reads.connections(session) if one.file is None]  # a file takes nothing back
        sites = tuple(Site(name, switch(session, name)) for name in names)
        return RecordsPage(ground_of(session, now), sites, runs(session))


def record_page(store: Store, now: datetime, number: int) -> RecordPage | None:
    with store.reading() as session:
        run = run_of(session, number)
        if run is None:
            return None
        changes, undone = changes_of(session, number, most=SHOWN), undone_by(session, number)
        site = Site(run.connection, switch(session, run.connection))
        return RecordPage(ground_of(session, now), run, site, changes, undone)


def ask_page(store: Store, now: datetime, connection: str, items: str) -> AskPage:
    with store.reading() as session:
        health = reads.connections(session)
        ground = ground_of(session, now)
    if any(one.id == connection and one.file is not None for one in health):
        return AskPage(ground, (), connection, items, ())
    names = tuple(one.id for one in health if one.file is None)
    register, chosen = Register(ground.plan), connection if connection in names else next(iter(names), "")
    known = ground.key_results_of(chosen)
    live = tuple(kr for kr in known if register.is_live(kr.code, LiveTime(now, None)))
    return AskPage(ground, names, chosen, items, live)
