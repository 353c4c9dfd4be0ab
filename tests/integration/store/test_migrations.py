"""Migrations and tables agree, on both databases."""

import zlib
from datetime import UTC, datetime

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from integration.store import due, raw_answers
from integration.store.engine import create_engine, reading, writing
from integration.store.migrate import config, is_current, migrate, newest
from tests.integration.store.material import TABLES


def test_an_empty_database_becomes_what_the_tables_say(database_url: str) -> None:
    assert TABLES
    engine = create_engine(database_url)
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "render_as_batch": True}
        )
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_the_inbox_is_among_the_tables_and_only_its_waiting_rows_are_indexed(database_url: str) -> None:
    engine = create_engine(database_url)
    migrate(engine)
    [index] = [each for each in inspect(engine).get_indexes("deliveries") if each["name"] == "ix_deliveries_waiting"]
    assert any("where" in name for name in index["dialect_options"])
    engine.dispose()


def test_answers_of_before_they_were_kept_by_pages_stay_readable(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect().execution_options(tieline_writes=True) as connection, connection.begin():
        command.upgrade(config(connection), "0003")
        for number in (1, 2):
            row = {"id": f"1000{number}", "body": zlib.compress(b"%d" % number), "at": "2026-03-02 09:00:00.000000"}
            connection.execute(
                text(
                    "INSERT INTO raw_answers (connection, tracker_id, body, fetched_at) VALUES ('a', :id, :body, :at)"
                ),
                row,
            )
    migrate(engine)
    with writing(engine) as session:
        raw_answers.keep(session, "a", {"10003": b"3"}, (), datetime(2026, 3, 3, tzinfo=UTC))
    with reading(engine) as session:
        assert [raw_answers.kept_about(session, "a", f"1000{number}") for number in (1, 2, 3)] == [b"1", b"2", b"3"]
    engine.dispose()


def test_findings_that_several_connections_had_become_one_that_keeps_what_people_said(database_url: str) -> None:
    engine = create_engine(database_url)
    at = "2026-03-02 09:00:00.000000"
    told = (
        ("east", "starved_kr", "KR-1", "open"),
        ("west", "starved_kr", "KR-1", "acknowledged"),
        ("west", "orphan_epic", "PAY-1", "open"),
    )
    with engine.connect().execution_options(tieline_writes=True) as connection, connection.begin():
        command.upgrade(config(connection), "0013")
        connection.execute(text("INSERT INTO plans (document, applied_at) VALUES ('{}', :at)"), {"at": at})
        for number, finding in enumerate(told, 1):
            names = ("connection", "kind", "subject", "state")
            values = {"id": number, **dict(zip(names, finding, strict=True)), "at": at}
            connection.execute(
                text(
                    "INSERT INTO findings"
                    " (id, connection, kind, subject, severity, evidence, suggestion, state, opened_at)"
                    " VALUES (:id, :connection, :kind, :subject, 'high', '{}', '', :state, :at)"
                ),
                values,
            )
            opened = "INSERT INTO finding_events (finding_id, at, event) VALUES (:id, :at, 'opened')"
            connection.execute(text(opened), values)
    migrate(engine)
    with reading(engine) as session:
        found = session.execute(text("SELECT id, connection FROM findings ORDER BY id")).all()
        events = session.scalars(text("SELECT finding_id FROM finding_events ORDER BY finding_id")).all()
        [work] = due.waiting(session)
    assert [tuple(row) for row in found] == [(2, due.OF_ALL), (3, "west")]
    assert list(events) == [2, 3]
    assert work.connection == due.OF_ALL
    assert work.everything_since is not None
    engine.dispose()


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    engine = create_engine(database_url)
    assert not is_current(engine)
    migrate(engine)
    assert is_current(engine)
    migrate(engine)
    assert is_current(engine)
    engine.dispose()


def test_the_newest_migration_is_told_by_its_number() -> None:
    assert newest() == ScriptDirectory.from_config(config(None)).get_current_head()
