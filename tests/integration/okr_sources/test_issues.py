"""OKRs kept as Jira issues, from the site to versions of the plan: what holds since when, and what faults leave."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from integration.files.register import read_version
from integration.okr_sources.reading import Outcome, read_all, read_due
from integration.secrets import Vault, new_key
from integration.store import connections, okr_sources
from integration.store.check_ins import check_ins_of, take_back
from integration.store.engine import reading, writing
from integration.store.okr_shown import lines
from integration.store.plans import PlanVersion, plan_versions, plan_with_values
from integration.trackers.jira.okr_issues import search_of
from mappings.model import Cycle, KeyResult, Objective, Plan
from service.commands.okrs import apply_version
from tests.integration.okr_sources.okr_site import (
    BASELINE,
    CYCLE,
    DONE,
    DUE,
    LINK,
    REGISTER,
    TARGET,
    TEAM,
    VALUE,
    OkrSite,
    acme,
    changed,
    key_result,
    objective,
    okr_site,
)
from tests.integration.store.material import fresh_store

START = datetime(2026, 2, 2, 12, tzinfo=UTC)
NOT_TAKEN = "the last look was not taken over, what was read before it holds"


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def later(self, **time: float) -> datetime:
        self.now += timedelta(**time)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault() -> Vault:
    return Vault([new_key()])


@pytest.fixture
def site() -> Iterator[OkrSite]:
    with okr_site() as site:
        site.add(
            objective(1, **{CYCLE: {"id": "1", "value": "2026Q1"}}), key_result(2, 1, **{BASELINE: 50, TARGET: 70.5})
        )
        yield site


@pytest.fixture
def engine(database_url: str, vault: Vault) -> Iterator[Engine]:
    with fresh_store(database_url) as engine:
        with writing(engine) as session:
            connections.keep_connection(session, vault, acme(), START)
        apply(engine, REGISTER, START - timedelta(days=30))
        yield engine


def apply(engine: Engine, text: str, now: datetime) -> str:
    return apply_version(engine, read_version(text.encode()), now)


def sync(engine: Engine, vault: Vault, clock: Clock, **values: Any) -> Outcome:
    (outcome,) = read_all(engine, vault, clock, **values)
    return outcome


def versions(engine: Engine) -> tuple[PlanVersion, ...]:
    with reading(engine) as session:
        return plan_versions(session)


def held(engine: Engine, now: datetime) -> Plan:
    with reading(engine) as session:
        return plan_with_values(session, now)


def codes(engine: Engine, now: datetime) -> list[str]:
    return [one.code for one in held(engine, now).key_results]


def test_the_first_look_holds_as_far_back_as_the_register_said_nothing(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    outcome = sync(engine, vault, clock)
    assert (outcome.is_changed, outcome.objectives, outcome.key_results, outcome.faults) == (True, 1, 1, ())
    (version,) = versions(engine)
    assert version.plan.since is None
    assert version.author == "OKR source: Jira project OKR of acme"
    assert version.plan.objectives == (Objective("OKR-1", "Item 1", "Payments", "2026Q1"),)
    (kr,) = version.plan.key_results
    assert kr == KeyResult("OKR-2", "OKR-1", "Item 2", baseline=50, target=kr.target)
    assert kr.target is not None
    assert kr.target * 2 == 141


def test_what_is_unchanged_gives_no_version_and_costs_one_call(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    sync(engine, vault, clock)
    for _ in range(3):
        clock.later(minutes=6)
        assert read_due(engine, vault, clock) == 1
    site.asked.clear()
    clock.later(minutes=6)
    read_due(engine, vault, clock)
    assert site.paths() == ["/rest/api/3/search/jql"]
    assert len(versions(engine)) == 1
    clock.later(minutes=2)
    assert read_due(engine, vault, clock) == 0


def test_a_change_there_is_a_version_from_the_moment_of_the_change(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    sync(engine, vault, clock)
    clock.later(hours=1)
    kr = site.issues["20002"]
    kr["fields"] |= {TARGET: 75, "updated": "2026-02-02T12:40:00.000+0000"}
    site.histories["20002"] = [changed(1, "2026-02-02T12:40:00.000+0000", TARGET, "Target", "70.5", "75")]
    assert sync(engine, vault, clock).is_changed
    first, second = versions(engine)
    assert first.plan.key_results[0].target != 75
    assert second.plan.since == datetime(2026, 2, 2, 12, 40, tzinfo=UTC)
    assert second.reason == "changed there at 2026-02-02 12:40 UTC"
    assert second.plan.key_results[0].target == 75


def measured_there(site: OkrSite, *told: tuple[int, str, str, str], at: str | None = None) -> None:
    """Changes of the value, each with its number, moment, and the values before and after; the last one holds."""
    fields = site.issues["20002"]["fields"]
    fields |= {VALUE: float(told[-1][3]), "updated": at or told[-1][1]}
    site.histories["20002"] = [changed(id_, at, VALUE, "Current value", was, is_) for id_, at, was, is_ in told]


def values_of(engine: Engine, clock: Clock) -> list[tuple[str, float]]:
    (kr,) = held(engine, clock()).key_results
    return [(value.at.isoformat()[:10], float(value.value)) for value in kr.values]


def test_a_value_that_changes_is_no_version_of_the_plan(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    sync(engine, vault, clock)
    before = len(versions(engine))
    told: list[tuple[int, str, str, str]] = []
    for week in range(5):
        clock.later(days=7)
        told.append((week, (clock() - timedelta(hours=1)).isoformat(), str(50 + week), str(51 + week)))
        measured_there(site, *told)
        assert sync(engine, vault, clock).is_changed
    assert [value for _, value in values_of(engine, clock)[-5:]] == [51, 52, 53, 54, 55]
    assert len(versions(engine)) == before
    with reading(engine) as session:
        kept = check_ins_of(session, "OKR-2")
    assert {(one.author, one.is_read) for one in kept} == {("Jira project OKR of acme", True)}
    assert not sync(engine, vault, clock).is_changed


def test_values_that_are_told_no_more_hold_no_more(site: OkrSite, engine: Engine, vault: Vault, clock: Clock) -> None:
    first = (1, "2026-01-10T10:00:00.000+0000", "50", "55")
    measured_there(site, first, (2, "2026-01-20T10:00:00.000+0000", "55", "570"))
    sync(engine, vault, clock)
    clock.later(hours=1)
    measured_there(site, first, at="2026-02-02T12:30:00.000+0000")
    assert sync(engine, vault, clock).is_changed
    assert values_of(engine, clock)[1:] == [("2026-01-10", 55)]


def test_what_a_person_took_back_is_not_taken_up_again(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    measured_there(site, (1, "2026-01-10T10:00:00.000+0000", "50", "55"))
    sync(engine, vault, clock)
    with writing(engine) as session:
        (last, *_) = check_ins_of(session, "OKR-2")
        assert take_back(session, last.id, clock(), "Ada", "mistyped")
    clock.later(hours=1)
    site.issues["20002"]["fields"]["updated"] = "2026-02-02T12:30:00.000+0000"
    assert not sync(engine, vault, clock).is_changed
    assert values_of(engine, clock) == [("2026-01-05", 50)]


def test_values_come_with_their_moments_and_the_present_one_has_the_last_word(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    site.issues["20002"]["fields"][VALUE] = -3.5
    site.histories["20002"] = [
        changed(2, "2026-01-20T10:00:00.000+0000", VALUE, "Current value", "55", "57.25"),
        changed(1, "2026-01-10T10:00:00.000+0000", VALUE, "Current value", "50", "55"),
        changed(3, "2026-01-21T10:00:00.000+0000", "customfield_99", "Current value", "1", "2"),
        changed(4, "2026-01-22T10:00:00.000+0000", VALUE, "Current value", "57.25", "about 60"),
    ]
    sync(engine, vault, clock)
    values = held(engine, clock()).key_results[0].values
    assert [(value.at.isoformat()[:10], float(value.value)) for value in values] == [
        ("2026-01-05", 50), ("2026-01-10", 55), ("2026-01-20", 57.25), ("2026-01-22", -3.5),
    ]  # fmt: skip


def test_a_bad_state_keeps_the_last_good_plan_and_is_shown_with_the_key(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    sync(engine, vault, clock)
    clock.later(minutes=10)
    site.add(key_result(3, None), key_result(4, 1, **{BASELINE: "a lot"}))
    outcome = sync(engine, vault, clock)
    assert outcome.faults == (
        "OKR-4: “Baseline” holds “a lot”, which is no number; write it as 12.5.",
        "OKR-3: has no objective; give it one, as its parent or by the link that the source names.",
    )
    assert (codes(engine, clock()), len(versions(engine))) == (["OKR-2"], 1)
    with reading(engine) as session:
        shown = list(lines(session, clock()))
    assert shown[1:] == [
        f"Payments  1 objective, 1 key result, from Jira project OKR of acme, read 10 minutes ago; {NOT_TAKEN}",
        f"            {outcome.faults[0]}",
        f"            {outcome.faults[1]}",
    ]
    site.issues.pop("20003")
    site.issues["20004"]["fields"][BASELINE] = 7
    assert sync(engine, vault, clock).faults == ()
    assert codes(engine, clock()) == ["OKR-2", "OKR-4"]


def test_a_circle_and_two_objectives_are_faults(site: OkrSite, engine: Engine, vault: Vault, clock: Clock) -> None:
    site.add(key_result(3, 4), key_result(4, 3), key_result(5, 2))
    assert sync(engine, vault, clock).faults == (
        "OKR-3: goes round in a circle above it (OKR-3, OKR-4); take one of these out.",
        "OKR-4: goes round in a circle above it (OKR-3, OKR-4); take one of these out.",
    )
    site.issues.pop("20003")
    site.issues.pop("20004")
    sync(engine, vault, clock)
    assert [(one.code, one.objective) for one in held(engine, clock()).key_results] == [
        ("OKR-2", "OKR-1"), ("OKR-5", "OKR-1"),
    ]  # fmt: skip


def test_a_key_result_that_is_given_up_is_live_until_then(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    site.issues["20002"]["fields"] |= {"status": DONE, "resolution": {"id": "7", "name": "Won't Do"}}
    site.histories["20002"] = [
        {
            "id": "1",
            "created": "2026-01-20T10:00:00.000+0000",
            "items": [
                {
                    "field": "status",
                    "fieldId": "status",
                    "from": "1",
                    "fromString": "To Do",
                    "to": "3",
                    "toString": "Closed",
                },
                {"field": "resolution", "fieldId": "resolution", "from": None, "to": "7", "toString": "Won't Do"},
            ],
        }
    ]
    sync(engine, vault, clock)
    assert held(engine, clock()).key_results[0].until == date(2026, 1, 20)


def test_what_is_missed_once_stays_and_missed_twice_goes(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    site.add(key_result(3, 1), key_result(4, 1), key_result(5, 1))
    sync(engine, vault, clock)
    site.hidden = {"20003"}
    clock.later(minutes=6)
    read_due(engine, vault, clock)
    assert codes(engine, clock()) == ["OKR-2", "OKR-3", "OKR-4", "OKR-5"]
    assert len(versions(engine)) == 1
    clock.later(minutes=6)
    read_due(engine, vault, clock)
    assert codes(engine, clock()) == ["OKR-2", "OKR-4", "OKR-5"]


def test_lost_sight_of_all_takes_nothing_out_unless_a_person_says_so(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    sync(engine, vault, clock)
    site.hidden = set(site.issues)
    (fault,) = sync(engine, vault, clock).faults
    assert fault.startswith("1 of 1 key results cannot be seen any more (OKR-2). Nothing was taken out")
    assert codes(engine, clock()) == ["OKR-2"]
    assert sync(engine, vault, clock, accept_missing=True).faults == ()
    assert codes(engine, clock()) == []


def test_a_source_that_was_mended_into_finding_nothing_takes_nothing_out(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    sync(engine, vault, clock)
    apply(engine, REGISTER.replace("key_results: Key Result", "key_results: Keyresult"), clock())
    (fault,) = sync(engine, vault, clock).faults
    assert fault.startswith("1 of 1 key results cannot be seen any more (OKR-2)")
    assert codes(engine, clock()) == ["OKR-2"]


def test_a_moved_key_result_keeps_its_earlier_key_as_an_alias(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    sync(engine, vault, clock)
    site.issues["20002"]["key"] = "OKR-77"
    site.histories["20002"] = [changed(1, "2026-02-02T12:00:30.000+0000", "", "Key", "OKR-2", "OKR-77")]
    clock.later(minutes=6)
    assert sync(engine, vault, clock).faults == ()
    (kr,) = held(engine, clock()).key_results
    assert (kr.code, kr.aliases) == ("OKR-77", ("OKR-2",))


def test_the_objective_may_be_linked_and_lie_outside_of_the_search(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    apply(engine, REGISTER.replace("    objectives: Objective\n", "    objective_link: contributes to\n"), START)
    link = {"type": LINK, "outwardIssue": {"id": "20009", "key": "OKR-9"}}
    site.issues["20002"]["fields"] |= {"issuelinks": [link], "parent": None}
    site.add(objective(9, duedate="2026-06-15", **{TEAM: {"id": "1", "value": "payments"}}))
    sync(engine, vault, clock)
    plan = held(engine, clock())
    assert plan.objectives == (Objective("OKR-9", "Item 9", "Payments", "2026Q2"),)
    assert plan.cycles[-1] == Cycle("2026Q2", date(2026, 4, 1), date(2026, 6, 30))
    site.issues["20002"]["fields"]["issuelinks"].append({"type": LINK, "inwardIssue": {"id": "1", "key": "OKR-1"}})
    assert sync(engine, vault, clock).faults == ("OKR-2: is linked to 2 objectives (OKR-9, OKR-1); keep one.",)


def test_a_hidden_objective_is_named(site: OkrSite, engine: Engine, vault: Vault, clock: Clock) -> None:
    site.hidden = {"20001"}
    (fault,) = sync(engine, vault, clock).faults
    assert fault.startswith("OKR-2: its objective OKR-1 is not among those read; check")


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (
            400,
            {"errorMessages": ["The value 'OKR' does not exist for the field 'project'."]},
            "Jira refuses the search",
        ),
        (401, {}, "the credentials are not accepted"),
        (403, {}, "the credentials may not do this"),
    ],
)
def test_a_refusal_of_jira_is_told_and_changes_nothing(
    status: int, body: dict[str, Any], words: str, site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    sync(engine, vault, clock)
    site.refusal = (status, body)
    (fault,) = sync(engine, vault, clock).faults
    assert words in fault
    assert codes(engine, clock()) == ["OKR-2"]


@pytest.mark.parametrize(
    ("name", "words"),
    [("No such", "Jira has no field “No such”"), ("Sponsor", "holds a person, of whom Tieline keeps nothing")],
)
def test_a_field_that_cannot_be_used_is_named(
    name: str, words: str, site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    apply(engine, REGISTER.replace("value: Current value", f"value: {name}"), START)
    (fault,) = sync(engine, vault, clock).faults
    assert fault.startswith("sources.fields.value: ")
    assert words in fault


def test_an_unknown_connection_is_named(site: OkrSite, engine: Engine, vault: Vault, clock: Clock) -> None:
    apply(engine, REGISTER.replace("connection: acme", "connection: other"), START)
    assert sync(engine, vault, clock).faults == (
        "There is no connection “other”: connect it, or mend the register's sources.",
    )


def test_a_file_that_is_applied_keeps_what_the_teams_of_sources_have(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    sync(engine, vault, clock)
    own = """
