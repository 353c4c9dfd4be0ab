"""A site with objectives on two levels, key results that move and that do not, and four closed sprints."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import Engine

from integration.contract import Fetched, TrackedItem
from integration.store import plans
from integration.store.check_ins import CheckIn, keep_check_ins
from integration.store.engine import writing
from integration.store.tables import ConnectionRow
from mappings.model import (
    Board,
    Cycle,
    ItemState,
    KeyResult,
    MeasuredValue,
    Objective,
    Plan,
    Status,
    Team,
)
from tests.integration.store.material import day, fresh_store, sprint, state, tracked
from tests.reports.material import HOSTILE, NOW, Site, save, site_on


def measured(*values: tuple[float, int]) -> tuple[MeasuredValue, ...]:
    return tuple(MeasuredValue(day(at), value) for at, value in values)


KEY_RESULTS = (
    KeyResult("KR-C", "O-C", "Raise yearly revenue per shop from 40 to 55 thousand", unit="k€", baseline=40, target=55),
    KeyResult(
        "KR-1", "O-1", "Raise activation from 40 to 60 %", metric="activation", unit="%", baseline=40, target=60,
        supports=("KR-C",), values=measured((-50, 41), (-20, 46), (-3, 51)),
    ),
    KeyResult("KR-2", "O-1", HOSTILE, unit=HOSTILE, baseline=100, target=20, values=measured((-50, 90), (-2, 95))),
    KeyResult("KR-3", "O-2", "Checkout takes 30 seconds instead of 80", unit="s", baseline=80, target=30),
    KeyResult("KR-4", "O-2", "The bank lets us pay out at once", kind="binary"),
    KeyResult("KR-0", "O-0", "Sign-ups from 10 to 20 thousand", baseline=10, target=20, values=measured((-70, 19))),
)  # fmt: skip
TREE = Plan(
    teams=(Team("Company"), Team("Payments", "Company"), Team("Checkout", "Company")),
    cycles=(
        Cycle("2025Q4", date(2025, 10, 1), date(2025, 12, 31)),
        Cycle("2026Q1", date(2026, 1, 1), date(2026, 3, 31)),
    ),
    objectives=(
        Objective("O-C", "Shops earn more with us", "Company", "2026Q1"),
        Objective("O-1", "New shops are live in a day", "Payments", "2026Q1", "primary"),
        Objective("O-2", f"Nobody waits at the till {HOSTILE}", "Checkout", "2026Q1"),
        Objective("O-0", "Shops find us", "Payments", "2025Q4"),
    ),
    key_results=KEY_RESULTS,
)
BOARDS = (Board("B1", "Payments", team="Payments"),)
CLOSED = tuple(
    sprint(f"S{n}", "closed", "A goal", start=day(-56 + 14 * n), end=day(-43 + 14 * n), completed=day(-43 + 14 * n))
    for n in range(1, 4)
)
SPRINTS = (*CLOSED, sprint("S4", "active", "Merchants sign up alone"))


def done(key: str, sprint_name: str, at: float, points: int, tag: str) -> TrackedItem:
    before = ItemState(day(at - 8), sprints=(sprint_name,), points=points, tags=(tag,))
    after = ItemState(day(at), sprints=(sprint_name,), points=points, tags=(tag,), status=Status.DONE)
    return tracked(key, before, after, created=day(at - 9))


ITEMS = (
    *(done(f"PAY-{n}1", f"S{n}", -44 + 14 * n, 5, "KR-1") for n in range(1, 4)),
    *(done(f"PAY-{n}2", f"S{n}", -44 + 14 * n, 3, "KR-2") for n in range(1, 4)),
    tracked("PAY-41", state(-9, sprints=("S4",), points=5, tags=("KR-1",))),
    tracked(
        "PAY-E", state(-10, tags=("KR-1",), impact={"KR-1": 6}), type="epic", level=1, title=HOSTILE,
        url="https://acme.example/browse/PAY-E",
    ),
)  # fmt: skip


def fill_tree(engine: Engine, plan: Plan = TREE) -> None:
    with writing(engine) as session:
        plans.apply_plan(session, plan, day(-90), author="Ada")
        connection = ConnectionRow(
            id="shop", tracker="jira", base_url="https://acme.example", callback_url="", mapping={}, created_at=NOW
        )
        connection.last_sync_at = NOW
        session.add(connection)
    save(engine, Fetched(at=NOW, items=ITEMS, sprints=SPRINTS, boards=BOARDS))


def checked_in(code: str, at: float, value: int | None, note: str = "", confidence: int | None = None) -> CheckIn:
    return CheckIn(code, day(at), value, confidence, note, "Ada", NOW)


def say(engine: Engine, *given: CheckIn) -> int:
    with writing(engine) as session:
        return keep_check_ins(session, given, NOW)


@contextmanager
def tree(url: str) -> Iterator[Site]:
    with fresh_store(url) as engine:
        fill_tree(engine)
        yield site_on(engine)
