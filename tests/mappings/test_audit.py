"""The ten-minute audit: numbers with the list behind each, before there are OKRs or tags."""

from mappings.audit import Audit, Carrier, audit, wants_audit
from mappings.model import Backlog, Condition, MappingRule, Plan, SprintState, Status
from mappings.reckoning import Reckoning
from tests.builders import backlog, epic, future, item, plan, sprint, subtask

BARE = Plan()


def audited(found: Backlog) -> Audit:
    return audit(Reckoning(found))


def test_an_audit_is_wanted_while_nothing_ties_work_to_key_results() -> None:
    rule = MappingRule(Condition("label", "x"), ("KR-1",))
    assert wants_audit(backlog(item("A", tags=("KR-1",)), plans=BARE))
    assert wants_audit(backlog(item("A")))
    assert not wants_audit(backlog(item("A", tags=("KR-1",))))
    assert not wants_audit(backlog(item("A"), plans=plan(rules=(rule,))))


def test_sprints_statuses_and_estimates_are_listed() -> None:
    found = audited(
        backlog(
            sprint("S1"), sprint("S2", start="03-16", completed=None), future("S3"),
            item("A", points=3, status="done"), item("B", status="dropped"), item("C", history_known=False),
            plans=BARE,
        )
    )  # fmt: skip
    assert dict(found.sprints) == {
        SprintState.CLOSED: ("S1",), SprintState.ACTIVE: ("S2",), SprintState.FUTURE: ("S3",),
    }  # fmt: skip
    assert dict(found.statuses) == {
        Status.TODO: ("C",), Status.DOING: (), Status.DONE: ("A",), Status.DROPPED: ("B",),
    }  # fmt: skip
    assert (found.estimated, found.unestimated, found.counted) == (("A",), ("B", "C"), 3)
    assert found.without_history == ("C",)


def test_epics_come_with_what_hangs_below_them_most_open_items_first() -> None:
    found = audited(
        backlog(
            epic("E1", title="Empty"), epic("E2", title="Full"), epic("E3", title="A story once"),
            item("A", parent="E2", points=3), item("B", parent="E2", points=2, status="done"), subtask("T", "A"),
            subtask("U", "E3"),
            plans=BARE,
        )
    )  # fmt: skip
    assert [one.key for one in found.epics] == ["E2", "E3", "E1"]
    full, story, _ = found.epics
    assert (full.children, full.subtasks, full.items, full.open_items, full.total) == (("A", "B"), (), ("A", "B"), 1, 5)
    assert (story.children, story.subtasks, story.items) == ((), ("U",), ("U",))
    assert found.childless_epics == ("E3", "E1")


def test_parents_that_cannot_be_seen_are_told_with_the_items_below_them() -> None:
    found = audited(backlog(item("A", parent="X-1"), item("B", parent="X-1"), item("C"), plans=BARE))
    assert found.unseen_parents == (("X-1", ("A", "B")),)


def test_what_could_carry_tags_is_counted_with_its_most_frequent_values() -> None:
    found = audited(
        backlog(
            epic("E1"),
            item("A", parent="E1", labels=("web", "ios"), fields={"Theme": "Growth", "Area": ("x", "y")}),
            item("B", labels=("web",), fields={"Theme": "Growth", "Area": None}),
            item("C", components=("api",)),
            plans=BARE,
        )
    )  # fmt: skip
    assert found.carriers == (
        Carrier("epics", None, 1, ()),
        Carrier("labels", None, 2, (("web", 2), ("ios", 1))),
        Carrier("components", None, 1, (("api", 1),)),
        Carrier("field", "Area", 1, (("x", 1), ("y", 1))),
        Carrier("field", "Theme", 2, (("Growth", 2),)),
    )
