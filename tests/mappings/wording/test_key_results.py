"""What the judge says of key results: flagged or not, what is missing, leading or lagging."""

import pytest

from mappings.wording import KeyResultLabel, judge_key_result
from tests.mappings.wording.examples import KEY_RESULTS

FLOORS = {"outcome": 14, "output": 11, "activity": 9, "vanity": 7, "impact_financial": 8, "binary": 6}


@pytest.mark.parametrize("label", KEY_RESULTS)
def test_judge_keeps_getting_its_examples_right(label: str) -> None:
    right = [text for text in KEY_RESULTS[label] if judge_key_result(text).label == label]
    assert len(right) >= FLOORS[label], sorted(set(KEY_RESULTS[label]) - set(right))


def test_outcomes_and_money_are_never_flagged_and_the_others_are() -> None:
    verdicts = [judge_key_result(text) for texts in KEY_RESULTS.values() for text in texts]
    assert {each.label for each in verdicts if each.flagged} == {"output", "activity", "vanity", "binary"}


def test_money_gets_a_note_and_no_finding() -> None:
    verdict = judge_key_result("Increase MRR from 40k to 60k")
    assert (verdict.label, verdict.flagged) == ("impact_financial", False)
    assert verdict.advice == "It is a result of the business. Name the change in behaviour that is to bring it about."


def test_numbers_are_read_out_of_the_text() -> None:
    numbers = judge_key_result("Reduce time to first value from 5 minutes to 2 minutes by Q3").numbers
    assert numbers is not None
    assert (numbers.baseline, numbers.target, numbers.unit, numbers.direction) == (5, 2, "min", "down")
    assert numbers.deadline == "Q3"


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Reduce churn from 5 % to 3 %", ()),
        ("Churn below 3 %", ("baseline",)),
        ("Reduce churn by half", ("baseline",)),
        ("Improve retention", ("baseline", "target")),
        ("Launch the portal", ()),
    ],
)
def test_missing_names_baseline_and_target(text: str, missing: tuple[str, ...]) -> None:
    assert judge_key_result(text).missing == missing


def test_outcome_without_a_number_is_told_so() -> None:
    verdict = judge_key_result("Improve retention of customers")
    assert (verdict.vague, verdict.advice) == (True, "It names a change without a baseline and a target.")
    assert judge_key_result("Reduce churn from 5 % to 3 %").advice is None


def test_a_reason_made_of_little_words_alone_is_shown_whole() -> None:
    assert [each.text for each in judge_key_result("They will be there").reasons] == ["They will be"]


@pytest.mark.parametrize(
    ("text", "timing"),
    [
        ("Customer churn below 3 %", "lagging"),
        ("2,000 weekly active drivers use the app", "leading"),
        ("Publish 4 guides", "leading"),
        ("Revenue of 3 million euros", "lagging"),
        ("Be the bakery that everybody loves", None),
    ],
)
def test_leading_moves_with_the_work_and_lagging_comes_after_it(text: str, timing: str | None) -> None:
    assert judge_key_result(text).timing == timing


def test_other_languages_are_not_judged() -> None:
    verdict = judge_key_result("Zmniejszyć liczbę błędów")
    assert (verdict.label, verdict.flagged) == (None, False)
    assert verdict.advice is not None
    assert "is not judged" in verdict.advice


def test_language_given_is_believed_unless_the_script_contradicts() -> None:
    assert judge_key_result("Launch portal", "EN-gb").lang == "en"
    assert judge_key_result("Launch portal", " ").lang == "en"
    assert judge_key_result("ログイン画面", "en").label is None


def test_capability_of_a_system_is_output() -> None:
    verdict = judge_key_result("Users can export their data")
    assert (verdict.label, verdict.capability) == ("output", True)


@pytest.mark.parametrize("text", ["", "12", "🚀", "\ud800"])
def test_text_without_words_is_unclear(text: str) -> None:
    verdict = judge_key_result(text)
    assert verdict.unclear
    assert not verdict.flagged
    assert verdict.label in set(KeyResultLabel)
