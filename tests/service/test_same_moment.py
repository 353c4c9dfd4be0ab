"""A past day is one moment: its page, the API and the command line tell the same figure of it."""

import csv
import io
import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from integration.contract import Fetched
from integration.store.engine import create_engine
from integration.store.migrate import migrate
from reports import past_pages
from service.cli import main
from tests.integration.store.material import day, state, tracked
from tests.reports.material import BOARDS, NOW, SPRINTS, Site, fill, save, site_on

MIDNIGHT = day(1.625)  # with which 2026-03-04 begins


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """PAY-1 is estimated anew at exactly midnight. Nothing is changed here: one is for all."""
    folder = tmp_path_factory.mktemp("moment")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIELINE_DATA_DIR", str(folder))
        patch.setattr("service.commands.printing.now", lambda: NOW)
        patch.setattr(past_pages, "WAIT", 60)
        engine = create_engine(f"sqlite:///{folder / 'tieline.sqlite'}")
        migrate(engine)
        fill(engine)
        estimated_anew(engine)
        yield site_on(engine)
        engine.dispose()


def estimated_anew(engine: Engine) -> None:
    before, after = (state(at, sprints=("S1",), points=points, tags=("KR-1",)) for at, points in ((-9, 5), (1.625, 13)))
    assert after.at == MIDNIGHT
    save(engine, Fetched(at=NOW, items=(tracked("PAY-1", before, after, updated=2),), sprints=SPRINTS, boards=BOARDS))


def by_page(site: Site, asked: str) -> tuple[Fraction, Fraction]:
    answer = site.client.get(
        "/sprints/shop/S1/receipt.csv", query_string={"scope": "final", "measure": "points", "as_of": asked}
    )
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    return _sums((row["key_result"], row["amount"]) for row in rows)


def by_api(site: Site, asked: str) -> tuple[Fraction, Fraction]:
    answer = site.client.get("/api/v1/sprints/S1", query_string={"measure": "points", "as_of": asked})
    assert answer.status_code == 200, answer.text
    return _of_document(answer.json)


def by_command(asked: str) -> tuple[Fraction, Fraction]:
    result = CliRunner().invoke(main, ["sprint", "S1", "--measure", "points", "--as-of", asked, "--format", "json"])
    assert result.exit_code == 0, result.output
    (sprint,) = json.loads(result.stdout)["sprints"]
    return _of_document(sprint)


def _of_document(document: Any) -> tuple[Fraction, Fraction]:
    parts = [part for line in document["receipts"]["final"] for part in line["parts"]]
    return _sums((part["key_result"] or "", part["amount"]) for part in parts)


def _sums(parts: Iterator[tuple[str, str]]) -> tuple[Fraction, Fraction]:
    """What KR-1 gets, and all."""
    found = [(code, Fraction(amount)) for code, amount in parts]
    return sum((amount for code, amount in found if code == "KR-1"), Fraction()), sum(
        (amount for _, amount in found), Fraction()
    )


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("2026-03-03", 5),  # midnight belongs to the day that begins
        ("2026-03-03T23:59:59.999999Z", 5),
        ("2026-03-04T00:00:00Z", 13),
        ("2026-03-04T01:00:00+01:00", 13),
        ("2026-03-04", 13),
    ],
)
def test_page_api_and_command_tell_the_same_of_a_day(shop: Site, asked: str, given: int) -> None:
    told = by_page(shop, asked)
    assert told[0] == given
    assert by_api(shop, asked) == told
    assert by_command(asked) == told


def test_receipts_and_files_of_a_past_day_add_up_to_its_figure(shop: Site) -> None:
    arguments = ["sprint", "S1", "--measure", "points", "--as-of", "2026-03-03", "--format", "csv"]
    rows = list(csv.DictReader(io.StringIO(CliRunner().invoke(main, arguments).stdout)))
    assert _sums((row["key_result"], row["amount"]) for row in rows) == by_page(shop, "2026-03-03")
    markdown = CliRunner().invoke(main, [*arguments[:-1], "markdown"]).stdout
    assert markdown.startswith("# Sprint S1 (active)")


@pytest.mark.parametrize("command", [["trends"], ["export", "sprints"], ["export", "links"], ["export", "findings"]])
def test_tables_are_told_of_a_past_day_too(shop: Site, command: list[str]) -> None:
    then, now = (
        CliRunner().invoke(main, [*command, "--format", "csv", *more]) for more in (["--as-of", "2026-03-03"], [])
    )
    assert (then.exit_code, now.exit_code) == (0, 0), then.output
    assert then.stdout.splitlines()[0] == now.stdout.splitlines()[0]
    assert then.stdout != now.stdout or command == ["export", "links"]


def test_today_is_now_and_what_is_to_come_is_refused(shop: Site) -> None:
    today, tomorrow, moment = "2026-03-07", "2026-03-08", "2026-03-07T10:00:00Z"
    assert by_api(shop, today) == by_command(today) == by_page_of_now(shop)
    for asked in (tomorrow, moment):
        answer = shop.client.get("/api/v1/sprints/S1", query_string={"as_of": asked})
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
        result = CliRunner().invoke(main, ["sprint", "--as-of", asked])
        assert result.exit_code == 2
        assert "nothing can be said yet" in " ".join(result.output.split())


def by_page_of_now(site: Site) -> tuple[Fraction, Fraction]:
    rows = csv.DictReader(io.StringIO(site.client.get("/sprints/shop/S1/receipt.csv?scope=final&measure=points").text))
    return _sums((row["key_result"], row["amount"]) for row in rows)


def test_a_moment_that_takes_long_is_asked_for_again_by_programs(shop: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past_pages, "store_at", lambda *_: None)
    answer = shop.client.get("/api/v1/sprints?as_of=2026-03-03")
    assert (answer.status_code, answer.headers["Retry-After"]) == (202, "2")
    assert answer.json is not None
    assert answer.json["state"] == "computing"


@pytest.mark.parametrize("asked", ["soon", "2026-13-01", "2026-03-03T12:00:00", "%00", "1" * 4000])
def test_what_is_no_moment_is_a_problem(shop: Site, asked: str) -> None:
    answer = shop.client.get(f"/api/v1/findings?as_of={asked}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_the_next_page_of_a_past_list_stays_in_the_past(shop: Site) -> None:
    answer = shop.client.get("/api/v1/findings?as_of=2026-03-03&limit=2")
    assert answer.json is not None
    assert "as_of=2026-03-03" in answer.json["next"]
    rest = shop.client.get(answer.json["next"])
    assert rest.status_code == 200
    again = shop.client.get(answer.json["next"], headers={"If-None-Match": rest.headers["ETag"]})
    assert again.status_code == 304


def test_nothing_is_done_in_the_past(shop: Site) -> None:
    token = shop.client.get("/findings/1").text.split('name="csrf" value="')[1].split('"')[0]
    answer = shop.client.post(
        "/api/v1/findings/1/acts?as_of=2026-03-03",
        json={"act": "acknowledged", "reason": "x"},
        headers={"X-CSRF-Token": token},
    )
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")


def test_before_all_that_is_known_lists_are_empty_and_before_all_times_there_are_none(shop: Site) -> None:
    for path in ("sprints", "epics", "trends", "rules"):
        answer = shop.client.get(f"/api/v1/{path}?as_of=1990-01-01")
        assert answer.status_code == 200
        assert answer.json is not None
        assert [one for one in answer.json[path] if one.get("from_where") != "file"] == []
    assert shop.client.get("/api/v1/sprints?as_of=1969-12-31").status_code == 404
