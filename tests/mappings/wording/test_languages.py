"""In which language a text is, and when nobody can tell."""

from pathlib import Path

import pytest

from mappings.wording import judge_goal, judge_key_result
from mappings.wording.languages import JUDGED, Guess, guess_language, is_foreign_script, named
from mappings.wording.text import tokenise

FALSELY_SAID = 8  # of some 500: sentences of a close relative that is told to be the judged language
TEXTS = Path(__file__).parent / "languages.txt"


def told_apart() -> list[tuple[str, str]]:
    found, lang = [], ""
    for line in TEXTS.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            lang = line[3:]
        elif not line.startswith("#"):
            found.append((lang, line))
    return found


def guessed(text: str) -> Guess:
    return guess_language(text, tokenise(text))


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Fix bugs", "en"),
        ("Refactoring login module", "en"),
        ("Improve UX", "en"),
        ("Make the checkout faster", "en"),
        ("Validierung der Annahmen mit Kunden", "de"),
        ("Maße prüfen", "de"),
        ("Corregir errores", "es"),
        ("Terminer l'abandon d'achats", "fr"),
        ("Entregar a estrutura inicial do projeto", "pt"),
        ("De gebruikers kunnen inloggen", "nl"),
        ("Dev: validators; DevOps: es re-indexing automation, aggregate service instances, pipeline deployments", "en"),
    ],
)
def test_short_texts_are_recognised(text: str, lang: str) -> None:
    assert guessed(text).lang == lang


@pytest.mark.parametrize("text", ["Naprawić błędy", "ログイン", "Исправить", "Qwrtz plmkn", "ż", "q"])
def test_what_nothing_tells_is_not_known(text: str) -> None:
    assert guessed(text).lang is None


def test_half_known_words_are_a_guess_that_nothing_is_flagged_on() -> None:
    assert guessed("Qwrtzplm agents") == Guess("en", certain=False)
    assert guessed("Qwrtzplmé agents") == Guess(None, certain=False)


def test_text_without_words_is_no_language_but_may_be_judged() -> None:
    assert guessed("12 - 15") == Guess("en", certain=False)
    assert guessed("PAY-12").lang is None


def test_tie_with_a_language_not_judged_goes_to_it_unless_the_words_are_known() -> None:
    assert guessed("Completare la pagina profilo").lang not in {"en", "de", "es", "fr", "pt"}
    assert guessed("Zeta la sigma") == Guess("it", certain=False)
    assert guessed("Mejorar la conversión").lang == "es"


def test_english_shares_its_little_words_and_is_believed_when_its_other_words_are_known() -> None:
    assert guessed("Create a dashboard") == Guess("en", certain=True)
    assert not guessed("Zzyzx is qwrtz").certain


@pytest.mark.parametrize(("tag", "lang"), [("EN-us", "en"), ("pt_BR", "pt"), (" de ", "de"), ("", None), ("  ", None)])
def test_language_tags_are_read_by_their_first_part(tag: str, lang: str | None) -> None:
    assert named(tag) == lang


def test_accents_are_not_a_foreign_script() -> None:
    assert not is_foreign_script(["größe", "señal", "tiếng"])
    assert is_foreign_script(["логин"])


def test_nothing_is_flagged_in_seventy_languages_that_are_not_judged() -> None:
    others = [(lang, text) for lang, text in told_apart() if lang not in JUDGED]
    assert len({lang for lang, _ in others}) >= 70
    assert [each for each in others if judge_goal(each[1]).flagged or judge_key_result(each[1]).flagged] == []


@pytest.mark.parametrize("said", JUDGED)
def test_nothing_is_flagged_in_another_language_whatever_language_is_said(said: str) -> None:
    others = [text for lang, text in told_apart() if lang not in JUDGED and len(text.split()) > 2]
    flagged = [text for text in others if judge_goal(text, said).flagged]
    assert len(flagged) <= FALSELY_SAID, flagged


def test_short_goals_in_the_judged_languages_are_judged() -> None:
    ours = [text for lang, text in told_apart() if lang in JUDGED]
    left_out = [text for text in ours if judge_goal(text).label is None]
    assert len(left_out) <= 5, left_out


@pytest.mark.parametrize("text", ["Sprint 12: rapportage en export", "Feature toggles invoeren", "Release do testów"])
def test_loan_words_do_not_decide_the_language(text: str) -> None:
    assert not guessed(text).certain


def test_loan_words_alone_are_english_if_they_begin_with_a_verb() -> None:
    assert guessed("Deploy API") == Guess("en", certain=True)
    assert guessed("Panel admin") == Guess("en", certain=False)


def test_names_among_known_words_leave_english_a_guess() -> None:
    assert guessed("identify 3 differentiators from Trello/Asana") == Guess("en", certain=False)


def test_beginning_of_a_hyphenated_word_and_an_acronym_vote_for_no_language() -> None:
    assert guessed("Fix pre-commit hooks and re-indexing errors") == Guess("en", certain=True)
    assert guessed("AI reviews completed") == Guess("en", certain=True)
    assert guessed("LA CONVERSIÓN DE LOS CLIENTES").lang == "es"


@pytest.mark.parametrize("text", ["Implementar o módulo de pagamentos", "Desenvolver a base de datos"])
def test_goal_that_may_be_galician_as_well_as_portuguese_is_not_certain(text: str) -> None:
    assert not guessed(text).certain


def test_one_word_that_only_portuguese_has_makes_it_certain() -> None:
    assert guessed("Finalizar a integração com o módulo de pagamentos") == Guess("pt", certain=True)
