"""Backlog files and exports as texts, and what becomes of them in a store."""

import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from integration.answers import decide_due
from integration.files.any_file import Reading
from integration.imports import importing
from integration.imports.importing import Import, Wish
from integration.secrets import Vault, new_key
from integration.store import plans
from integration.store.backlog import backlog_at
from integration.store.engine import reading, writing
from mappings.model import Backlog, Cycle, KeyResult, Objective, Plan
from tests.integration.store.material import day

SEEN, NOW = day(5), day(6)
VAULT = Vault([new_key()])
SAMPLE = Path("docs/samples/checkout.backlog.json")
REGISTER = Plan(
    cycles=(Cycle("2026Q1", day(-40).date(), day(80).date()),),
    objectives=(Objective("O1", "Shops start fast", "Payments", "2026Q1"),),
    key_results=(KeyResult("KR-1", "O1", "Raise activation"),),
)


def told(*items: dict[str, Any], at: datetime = SEEN, **sections: Any) -> bytes:
    """A backlog file with one active sprint, without OKRs unless given."""
    return json.dumps(
        {
            "format": "tieline-backlog/1",
            "now": at.isoformat(),
            "boards": [{"id": "B1", "name": "Payments"}],
            "sprints": [
                {"id": "S1", "board": "B1", "name": "One", "state": "active", "goal": "Go", "start": day(0).isoformat()}
            ],
            "items": list(items),
            **sections,
        }
    ).encode()


def item(key: str, **state: Any) -> dict[str, Any]:
    first = {"at": day(-2).isoformat(), "sprints": ["S1"], "points": 3, **state}
    return {"key": key, "type": "story", "level": 0, "created": day(-2).isoformat(), "history": [first]}


OKRS: dict[str, Any] = {
    "cycles": [{"id": "2026Q1", "start": "2026-01-01", "end": "2026-03-31"}],
    "objectives": [{"id": "OWN-O", "title": "Ours", "team": "Payments", "cycle": "2026Q1"}],
    "key_results": [{"code": "OWN-1", "objective": "OWN-O", "title": "Raise it"}],
}


def prepared(engine: Engine, data: bytes, now: datetime = NOW, **wish: Any) -> Import:
    given = {"name": "file", "file": "file.json", "actor": "Ada", "how": Reading(), **wish}
    return importing.prepare(engine, io.BytesIO(data), Wish(**given), now)


def imported(engine: Engine, data: bytes, now: datetime = NOW, **wish: Any) -> Import:
    ready = prepared(engine, data, now, **wish)
    importing.save(engine, VAULT, ready, lambda: now)
    decide_due(engine, now + timedelta(seconds=1))
    return ready


def apply_register(engine: Engine, plan: Plan = REGISTER) -> None:
    with writing(engine) as session:
        plans.apply_plan(session, plan, day(0), author="Ada")


def backlog_kept(engine: Engine, name: str, now: datetime) -> Backlog:
    with reading(engine) as session:
        return backlog_at(session, name, now)
