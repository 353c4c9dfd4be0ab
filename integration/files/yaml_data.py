"""YAML as plain data with the line of every value: only what JSON can say too, so that nothing surprises.

The scalars are those of YAML 1.2: `no` is a text, a day is a text, a decimal stays exact."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from integration.files.faults import Fault, Refused, Step, shown
from integration.files.scalars import exact_decimal

_TAG = "tag:yaml.org,2002:"
_MOST_VALUES = 100_000  # an alias counts again wherever it stands, so that none can explode
_LARGEST = 1 << 20
_RESOLVERS = (
    (f"{_TAG}bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), "tTfF"),
    (f"{_TAG}null", re.compile(r"^(?:~|null|Null|NULL|)$"), "~nN\0"),
    (f"{_TAG}int", re.compile(r"^[-+]?[0-9]+$"), "-+0123456789"),
    (f"{_TAG}float", re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"), "-+.0123456789"),
)


class Lined(NamedTuple):
    """Plain data, and the line on which each place of it stands."""

    data: object
    lines: Mapping[tuple[Step, ...], int]
    faults: list[Fault]

    def line_of(self, steps: tuple[Step, ...]) -> int:
        """The line of a place, else of the nearest place around it that is there."""
        while steps not in self.lines and steps:
            steps = steps[:-1]
        return self.lines.get(steps, 1)


def read_yaml(text: bytes, source: str) -> Lined:
    """Read one YAML document; `source` names it in the faults."""
    if len(text) > _LARGEST:
        raise Refused((f"{source}: is larger than {_LARGEST // 1024} KiB; is it a register?",))
    try:
        node = _composed(text)
        reading = _Reading()
        data = reading.value(node, ()) if node is not None else None
    except yaml.MarkedYAMLError as error:
        raise Refused((f"{source}:{_line(error)}: is not YAML: {_problem(error)}",)) from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise Refused((f"{source}: is not YAML: it holds bytes that are no UTF-8 text",)) from None
    except RecursionError:
        raise Refused((f"{source}: is nested too deeply",)) from None
    except _TooMany:
        raise Refused((f"{source}: its aliases stand for more than {_MOST_VALUES} values; write them out",)) from None
    return Lined(data, reading.lines, reading.faults)


class _TooMany(Exception):
    """Aliases that stand for more values than any register has."""


class _Reading:
    """Walks the nodes and notes lines and faults on the way."""

    def __init__(self) -> None:
        self.lines: dict[tuple[Step, ...], int] = {}
        self.faults: list[Fault] = []
        self._above: set[int] = set()
        self._values = 0

    def value(self, node: Node, steps: tuple[Step, ...]) -> object:
        self._values += 1
        if self._values > _MOST_VALUES:
            raise _TooMany
        self.lines.setdefault(steps, node.start_mark.line + 1)
        if isinstance(node, ScalarNode):
            return self._scalar(node, steps)
        if id(node) in self._above:
            self.faults.append(Fault(steps, "is an alias of what it stands in; write it out"))
            return None
        if node.tag not in (f"{_TAG}map", f"{_TAG}seq"):
            self._note_tag(node, steps)
        self._above.add(id(node))
        found = self._mapping(node, steps) if isinstance(node, MappingNode) else self._sequence(node, steps)
        self._above.discard(id(node))
        return found

    def _scalar(self, node: ScalarNode, steps: tuple[Step, ...]) -> object:
        kind = str(node.tag).removeprefix(_TAG)
        text = str(node.value)
        if kind == "str":
            if any("\ud800" <= letter <= "\udfff" for letter in text):
                self.faults.append(Fault(steps, "holds half a character (a lone surrogate); mend the text"))
            return text
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind in ("int", "float"):
            return exact_decimal(text)
        self._note_tag(node, steps)
        return None

    def _note_tag(self, node: Node, steps: tuple[Step, ...]) -> None:
        self.faults.append(Fault(steps, f"the tag {shown(str(node.tag))} means nothing here; take it out"))

    def _sequence(self, node: Node, steps: tuple[Step, ...]) -> list[object]:
        if not isinstance(node, SequenceNode):
            return []
        return [self.value(element, (*steps, number)) for number, element in enumerate(node.value)]

    def _mapping(self, node: MappingNode, steps: tuple[Step, ...]) -> dict[str, object]:
        found: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = self._scalar(key_node, steps) if isinstance(key_node, ScalarNode) else None
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                self.lines[(*steps, "?")] = line
                self.faults.append(Fault((*steps, "?"), "a key must be text; put it in quotes"))
                continue
            self.lines[(*steps, key)] = line
            if key in found:
                self.faults.append(Fault((*steps, key), "is there twice; keep one"))
            found[key] = self.value(value_node, (*steps, key))
        return found


def _composed(text: bytes) -> Node | None:
    loader = yaml.SafeLoader(text)
    loader.yaml_implicit_resolvers = _resolvers()
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    found: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, pattern, firsts in _RESOLVERS:
        for first in firsts:
            found.setdefault("" if first == "\0" else first, []).append((tag, pattern))
    return found


def _line(error: yaml.MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark is not None else 1


def _problem(error: yaml.MarkedYAMLError) -> str:
    words = " ".join(part for part in (error.context, error.problem) if part)
    return shown(words)[1:-1]
