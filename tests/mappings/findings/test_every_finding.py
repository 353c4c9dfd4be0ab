"""What holds for every kind of finding."""

import random
from dataclasses import replace
from pathlib import Path

from mappings.analysis import analyse
from mappings.findings import find_all, rules
from mappings.model import Condition, MappingRule
from mappings.reckoning import Reckoning
from mappings.survey import Survey
from tests.builders import backlog, epic, item, plan, sprint

DOCS = Path(__file__).resolve().parents[3] / "docs" / "findings.md"
BUSY = backlog(
    sprint(goal="Serve KR-2"),
    sprint("S2", "03-16 09:00", None, goal=""),
    epic("E"),
    epic("F", tags=("gone",)),
    item("A", ("03-13 12:00", {"tags": ("KR-1",)}), parent="E", sprints=("S1", "S2"), points=3),
    item("B", parent="HIDDEN", sprints=("S1",)),
    item("C", tags=("KR-1:80, KR-2:70",), sprints=("S2",), points=2),
    plans=plan(rules=(MappingRule(Condition("label", "x")),)),
)


def test_every_kind_has_a_row_in_the_documentation_and_a_module_of_its_name() -> None:
    text = DOCS.read_text()
    for rule in rules():
        assert f"| `{rule.kind}` |" in text
        assert rule.find.__module__ == f"mappings.findings.{rule.kind}"
        assert rule.asks.endswith("?")


def test_findings_do_not_depend_on_the_order_of_anything() -> None:
    expected = analyse(BUSY).findings
    assert {finding.kind for finding in expected} >= {"late_tagging", "dangling_epic", "missing_goal", "over_allocated"}
    for seed in range(5):
        shuffle = random.Random(seed).sample
        shuffled = replace(
            BUSY,
            items=tuple(shuffle(BUSY.items, len(BUSY.items))),
            sprints=tuple(shuffle(BUSY.sprints, len(BUSY.sprints))),
        )
        assert analyse(shuffled).findings == expected


def test_an_empty_backlog_has_no_findings() -> None:
    assert find_all(Survey(Reckoning(backlog(plans=plan(key_results=(), objectives=()))))) == ()


def test_every_finding_says_what_could_be_done() -> None:
    found = analyse(BUSY).findings
    assert found
    for finding in found:
        assert finding.suggestion.endswith(".")
        assert finding.subject
