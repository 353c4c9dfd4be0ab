"""Which key results an epic without one probably serves, each with the reasons: what its children and siblings are
tagged with, and words that it shares with the key result. A suggestion for a person, never a link."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mappings.model import KeyResult
from mappings.wording.features import stem
from mappings.wording.references import COMMON, READ_AT_MOST, WORD, folded, named_key_results

MOST = 3
FEWEST_SHARED = 2  # telling words; one alone is chance
_SHOWN = 3  # keys or words in a reason


@dataclass(frozen=True, slots=True)
class Around:
    """What the items below an epic, and those beside it, are directly tagged with: keys by live key result."""

    below: Mapping[str, Sequence[str]]
    beside: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Likely:
    key_result: str
    reason: str


def likely_key_results(title: str, around: Around, key_results: Iterable[KeyResult]) -> tuple[Likely, ...]:
    """The likeliest first: by children, then siblings, then words; of equals by code."""
    found: list[tuple[tuple[int, int, int], Likely]] = []
    for kr in key_results:
        below, beside = sorted(set(around.below.get(kr.code, ()))), sorted(set(around.beside.get(kr.code, ())))
        words, is_named = shared_words(title, kr), bool(named_key_results(title, [kr]))
        told = len(words) if is_named or len(words) >= FEWEST_SHARED else 0
        reasons = [*_tagged(below, "below it"), *_tagged(beside, "beside it")]
        if is_named:
            reasons.append("its title names the key result")
        elif told:
            reasons.append(f"its title shares {_listed([f'“{word}”' for word in words])} with the key result")
        if reasons:
            rank = (-len(below), -len(beside), -(told + 100 * is_named))
            found.append((rank, Likely(kr.code, "; ".join(reasons))))
    return tuple(likely for _, likely in sorted(found, key=lambda one: (one[0], one[1].key_result))[:MOST])


def shared_words(title: str, kr: KeyResult) -> tuple[str, ...]:
    """The telling words of the title that stand in the key result's title or metric too, in another form perhaps."""
    wanted = {name for name, _ in _telling(f"{kr.title} {kr.metric or ''}")}
    found = {name: word for name, word in reversed(_telling(title)) if name in wanted}
    return tuple(reversed(found.values()))


def _telling(text: str) -> list[tuple[str, str]]:
    words = [word for word in WORD.findall(folded(text[:READ_AT_MOST])) if len(word) > 2 and not word.isdigit()]
    return [(name, word) for word in words if (name := stem(word)[:7]) not in COMMON]


def _tagged(keys: Sequence[str], where: str) -> list[str]:
    if not keys:
        return []
    are = "item {} is" if len(keys) == 1 else "items {} are"
    return [f"{len(keys)} {are.format(where)} tagged so ({_listed(keys)})"]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"
