"""What the judge says of sprint goals, with the words that decided."""

import os
import subprocess
import sys

import pytest

from mappings.wording import GoalLabel, judge_goal
from tests.mappings.wording.examples import GOALS, NOT_JUDGED, OTHER_LANGUAGES

# Out of those in `examples`; one more wrong than these allow is a regression.
FLOORS = {"outcome": 19, "learning": 14, "output_only": 24, "empty_or_placeholder": 15}


@pytest.mark.parametrize("label", GOALS)
def test_judge_keeps_getting_its_examples_right(label: str) -> None:
    right = [text for text in GOALS[label] if judge_goal(text).label == label]
    assert len(right) >= FLOORS[label], sorted(set(GOALS[label]) - set(right))


def test_floors_leave_no_label_out_and_no_more_than_one_text_each() -> None:
    assert {label: len(texts) - FLOORS[label] for label, texts in GOALS.items()} == {
        "outcome": 1,
        "learning": 1,
        "output_only": 1,
        "empty_or_placeholder": 0,
    }


def test_only_output_is_flagged() -> None:
    verdicts = [judge_goal(text) for texts in GOALS.values() for text in texts]
    assert {verdict.label for verdict in verdicts if verdict.flagged} == {"output_only"}


@pytest.mark.parametrize(("lang", "text"), NOT_JUDGED)
def test_goal_in_another_language_is_not_judged_and_never_flagged(lang: str, text: str) -> None:
    guessed = judge_goal(text)
    assert (guessed.label, guessed.flagged, guessed.confidence) == (None, False, 0.0)
    told = judge_goal(text, lang)
    assert (told.label, told.flagged, told.lang) == (None, False, lang)


@pytest.mark.parametrize(("lang", "label", "text"), OTHER_LANGUAGES)
def test_four_more_languages_are_usable(lang: str, label: str, text: str) -> None:
    verdict = judge_goal(text)
    assert (verdict.lang, verdict.label) == (lang, label)


def test_reasons_are_places_in_the_text_with_a_sentence_each() -> None:
    text = "**Finish** the export page, so that accountants close the month two days sooner."
    verdict = judge_goal(text)
    assert verdict.label == "outcome"
    assert verdict.reasons
    assert all(text[each.start : each.end] == each.text and each.why for each in verdict.reasons)
    assert [each.start for each in verdict.reasons] == sorted(each.start for each in verdict.reasons)


def test_words_of_the_model_are_reasons_where_no_rule_speaks() -> None:
    verdict = judge_goal("Login, registration, profile")
    assert [each.text for each in verdict.reasons]


def test_one_clause_with_an_outcome_speaks_for_a_list_of_tasks() -> None:
    tasks = "Complete the importer, update the handbook and upgrade the server"
    assert judge_goal(tasks).label == "output_only"
    assert judge_goal(f"{tasks}; reduce failed deliveries from 8 % to 4 %").label == "outcome"


def test_capability_is_output_flagged_mildly() -> None:
    verdict = judge_goal("Users can export their invoices")
    assert (verdict.label, verdict.capability, verdict.flagged) == ("output_only", True, True)
    assert verdict.advice == "It says what people will be able to do, not what will change."


def test_capability_with_a_benefit_is_an_outcome() -> None:
    verdict = judge_goal("Users can export their invoices in under 30 seconds, so that they no longer call support")
    assert (verdict.label, verdict.capability) == ("outcome", False)


def test_missing_says_what_a_goal_leaves_open() -> None:
    assert judge_goal("Build the login page").missing == (
        "who",
        "which behaviour",
        "which metric",
        "by how much",
    )
    assert judge_goal("Reduce churn of customers from 5 % to 3 %").missing == ()


def test_outcome_without_a_number_is_vague() -> None:
    assert judge_goal("Improve reliability").vague
    assert not judge_goal("Reduce churn from 5 % to 3 %").vague


def test_learning_is_not_asked_for_metrics_but_for_the_decision() -> None:
    verdict = judge_goal("Find out why trial users leave")
    assert verdict.missing == ()
    assert verdict.questions == ("What will we do differently, depending on the answer?",)


@pytest.mark.parametrize("text", ["", "  \n ", "🚀", "…", "PAY-1, PAY-2", "https://example.org/board", "n/a", "[goal]"])
def test_text_without_a_goal_is_a_placeholder_whatever_the_language(text: str) -> None:
    verdict = judge_goal(text)
    assert (verdict.label, verdict.flagged) == (GoalLabel.EMPTY, False)


