"""Reads work items with their histories, one by one and fast: 100,000 of them take about a second.

Each history becomes whole states. What can only be told at the end of the file (which parents there are)
is kept in `ItemReader.parents` and `keys` for `parents.py`."""

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from operator import itemgetter
from types import MappingProxyType
from typing import TypeVar

from integration.files import history_values as values
from integration.files import scalars
from integration.files.faults import Fault, Step, Wrong, kind_of, shown, unknown_key
from integration.files.json_stream import TWICE, twice
from integration.files.plan_sections import Known, no_such
from mappings.model import NO_IMPACT, NOTHING, Exact, FieldValue, Item, ItemState, Status
from mappings.tags import fold

_ITEM_KEYS = frozenset(("key", "type", "level", "project", "title", "created", "deleted", "history_known", "history"))
_AT, _TAGS, _SPRINTS, _PARENT, _FIELDS = 0, 3, 4, 5, 10
_FRESH = ItemState._field_defaults
_first = itemgetter(0)
_state = tuple.__new__  # `ItemState._make` without its checks: it is called once per entry

Read = TypeVar("Read")
Column = tuple[int, Callable[[object], object]]
Entry = tuple[datetime, int, dict[str, object]]


class ItemReader:
    """Turns the plain data of items into `Item`s and notes what is wrong with them."""

    def __init__(
        self, known: Known, sprints: frozenset[str], boards: frozenset[str], now: datetime | None, faults: list[Fault]
    ) -> None:
        self.items: list[Item] = []
        self.keys: dict[str, int] = {}
        self.parents: set[str] = set()
        self._known = known
        self._sprints = sprints
        self._boards = boards
        self._now = now
        self._faults = faults
        self._lists: dict[tuple[object, ...], tuple[str, ...]] = {(): ()}
        self._sprint_lists: dict[tuple[object, ...], tuple[str, ...]] = {(): ()}
        self._columns: dict[str, Column] = {
            "status": (1, values.status),
            "points": (2, values.number_or_none),
            "tags": (_TAGS, self._texts),
            "sprints": (_SPRINTS, self._sprints_named),
            "parent": (_PARENT, self._parent),
            "labels": (6, self._texts),
            "components": (7, self._texts),
            "original_estimate": (8, values.number_or_none),
            "time_spent": (9, scalars.number_from_zero),
            "fields": (_FIELDS, self._fields),
            "team": (11, self._team),
            "board": (12, self._board),
            "impact": (13, self._impact),
        }

    def read(self, raw: object, index: int) -> None:
        """Read one item; a broken one leaves its faults, and its key counts as known."""
        at: tuple[Step, ...] = ("items", index)
        if not isinstance(raw, dict):
            self._faults.append(Fault(at, f"must be an object, not {kind_of(raw)}"))
            return
        before = len(self._faults)
        if not raw.keys() <= _ITEM_KEYS:
            self._unknown(raw, _ITEM_KEYS, *at)
        key, kind, level, created = self._identity(raw, at)
        project = self._optional(raw, "project", scalars.text, at)
        title = self._optional(raw, "title", scalars.text, at)
        deleted = None if raw.get("deleted") is None else self._optional(raw, "deleted", scalars.moment, at)
        known = raw.get("history_known") is True or self._optional(raw, "history_known", values.boolean, at)
        if key is not None and self.keys.setdefault(key, index) != index:
            self._faults.append(Fault((*at, "key"), f"{shown(key)} is the key of items[{self.keys[key]}] already"))
        if deleted is not None and created is not None and deleted < created:
            self._faults.append(Fault((*at, "deleted"), "is before the item was created; mend one of the two"))
        states = self._states(raw.get("history"), created, known is not False, at)
        if key is None or kind is None or level is None or created is None or len(self._faults) > before:
            return
        kind = sys.intern(kind)
        project = sys.intern(project) if project is not None else None
        self.items.append(Item(key, kind, level, created, states, project, title or "", deleted, known is not False))

    def pass_over(self, raw: object, index: int) -> None:
        """An item whose faults are told already: its key counts as known."""
        key = raw.get("key") if isinstance(raw, dict) else None
        if isinstance(key, str):
            self.keys.setdefault(key, index)

    def _identity(
        self, raw: dict[str, object], at: tuple[Step, ...]
    ) -> tuple[str | None, str | None, int | None, datetime | None]:
        """What every item must have: its key, type, level and creation."""
        try:  # all at once, as nearly always
            created = scalars.moment(raw["created"])
            return scalars.name(raw["key"]), scalars.text(raw["type"]), values.level(raw["level"]), created
        except (Wrong, KeyError):
            return (
                self._required(raw, "key", scalars.name, at),
                self._required(raw, "type", scalars.text, at),
                self._required(raw, "level", values.level, at),
                self._required(raw, "created", scalars.moment, at),
            )

    def _required(
        self, raw: dict[str, object], key: str, read: Callable[[object], Read], at: tuple[Step, ...]
    ) -> Read | None:
        try:
            return read(raw[key])
        except Wrong as wrong:
            self._faults += wrong.at(*at, key)
        except KeyError:
            self._faults.append(Fault((*at, key), "is missing; it is required"))
        return None

    def _optional(
        self, raw: dict[str, object], key: str, read: Callable[[object], Read], at: tuple[Step, ...]
    ) -> Read | None:
        value = raw.get(key)
        if value is None:
            return None
        try:
            return read(value)
        except Wrong as wrong:
            self._faults += wrong.at(*at, key)
            return None

    def _unknown(self, raw: dict[str, object], known: frozenset[str], *at: Step) -> None:
        for key in raw:
            if key == TWICE:
                self._faults.append(Fault(at, f"the key {twice(raw)} is there twice; keep one"))
            elif key not in known:
                self._faults.append(Fault((*at, key), unknown_key(key, known)))

    # --- history

    def _states(
        self, history: object, created: datetime | None, history_known: bool, at: tuple[Step, ...]
    ) -> tuple[ItemState, ...]:
        """Fold the entries into whole states, in order of time, one for each moment."""
        entries = self._entries(history, at)
        start = created if created is not None else (entries[0][0] if entries else None)
        if start is None:
            return ()
        current: list[object] = [start, *_FRESH.values()]
        states: list[ItemState] = []
        if not entries or entries[0][0] > start:
            states.append(_state(ItemState, current))
        statuses: list[datetime] = []
        last = self._now if not history_known else None
        columns = self._columns
        before = None
        for moment, index, entry in entries:
            if last is not None and moment > last:
                self._apply(entry, list(current), at, index)
                continue
            # As `_apply`, without a call for each of the many entries.
            current[_AT] = moment
            for key, value in entry.items():
                if key == "at":
                    continue
                try:
                    column, read = columns[key]
                    current[column] = _merged(current[column], read(value)) if column == _FIELDS else read(value)
                except (Wrong, KeyError):
                    self._apply({key: value}, current, at, index)
            if "status" in entry:
                statuses.append(moment)
            if moment == before:
                states.pop()
            before = moment
            states.append(_state(ItemState, current))
        return tuple(states) if history_known else _today(states, statuses, start)

    def _entries(self, history: object, at: tuple[Step, ...]) -> list[Entry]:
        if history is None:
            return []
        if not isinstance(history, list):
            self._faults.append(Fault((*at, "history"), f"must be a list, not {kind_of(history)}"))
            return []
        entries: list[Entry] = []
        for index, entry in enumerate(history):
            try:
                entries.append((scalars.moment(entry["at"]), index, entry))
            except (Wrong, KeyError, TypeError, IndexError) as error:
                self._bad_entry(entry, error, (*at, "history", index))
        # Sorting is stable: of two entries at the same time the later in the file stays the later.
        entries.sort(key=_first)
        return entries

    def _bad_entry(self, entry: object, error: Exception, at: tuple[Step, ...]) -> None:
        if not isinstance(entry, dict):
            self._faults.append(Fault(at, f"must be an object, not {kind_of(entry)}"))
            return
        if isinstance(error, Wrong):
            self._faults += error.at(*at, "at")
        else:
            self._faults.append(Fault((*at, "at"), "is missing; it is required"))
        self._apply(entry, [None, *_FRESH.values()], at[:-2], at[-1])

    def _apply(self, entry: dict[str, object], current: list[object], at: tuple[Step, ...], index: Step) -> None:
        columns = self._columns
        for key, value in entry.items():
            if key == "at":
                continue
            column = columns.get(key)
            if column is None:
                self._unknown({key: value}, frozenset((*columns, "at")), *at, "history", index)
                continue
            try:
                found = column[1](value)
            except Wrong as wrong:
                self._faults += wrong.at(*at, "history", index, key)
                continue
            current[column[0]] = _merged(current[_FIELDS], found) if column[0] == _FIELDS else found

    # --- values of an entry

    def _texts(self, value: object) -> tuple[str, ...]:
        if type(value) is not list:
            raise Wrong(f"must be a list of texts, not {kind_of(value)}")
        try:
            return self._lists[tuple(value)]
        except (KeyError, TypeError):
            found = values.each_text(value)
            self._lists[found] = found
            return found

    def _sprints_named(self, value: object) -> tuple[str, ...]:
        if type(value) is not list:
            raise Wrong(f"must be a list of sprint ids, not {kind_of(value)}")
        try:
            return self._sprint_lists[tuple(value)]
        except (KeyError, TypeError):
            found = tuple(dict.fromkeys(values.each_text(value)))
            faults = [Fault((n,), no_such("sprint", name)) for n, name in enumerate(value) if name not in self._sprints]
            if faults:
                raise Wrong.of(faults) from None
            self._sprint_lists[tuple(value)] = found
            return found

    def _parent(self, value: object) -> str | None:
        if value is None:
            return None
        found = sys.intern(scalars.text(value))
        self.parents.add(found)
        return found

    def _team(self, value: object) -> str | None:
        if value is None:
            return None
        found = scalars.text(value)
        if self._known.teams is not None and found not in self._known.teams:
            raise Wrong(f"there is no team {shown(found)} among teams; add it or mend the name")
        return sys.intern(found)

    def _board(self, value: object) -> str | None:
        if value is None:
            return None
        found = scalars.text(value)
        if found not in self._boards:
            raise Wrong(no_such("board", found))
        return sys.intern(found)

    def _fields(self, value: object) -> Mapping[str, FieldValue]:
        found: dict[str, FieldValue] = {}
        faults: list[Fault] = []
        for name, content in values.an_object(value).items():
            try:
                if name == TWICE:
                    faults.append(Fault((), f"the key {shown(content)} is there twice; keep one"))
                elif content is None or type(content) is str:
                    found[sys.intern(name)] = content
                else:
                    found[sys.intern(name)] = self._texts(content)
            except Wrong:
                faults.append(Fault((name,), f"must be text, a list of texts or null, not {kind_of(content)}"))
        if faults:
            raise Wrong.of(faults)
        return MappingProxyType(found) if found else NOTHING

    def _impact(self, value: object) -> Mapping[str, Exact]:
        found: dict[str, Exact] = {}
        faults: list[Fault] = []
        for code, amount in values.an_object(value).items():
            written = self._known.codes.get(fold(code))
            if written is None or written in found:
                there = code == TWICE or written is not None
                sentence = "the key result is there twice; keep one" if there else no_such("key result", code)
                faults.append(Fault(() if code == TWICE else (code,), sentence))
                continue
            try:
                found[written] = scalars.number(amount)
            except Wrong as wrong:
                faults += wrong.at(code)
        if faults:
            raise Wrong.of(faults)
        return MappingProxyType(found) if found else NO_IMPACT


def _today(states: list[ItemState], statuses: list[datetime], created: datetime) -> tuple[ItemState, ...]:
    """Without history all but the status is what it is today, and only the status entries tell when."""
    today = states[-1] if states else ItemState(created)  # nothing is true of it yet
    found: list[ItemState] = []
    status_then = {state.at: state.status for state in states}
    if not statuses or statuses[0] > created:
        found.append(today._replace(at=created, status=Status.TODO))
    found += (today._replace(at=moment, status=status_then[moment]) for moment in dict.fromkeys(statuses))
    return tuple(found)


def _merged(old: object, new: object) -> object:
    """A name of `fields` that is left out stays as it was."""
    return MappingProxyType({**old, **new}) if old else new  # type: ignore[dict-item]  # both are mappings
