"""What a backlog file becomes: exact numbers, whole states in order of time, defaults, and back into a file."""

import io
import json
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.files.backlog_file import Refused, dump, load, looks_like_jira
from mappings.model import (
    AllOf,
    AnyOf,
    Condition,
    Goal,
    Item,
    ItemState,
    MappingRule,
    Measure,
    MeasuredValue,
    Not,
    Periods,
    Settings,
    Split,
    Status,
)
from tests.integration.files.backlogs import Document, as_bytes, changed, document, faults_of, loaded
from tests.shared_material import SHARED


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def item_of(history: list[Document], **more: object) -> Item:
    found = document()
    found["items"] = [
        {"key": "A", "type": "story", "level": 0, "created": "2026-02-01T00:00:00Z", "history": history, **more}
    ]
    return loaded(found).items[0]


def test_settings_have_their_defaults_and_take_what_is_given() -> None:
    assert loaded(changed("settings", {})).plans[0].settings == Settings()
    given = loaded(document()).plans[0].settings
    assert given.unestimated == (("bug", "zero"), ("*", Fraction(5, 2)))
    assert given.thresholds == {"starved_kr": Fraction(15, 2)}
    assert given.time_zone == "Europe/Berlin"
    assert loaded(changed("settings", {"measure": "count", "unestimated": 3.0})).plans[0].settings == Settings(
        measure=Measure.COUNT, unestimated=(("*", 3),)
    )
    assert loaded(changed("settings.unestimated", {"bug": 1})).plans[0].settings.unestimated[1] == ("*", "median")


def test_rules_become_conditions() -> None:
    first, second, third = loaded(document()).plans[0].rules
    assert first == MappingRule(Condition("label", "support"), (), "on call", date(2026, 1, 1), date(2026, 6, 30))
    assert second.when == AllOf((Condition("type", "bug"), Not(Condition("text", "old"))))
    assert second.key_results == ("KR-1:70", "kr-2:30")
    assert third.when == AnyOf((Condition("ancestor", "E1"), Condition("field", "pay", "Area")))


def test_several_conditions_in_one_when_must_all_hold() -> None:
    found = loaded(changed("rules.0.when", {"label": "a", "type": "b"}))
    assert found.plans[0].rules[0].when == AllOf((Condition("label", "a"), Condition("type", "b")))


def test_the_register_is_exact_and_in_order_of_time() -> None:
    plan = loaded(document()).plans[0]
    assert plan.teams[1].split == Split(Fraction(139, 2), Fraction(41, 2), 10)
    one, two = plan.key_results
    assert one.values == (
        MeasuredValue(at("2026-02-01"), 53),
        MeasuredValue(at("2026-02-02"), Fraction(217, 4)),
    )
    assert (one.supports, one.since, one.until, one.cadence_days) == (
        ("KR-2",), date(2026, 1, 15), date(2026, 2, 14), 30,
    )  # fmt: skip
    assert (two.kind, two.confidence, two.aliases) == ("binary", Fraction(7, 10), ())


def test_of_two_values_at_the_same_time_the_later_in_the_file_holds() -> None:
    same = [{"at": "2026-02-01T00:00:00Z", "value": 1}, {"at": "2026-02-01T01:00:00+01:00", "value": 2}]
    found = loaded(changed("key_results.0.values", same)).plans[0].key_results[0]
    assert found.values == (MeasuredValue(at("2026-02-01"), 2),)


def test_sprints_have_goals_times_in_utc_and_teams() -> None:
    first, second, third = loaded(document()).sprints
    assert first.goals == (Goal(None, "Better"),)
    assert first.start == at("2026-03-02T08:00")
    assert second.goals == (Goal(at("2026-03-16T09:00"), None), Goal(at("2026-03-17T09:00"), "New"))
    assert (second.team, third.goals, third.start) == ("Group", (), None)
    assert loaded(document()).boards[1].periods is Periods.WEEK


def test_a_supported_or_moved_key_result_is_written_as_in_the_register() -> None:
    assert loaded(document()).items[0].states[0].impact == {"KR-1": Fraction(3, 2), "KR-2": -2}
    assert loaded(changed("key_results.0.supports", ["kr-2"])).plans[0].key_results[0].supports == ("KR-2",)


def test_history_becomes_whole_states() -> None:
    item = loaded(document()).items[1]
    start, first, second = item.states
    assert start == ItemState(at("2026-02-01"))
    assert first == ItemState(at("2026-02-03"), points=Fraction(7, 2), parent="E1", sprints=("S1",), tags=("KR-1",))
    assert second == first._replace(
        at=at("2026-03-10"), status=Status.DONE, fields={"Area": ("pay", "shop"), "Size": "L"}, team="Group", board="B2"
    )
    assert (item.project, item.title, item.deleted, item.history_known) == ("PAY", "Setup", None, True)


