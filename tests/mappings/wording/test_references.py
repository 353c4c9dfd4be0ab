"""Which key results a goal names."""

import pytest

from mappings.model import KeyResult
from mappings.wording import goal_references, named_key_results

ACTIVATION = KeyResult("KR-3", "O-1", "New teams are active in week 1", ("Activation",), metric="activation rate")
CHURN = KeyResult("KR-30", "O-1", "Fewer small shops cancel their plan in the first quarter")
ALL = (ACTIVATION, CHURN)


@pytest.mark.parametrize(
    ("goal", "codes"),
    [
        ("Move KR-3 forward", ("KR-3",)),
        ("move kr-30 forward", ("KR-30",)),
        ("ACTIVATION first", ("KR-3",)),
        ("Raise the activation   rate", ("KR-3",)),
        ("Fewer small shops cancel their plan in the first quarter!", ("KR-30",)),
        ("Reactivations", ()),
        ("xKR-3 and KR-3x", ()),
        ("xKR-3, then KR-3", ("KR-3",)),
        ("", ()),
    ],
)
def test_whole_names_are_found_in_any_case(goal: str, codes: tuple[str, ...]) -> None:
    assert named_key_results(goal, ALL) == codes
    assert goal_references(goal, ALL) == codes


@pytest.mark.parametrize(
    ("goal", "codes"),
    [
        ("Work for KR 3", ("KR-3",)),
        ("kr3!", ("KR-3",)),
        ("The rate of activations goes up", ("KR-3",)),
        ("Small shops that cancel their plans", ("KR-30",)),
        ("Open more shops", ()),
    ],
)
def test_loose_wording_is_understood_by_goal_references_alone(goal: str, codes: tuple[str, ...]) -> None:
    assert goal_references(goal, ALL) == codes
    assert named_key_results(goal, ALL) == ()


def test_blank_names_name_nothing() -> None:
    odd = KeyResult(" ", "O-1", "A")
    assert goal_references("anything at all", (odd,)) == ()
