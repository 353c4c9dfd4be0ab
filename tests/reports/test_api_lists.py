"""The lists of the API: pages, marks, what is refused; and the audit, trends, deliveries and acts."""

import re
from typing import Any

import pytest

from integration.contract import Fetched
from integration.store.overrulings import overrule
from mappings.model import Overruling
from tests.integration.store.material import day, state, tracked
from tests.reports.material import BOARDS, HOSTILE, NOW, SPRINTS, Site, save
from webhooks.intake import incoming, put

LISTS = [
    "boards", "sprints", "periods", "findings", "epics", "epics/orphans", "key-results", "rollups", "connections",
    "trends", "overrulings",
]  # fmt: skip


def get(site: Site, path: str) -> Any:
    answer = site.client.get(path if path.startswith("/") else f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json


def send(site: Site, number: int) -> None:
    with site.engine.begin() as connection:
        for one in range(number):
            sent = incoming("jira", "shop", delivery_id=str(one), headers={}, body=b"{}", at=NOW)
            put(connection, [sent])


def word(site: Site) -> dict[str, str]:
    found = re.search('name="csrf" value="([^"]+)"', site.client.get("/findings/1").text)
    assert found is not None
    return {"X-CSRF-Token": found[1]}


def test_pages_of_a_list_hold_all_of_it_once(site: Site) -> None:
    whole = get(site, "findings")["findings"]
    found: list[Any] = []
    path: str | None = "findings?limit=3"
    while path is not None:
        page = get(site, path)
        assert len(page["findings"]) <= 3
        found += page["findings"]
        path = page["next"]
    assert found == whole
    assert len(whole) > 6


def test_the_next_page_is_also_in_a_header(small: Site) -> None:
    answer = small.client.get("/api/v1/sprints?limit=1")
    assert answer.json is not None
    assert answer.headers["Link"] == f'<{answer.json["next"]}>; rel="next"'
    assert "Link" not in small.client.get("/api/v1/sprints").headers


def test_what_comes_before_a_page_moves_no_line_into_the_next_twice(small: Site) -> None:
    first = get(small, "findings?limit=4")
    seen = {finding["id"] for finding in first["findings"]}
    word_of = word(small)
    gone = first["findings"][0]["id"]
    body = {"act": "acknowledged", "reason": "Seen"}
    assert small.client.post(f"/api/v1/findings/{gone}/acts", json=body, headers=word_of).status_code == 204
    rest = {finding["id"] for finding in get(small, first["next"])["findings"]}
    assert not seen & rest
    assert len(seen | rest) == len(get(small, "findings?state=all")["findings"])


@pytest.mark.parametrize("cursor", ["", "x", "WzFd", "W10", "WzAsW11d", "%F0%9F%98%80"])
def test_a_cursor_that_is_none_is_refused(small: Site, cursor: str) -> None:
    answer = small.client.get(f"/api/v1/sprints?cursor={cursor}")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("findings?stat=open", "There is no parameter 'stat' here. There are: kind, state, severity, team,"),
        ("findings?state=opened", "state: one of open, acknowledged"),
        ("findings?limit=0", "limit: a whole number from 1 to 1000, once."),
        ("findings?limit=ten", "limit: a whole number"),
        ("findings?state=open&state=all", "state: one of"),
        ("key-results?measure=points", "There is no parameter 'measure' here."),
        ("deliveries?before=99999999999999999999", "before: a whole number"),
    ],
)
def test_a_parameter_that_is_none_or_cannot_be_is_named(small: Site, asked: str, said: str) -> None:
    answer = small.client.get(f"/api/v1/{asked}")
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["detail"].startswith(said)


@pytest.mark.parametrize("asked", ["sprints/%00", "sprints?board=%00", "periods/a%00b", "trends?team=%00"])
def test_a_sign_that_a_database_cannot_hold_names_nothing(site: Site, asked: str) -> None:
    assert site.client.get(f"/api/v1/{asked}").status_code == 404


@pytest.mark.parametrize("path", [*LISTS, "sprints/S1", "findings/1", "deliveries", "log", "openapi.json"])
def test_every_answer_has_a_mark_that_spares_the_next(small: Site, path: str) -> None:
    first = small.client.get(f"/api/v1/{path}")
    again = small.client.get(f"/api/v1/{path}", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")


def test_the_audit_names_epics_of_every_kind_with_their_titles(site: Site) -> None:
    (epic,) = get(site, "epics?kind=orphan_epic")["epics"]
    assert (epic["name"], epic["title"], epic["url"]) == ("shop/PAY-E", HOSTILE, None)
    assert (epic["remaining"], epic["teams"]) == ("1", ["Payments"])
    assert [one["key_result"] for one in epic["likely"]] == ["KR-2"]  # the two have the same title
    assert get(site, "epics?kind=hidden_epic")["epics"] == []


def test_a_finding_comes_with_what_became_of_it(site: Site) -> None:
    found = get(site, "findings/1")
    assert [event["event"] for event in found["events"]] == ["opened"]
    assert site.client.get("/api/v1/findings/999").status_code == 404


def test_trends_are_filtered_by_team_and_scope(site: Site) -> None:
    found = get(site, "trends?scope=final&months=3&team=Payments")
    assert [(line["id"], line["kind"]) for line in found["trends"]] == [("S0", "sprint"), ("S1", "sprint")]
    assert found["trends"][0]["aligned"] == 1
    assert (found["teams"], found["trends"][0]["warnings"], found["trends"][0]["horizons"]) == ([], [], None)
    assert get(site, "trends?team=Nobody")["trends"] == []


def test_deliveries_are_listed_without_bodies_and_worked_on_again(site: Site) -> None:
    send(site, 3)
    first = get(site, "deliveries?limit=2&state=new")
    assert [line["id"] for line in first["deliveries"]] == [3, 2]
    assert [line["id"] for line in get(site, first["next"])["deliveries"]] == [1]
    assert first["counts"]["new"] == 3
    assert "body" not in get(site, "deliveries/3")
    assert site.client.get("/api/v1/deliveries/9").status_code == 404
    assert site.client.post("/api/v1/deliveries/3/replay", headers=word(site)).status_code == 204
    assert site.client.post("/api/v1/deliveries/9/replay", headers=word(site)).status_code == 409
    (act,) = get(site, "log?limit=1")["acts"]
    assert (act["act"], act["subject"]) == ("delivery_replayed", "3")


def test_overrulings_are_listed_with_name_and_reason(site: Site) -> None:
    said = Overruling("goal", "Build it", "outcome", "It is one", "Ada", day(1), subject="S1")
    with site.store.writing() as session:
        overrule(session, "shop", said)
    (found,) = get(site, "overrulings")["overrulings"]
    assert (found["connection"], found["author"], found["reason"]) == ("shop", "Ada", "It is one")


def test_a_list_moves_with_what_is_learnt(small: Site) -> None:
    mark = small.client.get("/api/v1/findings").headers["ETag"]
    epic = tracked("PAY-F", state(-1), type="epic", level=1)
    child = tracked("PAY-9", state(-1, sprints=("S1",), points=8, parent="PAY-F"))
    save(small.engine, Fetched(at=NOW, items=(epic, child), sprints=SPRINTS, boards=BOARDS))
    assert small.client.get("/api/v1/findings", headers={"If-None-Match": mark}).status_code == 200
