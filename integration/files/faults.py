"""What a refused file says: one line per fault, each naming the place and the mend.

Words of the file are quoted in a fault only through `shown`: they may hold line breaks or terminal codes."""

import difflib
import re
from collections.abc import Iterable
from typing import NamedTuple

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_*-]+\Z")
_LONGEST_QUOTE = 60

Step = str | int


class Fault(NamedTuple):
    steps: tuple[Step, ...]
    sentence: str

    @property
    def line(self) -> str:
        return f"{place(*self.steps)}: {self.sentence}" if self.steps else self.sentence


class Refused(Exception):
    """Nothing of the input was used; `faults` are the lines to show."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Wrong(ValueError):
    """A value that its place does not allow; `faults` lead from that place to the very values."""

    def __init__(self, sentence: str, faults: Iterable[Fault] = ()) -> None:
        super().__init__(sentence)
        self.faults = tuple(faults) or (Fault((), sentence),)

    @classmethod
    def of(cls, faults: list[Fault]) -> "Wrong":
        return cls(faults[0].sentence, faults)

    def at(self, *steps: Step) -> list[Fault]:
        return [Fault((*steps, *fault.steps), fault.sentence) for fault in self.faults]


def shown(value: object) -> str:
    """Quote a value of the file on one line, harmless to a terminal."""
    text = value if isinstance(value, str) else kind_of(value)
    cut = text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"
    safe = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in cut)
    return f'"{safe}"' if isinstance(value, str) else safe


def kind_of(value: object) -> str:
    """Name the kind of a JSON or YAML value in plain words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text {shown(value)}"
    if isinstance(value, list):
        return "a list"
    return "an object" if isinstance(value, dict) else "a number"


def place(*steps: Step) -> str:
    """Write a place as people read it: `items[3].history[0].at`."""
    parts: list[str] = []
    for step in steps:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _PLAIN_KEY.match(step):
            parts.append(f".{step}" if parts else step)
        else:
            parts.append(f"[{shown(step)}]")
    return "".join(parts)


def unknown_key(key: str, known: Iterable[str]) -> str:
    """Say that a key is unknown, with the nearest known one."""
    near = difflib.get_close_matches(key, tuple(known), n=1)
    return f"unknown key; did you mean {near[0]}?" if near else "unknown key; take it out"
