"""Brings a file into the store: a first one makes a connection, a newer one of the same name brings it up to date.

What a newer file does not have any more is deleted as of its moment; what was before that stays to be asked for.
"""

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import BinaryIO

from sqlalchemy import Engine
from sqlmodel import Session

from integration.connect import checked_name
from integration.contract import FILE, Connection, Fetched, Misconfigured, Temporary, TrackedItem
from integration.files.any_file import BACKLOG, FileRead, Reading, read_any
from integration.files.faults import Refused, shown
from integration.files.jira_backlog import UNKNOWN_BOARD
from integration.imports import aging, unkeepable
from integration.secrets import Vault
from integration.store import connections, due, imported_files, plans, turns
from integration.store.acts import note_act
from integration.store.engine import reading, writing
from integration.store.imported_files import ImportedFile
from integration.store.writes import save_fetched
from mappings.model import Backlog, Board, Item, Plan
from mappings.tags import fold

SAMPLE = "sample"  # the name of the sample data, and of nothing else
AT_ONCE = 1000  # items of one transaction
LEASE = timedelta(minutes=5)
AHEAD = timedelta(days=1)  # a CSV tells times without a zone
ABSENT_AT_MOST = 20

Clock = Callable[[], datetime]
Told = Callable[[int, int], None]  # how many items of how many are saved


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody imports. `how` says where tags stand; left out, as at the last import of this name.

    `with_register`: the installation's register in place of a plan that the file brings, or brought before.
    """

    name: str
    file: str
    actor: str
    how: Reading = field(default_factory=Reading)
    with_register: bool = False
    accepts_missing: bool = False
    is_sample: bool = False
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Import:
    """A file that was read and found good, ready to be saved."""

    wish: Wish
    form: str
    backlog: Backlog
    own_plan: Plan | None
    before: ImportedFile | None
    at: datetime
    absent: tuple[str, ...]
    new: int

    @property
    def items(self) -> int:
        return len(self.backlog.items)


def name_from(file: str) -> str:
    """A connection's name made of a file's: `Sprint export (2).csv` gives `sprint-export-2`."""
    stem = file.replace("\\", "/").rpartition("/")[2].partition(".")[0].lower()
    signs = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in stem)
    return "-".join(signs.split())[:40].strip("-") or "file"


def prepare(engine: Engine, file: BinaryIO, wish: Wish, now: datetime) -> Import:
    """Read the file and hold it against what is kept under its name; raise `Refused`, or `Misconfigured`."""
    checked_name(wish.name)
    with reading(engine) as session:
        before = _before(session, wish)
        wish = _as_before(wish, before)
        held = plans.plan_in_force(session, now, None if wish.with_register else wish.name)
    # A Jira export is read with the plan that its figures will rest on: its time zone, the fields of its rules.
    read = read_any(file, replace(wish.how, plan_at_hand=None if held == Plan() else held))
    backlog = replace(read.backlog, boards=_boards(read.backlog, wish.file))
    unkeepable.refuse(backlog)
    at = _moment(backlog, before, now)
    own = _own_plan(read, wish)
    with reading(engine) as session:
        _refuse_taken_codes(session, own, wish, now)
        ids = imported_files.ids_held(session, wish.name)
    told = frozenset(_id_of(item, ids) for item in backlog.items)
    absent = tuple(sorted(id_ for id_, is_there in ids.items() if is_there and id_ not in told))
    if not wish.accepts_missing:
        _refuse_much_absent(absent, sum(ids.values()))
    new = len(told.difference(ids))
    return Import(wish, read.form, backlog, own, before, at, absent, new)


def save(engine: Engine, vault: Vault, ready: Import, clock: Clock, told: Told | None = None) -> None:
    """Keep it, in steps that leave the door free; until the last one no figure of a part is told."""
    name = ready.wish.name
    with _turn(engine, vault, ready, clock) as step:
        with reading(engine) as session:
            ids = imported_files.ids_held(session, name)
        tracked = [_tracked(item, ids, ready.at) for item in ready.backlog.items]
        for start in range(0, max(len(tracked), 1), AT_ONCE):
            some = tuple(tracked[start : start + AT_ONCE])
            done = start + len(some)
            with writing(engine) as session:
                save_fetched(session, name, _fetched(session, ready, some, is_first=start == 0), clock())
                step(session, done)
            if told is not None:
                told(done, len(tracked))
        with writing(engine) as session:
            step(session, len(tracked))
            _finish(session, ready, clock())


# --- what is to be imported -------------------------------------------------------------------


def _before(session: Session, wish: Wish) -> ImportedFile | None:
    """What was imported under this name; a name that belongs to a site, or to the sample, is refused."""
    if wish.name == SAMPLE and not wish.is_sample:
        raise Misconfigured("name_taken", f"The name {SAMPLE} is the sample data's; give the file another.")
    health = connections.tracker_of(session, wish.name)
    if health is not None and health != FILE:
        raise Misconfigured("name_taken", f"The name {wish.name} belongs to a connected site; give the file another.")
    return imported_files.imported_file(session, wish.name)


def _as_before(wish: Wish, before: ImportedFile | None) -> Wish:
    if before is None or before.form == BACKLOG:
        return wish
    options = {**before.options, **wish.options}
    how = replace(
        wish.how,
        kr_field=wish.how.kr_field or options.get("kr_field"),
        kr_label_prefix=wish.how.kr_label_prefix or options.get("kr_label_prefix"),
    )
    return replace(wish, how=how, options=options)


def _boards(backlog: Backlog, file: str) -> tuple[Board, ...]:
    """An export names no board: its sprints stand on one that bears the file's name."""
    return tuple(replace(one, name=file) if one == UNKNOWN_BOARD else one for one in backlog.boards)