def test_blank_text_has_no_words_to_show() -> None:
    assert judge_goal(" ").reasons == ()
    assert [each.text for each in judge_goal(" TBD ").reasons] == ["TBD"]


def test_lead_in_does_not_change_the_verdict() -> None:
    for text, label in (("tackle the initialisation code", "output_only"), ("lower the refund rate", "outcome")):
        assert judge_goal(f"The goal of this sprint is to {text}").label == label
        assert judge_goal(f"Sprint goal: {text}").label == label


def test_below_the_threshold_the_verdict_is_unclear_and_not_flagged() -> None:
    verdicts = [judge_goal(text) for texts in GOALS.values() for text in texts]
    unsure = [judge_goal("Bugs fixen")]
    assert all(not each.flagged for each in [*verdicts, *unsure] if each.unclear)
    assert unsure[0].unclear


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "Fix bugs\x00 and \ud800 add pages",
        "<p>Fix <b>bugs</b></p> {color:red}now{color} &nbsp; ![shot](a.png)",
        "✅ fix login 🚀 ✅ add page",
        "Build the page. " * 190,
        "fix bugs and add pages " * 50_000,
        "(" * 100_000 + "a",
        "_" * 100_000,
        "a1 " * 2_000,
    ],
)
def test_any_text_is_judged_and_places_stay_inside_it(text: str) -> None:
    verdict = judge_goal(text)
    assert verdict.label is None or verdict.label in set(GoalLabel)
    assert all(text[each.start : each.end] == each.text for each in verdict.reasons)


def test_same_text_same_verdict_in_every_process() -> None:
    ask = (
        "from mappings.wording import judge_goal;"
        "print(judge_goal('Ship the beta, so that 20 families cook from it every evening'))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", ask], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1


@pytest.mark.parametrize(
    "text", ["KR-7 goes up", "Move KR-4 to 30 %", "Help the readers of KR-5", "KR-8 drops", "Everyone pulls on KR-2"]
)
def test_words_beside_a_key_result_are_no_placeholder(text: str) -> None:
    assert judge_goal(text).label not in {GoalLabel.EMPTY, None}


@pytest.mark.parametrize("text", ["KR-7", "KR-4, KR-9", "OKR 3"])
def test_key_results_alone_are_a_placeholder(text: str) -> None:
    assert judge_goal(text).label == GoalLabel.EMPTY


def test_text_after_many_blanks_is_read() -> None:
    text = " " * 5_000 + "Reduce churn of customers from 5 % to 3 %"
    verdict = judge_goal(text)
    assert verdict.label == "outcome"
    assert verdict.numbers is not None
    assert verdict.numbers.target == 3


def test_no_verdict_is_bare() -> None:
    texts = [*(text for texts in GOALS.values() for text in texts), "Zaps over fobs", "The lobby"]
    verdicts = [judge_goal(text) for text in texts if text.strip()]
    assert all(verdict.reasons for verdict in verdicts if verdict.label)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Improve the experience of visitors by building a new menu and adding a map", "outcome"),
        ("Build the menu so that visitors find the ward faster", "outcome"),
        ("Build the menu so that visitors can open the map", "output_only"),
        ("Validate the portal 2.1 before it goes to production", "output_only"),
        ("Validate whether wards would use the map", "learning"),
        ("Will carers trust the suggestion?", "learning"),
        ("Noch offen", "empty_or_placeholder"),
        ("Factures en PDF", "output_only"),
    ],
)
def test_ends_are_told_from_means_and_doubts_from_checks(text: str, label: str) -> None:
    assert judge_goal(text).label == label


def test_a_list_is_not_taken_for_an_outcome_because_one_of_its_tasks_is_a_little_likelier_than_the_others() -> None:
    tasks = "1. Database - store orders\n2. Agent - loop over results\n3. Letters - new template\n4. History - old runs"
    assert judge_goal(tasks).label == "output_only"


@pytest.mark.parametrize(
    "text",
    [
        "Reduce [metric] by 10% in two weeks",
        "We deliver {new feature} because we expect {specific customer outcome} for {target users}",
        "By the end of sprint [number], [target users] can do it",
    ],
)
def test_places_to_fill_in_make_a_template(text: str) -> None:
    assert judge_goal(text).label == GoalLabel.EMPTY


@pytest.mark.parametrize(
    "text",
    [
        "[feature] Add the export page",
        "Implement GET /users/{user} and DELETE /users/{user}",
        "Port List<User> to the API",
    ],
)
def test_marks_of_a_kind_paths_and_types_are_no_places_to_fill_in(text: str) -> None:
    assert judge_goal(text).label != GoalLabel.EMPTY
