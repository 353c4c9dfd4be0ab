"""A draft of a better goal, made from the key results that the sprint's work really serves."""

from collections.abc import Sequence
from fractions import Fraction

from mappings.model import Exact, KeyResult
from mappings.wording.languages import JUDGED, guess_language
from mappings.wording.lexicon import CHARS
from mappings.wording.text import read, tokenise

LONGEST_GOAL = 120
MOST_KEY_RESULTS = 3
PEOPLE = CHARS["PEOPLE"]


def rewrite_prompt(goal: str, served: Sequence[KeyResult]) -> str:
    """One sentence to fill in: who is to do what, seen in which key result, and how the sprint gets there."""
    seen_in = " and ".join(measured(each) for each in served[:MOST_KEY_RESULTS]) or "⟨which metric, from what to what⟩"
    shortened = _shortened(goal)
    means = f"“{shortened}”" if shortened else "⟨…⟩"
    return f"This sprint we want {_who(goal)} to ⟨behaviour⟩, seen in {seen_in}; we get there by {means}."


def measured(key_result: KeyResult) -> str:
    """KR-3 activation 50 % → 70 %"""
    words = key_result.metric or key_result.title
    ends = [amount(value, key_result.unit) for value in (key_result.baseline, key_result.target) if value is not None]
    return " ".join(each for each in (key_result.code, words, " → ".join(ends)) if each)


def amount(value: Exact, unit: str | None) -> str:
    exact = Fraction(value)
    shown = str(exact.numerator) if exact.denominator == 1 else f"{float(exact):.4g}"
    return f"{shown} {unit}" if unit else shown


def _who(goal: str) -> str:
    """The first people that the goal itself speaks of."""
    tokens = tokenise(goal)
    lang = guess_language(goal, tokens).lang
    if lang in JUDGED:
        for token in read(goal, tokens, lang).tokens:
            if token.tag == PEOPLE:
                return goal[token.start : token.end]
    return "⟨who⟩"


def _shortened(goal: str) -> str:
    words = " ".join(goal[: LONGEST_GOAL * 4].split()).rstrip(".;!")
    return words if len(words) <= LONGEST_GOAL else words[:LONGEST_GOAL].rsplit(" ", 1)[0] + " …"
