"""Answers are decided again where a change touches them, and equal those computed from everything."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from integration import answers
from integration.answer_documents import Versions, next_day, next_edge, sprint_answers
from integration.answers import Pace, decide_due, decide_standing
from integration.clock import tick
from integration.contract import Fetched
from integration.store import connections, due, findings, plans, reads
from integration.store.backlog import backlog_at
from integration.store.due import OF_ALL, Part
from integration.store.engine import reading, writing
from integration.store.reads import EPICS
from integration.store.writes import save_fetched
from mappings.analysis import analyse
from mappings.document import plain_data
from mappings.model import (
    Condition,
    Cycle,
    KeyResult,
    MappingRule,
    Objective,
    Plan,
    Settings,
    Status,
)
from mappings.reckoning import Reckoning
from mappings.survey import Survey
from tests.integration.store.material import day, fetched, fresh_store, sprint, state, tracked

PLAN = Plan(
    settings=Settings(unestimated=(("*", "zero"),)),
    rules=(MappingRule(Condition("label", "support"), reason="support is not planned", until=date(2026, 3, 20)),),
    cycles=(Cycle("2026Q1", date(2026, 1, 1), date(2026, 3, 31)),),
    objectives=(Objective("O1", "New shops are live in a day", "Payments", "2026Q1"),),
    key_results=(KeyResult("KR-1", "O1", "Raise activation"), KeyResult("KR-2", "O1", "Lower time to payment")),
)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    with fresh_store(database_url) as engine:
        with writing(engine) as session:
            plans.apply_plan(session, PLAN, day(-30), author="Ada")
        yield engine


def save(engine: Engine, answer: Fetched, decide: bool = True) -> None:
    with writing(engine) as session:
        save_fetched(session, "site", answer, answer.at)
    if decide:
        decide_due(engine, answer.at)


def final(engine: Engine, name: str = "S1", measure: str = "points") -> dict[str, Any]:
    with reading(engine) as session:
        found = reads.sprint_answer(session, "site", name, measure)
    assert found is not None
    return dict(found.answer.document["scopes"]["final"])


def percents(figure: dict[str, Any]) -> dict[str, int]:
    return {part["key_result"]: part["percent"] for part in figure["shares"]}


STORY = state(0, sprints=("S1",), points=3, tags=("KR-1",))
OTHER = state(0, sprints=("S1",), points=1)
DONE = Status.DONE


def test_a_saved_sprint_has_its_shares(engine: Engine) -> None:
    save(engine, fetched(1, [tracked("PAY-1", STORY), tracked("PAY-2", OTHER)], [sprint()]))
    figure = final(engine)
    assert percents(figure) == {"KR-1": 75}
    assert figure["unaligned"]["percent"] == 25


def test_a_tag_on_the_epic_moves_the_shares_of_the_running_sprint(engine: Engine) -> None:
    epic = tracked("PAY-9", state(-3), type="epic", level=1)
    story = tracked("PAY-1", STORY._replace(tags=(), parent="PAY-9"))
    save(engine, fetched(1, [epic, story], [sprint()]))
    assert percents(final(engine)) == {}
    save(engine, fetched(2, [tracked("PAY-9", state(-3), state(1.5, tags=("KR-2",)), type="epic", level=1)]))
    assert percents(final(engine)) == {"KR-2": 100}


def test_a_receipt_names_items_and_adds_up(engine: Engine) -> None:
    save(engine, fetched(1, [tracked("PAY-1", STORY), tracked("PAY-2", OTHER)], [sprint()]))
    with reading(engine) as session:
        found = reads.sprint_answer(session, "site", "S1", "points")
    assert found is not None
    receipt = found.answer.document["receipts"]["final"]
    assert {line["item"]: line["value"] for line in receipt} == {"PAY-1": "3", "PAY-2": "1"}
    assert found.answer.versions["plan"] == 1


def test_a_late_tag_moves_only_the_corrected_figure_of_a_closed_sprint(engine: Engine) -> None:
    closed = sprint(told="closed", completed=day(10))
    save(engine, fetched(11, [tracked("PAY-2", OTHER)], [closed]))
    save(engine, fetched(13, [tracked("PAY-2", OTHER, state(12, sprints=("S1",), points=1, tags=("KR-1",)))]))
    with reading(engine) as session:
        found = reads.sprint_answer(session, "site", "S1", "points")
    assert found is not None
    assert percents(final(engine)) == {}
    assert found.corrected is not None
    assert percents(found.corrected.document["scopes"]["final"]) == {"KR-1": 100}
    assert found.restatements == ()


def test_what_is_learnt_late_restates_a_closed_figure_and_is_kept(engine: Engine) -> None:
    closed = sprint(told="closed", completed=day(10))
    save(engine, fetched(11, [tracked("PAY-2", OTHER)], [closed]))
    save(engine, fetched(13, [tracked("PAY-2", OTHER._replace(tags=("KR-1",)))]))
    with reading(engine) as session:
        found = reads.sprint_answer(session, "site", "S1", "points")
    assert found is not None
    [restated] = found.restatements
    assert restated.why == "late_data"
    assert restated.learnt_at == day(13)
    assert percents(restated.old["scopes"]["final"]) == {}
    assert percents(restated.new["scopes"]["final"]) == {"KR-1": 100}


def outside(engine: Engine, name: str) -> reads.Answer | None:
    with reading(engine) as session:
        found = reads.sprint_answer(session, "site", name, "points")
    assert found is not None
    return found.outside


def test_what_was_done_outside_sprints_stands_beside_the_sprint_with_its_receipt(engine: Engine) -> None:
    sprints = [sprint("S1", "closed", completed=day(10)), sprint("S2", start=day(11), end=day(25))]
    loose = tracked("PAY-3", state(0, board="B1", points=3, tags=("KR-1",)))
    save(engine, fetched(13, [tracked("PAY-1", STORY), loose], sprints))
    assert outside(engine, "S2") is None
    done = replace(loose.item, states=(loose.item.states[0], loose.item.states[0]._replace(at=day(12), status=DONE)))
    save(engine, fetched(14, [replace(loose, item=done, updated=day(14))]))
    found = outside(engine, "S2")
    assert found is not None
    assert found.document["since"] == "2026-03-12T09:00:00Z"
    assert percents(found.document["scopes"]["outside"]) == {"KR-1": 100}
    assert [line["item"] for line in found.document["receipts"]["outside"]] == ["PAY-3"]
    assert outside(engine, "S1") is None
    save(engine, fetched(15, [replace(loose, updated=day(15))]))
    assert outside(engine, "S2") is None


def test_work_outside_sprints_beside_a_closed_sprint_is_restated(engine: Engine) -> None:
    closed = sprint(told="closed", completed=day(10))
    loose = state(5, board="B1", points=3, status=DONE)
    save(engine, fetched(11, [tracked("PAY-3", loose)], [closed]))
    save(engine, fetched(13, [tracked("PAY-3", loose._replace(tags=("KR-1",)), updated=13)]))
    with reading(engine) as session:
        [restated] = reads.restatements(session, "site", "outside", "S1", "points")
    assert restated.why == "late_data"
    assert percents(restated.old["scopes"]["outside"]) == {}
    assert percents(restated.new["scopes"]["outside"]) == {"KR-1": 100}


def test_nothing_is_told_of_a_backlog_that_is_still_being_read(engine: Engine) -> None:
    with writing(engine) as session:
        connections.start_backfill(session, "site", day(20))
    save(engine, fetched(11, [tracked("PAY-2", OTHER)], [sprint()]))
    with reading(engine) as session:
        assert reads.sprint_answer(session, "site", "S1", "points") is None
    with writing(engine) as session:
        connections.keep_backfill(session, "site", cursor=None, done=1, total=1, now=day(20))
    decide_due(engine, day(20))
    assert final(engine)["items"] == ["PAY-2"]


def test_a_re_opened_sprint_restates_its_figures(engine: Engine) -> None:
    save(engine, fetched(11, [tracked("PAY-2", OTHER)], [sprint(told="closed", completed=day(10))]))
    save(engine, fetched(12, [], [sprint(told="active")]))
    with reading(engine) as session:
        [restated] = reads.restatements(session, "site", "sprint", "S1", "points")
    assert restated.why == "re_opened"


def test_a_plan_stated_to_hold_earlier_restates_as_mapping(engine: Engine) -> None:
    with writing(engine) as session:
        session.execute(
            text(
                "INSERT INTO connections (id, tracker, base_url, unsigned, callback_url, mapping, created_at)"
                " VALUES ('site', 'jira', '', false, '', '{}', '2026-01-01 00:00:00')"
            )
        )
    save(engine, fetched(11, [tracked("PAY-1", STORY)], [sprint(told="closed", completed=day(10))]))
    tagged = replace(PLAN, key_results=PLAN.key_results[1:])
    with writing(engine) as session:
        plans.apply_plan(session, tagged, day(12), author="Ada", reason="KR-1 was given up", since=day(5))
    decide_due(engine, day(12))
    with reading(engine) as session:
        [restated] = reads.restatements(session, "site", "sprint", "S1", "points")
    assert restated.why == "mapping"
    assert percents(final(engine)) == {}


def test_the_pulse_beats_when_an_answer_changes_and_rests_when_none_does(engine: Engine) -> None:
    answer = fetched(1, [tracked("PAY-1", STORY)], [sprint()])
    save(engine, answer)
    with reading(engine) as session:
        before = reads.pulse(session)
    save(engine, replace(answer, at=day(1.1)))
    with reading(engine) as session:
        assert reads.pulse(session) == before
    save(engine, fetched(2, [tracked("PAY-2", OTHER)]))
    with reading(engine) as session:
        assert reads.pulse(session) > before


def test_a_finding_opens_resolves_and_reopens_with_its_history(engine: Engine) -> None:
    epic = tracked("PAY-9", state(-3), type="epic", level=1)
    tagged = tracked("PAY-9", state(-3), state(2, tags=("KR-1",)), type="epic", level=1)
    bare = tracked("PAY-9", state(-3), state(2, tags=("KR-1",)), state(4), type="epic", level=1)
    for at, one in ((1, epic), (3, tagged), (5, bare)):
        save(engine, fetched(at, [one]))
    with reading(engine) as session:
        [orphan] = reads.open_findings(session, "site", "orphan_epic")
        found = reads.finding(session, orphan.id)
    assert found is not None
    assert [(event.event, event.at) for event in found[1]] == [
        ("opened", day(1)),
        ("resolved", day(3)),
        ("opened", day(5)),
    ]


def test_a_muted_finding_is_not_open_until_its_time_has_passed(engine: Engine) -> None:
    save(engine, fetched(1, [tracked("PAY-9", state(-3), type="epic", level=1)]))
    with writing(engine) as session:
        [orphan] = reads.open_findings(session, "site", "orphan_epic")
        findings.mute(session, orphan.id, day(1.2), actor="Ada", reason="next quarter", until=day(2))
        assert reads.open_findings(session, "site", "orphan_epic") == ()
        assert findings.mutes_that_ran_out(session, day(2)) == ("site",)
        due.note_everything(session, ["site"], day(2))
    decide_due(engine, day(2))
    with reading(engine) as session:
        assert [one.id for one in reads.open_findings(session, "site", "orphan_epic")] == [orphan.id]


def test_an_acknowledged_finding_stays_acknowledged_when_it_is_seen_again(engine: Engine) -> None:
    save(engine, fetched(1, [tracked("PAY-9", state(-3), type="epic", level=1)]))
    with writing(engine) as session:
        [orphan] = reads.open_findings(session, "site", "orphan_epic")
        findings.acknowledge(session, orphan.id, day(1.2), actor="Ada", reason="we know")
    save(engine, fetched(2, [tracked("PAY-2", OTHER)]))
    with reading(engine) as session:
        [one] = reads.open_findings(session, "site", "orphan_epic", states=("acknowledged",))
    assert (one.actor, one.reason) == ("Ada", "we know")


def test_what_is_due_stays_due_when_somebody_else_kept_answers_meanwhile(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(reckoning: Reckoning) -> Survey:
        with writing(engine) as session:
            due.note_decided(session, "site", Part.STANDING)
        return Survey(reckoning)

    save(engine, fetched(1, [tracked("PAY-1", STORY)], [sprint()]), decide=False)
    monkeypatch.setattr("integration.answers.Survey", meanwhile)
    assert not decide_standing(engine, day(1), Pace())
    monkeypatch.undo()
    assert decide_standing(engine, day(1), Pace())
    assert not decide_standing(engine, day(1), Pace())


def test_the_answers_of_a_sprint_that_is_gone_go_as_well(engine: Engine) -> None:
    save(engine, fetched(1, [tracked("PAY-1", STORY)], [sprint()]))
    save(engine, fetched(2, gone_sprints=("S1",)))
    with reading(engine) as session:
        assert reads.answers(session, "site", "sprint") == ()


def test_a_large_connection_is_not_decided_as_a_whole_all_the_time() -> None:
    now = 100.0
    pace = Pace(clock=lambda: now, longest=5)
    pace.took("site", 2.0)
    pace.took("huge", 90.0)
    assert not pace.allows("site")
    assert pace.allows("other")
    now = 102.0
    assert pace.allows("site")
    assert not pace.allows("huge")
    now = 105.0
    assert pace.allows("huge")


def test_an_open_answer_holds_until_the_next_day_of_the_register_and_others_until_the_next_edge() -> None:
    plan = replace(PLAN, settings=replace(PLAN.settings, time_zone="Asia/Tokyo"))
    assert next_day(plan, day(0)) == datetime.fromisoformat("2026-03-03T00:00:00+09:00")
    assert next_edge(plan, day(0)) == datetime.fromisoformat("2026-03-21T00:00:00+09:00")
    assert next_edge(Plan(), day(0)) is None


# --- the same as from everything


def _history() -> st.SearchStrategy[list[tuple[str, Any]]]:
    """Edits of a few items in two sprints, by what changes."""
    change = st.fixed_dictionaries(
        {},
        optional={
            "points": st.sampled_from([None, 1, 3]),
            "tags": st.sampled_from([(), ("KR-1",), ("KR-1:70, KR-2",), ("none",), ("KR-9",)]),
            "sprints": st.sampled_from([(), ("S1",), ("S2",)]),
            "status": st.sampled_from(list(Status)),
            "parent": st.sampled_from([None, "E", "A"]),
            "labels": st.sampled_from([(), ("support",)]),
        },
    )
    return st.lists(st.tuples(st.sampled_from(["A", "B", "C", "T", "E"]), change), min_size=1, max_size=8)


LEVELS = {"E": 1, "T": -1}


@settings(max_examples=25, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(_history())
def test_answers_kept_bit_by_bit_equal_those_computed_from_everything(edits: list[tuple[str, Any]]) -> None:
    sprints = [sprint("S1", start=day(-14), end=day(-1)), sprint("S2")]
    histories = {key: [state(-20)] for key in ("A", "B", "C", "T", "E")}
    with fresh_store("sqlite://") as engine:
        with writing(engine) as session:
            plans.apply_plan(session, PLAN, day(-30), author="Ada")
        now = 0.0
        for number, (key, change) in enumerate(edits):
            now = number - 3.0
            states = histories[key]
            states.append(states[-1]._replace(at=day(now), **_fitting(key, change)))
            if now == 2:
                sprints[0] = sprint("S1", "closed", start=day(-14), end=day(-1), completed=day(1.5))
            items = [tracked(key, *states, level=LEVELS.get(key, 0), updated=now)]
            tick(engine, day(now + 0.1))
            save(engine, fetched(now + 0.1, items, sprints))
        _compare(engine, day(now + 0.1))


def _fitting(key: str, change: dict[str, Any]) -> dict[str, Any]:
    allowed = {"E": (None,), "T": (None, "A")}.get(key, (None, "E"))
    return {**change, "parent": change.get("parent") if change.get("parent") in allowed else None}


KINDS = ("sprint", "corrected", "outside", "period", "rollup", "links", EPICS, "work", "done", "census")


def _compare(engine: Engine, now: datetime) -> None:
    with reading(engine) as session:
        backlog = backlog_at(session, "site", now)
        reckoning = Reckoning(backlog)
        versions = Versions(((1, None),), (), 1)
        fresh = list(sprint_answers(reckoning, reckoning.timeline.sprints, (), versions))
        survey = Survey(reckoning)
        fresh += answers.whole_answers(reckoning, survey, versions, is_alone=True)
        kept = {
            (kind, answer.subject, answer.measure): answer.document
            for kind in KINDS
            for connection in ("site", OF_ALL)
            for answer in reads.answers(session, connection, kind)
        }
        seen = reads.open_findings(session)
    expected = {(one.kind, one.subject, one.measure): one.document for one in fresh}
    assert {name: _without_now(document) for name, document in expected.items()} == {
        name: _without_now(document) for name, document in kept.items()
    }
    found = {(one.kind, one.subject): plain_data(one.evidence) for one in analyse(backlog).findings}
    assert {(one.kind, one.subject): one.evidence for one in seen} == found


def _without_now(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The receipts of an open sprint tell the moment they were made; nothing else may differ."""
    if document.get("state") != "active":
        return document
    lines = {scope: [{**line, "moment": None} for line in made] for scope, made in document["receipts"].items()}
    return {**document, "receipts": lines}