def test_an_item_without_history_is_there_from_its_creation() -> None:
    assert item_of([]).states == (ItemState(at("2026-02-01")),)


def test_entries_need_not_be_sorted() -> None:
    early, late = {"at": "2026-02-01T00:00:00Z", "points": 1}, {"at": "2026-02-02T00:00:00Z", "points": 2}
    assert item_of([late, early]) == item_of([early, late])


def test_of_two_entries_at_the_same_time_the_later_in_the_file_wins() -> None:
    item = item_of(
        [
            {"at": "2026-02-02T00:00:00Z", "points": 1, "tags": ["a"]},
            {"at": "2026-02-01T00:00:00Z", "points": 5},
            {"at": "2026-02-02T01:00:00+01:00", "points": 2},
        ]
    )
    assert item.states == (
        ItemState(at("2026-02-01"), points=5),
        ItemState(at("2026-02-02"), points=2, tags=("a",)),
    )


def test_entries_before_creation_are_kept_and_nothing_is_put_before_them() -> None:
    item = item_of([{"at": "2026-01-01T00:00:00Z", "status": "done"}])
    assert item.states == (ItemState(at("2026-01-01"), status=Status.DONE),)


def test_an_entry_after_now_is_kept_for_later() -> None:
    item = item_of([{"at": "2026-02-01T00:00:00Z"}, {"at": "2027-01-01T00:00:00Z", "points": 3}])
    assert [state.points for state in item.states] == [None, 3]


def test_fields_merge_by_name_and_impact_is_replaced_whole() -> None:
    item = item_of(
        [
            {"at": "2026-02-01T00:00:00Z", "fields": {"a": "1", "b": ["x"]}, "impact": {"KR-1": 1, "KR-2": 2}},
            {"at": "2026-02-02T00:00:00Z", "fields": {"b": None, "c": "3"}, "impact": {"KR-2": 3}},
        ]
    )
    assert item.states[0].fields == {"a": "1", "b": ("x",)}
    assert item.states[1].fields == {"a": "1", "b": None, "c": "3"}
    assert item.states[1].impact == {"KR-2": 3}


def test_without_history_all_but_the_status_is_that_of_today() -> None:
    item = item_of(
        [
            {"at": "2026-02-05T00:00:00Z", "points": 1, "tags": ["KR-1"]},
            {"at": "2026-02-10T00:00:00Z", "status": "done"},
            {"at": "2026-02-20T00:00:00Z", "points": 8, "sprints": ["S1"]},
            {"at": "2027-01-01T00:00:00Z", "points": 13, "status": "dropped"},
        ],
        history_known=False,
    )
    today = ItemState(at("2026-02-01"), points=8, tags=("KR-1",), sprints=("S1",))
    assert item.states == (today, today._replace(at=at("2026-02-10"), status=Status.DONE))


def test_without_history_a_status_from_the_beginning_needs_no_other_before_it() -> None:
    item = item_of([{"at": "2026-01-01T00:00:00Z", "status": "doing", "points": 2}], history_known=False)
    assert item.states == (ItemState(at("2026-01-01"), status=Status.DOING, points=2),)


def test_without_history_an_item_of_which_nothing_is_true_yet_is_fresh() -> None:
    later = "2027-01-01T00:00:00Z"
    item = item_of([{"at": later, "points": 3}], created=later, history_known=False)
    assert item.states == (ItemState(at("2027-01-01")),)


def test_decimals_are_exact() -> None:
    text = as_bytes(document()).replace(b'"points": 3.5', b'"points": 0.1000000000000000055511151231257827')
    points = load(text).items[1].states[1].points
    assert points == Fraction("0.1000000000000000055511151231257827")
    assert load(as_bytes(document()).replace(b'"points": 3.5', b'"points": 3e0')).items[1].states[1].points == 3
    assert load(as_bytes(document()).replace(b'"points": 3.5', b'"points": -0.0')).items[1].states[1].points == 0


def test_a_day_beyond_the_calendar_of_computing_stands_for_ever() -> None:
    found = loaded(changed("rules.0.until", "9999-12-31")).plans[0].rules[0]
    assert found.until == date(9000, 12, 31)


def test_a_byte_order_mark_and_blanks_do_no_harm() -> None:
    assert load(b"\xef\xbb\xbf" + as_bytes(document())) == loaded(document())
    assert load(b"\n\t " + json.dumps(document(), indent=8).encode() + b"\n\n") == loaded(document())


