"""Reads a backlog file (`docs/backlog-file.md`) into a `Backlog`, or refuses it with every fault it has.

The items are read as they come, one by one; `dump` is the way back."""

import io
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, TypeVar

from integration.files import scalars
from integration.files.backlog_writing import FORMAT, dump
from integration.files.faults import Fault, Refused, Step, Wrong, kind_of, shown, unknown_key
from integration.files.histories import ItemReader
from integration.files.json_stream import JSONStream, half_characters
from integration.files.parents import parent_circles, parent_faults
from integration.files.plan_sections import known_names, read_plan
from integration.files.sections import Raw, names
from integration.files.sprint_sections import read_boards, read_sprints
from mappings.model import Backlog

Read = TypeVar("Read")

__all__ = ["FORMAT", "Refused", "dump", "load"]

_PLAN_KEYS = ("settings", "rules", "teams", "cycles", "objectives", "key_results")
_KEYS = ("format", "now", *_PLAN_KEYS, "boards", "sprints", "hidden_parents", "items")


_FIRST_KEY = re.compile(rb'\{\s*"(\w+)"\s*:')
_JIRA_KEYS = frozenset(
    (b"expand", b"id", b"_id", b"key", b"self", b"fields", b"issues", b"startAt", b"maxResults", b"total", b"isLast",
     b"nextPageToken", b"changelog", b"names", b"schema", b"renderedFields", b"properties", b"operations",
     b"warningMessages")
)  # fmt: skip


def load(source: bytes | BinaryIO) -> Backlog:
    """Read a whole backlog file; raise `Refused` with one line per fault."""
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        reading = _read(file)
        backlog = reading.backlog(file)
    except RecursionError:
        raise Refused(("the file is nested too deeply to be a backlog file",)) from None
    if reading.faults:
        raise Refused(tuple(fault.line for fault in reading.faults))
    return backlog


def looks_like_jira(start: bytes) -> bool:
    """Whether an object begins as Jira's answers and issues do, and not as a backlog file."""
    match = _FIRST_KEY.match(start)
    return match is not None and match[1] in _JIRA_KEYS


def _read(file: BinaryIO) -> "_Reading":
    """Read all sections; where some follow the items, the items are read again with all of them at hand."""
    sections: dict[str, object] = {}
    top: list[Fault] = []
    reading: _Reading | None = None
    has_late_sections = False
    keys: list[str] = []
    for key, stream in _keys(file, top):
        keys.append(key)
        if key == "items":
            reading = _Reading(sections, top)
            reading.read_items(stream)
        else:
            has_late_sections = has_late_sections or reading is not None
            _take_section(key, stream, sections, top)
    _is_some_backlog(keys, sections)
    if reading is not None and not has_late_sections:
        return reading
    again = _Reading(sections, top)
    if reading is not None:
        for stream in _items(file):
            again.read_items(stream)
    return again


def _is_some_backlog(keys: list[str], sections: dict[str, object]) -> None:
    """Say once what a file is not, rather than of each of its keys that it is unknown."""
    is_other = sections.get("format") != FORMAT and not set(keys) & (set(_KEYS) - {"format", "now"})
    if keys and is_other:
        some = ", ".join(shown(key) for key in keys[:3]) + (", …" if len(keys) > 3 else "")
        backlog, jira = (
            f'a backlog file, which says "format": "{FORMAT}"',
            "an answer of Jira's search, which has issues",
        )
        raise Refused((f"this JSON is neither {backlog}, nor {jira}: it holds {some}",))


