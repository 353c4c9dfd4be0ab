"""The API: its shapes, marks, problems and description."""

import json
import re
from fractions import Fraction
from typing import Any

import pytest

from integration.contract import Fetched
from mappings.model import Status
from tests.integration.store.material import state, tracked
from tests.reports.material import BOARDS, HOSTILE, NOW, SPRINTS, Site, save


def get(site: Site, path: str) -> Any:
    answer = site.client.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json


def test_boards_come_with_their_running_sprints(site: Site) -> None:
    found = get(site, "boards")
    assert found["measure"] == "points"
    assert {board["name"] for board in found["boards"]} == {"Payments", "Flow"}
    (payments,) = (board for board in found["boards"] if board["id"] == "B1")
    assert [sprint["id"] for sprint in payments["running_sprints"]] == ["S1"]


def test_sprints_are_listed_by_state_and_board(site: Site) -> None:
    assert {line["id"] for line in get(site, "sprints")["sprints"]} == {"S0", "S1", "S2"}
    assert [line["id"] for line in get(site, "sprints?state=active&board=B1")["sprints"]] == ["S1"]
    assert get(site, "sprints?board=B9")["sprints"] == []


@pytest.mark.parametrize("name", ["S1", "shop/S1"])
def test_a_sprint_is_found_by_its_id_alone_or_with_its_connection(site: Site, name: str) -> None:
    found = get(site, f"sprints/{name}?measure=count")
    assert (found["connection"], found["id"], found["measure"]) == ("shop", "S1", "count")
    assert len(found["scopes"]["final"]["items"]) == 5


def test_a_sprint_comes_with_receipts_that_add_up(site: Site) -> None:
    found = get(site, "sprints/S1?measure=points")
    receipt = found["receipts"]["final"]
    amounts = [Fraction(part["amount"]) for line in receipt for part in line["parts"]]
    assert sum(amounts) == Fraction(found["scopes"]["final"]["total"])


def test_work_outside_sprints_comes_beside_a_sprint_with_a_receipt_that_adds_up(site: Site) -> None:
    assert get(site, "sprints/S1")["outside"] is None
    loose = tracked("PAY-8", state(-9, board="B1"), state(2, board="B1", points=4, tags=("KR-1",), status=Status.DONE))
    save(site.engine, Fetched(at=NOW, items=(loose,), sprints=SPRINTS, boards=BOARDS))
    found = get(site, "sprints/S1?measure=points")["outside"]
    assert (found["since"], found["total"], found["items"]) == ("2026-03-01T09:00:00Z", "4", ["PAY-8"])
    assert [(part["key_result"], part["percent"]) for part in found["shares"]] == [("KR-1", 100)]
    assert sum(Fraction(part["amount"]) for line in found["receipt"] for part in line["parts"]) == 4


def test_periods_are_listed_by_state_and_board(site: Site) -> None:
    (found,) = get(site, "periods?state=active&board=B2")["periods"]
    assert (found["connection"], found["id"], found["start"]) == ("shop", "B2/2026-03-02", "2026-03-02")
    assert found["scopes"]["completed"]["items"] == 1
    assert get(site, "periods?state=closed")["periods"] == []
    assert get(site, "periods?board=B1")["periods"] == []


@pytest.mark.parametrize("name", ["B2/2026-03-02", "shop/B2/2026-03-02"])
def test_a_period_is_found_by_its_id_alone_or_with_its_connection_and_has_receipts(site: Site, name: str) -> None:
    found = get(site, f"periods/{name}")
    assert (found["connection"], found["scopes"]["completed"]["total"]) == ("shop", "2")
    assert [line["item"] for line in found["receipts"]["completed"]] == ["FLOW-1"]


def test_text_is_handed_over_as_it_is(small: Site) -> None:
    assert HOSTILE in get(small, "sprints/S1")["goal"]["text"]


def test_findings_are_filtered_by_kind_state_and_severity(site: Site) -> None:
    everything = get(site, "findings")["findings"]
    assert {"orphan_epic", "unknown_tag"} <= {finding["kind"] for finding in everything}
    assert {finding["kind"] for finding in get(site, "findings?kind=unknown_tag")["findings"]} == {"unknown_tag"}
    assert get(site, "findings?state=resolved")["findings"] == []
    assert {finding["severity"] for finding in get(site, "findings?severity=low&state=all")["findings"]} <= {"low"}


def test_orphan_epics_come_with_their_titles(site: Site) -> None:
    (epic,) = get(site, "epics/orphans")["epics"]
    assert (epic["subject"], epic["title"]) == ("PAY-E", HOSTILE)


def test_key_results_roll_ups_and_connections_are_listed(site: Site) -> None:
    assert {one["code"] for one in get(site, "key-results")["key_results"]} == {"KR-1", "KR-2"}
    assert {one["by"] for one in get(site, "rollups?by=board")["rollups"]} == {"board"}
    (connection,) = get(site, "connections")["connections"]
    assert (connection["id"], connection["state"]) == ("shop", "fine")
    assert "credentials" not in connection


@pytest.mark.parametrize("path", ["boards", "sprints", "sprints/S1", "findings", "epics/orphans", "key-results"])
def test_what_the_caller_has_already_is_not_sent_again(site: Site, path: str) -> None:
    first = site.client.get(f"/api/v1/{path}")
    again = site.client.get(f"/api/v1/{path}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["sprints/S9", "sprints/", "nowhere", "sprints/other/S1"])
def test_what_is_not_there_is_a_problem(small: Site, path: str) -> None:
    answer = small.client.get(f"/api/v1/{path}")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert json.loads(answer.text)["status"] == 404


def test_a_method_that_is_not_offered_is_a_problem(small: Site) -> None:
    page = small.client.get("/findings/1").text
    word = page.split('name="csrf" value="')[1].split('"')[0]
    answer = small.client.post("/api/v1/boards", headers={"X-CSRF-Token": word})
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")


def test_the_description_names_every_route_and_its_parameters(small: Site) -> None:
    described = get(small, "openapi.json")
    assert described["openapi"].startswith("3.1")
    all_of_them = {re.sub(r"<[^>]*?(\w+)>", r"{\1}", rule.rule) for rule in small.app.url_map.iter_rules()}
    routes = {route for route in all_of_them if route.startswith("/api/v1/")}
    named = set(described["paths"])
    assert named == routes - {"/api/v1/openapi.json"} | {"/healthz"}
    sprint = described["paths"]["/api/v1/sprints/{sprint}"]["get"]
    assert {parameter["name"] for parameter in sprint["parameters"]} == {"sprint", "measure", "as_of"}
    answer = sprint["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer["properties"]["outside"]["type"] == ["object", "null"]
    period = described["paths"]["/api/v1/periods/{period}"]["get"]
    assert [parameter["name"] for parameter in period["parameters"]] == ["period", "as_of"]


def test_an_unexpected_error_tells_nothing_of_its_reason(small: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: object) -> object:
        raise ValueError("a secret reason")

    monkeypatch.setattr("reports.api_connection_shapes.connections", fail)
    monkeypatch.setattr("reports.views.connections_page", fail)
    for address in ("/api/v1/connections", "/connections"):
        answer = small.client.get(address)
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert "in its log" in answer.text
