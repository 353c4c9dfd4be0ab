"""Suddenly aligned."""

from fractions import Fraction

from mappings.analysis import analyse
from mappings.model import Backlog, Finding, Item, Sprint
from tests.builders import backlog, item, sprint


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "sudden_alignment"}


def six(last: int, before: int, count: int = 5, completed: str | None = "03-13 17:00") -> list[Item | Sprint]:
    """`count` sprints with `before` percent aligned, then one with `last` percent."""
    parts: list[Item | Sprint] = []
    for number in range(count + 1):
        name, share = f"S{number}", last if number == count else before
        day = 5 + 3 * number
        ends = completed if number == count else f"02-{day + 2:02d} 17:00"
        parts.append(sprint(name, "03-01 09:00" if number == count else f"02-{day:02d} 09:00", ends))
        parts.append(item(f"A{number}", sprints=(name,), points=share, tags=("KR-1",)))
        parts.append(item(f"B{number}", sprints=(name,), points=100 - share))
    return parts


def test_over_nine_tenths_and_over_twice_the_mean_of_the_last_five() -> None:
    assert found(backlog(*six(91, 45)))["S5"].evidence == {"share": Fraction(91, 100), "mean_before": Fraction(45, 100)}
    assert set(found(backlog(*six(91, 45, completed=None)))) == {"S5"}
    assert found(backlog(*six(90, 10))) == {}
    assert found(backlog(*six(96, 48))) == {}


def test_it_needs_five_sprints_with_work_before_it_and_work_in_it() -> None:
    assert found(backlog(*six(91, 45, count=4))) == {}
    empty = sprint("EMPTY", "01-20 09:00", "01-30 17:00")
    assert found(backlog(empty, *six(91, 45, count=4))) == {}
    assert found(backlog(*six(91, 45), sprint("Z", "03-14 09:00", "03-18 17:00"))) == {}
