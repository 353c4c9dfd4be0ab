"""Which of the judged languages a single word looks like, or none of them: a linear model over its runs of letters.

Made by `training/languages.py` from words of some thirty languages; the sums of a word are kept, so that a word that
was met before costs nothing.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

TENTHS = 10.0  # weights are stored as whole tenths
LONGEST_RUN = 4
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Profile:
    labels: tuple[str, ...]  # the judged languages and "other"
    bias: tuple[float, ...]
    weights: Mapping[str, tuple[int, ...]]


@cache
def load_profile() -> Profile:
    raw = json.loads(resources.files(__package__).joinpath("languages.json").read_text(encoding="utf-8"))
    return Profile(tuple(raw["labels"]), tuple(raw["bias"]), {run: tuple(row) for run, row in raw["weights"].items()})


def runs(word: str, ends: bool = True) -> Iterator[str]:
    """The runs of one to four letters of a word, its beginning and its end marked; an elided article is a word."""
    for part in word.split("'"):
        marked = f"^{part}$" if ends else f"^{part}"
        for length in range(1, LONGEST_RUN + 1):
            for at in range(len(marked) - length + 1):
                run = marked[at : at + length]
                if run not in "^$":
                    yield run


@lru_cache(maxsize=20_000)
def likeness(word: str) -> Mapping[str, float]:
    """The probability of each judged language, and of any other, for one word alone."""
    profile = load_profile()
    sums = [bias * TENTHS for bias in profile.bias]
    for run in set(runs(word)):
        for at, weight in enumerate(profile.weights.get(run, ())):
            sums[at] += weight
    highest = max(sums)
    powers = [math.exp((each - highest) / TENTHS) for each in sums]
    total = sum(powers)
    return {label: power / total for label, power in zip(profile.labels, powers, strict=True)}
