"""A file as a connection: the figures of `analyse`, brought up to date by a newer file, apart from the register."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from integration import backfills, sync
from integration.answers import decide_due
from integration.clock import tick
from integration.contract import Connection, Misconfigured, Temporary
from integration.doctor import examine
from integration.files import backlog_file
from integration.files.any_file import JIRA_CSV, Reading
from integration.files.faults import Refused
from integration.imports import importing
from integration.imports.importing import name_from
from integration.imports.removing import forget
from integration.past import past_store
from integration.store import connections, due, imported_files, kr_reads, made_rules, plans, reads, turns
from integration.store.engine import reading, writing
from integration.store.made_rules import Deed
from integration.store.opened import Store
from integration.store.removal import is_anything_left
from mappings.analysis import analysis_of
from mappings.model import Condition, MappingRule, Plan, SprintState
from mappings.reckoning import Reckoning
from tests.integration.imports.material import (
    OKRS,
    REGISTER,
    SAMPLE,
    VAULT,
    apply_register,
    backlog_kept,
    imported,
    item,
    prepared,
    told,
)
from tests.integration.store.material import day

LATER = day(400)


def test_a_file_gives_what_analysing_it_gives_however_late_it_is_looked_at(engine: Engine) -> None:
    data = SAMPLE.read_bytes()
    imported(engine, data, LATER)
    kept = replace(backlog_kept(engine, "file", LATER + timedelta(days=9)), notes=())
    assert analysis_of(Reckoning(kept)) == analysis_of(Reckoning(backlog_file.load(data)))


def test_its_figures_are_kept_with_findings_as_those_of_any_connection(engine: Engine) -> None:
    imported(engine, SAMPLE.read_bytes(), LATER)
    with reading(engine) as session:
        assert len(reads.answers(session, "file", "sprint")) >= 2
        assert {one.kind for one in reads.open_findings(session, "file")} >= {"orphan_epic", "output_only_goal"}


def test_a_newer_file_updates_and_what_it_does_not_hold_is_deleted_as_of_then(engine: Engine) -> None:
    imported(engine, told(item("A"), item("B")))
    ready = imported(engine, told(item("A", points=8), item("C"), at=day(8)), day(9))
    assert (ready.new, ready.absent) == (1, ("B",))
    kept = {one.key: one for one in backlog_kept(engine, "file", day(10)).items}
    assert (kept["A"].states[-1].points, kept["B"].deleted, kept["C"].deleted) == (8, day(8), None)


def test_what_was_gone_and_is_there_again_is_alive(engine: Engine) -> None:
    imported(engine, told(item("A"), item("B")))
    imported(engine, told(item("A"), at=day(7)), day(9))
    imported(engine, told(item("A"), item("B"), at=day(8)), day(9))
    assert [one.deleted for one in backlog_kept(engine, "file", day(10)).items] == [None, None]


def test_of_two_files_of_one_moment_the_later_import_counts(engine: Engine) -> None:
    imported(engine, told(item("A"), item("B")))
    imported(engine, told(item("A", points=5)))
    kept = {one.key: one for one in backlog_kept(engine, "file", day(10)).items}
    assert kept["A"].states[-1].points == 5
    assert kept["B"].deleted is not None


def test_boards_and_sprints_that_are_gone_are_shown_no_more(engine: Engine) -> None:
    imported(engine, told(item("A")))
    other = {"boards": [{"id": "B2", "name": "Flow", "periods": "week"}], "sprints": []}
    imported(engine, told(item("A", sprints=[], board="B2"), at=day(7), **other), day(8))
    with reading(engine) as session:
        assert [board.id for board in reads.boards(session, "file")] == ["B2"]
    assert backlog_kept(engine, "file", day(9)).sprints == ()


def test_the_same_file_again_changes_nothing(engine: Engine) -> None:
    imported(engine, told(item("A"), item("B")))
    before = backlog_kept(engine, "file", day(9)).items
    ready = imported(engine, told(item("A"), item("B")))
    assert (ready.new, ready.absent) == (0, ())
    assert backlog_kept(engine, "file", day(9)).items == before


def test_an_older_file_is_refused(engine: Engine) -> None:
    imported(engine, told(item("A")))
    with pytest.raises(Refused, match="import a newer one"):
        prepared(engine, told(item("A"), at=day(2)))


def test_a_file_of_the_future_is_refused(engine: Engine) -> None:
    with pytest.raises(Refused, match="still to come"):
        prepared(engine, told(item("A"), at=day(30)))


def test_another_selection_under_the_same_name_is_refused_unless_it_is_meant(engine: Engine) -> None:
    imported(engine, told(*(item(f"A-{number}") for number in range(9))))
    with pytest.raises(Refused, match="9 of 9 items are not in it any more"):
        prepared(engine, told(item("Z"), at=day(6)))
    assert len(prepared(engine, told(item("Z"), at=day(6)), accepts_missing=True).absent) == 9


def test_an_item_with_another_key_stays_the_same_item(engine: Engine) -> None:
    imported(engine, told(item("OLD-1")))
    ready = prepared(engine, told(item("NEW-1"), at=day(7)), day(8), accepts_missing=True)
    renamed = replace(ready.backlog.items[0], aliases=("OLD-1",))
    again = replace(ready, backlog=replace(ready.backlog, items=(renamed,)), absent=())
    importing.save(engine, VAULT, again, lambda: day(8))
    [kept] = backlog_kept(engine, "file", day(9)).items
    assert (kept.key, kept.deleted) == ("NEW-1", None)


# --- its own OKRs -----------------------------------------------------------------------------


def test_its_own_okrs_hold_for_it_alone_and_the_register_stays(engine: Engine) -> None:
    apply_register(engine)
    imported(engine, told(item("A", tags=["OWN-1"]), **OKRS))
    with reading(engine) as session:
        assert [kr.code for kr in plans.versions(session)[-1].key_results] == ["KR-1"]
        assert [kr.code for kr in plans.versions(session, "other")[-1].key_results] == ["KR-1"]
        assert [kr.code for kr in plans.versions(session, "file")[-1].key_results] == ["OWN-1"]
        assert [kr.code for kr in plans.plan_of_all(session, day(6)).key_results] == ["KR-1", "OWN-1"]


def test_without_okrs_of_its_own_it_rests_on_the_register(engine: Engine) -> None:
    apply_register(engine)
    imported(engine, told(item("A", tags=["KR-1"])))
    assert [kr.code for kr in backlog_kept(engine, "file", day(7)).plans[-1].key_results] == ["KR-1"]


def test_a_code_that_is_taken_is_refused_and_the_register_can_take_its_place(engine: Engine) -> None:
    apply_register(engine)
    taken = {**OKRS, "key_results": [{"code": "kr-1", "objective": "OWN-O", "title": "Raise it"}]}
    data = told(item("A", tags=["KR-1"]), **taken)
    with pytest.raises(Refused, match="--with-register"):
        prepared(engine, data)
    assert imported(engine, data, with_register=True).own_plan is None
    assert backlog_kept(engine, "file", day(7)).plans[-1].key_results == REGISTER.key_results


def test_okrs_that_change_hold_from_the_import_on_and_can_be_dropped(engine: Engine) -> None:
    imported(engine, told(item("A"), **OKRS))
    more = {**OKRS, "key_results": [*OKRS["key_results"], {"code": "OWN-2", "objective": "OWN-O", "title": "Two"}]}
    imported(engine, told(item("A"), at=day(7), **more), day(8))
    assert [len(plan.key_results) for plan in backlog_kept(engine, "file", day(9)).plans] == [1, 2]
    imported(engine, told(item("A"), at=day(8), **more), day(9), with_register=True)
    assert backlog_kept(engine, "file", day(9)).plans == (Plan(),)


def test_what_people_decide_after_its_moment_holds_for_it_and_a_day_between_shows_it_without(
    engine: Engine, tmp_path: Path
) -> None:
    imported(engine, told(item("A"), item("B")))
    decide_due(engine, day(7))
    rule = MappingRule(Condition("key", "A"), reason="agreed", author="Ada")
    with writing(engine) as session:
        made_rules.make_rules(session, [rule], Deed("Ada", day(8), "agreed"))
    decide_due(engine, day(9))
    assert exempt(Store(engine)) == 50
    assert exempt(past_store(Store(engine), day(7), day(9), str(tmp_path / "past.sqlite"))) == 0


def exempt(store: Store) -> object:
    """How many percent of the file's sprint are exempt, by count."""
    with store.reading() as session:
        answer = reads.sprint_answer(session, "file", "S1", "count")
    assert answer is not None
    return answer.answer.document["scopes"]["final"]["exempt"]["percent"]


