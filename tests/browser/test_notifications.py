"""Where messages go: a destination is added, tried, seen in the log with its picture, sent again, and removed."""

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from integration.messages import sending
from integration.messages.carrying import Ways
from integration.messages.sending import Postman
from integration.secrets import Vault, new_key
from reports.notification_picture import drawer
from tests.browser.conftest import Served
from tests.reports.material import NOW

AXE = Path(__file__).parent / "assets" / "axe.min.js"


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[Any]]]:
    """A chat of this machine: refuses the first message, and takes what follows."""
    taken: list[Any] = []

    class Chat(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(202 if len(taken) > 1 else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """The test says what it has to say."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Chat) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/hook/verysecret", taken
        server.shutdown()


@pytest.fixture
def postman(served: Served) -> Postman:
    vault = Vault([new_key()])
    extensions = served.site.app.extensions
    extensions["tieline_desk"] = replace(extensions["tieline_desk"], vault=lambda: vault)
    ways = Ways(allows_private=True, draw=drawer(served.site.store))
    return Postman(served.site.engine, vault, ways, lambda: NOW)


def test_a_destination_is_added_tried_sent_again_and_removed(
    reader: Page, postman: Postman, receiver: tuple[str, list[Any]]
) -> None:
    address, taken = receiver
    reader.goto("/notifications")
    form = reader.locator("form[action='/notifications/destinations']")
    form.locator("[name=name]").fill("team-chat")
    form.locator("[name=channel]").select_option("teams")
    form.locator("[name=address]").fill(address)
    expect(form.locator("[name=pictures]")).to_have_value("inside")
    form.get_by_role("button", name="Add destination").click()
    expect(reader.get_by_role("row", name="team-chat")).to_contain_text("inside")
    expect(reader.locator("body")).not_to_contain_text("verysecret")

    reader.get_by_role("button", name="Send a test to team-chat").click()
    expect(reader.get_by_role("heading", name="Tieline can reach you")).to_contain_text("waiting")
    assert sending.send_next(postman)
    reader.goto("/notifications/log?state=dead")
    expect(reader.get_by_role("row", name="Tieline can reach you")).to_contain_text("answered 404")
    reader.get_by_role("link", name="Tieline can reach you").click()
    picture = reader.get_by_role("img", name="KR-1 45 %")
    assert picture.evaluate("one => one.complete && one.naturalWidth > 300")
    reader.evaluate(AXE.read_text())
    assert reader.evaluate("axe.run().then(found => found.violations.map(one => one.id))") == []

    reader.get_by_role("button", name="Send again").click()
    assert sending.send_next(postman)
    reader.reload()
    expect(reader.get_by_role("heading", name="Tieline can reach you")).to_contain_text("sent")
    assert '"Image"' in json.dumps(taken[1])

    reader.goto("/notifications")
    row = reader.get_by_role("row").filter(has=reader.get_by_role("button", name="Remove team-chat"))
    row.get_by_text("Change").click()
    row.locator("[name=pictures]").select_option("none")
    reader.evaluate(AXE.read_text())
    assert reader.evaluate("axe.run().then(found => found.violations.map(one => one.id))") == []
    row.get_by_role("button", name="Save").click()
    expect(row.get_by_role("cell", name="none", exact=True)).to_be_visible()
    reader.get_by_role("button", name="Remove team-chat").click()
    expect(reader.get_by_text("No destination yet")).to_be_visible()
