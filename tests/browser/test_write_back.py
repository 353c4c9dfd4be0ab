"""Setting a key result from a finding: preview, confirmation, record, undoing; each of these pages is accessible."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from integration.secrets import Vault, new_key
from integration.store.engine import writing
from integration.store.tables import ConnectionRow
from integration.write_back.sending import Office, work_once
from tests.browser.conftest import WAIT, Served
from tests.integration.write_back.pencil import Pencil
from tests.reports.material import NOW

AXE = Path(__file__).parent / "assets" / "axe.min.js"


@pytest.fixture
def office(served: Served) -> Office:
    vault = Vault([new_key()])
    with writing(served.site.engine) as session:
        session.get_one(ConnectionRow, "shop").credentials = vault.encrypt_all({})
    return Office(served.site.engine, vault, {"jira": Pencil().tracker}, lambda: NOW)


def is_accessible(page: Page) -> bool:
    """At both widths and in both schemes; and nothing sticks out."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
            found = page.evaluate("axe.run({rules: {'label-content-name-mismatch': {enabled: true}}})")
            assert [fault["id"] for fault in found["violations"]] == []
    return True


def test_a_key_result_is_set_from_the_list_of_epics_seen_first_and_undone(reader: Page, office: Office) -> None:
    reader.goto("/write-back")
    expect(reader.get_by_text("Nothing was written back")).to_be_visible()
    assert is_accessible(reader)
    reader.get_by_role("button", name="Switch on").click()
    reader.goto("/epics")
    reader.get_by_label("Choose PAY-E").check()
    reader.get_by_role("button", name="Set a key result…").click()
    assert is_accessible(reader)
    reader.get_by_label("Key result").select_option("KR-1")
    reader.get_by_label("Items right below").select_option("open")
    reader.get_by_role("button", name="Show what would be written").click()
    expect(reader.get_by_text("The preview is being made")).to_be_visible()
    work_once(office)
    confirm = reader.get_by_role("button", name="Write 2 changes to shop")
    expect(confirm).to_be_visible(timeout=WAIT)
    expect(reader.get_by_text("1 open item would move from unaligned to KR-1.")).to_be_visible()
    assert is_accessible(reader)
    confirm.click()
    work_once(office)
    expect(reader.get_by_text("2 sent.")).to_be_visible(timeout=WAIT)
    reader.get_by_role("button", name="Preview undoing it").click()
    expect(reader.get_by_role("button", name="Write 2 changes to shop")).to_be_visible()
    assert is_accessible(reader)
    reader.goto("/write-back")
    expect(reader.get_by_role("row").filter(has_text="2 of 2")).to_be_visible()
    assert is_accessible(reader)
