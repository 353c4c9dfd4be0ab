"""Work without an estimate."""

from mappings.analysis import analyse
from mappings.model import Backlog, Finding, Measure
from tests.builders import backlog, item, plan, sprint


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "unestimated_work"}


def test_active_and_last_closed_sprints_are_looked_at() -> None:
    data = backlog(
        sprint("OLD", "02-02 09:00", "02-13 17:00"),
        sprint(),
        sprint("S2", "03-16 09:00", None),
        sprint("S3", "03-16 09:00", None),
        item("A", sprints=("OLD", "S1")),
        item("B", sprints=("S2",)),
        item("C", sprints=("S3",), points=0),
    )
    assert {key: each.evidence for key, each in found(data).items()} == {
        "S1": {"items": ("A",)},
        "S2": {"items": ("B",)},
    }


def test_where_sprints_name_several_teams_each_has_its_own_last_one() -> None:
    data = backlog(
        sprint("G", "02-02 09:00", "02-13 17:00", team="Growth"), sprint("S1"), item("A", sprints=("G", "S1"))
    )
    assert set(found(data)) == {"G", "S1"}


def test_an_upper_bound_of_unknown_work_in_logged_time_is_no_work_to_speak_of() -> None:
    data = backlog(sprint(), item("A", sprints=("S1",), history_known=False), plans=plan(measure=Measure.TIME_SPENT))
    assert found(data) == {}
