"""Which key results a goal seems to refer to, loosely: what the page shows beside a goal.

`goal_references` also takes a key result that is only paraphrased. The finding `goal_work_mismatch` must not use it:
it goes by `named_key_results`, which takes whole codes, aliases, titles and metrics, in any case, and nothing else.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from mappings.model import KeyResult
from mappings.wording.features import stem

READ_AT_MOST = 4_000
ENOUGH_SHARED = 0.6  # of the telling words of a title
FEWEST_SHARED = 2
WORD = re.compile(r"[^\W\d_]+|\d+")
DASHED_CODE = re.compile(r"\A([^\W\d_]+)[\s_-]*(\d+)\Z")
# Words that say nothing of which key result is meant.
_COMMON = """
    the and for from with our are that this all any per each not into than more less least most new first key result
    objective goal sprint quarter increase reduce improve raise lower grow cut reach achieve keep maintain by of to at
    in on is be a an we their its percent user users customer customers number share rate time average total make get
    under over below above der die das und für mit von auf den des los las para con por que del une pour dans les dos"""
COMMON = frozenset(stem(word) for word in _COMMON.split())


@lru_cache(maxsize=1024)  # each page that shows a goal folds all key results
def folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def named_key_results(text: str, key_results: Sequence[KeyResult]) -> tuple[str, ...]:
    """Codes of the key results whose code, alias, title or metric stands in the text as whole words."""
    goal = folded(text[:READ_AT_MOST])
    return tuple(each.code for each in key_results if any(_stands_in(name, goal) for name in _names(each)))


def goal_references(text: str, key_results: Sequence[KeyResult]) -> tuple[str, ...]:
    """As `named_key_results`, and those that the goal says in other words or writes in another way ("KR 3")."""
    goal = folded(text[:READ_AT_MOST])
    stems = frozenset(_telling(goal))
    return tuple(each.code for each in key_results if _refers(each, goal, stems))


def _refers(key_result: KeyResult, goal: str, stems: frozenset[str]) -> bool:
    if any(_stands_in(name, goal) for name in _names(key_result)):
        return True
    dashed = DASHED_CODE.match(folded(key_result.code))
    if dashed and re.search(rf"(?<!\w){re.escape(dashed[1])}[\s_\-]?{dashed[2]}(?!\w)", goal):
        return True
    return _shares(key_result.metric, stems, 1.0, 1) or _shares(key_result.title, stems, ENOUGH_SHARED, FEWEST_SHARED)


def _names(key_result: KeyResult) -> tuple[str, ...]:
    return tuple(name for name in (key_result.code, *key_result.aliases, key_result.title, key_result.metric) if name)


def _stands_in(name: str, goal: str) -> bool:
    wanted = folded(name)
    at = goal.find(wanted) if wanted else -1
    while at >= 0:
        end = at + len(wanted)
        if not (at and _joins(goal[at - 1])) and not _goes_on(goal, end):
            return True
        at = goal.find(wanted, at + 1)
    return False


def _goes_on(goal: str, end: int) -> bool:
    """KR-1 does not stand in KR-12, nor in KR-1.2, but before a full stop it does."""
    after = goal[end : end + 2]
    return bool(after) and (_joins(after[0]) or (after[0] in ".," and after[1:].isdigit()))


def _joins(char: str) -> bool:
    return char.isalnum() or char == "_"


def _shares(name: str | None, stems: frozenset[str], enough: float, fewest: int) -> bool:
    if not name:
        return False
    wanted = set(_telling(folded(name)))
    shared = len(wanted & stems)
    return shared >= fewest and shared >= enough * len(wanted)


@lru_cache(maxsize=1_000)
def _telling(text: str) -> tuple[str, ...]:
    """The stems of the words that tell one key result from another."""
    stems = (stem(word)[:7] for word in WORD.findall(text) if not word.isdigit() and len(word) > 2)
    return tuple(each for each in stems if each not in COMMON)