def _moment(backlog: Backlog, before: ImportedFile | None, now: datetime) -> datetime:
    """The moment that the file tells of; of two files of one moment the one that is imported later counts."""
    if backlog.now > now + AHEAD:
        raise Refused((f"the file tells of {_time(backlog.now)}, which is still to come; mend its “now”",))
    at = min(backlog.now, now)
    if before is None:
        return at
    if backlog.now < before.as_of - timedelta(seconds=1):
        sentence = (
            f"the file tells of {_time(at)}, and what was imported as {before.connection} before tells of "
            f"{_time(before.as_of)}; import a newer one, or this one under another name"
        )
        raise Refused((sentence,))
    return max(at, before.as_of + timedelta(milliseconds=1))


def _own_plan(read: FileRead, wish: Wish) -> Plan | None:
    if wish.with_register:
        return None
    if wish.how.plan is not None:
        return wish.how.plan
    plan = read.backlog.plans[0]
    is_said = plan.key_results or plan.objectives or plan.rules or plan.teams or plan.cycles
    return plan if read.form == BACKLOG and is_said else None


def _refuse_taken_codes(session: Session, own: Plan | None, wish: Wish, now: datetime) -> None:
    """Pages name key results by their codes: one code, one key result."""
    if own is None:
        return
    others = [plans.plan_in_force(session, now)]
    others += [plan for name, plan in plans.own_plans(session, now) if name != wish.name]
    taken = {fold(kr.code) for plan in others for kr in plan.key_results}
    taken |= {fold(one.id) for plan in others for one in plan.objectives}
    twice = [name for name in (*_ids(own), *_codes(own)) if fold(name) in taken]
    if twice:
        some = ", ".join(shown(name) for name in twice[:5]) + (", …" if len(twice) > 5 else "")
        sentence = (
            f"the file's own OKRs have codes that are taken here: {some}; rename them there, or import it with the "
            "register of this installation in their place (--with-register)"
        )
        raise Refused((sentence,))


def _ids(plan: Plan) -> tuple[str, ...]:
    return tuple(one.id for one in plan.objectives)


def _codes(plan: Plan) -> tuple[str, ...]:
    return tuple(kr.code for kr in plan.key_results)


