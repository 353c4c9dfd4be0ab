"""Key results are read from wherever a site keeps them: each encoding from the choice to the tags that are kept."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from integration.store import connections
from integration.store.engine import reading
from integration.store.tables import ItemRow, ItemStateRow
from integration.trackers.jira.chosen import chosen_of
from service.commands.connect_desk import Desk
from tests.integration.trackers.jira.fake_jira import FakeJira, issue, running_jira
from tests.integration.trackers.jira.test_field_survey import FIELDS
from tests.service.test_connect import desk, run

__all__ = ["desk", "run"]
TYPES = "com.atlassian.jira.plugin.system.customfieldtypes"
FIELD = "customfield_555"
Schema = dict[str, str]
Case = tuple[Schema, dict[str, Any], tuple[str, ...], tuple[str, ...]]

DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Serves KR-1, and KR-2 a little"}]}],
}
LINKS = [
    {"type": {"name": "Serves", "inward": "is served by", "outward": "serves"}, "outwardIssue": {"key": "OKR-1"}},
    {"type": {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"}, "outwardIssue": {"key": "PAY-9"}},
]
BY_FIELD = ("--kr-field", "Serves which")
CASES: dict[str, Case] = {
    "select": (
        {"type": "option", "custom": f"{TYPES}:select"},
        {FIELD: {"id": "1", "value": "KR-1"}},
        BY_FIELD,
        ("KR-1",),
    ),
    "multi-select": (
        {"type": "array", "items": "option", "custom": f"{TYPES}:multiselect"},
        {FIELD: [{"id": "1", "value": "KR-1"}, {"id": "2", "value": "KR-2"}]},
        BY_FIELD,
        ("KR-1", "KR-2"),
    ),
    "cascading, objective to key result": (
        {"type": "option-with-child", "custom": f"{TYPES}:cascadingselect"},
        {FIELD: {"id": "1", "value": "Growth", "child": {"id": "2", "value": "KR-1"}}},
        BY_FIELD,
        ("KR-1",),
    ),
    "labels field": (
        {"type": "array", "items": "string", "custom": f"{TYPES}:labels"},
        {FIELD: ["KR-1", "KR-2"]},
        BY_FIELD,
        ("KR-1", "KR-2"),
    ),
    "labels with a prefix": ({}, {"labels": ["okr-KR-1", "web"]}, ("--kr-label-prefix", "okr-"), ("KR-1",)),
    "text with a pattern": (
        {"type": "string", "custom": f"{TYPES}:textarea"},
        {FIELD: DOCUMENT},
        (*BY_FIELD, "--kr-pattern", r"KR-\d+"),
        ("KR-1", "KR-2"),
    ),
    "text that is a name": (
        {"type": "string", "custom": f"{TYPES}:textfield"},
        {FIELD: "KR-1:70, KR-2"},
        BY_FIELD,
        ("KR-1:70, KR-2",),
    ),
    "number": ({"type": "number", "custom": f"{TYPES}:float"}, {FIELD: 3.0}, BY_FIELD, ("3",)),
    "link to issues": ({}, {"issuelinks": LINKS}, ("--kr-link-type", "serves"), ("OKR-1",)),
}


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    with running_jira() as fake:
        fake.link_types = [{"id": str(number), **link["type"]} for number, link in enumerate(LINKS)]
        yield fake


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_each_encoding_is_offered_chosen_and_read(
    jira: FakeJira, run: Callable[..., tuple[int, str]], desk: Desk, case: Case
) -> None:
    schema, content, flags, tags = case
    jira.fields = [one for one in FIELDS if one["name"] != "Key Result"]
    jira.fields += [{"id": FIELD, "name": "Serves which", "custom": True, "schema": schema}] if schema else []
    jira.add(issue(1, **content), issue(2))
    status, said = run(*flags)
    assert status == 0, said
    with reading(desk.engine) as session:
        known = connections.connection_named(session, desk.vault, "acme")
        found = select(col(ItemRow.key), col(ItemStateRow.tags)).join(
            ItemStateRow, col(ItemStateRow.item_id) == col(ItemRow.id)
        )
        read = {key: tuple(kept) for key, kept in session.execute(found)}
    assert known is not None
    assert chosen_of(known).fields.tag_field is not None
    assert read == {"PAY-1": tags, "PAY-2": ()}
