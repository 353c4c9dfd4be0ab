"""What pages show and do, the API does too: the table of docs/api.md holds every page, address and command there is."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

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


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[set[str]]:
    with fresh_store(f"sqlite:///{tmp_path_factory.mktemp('parity') / 'tieline.sqlite'}") as engine:
        yield {rule.rule for rule in create_app(engine, Settings()).url_map.iter_rules()}


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
