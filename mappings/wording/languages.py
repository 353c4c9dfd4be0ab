"""Which language a text is in: a vote of function words, then of the words we know; and whether the other words fit.

Only five languages are judged. For any other the answer must be "not judged", so the common function words of
those that are often mistaken for one of the five stand here too, and each word must look like the language.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from mappings.wording.features import stem
from mappings.wording.lexicon import SOURCES, rest_of_entry, tag_of
from mappings.wording.model import load
from mappings.wording.profile import OTHER, likeness
from mappings.wording.small_words import (
    ENGLISH_RESTS,
    ENGLISH_VERBS,
    ENGLISH_WORDS,
    FUNCTION_WORDS,
    LANGUAGES_OF,
    LOAN_WORDS,
)
from mappings.wording.text import READ_AT_MOST, Token

JUDGED: tuple[str, ...] = tuple(SOURCES)
OTHER_ALPHABET = "?"
ALPHABETS: dict[str, str] = {  # letters that tell a language, or that none of the five uses (under "?")
    "de": "ß",
    "es": "ñ¿¡",
    "pt": "ãõ",
    OTHER_ALPHABET: "łżźśćąęńğışőűčřěšžůťďňåøæșțđơưăėųūīļķģāēħþðĳŋ",
}
_PLAIN_LETTERS = "abcdefghijklmnopqrstuvwxyz'"
_ACCENTS = {"en": "éèêçñïöü", "de": "äöüßéè", "es": "áéíóúüñ", "fr": "àâæçéèêëîïôœùûü", "pt": "áâãàçéêíóôõúü"}
LETTERS = {lang: frozenset(_PLAIN_LETTERS + accents) for lang, accents in _ACCENTS.items()}
MARKS: dict[str, str] = {char: lang for lang, chars in ALPHABETS.items() for char in chars}
LETTER_VOTE = 2  # a letter that only one language has says more than a word that several share
FEW_VOTES = 0.1  # of the words: fewer function words than any sentence has
KNOWN_FOR_ENGLISH = 0.3
KNOWN_FOR_SURE = 0.5  # more than this share of the words must be known where no function word votes
CHECKED_WORDS = 200
LONGEST_PREFIX = 3  # letters
MOST_SAID = 3.0  # by one word, for or against a language, in natural logarithms of odds
HEAD_START = 1.0  # others than the five are learnt from as many texts together: any one of them is less probable
FUNCTION_WORD = 2.0
LEAST_LIKELY = 0.02
# What the words must say together for a language to be certain: beside English, more than one word can.
TELLS, TELLS_OTHERS = 0.5, 3.2
MUCH_SAID = 8.0  # so much that names and loan words among the others do not matter
ONLY_PORTUGUESE = frozenset(
    {"em", "não", "com", "um", "uma", "uns", "umas", "à", "às", "pelo", "pela", "pelos", "pelas"}
)
# Letters and endings that Galician does not write.
ONLY_PORTUGUESE_SIGNS = re.compile(
    r"[ãõçâêô]|lh|nh(?!as?$)|ss|agens?$|[áéíóú]ri[oa]s?$|[áíó]ve(?:l|is)$|[ae]m$|[oaeb]j[eou]|[áéíóú]g[ei]"
)
# What speaks for the language less what speaks against it, as a share of both.
WORDS_A_STRAY_ONE = 15
ARTICLE = "o"  # of Portuguese and Galician, that else read much like Spanish; other single letters are initials
FITS, FITS_WELL, FITS_WELL_OTHERS, FITS_BEST = 0.3, 0.5, 0.75, 0.8


def named(lang: str) -> str | None:
    """The language of a tag such as "en", "EN-us" or "pt_BR"; None for an empty one."""
    return lang.strip().replace("_", "-").partition("-")[0].lower() or None


class Guess(NamedTuple):
    lang: str | None  # None: nothing tells it
    certain: bool


NOT_KNOWN = Guess(None, certain=False)
ENGLISH = Guess("en", certain=True)


def guess_language(text: str, tokens: Sequence[Token]) -> Guess:
    words = [token.word for token in tokens if token.word and not _is_no_word(token, text)][:CHECKED_WORDS]
    if not words:
        return NOT_KNOWN if any(char.isalpha() for char in text[:READ_AT_MOST]) else Guess("en", certain=False)
    if is_foreign_script(words):
        return NOT_KNOWN
    return _checked(words, _by_votes(words))


def _is_no_word(token: Token, text: str) -> bool:
    """The "pre" of "pre-commit" and the acronym "AI" vote for no language; text all in capitals has no acronyms."""
    if token.end - token.start > LONGEST_PREFIX:
        return False
    return text[token.end : token.end + 1] == "-" or (_is_acronym(text[token.start : token.end]) and not text.isupper())


def _is_acronym(typed: str) -> bool:
    return len(typed) > 1 and typed.isupper() and typed.lower() in LANGUAGES_OF


def _by_votes(words: Sequence[str]) -> Guess:
    votes = _votes(words)
    if not votes:
        return _by_known_words(words)
    best = max(votes.values())
    if best < FEW_VOTES * len(words) and _known_share(words, "en") > KNOWN_FOR_SURE:
        return Guess("en", certain=True)  # a list of English nouns, with an "es" or "de" among them
    leaders = [lang for lang, count in votes.items() if count == best]
    judged = [lang for lang in leaders if lang in JUDGED]
    if OTHER_ALPHABET in leaders or not judged:
        return Guess(None if OTHER_ALPHABET in leaders else leaders[0], certain=True)
    likely = max(judged, key=lambda lang: (_known_share(words, lang), lang == "en"))
    share = _known_share(words, likely)
    if likely == "en":  # it shares "a", "of", "for", "is" and "on" with many
        return Guess("en", certain=best > 1 or share >= KNOWN_FOR_ENGLISH)
    if len(judged) < len(leaders) and share < KNOWN_FOR_SURE:
        return Guess(next(lang for lang in leaders if lang not in JUDGED), certain=False)
    return Guess(likely, certain=best > 1 or share >= KNOWN_FOR_SURE)


def _has_foreign_words(words: Sequence[str], lang: str) -> bool:
    """More than a stray function word that this language does not have; all borrow English ones."""
    foreign = sum(_is_foreign_function_word(word, lang) for word in words)
    return foreign * WORDS_A_STRAY_ONE > len(words)


@lru_cache(maxsize=20_000)
def _is_foreign_function_word(word: str, lang: str) -> bool:
    languages = LANGUAGES_OF.get(word, ())
    if not languages or lang in languages or "en" in languages or (len(word) < 2 and word != ARTICLE):
        return False
    return not _is_written_so(word, lang)


def _is_not_galician(telling: Sequence[str]) -> bool:
    """Some word that only Portuguese has: short goals may else be Galician, word for word."""
    return any(
        word in ONLY_PORTUGUESE or (ONLY_PORTUGUESE_SIGNS.search(word) and not _is_written_so(word, "en"))
        for word in telling
    )


def _checked(words: Sequence[str], voted: Guess) -> Guess:
    """Of the five the one voted for, or else the likeliest, if the words that tell it fit."""
    telling = [word for word in words if word not in LOAN_WORDS and (len(word) > 1 or word in LANGUAGES_OF)]
    if not telling:
        return Guess("en", words[0] in ENGLISH_VERBS) if LOAN_WORDS.intersection(words) else NOT_KNOWN
    if voted.lang in JUDGED:
        said, share = _weighed(telling, voted.lang)
        if share >= FITS:
            least, fits = (TELLS, FITS_WELL) if voted.lang == "en" else (TELLS_OTHERS, FITS_WELL_OTHERS)
            certain = voted.certain and said >= least and (share >= fits or said >= MUCH_SAID)
            certain = certain and not _has_foreign_words(words, voted.lang)
            return Guess(voted.lang, certain and (voted.lang != "pt" or _is_not_galician(telling)))
    likeliest = _likeliest(telling)
    said, share = _weighed(telling, likeliest)
    if said >= TELLS and share >= FITS_BEST:  # the votes were few, or for words that it shares with others
        return Guess(likeliest, certain=False)
    if voted == ENGLISH and _known_share(words, "en") >= KNOWN_FOR_SURE:  # with names among the words
        return Guess("en", certain=False)
    return NOT_KNOWN if voted.lang in JUDGED else voted


def _weighed(telling: Sequence[str], lang: str) -> tuple[float, float]:
    """What the words say for a language in all; and as a share, in which what is said against it counts twice."""
    each = [_fit(word, lang) for word in telling]
    said, against = sum(each), -sum(fit for fit in each if fit < 0)
    both = said + 2 * against
    return said, said / both if both else 1.0


def _likeliest(telling: Sequence[str]) -> str:
    sums = [sum(column) for column in zip(*map(_leanings, telling), strict=True)]
    return JUDGED[max(range(len(sums)), key=sums.__getitem__)]


@lru_cache(maxsize=20_000)
def _leanings(word: str) -> tuple[float, ...]:
    each = likeness(word)
    return tuple(
        math.log(each[lang] + LEAST_LIKELY) + (word in FUNCTION_WORDS[lang] or _is_known(word, lang)) for lang in JUDGED
    )


@lru_cache(maxsize=20_000)
def _fit(word: str, lang: str) -> float:
    """How much a word speaks for a language (or for English, that all borrow from) against all others."""
    shared = any(other not in JUDGED for other in LANGUAGES_OF.get(word, ()))
    if word in FUNCTION_WORDS[lang]:
        return 0.0 if shared else FUNCTION_WORD
    known = _is_known(word, lang)
    if not known and (shared or not LETTERS[lang].issuperset(word)):
        return -MOST_SAID
    each = likeness(word)
    likely = max(each[lang], each["en"])
    against = each[OTHER] if known else 1 - likely
    fit = math.log((likely + LEAST_LIKELY) / (against + LEAST_LIKELY)) + HEAD_START
    least = 0.0 if known and _is_written_so(word, lang) else -MOST_SAID
    return min(max(fit, least), MOST_SAID)


def is_foreign_script(words: Sequence[str]) -> bool:
    """More than a fifth of the letters are outside of the Latin alphabet."""
    if all(map(str.isascii, words)):
        return False
    letters = [char for word in words for char in word]
    return sum(map(_is_foreign, letters)) * 5 > len(letters)


def _is_foreign(char: str) -> bool:
    return char > "\u024f" and not "\u1e00" <= char <= "\u1eff" and not "\u0300" <= char <= "\u036f"


def _votes(words: Sequence[str]) -> Counter[str]:
    """Single letters, that may be names ("X + Y"), vote only where other words do."""
    longer = Counter(chain.from_iterable(_votes_of(word) for word in words if len(word) > 1))
    return (
        longer + Counter(chain.from_iterable(_votes_of(word) for word in words if len(word) == 1)) if longer else longer
    )


@lru_cache(maxsize=20_000)
def _votes_of(word: str) -> tuple[str, ...]:
    votes = LANGUAGES_OF.get(word, ())
    if "'" in word:  # l'abandon, d'erreurs
        votes += LANGUAGES_OF.get(word.partition("'")[0] + "'", ())
    if not word.isascii():
        votes += tuple(dict.fromkeys(MARKS[char] for char in word if char in MARKS)) * LETTER_VOTE
    return votes


def _known_share(words: Sequence[str], lang: str) -> float:
    """How many of the telling words the lexicon knows; function words and single letters tell nothing here."""
    telling = [word for word in words if len(word) > 1 and word not in LANGUAGES_OF]
    return sum(_is_known(word, lang) for word in telling) / len(telling) if telling else 0.0


@lru_cache(maxsize=20_000)
def _is_known(word: str, lang: str) -> bool:
    return _is_written_so(word, "en") if lang == "en" else tag_of(word, lang) is not None


@lru_cache(maxsize=20_000)
def _is_written_so(word: str, lang: str) -> bool:
    """The very word is known, not only its beginning: "implement" begins words of many languages."""
    rest = rest_of_entry(word, lang)
    if rest == "":
        return True
    if lang != "en":
        return False
    # The words that the model has learnt are English ones.
    return rest in ENGLISH_RESTS or word in ENGLISH_WORDS or "w:" + stem(word) in load("goals").weights


def _by_known_words(words: Sequence[str]) -> Guess:
    """Short texts have no function words ("Fix bugs"): the words that we know vote, English first."""
    shares = {lang: _known_share(words, lang) for lang in JUDGED}
    best = max(shares, key=lambda lang: (shares[lang], lang == "en"))
    if shares[best] > KNOWN_FOR_SURE:
        return Guess(best, certain=True)
    if shares[best] == KNOWN_FOR_SURE and all(map(str.isascii, words)):
        return Guess(best, certain=False)
    return NOT_KNOWN
