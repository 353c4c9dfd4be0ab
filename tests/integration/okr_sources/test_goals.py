"""OKRs kept as Atlassian Goals: key results, values, links as tags over time, and answers that tell only a part."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from integration.contract import Connection, Fetched
from integration.files.register import read_version
from integration.okr_sources.reading import Outcome, read_all, read_due
from integration.secrets import Vault, new_key
from integration.store import connections
from integration.store.backlog import backlog_at
from integration.store.engine import reading, writing
from integration.store.plans import plan_versions, plan_with_values
from integration.store.writes import save_fetched
from mappings.model import KeyResult, MeasuredValue, Objective, Plan
from service.commands.okrs import apply_version
from tests.integration.okr_sources.okr_site import REGISTER, OkrSite, acme, goal, metric, okr_site, work_items
from tests.integration.okr_sources.test_issues import START, Clock
from tests.integration.store.material import fresh_store, state, tracked

GOALS = (
    REGISTER.partition("sources:")[0]
    + """
sources:
  - {kind: jira-goals, connection: acme, teams: [Payments]}
"""
)
GRAPHQL = "/gateway/api/graphql"
Json = dict[str, Any]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault() -> Vault:
    return Vault([new_key()])


@pytest.fixture
def site() -> Iterator[OkrSite]:
    with okr_site() as site:
        site.goals = [goal(1), goal(2, 1, metricTargets=metric(50, 70, 54.5, "2026-01-20T08:00:00.000Z"))]
        yield site


@pytest.fixture
def engine(database_url: str, vault: Vault) -> Iterator[Engine]:
    with fresh_store(database_url) as engine:
        with writing(engine) as session:
            connections.keep_connection(session, vault, acme(), START)
        apply(engine, GOALS, START - timedelta(days=30))
        yield engine


def apply(engine: Engine, text: str, now: datetime) -> str:
    return apply_version(engine, read_version(text.encode()), now)


def sync(engine: Engine, vault: Vault, clock: Clock, **values: Any) -> Outcome:
    (outcome,) = read_all(engine, vault, clock, **values)
    return outcome


def held(engine: Engine, clock: Clock) -> Plan:
    with reading(engine) as session:
        return plan_with_values(session, clock())


def tags(engine: Engine, clock: Clock, key: str = "PAY-1") -> list[tuple[datetime, tuple[str, ...]]]:
    with reading(engine) as session:
        items = backlog_at(session, "acme", clock()).items
    (item,) = (item for item in items if item.key == key)
    return [(state.at, state.tags) for state in item.states]


def add_item(engine: Engine, *states: Any) -> None:
    """PAY-1, whose id at the tracker is 10."""
    found = tracked("PAY-1", *(states or (state(-30),)))
    with writing(engine) as session:
        save_fetched(session, "acme", Fetched(at=START, items=(replace(found, id="10"),)), START)


def test_a_goal_below_another_is_its_key_result(site: OkrSite, engine: Engine, vault: Vault, clock: Clock) -> None:
    assert sync(engine, vault, clock).faults == ()
    plan = held(engine, clock)
    assert plan.objectives == (Objective("ACME-1", "Goal 1", "Payments", "2026Q1"),)
    value = MeasuredValue(datetime(2026, 1, 20, 8, tzinfo=UTC), plan.key_results[0].values[0].value)
    assert plan.key_results == (
        KeyResult("ACME-2", "ACME-1", "Goal 2", metric="Activation", unit="%", baseline=50, target=70, values=(value,)),
    )
    assert value.value * 2 == 109


def test_nothing_is_asked_of_people(site: OkrSite, engine: Engine, vault: Vault, clock: Clock) -> None:
    sync(engine, vault, clock)
    asked = [json.loads(request.body or "{}") for request in site.asked if GRAPHQL in (request.url or "")]
    assert len(asked) == 1
    assert asked[0]["variables"]["containerId"] == "ari:cloud:townsquare::site/cloud-1"
    for word in ("owner", "watchers", "creator", "account", "user"):
        assert word not in asked[0]["query"].lower()


def test_values_add_up_over_looks(site: OkrSite, engine: Engine, vault: Vault, clock: Clock) -> None:
    sync(engine, vault, clock)
    clock.later(days=1)
    site.goals[1]["metricTargets"] = metric(50, 70, 60, "2026-02-03T08:00:00.000Z")
    assert sync(engine, vault, clock).is_changed
    assert not sync(engine, vault, clock).is_changed
    values = held(engine, clock).key_results[0].values
    assert [value.at.day for value in values] == [20, 3]
    assert values[-1].value == 60
    with reading(engine) as session:
        assert len(plan_versions(session)) == 1


def test_links_are_tags_from_their_first_sight_until_their_last(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    add_item(engine)
    sync(engine, vault, clock)
    assert [codes for _, codes in tags(engine, clock)] == [()]
    begun = clock.later(hours=1)
    site.goals[1]["workItems"] = work_items(10)
    assert sync(engine, vault, clock).is_changed
    ended = clock.later(hours=1)
    site.goals[1]["workItems"] = work_items()
    sync(engine, vault, clock)
    created = tags(engine, clock)[0][0]
    assert tags(engine, clock) == [(created, ()), (begun, ("ACME-2",)), (ended, ())]


def test_a_link_of_the_first_look_holds_since_its_goal_was_made(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    add_item(engine, state(-80), state(-40, tags=("ACME-2",)), state(-30, tags=("KR-9",)))
    site.goals[1]["workItems"] = work_items(10, 11)
    sync(engine, vault, clock)
    found = tags(engine, clock)
    assert [codes for _, codes in found] == [(), ("ACME-2",), ("ACME-2",), ("KR-9", "ACME-2")]
    assert found[1][0] == datetime(2026, 1, 2, 8, tzinfo=UTC)
    with reading(engine) as session:
        assert [item.tag_field for item in backlog_at(session, "acme", clock()).items] == ["Goals"]


def test_many_goals_come_by_pages_and_the_next_look_waits_accordingly(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    site.goals = [goal(1), *(goal(number, 1) for number in range(2, 1_001))]
    assert read_due(engine, vault, clock) == 1
    assert len(held(engine, clock).key_results) == 999
    calls = site.paths().count(GRAPHQL)
    assert calls == 20
    clock.later(minutes=39)
    assert read_due(engine, vault, clock) == 0
    clock.later(minutes=4)
    assert read_due(engine, vault, clock) == 1


def test_all_pages_of_links_are_read(site: OkrSite, engine: Engine, vault: Vault, clock: Clock) -> None:
    add_item(engine)
    site.goals[1] |= {"workItems": work_items(8, after="a"), "more": [work_items(9, after="b"), work_items(10)]}
    sync(engine, vault, clock)
    assert tags(engine, clock)[-1][1] == ("ACME-2",)


def test_links_that_are_hidden_from_us_end_nothing(site: OkrSite, engine: Engine, vault: Vault, clock: Clock) -> None:
    add_item(engine)
    site.goals[1]["workItems"] = work_items(10)
    sync(engine, vault, clock)
    clock.later(hours=1)
    page = site._goals({"after": None, "first": 50})
    page["data"]["goals_search"]["edges"][1]["node"] |= {"workItems": work_items()}
    path = ["goals_search", "edges", 1, "node", "workItems", "edges", 0, "node"]
    site.graphql = [{**page, "errors": [{"message": "Forbidden", "path": path, "extensions": {"statusCode": 403}}]}]
    assert sync(engine, vault, clock).faults == ()
    assert tags(engine, clock)[-1][1] == ("ACME-2",)
    clock.later(hours=1)
    sync(engine, vault, clock)
    assert tags(engine, clock)[-1][1] == ()


@pytest.mark.parametrize(
    ("errors", "words"),
    [
        ([{"message": "No access", "path": ["goals_search"], "extensions": {"statusCode": 403}}], "may not read goals"),
        ([{"message": "slow down", "extensions": {"statusCode": 429}}], "asks us to wait"),
        ([{"message": "oops", "path": ["goals_search", "edges", 0], "extensions": {"statusCode": 500}}], "only a part"),
        ([{"message": "Validation error of type FieldUndefined"}], "It says: Validation error of type FieldUndefined"),
        (["what"], "refuses the question"),
        ([], "shows no goals here"),
    ],
)  # fmt: skip
def test_errors_beside_partial_data_change_nothing(
    errors: list[object], words: str, site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    sync(engine, vault, clock)
    site.goals = []
    page = site._goals({"after": None, "first": 50}) if errors else {"data": None}
    site.graphql = [{**page, "errors": errors}]
    (fault,) = sync(engine, vault, clock).faults
    assert words in fault
    assert [one.code for one in held(engine, clock).key_results] == ["ACME-2"]


def test_a_circle_of_goals_is_named(site: OkrSite, engine: Engine, vault: Vault, clock: Clock) -> None:
    site.goals += [goal(3, 4), goal(4, 3), goal(5, 4)]
    found = sync(engine, vault, clock).faults
    assert [fault.partition(":")[0] for fault in found[:2]] == ["ACME-3", "ACME-4"]
    assert "goes round in a circle with the goals above it" in found[0]


def test_types_tell_key_results_and_objectives_where_the_source_names_them(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    typed = "{kind: jira-goals, connection: acme, teams: [Payments], key_results: Key result, objectives: Objective}"
    apply(engine, GOALS.replace("{kind: jira-goals, connection: acme, teams: [Payments]}", typed), clock())
    kr: Json = {"goalType": {"name": {"__typename": "TownsquareGoalTypeCustomName", "value": "Key Result"}}}
    aim: Json = {"goalType": {"name": {"__typename": "TownsquareGoalTypeCustomName", "value": "Objective"}}}
    site.goals = [goal(1, **aim), goal(2, 1), goal(3, 2, **kr), goal(4, 3, **kr), goal(5, 1)]
    sync(engine, vault, clock)
    assert [(one.code, one.objective) for one in held(engine, clock).key_results] == [
        ("ACME-3", "ACME-1"), ("ACME-4", "ACME-1"),
    ]  # fmt: skip


def test_a_goal_that_is_given_up_is_live_until_it_was_seen_so(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    sync(engine, vault, clock)
    clock.later(days=1)
    site.goals[1]["status"] = {"value": "cancelled"}
    sync(engine, vault, clock)
    clock.later(days=5)
    assert not sync(engine, vault, clock).is_changed
    assert held(engine, clock).key_results[0].until == date(2026, 2, 3)


def test_a_missing_parent_and_a_missing_date_are_faults(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    site.goals += [goal(3, 99), goal(4), goal(5, 4, targetDate=None)]
    site.goals[3]["targetDate"] = None
    found = sync(engine, vault, clock).faults
    assert found[0].startswith("ACME-4: says no cycle, nor do its key results")
    assert found[1].startswith("ACME-3: its objective ACME-99 is not among those read")


@pytest.mark.parametrize(
    ("credentials", "words"),
    [
        ({"email": "a@b.c", "token": "t", "cloud_id": "cloud-1"}, "without scopes only"),
        ({"token": "t", "edition": "data_center"}, "Data Center has none"),
    ],
)
def test_where_there_are_no_goals_it_is_said(
    credentials: dict[str, str], words: str, site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    other = Connection("acme", "jira", acme().base_url, credentials, acme().mapping)
    with writing(engine) as session:
        connections.keep_connection(session, vault, other, START)
    (fault,) = sync(engine, vault, clock).faults
    assert words in fault


def test_a_page_that_leads_to_itself_ends_the_look(site: OkrSite, engine: Engine, vault: Vault, clock: Clock) -> None:
    page = {"data": {"goals_search": {"edges": [], "pageInfo": {"hasNextPage": True, "endCursor": "x"}}}}
    site.graphql = [page, page]
    (fault,) = sync(engine, vault, clock).faults
    assert "says that there is a next page, and not where" in fault


def test_hostile_values_are_no_values(site: OkrSite, engine: Engine, vault: Vault, clock: Clock) -> None:
    bad = metric(1e300, True, 5, "not a time")
    site.goals[1] |= {"metricTargets": bad, "name": None, "teams": {"edges": [None, {"node": {"displayName": " "}}]}}
    assert sync(engine, vault, clock).faults == ()
    (kr,) = held(engine, clock).key_results
    assert (kr.title, kr.baseline, kr.target, kr.values) == ("ACME-2", None, None, (MeasuredValue(START, 5),))
    clock.later(days=1)
    assert not sync(engine, vault, clock).is_changed
    with reading(engine) as session:
        assert len(plan_versions(session)) == 1
