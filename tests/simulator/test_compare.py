"""The comparison with the truths overlooks nothing."""

from copy import deepcopy
from typing import Any

import pytest

from simulator.compare import figure_differences, finding_differences, subject_of
from simulator.truths import FIGURES, FINDINGS, Reckoned
from tests.simulator.companies import NOON, company_at

RECKONED = Reckoned("Checkout", 1, "points", "final", "8", {"KR-11": "6"}, "1", "0", "1", (75, 13, 0, 12), 0)


def part(amount: str, share: float, percent: int) -> dict[str, Any]:
    return {"amount": amount, "share": share, "percent": percent, "low": share, "high": share}


def figure() -> dict[str, Any]:
    """One that agrees with `RECKONED`."""
    return {
        "items": ["A", "B"],
        "total": "8",
        "shares": [{"key_result": "KR-11", **part("6", 0.75, 75)}],
        "exempt": part("1", 0.125, 13),
        "dead_link": part("0", 0.0, 0),
        "unaligned": part("1", 0.125, 12),
        "imputed": [],
    }


def test_a_figure_that_agrees_has_no_differences() -> None:
    assert figure_differences(RECKONED, figure()) == []


def test_no_figure_is_a_difference() -> None:
    assert figure_differences(RECKONED, None) == ["Checkout 1 final in points: there is no figure"]


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("total",), "9", "total"),
        (("shares", 0, "amount"), "5", "amount of KR-11"),
        (("shares", 0, "percent"), 74, "percent of KR-11"),
        (("shares", 0, "share"), 0.74, "share of KR-11"),
        (("shares", 0, "key_result"), "KR-12", "order"),
        (("exempt", "percent"), 12, "percent of exempt"),
        (("dead_link", "amount"), "1", "amount of dead_link"),
        (("unaligned", "share"), None, "share of unaligned"),
        (("imputed",), [{"item": "A", "value": "2"}], "imputed"),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_every_part_of_a_figure_is_compared(path: tuple[str | int, ...], value: object, named: str) -> None:
    changed: Any = deepcopy(figure())
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert any(named in difference for difference in figure_differences(RECKONED, changed))


def test_the_ends_of_an_interval_are_compared() -> None:
    reckoned = next(planted for planted in FIGURES if planted.intervals)
    assert any("the low of" in text for text in figure_differences(reckoned, figure()))


def test_missing_unplanted_and_milder_findings_are_told() -> None:
    company = company_at(NOON)
    reported: list[dict[str, object]] = [
        {"kind": planted.kind, "subject": subject_of(company, planted), "severity": planted.severity}
        for planted in FINDINGS
    ]
    assert finding_differences(company, reported) == []
    missing = finding_differences(company, reported[1:])
    assert len(missing) == 1
    assert "orphan_epic epic guest-checkout was planted and not reported" in missing[0]
    more = finding_differences(company, [*reported, {"kind": "orphan_epic", "subject": "CHK-1", "severity": "low"}])
    assert more == ["orphan_epic epic old-wallets was reported and not planted"]
    milder = finding_differences(company, [{**reported[0], "severity": "low"}, *reported[1:]])
    assert "is low, but was reckoned as high" in milder[0]