def test_a_register_that_is_applied_later_with_the_same_code_comes_first_on_pages(engine: Engine) -> None:
    imported(engine, told(item("A"), **OKRS))
    apply_register(engine, replace(REGISTER, key_results=(replace(REGISTER.key_results[0], code="own-1"),)))
    with reading(engine) as session:
        assert [kr.code for kr in plans.plan_of_all(session, day(6)).key_results] == ["own-1"]


def test_its_key_results_tell_of_its_own_work_also_where_the_register_has_their_team_and_cycle(engine: Engine) -> None:
    apply_register(engine)
    closed = {"id": "S1", "board": "B1", "name": "One", "state": "closed", "completed": day(4).isoformat()}
    sprint = {**closed, "start": day(0).isoformat(), "end": day(4).isoformat()}
    board = {"id": "B1", "name": "Payments", "team": "Payments"}
    for name, code, okrs in (("other", "KR-1", {}), ("own", "OWN-1", OKRS)):
        done = item(f"{name}-1", tags=[code])
        done["history"].append({**done["history"][0], "at": day(2).isoformat(), "status": "done"})
        imported(engine, told(done, sprints=[sprint], **{**okrs, "boards": [board]}), name=name)
    decide_due(engine, day(6))
    with reading(engine) as session:
        work = kr_reads.team_work(session, {("Payments", "2026Q1")}, "count")
        assert plans.all_plans(session, day(6)).brought_by == {"OWN-1": "own"}
    assert {place[2]: one.share_of("OWN-1") for place, one in work.items()} == {"": 0, "own": 1}


