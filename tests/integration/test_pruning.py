"""Forgetting in a real store: later moments are told as before, earlier ones are refused, and a cut pruning goes on."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import SQLModel, col

from integration import pruning as job
from integration.answers import decide_due
from integration.contract import Fetched
from integration.past import past_store
from integration.pruning import Keeping, let_go, prune, prune_if_due, would_go
from integration.store import plans, pruning
from integration.store.acts import acts, note_act
from integration.store.backlog import backlog_at
from integration.store.engine import reading, writing
from integration.store.opened import Store
from integration.store.tables import AnswerRow, ConnectionRow, FindingEventRow, FindingRow, ItemStateRow, RestatementRow
from integration.store.writes import save_fetched
from mappings.analysis import analyse
from mappings.document import to_document
from mappings.model import ItemState, Sprint, SprintState, Status
from tests.integration.store.material import day, fresh_store, state, tracked
from tests.integration.test_touched import BOARDS, PLAN
from webhooks import inbox
from webhooks.intake import incoming, put

NOW = day(60)
KEPT = Keeping(history=timedelta(days=40))  # until day 20
LIMIT = day(20)
SPRINTS = tuple(
    Sprint(name, "B1", f"Sprint {name}", told, (), day(start), day(end), completed)
    for name, start, end, told, completed in (
        ("S1", 0, 10, SprintState.CLOSED, day(10.1)),
        ("S2", 10, 30, SprintState.CLOSED, day(30.1)),
        ("S3", 50, 64, SprintState.ACTIVE, None),
    )
)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    with fresh_store(database_url) as found:
        yield found


@pytest.fixture
def small(sqlite_url: str) -> Iterator[Engine]:
    with fresh_store(sqlite_url) as found:
        yield found


def history(seed: int, parent: str | None = None) -> tuple[ItemState, ...]:
    """A busy life of sixty days, the same each time."""
    dice = random.Random(seed)
    states = [state(-5, parent=parent)]
    texts: list[dict[str, Any]] = [
        {"points": 1},
        {"points": 5},
        {"time_spent": 60},
        {"time_spent": 3600},
        {"labels": ("x",)},
        {"labels": ()},
        {"sprints": ("S1",)},
        {"sprints": ("S2",)},
        {"status": Status.DONE},
        {"status": Status.DOING},
        {"tags": ("KR-1",)},
    ]
    for number in range(40):
        states.append(states[-1]._replace(at=day(-4 + number * 1.5), **dice.choice(texts)))
    return tuple(states)


def fill(engine: Engine, more: int = 0) -> None:
    items = (
        tracked("E", *history(1), level=1, updated=59),
        *(tracked(f"P-{number}", *history(number + 10, "E"), updated=59) for number in range(6 + more)),
        tracked("p-1", *history(90, "P-1"), level=-1, updated=59),
    )
    about: dict[str, Any] = {"tracker": "jira", "base_url": "https://acme.example", "callback_url": "", "mapping": {}}
    with writing(engine) as session:
        session.add(ConnectionRow(id="site", **about, created_at=day(-90)))
        plans.apply_plan(session, PLAN, day(-90), author="Ada")
        save_fetched(session, "site", Fetched(at=NOW, items=items, sprints=SPRINTS, boards=BOARDS), NOW)
    while decide_due(engine, NOW):
        pass


def told(engine: Engine) -> list[Any]:
    with reading(engine) as session:
        backlog = backlog_at(session, "site", NOW)
    return [to_document(analyse(backlog, moment)) for moment in (LIMIT, day(20.5), day(29), day(31), NOW)]


def states(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(ItemStateRow)) or 0


def kept(engine: Engine) -> dict[str, list[Any]]:
    """Answers with their receipts, restatements and the lives of findings."""
    found = {}
    with reading(engine) as session:
        for row in (AnswerRow, RestatementRow, FindingRow, FindingEventRow):
            table = SQLModel.metadata.tables[str(row.__tablename__)]
            found[table.name] = sorted(map(str, session.execute(select(table)).mappings()))
    return found


def test_later_moments_are_told_as_before_and_closed_figures_stay(engine: Engine) -> None:
    fill(engine)
    before, number, answers = told(engine), states(engine), kept(engine)
    assert would_go(engine, NOW, timedelta(days=40)) > 30
    assert states(engine) == number
    done = prune(engine, NOW, KEPT)
    assert done.earliest == LIMIT
    assert states(engine) == number - done.states < number - 30
    assert told(engine) == before
    assert kept(engine) == answers
    assert prune(engine, NOW, KEPT).states == 0


def test_a_past_day_that_can_be_asked_is_answered_as_before(small: Engine, tmp_path: Path) -> None:
    fill(small)
    before = _past(small, tmp_path / "a.sqlite")
    assert prune(small, NOW, KEPT).states
    assert _past(small, tmp_path / "b.sqlite") == before


def _past(engine: Engine, path: Path) -> list[Any]:
    there = past_store(Store(engine), day(21), NOW, str(path))
    with reading(there.engine) as session:
        columns = (col(AnswerRow.kind), col(AnswerRow.subject), col(AnswerRow.measure), col(AnswerRow.digest))
        found = sorted(map(tuple, session.execute(select(*columns))))
    there.engine.dispose()
    return found


def test_a_pruning_that_is_killed_goes_on_and_nothing_is_told_of_before_meanwhile(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(engine)
    before, number = told(engine), states(engine)
    monkeypatch.setattr(job, "AT_ONCE", 1)
    portions = []

    def killed(*of: Any, **more: Any) -> int:
        portions.append(of)
        if len(portions) == 3:
            raise KeyboardInterrupt
        return pruning_of(*of, **more)

    pruning_of = pruning.forget_states
    monkeypatch.setattr(pruning, "forget_states", killed)
    with pytest.raises(KeyboardInterrupt):
        prune(engine, NOW, KEPT)
    assert states(engine) < number
    with reading(engine) as session:
        assert pruning.earliest(session) == LIMIT
        assert pruning.pruned_at(session) is None
    assert told(engine) == before
    monkeypatch.setattr(pruning, "forget_states", pruning_of)
    prune(engine, NOW, KEPT)
    whole = states(engine)
    assert told(engine) == before
    assert would_go(engine, NOW, timedelta(days=40)) == 0
    assert whole < number


def test_whoever_is_told_to_stop_leaves_the_rest_for_the_next_time(
    small: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(small)
    monkeypatch.setattr(job, "AT_ONCE", 1)
    asked: list[int] = []

    def is_over() -> bool:
        asked.append(1)
        return len(asked) > 2

    first = prune(small, NOW, KEPT, is_over)
    with reading(small) as session:
        assert pruning.pruned_at(session) is None
    assert first.states
    assert prune(small, NOW, KEPT).states > first.states


def test_what_is_saved_while_history_is_forgotten_keeps_what_its_figures_rest_on(
    small: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = replace(SPRINTS[1], id="S9", start=day(6), completed=day(13.2))
    life = tuple(one._replace(sprints=("S9",), status=Status.DOING) for one in history(15, "E"))
    moved = tracked("P-5", *life, state(59.4, parent="E"), updated=59.4)

    def save_more(engine: Engine) -> None:
        with writing(engine) as session:
            save_fetched(session, "site", Fetched(at=day(59.6), items=(moved,), sprints=(late,)), day(59.6))

    with fresh_store(f"sqlite:///{tmp_path}/whole.sqlite") as whole:
        fill(whole)
        save_more(whole)
        wanted = told(whole)
    fill(small)
    monkeypatch.setattr(job, "AT_ONCE", 1)
    asked: list[int] = []

    def is_over() -> bool:
        asked.append(1)
        if len(asked) == 2:
            save_more(small)
        return False

    assert prune(small, NOW, KEPT, is_over).states
    assert told(small) == wanted
    prune(small, NOW, KEPT)
    assert (told(small), would_go(small, NOW, timedelta(days=40))) == (wanted, 0)


def test_an_item_that_is_read_again_is_saved_whole_and_forgotten_once_more(engine: Engine) -> None:
    fill(engine)
    prune(engine, NOW, KEPT)
    before, number = told(engine), states(engine)
    again = tracked("P-1", *history(11, "E"), state(59.5, points=8, parent="E"), updated=59.5)
    with writing(engine) as session:
        save_fetched(session, "site", Fetched(at=day(59.6), items=(again,)), day(59.6))
    with reading(engine) as session:
        assert list(backlog_at(session, "site", NOW).items[2].states) == list(again.item.states)
    assert prune(engine, day(61), Keeping(history=timedelta(days=41))).states
    assert states(engine) == number + 1
    assert told(engine)[:4] == before[:4]


def test_the_limit_never_moves_back(small: Engine) -> None:
    fill(small)
    assert prune(small, NOW, KEPT).earliest == LIMIT
    assert prune(small, NOW, replace(KEPT, history=timedelta(days=400))).earliest == LIMIT
    assert prune(small, NOW, Keeping()).earliest == LIMIT


def test_without_a_wish_all_history_is_kept(small: Engine) -> None:
    fill(small)
    number = states(small)
    assert prune(small, NOW, Keeping()).earliest is None
    assert states(small) == number


def test_pruning_is_done_once_a_day_whoever_asks(small: Engine) -> None:
    fill(small)
    assert prune_if_due(small, NOW, KEPT) is not None
    assert prune_if_due(small, NOW + timedelta(hours=23), KEPT) is None
    assert prune_if_due(small, NOW + timedelta(hours=24), KEPT) is not None


def test_deliveries_that_are_done_and_answers_go_as_their_time_ends(engine: Engine) -> None:
    _keep_one_of_each(engine)
    keeping = Keeping(deliveries=timedelta(days=14), raw_answers=timedelta(days=30))
    found = [let_go(engine, day(moment), keeping) for moment in (15, 15.1, 31, 31.1, 31.2)]
    assert found == [(0, 0), (1, 0), (0, 0), (0, 1), (0, 0)]


def test_a_pruning_takes_deliveries_and_answers_along(engine: Engine) -> None:
    _keep_one_of_each(engine)
    done = prune(engine, day(1.1), Keeping(deliveries=timedelta(0), raw_answers=timedelta(0)))
    assert (done.deliveries, done.raw_answers) == (1, 1)


def _keep_one_of_each(engine: Engine) -> None:
    with engine.begin() as connection:
        put(connection, [incoming("fake", "site", delivery_id=None, headers={}, body=b"[]", at=day(1))])
    with writing(engine) as session:
        [delivery] = inbox.claim(session, day(1), 10, timedelta(minutes=1))
        inbox.finish(session, delivery.id, "done")
        answer = Fetched(at=day(1), items=(tracked("P-1", state(0)),), raw={"id-P-1": b"{}"})
        save_fetched(session, "site", answer, day(1))


def test_acts_go_after_their_time_where_one_is_set(engine: Engine) -> None:
    with writing(engine) as session:
        for moment in (day(0), day(59)):
            note_act(session, moment, "Ada", "logged_in")
    assert prune(engine, NOW, Keeping(acts=timedelta(days=30))).acts == 1
    with reading(engine) as session:
        assert [one.at for one in acts(session)] == [day(59)]


def test_days_of_the_settings_become_times_to_keep() -> None:
    assert Keeping.of_days(14, 90, 0, 0) == Keeping()
    assert Keeping.of_days(1, 0, 365, 730) == Keeping(
        timedelta(days=1), timedelta(0), acts=timedelta(days=365), history=timedelta(days=730)
    )
