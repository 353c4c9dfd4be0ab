"""From committed to completed: steps that add up, told from kept receipts."""

from typing import Any

import pytest

from reports import charts
from reports.scope_change import ScopeChange, scope_change, scope_chart


def document(**scopes: dict[str, int] | None) -> dict[str, Any]:
    """A kept answer with the values of items by scope."""
    return {
        "scopes": {name: None if values is None else {} for name, values in scopes.items()},
        "receipts": {
            name: [{"item": key, "value": str(value)} for key, value in values.items()]
            for name, values in scopes.items()
            if values is not None
        },
    }


CLOSED = document(
    committed={"A": 5, "B": 3, "C": 8, "D": 2},
    added={"E": 1},
    removed={"D": 4, "P": 9},
    final={"A": 8, "B": 2, "C": 8, "E": 1},
    completed={"A": 8},
    done_before={"E": 1},
    dropped={"B": 2},
    carried_over={"C": 8},
)


def told(kept: dict[str, Any]) -> ScopeChange:
    found = scope_change("shop", "S1", "points", kept)
    assert found is not None
    return found


def test_the_steps_lead_from_committed_over_final_to_completed() -> None:
    assert [(step.name, step.amount) for step in told(CLOSED).steps] == [
        ("committed", "18 points"),
        ("added", "+1 point"),
        ("removed", "−4 points"),
        ("re-estimated", "+4 points"),
        ("final", "19 points"),
        ("carried over", "−8 points"),
        ("dropped", "−2 points"),
        ("done before", "−1 point"),
        ("completed", "8 points"),
    ]


def test_each_step_begins_where_the_one_before_ended() -> None:
    level = None
    for step in told(CLOSED).steps:
        if level is not None:
            assert (step.end if step.is_level else step.start) == level
        level = step.end


def test_an_estimate_that_changed_before_the_item_left_is_a_re_estimate_and_no_removal() -> None:
    step = next(step for step in told(CLOSED).steps if step.name == "re-estimated")
    assert step.items == ("A", "B", "D")
    assert step.note == "2 estimated higher and 1 estimated lower than at the commitment."


def test_what_came_and_left_again_is_named_and_moves_nothing() -> None:
    step = next(step for step in told(CLOSED).steps if step.name == "removed")
    assert step.items == ("D",)
    assert "P came after the commitment and left again" in step.note


def test_each_step_of_a_scope_leads_to_its_receipt() -> None:
    hrefs = {step.name: step.href for step in told(CLOSED).steps}
    assert hrefs["carried over"] == "/sprints/shop/S1/receipt?scope=carried_over&measure=points&part="
    assert hrefs["re-estimated"] == ""


def test_a_running_sprint_ends_with_what_is_still_open() -> None:
    running = document(
        committed={"A": 5}, added={}, removed={}, final={"A": 5}, completed={}, done_before={}, dropped={},
        carried_over=None,
    )  # fmt: skip
    assert [step.name for step in told(running).steps] == ["committed", "final", "still open", "completed"]


def test_what_is_counted_otherwise_at_the_end_is_a_step_of_its_own() -> None:
    split = document(committed={"A": 5}, added={}, removed={}, final={"A-1": 2, "A-2": 4})
    assert [(step.name, step.amount) for step in told(split).steps][1] == ("counted otherwise", "+1 point")


@pytest.mark.parametrize("kept", [document(committed=None, final={"A": 1}), document(final={"A": 1})])
def test_without_a_known_commitment_there_is_nothing_to_tell(kept: dict[str, Any]) -> None:
    assert scope_change("shop", "S1", "points", kept) is None


def test_the_chart_shows_the_steps_and_its_bars_lead_to_receipts() -> None:
    drawn = charts.on_page(scope_chart(told(CLOSED)))
    assert drawn is not None
    assert 'href="/sprints/shop/S1/receipt?scope=final' in drawn
    for name in ("re-estimated", "carried over", "done before"):
        assert f">{name}</text>" in drawn
