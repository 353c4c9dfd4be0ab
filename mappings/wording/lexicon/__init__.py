"""The words that mean something to the judge, by language: each word or phrase gets one tag.

The patterns are written over tags, so that one set of rules reads all five languages.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from mappings.wording.lexicon import english, french, german, portuguese, spanish

TAGS: tuple[str, ...] = (
    # what separates and what stands between
    *("OTHER", "BREAK", "COMMA", "COLON", "QMARK", "LINK", "ID", "AND"),
    # quantities
    *("NUM", "PERCENT", "TIMES", "DURATION", "CASH", "LEVEL", "UNIT", "FROM", "TO"),
    # what is done
    *("DELIVER", "FINISH", "WORK", "ENABLE", "CAN", "UP", "DOWN", "KEEP", "REACH", "BE", "SUPPORT"),
    *("VALIDATE", "LEARN", "FINDOUT", "DECIDE", "WHETHER", "WH", "DOUBT", "SPIKE", "RESEARCH", "DO", "HIRE", "DONE"),
    # of whom and of what
    *(
        "PEOPLE",
        "FEEL",
        "USE",
        "METRIC",
        "TIME",
        "QUALITY",
        "SMOOTH",
        "EFFECT",
        "CODE",
        "ARTEFACT",
        "TASKS",
        "MILESTONE",
    ),
    *("ACTIVITY", "MONEY", "VANITY", "ADOPT", "BINARY", "STAFF", "BEST"),
    # how it is joined
    *("SOTHAT", "INSTEAD", "WITHOUT", "BY", "MORE", "MUCH", "BELIEVE", "PREPARE", "NOT", "IF"),
    # texts about goals
    *("GOAL", "BLANK", "KEYRESULT"),
)
CHARS: Mapping[str, str] = MappingProxyType({tag: chr(0x3400 + n) for n, tag in enumerate(TAGS)})
SOURCES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": english.WORDS,
        "de": german.WORDS,
        "es": spanish.WORDS,
        "fr": french.WORDS,
        "pt": portuguese.WORDS,
    }
)
LONGEST_PHRASE = 4


def _table(words: Mapping[str, str]) -> dict[str, str]:
    return {entry.replace("_", " "): CHARS[tag] for tag, entries in words.items() for entry in entries.split()}


_TABLES: Mapping[str, Mapping[str, str]] = {lang: _table(words) for lang, words in SOURCES.items()}
_PHRASE_STARTS: Mapping[str, frozenset[str]] = {
    lang: frozenset(entry.partition(" ")[0] for entry in table if " " in entry) for lang, table in _TABLES.items()
}


@lru_cache(maxsize=20_000)
def tag_of(word: str, lang: str) -> str | None:
    """The tag of one lower-case word: as it stands, else by the longest known beginning (`reduc*`)."""
    table = _TABLES[lang]
    if word in table:
        return table[word]
    for end in range(len(word), 2, -1):
        found = table.get(word[:end] + "*")
        if found:
            return found
    return None


def rest_of_entry(word: str, lang: str) -> str | None:
    """What follows the longest known beginning of a word; nothing where the word itself is known, None if it is not."""
    table = _TABLES[lang]
    if word in table:
        return ""
    return next((word[end:] for end in range(len(word), 2, -1) if word[:end] + "*" in table), None)


def starts_phrase(word: str, lang: str) -> bool:
    return word in _PHRASE_STARTS[lang]


def phrase_at(words: list[str], at: int, lang: str) -> tuple[int, str] | None:
    """The longest phrase that begins at this word: how many words it has, and its tag."""
    table = _TABLES[lang]
    for length in range(min(LONGEST_PHRASE, len(words) - at), 1, -1):
        found = table.get(" ".join(words[at : at + length]))
        if found:
            return length, found
    return None
