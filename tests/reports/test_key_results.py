"""The pages of key results: the tree, effort beside movement, one key result from near, and checking in."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event

from integration.answers import decide_due
from integration.store import plans
from integration.store.check_ins import check_ins_of
from integration.store.engine import reading, writing
from integration.store.value_sources import declare_values, note_values_failed
from mappings.model import Plan
from reports.key_result_views import key_result_page, key_results_page
from tests.integration.store.material import day
from tests.reports.key_result_material import TREE, checked_in, say, tree
from tests.reports.material import HOSTILE, NOW, Site
from tests.reports.test_accounts import somebody, word


@pytest.fixture
def grown(database_url: str) -> Iterator[Site]:
    with tree(database_url) as site:
        yield site


@pytest.fixture
def small_tree(sqlite_url: str) -> Iterator[Site]:
    with tree(sqlite_url) as site:
        yield site


def told(site: Site, path: str) -> Any:
    return site.client.get(f"/api/v1/key-results{path}").json


def csrf(site: Site) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', site.client.get("/account").text)
    assert found
    return found[1]


def post(site: Site, address: str, **form: object) -> tuple[int, str]:
    answer = site.client.post(address, data={"csrf": csrf(site), **form})
    return answer.status_code, unescape(answer.text)


def current(site: Site, code: str) -> object:
    page = key_result_page(site.store, NOW, code, None)
    assert page is not None
    return page.line.current


# --- the tree


def test_teams_stand_above_those_below_them_with_their_objectives_and_key_results(grown: Site) -> None:
    page = key_results_page(grown.store, NOW, None, None)
    shape = [(team.team, team.depth, [one.objective.id for one in team.objectives]) for team in page.teams]
    assert shape == [("Company", 0, ["O-C"]), ("Payments", 1, ["O-1"]), ("Checkout", 1, ["O-2"])]
    assert [line.kr.code for line in page.lines] == ["KR-C", "KR-1", "KR-2", "KR-3", "KR-4"]


def test_a_weak_link_is_shown_at_both_of_its_ends(grown: Site) -> None:
    lines = {line.kr.code: line for line in key_results_page(grown.store, NOW, None, None).lines}
    assert [other.code for other in lines["KR-1"].supports] == ["KR-C"]
    assert [other.code for other in lines["KR-C"].supported_by] == ["KR-1"]
    text = grown.client.get("/key-results").text
    assert 'supports <a href="/key-results/KR-C">KR-C</a>' in text
    assert 'supported by <a href="/key-results/KR-1">KR-1</a>' in text


def test_the_share_is_that_of_the_completed_work_of_the_team_and_those_below_it(grown: Site) -> None:
    lines = {line.kr.code: line for line in key_results_page(grown.store, NOW, None, "count").lines}
    assert (lines["KR-1"].effort.share, lines["KR-C"].effort.share) == (0.5, 0)
    assert lines["KR-3"].effort.share is None


def test_each_key_result_stands_in_one_quadrant_or_it_is_said_why_not(small_tree: Site) -> None:
    say(small_tree.engine, checked_in("KR-2", 1, 105), checked_in("KR-C", 1, 41))
    page = key_results_page(small_tree.store, NOW, None, None)
    placed = {name: [line.kr.code for line in lines] for name, lines in page.quadrants.items()}
    assert placed == {
        "fed_and_moving": ["KR-1"],
        "fed_and_stuck": ["KR-2"],
        "starved_and_moving": ["KR-C"],
        "starved_and_stuck": [],
    }
    text = small_tree.client.get("/key-results").text
    assert "Checkout completed no work in 2026Q1 that is known here" in text
    assert "with at least 5 %" in text


def test_a_cycle_that_is_over_is_read_missed_met_or_exceeded(grown: Site) -> None:
    text = grown.client.get("/key-results?cycle=2025Q4").text
    assert "exceeded: was the target too easy?" in text
    assert "KR-1" not in re.sub(r"<nav.*?</nav>", "", text, flags=re.DOTALL)


def test_an_empty_page_says_what_would_fill_it(sqlite_url: str) -> None:
    with tree(sqlite_url) as site:
        with writing(site.engine) as session:
            plans.apply_plan(session, Plan(teams=TREE.teams), NOW, author="Ada")
        assert "tieline okrs apply" in site.client.get("/key-results").text


def test_of_other_times_alone_the_page_says_so(small_tree: Site) -> None:
    only_old = Plan(
        teams=TREE.teams, cycles=TREE.cycles, objectives=TREE.objectives[3:], key_results=TREE.key_results[5:]
    )
    with writing(small_tree.engine) as session:
        plans.apply_plan(session, only_old, NOW, author="Ada")
    text = small_tree.client.get("/key-results").text
    assert "No key result is live now" in text
    assert "The register has 1 of other times" in text


def test_an_odd_cycle_or_measure_shows_what_is_live(grown: Site) -> None:
    for query in ("cycle=%00", "cycle=" + "9" * 400, "measure=%00%F0", "measure=none"):
        assert "KR-1" in grown.client.get(f"/key-results?{query}").text


# --- one key result


def test_the_share_it_got_is_told_sprint_by_sprint_with_its_receipt(grown: Site) -> None:
    page = key_result_page(grown.store, NOW, "KR-1", None)
    assert page is not None
    shares = [(one.point.subject, one.share, one.point.closed) for one in page.shares]
    assert shares == [("S1", 0.625, True), ("S2", 0.625, True), ("S3", 0.625, True), ("S4", 1.0, False)]
    receipt = grown.client.get(page.shares[0].receipt)
    assert "PAY-11" in receipt.text
    assert "PAY-12" not in receipt.text


def test_a_sprint_of_its_team_that_gave_nothing_is_shown_as_nothing(grown: Site) -> None:
    page = key_result_page(grown.store, NOW, "KR-C", None)
    assert page is not None
    assert [one.share for one in page.shares] == [0.0] * 4


def test_values_come_with_their_origin_and_epics_with_their_impact(grown: Site) -> None:
    say(grown.engine, checked_in("KR-1", 2, 54))
    page = key_result_page(grown.store, NOW, "KR-1", None)
    assert page is not None
    assert [(one.at, one.value, one.origin) for one in page.values[:2]] == [
        (day(2), 54, "Ada"),
        (day(-3), 51, "register"),
    ]
    assert [(epic.key, epic.impact) for epic in page.epics] == [("PAY-E", 6)]
    text = unescape(grown.client.get("/key-results/KR-1").text)
    assert "mean to bring 6 % of the 6 % still to go: that is enough if it comes true." in text


def test_of_an_earlier_moment_later_values_are_not_told(small_tree: Site) -> None:
    page = key_result_page(small_tree.store, day(-10), "KR-1", None)
    assert page is not None
    assert ([one.value for one in page.values], page.line.current) == ([46, 41], 46)


@pytest.mark.parametrize("address", ["/key-results", "/key-results/KR-2", "/key-results/KR-1", "/key-results/KR-4"])
def test_hostile_text_is_shown_and_never_run(grown: Site, address: str) -> None:
    say(grown.engine, checked_in("KR-2", 1, 5, HOSTILE), checked_in("KR-2", 2, 6))
    answer = grown.client.get(address)
    assert answer.status_code == 200
    assert HOSTILE not in answer.text
    assert "<img src=x" not in answer.text


@pytest.mark.parametrize("code", ["KR-9", "%00", "x" * 3000, "KR-1/more"])
def test_what_is_no_key_result_is_not_found(grown: Site, code: str) -> None:
    assert grown.client.get(f"/key-results/{code}").status_code == 404
    assert post(grown, f"/key-results/{code}/check-ins", value="1")[0] == 404


def test_a_part_that_is_polled_costs_nothing_until_somebody_checks_in(small_tree: Site) -> None:
    first = small_tree.client.get("/key-results/KR-1?live=1")
    again = small_tree.client.get("/key-results/KR-1?live=1", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.text) == (304, "")
    say(small_tree.engine, checked_in("KR-1", 2, 54))
    after = small_tree.client.get("/key-results/KR-1?live=1", headers={"If-None-Match": first.headers["ETag"]})
    assert after.status_code == 200
    assert "54 %" in after.text


def test_where_its_values_are_read_and_why_that_failed_is_said(small_tree: Site) -> None:
    with writing(small_tree.engine) as session:
        declare_values(session, {"KR-1": {"kind": "csv", "place": "CSV of sheets.example"}}, NOW)
        note_values_failed(session, "KR-1", NOW, ["sheets.example answers <404>."], NOW)
    text = small_tree.client.get("/key-results/KR-1").text
    assert "Its values are read from CSV of sheets.example, not read yet; the reading just now failed." in text
    assert "<li>sheets.example answers &lt;404&gt;.</li>" in text


# --- checking in


def test_an_editor_checks_in_and_every_figure_follows(grown: Site) -> None:
    status, _ = post(grown, "/key-results/KR-1/check-ins", value="57.5 %", confidence="70", note=" well  done ")
    assert status == 303
    assert str(current(grown, "KR-1")) == "115/2"
    with reading(grown.engine) as session:
        [one] = check_ins_of(session, "KR-1")
    assert (one.author, one.at, float(one.confidence or 0), one.note) == ("admin", NOW, 0.7, "well done")
    decide_due(grown.engine, NOW)
    api = told(grown, "")["key_results"]
    assert next(line["current"] for line in api if line["code"] == "KR-1") == "115/2"
    assert "checked in" in grown.client.get("/log").text.replace("_", " ")


def test_a_day_that_is_over_counts_with_its_last_second(small_tree: Site) -> None:
    post(small_tree, "/key-results/KR-1/check-ins", value="50", day="2026-03-05")
    with reading(small_tree.engine) as session:
        [one] = check_ins_of(session, "KR-1")
    assert one.at.isoformat() == "2026-03-05T23:59:59+00:00"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"value": ""}, "Say the value of KR-1, or at least a confidence."),
        ({"value": "12,5"}, "“12,5” is no value: write a number such as 12.5"),
        ({"value": "5 apples"}, "is no value"),
        ({"value": "1\0"}, "is no value"),
        ({"value": "9" * 40}, "is no value"),
        ({"value": "5", "confidence": "170"}, "is no confidence"),
        ({"value": "5", "day": "2026-03-08"}, "is still to come"),
        ({"value": "5", "day": "1999-01-01"}, "is too long ago"),
        ({"value": "5", "day": "soon"}, "“soon” is no day: write it as 2026-03-07"),
        ({"value": "5", "note": "x" * 1001}, "say it in at most 1000"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_mend(small_tree: Site, form: dict[str, str], sentence: str) -> None:
    status, text = post(small_tree, "/key-results/KR-1/check-ins", **form)
    assert status == 422
    assert sentence in text
    assert current(small_tree, "KR-1") == 51


def test_one_that_is_true_or_false_takes_a_confidence_alone(small_tree: Site) -> None:
    assert "has no value" in post(small_tree, "/key-results/KR-4/check-ins", value="1", confidence="20")[1]
    assert "say how likely it is" in post(small_tree, "/key-results/KR-4/check-ins", note="?")[1]
    assert post(small_tree, "/key-results/KR-4/check-ins", confidence="20 %")[0] == 303
    page = key_result_page(small_tree.store, NOW, "KR-4", None)
    assert page is not None
    assert float(page.line.effort.movement.progress or 0) == 0.2


def test_a_check_in_is_taken_back_with_a_reason(small_tree: Site) -> None:
    post(small_tree, "/key-results/KR-1/check-ins", value="99")
    with reading(small_tree.engine) as session:
        [one] = check_ins_of(session, "KR-1")
    asked = {"act": "take_back", "number": str(one.id)}
    assert post(small_tree, "/key-results/KR-1/check-ins", **asked, reason=" ")[0] == 422
    assert post(small_tree, "/key-results/KR-2/check-ins", **asked, reason="not its own")[0] == 422
    assert post(small_tree, "/key-results/KR-1/check-ins", **asked, reason="a slip")[0] == 303
    assert current(small_tree, "KR-1") == 51
    assert "Taken back by admin: a slip" in small_tree.client.get("/key-results/KR-1").text
    assert post(small_tree, "/key-results/KR-1/check-ins", act="take_back", number="9" * 30, reason="x")[0] == 422


def test_only_an_editor_of_its_team_checks_in(small_tree: Site) -> None:
    grace = somebody(small_tree, Payments="editor")
    form = {"csrf": word(grace), "value": "60"}
    assert "<h3>Check in</h3>" in grace.get("/key-results/KR-1").text
    assert "<h3>Check in</h3>" not in grace.get("/key-results/KR-3").text
    assert grace.post("/key-results/KR-1/check-ins", data=form).status_code == 303
    assert grace.post("/key-results/KR-3/check-ins", data=form).status_code == 403
    both = {"csrf": word(grace), "table": "key_result,value\nKR-1,61\nKR-3,61\n"}
    assert grace.post("/key-results", data=both).status_code == 403
    headers = {"X-CSRF-Token": word(grace)}
    assert grace.post("/api/v1/key-results/KR-3/check-ins", json={"value": 1}, headers=headers).status_code == 403
    assert (current(small_tree, "KR-1"), current(small_tree, "KR-3")) == (60, None)


def test_a_table_comes_back_as_it_went_out(grown: Site) -> None:
    say(grown.engine, checked_in("KR-1", 1, 53, "=1+1"), checked_in("KR-3", 2, 70, "a, “b”"))
    table = grown.client.get("/key-results.csv").text
    assert "'=1+1" in table
    status, text = post(grown, "/key-results", file=(io.BytesIO(table.encode()), "check-ins.csv"))
    assert (status, "0 check-ins kept; 2 held already." in text) == (200, True)


def test_of_a_table_all_is_kept_or_nothing(small_tree: Site) -> None:
    rows = "key_result,day,value,confidence,note\nKR-1,2026-03-06,55,,\nkr-3,2026-03-06,many,,\n"
    status, text = post(small_tree, "/key-results", table=rows)
    assert (status, "Line 3: “many” is no value" in text, current(small_tree, "KR-1")) == (422, True, 51)
    assert post(small_tree, "/key-results", table=rows.replace("many", "60"))[0] == 200
    assert (current(small_tree, "KR-1"), current(small_tree, "KR-3")) == (55, 60)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("", "Choose a CSV file, or paste its rows."),
        ("a,b\n1,2\n", "it does not know “a”"),
        ("day,value\n2026-03-01,2\n", "the first row names no key_result"),
        ("key_result,value\nKR-77,2\n", "Line 2: There is no key result “KR-77”"),
        ("key_result,value\n\0,2\n", "Nothing was kept"),
    ],
)
def test_a_table_that_is_none_says_why(small_tree: Site, table: str, sentence: str) -> None:
    status, text = post(small_tree, "/key-results", table=table)
    assert (status, sentence in text) == (422, True), text[-2000:]


def test_a_file_that_is_not_utf8_says_how_to_save_it(small_tree: Site) -> None:
    status, text = post(small_tree, "/key-results", file=(io.BytesIO(b"key_result,value\nKR-1,\xff\n"), "x.csv"))
    assert (status, "CSV UTF-8" in text) == (422, True)


# --- the API


def send(site: Site, code: str, body: object) -> tuple[int, object]:
    headers = {"X-CSRF-Token": csrf(site)}
    answer = site.client.post(f"/api/v1/key-results/{code}/check-ins", json=body, headers=headers)
    return answer.status_code, answer.json


def test_a_program_checks_in_and_reads_what_was_said(grown: Site) -> None:
    status, kept = send(grown, "KR-1", {"value": 0.1, "confidence": "70 %", "at": "2026-03-06T10:00:00+01:00"})
    assert (status, kept["value"], kept["at"]) == (201, "1/10", "2026-03-06T09:00:00Z")  # type: ignore[index]
    assert send(grown, "KR-1", {"value": "0.1", "confidence": 0.7, "at": "2026-03-06T09:00:00Z"})[0] == 200
    found = told(grown, "/KR-1/check-ins")["check_ins"]
    assert [(one["value"], one["confidence"], one["by"]) for one in found] == [("1/10", "7/10", "admin")]


@pytest.mark.parametrize(
    "body", [[], {"value": True}, {"value": []}, {"value": "x"}, {"wrong": 1}, {}, {"value": 1, "at": "\0"}, "x", None]
)
def test_what_a_program_sends_wrong_is_a_problem(grown: Site, body: object) -> None:
    status, problem = send(grown, "KR-1", body)
    assert status == (415 if body is None else 422)
    assert problem["detail"]  # type: ignore[index]


def test_a_key_result_is_told_whole(grown: Site) -> None:
    found = told(grown, "/KR-1")
    assert (found["effort"], found["fed"], found["moving"], found["share"]) == ("fed_and_moving", True, True, "5/8")
    assert [one["id"] for one in found["shares"]] == ["S1", "S2", "S3", "S4"]
    assert grown.client.get("/api/v1/key-results/KR-9").status_code == 404
    assert send(grown, "KR-9", {"value": 1})[0] == 404


def test_the_pages_take_a_constant_number_of_statements(small_tree: Site) -> None:
    numbers = []
    for key_results in (TREE.key_results, TREE.key_results[:2]):
        with writing(small_tree.engine) as session:
            plans.apply_plan(session, replace(TREE, key_results=key_results), NOW, author="Ada")
        seen: list[str] = []
        event.listen(small_tree.engine, "before_cursor_execute", lambda *said, seen=seen: seen.append(said[2]))
        key_results_page(small_tree.store, NOW, None, None)
        numbers.append(len(seen))
    assert numbers[0] == numbers[1] <= 14
