"""Pages as of a past day: what they say, that they stay there, that nothing is changed there, and what it costs."""

import re
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import create_engine

from integration.contract import Fetched
from integration.past import past_store
from integration.store.opened import Store
from reports import past_pages
from reports.compare_views import choices
from reports.past import FRESH, MOST_KEPT, MOST_WAITING, Busy, Pasts
from tests.integration.store.material import day, state, tracked
from tests.reports.material import BOARDS, HOSTILE, NOW, SPRINTS, Site, save

THEN = "2026-02-26"  # while the sprint S0 ran
PAGES = (
    "/",
    "/boards/shop/B1",
    "/boards/shop/B2",
    "/sprints/shop/S0",
    "/sprints/shop/S0/sheet",
    "/sprints/shop/S0/receipt?scope=final&measure=points&part=",
    "/epics",
    "/findings",
    "/findings?state=acknowledged",
    "/key-results",
    "/trends",
)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past_pages, "WAIT", 60)


def with_day(address: str, asked: str = THEN) -> str:
    return f"{address}{'&' if '?' in address else '?'}as_of={asked}"


def test_every_page_says_of_which_moment_it_tells_and_keeps_it(small: Site) -> None:
    for address in PAGES:
        keeps_its_moment(small, address)


def keeps_its_moment(small: Site, address: str) -> None:
    answer = small.client.get(with_day(address))
    assert answer.status_code == 200
    assert "As of 26 Feb 2026, 23:59 UTC." in answer.text
    assert "Back to now" in answer.text
    assert "data-hx-get" not in answer.text
    assert HOSTILE not in answer.text
    links = re.findall(r'href="(/(?:boards|sprints|epics|findings|trends|key-results)[^"]*)"', answer.text)
    assert [link for link in links if f"as_of={THEN}" not in link] == []
    assert f'href="/?as_of={THEN}"' in answer.text


def test_the_way_back_leads_to_the_same_page_of_now(small: Site) -> None:
    text = small.client.get(with_day("/sprints/shop/S0?measure=count")).text
    assert "<a href='/sprints/shop/S0?measure=count'>Back to now</a>" in text


def test_a_sprint_is_told_as_it_was_and_its_receipt_with_it(small: Site) -> None:
    text = small.client.get(with_day("/sprints/shop/S0")).text
    assert '<span class="chip state-active">active</span>' in text
    assert f"part=KR-1&amp;as_of={THEN}" in text
    rows = small.client.get(with_day("/sprints/shop/S0/receipt.csv?scope=final&measure=points&part=")).text.splitlines()
    assert [line.split(",")[4] for line in rows[1:]] == ["PAY-6"]
    assert rows[1].split(",")[6].startswith("2026-02-26T23:59:59")


def test_the_sheet_of_a_past_day_names_it_in_each_form(small: Site) -> None:
    text = small.client.get(with_day("/sprints/shop/S0/sheet.md")).text
    assert "As of 26 Feb 2026, 23:59 UTC" in text
    assert f"/sprints/shop/S0?measure=points&as_of={THEN}>" in text
    assert small.client.get(with_day("/sprints/shop/S0/sheet.pdf")).data.startswith(b"%PDF")


def test_nothing_can_be_changed_in_the_past(small: Site) -> None:
    page = small.client.get(with_day("/sprints/shop/S1", "2026-03-05")).text
    forms = re.findall(r"<form [^>]*method=\"post\"[^>]*>", page)
    assert len(forms) > 1
    assert [form for form in forms if "inert" not in form] == ['<form method="post" action="/logout">']
    (word,) = set(re.findall(r'name="csrf" value="([^"]+)"', page))
    answer = small.client.post(with_day("/findings/1"), data={"csrf": word, "act": "acknowledge", "reason": "x"})
    assert answer.status_code == 409
    assert "cannot be changed" in answer.text


def test_a_form_that_looks_keeps_the_day() -> None:
    html = past_pages.in_the_past('<form method="get" action="/findings"><input name="kind"></form>', THEN)
    assert f'<input type="hidden" name="as_of" value="{THEN}">' in html