objectives: [{id: O, title: Aim, team: Checkout, cycle: 2026Q1}]
key_results: [{code: KR-1, objective: O, title: x, supports: [OKR-2]}]
rules: [{when: {label: pay}, then: [OKR-2]}]
"""
    clock.later(hours=1)
    assert apply(engine, REGISTER + own, clock()).startswith("Applied: 1 cycle, 2 teams, 1 objective, 1 key result")
    assert codes(engine, clock()) == ["KR-1", "OKR-2"]
    clock.later(minutes=10)
    assert not sync(engine, vault, clock).is_changed
    assert apply(engine, REGISTER + own, clock()) == "Nothing to do: this very register holds already."


def test_a_team_that_moves_from_the_file_to_a_source_keeps_its_past(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    plain = (
        REGISTER.partition("sources:")[0]
        + """
objectives: [{id: O, title: Aim, team: Payments, cycle: 2026Q1}]
key_results: [{code: KR-1, objective: O, title: x}]
"""
    )
    apply(engine, plain, START - timedelta(days=10))
    apply(engine, REGISTER, START - timedelta(days=1))
    assert codes(engine, START) == ["KR-1"]  # until the first good look
    sync(engine, vault, clock)
    assert codes(engine, START) == ["OKR-2"]
    assert codes(engine, START - timedelta(hours=1)) == ["KR-1"]


def test_a_source_that_is_declared_no_more_is_not_read(
    site: OkrSite, engine: Engine, vault: Vault, clock: Clock
) -> None:
    sync(engine, vault, clock)
    apply(engine, REGISTER.partition("sources:")[0], clock())
    assert read_all(engine, vault, clock) == ()
    with reading(engine) as session:
        assert okr_sources.declared(session) == ()


def test_names_of_projects_and_types_cannot_break_out_of_the_search() -> None:
    register = REGISTER.replace("project: OKR", "project: 'O\"K\\R'")
    (source,) = read_version(register.encode()).sources
    assert search_of(source) == r'project = "O\"K\\R" AND issuetype in ("Key Result", "Objective")'


def test_a_due_date_that_is_no_day_is_a_fault(site: OkrSite, engine: Engine, vault: Vault, clock: Clock) -> None:
    site.issues["20002"]["fields"][DUE] = "2026-13-45"
    assert sync(engine, vault, clock).faults == (
        "OKR-2: “Due date” holds “2026-13-45”, which is no day; choose a field with dates.",
    )
