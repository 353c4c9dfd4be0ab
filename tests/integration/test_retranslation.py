"""A changed mapping through the whole store: kept answers are read again, closed figures stay, and nothing is lost by a
kill."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from integration import sync
from integration.answers import decide_due
from integration.contract import Temporary
from integration.retranslation import retranslate_due, retranslate_some
from integration.secrets import Vault, new_key
from integration.store import connections, mapping_versions, raw_answers, reads, retranslations
from integration.store.backlog import backlog_around, backlog_at
from integration.store.engine import reading, writing
from integration.trackers.jira.chosen import chosen_of
from integration.trackers.jira.fields import FieldMapping, FieldRef
from mappings.model import Status
from tests.integration.store.material import fresh_store
from tests.integration.trackers.jira.fake_jira import (
    FIELDS,
    POINTS_FIELD,
    SPRINT_FIELD,
    FakeJira,
    connection,
    issue,
    running_jira,
    sprint,
)

START = datetime(2026, 2, 2, 12, tzinfo=UTC)
CLOSED, RUNNING = sprint(31, "closed"), sprint(32, startDate="2026-01-27T09:00:00.000Z", endDate="2026-02-09T09:00:00Z")
OTHER_POINTS = "customfield_555"


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault() -> Vault:
    return Vault([new_key()])


@pytest.fixture
def jira() -> Iterator[FakeJira]:
    """Of each item both estimates are asked for; the first mapping reads one of them."""
    with running_jira() as fake:
        fake.sprints |= {"31": CLOSED, "32": RUNNING}
        for number, named in ((1, CLOSED), (2, RUNNING), (3, CLOSED)):
            fake.add(issue(number, **{SPRINT_FIELD: [named], POINTS_FIELD: 3, OTHER_POINTS: 8}))
        yield fake


def mapped(fields: FieldMapping) -> dict[str, Any]:
    return replace(chosen_of(connection()), fields=fields).to_json()


FIRST = replace(FIELDS, rule_fields=(FieldRef(OTHER_POINTS, ("Size",), "number"),))
OTHER = replace(FIRST, points_fields=(FieldRef(OTHER_POINTS, ("Size",), "number"),))


@pytest.fixture
def engine(database_url: str, vault: Vault, jira: FakeJira, clock: Clock) -> Iterator[Engine]:
    """A site whose backlog was read, and its figures decided."""
    first = replace(connection(), mapping=mapped(FIRST))
    with fresh_store(database_url) as engine:
        with writing(engine) as session:
            connections.keep_connection(session, vault, first, START)
        list(sync.run_backfill(engine, first, clock))
        decide_due(engine, clock())
        clock.now += timedelta(hours=1)
        jira.asked.clear()
        yield engine


def set_mapping(engine: Engine, fields: FieldMapping, clock: Clock, since: datetime | None = None) -> None:
    with writing(engine) as session:
        connections.set_mapping(
            session, "acme", mapped(fields), clock(), since=since, author="Ada", reason="The sizes are what we plan by"
        )


def total(engine: Engine, name: str, scope: str = "final") -> str:
    with reading(engine) as session:
        found = reads.sprint_answer(session, "acme", name, "points")
    assert found is not None
    return str(found.answer.document["scopes"][scope]["total"])


def read_again(engine: Engine, vault: Vault, clock: Clock) -> None:
    retranslate_due(engine, vault, clock)
    decide_due(engine, clock())


def test_open_sprints_are_read_by_the_new_mapping_and_closed_ones_keep_theirs(
    jira: FakeJira, engine: Engine, vault: Vault, clock: Clock
) -> None:
    assert (total(engine, "31"), total(engine, "32")) == ("6", "3")
    set_mapping(engine, OTHER, clock)
    read_again(engine, vault, clock)
    assert (total(engine, "31"), total(engine, "32"), total(engine, "32", "committed")) == ("6", "8", "8")
    assert jira.asked == []
    with reading(engine) as session:
        assert reads.restatements(session, "acme", "sprint", "31", "points") == ()
        assert [item.states[-1].points for item in backlog_at(session, "acme", clock()).items] == [8, 8, 8]
        assert len(backlog_around(session, "acme", {"31"}, clock()).earlier) == 1


def test_a_mapping_that_holds_from_an_earlier_moment_restates_what_was_closed(
    jira: FakeJira, engine: Engine, vault: Vault, clock: Clock
) -> None:
    set_mapping(engine, OTHER, clock, since=datetime(2026, 1, 1, tzinfo=UTC))
    read_again(engine, vault, clock)
    assert total(engine, "31") == "16"
    with reading(engine) as session:
        [restated] = reads.restatements(session, "acme", "sprint", "31", "points")
    assert (restated.why, restated.old["scopes"]["final"]["total"]) == ("mapping", "6")


def test_late_data_about_a_closed_sprint_is_read_by_the_mapping_that_held(
    jira: FakeJira, engine: Engine, vault: Vault, clock: Clock
) -> None:
    set_mapping(engine, OTHER, clock)
    read_again(engine, vault, clock)
    late = {SPRINT_FIELD: [CLOSED], POINTS_FIELD: 4, OTHER_POINTS: 9, "updated": "2026-02-02T12:30:00.000+0000"}
    jira.add(issue(4, **late))
    clock.now += timedelta(minutes=10)
    sync.reconcile_due(engine, vault, clock)
    decide_due(engine, clock())
    assert total(engine, "31") == "10"
    with reading(engine) as session:
        [restated] = reads.restatements(session, "acme", "sprint", "31", "points")
    assert restated.why == "late_data"


def test_figures_wait_until_all_is_read_again(engine: Engine, vault: Vault, clock: Clock) -> None:
    set_mapping(engine, OTHER, clock)
    decide_due(engine, clock())
    assert total(engine, "32") == "3"
    with reading(engine) as session:
        assert connections.being_read(session) == {"acme"}
    read_again(engine, vault, clock)
    assert total(engine, "32") == "8"


def test_a_run_that_was_killed_goes_on_and_each_portion_is_done_once(
    monkeypatch: pytest.MonkeyPatch, engine: Engine, vault: Vault, clock: Clock
) -> None:
    monkeypatch.setattr("integration.retranslation.AT_ONCE", 2)
    set_mapping(engine, OTHER, clock)
    assert retranslate_some(engine, vault, "acme", clock) == 2
    with reading(engine) as session:
        half = retranslations.of(session, "acme")
    assert half is not None
    assert (half.done, half.total, half.finished_at) == (2, 3, None)
    with writing(engine) as session:  # another worker, which began at the same place, comes too late
        assert not retranslations.go_on(session, "acme", replace(half, cursor=""), half)
    assert retranslate_due(engine, vault, clock) == 1
    with reading(engine) as session:
        done = retranslations.of(session, "acme")
    assert done is not None
    assert (done.done, done.fetched, done.finished_at) == (3, 0, clock())


def test_what_is_not_kept_any_more_is_fetched_and_it_is_said(
    jira: FakeJira, engine: Engine, vault: Vault, clock: Clock
) -> None:
    with writing(engine) as session:
        raw_answers.purge(session, clock())
    set_mapping(engine, OTHER, clock)
    read_again(engine, vault, clock)
    assert (total(engine, "31"), total(engine, "32")) == ("6", "8")
    with reading(engine) as session:
        done = retranslations.of(session, "acme")
    assert done is not None
    assert (done.fetched, done.why_fetched) == (3, "its answer was not kept any more")
    assert len(jira.called("/rest/api/3/issue/bulkfetch")) == 1


def test_a_field_that_was_not_asked_for_is_fetched_and_named(
    jira: FakeJira, engine: Engine, vault: Vault, clock: Clock
) -> None:
    set_mapping(engine, replace(OTHER, team_field=FieldRef("customfield_9", ("Squad",))), clock)
    read_again(engine, vault, clock)
    with reading(engine) as session:
        done = retranslations.of(session, "acme")
    assert done is not None
    assert (done.fetched, done.why_fetched) == (3, "the field “Squad” was not asked for before")


def test_a_tracker_in_trouble_is_asked_again_at_the_next_look(
    jira: FakeJira, engine: Engine, vault: Vault, clock: Clock
) -> None:
    with writing(engine) as session:
        raw_answers.purge(session, clock())
    set_mapping(engine, OTHER, clock)
    jira.fail("/rest/api/3/issue/bulkfetch", 403)
    assert retranslate_due(engine, vault, clock) == 0
    with reading(engine) as session:
        [health] = reads.connections(session)
    assert "403" in (health.last_error or "")
    assert retranslate_due(engine, vault, clock) == 3


def test_what_was_heard_of_an_item_since_then_stays(jira: FakeJira, engine: Engine, vault: Vault, clock: Clock) -> None:
    with reading(engine) as session:
        old = raw_answers.kept_after(session, "acme", "", 1)[0].body
    assert old is not None
    jira.issues["20001"]["fields"] |= {OTHER_POINTS: 13, "updated": "2026-02-02T12:40:00.000+0000"}
    sync.reconcile_due(engine, vault, clock)
    with writing(engine) as session:  # as if the delivery had come between reading the kept answer and saving it
        raw_answers.keep(session, "acme", {"20001": old}, (OTHER_POINTS,), clock())
    set_mapping(engine, OTHER, clock)
    read_again(engine, vault, clock)
    with reading(engine) as session:
        items = {item.key: item for item in backlog_at(session, "acme", clock()).items}
    assert items["PAY-1"].states[-1].points != 8


def test_the_same_mapping_again_changes_nothing(engine: Engine, vault: Vault, clock: Clock) -> None:
    set_mapping(engine, FIRST, clock)
    read_again(engine, vault, clock)
    assert (total(engine, "31"), total(engine, "32")) == ("6", "3")
    with reading(engine) as session:
        assert backlog_at(session, "acme", clock()).earlier == ()


def test_of_several_mappings_each_reads_what_was_closed_while_it_held(
    jira: FakeJira, engine: Engine, vault: Vault, clock: Clock
) -> None:
    set_mapping(engine, OTHER, clock)
    read_again(engine, vault, clock)
    sync.reconcile_due(engine, vault, clock)  # which sees that sprint 32 is open
    jira.sprints["32"] = {**RUNNING, "state": "closed", "completeDate": "2026-02-09T10:00:00.000Z"}
    clock.now = datetime(2026, 2, 9, 12, tzinfo=UTC)
    sync.reconcile_due(engine, vault, clock)
    decide_due(engine, clock())
    assert total(engine, "32") == "8"
    clock.now += timedelta(days=1)
    set_mapping(engine, replace(OTHER, points_fields=()), clock)
    read_again(engine, vault, clock)
    assert (total(engine, "31"), total(engine, "32")) == ("6", "8")


def test_what_an_earlier_mapping_read_is_not_saved_after_the_change(
    jira: FakeJira, engine: Engine, vault: Vault, clock: Clock
) -> None:
    with reading(engine) as session:
        before = connections.connection_named(session, vault, "acme")
    assert before is not None
    pages = sync.run_backfill(engine, before, clock, anew=True)
    next(pages)
    set_mapping(engine, OTHER, clock)
    with pytest.raises(Temporary, match="mapping was changed"):
        list(pages)
    with reading(engine) as session:
        after = connections.connection_named(session, vault, "acme")
    assert after is not None
    list(sync.run_backfill(engine, after, clock))
    read_again(engine, vault, clock)
    assert (total(engine, "31"), total(engine, "32")) == ("6", "8")


# --- versions


def kept_versions(engine: Engine) -> list[tuple[datetime | None, str | None]]:
    with reading(engine) as session:
        return [(version.since, version.author) for version in mapping_versions.versions(session, "acme")]


def test_the_first_mapping_holds_from_always_and_a_later_one_from_its_moment(engine: Engine, clock: Clock) -> None:
    set_mapping(engine, OTHER, clock)
    assert kept_versions(engine) == [(None, None), (clock(), "Ada")]


def test_a_mapping_from_an_earlier_moment_takes_the_place_of_those_after_it(engine: Engine, clock: Clock) -> None:
    set_mapping(engine, OTHER, clock)
    clock.now += timedelta(days=3)
    set_mapping(engine, FIRST, clock, since=START - timedelta(days=30))
    assert kept_versions(engine) == [(None, None), (START - timedelta(days=30), "Ada")]


def test_a_mapping_that_was_set_right_within_a_day_was_a_slip(engine: Engine, vault: Vault, clock: Clock) -> None:
    set_mapping(engine, OTHER, clock)
    clock.now += timedelta(hours=1)
    set_mapping(engine, replace(OTHER, team_field=None, kr_fields=()), clock)
    with reading(engine) as session:
        found = connections.connection_named(session, vault, "acme")
    assert found is not None
    [before] = found.earlier
    assert (before.until, before.mapping) == (clock(), mapped(FIRST) | {"fields": before.mapping["fields"]})


def test_a_mapping_by_which_no_figure_was_told_is_replaced_from_always(database_url: str, vault: Vault) -> None:
    with fresh_store(database_url) as engine, writing(engine) as session:
        connections.keep_connection(session, vault, connection(), START)
        other = replace(connection(), mapping=mapped(OTHER))
        connections.keep_connection(session, vault, other, START + timedelta(days=2))
        [version] = mapping_versions.versions(session, "acme")
        assert version.since is None


# --- guesses


def test_what_had_to_be_guessed_is_kept_with_its_item(
    jira: FakeJira, engine: Engine, vault: Vault, clock: Clock
) -> None:
    odd = {"id": "999", "name": "Simmering"}
    jira.add(issue(7, status=odd, updated="2026-02-02T12:40:00.000+0000"))
    sync.reconcile_due(engine, vault, clock)
    with reading(engine) as session:
        assert connections.guesses(session, "acme") == (1, {"PAY-7": ("unknown status “Simmering”, taken as to do",)})
    fields = replace(FIRST, status_overrides=(("Simmering", Status.DOING),))
    set_mapping(engine, fields, clock)
    retranslate_due(engine, vault, clock)
    with reading(engine) as session:
        assert connections.guesses(session, "acme") == (0, {})
