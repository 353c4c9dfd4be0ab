"""Tags that are stale."""

from dataclasses import replace
from datetime import date

from mappings.analysis import analyse
from mappings.model import Backlog, Finding, Settings
from tests.builders import at, backlog, epic, item, key_result, plan, sprint


def found(data: Backlog) -> dict[str, Finding]:
    return {each.subject: each for each in analyse(data).findings if each.kind == "stale_tag"}


OLD = plan(key_results=(key_result("KR-1"), key_result("OLD", until=date(2026, 1, 31))))


def test_the_subject_is_the_item_that_bears_the_tag() -> None:
    data = backlog(epic("E", tags=("OLD, KR-1",)), item("A", parent="E"), plans=OLD)
    assert {key: each.evidence for key, each in found(data).items()} == {"E": {"tags": ("OLD",)}}


def test_only_items_that_are_open_or_in_an_open_sprint_are_looked_at() -> None:
    data = backlog(
        sprint(),
        sprint("S2", "03-16 09:00", None),
        item("DONE", tags=("OLD",), status="done", sprints=("S1",)),
        item("RUNS", tags=("OLD",), status="done", sprints=("S2",)),
        item("GONE", tags=("OLD",), deleted=at("03-01")),
        item("RISK", tags=("OLD",), type="Risk"),
        plans=replace(OLD, settings=Settings(not_work=("Risk",))),
    )
    assert set(found(data)) == {"RUNS"}
