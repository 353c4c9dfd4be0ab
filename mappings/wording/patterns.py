"""How a rule is written and found: a row of tags, compiled to a regular expression over one character a token.

A row is made of elements: `A|B` one token with either tag, a `?` after it makes it optional, `A|B*4` up to four of
them, `~3` up to three tokens inside the sentence, `-3` the same without a new deliverable, `^` the beginning of a
clause and `$` its end. That keeps a judgement under a millisecond and lets one set of rules read every language.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mappings.wording.lexicon import CHARS


def _class(names: str) -> str:
    return "".join(CHARS[name] for name in names.split("|"))


_EDGES = _class("BREAK|COMMA|COLON|AND|TO|QMARK")
_FIXED = {
    "^": f"(?:\\A|(?<=[{_EDGES}]))[{_class('OTHER|NUM')}]{{0,2}}",
    "$": f"(?=[{_class('BREAK|QMARK')}]|\\Z)",
}
_GAPS = {"~": _class("BREAK|QMARK"), "-": _class("BREAK|QMARK|DELIVER|FINISH")}


def compile_rows(rows: str) -> re.Pattern[str]:
    """Alternatives are separated by `/`."""
    return re.compile("|".join("".join(map(_element, row.split())) for row in rows.split("/")))


def needed_tags(rows: str) -> tuple[tuple[frozenset[str], ...], ...]:
    """For each row, the sets of tags of which a text must have one: a search that cannot succeed is not begun."""
    return tuple(tuple(_needed(row.split())) for row in rows.split("/"))


def _needed(row: list[str]) -> Iterator[frozenset[str]]:
    for element in row:
        if element not in _FIXED and element[0] not in _GAPS and not element.endswith("?") and "*" not in element:
            yield frozenset(_class(element))


def _element(element: str) -> str:
    if element in _FIXED:
        return _FIXED[element]
    if element[0] in _GAPS:
        return f"[^{_GAPS[element[0]]}]{{0,{element[1:]}}}?"
    names, _, most = element.partition("*")
    optional = "?" if names.endswith("?") else f"{{0,{most}}}" if most else ""
    return f"[{_class(names.rstrip('?'))}]{optional}"


@dataclass(frozen=True, slots=True)
class Pattern:
    name: str
    labels: tuple[str, ...]  # that it speaks for
    why: str  # the sentence that a reader is shown
    rows: str