def _refuse_much_absent(absent: Collection[str], known: int) -> None:
    """Another selection was exported more likely than so much deleted."""
    if len(absent) > max(ABSENT_AT_MOST, known // 3) or (absent and len(absent) == known):
        some = ", ".join(sorted(absent)[:3])
        sentence = (
            f"{len(absent)} of {known} items are not in it any more ({some}, …): is it the same selection? If they are "
            "gone for good, import it with --accept-missing; else give it a name of its own (--name)"
        )
        raise Refused((sentence,))


# --- saving it --------------------------------------------------------------------------------


@contextmanager
def _turn(engine: Engine, vault: Vault, ready: Import, clock: Clock) -> Iterator[Callable[[Session, int], None]]:
    """One import of a name at a time. One that breaks off is told so, and is begun anew by importing again."""
    name, owner = ready.wish.name, secrets.token_hex(8)
    with writing(engine) as session:
        now = clock()
        if not turns.take(session, name, owner, now, now + LEASE):
            raise Temporary("import_runs", "A file is being imported under this name: wait for it.")
        if _before(session, ready.wish) != ready.before:
            raise Temporary(
                "overtaken", f"Meanwhile another file was imported as {name}, or removed: import this anew."
            )
        connections.keep_connection(session, vault, Connection(name, FILE, ready.wish.file), now)
        connections.start_backfill(session, name, now)
        imported_files.keep_file(session, _as_imported(ready, ready.before, now))

    def step(session: Session, done: int) -> None:
        is_ours = turns.extend(session, name, owner, clock() + LEASE)
        if not is_ours or connections.tracker_of(session, name) != FILE:
            raise Temporary("overtaken", f"Meanwhile {name} was removed or imported anew: nothing more is saved.")
        connections.keep_backfill(session, name, cursor=str(done), done=done, total=ready.items, now=clock())

    try:
        yield step
    finally:
        with writing(engine) as session:
            turns.give_back(session, name, owner)


def _as_imported(ready: Import, before: ImportedFile | None, now: datetime) -> ImportedFile:
    wish = ready.wish
    given = {"kr_field": wish.how.kr_field, "kr_label_prefix": wish.how.kr_label_prefix}
    return ImportedFile(
        connection=wish.name,
        file=wish.file,
        form=ready.form,
        as_of=ready.at,
        imported_at=now,
        imported_by=wish.actor,
        items=ready.items,
        imports=1 if before is None else before.imports + 1,
        is_sample=wish.is_sample,
        options={name: value for name, value in given.items() if value is not None},
        notes=ready.backlog.notes,
    )


def _id_of(item: Item, ids: Mapping[str, bool]) -> str:
    """Files tell keys and no ids: an item that has another key now is known by the one it had."""
    return item.key if item.key in ids else next((alias for alias in item.aliases if alias in ids), item.key)


def _tracked(item: Item, ids: Mapping[str, bool], at: datetime) -> TrackedItem:
    return TrackedItem(_id_of(item, ids), item, at)


def _fetched(session: Session, ready: Import, items: tuple[TrackedItem, ...], *, is_first: bool) -> Fetched:
    """Boards, sprints and what is gone come with the first items."""
    if not is_first:
        return Fetched(at=ready.at, items=items)
    backlog = ready.backlog
    gone = imported_files.sprints_held(session, ready.wish.name) - {sprint.id for sprint in backlog.sprints}
    return Fetched(
        at=ready.at,
        items=items,
        sprints=backlog.sprints,
        boards=backlog.boards,
        gone=ready.absent,
        gone_sprints=tuple(sorted(gone)),
        hidden_parents=backlog.hidden_parents,
        starts_are_exact=True,
    )


def _finish(session: Session, ready: Import, now: datetime) -> None:
    wish = ready.wish
    imported_files.drop_boards(session, wish.name, [board.id for board in ready.backlog.boards], now)
    if ready.own_plan is not None:
        plans.apply_plan(
            session, ready.own_plan, now, author=wish.actor, reason=f"brought by {wish.file}", connection=wish.name
        )
    elif wish.with_register:
        plans.drop_own_plan(session, wish.name, now)
    connections.keep_backfill(session, wish.name, cursor=None, done=ready.items, total=ready.items, now=now)
    connections.note_sync(session, wish.name, now)
    due.note_everything(session, [wish.name], now)
    act = "sample_loaded" if wish.is_sample else "file_imported"
    note_act(
        session, now, wish.actor, act, wish.name, f"{wish.file}, of {_time(ready.at)}: {aging.items_words(ready.items)}"
    )
    due.beat_for_pages(session, now)


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
