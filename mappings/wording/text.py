"""From the text as typed to tagged tokens with their places: markup, links and ticket keys are told apart
from words here, so that every later rule reads words alone and every span still points into the original.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from mappings.wording.lexicon import CHARS, phrase_at, starts_phrase, tag_of

READ_AT_MOST = 4_000  # characters: a goal is never longer, and a pasted megabyte must not hold anyone up

# Alternatives in order of precedence; the name of the group is the tag, "word" is looked up ("plain" is a word that
# can begin nothing else: most are, and the other alternatives need not be tried). Each quantifier
# is followed by what it cannot match itself, so that hostile text costs linear time.
TOKEN = re.compile(
    r"""
    (?P<plain>[abcdefgijlmnorstuyz][^\W\d_]+(?![\w'’\u0300-\u036f]))
  | (?P<LINK>https?://[^\s<>)\]]+|www\.[^\s<>)\]]+)
  | (?P<markup></?[A-Za-z][^<>]{0,200}>|&[a-z]{2,6};|\{[a-z]{3,8}(?::[^{}]{0,60})?\}|!\[[^\[\]]{0,80}\])
  | (?P<KEYRESULT>\bO?(?:KR|kr)[- ]?\d+(?:\.\d+)?\b)
  | (?P<ID>\b(?!(?:ISO|SOC|UTF|COVID|GPT|SHA|HTTP|OAUTH|KR|OKR)-?\d)[A-Z][A-Z0-9]{1,9}-\d+\b|\#\d+\b)
  | (?P<CASH>(?:[$€£¥₹]|\b(?:USD|EUR|GBP|CHF|THB|INR|JPY|BRL)\b)\s?\d[\d.,]*\s?
            (?:[kKmMbB]\b|[mb]illion\b|[Ll]akhs?\b|[Cc]rores?\b)?
        |\b\d[\d.,]*\s?(?:[kKmM]|million|Mio\.?|mil)?\s?(?:€|\$|£|USD\b|EUR\b|GBP\b|CHF\b|euros?\b|dollars?\b))
  | (?P<PERCENT>\b(?:\d[\d.,]*|[xXnN])\s?
        (?:%|(?:percent|per\ cent|pp|Prozent|por\ ciento|por\ cento|pour\ cent)\b))
  | (?P<DURATION>\b\d[\d.,]*\s?(?:ms|s|secs?|mins?|h|hrs?|d)\b)
  | (?P<version>\bv\d+(?:\.\d+)*\b|\b\d+\.\d+\.\d+\b|\b[QqHh][1-4]\b|\b20\d\d\b)
  | (?P<METRIC>\b24/7\b|\b[pP](?:50|75|9\d)\b)
  | (?P<NUM>\d[\d.,]*\d|\d)(?:[kKmMxX]\b|\+)?
  | (?P<LEVEL>[<>≤≥]=?)
  | (?P<TO>→|->|=>|⇒)
  | (?P<word>[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]*|['’][^\W\d_]+)*)
  | (?P<QMARK>[?？]+)
  | (?P<BREAK>[;!\n\r•·|✅☑✔]+|\.(?=\s|$)|…|\.{3}|[。！；])
  | (?P<COLON>:)
  | (?P<COMMA>[,()/–—]|\s-\s|[，、])
  | (?P<AND>&)
    """,
    re.VERBOSE,
)
OTHER = CHARS["OTHER"]
APOSTROPHES = str.maketrans({"’": "'"})


class Token(NamedTuple):
    start: int
    end: int
    word: str  # lower case; "" for what is no word
    tag: str  # one character of lexicon.CHARS


class Reading(NamedTuple):
    text: str
    tokens: tuple[Token, ...]
    tags: str  # the tags of the tokens, one character each: what the patterns are matched on


def plain_word(typed: str) -> str:
    if typed.isascii():
        return typed.lower()
    return unicodedata.normalize("NFKC", typed).lower().translate(APOSTROPHES)


def tokenise(text: str) -> list[Token]:
    """The tokens of the part that is read, words not yet tagged (tag "")."""
    begin = len(text) - len(text.lstrip())
    found = []
    for match in TOKEN.finditer(text, begin, begin + READ_AT_MOST):
        kind = match.lastgroup
        if kind in {"plain", "word"}:
            found.append(Token(match.start(), match.end(), plain_word(match.group()), ""))
        elif kind == "version":
            found.append(Token(match.start(), match.end(), "", OTHER))
        elif kind != "markup" and kind is not None:
            found.append(Token(match.start(), match.end(), "", CHARS[kind]))
    return found


def read(text: str, tokens: Sequence[Token], lang: str) -> Reading:
    """Tag the words by the lexicon of one language, longest phrase first."""
    tagged: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        taken = 1
        if not token.tag:
            phrase = _phrase(tokens, at, lang) if starts_phrase(token.word, lang) else None
            if phrase:
                taken, tag = phrase
                last = tokens[at + taken - 1]
                words = " ".join(each.word for each in tokens[at : at + taken])
                token = Token(token.start, last.end, words, tag)
            else:
                token = Token(token.start, token.end, token.word, _tag(token.word, lang))
        tagged.append(token)
        at += taken
    return Reading(text, tuple(tagged), "".join(token.tag for token in tagged))


def _phrase(tokens: Sequence[Token], at: int, lang: str) -> tuple[int, str] | None:
    words = []
    for token in tokens[at : at + 4]:
        if token.tag:
            break
        words.append(token.word)
    return phrase_at(words, 0, lang)


@lru_cache(maxsize=20_000)
def _tag(word: str, lang: str) -> str:
    """An elided article is no part of the word: l'abandon, d'erreurs, users'."""
    found = tag_of(word, lang)
    if found is None and "'" in word:
        head, _, tail = word.partition("'")
        found = tag_of(head if tail == "s" else tail, lang)
    return found or OTHER
