"""The draft of a better goal."""

from fractions import Fraction

from mappings.model import KeyResult
from mappings.wording import rewrite_prompt


def test_prompt_is_made_from_the_key_results_that_the_work_serves() -> None:
    activation = KeyResult("KR-3", "O-1", "Teams are active", metric="activation", unit="%", baseline=50, target=70)
    assert rewrite_prompt("Build the start page.", (activation,)) == (
        "This sprint we want ⟨who⟩ to ⟨behaviour⟩, seen in KR-3 activation 50 % → 70 %; "
        "we get there by “Build the start page”."
    )


def test_people_of_the_goal_are_taken_over() -> None:
    assert rewrite_prompt("Landlords can export, and users can import", ()).startswith("This sprint we want users to")


def test_without_key_results_the_metric_is_asked_for() -> None:
    assert "seen in ⟨which metric, from what to what⟩; we get there by ⟨…⟩." in rewrite_prompt("  ", ())


def test_title_stands_in_for_a_metric_and_amounts_are_short() -> None:
    served = (
        KeyResult("KR-1", "O-1", "Wait less", target=Fraction(5, 2)),
        KeyResult("KR-2", "O-1", "Trust"),
    )
    assert "seen in KR-1 Wait less 2.5 and KR-2 Trust;" in rewrite_prompt("Исправить", served)


def test_long_goal_is_cut_at_a_word() -> None:
    prompt = rewrite_prompt("build pages " * 100, ())
    assert prompt.endswith(" …”.")
    assert len(prompt) < 250
