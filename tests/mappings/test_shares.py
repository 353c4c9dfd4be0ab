"""Figures: exact amounts, intervals, percents."""

from fractions import Fraction

from mappings.model import Bucket, Link, Measure, Part, ReceiptLine, Source
from mappings.shares import figure_of, normalised_figure, percents, together
from tests.builders import NOW


def entry(
    item: str, value: int, *weights: tuple[str, Fraction | int], cap: int | None = None, board: str = "B1"
) -> ReceiptLine:
    links = [Link(item, code, Bucket.ALIGNED, weight, Source.DIRECT, "") for code, weight in weights]
    rest = 1 - sum(weight for _, weight in weights)
    if rest:
        links.append(Link(item, None, Bucket.UNALIGNED, rest, None, ""))
    return ReceiptLine(item, value, cap is not None, NOW, tuple(links), value, cap or 0, board)


def test_parts_are_in_the_order_shown_and_sum_to_one() -> None:
    figure = figure_of([entry("B", 1, ("KR-2", 1)), entry("A", 3, ("KR-1", Fraction(1, 2)))], Measure.POINTS)
    assert figure.items == ("A", "B")
    assert [(code, part.share, part.percent) for code, part in figure.shares] == [
        ("KR-1", Fraction(3, 8), 38),
        ("KR-2", Fraction(1, 4), 25),
    ]
    assert (figure.unaligned.amount, figure.unaligned.percent) == (Fraction(3, 2), 37)
    assert figure.exempt == figure.dead_link == Part(0, 0, 0, 0, 0)


def test_no_work_has_no_shares_and_is_no_zero_percent() -> None:
    figure = figure_of([entry("A", 0, ("KR-1", 1))], Measure.POINTS)
    assert (figure.total, figure.shares, figure.unaligned) == (0, (), Part(0, None, None, None, None))


def test_equal_remainders_go_to_those_shown_first() -> None:
    assert percents([1, 1, 1], 3) == (34, 33, 33)
    assert percents([Fraction(3, 2), Fraction(1, 4), Fraction(1, 4)], 2) == (75, 13, 12)


def test_an_interval_runs_over_all_ways_of_giving_unestimated_items_a_value() -> None:
    figure = figure_of([entry("A", 5, ("KR-1", 1)), entry("C", 0, ("KR-2", 1), cap=5)], Measure.POINTS)
    shares = dict(figure.shares)
    assert (shares["KR-1"].low, shares["KR-1"].high) == (Fraction(1, 2), 1)
    assert (shares["KR-2"].amount, shares["KR-2"].low, shares["KR-2"].high) == (0, 0, Fraction(1, 2))


def test_where_all_work_is_free_one_item_may_be_all_of_it() -> None:
    half = (("KR-1", Fraction(1, 2)), ("KR-2", Fraction(1, 4)))
    figure = figure_of([entry("V", 1, ("KR-1", 1), cap=1), entry("W", 1, *half, cap=1)], Measure.POINTS)
    shares = dict(figure.shares)
    assert (shares["KR-1"].low, shares["KR-1"].high) == (Fraction(1, 2), 1)
    assert (shares["KR-2"].low, shares["KR-2"].high) == (0, Fraction(1, 4))


def test_items_that_may_be_worth_nothing_only_do_not_widen_an_interval() -> None:
    figure = figure_of([entry("A", 5, ("KR-1", 1)), entry("C", 0, ("KR-2", 1), cap=0)], Measure.POINTS)
    assert [(code, part.low, part.high) for code, part in figure.shares] == [("KR-1", 1, 1)]


def test_each_board_is_scaled_to_the_number_of_its_items() -> None:
    figure = normalised_figure(
        [
            entry("A", 30, ("KR-1", 1), board="B1"),
            entry("B", 10, board="B1"),
            entry("C", 2, ("KR-2", 1), board="B2"),
            entry("D", 0, ("KR-3", 1), board="B3"),
        ]
    )
    assert figure.total == 3
    assert [(code, part.amount) for code, part in figure.shares] == [("KR-1", Fraction(3, 2)), ("KR-2", 1)]
    assert [(line.item, line.value, line.unscaled) for line in figure.receipt] == [
        ("A", Fraction(3, 2), 30), ("B", Fraction(1, 2), 10), ("C", 1, 2), ("D", 0, 0),
    ]  # fmt: skip


def test_a_board_whose_work_is_all_unestimated_may_weigh_its_items_or_nothing() -> None:
    figure = normalised_figure([entry("A", 4, ("KR-1", 1), board="B1"), entry("B", 1, ("KR-2", 1), cap=1, board="B2")])
    shares = dict(figure.shares)
    assert (shares["KR-1"].low, shares["KR-1"].high) == (Fraction(1, 2), 1)
    assert (shares["KR-2"].low, shares["KR-2"].high) == (0, Fraction(1, 2))


def test_boards_without_any_estimate_give_the_best_of_them() -> None:
    figure = normalised_figure(
        [
            entry("A", 1, ("KR-1", 1), cap=1, board="B1"),
            entry("B", 1, ("KR-2", 1), cap=1, board="B2"),
            entry("C", 0, ("KR-2", 1), board="B3"),
        ]
    )
    assert [(part.low, part.high) for _, part in figure.shares] == [(0, 1), (0, 1)]


def test_key_results_taken_together_add_amounts_and_shown_percents() -> None:
    entries = [entry("A", 1, ("KR-1", 1)), entry("B", 1, ("KR-2", 1)), entry("C", 1), entry("D", 1, ("KR-9", 1), cap=3)]
    figure = figure_of(entries, Measure.POINTS)
    both = together(figure, {"KR-1": "O1", "KR-2": "O1"})
    assert list(both) == ["O1"]
    assert (both["O1"].amount, both["O1"].share, both["O1"].percent) == (2, Fraction(1, 2), 50)
    assert (both["O1"].low, both["O1"].high) == (Fraction(1, 3), Fraction(2, 3))
    fixed = [entry("A", 1, ("KR-1", 1)), entry("C", 1)]
    sure = together(figure_of(fixed, Measure.POINTS), {"KR-1": "O1"})
    assert (sure["O1"].low, sure["O1"].high) == (Fraction(1, 2), Fraction(1, 2))