def test_other_pages_links_and_parts_of_a_page_are_left_as_they_are() -> None:
    html = '<a href="/connections">c</a><a href="#main">m</a><a href="https://x.example/boards">x</a>'
    html += '<link href="/static/a.css">'
    assert past_pages.in_the_past(html, THEN) == html


def test_a_moment_in_an_address_stays_one_value(small: Site) -> None:
    text = small.client.get("/boards/shop/B1?as_of=2026-02-26T12:00:00%2B01:00").text
    assert "As of 26 Feb 2026, 11:00 UTC." in text
    assert "as_of=2026-02-26T12%3A00%3A00%2B01%3A00" in text


NO_MOMENTS = (
    "yesterday", "2026-13-01", "2026-02-26T12:00:00", "0001-01-01", "0001-01-01T00:00:00%2B09:00", "%00", "1" * 5000
)  # fmt: skip


def test_what_is_no_moment_is_refused_with_what_would_be_one(site: Site) -> None:
    for asked in NO_MOMENTS:
        answer = site.client.get(f"/?as_of={asked}")
        assert answer.status_code == 400
        assert "Name a day, such as 2026-03-01" in answer.text or "before 1970" in answer.text


def test_today_and_what_is_to_come_are_now(small: Site) -> None:
    for asked in ("2026-03-07", "2030-01-01", "9999-12-30"):
        answer = small.client.get(f"/boards/shop/B1?measure=count&as_of={asked}")
        assert answer.status_code == 302
        assert answer.headers["Location"] == "/boards/shop/B1?measure=count"


def test_before_anything_was_known_pages_are_empty_and_say_so(small: Site) -> None:
    assert "Nothing to show yet" in small.client.get("/boards/shop/B1?as_of=1999-01-01").text
    assert small.client.get("/sprints/shop/S0?as_of=1999-01-01").status_code in (200, 404)


def test_whoever_is_not_in_learns_nothing_of_the_past_either(small: Site) -> None:
    answer = small.app.test_client().get(with_day("/"))
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/login")
    pasts: Pasts = small.app.extensions["tieline_pasts"]
    assert not pasts._known


