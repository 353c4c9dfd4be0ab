"""Where the rules hold in a text."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from mappings.model import Span
from mappings.wording.lexicon import CHARS
from mappings.wording.patterns import Pattern, compile_rows, needed_tags
from mappings.wording.rules import PATTERNS
from mappings.wording.text import Reading

COMPILED: tuple[tuple[Pattern, re.Pattern[str]], ...] = tuple((each, compile_rows(each.rows)) for each in PATTERNS)
NEEDED = {each.name: needed_tags(each.rows) for each in PATTERNS}
CODE_METRIC = "code_metric"
OF_ANY_METRIC = frozenset({"any_change", "change_by", "from_to"})
EDGES = "".join(CHARS[tag] for tag in ("OTHER", "TO", "FROM", "AND", "COMMA", "BE"))


class Hit(NamedTuple):
    pattern: Pattern
    start: int  # token
    end: int


def hits(reading: Reading) -> tuple[Hit, ...]:
    """The first place where each pattern holds; a change of a code metric is no change that users would feel."""
    found = tuple(_hits(reading))
    if any(hit.pattern.name == CODE_METRIC for hit in found):
        return tuple(hit for hit in found if hit.pattern.name not in OF_ANY_METRIC)
    return found


def _hits(reading: Reading) -> Iterator[Hit]:
    tags = reading.tags
    for pattern, compiled in _possible(frozenset(tags)):
        match = compiled.search(tags)
        if match and match.end() > match.start():
            yield Hit(pattern, match.start(), match.end())


@lru_cache(maxsize=20_000)
def _possible(tags: frozenset[str]) -> tuple[tuple[Pattern, re.Pattern[str]], ...]:
    """The patterns of which some row has all the tags that it cannot do without."""
    return tuple(
        (pattern, compiled)
        for pattern, compiled in COMPILED
        if any(all(not tags.isdisjoint(each) for each in row) for row in NEEDED[pattern.name])
    )


def span(reading: Reading, hit: Hit) -> Span:
    """The place of a hit in the text as typed, without the little words at its edges."""
    tags = reading.tags[hit.start : hit.end]
    first = hit.start + len(tags) - len(tags.lstrip(EDGES))
    last = hit.start + len(tags.rstrip(EDGES)) - 1
    if first > last:
        first, last = hit.start, hit.end - 1
    start, end = reading.tokens[first].start, reading.tokens[last].end
    return Span(start, end, reading.text[start:end], hit.pattern.why)