# --- exports of Jira --------------------------------------------------------------------------


def _csv(*rows: tuple[str, ...]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(
        [("Issue key", "Issue Type", "Status", "Created", "Updated", "Sprint", "OKR", "Summary"), *rows]
    )
    return out.getvalue().encode()


ROW = ("PAY-1", "Story", "Done", "2026-01-20 10:00", "2026-02-03 10:00", "Sprint 1", "KR-1", "Pay")


def test_an_export_is_kept_with_where_its_tags_stood_and_what_it_could_not_tell(engine: Engine) -> None:
    apply_register(engine)
    imported(engine, _csv(ROW), name="export", file="export.csv", how=Reading(kr_field="OKR"))
    ready = imported(engine, _csv((*ROW[:4], "2026-02-04 10:00", *ROW[5:])), name="export", file="export (1).csv")
    with reading(engine) as session:
        file = imported_files.imported_file(session, "export")
        [board] = reads.boards(session, "export")
    assert file is not None
    assert (file.form, file.imports, dict(file.options)) == (JIRA_CSV, 2, {"kr_field": "OKR"})
    assert any("no history" in note for note in file.notes)
    assert ready.backlog.items[0].states[-1].tags == ("KR-1",)
    assert board.name == "export (1).csv"


def test_a_csv_says_nothing_of_goals_so_none_is_missing(engine: Engine) -> None:
    imported(engine, _csv((*ROW[:2], "In Progress", *ROW[3:])), name="export")
    [sprint] = backlog_kept(engine, "export", day(9)).sprints
    assert (sprint.state, sprint.goal_known) == (SprintState.ACTIVE, False)
    with reading(engine) as session:
        assert "missing_goal" not in {one.kind for one in reads.open_findings(session, "export")}


# --- nobody fetches it ------------------------------------------------------------------------


def test_workers_leave_it_alone_and_the_clock_as_well(engine: Engine) -> None:
    imported(engine, told(item("A"), **OKRS))
    assert sync.reconcile_due(engine, VAULT, lambda: LATER) == 0
    with writing(engine) as session:
        connections.start_backfill(session, "file", LATER)
    assert backfills.run_waiting(engine, VAULT, lambda: LATER) == 0
    with writing(engine) as session:
        connections.keep_backfill(session, "file", cursor=None, done=1, total=1, now=LATER)
    decide_due(engine, LATER)
    tick(engine, LATER)
    with reading(engine) as session:
        assert [work for work in due.waiting(session, "file") if work.figures or work.is_standing] == []


def test_the_doctor_says_that_it_is_a_file_and_how_old(engine: Engine) -> None:
    imported(engine, told(item("A")))
    with reading(engine) as session:
        known = connections.connection_named(session, VAULT, "file")
    assert known is not None
    checks = {check.step: check for check in examine(engine, known, LATER)}
    assert "395 days old" in checks["file"].sentence
    assert checks["file"].is_good is None
    assert checks["items"].is_good is True
    assert "tieline import FILE --name file" in checks["news"].sentence


def test_an_import_that_broke_off_is_told_and_begun_anew(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 1)
    ready = prepared(engine, told(item("A"), item("B")))

    def stop(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing.save(engine, VAULT, ready, lambda: day(6), stop)
    with reading(engine) as session:
        assert "file" in connections.being_read(session)
        known = connections.connection_named(session, VAULT, "file")
    assert known is not None
    assert "broke off" in next(check for check in examine(engine, known, day(6)) if check.step == "items").sentence
    imported(engine, told(item("A"), item("B")))
    assert len(backlog_kept(engine, "file", day(7)).items) == 2


def test_two_imports_of_one_name_do_not_cross(engine: Engine) -> None:
    ready = prepared(engine, told(item("A")))
    with writing(engine) as session:
        turns.take(session, "file", "somebody", day(6), day(7))
    with pytest.raises(Temporary, match="wait for it"):
        importing.save(engine, VAULT, ready, lambda: day(6))


def test_of_two_imports_that_were_read_at_once_the_second_is_read_anew(engine: Engine) -> None:
    older, newer = prepared(engine, told(item("A"), at=day(4))), prepared(engine, told(item("A"), item("B")))
    importing.save(engine, VAULT, newer, lambda: day(6))
    with pytest.raises(Temporary, match="import this anew"):
        importing.save(engine, VAULT, older, lambda: day(6))
    with reading(engine) as session:
        kept = imported_files.imported_file(session, "file")
    assert (kept and kept.as_of, len(backlog_kept(engine, "file", day(7)).items)) == (day(5), 2)


def test_a_file_never_takes_the_place_of_a_site_that_was_connected_while_it_was_read(engine: Engine) -> None:
    ready = prepared(engine, told(item("A")))
    with writing(engine) as session:
        connections.keep_connection(session, VAULT, Connection("file", "jira", "https://acme.example"), day(6))
    with pytest.raises(Misconfigured, match="belongs to a connected site"):
        importing.save(engine, VAULT, ready, lambda: day(6))
    with reading(engine) as session:
        assert connections.tracker_of(session, "file") == "jira"


def test_what_is_removed_while_it_is_imported_stays_removed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 1)
    ready = prepared(engine, told(item("A"), item("B"), **OKRS))

    def remove(_done: int, _of: int) -> None:
        forget(engine, "file", day(6), actor="Ada", reason="not wanted")

    with pytest.raises(Temporary, match="was removed"):
        importing.save(engine, VAULT, ready, lambda: day(6), remove)
    with reading(engine) as session:
        assert not is_anything_left(session, "file")


def test_two_who_are_the_first_to_take_a_turn_do_not_both_have_it(engine: Engine) -> None:
    def take(owner: str) -> bool:
        with writing(engine) as session:
            return turns.take(session, "file", owner, day(6), day(7))

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take, "abcd")) == [False, False, False, True]