def test_a_moment_that_takes_long_says_that_it_is_being_computed(small: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    never: Future[Store] = Future()
    monkeypatch.setattr(past_pages, "WAIT", 0.01)
    monkeypatch.setattr(Pasts, "ask", lambda *_: never)
    page = small.client.get(with_day("/sprints/shop/S0"))
    assert (page.status_code, page.headers["Refresh"]) == (202, "2")
    assert "is being computed" in page.text
    for address in ("/epics.csv", "/sprints/shop/S0?live=1"):
        part = small.client.get(with_day(address))
        assert (part.status_code, part.headers["Retry-After"]) == (503, "2")


# --- what is kept


@pytest.fixture
def built(tmp_path: Path) -> list[datetime]:
    return []


@pytest.fixture
def seconds() -> list[float]:
    return [0.0]


@pytest.fixture
def pasts(small: Site, built: list[datetime], seconds: list[float]) -> Pasts:
    def build(_source: Store, moment: datetime, _now: datetime, path: str) -> Store:
        built.append(moment)
        if moment == day(-99):
            raise ValueError("broken")
        Path(path).touch()
        return Store(create_engine(f"sqlite:///{path}"))

    return Pasts(small.store, build, lambda: seconds[0])


def test_a_moment_is_computed_once_for_all_who_ask(pasts: Pasts, built: list[datetime]) -> None:
    stores = {id(pasts.ask(day(1), NOW, 7).result()) for _ in range(5)}
    assert len(stores) == 1
    assert built == [day(1)]


def test_a_moment_is_computed_anew_once_something_was_learnt_and_it_is_a_minute_old(
    pasts: Pasts, built: list[datetime], seconds: list[float]
) -> None:
    for pulse, at in ((7, 0.0), (8, 10.0), (8, FRESH + 1), (8, 2 * FRESH + 2)):
        seconds[0] = at
        pasts.ask(day(1), NOW, pulse).result()
    assert len(built) == 2


def test_only_so_many_moments_are_kept_and_their_files_with_them(pasts: Pasts, built: list[datetime]) -> None:
    for number in range(MOST_KEPT + 3):
        pasts.ask(day(number), NOW, 7).result()
    assert pasts._folder is not None
    assert len(list(Path(pasts._folder.name).iterdir())) == MOST_KEPT
    pasts.ask(day(0), NOW, 7).result()
    assert built.count(day(0)) == 2


def test_a_moment_that_failed_is_tried_again(pasts: Pasts, built: list[datetime]) -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            pasts.ask(day(-99), NOW, 7).result()
    assert len(built) == 2


def test_only_so_many_moments_wait_at_a_time(small: Site) -> None:
    gate = Event()

    def build(source: Store, moment: datetime, now: datetime, path: str) -> Store:
        gate.wait(10)
        return past_store(source, moment, now, path)

    pasts = Pasts(small.store, build)
    waiting = [pasts.ask(day(-number), NOW, 7) for number in range(MOST_WAITING)]
    with pytest.raises(Busy):
        pasts.ask(day(-50), NOW, 7)
    assert pasts.ask(day(0), NOW, 7) is waiting[0]
    gate.set()
    assert all(one.result(30) for one in waiting)


# --- two beside each other


def test_two_days_of_a_sprint_stand_beside_each_other_with_what_differs(small: Site) -> None:
    items = (
        tracked(
            "PAY-1",
            state(-9, sprints=("S1",), points=5, tags=("KR-1",)),
            state(3, sprints=("S1",), points=8, tags=("KR-2",)),
            updated=3,
        ),
        tracked("PAY-7", state(2, sprints=("S1",), points=1, tags=("KR-1",)), created=day(1)),
    )  # fmt: skip
    save(small.engine, Fetched(at=day(4.9), items=items, sprints=SPRINTS, boards=BOARDS))
    text = small.client.get("/compare?a=shop/S1&a_as_of=2026-03-03&b=shop/S1").text
    assert "Sprint S1, as of 3 Mar 2026, 23:59 UTC" in text
    assert "Sprint S1, as of 7 Mar 2026, 09:00 UTC" in text
    assert "5 · KR-1" in text
    assert "8 · KR-2" in text
    assert re.search(r"PAY-7.*?not in it", text, re.DOTALL)
    assert "part=KR-1&amp;as_of=2026-03-03" in text
    assert re.search(r'part=KR-2"', text)


def test_two_sprints_can_be_chosen_and_compared_in_a_measure(small: Site) -> None:
    assert 'value="shop/S0"' in small.client.get("/compare").text
    text = small.client.get("/compare?a=shop/S0&b=shop/S1&measure=count").text
    assert "Measured in <b>items</b>" in text
    assert HOSTILE not in text


def test_what_cannot_be_compared_is_told(site: Site) -> None:
    told = {
        "a=shop/S0&b=shop/nowhere": 404,
        "a=S0&b=S1": 404,
        "a=shop/S0&b=shop/S1&b_as_of=soon": 400,
        "a=shop/S0&b=shop/S1&a_as_of=2030-01-01": 200,
        "a=%00&b=shop/S1": 404,
        "a=shop/S0": 200,
    }
    assert {query: site.client.get(f"/compare?{query}").status_code for query in told} == told


def test_the_past_is_asked_through_the_store_of_the_site(small: Site) -> None:
    app: Flask = small.app
    assert isinstance(small.store, Store)
    assert past_pages.ENDPOINTS.issubset(app.view_functions)


def test_the_sprint_before_on_the_same_board_is_offered_for_comparing(small: Site) -> None:
    page = choices(small.store, NOW)
    assert page.offered("", "") == ("shop/S1", "shop/S0")
    assert page.offered("shop/S0", "") == ("shop/S0", "shop/S1")
    assert page.offered("shop/S1", "shop/S2") == ("shop/S1", "shop/S2")
    assert replace(page, sprints=()).offered("", "") == ("", "")