class _Reading:
    """What was read of a file: the sections as values, the items as far as they have come."""

    def __init__(self, sections: dict[str, object], top: list[Fault]) -> None:
        self.faults = list(top)
        raw = Raw(sections, self.faults)
        self._format(sections)
        self.now = _taken(raw, "now", scalars.moment)
        known = known_names(raw)
        self.plan = read_plan(raw, known)
        self.boards = read_boards(raw, known)
        self.sprints = read_sprints(raw, known, self.boards, self.now)
        self.hidden = frozenset(_taken(raw, "hidden_parents", _hidden_parents) or ())
        sprint_ids = frozenset(name for _, name in names(raw, "sprints", "id"))
        board_ids = frozenset(name for _, name in names(raw, "boards", "id"))
        self._items = ItemReader(known, sprint_ids, board_ids, self.now, self.faults)

    def read_items(self, stream: JSONStream) -> None:
        if stream.next_sign() != "[":
            value = stream.value()
            if value is not None:
                self.faults.append(Fault(("items",), f"must be a list, not {kind_of(value)}"))
            return
        for index, raw in enumerate(stream.elements()):
            halves = _halves(stream, raw, "items", index)
            if halves:
                self.faults += halves
                self._items.pass_over(raw, index)
            else:
                self._items.read(raw, index)

    def backlog(self, file: BinaryIO) -> Backlog:
        """Look at the parents, now that all items are known."""
        found = self._items
        keys = found.keys.keys()
        closings = parent_circles(found.items, found.parents)
        if closings or found.parents - keys - self.hidden or found.parents & keys & self.hidden:
            self.faults += parent_faults(_histories(file), keys, self.hidden, closings)
        now = self.now if self.now is not None else scalars.moment("2000-01-01T00:00:00Z")
        return Backlog(now, (self.plan,), self.boards, self.sprints, tuple(found.items), self.hidden)

    def _format(self, sections: dict[str, object]) -> None:
        found = sections.get("format")
        if "format" not in sections:
            self.faults.append(Fault(("format",), f'is missing; a backlog file says "{FORMAT}"'))
        elif found != FORMAT:
            self.faults.append(Fault(("format",), f'must be "{FORMAT}", not {kind_of(found)}'))


def _taken(raw: Raw, key: str, read: Callable[[object], Read]) -> Read | None:
    try:
        return read(raw.data[key])
    except KeyError:
        if key == "now":
            raw.faults.append(Fault((key,), "is missing; it is required"))
    except Wrong as wrong:
        raw.faults.extend(wrong.at(key))
    return None


def _hidden_parents(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Wrong(f"must be a list of keys, not {kind_of(value)}")
    faults = [
        Fault((n,), f"must be text, not {kind_of(key)}") for n, key in enumerate(value) if not isinstance(key, str)
    ]
    if faults:
        raise Wrong.of(faults)
    return tuple(value)


def _keys(file: BinaryIO, faults: list[Fault]) -> Iterator[tuple[str, JSONStream]]:
    """The keys of the outermost object, the stream standing at the value of each."""
    file.seek(0)
    stream = JSONStream(file)
    if stream.next_sign() != "{":
        raise Refused(("not a backlog file: it does not begin with a JSON object",))
    stream.take("{")
    seen: set[str] = set()
    while stream.next_sign() != "}" or seen:
        key = stream.value() if stream.next_sign() == '"' else stream.take('"')
        stream.take(":")
        if key in seen:
            faults.append(Fault((str(key),), "is there twice; keep one"))
        seen.add(str(key))
        yield str(key), stream
        if stream.take(",", "}") == "}":
            break
    else:
        stream.take("}")
    if stream.next_sign():
        raise Refused(("not readable as JSON: something follows the end of the object",))


def _take_section(key: str, stream: JSONStream, sections: dict[str, object], faults: list[Fault]) -> None:
    value = stream.value()
    halves = _halves(stream, value, key)
    faults += halves
    if key in _KEYS:
        sections[key] = None if halves else value
    else:
        faults.append(Fault((key,), unknown_key(key, _KEYS)))


def _items(file: BinaryIO) -> Iterator[JSONStream]:
    for key, stream in _keys(file, []):
        if key == "items":
            yield stream
        else:
            stream.value()


def _histories(file: BinaryIO) -> Iterator[tuple[int, object]]:
    for stream in _items(file):
        yield from enumerate(stream.elements())


def _halves(stream: JSONStream, value: object, *steps: Step) -> list[Fault]:
    if not stream.may_hold_halves:
        return []
    return [
        Fault(where, "holds half a character (a lone surrogate); mend the text")
        for where in half_characters(value, *steps)
    ]
