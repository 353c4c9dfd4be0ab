"""What the linear model sees of a text: which rules hold, which tags occur, its shape and its words."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from mappings.wording.evidence import Hit
from mappings.wording.lexicon import CHARS
from mappings.wording.rules import STRONG
from mappings.wording.small_words import FUNCTION_WORDS
from mappings.wording.text import OTHER, Reading

TAG_NAMES = {char: name for name, char in CHARS.items()}
BREAK = CHARS["BREAK"]
QUIET = frozenset({OTHER, CHARS["COMMA"], CHARS["AND"], CHARS["TO"], CHARS["FROM"], CHARS["BE"], BREAK, CHARS["COLON"]})
OUTCOME_SIGNS = frozenset(
    CHARS[tag]
    for tag in (
        "METRIC",
        "TIME",
        "QUALITY",
        "SMOOTH",
        "FEEL",
        "EFFECT",
        "MORE",
        "INSTEAD",
        "WITHOUT",
        "UP",
        "DOWN",
        "ADOPT",
    )
)
TASK_SIGNS = frozenset(CHARS[tag] for tag in ("DELIVER", "FINISH", "WORK", "TASKS", "ID"))
OUTCOME_SIGN, TASK_SIGN = (re.compile(f"[{''.join(sorted(signs))}]") for signs in (OUTCOME_SIGNS, TASK_SIGNS))
CONTENT = (0, 1)
LENGTHS = (2, 5, 10, 20, 40, 80)
ENDINGS = ("ings", "ing", "ed", "es", "ly", "s")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def features(reading: Reading, found: tuple[Hit, ...], lang: str) -> Iterator[str]:
    for hit in found:
        yield "p:" + hit.pattern.name
    strong = sum(1 for hit in found if hit.pattern.name in STRONG)
    yield f"strong:{min(strong, 3)}"
    tags = reading.tags
    for char in set(tags):
        if char != OTHER:
            yield "t:" + TAG_NAMES[char]
    yield from _shape(tags)
    if lang != "en":  # words of the other languages are read through the lexicon alone
        yield f"content:{bisect_left(CONTENT, _content(reading, lang))}"
    else:
        words = [stem(word) for token in reading.tokens if token.word for word in token.word.split()]
        yield from {"w:" + word for word in words}
        yield from {f"b:{first} {second}" for first, second in pairwise(words)}
        if words:
            yield "first:" + words[0]


def _content(reading: Reading, lang: str) -> int:
    """How many words say something that the lexicon does not know: a placeholder has few."""
    small = FUNCTION_WORDS.get(lang, frozenset())
    return sum(1 for token in reading.tokens if token.tag == OTHER and token.word and token.word not in small)


def _shape(tags: str) -> Iterator[str]:
    length = len(tags)
    yield f"len:{bisect_left(LENGTHS, length)}"
    loud = [char for char in tags if char not in QUIET]
    if loud:
        yield "f:" + TAG_NAMES[loud[0]]
        yield "l:" + TAG_NAMES[loud[-1]]
    clauses = [clause for clause in tags.split(BREAK) if clause]
    yield f"clauses:{min(len(clauses), 4)}"
    signs, tasks = len(OUTCOME_SIGN.findall(tags)), len(TASK_SIGN.findall(tags))
    pure = sum(1 for clause in clauses if not TASK_SIGNS & set(clause) and OUTCOME_SIGNS & set(clause)) if signs else 0
    yield f"pure_outcome:{min(pure, 2)}"
    yield f"signs:{min(signs, 4)}"
    yield f"tasks:{min(tasks, 4)}"
    if length > 3:
        yield f"density:{min(signs * 10 // length, 4)}"
