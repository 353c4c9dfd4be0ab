"""A small site for the tests of the store: what its tracker tells at one moment, built in a few words."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, make_url
from sqlmodel import SQLModel

import integration.store.check_in_tables
import integration.store.connecting_tables
import integration.store.mapping_tables
import integration.store.rule_tables
import integration.store.tables
import webhooks.inbox
from integration.contract import Fetched, TrackedItem
from integration.store.engine import create_engine
from mappings.model import Board, Goal, Item, ItemState, Sprint, SprintState

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TABLES = (
    integration.store.check_in_tables,
    integration.store.connecting_tables,
    integration.store.tables,
    integration.store.mapping_tables,
    integration.store.rule_tables,
    webhooks.inbox,
)  # imported so that all tables are known


def day(number: float) -> datetime:
    return MONDAY + timedelta(days=number)


@contextmanager
def fresh_store(url: str) -> Iterator[Engine]:
    """A store with all tables; a file that is there already is taken as it is."""
    file = make_url(url).database if url.startswith("sqlite:///") else None
    if file is not None and not Path(file).exists():
        Path(file).write_bytes(_empty_file(len(SQLModel.metadata.tables)))
    engine = create_engine(url)
    if file is None:
        SQLModel.metadata.create_all(engine)
    try:
        yield engine
    finally:
        engine.dispose()


@cache
def _empty_file(_tables: int) -> bytes:
    """A SQLite file with all tables that are known by now: copying one is quicker than making it for each test."""
    folder = tempfile.mkdtemp(prefix="tieline-tests-")
    engine = create_engine(f"sqlite:///{folder}/empty.sqlite")
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    made = Path(folder, "empty.sqlite").read_bytes()
    shutil.rmtree(folder)
    return made


def state(at: float, **values: Any) -> ItemState:
    return ItemState(day(at), **values)


def tracked(key: str, *states: ItemState, updated: float | None = None, **values: Any) -> TrackedItem:
    chosen = states or (state(-10),)
    fields: dict[str, Any] = {
        "type": "story",
        "level": 0,
        "created": day(-20),
        "project": "PAY",
        "title": f"Title of {key}",
    }
    item = Item(key=key, states=tuple(chosen), **{**fields, **values})
    return TrackedItem(id=f"id-{key}", item=item, updated=chosen[-1].at if updated is None else day(updated))


def sprint(name: str = "S1", told: str = "active", goal: str | None = None, **values: Any) -> Sprint:
    fields: dict[str, Any] = {"start": day(0), "end": day(11)}
    goals = (Goal(None, goal),)
    return Sprint(
        id=name, board="B1", name=f"Sprint {name}", state=SprintState(told), goals=goals, **{**fields, **values}
    )


def fetched(at: float, items: Iterable[TrackedItem] = (), sprints: Iterable[Sprint] = (), **values: Any) -> Fetched:
    return Fetched(at=day(at), items=tuple(items), sprints=tuple(sprints), boards=(BOARD,), **values)


BOARD = Board("B1", "Payments", team="Payments")


def moved(one: TrackedItem, key: str, updated: float) -> TrackedItem:
    return TrackedItem(one.id, replace(one.item, key=key), day(updated))
