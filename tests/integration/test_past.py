"""A past store holds what the whole answer for the backlog as of that moment says, and no secret."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlmodel import SQLModel, col

from integration.contract import Fetched
from integration.past import past_store
from integration.store import findings, reads
from integration.store.backlog import backlog_at
from integration.store.engine import reading, writing
from integration.store.tables import ConnectionRow, FindingRow
from mappings.analysis import analyse
from mappings.document import plain_data, sprint_document
from mappings.model import Status
from tests.integration.store.material import day, state, tracked
from tests.reports.material import BOARDS, NOW, SPRINTS, Site, save, shop


@pytest.fixture
def site(database_url: str) -> Iterator[Site]:
    with shop(database_url) as found:
        yield found


@pytest.fixture
def small(sqlite_url: str) -> Iterator[Site]:
    with shop(sqlite_url) as found:
        yield found


@contextmanager
def past_of(site: Site, moment: datetime, folder: Path) -> Iterator[Engine]:
    engine = past_store(site.store, moment, max(NOW, moment), str(folder / "past.sqlite")).engine
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.mark.parametrize("moment", [day(-30), day(-4), day(-1), day(2), day(4.9)])
def test_every_sprint_is_as_the_whole_answer_of_that_moment_says(small: Site, moment: datetime, tmp_path: Path) -> None:
    agrees(small, moment, tmp_path)


def test_a_past_is_read_from_either_database(site: Site, tmp_path: Path) -> None:
    agrees(site, day(0), tmp_path)


def agrees(site: Site, moment: datetime, tmp_path: Path) -> None:
    save(
        site.engine,
        Fetched(
            at=NOW,
            items=(
                tracked("PAY-7", state(-15, points=5), state(1, sprints=("S1",), points=8), state(3, points=8)),
                tracked("PAY-8", state(-3, sprints=("S1",), points=2), deleted=day(4)),
            ),
            sprints=SPRINTS,
            boards=BOARDS,
        ),
    )
    with reading(site.engine) as session:
        whole = analyse(backlog_at(session, "shop", NOW), moment)
    with past_of(site, moment, tmp_path) as engine, reading(engine) as session:
        for report in whole.sprints:
            kept = reads.sprint_answer(session, "shop", report.sprint.id, report.measure.value)
            if kept is None:
                assert report.state.value == "future"
                assert all(not figure.items for figure in report.scopes.values() if figure is not None)
                continue
            said = plain_data(sprint_document(report))
            assert isinstance(said, dict)
            assert {name: kept.answer.document[name] for name in ("state", "scopes", "unknown")} == {
                name: said[name] for name in ("state", "scopes", "unknown")
            }
        open_then = {(one.kind, one.subject) for one in reads.open_findings(session)}
        assert open_then == {(one.kind, one.subject) for one in whole.findings}


def test_a_sprint_that_is_closed_by_now_runs_in_its_past(small: Site, tmp_path: Path) -> None:
    with past_of(small, day(-4), tmp_path) as engine, reading(engine) as session:
        (board,) = [board for board in reads.boards_with_running_sprints(session, "points") if board[0].id == "B1"]
        assert [(sprint.id, sprint.state, sprint.completed) for sprint in board[1]] == [("S0", "active", None)]


def test_no_secret_is_in_a_past_store(small: Site, tmp_path: Path) -> None:
    with writing(small.engine) as session:
        row = session.get(ConnectionRow, "shop")
        assert row is not None
        row.webhook_secret, row.path_token = b"sealed-one", b"sealed-two"
    with past_of(small, day(2), tmp_path):
        written = (tmp_path / "past.sqlite").read_bytes() + b"".join(
            each.read_bytes() for each in tmp_path.glob("past.sqlite-*")
        )
    assert b"Payments" in written
    assert b"sealed" not in written


def test_tables_of_logins_are_empty_in_a_past_store(small: Site, tmp_path: Path) -> None:
    with past_of(small, day(2), tmp_path) as engine, reading(engine) as session:
        for name in ("sessions", "accounts", "api_tokens", "login_links", "acts", "deliveries", "raw_pages"):
            assert session.execute(select(SQLModel.metadata.tables[name])).all() == []


def test_what_a_person_did_later_has_not_happened_yet(small: Site, tmp_path: Path) -> None:
    with writing(small.engine) as session:
        number = session.scalars(select(col(FindingRow.id)).order_by(col(FindingRow.id))).first()
        assert number is not None
        findings.acknowledge(session, number, day(6), actor="Ada", reason="Known")
    for moment, state_then, actor in ((day(5.5), "open", None), (day(6.5), "acknowledged", "Ada")):
        folder = tmp_path / state_then
        folder.mkdir()
        with past_of(small, moment, folder) as engine, reading(engine) as session:
            found = reads.finding(session, number)
            assert found is not None
            assert (found[0].state, found[0].actor) == (state_then, actor)


def test_a_finding_that_is_none_by_now_has_a_number_that_none_of_now_has(small: Site, tmp_path: Path) -> None:
    with reading(small.engine) as session:
        now = set(session.scalars(select(col(FindingRow.id))))
    with past_of(small, day(-4), tmp_path) as engine, reading(engine) as session:
        then = {one.id for one in reads.open_findings(session)}
    assert then
    assert now & then == set()


def test_late_data_about_a_moment_is_in_that_moment(small: Site, tmp_path: Path) -> None:
    late = tracked(
        "PAY-99", state(-13, sprints=("S0",), points=8), state(-5, sprints=("S0",), points=8, status=Status.DONE)
    )
    save(small.engine, Fetched(at=NOW, items=(late,), sprints=SPRINTS, boards=BOARDS))
    with past_of(small, day(-4), tmp_path) as engine, reading(engine) as session:
        kept = reads.sprint_answer(session, "shop", "S0", "points")
        assert kept is not None
        assert "PAY-99" in kept.answer.document["scopes"]["completed"]["items"]
