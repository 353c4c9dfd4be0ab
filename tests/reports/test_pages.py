"""The pages as a reader gets them: what stands on them, hostile text, headers, and what an unchanged one costs."""

import csv
import io
import json
import re
from fractions import Fraction
from html.parser import HTMLParser

import pytest
from sqlalchemy import event

from integration.contract import Fetched
from integration.store import findings, reads
from integration.store.engine import writing
from integration.store.tables import ConnectionRow
from mappings.model import Status
from tests.integration.store.material import day, state, tracked
from tests.reports.material import BOARDS, HOSTILE, NOW, SPRINTS, Site, save, shop

PAGES = (
    "/",
    "/?measure=count",
    "/boards/shop/B1",
    "/boards/shop/B2",
    "/sprints/shop/S0",
    "/sprints/shop/S1",
    "/sprints/shop/S2",
    "/sprints/shop/S1/receipt?scope=final&measure=points&part=KR-2",
    "/sprints/shop/S1/receipt?scope=final&measure=points&part=",
    "/epics",
    "/findings",
    "/findings?state=acknowledged",
    "/findings?kind=orphan_epic",
    "/findings/1",
    "/key-results",
    "/connections",
)


class Attributes(HTMLParser):
    """Reads which attributes a page has."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {name for name, _ in attrs}


@pytest.mark.parametrize("address", PAGES)
def test_every_page_shows_tracker_text_as_text_and_links_to_the_web_alone(small: Site, address: str) -> None:
    answer = small.client.get(address)
    assert answer.status_code == 200
    assert HOSTILE not in answer.text
    assert "<script>" not in answer.text
    assert "<img src=x" not in answer.text
    assert "javascript:" not in answer.text


@pytest.mark.parametrize("address", PAGES)
def test_no_page_has_what_its_policy_refuses(small: Site, address: str) -> None:
    answer = small.client.get(address)
    policy = answer.headers["Content-Security-Policy"]
    (word,) = re.findall(r"script-src 'nonce-([^']+)'", policy)
    nonces = re.findall(r'<script[^>]* nonce="([^"]*)"', answer.text)
    assert set(nonces) == {word}
    assert answer.text.count("<script") == len(nonces)
    reader = Attributes()
    reader.feed(answer.text)
    assert "class" in reader.found
    assert [name for name in reader.found if name == "style" or name.startswith("on")] == []


def test_each_answer_has_another_nonce(small: Site) -> None:
    assert len({small.client.get("/").headers["Content-Security-Policy"] for _ in range(3)}) == 3


@pytest.mark.parametrize("address", ["/", "/login", "/static/tieline.css", "/nowhere", "/api/v1/boards"])
def test_every_answer_has_the_headers_of_security(small: Site, address: str) -> None:
    with small.client.get(address) as answer:
        headers = answer.headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"


def test_boards_show_the_running_sprint_and_the_running_period(site: Site) -> None:
    page = site.client.get("/").text
    assert "Sprint S1" in page
    assert "Done since" in page
    assert "KR-1" in page


def test_the_sprint_page_shows_points_and_count_side_by_side(site: Site) -> None:
    page = site.client.get("/sprints/shop/S1").text
    assert "In points" in page
    assert "In items" in page
    assert "1 of 5 items has no estimate" in page
    assert 'data-figure="shop/S1/final/points"' in page
    assert 'data-figure="shop/S1/final/count"' in page


def test_work_outside_sprints_stands_apart_from_the_bars_and_has_its_receipts(site: Site) -> None:
    assert "outside sprints" not in site.client.get("/sprints/shop/S1").text
    loose = tracked("PAY-8", state(-9, board="B1"), state(2, board="B1", points=4, tags=("KR-1",), status=Status.DONE))
    early = tracked("PAY-9", state(-19, board="B1", points=1), state(-16, board="B1", points=1, status=Status.DONE))
    save(site.engine, Fetched(at=NOW, items=(loose, early), sprints=SPRINTS, boards=BOARDS))
    page = site.client.get("/sprints/shop/S1").text
    assert "Done outside sprints since the last one was completed: 4 points, 1 item." in page
    assert 'data-figure="shop/S1/outside/points"' in page
    assert "Done outside sprints until this one was completed: 1 point" in site.client.get("/sprints/shop/S0").text
    in_items = site.client.get("/sprints/shop/S1?measure=count").text
    assert "Done outside sprints since the last one was completed: 1 item." in in_items
    asked = "/sprints/shop/S1/receipt{}?scope=outside&measure=points&part=KR-1"
    receipt = site.client.get(asked.format("")).text
    assert "done outside sprints" in receipt
    assert "PAY-8" in receipt
    (row,) = rows_of(site.client.get(asked.format(".csv")).text)
    assert (row["scope"], row["item"], row["amount"]) == ("outside", "PAY-8", "4")
    assert site.client.get("/sprints/shop/S2/receipt?scope=outside").status_code == 404


@pytest.mark.parametrize("address", ["/epics", "/findings"])
def test_no_page_says_that_all_is_well_before_the_backlog_is_read(sqlite_url: str, address: str) -> None:
    with shop(sqlite_url, is_filled=False) as empty:
        assert "Nothing is connected yet" in empty.client.get(address).text
        with writing(empty.engine) as session:
            session.add(
                ConnectionRow(
                    id="shop", tracker="jira", base_url="https://x.example", callback_url="", mapping={}, created_at=NOW
                )
            )
        page = empty.client.get(address).text
    assert "The backlog is still being read" in page
    assert "says what it serves" not in page
    assert "Nothing needs a look" not in page


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_epics_are_downloaded_with_exact_numbers_and_no_formula(small: Site) -> None:
    assert "/epics.csv" in small.client.get("/epics").text
    answer = small.client.get("/epics.csv")
    assert answer.mimetype == "text/csv"
    (row,) = [row for row in rows_of(answer.text) if row["epic"] == "PAY-E"]
    assert row["finding"] == "orphan_epic"
    assert (row["left"], row["measure"], row["open_items"]) == ("1", "points", "1")
    assert row["address"] == ""  # it was no address of the web
    title = tracked("PAY-E", state(-10), type="epic", level=1, title='=HYPERLINK("http://x")\nand more', updated=5.1)
    save(small.engine, Fetched(at=day(5.1), items=(title,), sprints=SPRINTS, boards=BOARDS))
    (row,) = [row for row in rows_of(small.client.get("/epics.csv").text) if row["epic"] == "PAY-E"]
    assert row["title"] == '\'=HYPERLINK("http://x") and more'


def test_the_findings_are_downloaded_by_kind_and_state(small: Site) -> None:
    every = rows_of(small.client.get("/findings.csv").text)
    assert {row["state"] for row in every} == {"open"}
    (tag,) = rows_of(small.client.get("/findings.csv?kind=unknown_tag").text)
    assert tag in every
    assert (tag["subject"], json.loads(tag["evidence"])["tags"]) == ("PAY-5", ["KR-9"])
    assert rows_of(small.client.get("/findings.csv?state=muted").text) == []
    assert "/findings.csv?state=open&amp;kind=unknown_tag" in small.client.get("/findings?kind=unknown_tag").text


def test_overlapping_words_of_a_reading_are_all_marked(small: Site) -> None:
    page = small.client.get("/key-results/KR-1/wording").text
    marked = "".join(re.findall(r"<mark[^>]*>([^<]*)</mark>", page))
    assert "40 to 60" in marked


def test_key_results_that_are_over_stand_last(small: Site) -> None:
    page = page_of_key_results(small)
    assert page == sorted(page, key=lambda live: live != "yes")


def page_of_key_results(site: Site) -> list[str]:
    return re.findall(r'<td class="minor">(yes|no)</td>', site.client.get("/key-results").text)


def test_a_planned_sprint_says_why_it_has_no_committed_scope(site: Site) -> None:
    assert "The sprint has not started." in site.client.get("/sprints/shop/S2").text


def test_a_sprint_that_nobody_knows_is_not_found(small: Site) -> None:
    answer = small.client.get("/sprints/shop/S9")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


@pytest.mark.parametrize("part", ["KR-1", "KR-2", "exempt", "dead_link", "unaligned", ""])
def test_the_rows_of_a_receipt_add_up_to_the_figure_on_the_page(site: Site, part: str) -> None:
    figure = json.loads(site.client.get("/api/v1/sprints/S1?measure=points").text)["scopes"]["final"]
    wanted = {one["key_result"]: one["amount"] for one in figure["shares"]}
    wanted |= {name: figure[name]["amount"] for name in ("exempt", "dead_link", "unaligned")} | {"": figure["total"]}
    answer = site.client.get(f"/sprints/shop/S1/receipt.csv?scope=final&measure=points&part={part}")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.mimetype == "text/csv"
    assert sum(Fraction(row["amount"]) for row in rows) == Fraction(wanted[part])


def test_a_title_is_no_formula_in_the_receipt(small: Site) -> None:
    again = tracked("PAY-1", state(-9, sprints=("S1",), points=5, tags=("KR-1",)), title="=cmd()", updated=5.1)
    save(small.engine, Fetched(at=day(5.1), items=(again,), sprints=SPRINTS, boards=BOARDS))
    rows = csv.DictReader(io.StringIO(small.client.get("/sprints/shop/S1/receipt.csv?scope=final&part=KR-1").text))
    assert [row["title"] for row in rows] == ["'=cmd()"]


def test_the_receipt_of_a_period_adds_up(site: Site) -> None:
    (board,) = re.findall(r'href="(/periods/[^"]+)"', site.client.get("/boards/shop/B2").text)[:1]
    page = site.client.get(board.replace("&amp;", "&")).text
    assert "FLOW-1" in page


def test_an_unchanged_part_is_not_made_again(site: Site) -> None:
    first = site.client.get("/sprints/shop/S1?live=1")
    again = site.client.get("/sprints/shop/S1?live=1", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert "<html" not in first.text


def test_a_changed_answer_changes_the_mark(site: Site) -> None:
    mark = site.client.get("/?live=1").headers["ETag"]
    again = tracked("PAY-1", state(-9, sprints=("S1",), points=8, tags=("KR-1",)), updated=5.1)
    save(site.engine, Fetched(at=day(5.1), items=(again,), sprints=SPRINTS, boards=BOARDS))
    answer = site.client.get("/?live=1", headers={"If-None-Match": mark})
    assert answer.status_code == 200


def statements(site: Site, address: str, **headers: str) -> int:
    """How many statements does an answer cost, with that for the login?"""
    counted = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            counted.append(statement)

    event.listen(site.engine, "before_cursor_execute", note)
    try:
        site.client.get(address, headers=headers)
    finally:
        event.remove(site.engine, "before_cursor_execute", note)
    return len(counted)


@pytest.mark.parametrize("address", ["/", "/sprints/shop/S1", "/epics", "/findings", "/boards/shop/B1", "/key-results"])
def test_a_page_costs_as_many_statements_however_much_there_is(small: Site, address: str) -> None:
    before = statements(small, address)
    more = [tracked(f"PAY-{number}", state(-9, sprints=("S1",), points=1)) for number in range(100, 160)]
    save(small.engine, Fetched(at=day(5.2), items=tuple(more), sprints=SPRINTS, boards=BOARDS))
    assert statements(small, address) == before
    assert before <= 17


def test_what_has_not_changed_costs_the_login_and_one_indexed_read(small: Site) -> None:
    mark = small.client.get("/?live=1").headers["ETag"]
    assert statements(small, "/?live=1", **{"If-None-Match": mark}) == 2


def test_an_empty_installation_says_what_would_fill_each_page(sqlite_url: str) -> None:
    with shop(sqlite_url, is_filled=False) as empty:
        assert 'href="/connect">Connect a site</a>' in empty.client.get("/").text
        assert 'href="/connect">Connect a site</a>' in empty.client.get("/connections").text
        assert "tieline okrs apply" in empty.client.get("/key-results").text


def test_a_closed_sprint_shows_its_corrected_figure_beside_the_closed_one(site: Site) -> None:
    done = state(-5, sprints=("S0",), points=3, tags=("KR-1",), status=Status.DONE)
    late = state(3, sprints=("S0",), points=3, tags=("KR-2",), status=Status.DONE)
    first = state(-13, sprints=("S0",), points=3, tags=("KR-1",))
    save(
        site.engine, Fetched(at=day(5.3), items=(tracked("PAY-6", first, done, late),), sprints=SPRINTS, boards=BOARDS)
    )
    page = site.client.get("/sprints/shop/S0").text
    assert "Changed since it was closed" in page
    (row,) = re.findall(r'<tr data-row>(?:(?!</tr>).)*data-label="at completion">.*?</tr>', page, re.DOTALL)
    assert "PAY-6" in row
    assert "1 item links elsewhere since the completion" in page
    assert '<td data-label="at completion">KR-1</td><td data-label="now"><b>KR-2</b></td>' in row
    assert "figure=corrected" in page


def test_a_closed_sprint_that_nobody_touched_says_nothing_of_changes(small: Site) -> None:
    assert "Changed since it was closed" not in small.client.get("/sprints/shop/S0").text


def test_a_restated_figure_is_shown_old_and_new_with_why(site: Site) -> None:
    first = state(-13, sprints=("S0",), points=3, tags=("KR-1",))
    earlier = state(-6, sprints=("S0",), points=13, tags=("KR-1",))
    done = state(-5, sprints=("S0",), points=13, tags=("KR-1",), status=Status.DONE)
    late = tracked("PAY-6", first, earlier, done, updated=5.2)
    save(site.engine, Fetched(at=day(5.3), items=(late,), sprints=SPRINTS, boards=BOARDS))
    page = site.client.get("/sprints/shop/S0").text
    assert "Restated" in page
    assert "became known only later" in page


def word_of(site: Site, address: str) -> str:
    words = set(re.findall(r'name="csrf" value="([^"]+)"', site.client.get(address).text))
    assert len(words) == 1
    return str(words.pop())


def test_a_finding_is_acknowledged_by_name_and_with_a_reason(site: Site) -> None:
    form = {"csrf": word_of(site, "/findings/1"), "act": "acknowledged", "reason": f"We know {HOSTILE}"}
    assert site.client.post("/findings/1", data=form).status_code == 303
    page = site.client.get("/findings/1").text
    assert "acknowledged</b> by admin" in page
    assert HOSTILE not in page


def test_a_finding_is_muted_to_the_end_of_a_day(site: Site) -> None:
    word = word_of(site, "/findings/1")
    form = {"csrf": word, "act": "muted", "reason": "later", "until": "2026-03-31"}
    assert site.client.post("/findings/1", data=form).status_code == 303
    with site.store.reading() as session:
        found = reads.finding(session, 1)
    assert found is not None
    assert found[0].state == "muted"
    assert found[0].muted_until is not None
    assert found[0].muted_until.isoformat() == "2026-04-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"act": "acknowledged", "reason": "  "}, "Say why"),
        ({"act": "acknowledged", "reason": "x" * 501}, "at most 500"),
        ({"act": "muted", "reason": "x", "until": "soon"}, "Name the last day"),
        ({"act": "muted", "reason": "x", "until": "2020-01-01"}, "That day is over"),
        ({"act": "muted", "reason": "x", "until": "9999-12-31"}, "Name the last day"),
        ({"act": "resolved", "reason": "x"}, "acknowledged or muted"),
    ],
)
def test_an_act_that_cannot_be_done_is_answered_with_what_to_write(
    small: Site, form: dict[str, str], sentence: str
) -> None:
    answer = small.client.post("/findings/1", data={"csrf": word_of(small, "/findings/1"), **form})
    assert answer.status_code == 422
    assert sentence in answer.text


def test_acts_about_a_finding_that_is_not_there_are_not_found(small: Site) -> None:
    form = {"csrf": word_of(small, "/findings/1"), "act": "acknowledged", "reason": "x"}
    assert small.client.post("/findings/999", data=form).status_code == 404


def test_resolved_findings_are_kept_with_their_history(small: Site) -> None:
    with writing(small.engine) as session:
        findings.keep_findings(session, "shop", [], NOW)
    assert "resolved" in small.client.get("/findings/1").text
    assert "Mute" not in small.client.get("/findings/1").text


@pytest.mark.parametrize(
    "address",
    [
        "/?measure=%00",
        "/?endpoint=x&_external=1&live=1",
        "/findings?state=%F0%9F%92%A9&kind='",
        "/sprints/shop/S1/receipt?scope=nonsense",
        "/sprints/shop/%2e%2e",
        "/boards/shop/B1/receipt",
        "/findings/99999999999999999999",
        "/sprints/shop/S1?measure=time_spent",
    ],
)
def test_odd_addresses_are_answered_without_an_error_of_ours(small: Site, address: str) -> None:
    assert small.client.get(address).status_code in (200, 404)


def test_of_many_findings_of_a_kind_the_first_are_shown_and_the_rest_counted(small: Site) -> None:
    wrong = [tracked(f"PAY-{number}", state(-9, sprints=("S1",), tags=("KR-99",))) for number in range(200, 230)]
    save(small.engine, Fetched(at=day(5.2), items=tuple(wrong), sprints=SPRINTS, boards=BOARDS))
    everything, alone = small.client.get("/findings").text, small.client.get("/findings?kind=unknown_tag").text
    assert "10 more" in everything  # of the one tag; the other one's item is shown as well
    assert everything.count('Look closer<span class="unseen"> at Tag names no key result') == 21
    assert alone.count('Look closer<span class="unseen"> at Tag names no key result') == 31
