"""Values are read where they live when it is time, kept with their moments, and what went wrong is shown."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
import responses
from sqlalchemy import Engine

from integration.kr_values.definition import CSV, JSON, MIXPANEL, SQL, Access, ValueSource
from integration.kr_values.reading import AFTER_A_FAULT, Outcome, read_due, read_source
from integration.store import plans
from integration.store.check_ins import check_ins_of
from integration.store.engine import reading, writing
from integration.store.value_sources import declare_values, declared_values, shown_value_sources
from mappings.model import Exact
from tests.integration.store.material import day, fresh_store
from tests.reports.key_result_material import fill_tree
from tests.reports.material import NOW

URL = "https://metrics.example/api"
ACCESS = Access({"TOKEN": "s3cret", "MIX": "user:pass"})
JSON_SOURCE = ValueSource(
    "KR-1", JSON, "every day 08:00", url=URL, path="$.value", headers=(("Authorization", "Bearer {TOKEN}"),)
)


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    with fresh_store(sqlite_url) as found:
        fill_tree(found)
        yield found


def declare(engine: Engine, *sources: ValueSource) -> bool:
    with writing(engine) as session:
        return declare_values(session, {one.key_result: one.to_json() for one in sources}, NOW)


def read(engine: Engine, source: ValueSource = JSON_SOURCE, access: Access = ACCESS, now: datetime = NOW) -> Outcome:
    return read_source(engine, access, source, lambda: now)


def current(engine: Engine, code: str = "KR-1") -> Exact:
    with reading(engine) as session:
        plan = plans.plan_with_values(session, NOW)
    return next(kr for kr in plan.key_results if kr.code == code).values[-1].value


@responses.activate
def test_a_value_is_read_with_the_secret_that_the_register_only_names(engine: Engine) -> None:
    responses.get(URL, json={"value": 57.5})
    declare(engine, JSON_SOURCE)
    assert read_due(engine, ACCESS, lambda: NOW) == 1
    assert responses.calls[0].request.headers["Authorization"] == "Bearer s3cret"
    assert current(engine) == Fraction(115, 2)
    with reading(engine) as session:
        [state] = declared_values(session)
        assert (state.read_at, state.next_at, state.faults) == (NOW, NOW.replace(hour=8) + timedelta(days=1), ())
        assert "s3cret" not in str(state.definition)
        assert shown_value_sources(session, NOW)["KR-1"].words == "from JSON of metrics.example, last read just now"


@responses.activate
def test_it_is_not_read_again_before_its_time(engine: Engine) -> None:
    responses.get(URL, json={"value": 57})
    declare(engine, JSON_SOURCE)
    assert [read_due(engine, ACCESS, lambda: NOW) for _ in range(2)] == [1, 0]
    assert read_due(engine, ACCESS, lambda: NOW + timedelta(days=1)) == 1


@responses.activate
def test_an_unchanged_value_is_kept_once_a_day(engine: Engine) -> None:
    responses.get(URL, json={"value": 57})
    found = [read(engine, now=NOW + timedelta(hours=hours)).new for hours in (0, 1, 2, 25)]
    assert found == [1, 0, 0, 1]


@responses.activate
@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "does not let us in (401)"),
        (404, "answers 404: mend the address"),
        (503, "answers 503; it is asked again"),
    ],
)
def test_a_refusal_is_kept_in_words_and_what_was_read_before_stays(engine: Engine, status: int, sentence: str) -> None:
    declare(engine, JSON_SOURCE)
    responses.get(URL, status=status)
    outcome = read(engine)
    assert outcome.fault is not None
    assert sentence in outcome.fault
    assert current(engine) == 51
    with reading(engine) as session:
        [state] = declared_values(session)
    assert (state.faults, state.next_at) == ((outcome.fault,), NOW + AFTER_A_FAULT)


@responses.activate
def test_the_next_good_reading_ends_the_fault(engine: Engine) -> None:
    declare(engine, JSON_SOURCE)
    responses.get(URL, status=500)
    responses.get(URL, json={"value": 58})
    read(engine)
    read(engine)
    with reading(engine) as session:
        [state] = declared_values(session)
    assert (state.faults, state.faults_at, state.read_at) == ((), None, NOW)


def test_an_unknown_secret_is_named_and_nothing_is_sent(engine: Engine) -> None:
    assert "no secret “TOKEN”" in str(read(engine, access=Access()).fault)


@responses.activate
def test_a_redirect_to_another_host_takes_no_secret_along(engine: Engine) -> None:
    responses.get(URL, status=302, headers={"Location": "https://elsewhere.example/x"})
    responses.get("https://elsewhere.example/x", json={"value": 1})
    assert read(engine).fault is None
    assert "Authorization" not in responses.calls[1].request.headers


@responses.activate
@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://metrics.example/x", "gopher://x"])
def test_a_redirect_to_another_scheme_is_not_followed(engine: Engine, target: str) -> None:
    responses.get(URL, status=302, headers={"Location": target})
    assert "Only addresses that begin with http" in str(read(engine).fault)


@responses.activate
def test_a_circle_of_redirects_ends(engine: Engine) -> None:
    responses.get(URL, status=302, headers={"Location": URL})
    assert "more than 3 times" in str(read(engine).fault)


@responses.activate
def test_an_answer_without_end_is_cut_off(engine: Engine) -> None:
    responses.get(URL, body=b"x" * (6 * 1024 * 1024))
    assert "more than 5 MB" in str(read(engine).fault)


@responses.activate
def test_a_published_sheet_gives_each_row_at_its_day_and_nothing_that_lies_ahead(engine: Engine) -> None:
    sheet = "https://docs.google.com/spreadsheets/d/e/x/pub?output=csv"
    responses.get(sheet, body="Day,Activation\n2026-03-01,47 %\n2026-03-06,49.5 %\n2026-12-24,99 %\n")
    source = ValueSource("KR-1", CSV, "every hour", url=sheet, at="Day", value="Activation")
    assert read(engine, source).new == 2
    assert read(engine, source).new == 0
    assert current(engine) == Fraction(99, 2)


def test_a_file_is_read_and_where_there_is_none_its_name_is_told(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "values.csv"
    source = ValueSource("KR-1", CSV, "every hour", file=str(file), value="Value")
    assert read(engine, source).fault == "The file values.csv cannot be read (No such file or directory): mend `file`."
    file.write_text("Value\n61\n", encoding="utf-8")
    assert read(engine, source).fault is None
    assert current(engine) == 61


@pytest.fixture
def warehouse(tmp_path: Path) -> Access:
    name = tmp_path / "warehouse.sqlite"
    with sqlite3.connect(name) as made:
        made.execute("CREATE TABLE metrics (day TEXT, value REAL)")
        made.execute("INSERT INTO metrics VALUES ('2026-03-01', 47.5), ('2026-03-05', 53)")
    made.close()
    return Access(databases={"WAREHOUSE": f"sqlite:///{name}"})


def query(text: str, **more: str) -> ValueSource:
    return ValueSource("KR-1", SQL, "every hour", database="WAREHOUSE", query=text, value="value", **more)  # type: ignore[arg-type]


def test_a_query_gives_the_rows_of_a_database(engine: Engine, warehouse: Access) -> None:
    assert read(engine, query("SELECT day, value FROM metrics ORDER BY day", at="day"), warehouse).new == 2
    assert current(engine) == 53


def test_a_query_is_put_to_either_kind_of_database(engine: Engine, database_url: str) -> None:
    access = Access(databases={"WAREHOUSE": database_url})
    if database_url.startswith("sqlite"):
        sqlite3.connect(database_url.removeprefix("sqlite:///")).close()
    assert read(engine, query("SELECT 61 AS value"), access).fault is None
    assert current(engine) == 61
    assert "failed" in str(read(engine, query("SELECT value FROM nowhere"), access).fault)


def test_a_query_writes_nothing_and_its_trouble_quotes_nothing(engine: Engine, warehouse: Access) -> None:
    fault = read(engine, query("WITH gone AS (SELECT 1) DELETE FROM metrics"), warehouse).fault
    assert fault == "The query against WAREHOUSE failed (OperationalError): try it there by hand."
    assert read(engine, query("SELECT value FROM metrics"), warehouse).told == 1


def test_a_database_without_an_address_is_named(engine: Engine, tmp_path: Path) -> None:
    assert "no database “WAREHOUSE”" in str(read(engine, query("SELECT 1 AS value")).fault)
    missing = Access(databases={"WAREHOUSE": f"sqlite:///{tmp_path / 'none.sqlite'}"})
    assert "is not there" in str(read(engine, query("SELECT 1 AS value"), missing).fault)
    assert not (tmp_path / "none.sqlite").exists()


@responses.activate
def test_a_report_of_mixpanel_gives_its_series(engine: Engine) -> None:
    # The shape is that of https://docs.mixpanel.com/reference/insights-query.
    told = {
        "headers": ["$event"],
        "series": {"Logged in": {"2026-03-01T00:00:00-08:00": 27, "2026-03-02T00:00:00-08:00": 30}},
    }
    responses.get("https://eu.mixpanel.com/api/query/insights", json=told)
    source = ValueSource(
        "KR-1", MIXPANEL, "every day 06:00", project="1", report="2", region="eu", account="MIX",
        path="$.series['Logged in']",
    )  # fmt: skip
    assert read(engine, source).new == 2
    request = responses.calls[0].request
    assert request.url == "https://eu.mixpanel.com/api/query/insights?project_id=1&bookmark_id=2"
    assert request.headers["Authorization"] == "Basic dXNlcjpwYXNz"
    with reading(engine) as session:
        assert {one.author for one in check_ins_of(session, "KR-1")} == {"report 2 of Mixpanel project 1"}


def test_a_source_that_is_declared_as_before_keeps_its_state(engine: Engine) -> None:
    assert declare(engine, JSON_SOURCE)
    with writing(engine) as session:
        assert not declare_values(session, {"KR-1": JSON_SOURCE.to_json()}, day(9))
        assert declare_values(session, {}, day(9))
        assert declared_values(session) == ()
