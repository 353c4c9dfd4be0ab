"""What pages show and do, the API does too: the table of docs/api.md holds every page, address and command there is."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.routing import Map

from service.app import create_app
from service.cli import COMMANDS
from service.settings import Settings
from tests.integration.store.material import fresh_store

TABLE = (Path(__file__).resolve().parent.parent / "docs" / "api.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1:4] for line in TABLE.splitlines() if line.startswith("| ") and line.count("|") == 4][2:]
# For people alone, or no page at all.
APART = {"login", "logout", "healthz", "metrics", "static", "badge", "widget", "pictures", "hooks"}
# At the command line beside what pages do: the installation itself, and work on files.
OTHER_COMMANDS = {"analyse", "mcp", "migrate", "okrs", "prune", "read", "serve", "worker", "notify"}


# What people send on pages, and what a program sends in its place; `*` stands for a part that is chosen.
ACTS = {
    "/account/logins/*/end": "POST /logins/*/end",
    "/account/password": "POST /password",
    "/account/tokens": "POST /tokens",
    "/account/tokens/*/revoke": "POST /tokens/*/revoke",
    "/accounts": "POST /accounts",
    "/accounts/tokens/*/revoke": "POST /tokens/*/revoke",
    "/connect": "POST /connect",
    "/connect/*/boards": "PUT /connect/*/choice",
    "/connect/*/discard": "DELETE /connect/*",
    "/connect/*/fields": "PUT /connect/*/choice",
    "/connect/*/login": "POST /connect/*/login",
    "/connect/*/look": "POST /connect/*/look",
    "/connect/*/projects": "POST /connect/*/look",
    "/connect/*/statuses": "PUT /connect/*/choice",
    "/connect/*/webhook": "POST /connect/*/finish",
    "/connections/*/anew": "POST /connect",
    "/connections/*/remove": "POST /connections/*/remove",
    "/connections/*/webhook": "POST /connections/*/webhook",
    "/deliveries/*/replay": "POST /deliveries/*/replay",
    "/deliveries/replay": "POST /deliveries/replay",
    "/draft": "POST /judge",
    "/epics/chosen": "POST /epics/acts",
    "/epics/done": "POST /epics/acts",
    "/epics/likely": "POST /rules",
    "/epics/views": "POST /epics/views",
    "/epics/views/*/drop": "DELETE /epics/views/*",
    "/findings/*": "POST /findings/*/acts",
    "/findings/chosen": "POST /findings/acts",
    "/import": "POST /imports",
    "/key-results": "POST /check-ins",
    "/key-results/*/check-ins": "POST /key-results/*/check-ins",
    "/key-results/*/wording": "POST /key-results/*/overrulings",
    "/notifications/destinations": "POST /notifications/destinations",
    "/notifications/destinations/*/change": "POST /notifications/destinations/*/change",
    "/notifications/destinations/*/remove": "DELETE /notifications/destinations/*",
    "/notifications/destinations/*/secret": "POST /notifications/destinations/*/secret",
    "/notifications/destinations/*/test": "POST /notifications/destinations/*/test",
    "/notifications/messages/*/picture/revoke": "DELETE /notifications/messages/*/picture",
    "/notifications/messages/*/replay": "POST /notifications/messages/*/replay",
    "/notifications/shares": "POST /notifications/shares",
    "/notifications/shares/*/revoke": "DELETE /notifications/shares/*",
    "/notifications/subscriptions": "POST /notifications/subscriptions",
    "/notifications/subscriptions/*/remove": "DELETE /notifications/subscriptions/*",
    "/phrases": "POST /phrases/take-back",
    "/rules/*/edit": "PUT /rules/*",
    "/rules/*/end": "POST /rules/*/end",
    "/rules/new": "POST /rules",
    "/sample/load": "POST /sample",
    "/sample/remove": "DELETE /sample",
    "/sprints/*/*/overrule": "POST /sprints/*/overrulings",
    "/write-back/*/send": "POST /write-back/*/send",
    "/write-back/*/stop": "POST /write-back/*/stop",
    "/write-back/*/undo": "POST /write-back/*/undo",
    "/write-back/new": "POST /write-back",
    "/write-back/switch": "POST /write-back/switches",
}
FOR_PEOPLE = {"/login", "/logout"}


@pytest.fixture(scope="module")
def site_map(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Map]:
    with fresh_store(f"sqlite:///{tmp_path_factory.mktemp('parity') / 'tieline.sqlite'}") as engine:
        yield create_app(engine, Settings()).url_map


@pytest.fixture(scope="module")
def rules(site_map: Map) -> set[str]:
    return {rule.rule for rule in site_map.iter_rules()}


def sent(site_map: Map) -> Iterator[str]:
    """Method and address of everything that can be sent."""
    for rule in site_map.iter_rules():
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            yield f"{method} {re.sub('<[^>]*>', '*', rule.rule)}"


def test_whatever_is_done_on_pages_a_program_can_do(site_map: Map) -> None:
    offered = set(sent(site_map))
    on_pages = {address.removeprefix("POST ") for address in offered if "/api/v1/" not in address}
    assert on_pages - FOR_PEOPLE == set(ACTS)
    by_api = {address.replace("/api/v1", "", 1) for address in offered if "/api/v1/" in address}
    assert set(ACTS.values()) - by_api == set()


def named(column: int) -> set[str]:
    return {word for row in ROWS for word in re.findall(r"`([^`]+)`", row[column])}


def test_the_table_names_every_page(rules: set[str]) -> None:
    pages = {rule.split("/")[1].partition(".")[0] for rule in rules if not rule.startswith("/api/")} - APART - {""}
    told = {word.split("/")[1] for word in named(0) if word != "/"}
    assert pages - told == set()


def test_the_table_names_every_address_of_the_api(rules: set[str]) -> None:
    offered = {rule.split("/")[3].partition("?")[0] for rule in rules if rule.startswith("/api/v1/")}
    told = {re.split(r"[/?]", word.removeprefix("PUT ").removeprefix("DELETE "))[0] for word in named(1)}
    assert offered - told - {"openapi.json"} == set()


def test_the_table_names_every_command() -> None:
    told = {word.split()[1] for word in named(2) if word.startswith("tieline ")}
    assert set(COMMANDS) - told - OTHER_COMMANDS == set()
    assert told <= set(COMMANDS)
