"""Saving is idempotent, keeps history and does not care in which order answers come."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, text
from sqlmodel import col

from integration.contract import Fetched
from integration.store import due
from integration.store.backlog import backlog_around, backlog_at
from integration.store.due import Touched
from integration.store.engine import reading, writing
from integration.store.tables import ItemRow, ItemStateRow
from integration.store.writes import save_fetched
from mappings.model import Backlog, Item, Sprint, Status
from tests.integration.store.material import day, fetched, fresh_store, moved, sprint, state, tracked


def save(engine: Engine, *answers: Fetched) -> Touched:
    touched = Touched()
    for answer in answers:
        with writing(engine) as session:
            touched = save_fetched(session, "site", answer, answer.at)
    return touched


def stored(engine: Engine) -> Backlog:
    with reading(engine) as session:
        return backlog_at(session, "site", day(40))


def only_item(engine: Engine) -> Item:
    [item] = stored(engine).items
    return item


def only_sprint(engine: Engine) -> Sprint:
    [found] = stored(engine).sprints
    return found


# --- items


def test_saving_the_same_answer_again_touches_nothing(engine: Engine) -> None:
    answer = fetched(1, [tracked("PAY-1", state(0, sprints=("S1",)))], [sprint()])
    assert save(engine, answer).is_anything
    assert not save(engine, answer).is_anything
    assert not save(engine, replace(answer, at=day(2))).is_anything


def test_an_older_answer_never_overwrites_a_newer_one(engine: Engine) -> None:
    old, new = tracked("PAY-1", state(0)), tracked("PAY-1", state(0), state(3, points=5))
    save(engine, fetched(4, [new]), fetched(5, [old]))
    assert only_item(engine) == new.item


def test_an_equally_old_item_read_anew_is_taken_over(engine: Engine) -> None:
    save(engine, fetched(4, [tracked("PAY-1", state(0, tags=()))]))
    read_anew = tracked("PAY-1", state(0, tags=("KR-1",)))
    touched = save(engine, fetched(5, [read_anew]))
    assert only_item(engine) == read_anew.item
    assert touched.items == {"PAY-1"}


def test_only_the_states_that_differ_are_written(engine: Engine) -> None:
    states = [state(number, points=number) for number in range(5)]
    save(engine, fetched(6, [tracked("PAY-1", *states)]))
    with writing(engine) as session:
        session.execute(text("UPDATE item_states SET labels = '[\"untouched\"]' WHERE position < 4"))
    save(engine, fetched(8, [tracked("PAY-1", *states, state(7, points=9))]))
    with reading(engine) as session:
        labels = session.scalars(select(col(ItemStateRow.labels)).order_by(col(ItemStateRow.position))).all()
    assert len(labels) == 6
    assert labels[-1] == ()


def test_a_shorter_history_replaces_a_longer_one(engine: Engine) -> None:
    save(engine, fetched(4, [tracked("PAY-1", state(0), state(1, points=1), state(2, points=2))]))
    read_anew = tracked("PAY-1", state(0), state(2, points=2))
    save(engine, fetched(5, [read_anew]))
    assert only_item(engine) == read_anew.item


def test_an_item_that_is_gone_is_deleted_at_that_moment_and_keeps_its_history(engine: Engine) -> None:
    one = tracked("PAY-1", state(0), state(1, points=3))
    save(engine, fetched(2, [one]), fetched(3, gone=("id-PAY-1",)), fetched(4, gone=("id-PAY-1",)))
    assert only_item(engine) == replace(one.item, deleted=day(3))


def test_an_item_seen_after_its_deletion_is_there_again(engine: Engine) -> None:
    one = tracked("PAY-1")
    save(engine, fetched(2, [one]), fetched(3, gone=("id-PAY-1",)), fetched(4, [one]))
    assert only_item(engine).deleted is None


def test_an_old_answer_does_not_bring_a_deleted_item_to_life(engine: Engine) -> None:
    one = tracked("PAY-1")
    save(engine, fetched(3, gone=("id-PAY-1",)), fetched(2, [one]))
    assert only_item(engine).deleted == day(3)


def test_an_item_that_moves_keeps_its_old_key_as_an_alias_and_its_children(engine: Engine) -> None:
    epic = tracked("PAY-1", type="epic", level=1)
    child = tracked("PAY-2", state(0, parent="PAY-1"))
    save(engine, fetched(1, [epic, child]), fetched(2, [moved(epic, "OPS-9", 1.5)]))
    items = {item.key: item for item in stored(engine).items}
    assert items["OPS-9"].aliases == ("PAY-1",)
    assert items["PAY-2"].states[0].parent == "OPS-9"


def test_an_answer_without_history_adds_only_how_it_is_now(engine: Engine) -> None:
    full = tracked("PAY-1", state(0), state(1, points=1))
    stub = tracked("PAY-1", state(0, points=2), updated=3, history_known=False)
    save(engine, fetched(2, [full]), fetched(4, [stub]))
    assert only_item(engine).states == (*full.item.states, state(3, points=2))
    assert only_item(engine).history_known


def test_an_item_that_names_a_sprint_nobody_told_us_of_is_loaded_without_it(engine: Engine) -> None:
    save(engine, fetched(2, [tracked("PAY-1", state(0, sprints=("S1", "S9"), board="B9"))], [sprint()]))
    assert only_item(engine).states == (state(0, sprints=("S1",)),)


def test_a_circle_of_parents_is_opened(engine: Engine) -> None:
    one, other = tracked("PAY-1", state(0, parent="PAY-2")), tracked("PAY-2", state(0, parent="PAY-1"))
    save(engine, fetched(2, [one, other]))
    assert sorted(str(item.states[0].parent) for item in stored(engine).items) == ["None", "PAY-1"]


# --- sprints


def test_a_sprint_starts_when_the_change_from_future_to_active_was_seen(engine: Engine) -> None:
    save(engine, fetched(-1, [], [sprint(told="future")]), fetched(0.5, [], [sprint(told="active")]))
    assert only_sprint(engine).start == day(0.5)


def test_a_sprint_first_seen_active_starts_as_first_told(engine: Engine) -> None:
    save(engine, fetched(1, [], [sprint()]), fetched(2, [], [sprint(start=day(1.5))]))
    assert only_sprint(engine).start == day(0)


def test_a_sprint_never_starts_after_it_was_seen_active(engine: Engine) -> None:
    save(engine, fetched(1, [], [sprint(start=day(3))]))
    assert only_sprint(engine).start == day(1)


def test_an_exact_start_is_taken_as_told(engine: Engine) -> None:
    told = fetched(-1, [], [sprint(told="future")]), fetched(0.5, [], [sprint(start=day(0.25))], starts_are_exact=True)
    save(engine, *told)
    assert only_sprint(engine).start == day(0.25)


def test_a_re_opened_sprint_is_active_again_and_completes_at_its_last_completion(engine: Engine) -> None:
    save(engine, fetched(1, [], [sprint()]), fetched(10, [], [sprint(told="closed", completed=day(9))]))
    save(engine, fetched(11, [], [sprint()]))
    assert only_sprint(engine).completed is None
    save(engine, fetched(13, [], [sprint(told="closed", completed=day(12))]))
    assert only_sprint(engine).completed == day(12)
    assert only_sprint(engine).start == day(0)


def test_goals_are_kept_with_the_moment_they_were_first_seen(engine: Engine) -> None:
    save(
        engine, *(fetched(at, [], [sprint(goal=goal)]) for at, goal in ((1, "one"), (2, "one"), (3, "two"), (4, "two")))
    )
    assert [(goal.at, goal.text) for goal in only_sprint(engine).goals] == [(None, "one"), (day(3), "two")]


def test_a_sprint_that_is_gone_is_not_in_the_backlog(engine: Engine) -> None:
    save(engine, fetched(1, [], [sprint()]), fetched(2, gone_sprints=("S1",)))
    assert stored(engine).sprints == ()


# --- what is touched


def test_a_late_edit_touches_only_the_corrected_figures_of_a_closed_sprint(engine: Engine) -> None:
    closed = sprint(told="closed", completed=day(10))
    states = (state(0, sprints=("S1",)),)
    save(engine, fetched(11, [tracked("PAY-1", *states)], [closed]))
    touched = save(engine, fetched(13, [tracked("PAY-1", *states, state(12, sprints=("S1",), tags=("KR-1",)))]))
    assert touched.figures == frozenset()
    assert touched.corrected == {"S1"}


def test_what_is_learnt_late_touches_a_closed_sprint_and_those_after_it(engine: Engine) -> None:
    first, second = sprint("S1", "closed", completed=day(10)), sprint("S2", start=day(11))
    save(engine, fetched(12, [tracked("PAY-1", state(0, sprints=("S1",)))], [first, second]))
    touched = save(engine, fetched(13, [tracked("PAY-1", state(0, sprints=("S1",), points=3))]))
    assert touched.figures == {"S1", "S2"}


def test_a_tag_on_an_epic_touches_the_sprints_of_all_below_it(engine: Engine) -> None:
    story, subtask = (
        tracked("PAY-2", state(0, parent="PAY-1")),
        tracked("PAY-3", state(0, parent="PAY-2", sprints=("S1",))),
    )
    epic = tracked("PAY-1", type="epic", level=1)
    save(engine, fetched(1, [epic, story, subtask], [sprint()]))
    touched = save(engine, fetched(3, [tracked("PAY-1", state(-10), state(2, tags=("KR-1",)), type="epic", level=1)]))
    assert touched.figures == {"S1"}
    assert touched.items == {"PAY-1"}


def test_what_is_due_is_noted_with_the_save(engine: Engine) -> None:
    save(engine, fetched(1, [tracked("PAY-1", state(0, sprints=("S1",)))], [sprint()]))
    with reading(engine) as session:
        [work] = due.waiting(session)
    assert work.figures == {"S1"}
    assert work.everything_since == day(1)


def test_the_backlog_around_a_sprint_holds_what_is_above_and_below_its_items_and_its_pool(engine: Engine) -> None:
    items = [
        tracked("E", type="epic", level=1),
        tracked("A", state(0, parent="E", sprints=("S2",))),
        tracked("A-sub", state(0, parent="A"), level=-1),
        tracked("B", state(-9, sprints=("S1",))),
        tracked("C", state(0, parent="E")),
    ]
    sprints = [sprint("S1", "closed", start=day(-10), completed=day(-1)), sprint("S2")]
    save(engine, fetched(1, items, sprints))
    with reading(engine) as session:
        backlog = backlog_around(session, "site", ["S2"], day(2))
    assert {item.key for item in backlog.items} == {"E", "A", "A-sub", "B"}


# --- any order


def _world() -> list[Fetched]:
    """A site told at eight moments, each answer whole and true of its moment."""
    epic = tracked("PAY-1", type="epic", level=1)
    story = [
        tracked("PAY-2", state(-5)),
        tracked("PAY-2", state(-5), state(0.5, sprints=("S1",))),
        tracked("PAY-2", state(-5), state(0.5, sprints=("S1",)), state(2, sprints=("S1",), status=Status.DONE)),
    ]
    bug = tracked("PAY-3", state(1, sprints=("S1",), points=2), created=day(1))
    planned, active, closed = (
        sprint(told="future"),
        sprint(goal="one"),
        sprint(told="closed", goal="two", completed=day(9)),
    )
    return [
        fetched(-1, [epic, story[0]], [planned]),
        fetched(0, [], [active]),
        fetched(1.5, [story[1], bug], [active]),
        fetched(2.5, [story[2]], [sprint(goal="two")]),
        fetched(3, [epic], [], gone=("id-PAY-3",)),
        fetched(4, [moved(epic, "OPS-1", 3.5)], [sprint(goal="two", start=day(1))]),
        fetched(9.5, [], [closed], hidden_parents=frozenset({"SECRET-1"})),
        fetched(10, [story[2]], [closed], gone=("id-PAY-3",)),
    ]


def _kept(answers: Sequence[Fetched]) -> tuple[Any, ...]:
    with fresh_store("sqlite://") as engine, writing(engine) as session:
        for answer in answers:
            save_fetched(session, "site", answer, answer.at)
        backlog = backlog_at(session, "site", day(20))
        history = session.execute(select(func.count()).select_from(ItemStateRow)).scalar_one()
        fetched_at = session.scalars(select(col(ItemRow.fetched_at)).order_by(col(ItemRow.key))).all()
    items = tuple(sorted(backlog.items, key=lambda item: item.key))
    return replace(backlog, items=items), history, fetched_at


@settings(max_examples=30)
@given(st.permutations([*_world(), *_world()]))
def test_all_answers_twice_and_shuffled_end_in_the_same_store(answers: list[Fetched]) -> None:
    assert _kept(answers) == _kept(_world())
