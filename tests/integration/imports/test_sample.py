"""The sample data: something for every page, a sprint that runs today, and nothing left when it is removed."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from integration.answers import decide_due
from integration.files import backlog_file
from integration.imports import sample
from integration.imports.sample_company import backlog_file_of
from integration.store import check_ins, made_rules, plans, reads
from integration.store.acts import acts
from integration.store.check_ins import CheckIn
from integration.store.engine import reading, writing
from integration.store.every_table import EVERY_TABLE
from integration.store.made_rules import Deed
from mappings.findings import find_all
from mappings.model import Condition, MappingRule, SprintState
from mappings.reckoning import Reckoning
from mappings.survey import Survey
from tests.integration.imports.material import REGISTER, VAULT, apply_register, imported, item, told

NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
LOGGED = {"acts", "pulses", "due"}  # the log, and counters of changes


def load(engine: Engine, now: datetime = NOW) -> None:
    sample.load(engine, VAULT, lambda: now, actor="Ada")


def rows(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        found = {table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in EVERY_TABLE}
    return {name: number for name, number in found.items() if number and name not in LOGGED}


@pytest.mark.parametrize("after", range(0, 15, 2))
def test_a_sprint_of_each_board_runs_whatever_day_it_is_loaded(after: int) -> None:
    now = NOW + timedelta(days=after, hours=11)
    backlog = backlog_file.load(backlog_file_of(now))
    running = [sprint for sprint in backlog.sprints if sprint.state is SprintState.ACTIVE]
    assert [sprint.board for sprint in running] == ["checkout", "merchants"]
    assert all(sprint.start is not None and sprint.end is not None for sprint in running)
    assert all(sprint.start <= now <= sprint.end for sprint in running if sprint.start and sprint.end)
    assert all(state.at <= now for one in backlog.items for state in one.states)


def test_it_has_findings_of_most_kinds() -> None:
    found = {one.kind for one in find_all(Survey(Reckoning(backlog_file.load(backlog_file_of(NOW)))))}
    assert len(found) >= 18
    assert found >= {"orphan_epic", "unknown_tag", "starved_kr", "output_only_goal", "late_tagging", "off_balance"}


def test_it_is_marked_wherever_it_could_be_taken_for_ones_own() -> None:
    [plan] = backlog_file.load(backlog_file_of(NOW)).plans
    assert all("(sample)" in team.name for team in plan.teams)
    assert all(one.id.startswith("SAMPLE") for one in plan.objectives)
    assert all(kr.code.startswith("SAMPLE") for kr in plan.key_results)


def test_it_leaves_an_applied_register_and_its_figures_as_they_are(engine: Engine) -> None:
    apply_register(engine)
    imported(engine, told(item("A", tags=["KR-1"])), name="own")
    with reading(engine) as session:
        before = (reads.answers(session, "own", "sprint"), plans.versions(session))
    load(engine)
    with reading(engine) as session:
        assert (reads.answers(session, "own", "sprint"), plans.versions(session)) == before
        shown = plans.plan_of_all(session, NOW)
        assert shown.settings == REGISTER.settings
        assert {kr.code for kr in shown.key_results} >= {"KR-1", "SAMPLE-1"}


def test_what_is_removed_leaves_no_trace_but_the_log(engine: Engine) -> None:
    apply_register(engine)
    decide_due(engine, NOW)
    before = rows(engine)
    load(engine)
    _use(engine)
    assert rows(engine) != before
    assert sample.remove(engine, NOW, actor="Ada") is True
    kept = rows(engine)
    assert kept.pop("made_rules") == 1  # about an item of nobody's
    assert kept.pop("check_ins") == 1  # of a key result of the register
    assert kept == before
    with reading(engine) as session:
        said = [one.act for one in reversed(acts(session))]
    assert [act for act in said if act.startswith("sample_")] == ["sample_loaded", "sample_removed"]
    assert sample.remove(engine, NOW, actor="Ada") is False


def _use(engine: Engine) -> None:
    """What somebody does who looks around: check-ins and rules, one of each about the sample alone."""
    with writing(engine) as session:
        given = [CheckIn(code, NOW, 60, None, "", "Ada", NOW) for code in ("SAMPLE-1", "KR-1")]
        check_ins.keep_check_ins(session, given, NOW)
        rules = [
            MappingRule(Condition("ancestor", "SMP-4"), reason="no hurry", author="Ada"),
            MappingRule(Condition("label", "tests"), ("SAMPLE-2",), author="Ada"),
            MappingRule(Condition("key", "PAY-1"), reason="agreed", author="Ada"),
        ]
        made_rules.make_rules(session, rules, Deed("Ada", NOW, "looking around"))


def test_rules_about_its_key_results_are_none_of_the_registers(engine: Engine) -> None:
    apply_register(engine)
    load(engine)
    _use(engine)
    with reading(engine) as session:
        assert len(plans.versions(session, "sample")[-1].rules) == 4
        assert [rule.key_results for rule in plans.versions(session, "own")[-1].rules] == [(), ()]


def test_loaded_anew_it_runs_today_again(engine: Engine) -> None:
    load(engine)
    later = NOW + timedelta(days=30)
    load(engine, later)
    with reading(engine) as session:
        [health] = reads.connections(session)
        running = [line for _, lines in reads.boards_with_running_sprints(session, "points") for line in lines]
    assert health.file is not None
    assert (health.file.as_of, health.file.imports, len(running)) == (later, 1, 2)
