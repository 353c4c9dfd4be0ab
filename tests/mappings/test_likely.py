"""Which key results an epic without one probably serves, and why."""

from mappings.likely import Around, Likely, likely_key_results, shared_words
from tests.builders import key_result

ACTIVATION = key_result("KR-1", title="Raise merchant activation from 40 to 60 %")
CHURN = key_result("KR-2", title="Cut churn to 2 %", metric="Monthly merchant churn")
NOTHING = Around({}, {})


def test_what_children_are_tagged_with_comes_first_and_is_listed() -> None:
    around = Around({"KR-2": ("PAY-3", "PAY-1", "PAY-2", "PAY-4")}, {"KR-1": ("PAY-F",)})
    assert likely_key_results("Anything", around, (ACTIVATION, CHURN)) == (
        Likely("KR-2", "4 items below it are tagged so (PAY-1, PAY-2, PAY-3 and 1 more)"),
        Likely("KR-1", "1 item beside it is tagged so (PAY-F)"),
    )


def test_two_telling_words_make_it_likely_and_one_does_not() -> None:
    assert likely_key_results("Activate merchants alone", NOTHING, (ACTIVATION, CHURN)) == (
        Likely("KR-1", "its title shares “activate”, “merchants” with the key result"),
    )
    assert likely_key_results("Merchants pay", NOTHING, (ACTIVATION, CHURN)) == ()


def test_a_title_that_names_the_key_result_says_so() -> None:
    assert likely_key_results("KR-2: leave no shop behind", NOTHING, (ACTIVATION, CHURN)) == (
        Likely("KR-2", "its title names the key result"),
    )


def test_at_most_three_are_told_and_of_equals_the_first_by_code() -> None:
    some = [key_result(f"KR-{number}", title="Faster merchant activation") for number in (4, 3, 2, 1)]
    found = likely_key_results("Merchant activation", NOTHING, some)
    assert [likely.key_result for likely in found] == ["KR-1", "KR-2", "KR-3"]


def test_words_of_every_key_result_say_nothing() -> None:
    assert shared_words("Increase the rate by 20 percent", ACTIVATION) == ()
    assert shared_words("Churn churns", CHURN) == ("churn",)