class _Dripping(io.BytesIO):
    """A file that gives a few bytes at a time."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 7, 7))


def test_a_file_may_come_in_any_pieces() -> None:
    found = changed("items.1.title", "Größe 😀 \\u0041")
    assert load(_Dripping(as_bytes(found))) == loaded(found)
    assert load(_Dripping(json.dumps(found).encode())) == loaded(found)


def test_what_jira_answers_is_told_from_a_backlog_file() -> None:
    assert looks_like_jira(b'{"expand": "names", "startAt": 0')
    assert looks_like_jira(b'{ "key" : "PAY-1"')
    assert not looks_like_jira(as_bytes(document()))
    assert not looks_like_jira(b"{}")


# --- and back


def test_a_backlog_comes_back_from_its_file() -> None:
    backlog = loaded(document())
    assert load(dump(backlog)) == backlog


def test_a_field_that_is_gone_is_written_as_null() -> None:
    item = Item(
        "A", "story", 0, at("2026-02-01"),
        (ItemState(at("2026-02-01"), fields={"a": "1"}), ItemState(at("2026-02-02"))),
    )  # fmt: skip
    written = json.loads(dump(loaded(document()).__class__(at("2026-03-01"), items=(item,))))
    assert written["items"][0]["history"][1] == {"at": "2026-02-02T00:00:00Z", "fields": {"a": None}}


def test_the_first_state_is_written_as_holding_from_the_beginning() -> None:
    item = Item("A", "story", 0, at("2026-02-01"), (ItemState(at("2026-02-05"), points=3),))
    back = load(dump(loaded(document()).__class__(at("2026-03-01"), items=(item,)))).items[0]
    assert back.states == (ItemState(at("2026-02-01"), points=3),)


_MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 3, 19), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.isoformat()
)
_NUMBERS = st.decimals(0, 1000, places=3).map(float)
_TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
_ENTRY = st.fixed_dictionaries(
    {"at": _MOMENTS},
    optional={
        "status": st.sampled_from(["todo", "doing", "done", "dropped"]),
        "points": st.none() | _NUMBERS,
        "tags": st.lists(_TEXTS, max_size=3),
        "sprints": st.lists(st.sampled_from(["S1", "S2", "S3"]), max_size=3, unique=True),
        "parent": st.sampled_from([None, "E1", "X-1"]),
        "labels": st.lists(_TEXTS, max_size=2),
        "components": st.lists(_TEXTS, max_size=2),
        "original_estimate": st.none() | st.integers(0, 10**6),
        "time_spent": st.integers(0, 10**6),
        "fields": st.dictionaries(_TEXTS, st.none() | _TEXTS | st.lists(_TEXTS, max_size=2), max_size=3),
        "team": st.sampled_from([None, "Group", "Payments"]),
        "board": st.sampled_from([None, "B1", "B2"]),
        "impact": st.dictionaries(st.sampled_from(["KR-1", "KR-2"]), st.integers(-5, 5)),
    },
)


@given(history=st.lists(_ENTRY, max_size=6), created=_MOMENTS, known=st.booleans(), title=_TEXTS)
@settings(max_examples=150, deadline=None)
def test_any_history_comes_back_from_its_file(history: list[Document], created: str, known: bool, title: str) -> None:
    found = document()
    found["items"][1] |= {"history": history, "created": created, "history_known": known, "title": title}
    backlog = loaded(found)
    assert load(dump(backlog)) == backlog


# --- fuzz


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every container with each of its keys or indexes."""
    found: list[tuple[Any, Any]] = []
    inner = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    for key, part in inner:
        found.append((value, key))
        found += _places(part)
    return found


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(
        ["KR-1", "S1", "E1", "A", "2026-01-01", "2026-01-01T00:00:00Z", "done", "none", "9999-12-31", "B2"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_stands_in_a_place_only_a_refusal_comes_of_it(data: st.DataObject) -> None:
    found = document()
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(_places(found)))
        container[key] = data.draw(_JSON)
    faults = faults_of(json.dumps(found).encode())
    assert all(fault.isprintable() for fault in faults)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_whatever_bytes_are_changed_only_a_refusal_comes_of_it(data: st.DataObject) -> None:
    text = bytearray(as_bytes(document()))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        text[start : start + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=6))
    faults_of(bytes(text))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    with pytest.raises(Refused):
        load(text)


if SHARED is not None:
    _EXAMPLES = sorted((SHARED / "formats").rglob("*.backlog.json"))

    @pytest.mark.parametrize("path", _EXAMPLES, ids=lambda path: path.name)
    def test_the_examples_of_the_format_load_and_come_back(path: Any) -> None:
        backlog = load(path.read_bytes())
        assert backlog.items
        assert load(dump(backlog)) == backlog
