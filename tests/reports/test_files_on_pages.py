"""Files and sample data on pages: uploads by admins, words that say it is a file, forgetting, and what stays apart."""

import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from integration.answers import decide_due
from integration.imports import sample
from integration.secrets import Vault, new_key
from integration.store import connections, imported_files, plans
from integration.store.acts import acts
from integration.store.engine import reading, writing
from integration.store.opened import Store
from mappings.model import Plan
from reports import connect_pages, file_pages
from reports.access import login_link
from service import page_threads
from service.app import create_app
from service.settings import Settings
from tests.integration.imports.material import OKRS, apply_register, item, told
from tests.integration.store.material import day, fresh_store
from tests.reports.material import NOW, Site, fill
from tests.reports.test_accounts import somebody, word

VAULT = Vault([new_key()])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Nothing is connected; whatever runs beside an answer runs before it."""
    with fresh_store(f"sqlite:///{tmp_path}/tieline.sqlite") as engine:
        app = create_app(engine, Settings(), clock=lambda: NOW, vault=lambda: VAULT)
        desk: connect_pages.Desk = app.extensions["tieline_desk"]
        app.extensions["tieline_desk"] = connect_pages.Desk(
            desk.store, desk.vault, desk.clock, desk.hooks_url, desk.public_url, lambda work: work()
        )
        client = app.test_client()
        assert client.get(login_link(Store(engine), "", NOW)).status_code == 303
        yield Site(engine, app, client)


def post(client: FlaskClient, address: str, **form: object) -> tuple[int, str]:
    answer = client.post(address, data={"csrf": word(client), **form}, content_type="multipart/form-data")
    return answer.status_code, answer.headers.get("Location") or answer.text


def upload(client: FlaskClient, data: bytes, file: str = "team.json", called: str = "") -> tuple[int, str]:
    return post(client, "/import", file=(io.BytesIO(data), file), name=called)


# --- uploads ----------------------------------------------------------------------------------


def test_a_file_that_is_uploaded_is_a_connection_that_says_so(site: Site) -> None:
    assert upload(site.client, told(item("A", tags=["OWN-1"]), **OKRS)) == (303, "/connections/team")
    decide_due(site.engine, NOW)
    page = site.client.get("/connections/team").text
    assert all(
        words in page for words in ("A file, as of 7 Mar 2026", "team.json", "1 key result", "Import a newer file")
    )
    listed = site.client.get("/connections").text
    assert "never: a file" in listed
    assert "Nothing newer is fetched." in site.client.get("/").text
    assert "OWN-1" in site.client.get("/sprints/team/S1").text
    assert site.client.get("/connections/team/doctor").status_code == 200


def test_a_large_file_is_saved_beside_the_answer(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_pages, "AT_ONCE", 0)
    assert upload(site.client, told(item("A")))[0] == 303
    assert "<b>1 item</b>" in site.client.get("/connections/team").text


def test_every_fault_of_a_file_is_told_and_nothing_is_kept(site: Site) -> None:
    bad = json.loads(told(item("A"), item("B")))
    for one in bad["items"]:
        one["level"] = "high"
    status, page = upload(site.client, json.dumps(bad).encode())
    assert status == 422
    assert "items[0].level" in page
    assert "items[1].level" in page
    with reading(site.engine) as session:
        assert connections.connection_names(session) == ()


@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"PK\x03\x04", b"<html>", b'{"a": 1}', b"a,b\n1,2\n"])
def test_whatever_is_uploaded_is_answered_in_a_sentence(site: Site, data: bytes) -> None:
    status, page = upload(site.client, data)
    assert (status, "Nothing was imported" in page) == (422, True)


def test_hostile_names_are_shown_as_texts(site: Site) -> None:
    status, address = upload(site.client, told(item("A")), "<img src=x onerror=alert(1)>.json")
    assert (status, address) == (303, "/connections/img-src-x-onerror-alert-1")
    page = site.client.get(address).text
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;.json" in page


def test_a_name_of_somebody_else_and_a_bad_one_are_refused(site: Site) -> None:
    fill(site.engine)
    for name, words in (("shop", "belongs to a connected site"), ("../x", "small letters")):
        status, page = upload(site.client, told(item("A")), called=name)
        assert (status, words in page) == (422, True)


def test_only_admins_upload_load_and_remove(site: Site) -> None:
    fill(site.engine)
    client = somebody(site, "editor")
    assert client.get("/import").status_code == 403
    for address in ("/import", "/sample/load", "/sample/remove"):
        assert client.post(address, data={"csrf": word(client)}).status_code == 403
    assert site.app.test_client().post("/import").status_code == 303  # to the login


def test_a_form_without_its_word_is_refused(site: Site) -> None:
    assert site.client.post("/sample/load").status_code == 400
    assert site.client.post("/import", data={"file": (io.BytesIO(b"{}"), "a.json")}).status_code == 400


def test_a_file_may_be_larger_than_a_form_and_not_larger_than_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_pages, "LARGEST_FILE", 2_000_000)
    assert upload(site.client, told(item("A")) + b" " * 1_500_000)[0] == 303
    assert upload(site.client, b" " * 2_500_000)[0] == 413
    assert site.client.post("/account", data={"csrf": "x" * 1_500_000}).status_code == 413


def test_the_door_in_front_of_the_pages_lets_in_what_the_page_takes() -> None:
    assert page_threads.UPLOADS == file_pages.UPLOAD
    assert page_threads.API_UPLOADS == file_pages.API_UPLOAD
    assert page_threads.LARGEST_UPLOAD > file_pages.LARGEST_FILE


def test_a_file_is_forgotten_with_what_it_brought(site: Site) -> None:
    upload(site.client, told(item("A"), **OKRS))
    assert post(site.client, "/connections/team/remove", typed="team", reason="")[0] == 422
    assert post(site.client, "/connections/team/remove", typed="team", reason="old")[0] == 303
    with reading(site.engine) as session:
        assert (connections.connection_names(session), imported_files.imported_files(session)) == ((), {})
        assert plans.plan_of_all(session, NOW).key_results == ()


def test_nothing_is_written_back_to_a_file(site: Site) -> None:
    apply_register(site.engine)
    upload(site.client, told(item("A")))
    assert "Nothing can be written to a file" in site.client.get("/write-back/new?connection=team&items=A").text


# --- the sample -------------------------------------------------------------------------------


def test_the_sample_is_said_on_every_page_and_gone_with_one_click(site: Site) -> None:
    assert "Look around with sample data" in site.client.get("/").text
    assert post(site.client, "/sample/load") == (303, "/")
    for address in ("/", "/epics", "/findings", "/rules", "/key-results", "/trends", "/draft", "/connections", "/log"):
        assert "Sample data is loaded." in site.client.get(address).text
    assert site.client.get("/sprints/sample/sample-checkout-29").status_code == 200
    assert post(site.client, "/sample/remove") == (303, "/")
    assert "Sample data is loaded." not in site.client.get("/").text
    with reading(site.engine) as session:
        assert [one.act for one in acts(session)][:3] == ["connection_removed", "sample_removed", "sample_loaded"]


def test_beside_real_data_the_sample_stays_apart(site: Site) -> None:
    fill(site.engine)
    before = site.client.get("/sprints/shop/S1?live=1").text
    post(site.client, "/sample/load")
    after = site.client.get("/sprints/shop/S1?live=1").text
    assert "SAMPLE" not in after
    assert _figures(after) == _figures(before)
    assert 'value="SAMPLE-' not in site.client.get("/write-back/new?connection=shop&items=PAY-1").text


def _figures(page: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)? %", page)


def test_a_sample_whose_codes_are_taken_is_refused(site: Site) -> None:
    plan = sample_plan(site)
    with writing(site.engine) as session:
        plans.apply_plan(session, plan, day(0), author="Ada")
    status, page = post(site.client, "/sample/load")
    assert (status, "codes that are taken" in page) == (409, True)


def sample_plan(site: Site) -> Plan:
    sample.load(site.engine, VAULT, lambda: NOW - timedelta(days=1), actor="Ada")
    with reading(site.engine) as session:
        plan = plans.plan_in_force(session, NOW, "sample")
    sample.remove(site.engine, NOW, actor="Ada")
    return plan


# --- empty pages ------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/epics", "/findings", "/trends", "/write-back", "/deliveries", "/compare"])
def test_an_empty_installation_leads_to_what_fills_it(site: Site, address: str) -> None:
    page = site.client.get(address).text
    assert 'href="/connect"' in page
    assert 'href="/import"' in page


def test_without_key_results_the_page_of_them_says_where_they_come_from(site: Site) -> None:
    page = site.client.get("/key-results").text
    assert all(words in page for words in ("tieline okrs apply", "tieline okrs import board.csv", "sample data"))


def test_a_backlog_that_names_no_key_result_leads_to_the_epics(site: Site) -> None:
    apply_register(site.engine)
    upload(site.client, told(item("A")))
    decide_due(site.engine, NOW)
    page = site.client.get("/").text
    assert "No running work names a key result yet" in page
    upload(site.client, told(item("A", tags=["KR-1"]), at=day(5.5)))
    decide_due(site.engine, NOW + timedelta(minutes=2))
    assert "No running work names a key result yet" not in site.client.get("/").text


def test_a_backlog_without_boards_is_not_said_to_be_on_its_way(site: Site) -> None:
    upload(site.client, told(item("A", sprints=[]), boards=[], sprints=[]))
    decide_due(site.engine, NOW)
    assert "holds no board" in site.client.get("/").text
    assert "It names no board and no sprint" in site.client.get("/connections/team").text
