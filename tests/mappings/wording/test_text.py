"""Texts as words with their places."""

import pytest

from mappings.wording.lexicon import CHARS, SOURCES, TAGS
from mappings.wording.rules import PATTERNS, STRONG
from mappings.wording.text import read, tokenise

NAMES = {char: tag for tag, char in CHARS.items()}


def tags(text: str, lang: str = "en") -> list[str]:
    return [NAMES[tag] for tag in read(text, tokenise(text), lang).tags]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PAY-12 #34", ["ID", "ID"]),
        ("https://example.org/a?b <b>&nbsp;", ["LINK"]),
        ("$5k 12 % 30ms 7", ["CASH", "PERCENT", "DURATION", "NUM"]),
        ("v2.0 Q3 2026", ["OTHER", "OTHER", "OTHER"]),
        ("in order to", ["TO"]),
        ("sign-up forms", ["USE", "ARTEFACT"]),
        ("as well, we", ["OTHER", "OTHER", "COMMA", "OTHER"]),
        ("users' trust", ["PEOPLE", "FEEL"]),
        ("user's trust", ["PEOPLE", "FEEL"]),
    ],
)
def test_tokens_are_told_apart(text: str, expected: list[str]) -> None:
    assert tags(text) == expected


def test_elided_article_is_no_part_of_the_word() -> None:
    assert tags("l\u2019abandon", "fr") == ["METRIC"]


def test_decomposed_and_full_width_letters_are_read_as_written_plainly() -> None:
    assert tags("Conversio\u0301n", "es") == ["METRIC"]
    assert tags("Ｆｉｘ ｂｕｇｓ") == ["DELIVER", "TASKS"]


def test_each_token_knows_its_place() -> None:
    text = "  fix  the bugs"
    assert [text[token.start : token.end] for token in tokenise(text)] == ["fix", "the", "bugs"]


@pytest.mark.parametrize("lang", SOURCES)
def test_every_tag_of_a_lexicon_is_one_of_ours(lang: str) -> None:
    assert set(SOURCES[lang]) <= set(TAGS)


def test_rules_have_names_of_their_own_and_strong_ones_exist() -> None:
    names = [each.name for each in PATTERNS]
    assert len(set(names)) == len(names)
    assert set(names) >= STRONG