@pytest.mark.parametrize("key", ["A\0", "A" * 3000])
def test_names_that_no_database_keeps_are_refused_before_anything_is_kept(engine: Engine, key: str) -> None:
    hidden = told(item("A", parent=key), hidden_parents=[key])
    for data in (told(item(key)), hidden):
        with pytest.raises(Refused, match="cannot be kept"):
            prepared(engine, data)


def test_a_name_of_a_site_or_of_the_sample_is_refused(engine: Engine) -> None:
    with writing(engine) as session:
        connections.keep_connection(session, VAULT, Connection("acme", "jira", "https://acme.example"), day(0))
    with pytest.raises(Misconfigured, match="belongs to a connected site"):
        prepared(engine, told(item("A")), name="acme")
    with pytest.raises(Misconfigured, match="is the sample data's"):
        prepared(engine, told(item("A")), name="sample")


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("Sprint export (2).csv", "sprint-export-2"),
        (r"C:\Users\x\Jira.CSV", "jira"),
        ("Ünï.json", "n"),
        ("…", "file"),
        ("a" * 80 + ".csv", "a" * 40),
        (str(Path("folder") / "checkout.backlog.json"), "checkout"),
    ],
)
def test_a_name_is_made_of_the_files(file: str, name: str) -> None:
    assert name_from(file) == name


def test_a_past_day_tells_what_the_file_told_then(engine: Engine, tmp_path: Path) -> None:
    imported(engine, told(item("A", tags=["OWN-1"]), item("B"), **OKRS))
    imported(engine, told(item("A", tags=["OWN-1"], points=9), at=day(9), **OKRS), day(10))
    then = past_store(Store(engine), day(8), day(20), str(tmp_path / "past.sqlite"))
    with then.reading() as session:
        answer = reads.sprint_answer(session, "file", "S1", "count")
        [health] = reads.connections(session)
    assert answer is not None
    assert answer.answer.document["scopes"]["final"]["total"] == "2"
    assert health.file is None  # it tells of the import that came later
    later = past_store(Store(engine), day(11), day(20), str(tmp_path / "later.sqlite"))
    with later.reading() as session:
        [health] = reads.connections(session)
    assert health.file is not None
