"""Where a person's word stands against the judge's, and whether a team wants its words judged at all.

An overruling is for the text that it was said of: a later wording is judged anew, and the overruling stays as history.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mappings.model import Overruling, Span, Wording
from mappings.tags import Register, fold

GOAL = "goal"
KEY_RESULT = "key_result"
FLAG = "flag"
ACCEPT = "accept"


@dataclass(frozen=True, slots=True)
class Words:
    """What is judged: the goal of a sprint or the title of a key result, and for which teams, the nearest first."""

    about: str
    subject: str
    text: str
    teams: tuple[str, ...] = ()


def wording_for(register: Register, team: str | None) -> Wording:
    """What holds for a team: its own settings, else those of the nearest team above, else of the installation."""
    teams = {each.name: each.wording for each in register.plan.teams}
    above = [teams[name] for name in register.teams_above(team) if name in teams]
    chain = [*above, register.plan.settings.wording]
    check = next((each.check for each in chain if each.check is not None), True)
    capability = next((each.capability for each in chain if each.capability is not None), FLAG)
    return Wording(check, capability)


def in_force(overrulings: Sequence[Overruling], words: Words) -> Overruling | None:
    """What a person says of these words: the last about the very text, else by a phrase that stands in it."""
    own = [each for each in _of_subject(overrulings, words) if is_same_text(each.text, words.text)]
    if own and own[-1].label is not None:
        return own[-1]
    return _by_phrase(overrulings, words)


def of_earlier_wordings(overrulings: Sequence[Overruling], words: Words) -> tuple[Overruling, ...]:
    """What was said of texts that the subject had before; of each the last word."""
    earlier = (each for each in _of_subject(overrulings, words) if not is_same_text(each.text, words.text))
    last = {_even(each.text): each for each in earlier}
    return tuple(each for each in last.values() if each.label is not None)


def current(overrulings: Iterable[Overruling]) -> tuple[Overruling, ...]:
    """The last word of each kind on each text and phrase, without what was taken back."""
    last = {(each.about, each.subject, each.team, _even(each.text)): each for each in overrulings}
    return tuple(each for each in last.values() if each.label is not None)


def as_reason(overruled: Overruling) -> tuple[Span, ...]:
    """The whole text, with the person's reason in place of the judge's."""
    return (Span(0, len(overruled.text), overruled.text, overruled.reason),)


def is_same_text(one: str, other: str) -> bool:
    """Blanks and case are no other wording."""
    return _even(one) == _even(other)


def holds_phrase(text: str, phrase: str) -> bool:
    """Whether the phrase stands in the text as whole words, in any case."""
    wanted = _even(phrase)
    return bool(wanted) and re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", _even(text)) is not None


def _of_subject(overrulings: Iterable[Overruling], words: Words) -> Iterator[Overruling]:
    return (each for each in overrulings if each.about == words.about and each.subject == words.subject)


def _by_phrase(overrulings: Iterable[Overruling], words: Words) -> Overruling | None:
    """Of several phrases that of the nearest team; of these the longest, which says most; then the last."""
    rules = [each for each in current(overrulings) if each.is_phrase and each.about == words.about]
    found = [each for each in rules if _is_for(each, words) and holds_phrase(words.text, each.text)]
    return max(found, key=lambda each: (-_distance(each, words), len(_even(each.text)), each.at), default=None)


def _is_for(rule: Overruling, words: Words) -> bool:
    return rule.team is None or rule.team in words.teams


def _distance(rule: Overruling, words: Words) -> int:
    return len(words.teams) if rule.team is None else words.teams.index(rule.team)


@lru_cache(maxsize=8192)
def _even(text: str) -> str:
    return " ".join(fold(text).split())
