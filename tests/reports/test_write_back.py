"""The pages of writing back: a wish becomes a preview, is confirmed, sent, undone; nothing is sent while it is off."""

import re

import pytest

from integration.secrets import Vault, new_key
from integration.store.engine import writing
from integration.store.tables import ConnectionRow
from integration.write_back import asking
from integration.write_back.sending import Office, work_once
from tests.integration.store.material import fetched, state, tracked
from tests.integration.write_back.pencil import Pencil
from tests.reports.material import HOSTILE, NOW, Site, save


@pytest.fixture
def epics() -> Pencil:
    return Pencil()


@pytest.fixture
def office(small: Site, epics: Pencil) -> Office:
    vault = Vault([new_key()])
    with writing(small.engine) as session:
        row = session.get_one(ConnectionRow, "shop")
        row.tracker, row.credentials = "jira", vault.encrypt_all({})
    save(small.engine, fetched(1, [tracked("PAY-E", state(-10), type="epic", level=1, title=HOSTILE)]))
    return Office(small.engine, vault, {"jira": epics.tracker}, lambda: NOW)


def word(site: Site, path: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', site.client.get(path).text)
    assert found is not None
    return found.group(1)


def post(site: Site, path: str, **form: str) -> tuple[int, str]:
    answer = site.client.post(path, data={"csrf": word(site, "/write-back"), **form})
    return answer.status_code, answer.headers.get("Location", "") or answer.text


def asked(site: Site, office: Office) -> str:
    """The address of the record of a preview that is there."""
    form = {"kind": "key_results", "connection": "shop", "items": "pay-e", "key_result": "KR-1", "children": "open"}
    status, address = post(site, "/write-back/new", **form)
    assert status == 303
    assert "The preview is being made" in site.client.get(address).text
    assert work_once(office)
    return address


def test_the_list_says_what_there_is_before_anything_was_written(small: Site) -> None:
    text = small.client.get("/write-back").text
    assert "Nothing was written back" in text
    assert "shop: off" in text


def test_the_pages_of_epics_and_of_a_finding_lead_to_the_form(small: Site) -> None:
    assert 'value="key_result">Set a key result' in small.client.get("/epics").text
    form = small.client.get("/write-back/new?connection=shop&on=PAY-E").text
    assert 'value="PAY-E"' in form
    assert "Raise activation from 40 to 60 %" in form


def test_a_preview_shows_each_change_and_what_the_figures_make_of_it(
    small: Site, office: Office, epics: Pencil
) -> None:
    text = small.client.get(asked(small, office)).text
    assert "2 to send." in text
    assert "1 open item would move from unaligned to KR-1." in text
    assert "Writing to shop is off" in text
    assert "Write 2 changes" not in text
    assert HOSTILE not in text
    assert epics.values == {}


def test_sending_while_it_is_off_is_refused(small: Site, office: Office, epics: Pencil) -> None:
    status, text = post(small, f"{asked(small, office)}/send")
    assert status == 409
    assert "Writing to shop is off, and nothing was sent" in text
    work_once(office)
    assert epics.values == {}


def test_switched_on_and_confirmed_it_is_written_recorded_and_undone(
    small: Site, office: Office, epics: Pencil
) -> None:
    address = asked(small, office)
    assert post(small, "/write-back/switch", connection="shop", on="1") == (303, "/write-back")
    assert "Write 2 changes to shop" in small.client.get(address).text
    assert post(small, f"{address}/send") == (303, address)
    assert "Stop" in small.client.get(address).text
    work_once(office)
    assert epics.values == {"id-PAY-E": "KR-1", "id-PAY-3": "KR-1"}
    text = small.client.get(address).text
    assert "2 sent." in text
    status, undoing = post(small, f"{address}/undo")
    assert status == 303
    assert undoing != address
    post(small, f"{undoing}/send")
    work_once(office)
    assert epics.values == {"id-PAY-E": None, "id-PAY-3": None}
    assert ", undone" in small.client.get(address).text
    assert "2 of 2" in small.client.get("/write-back").text


def test_a_run_is_stopped_and_gone_on_with(small: Site, office: Office) -> None:
    address = asked(small, office)
    asking.switch(small.engine, "shop", "ada", NOW, on=True)
    post(small, f"{address}/send")
    assert post(small, f"{address}/stop") == (303, address)
    assert "Go on and write 2 changes" in small.client.get(address).text
    status, text = post(small, f"{address}/stop")
    assert status == 409
    assert "is not being sent" in text


def test_marks_and_comments_are_asked_for_here_too(small: Site, office: Office) -> None:
    form = {"connection": "shop", "mark": "label", "name": "no-kr"}
    status, address = post(small, "/write-back/new", kind="orphans", **form)
    assert status == 303
    work_once(office)
    assert "Mark the orphan epics with the label “no-kr”" in small.client.get(address).text
    status, address = post(small, "/write-back/new", kind="comment", connection="shop", sprint="S1", items="PAY-1")
    work_once(office)
    assert "Comment the coverage of sprint S1 on PAY-1" in small.client.get(address).text


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"connection": "shop", "items": "", "key_result": "KR-1"}, "Name the items"),
        ({"connection": "shop", "items": "PAY-1", "key_result": ""}, "Name the key result"),
        ({"connection": "nowhere", "items": "PAY-1", "key_result": "KR-1"}, "There is no connection"),
        ({"connection": "shop", "items": "A " * 9000, "key_result": "KR-1", "kind": "key_results"}, ""),
    ],
)
def test_a_wish_that_makes_no_sense_is_said_so(small: Site, form: dict[str, str], why: str) -> None:
    status, text = post(small, "/write-back/new", **form)
    assert status in (303, 400)
    assert why in text


@pytest.mark.parametrize("path", ["/write-back/99", "/write-back/2147483648", "/write-back/x"])
def test_a_record_that_is_not_there_is_not_found(small: Site, path: str) -> None:
    assert small.client.get(path).status_code == 404


def test_nobody_writes_without_the_word_of_their_login(small: Site, office: Office) -> None:
    address = asked(small, office)
    assert small.client.post(f"{address}/send", data={"csrf": "guessed"}).status_code == 400
    assert small.app.test_client().get(address).status_code in (302, 303, 401)


def test_switching_a_connection_that_is_not_there_says_so(small: Site) -> None:
    status, text = post(small, "/write-back/switch", connection="nowhere", on="1")
    assert status == 400
    assert "There is no connection “nowhere”" in text
