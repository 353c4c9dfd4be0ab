"""Every refusal of the backlog file, each with the place that the fault names and a part of its sentence."""

import json

import pytest

from tests.integration.files.backlogs import Document, changed, document, faults_of, without

NOWHERE = object()
HISTORY = "items.1.history.0"

VALUES: list[tuple[str, object, str, str]] = [
    # the head
    ("format", "tieline-backlog/2", "format", "must be"),
    ("now", "2026-03-20T12:00:00", "now", "no offset"),
    ("now", "2026-03-20", "now", "no offset"),
    ("now", "yesterday", "now", "not an ISO 8601 time"),
    ("now", None, "now", "must be a time"),
    ("surprise", 1, "surprise", "unknown key"),
    ("spirnts", [], "spirnts", "did you mean sprints?"),
    ("items", {}, "items", "must be a list"),
    ("sprints", {}, "sprints", "must be a list"),
    ("hidden_parents", "X-1", "hidden_parents", "must be a list"),
    ("hidden_parents", ["X-1", 2], "hidden_parents[1]", "must be text"),
    # settings
    ("settings.measure", "hours", "settings.measure", "must be points"),
    ("settings.measure", None, "settings.measure", "must be points"),
    ("settings.inherit", "both", "settings.inherit", "must be nearest"),
    ("settings.unestimated", "mean", "settings.unestimated", "must be median, zero or a number"),
    ("settings.unestimated", -1, "settings.unestimated", "must not be negative"),
    ("settings.unestimated", {"bug": "mean"}, "settings.unestimated.bug", "must be median"),
    ("settings.unestimated", {"bug": 1, "Bug ": 2}, 'settings.unestimated["Bug "]', "named twice"),
    ("settings.unestimated", None, "settings.unestimated", "must be"),
    ("settings.none_values", "none", "settings.none_values", "must be a list"),
    ("settings.none_values", [1], "settings.none_values[0]", "must be text"),
    ("settings.not_work", None, "settings.not_work", "must be a list"),
    ("settings.count_subtasks", "yes", "settings.count_subtasks", "must be true or false"),
    ("settings.commit_grace", -1, "settings.commit_grace", "must not be negative"),
    ("settings.commit_grace", True, "settings.commit_grace", "must be a number"),
    ("settings.time_zone", "Europe/Bonn", "settings.time_zone", "there is no time zone"),
    ("settings.time_zone", "Europe", "settings.time_zone", "there is no time zone"),
    ("settings.time_zone", "../../etc/passwd", "settings.time_zone", "there is no time zone"),
    ("settings.thresholds", {"starved_kr": -5}, "settings.thresholds.starved_kr", "must not be negative"),
    ("settings.wording", {"check": False}, "settings.wording", "unknown key; take it out"),
    ("settings.thresholds", {"starved": 5}, "settings.thresholds.starved", "did you mean starved_kr?"),
    ("settings.colour", "red", "settings.colour", "unknown key"),
    ("settings", [], "settings", "must be an object"),
    # rules
    ("rules.0.when", "label", "rules[0].when", "must be an object"),
    ("rules.0.when", {"lable": "x"}, "rules[0].when.lable", "did you mean label?"),
    ("rules.1.when", {"all": [{"any": [{"label": 1}]}]}, "rules[1].when.all[0].any[0].label", "must be text"),
    ("rules.1.when", {"not": []}, "rules[1].when.not", "must be an object"),
    ("rules.1.when", {"all": {}}, "rules[1].when.all", "must be a list"),
    ("rules.2.when", {"field": {"name": "Area"}}, "rules[2].when.field", "must be an object"),
    ("rules.0.then", "ignore", "rules[0].then", 'must be "exempt"'),
    ("rules.0.then", [], "rules[0].then", "names no key result"),
    ("rules.1.then", ["KR-9"], "rules[1].then[0]", 'no key result "KR-9"'),
    ("rules.1.then", ["KR-1", "KR-9:20"], "rules[1].then[1]", 'no key result "KR-9"'),
    ("rules.1.then", ["KR-1:70", "KR-2:31"], "rules[1].then", "sum to 101"),
    ("rules.1.then", ["KR-1:70, KR-2:31"], "rules[1].then", "sum to 101"),
    ("rules.1.then", ["none"], "rules[1].then[0]", "no key result"),
    ("rules.0.until", "2025-12-31", "rules[0].until", "before its start"),
    ("rules.0.until", "2026-02-30", "rules[0].until", "not a day of the calendar"),
    ("rules.0.until", "2026-02-03T00:00:00Z", "rules[0].until", "must be a day"),
    ("rules.0.from", 20260101, "rules[0].from", "must be a day"),
    # teams
    ("teams.1.parent", "Nobody", "teams[1].parent", "no team"),
    ("teams.0.parent", "Payments", "teams[0].parent", "circle"),
    ("teams.0.parent", "Group", "teams[0].parent", "circle"),
    ("teams.1.name", "Group", "teams[1].name", "already"),
    ("teams.1.split", {"primary": 70, "secondary": 20, "exploration": 9.5}, "teams[1].split", "sum to 99.5"),
    ("teams.1.split", {"primary": 100, "secondary": 0}, "teams[1].split.exploration", "missing"),
    ("teams.1.split.primary", -1, "teams[1].split.primary", "negative"),
    # cycles and objectives
    ("cycles.0.end", "2025-12-31", "cycles[0].end", "before its start"),
    ("cycles.0.start", "0000-01-01", "cycles[0].start", "not a day"),
    ("cycles.0.start", "1600-01-01", "cycles[0].start", "out of range"),
    ("objectives.1.id", "O1", "objectives[1].id", "already"),
    ("objectives.0.team", "Nobody", "objectives[0].team", "no team"),
    ("objectives.0.cycle", "Q9", "objectives[0].cycle", "no cycle"),
    ("objectives.0.horizon", "third", "objectives[0].horizon", "must be primary"),
    # key results
    ("key_results.1.code", " ｋｒ-1", "key_results[1].code", "already"),
    ("key_results.0.objective", "O9", "key_results[0].objective", "no objective"),
    ("key_results.0.direction", "down", "key_results[0].direction", "is up"),
    ("key_results.0.direction", "left", "key_results[0].direction", "must be up or down"),
    ("key_results.0.supports", ["KR-9"], "key_results[0].supports[0]", "no key result"),
    ("key_results.1.supports", ["kr-1"], "key_results[0].supports", "circle"),
    ("key_results.1.supports", ["KR-2"], "key_results[1].supports", "circle"),
    ("key_results.0.cadence_days", 0, "key_results[0].cadence_days", "more than 0"),
    ("key_results.0.cadence_days", -3, "key_results[0].cadence_days", "more than 0"),
    ("key_results.0.cadence_days", 10**9, "key_results[0].cadence_days", "at most"),
    ("key_results.0.until", "2026-01-14", "key_results[0].until", "before its start"),
    ("key_results.1.from", "2026-04-01", "key_results[1].from", "before its start"),
    ("key_results.1.until", "2025-12-31", "key_results[1].until", "before its start"),
    ("key_results.1.confidence", 1.5, "key_results[1].confidence", "between 0 and 1"),
    ("key_results.1.kind", "text", "key_results[1].kind", "must be metric or binary"),
    ("key_results.0.baseline", "50", "key_results[0].baseline", "must be a number"),
    ("key_results.0.values.0.at", "2026-02-02", "key_results[0].values[0].at", "no offset"),
    ("key_results.0.values.0.value", None, "key_results[0].values[0].value", "must be a number"),
    # boards and sprints
    ("boards.1.id", "B1", "boards[1].id", "already"),
    ("boards.1.periods", "year", "boards[1].periods", "must be week"),
    ("boards.0.team", "Nobody", "boards[0].team", "no team"),
    ("sprints.1.id", "S1", "sprints[1].id", "already"),
    ("sprints.0.board", "B9", "sprints[0].board", "no board"),
    ("sprints.0.board", "B2", "sprints[0].board", "has periods"),
    ("sprints.0.team", "Nobody", "sprints[0].team", "no team"),
    ("sprints.0.state", "done", "sprints[0].state", "must be future"),
    ("sprints.0.goals", [], "sprints[0].goals", "keep one"),
    ("sprints.1.start", "2026-03-20T12:00:01Z", "sprints[1].start", 'after "now"'),
    ("sprints.1.completed", "2026-03-18T00:00:00Z", "sprints[1].completed", "has none"),
    ("sprints.0.completed", "2026-03-20T12:00:01Z", "sprints[0].completed", 'after "now"'),
    ("sprints.0.completed", "2026-03-02T08:00:00Z", "sprints[0].completed", "not after the start"),
    ("sprints.0.completed", None, "sprints[0].completed", "missing"),
    ("sprints.0.start", None, "sprints[0].start", "missing"),
    ("sprints.0.goal", 7, "sprints[0].goal", "must be text"),
    # items
    ("items.0", "A", "items[0]", "must be an object"),
    ("items.1.key", "E1", "items[1].key", "already"),
    ("items.1.key", " ", "items[1].key", "blank"),
    ("items.1.key", 5, "items[1].key", "must be text"),
    ("items.1.level", 0.5, "items[1].level", "must be -1"),
    ("items.1.level", "0", "items[1].level", "must be -1"),
    ("items.1.level", False, "items[1].level", "must be -1"),
    ("items.1.level", -2, "items[1].level", "must be -1"),
    ("items.1.type", None, "items[1].type", "must be text"),
    ("items.1.created", "2026-02-01 00:00", "items[1].created", "no offset"),
    ("items.1.created", "2026-W10-1T00:00:00", "items[1].created", "no offset"),
    ("items.1.created", "9999-12-31T23:59:59-12:00", "items[1].created", "not an ISO 8601 time"),
    ("items.1.created", "0001-01-01T00:00:00Z", "items[1].created", "out of range"),
    ("items.2.deleted", "2026-01-31T23:59:59Z", "items[2].deleted", "before the item was created"),
    ("items.1.history_known", "yes", "items[1].history_known", "must be true or false"),
    ("items.1.titel", "x", "items[1].titel", "did you mean title?"),
    ("items.1.history", {}, "items[1].history", "must be a list"),
    ("items.1.history.1", [], "items[1].history[1]", "must be an object"),
    ("items.1.history.1.at", "2026-03-10T00:00:00", "items[1].history[1].at", "no offset"),
    (f"{HISTORY}.at", 5, "items[1].history[0].at", "must be a time"),
    (f"{HISTORY}.stauts", "done", "items[1].history[0].stauts", "did you mean status?"),
    (f"{HISTORY}.status", "Done", "items[1].history[0].status", "must be todo"),
    (f"{HISTORY}.status", None, "items[1].history[0].status", "must be todo"),
    (f"{HISTORY}.points", -0.5, "items[1].history[0].points", "negative, but is -0.5"),
    (f"{HISTORY}.points", "3", "items[1].history[0].points", 'not the text "3"'),
    (f"{HISTORY}.points", True, "items[1].history[0].points", "not true"),
    (f"{HISTORY}.points", 10**50, "items[1].history[0].points", "out of range"),
    (f"{HISTORY}.original_estimate", -1, "items[1].history[0].original_estimate", "negative"),
    (f"{HISTORY}.time_spent", -1, "items[1].history[0].time_spent", "negative"),
    (f"{HISTORY}.time_spent", None, "items[1].history[0].time_spent", "must be a number"),
    (f"{HISTORY}.tags", "KR-1", "items[1].history[0].tags", "must be a list"),
    (f"{HISTORY}.tags", ["KR-1", None], "items[1].history[0].tags[1]", "must be text"),
    (f"{HISTORY}.labels", None, "items[1].history[0].labels", "must be a list"),
    (f"{HISTORY}.components", [["x"]], "items[1].history[0].components[0]", "must be text"),
    (f"{HISTORY}.sprints", ["S1", "S9"], "items[1].history[0].sprints[1]", 'no sprint "S9"'),
    (f"{HISTORY}.sprints", "S1", "items[1].history[0].sprints", "must be a list"),
    (f"{HISTORY}.parent", "E9", "items[1].history[0].parent", 'no item "E9"'),
    (f"{HISTORY}.parent", ["E1"], "items[1].history[0].parent", "must be text"),
    (f"{HISTORY}.parent", "A", "items[1].history[0].parent", "circle"),
    (f"{HISTORY}.team", "Nobody", "items[1].history[0].team", "no team"),
    (f"{HISTORY}.board", "B9", "items[1].history[0].board", "no board"),
    (f"{HISTORY}.fields", {"Area": 5}, "items[1].history[0].fields.Area", "must be text, a list of texts or null"),
    (f"{HISTORY}.fields", {"Area": ["a", 5]}, "items[1].history[0].fields.Area", "must be text"),
    (f"{HISTORY}.fields", [], "items[1].history[0].fields", "must be an object"),
    (f"{HISTORY}.impact", {"KR-9": 1}, "items[1].history[0].impact.KR-9", "no key result"),
    (f"{HISTORY}.impact", {"KR-1": "1"}, "items[1].history[0].impact.KR-1", "must be a number"),
    (f"{HISTORY}.impact", {"KR-1": 1, "kr-1": 2}, "items[1].history[0].impact.kr-1", "twice"),
    (f"{HISTORY}.impact", None, "items[1].history[0].impact", "must be an object"),
    ("hidden_parents", [], "items[0].history[0].parent", 'no item "X-1"'),
    ("hidden_parents", ["X-1", "A"], "items[3].history[0].parent", "also in hidden_parents"),
    ("items.0.history.0.parent", "T", "items[1].history[0].parent", "circle"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "place", "words"), VALUES, ids=[f"{p}={v!r}"[:60] for p, v, _, _ in VALUES])
def test_a_wrong_value_is_refused_with_its_place(path: str, value: object, place: str, words: str) -> None:
    told = [fault for fault in faults_of(changed(path, value)) if fault.startswith(f"{place}: ")]
    assert len(told) == 1
    assert words in told[0]


REQUIRED = [
    "format", "now", "rules.0.when", "rules.0.then", "teams.0.name", "teams.1.split.primary", "teams.1.split.secondary",
    "teams.1.split.exploration", "cycles.0.id", "cycles.0.start", "cycles.0.end", "objectives.0.id",
    "objectives.0.title", "objectives.0.team",
    "objectives.0.cycle", "key_results.0.code", "key_results.0.objective", "key_results.0.title",
    "key_results.0.values.0.at", "key_results.0.values.0.value", "boards.0.id", "boards.0.name", "sprints.0.id",
    "sprints.0.board", "sprints.0.name", "sprints.0.state", "sprints.0.start", "sprints.1.start", "sprints.0.completed",
    "sprints.1.goals.0.at", "sprints.1.goals.0.text", "items.0.key", "items.0.type", "items.0.level", "items.0.created",
    "items.1.history.0.at",
]  # fmt: skip


@pytest.mark.parametrize("path", REQUIRED)
def test_what_is_required_is_missed_at_its_place(path: str) -> None:
    place = "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in path.split(".")).lstrip(".")
    missing = [fault for fault in faults_of(without(path)) if fault.startswith(f"{place}: is missing")]
    assert len(missing) == 1


OPTIONAL = [
    "settings", "rules", "hidden_parents", "rules.0.reason", "rules.0.from", "rules.0.until", "teams.1.parent",
    "teams.1.split", "objectives.0.horizon", "key_results.0.aliases", "key_results.0.direction",
    "key_results.0.baseline", "key_results.0.target", "key_results.0.supports", "key_results.0.cadence_days",
    "key_results.0.from",
    "key_results.0.until", "key_results.0.values", "key_results.1.kind", "key_results.1.confidence", "boards.0.team",
    "boards.1.periods", "sprints.0.goal", "sprints.1.goals", "sprints.0.end", "sprints.1.team", "items.1.project",
    "items.1.title", "items.2.deleted", "items.3.history_known", "items.3.history",
]  # fmt: skip


@pytest.mark.parametrize("path", OPTIONAL)
def test_what_has_no_default_may_be_left_out_or_null(path: str) -> None:
    needs_unseen = path == "hidden_parents"
    for found in (without(path), changed(path, None)):
        if needs_unseen:
            found["items"][0]["history"][0]["parent"] = None
        assert faults_of(found) == ()


def test_all_faults_are_told_at_once() -> None:
    found = document()
    found["now"] = "today"
    found["cycles"][0]["end"] = "2025-01-01"
    found["key_results"][0]["colour"] = "red"
    found["key_results"][0]["direction"] = "down"
    found["items"][1]["history"][0] |= {"at": "never", "points": -1, "sprints": ["S9"]}
    found["items"][2]["level"] = None
    places = [fault.split(": ")[0] for fault in faults_of(found)]
    assert sorted(places) == sorted(
        [
            "now",
            "cycles[0].end",
            "key_results[0].colour",
            "key_results[0].direction",
            "items[1].history[0].at",
            "items[1].history[0].points",
            "items[1].history[0].sprints[0]",
            "items[2].level",
        ]
    )


def test_references_to_a_broken_element_are_no_second_fault() -> None:
    assert len(faults_of(changed("sprints.0.goal", []))) == 1


def test_without_teams_any_team_will_do() -> None:
    assert faults_of(changed("teams", [])) == ()


def test_a_parent_circle_of_a_moment_between_two_right_ones_is_refused_where_it_closes() -> None:
    found = _two_epics(
        [{"at": "2026-01-02T00:00:00Z", "parent": "Q"}, {"at": "2026-01-05T00:00:00Z", "parent": None}],
        [{"at": "2026-01-04T00:00:00Z", "parent": "P"}],
    )
    (fault,) = faults_of(found)
    assert fault.startswith("items[1].history[0].parent: makes a circle")


def test_parents_that_change_places_are_no_circle() -> None:
    found = _two_epics(
        [{"at": "2026-01-02T00:00:00Z", "parent": "Q"}, {"at": "2026-01-04T00:00:00Z", "parent": None}],
        [{"at": "2026-01-04T00:00:00Z", "parent": "P"}],
    )
    assert faults_of(found) == ()


def test_an_item_that_is_gone_is_in_no_circle() -> None:
    found = _two_epics(
        [{"at": "2026-01-02T00:00:00Z", "parent": "Q"}],
        [{"at": "2026-01-04T00:00:00Z", "parent": "P"}],
    )
    found["items"][0]["deleted"] = "2026-01-04T00:00:00Z"
    assert faults_of(found) == ()


def test_an_item_that_is_created_later_closes_a_circle_only_then() -> None:
    found = _two_epics(
        [{"at": "2026-01-01T00:00:00Z", "parent": "Q"}, {"at": "2026-01-03T00:00:00Z", "parent": None}],
        [{"at": "2026-01-01T00:00:00Z", "parent": "P"}],
    )
    found["items"][1]["created"] = "2026-01-03T00:00:00Z"
    assert faults_of(found) == ()


def test_without_history_a_circle_of_today_is_a_circle_at_any_time() -> None:
    found = _two_epics(
        [{"at": "2026-01-02T00:00:00Z", "parent": "Q"}, {"at": "2026-01-03T00:00:00Z", "parent": None}],
        [{"at": "2026-01-04T00:00:00Z", "parent": "P"}],
    )
    found["items"][1]["history_known"] = False
    (fault,) = faults_of(found)
    assert fault.startswith("items[0].history[0].parent: makes a circle")


def _two_epics(first: list[Document], second: list[Document]) -> Document:
    created = "2026-01-01T00:00:00Z"
    return {
        "format": "tieline-backlog/1",
        "now": "2026-03-20T12:00:00Z",
        "items": [
            {"key": "P", "type": "epic", "level": 1, "created": created, "history": first},
            {"key": "Q", "type": "epic", "level": 1, "created": created, "history": second},
        ],
    }


def test_sections_after_the_items_are_known_to_them() -> None:
    found = document()
    turned = dict(reversed(list(found.items())))
    assert faults_of(turned) == ()
    turned["items"][1]["history"][0]["sprints"] = ["S9"]
    assert [fault.split(":")[0] for fault in faults_of(turned)] == ["items[1].history[0].sprints[0]"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "does not begin"),
        (b"[]", "does not begin"),
        (b"null", "does not begin"),
        (b"{", "line 1"),
        (b"{}", "format: is missing"),
        (b'{"format": "tieline-backlog/1",\n "now": }', "line 2"),
        (b'{"format": "tieline-backlog/1"} {}', "something follows"),
        (b'{"format": "tieline-backlog/1", "items": [{"key": "A"', "line 1"),
        (b'{"format": "tieline-backlog/1", "items": [1 2]}', "expected , or ]"),
        (b'{"format": "\xff"}', "not UTF-8"),
        (b'{"format": "tieline-backlog/1", "now": "2026-01-01T00:00:00Z", "now": 1}', "now: is there twice"),
        (b'{"items": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"a": ' + b'{"b":' * 50_000, "nested too deeply"),
        (b'{"now": ' + b"9" * 10_000 + b"}", "too many digits"),
        (b"{\x00}", "expected"),
        (b'{"format": "tieline-backlog/1", }', "expected"),
    ],
)
def test_what_is_no_backlog_file_is_refused(text: bytes, words: str) -> None:
    assert words in "\n".join(faults_of(text))


def _with_points(number: bytes) -> bytes:
    return (
        b'{"format": "tieline-backlog/1", "now": "2026-03-01T00:00:00Z", "items": [{"key": "A", "type": "story", '
        b'"level": 0, "created": "2026-01-01T00:00:00Z", "history": [{"at": "2026-01-01T00:00:00Z", "points": '
        + number
        + b"}]}]}"
    )


@pytest.mark.parametrize(
    "number", [b"NaN", b"Infinity", b"-Infinity", b"1e999999999", b"1e99999999999999999999999", b"1e-400", b"1" * 60]
)
def test_numbers_that_are_none_or_too_large_are_refused(number: bytes) -> None:
    (fault,) = faults_of(_with_points(number))
    assert fault.startswith("items[0].history[0].points: a number that is out of range")


def test_a_key_that_an_object_holds_twice_is_refused() -> None:
    assert faults_of(_with_points(b'1, "points": 2')) == (
        'items[0].history[0]: the key "points" is there twice; keep one',
    )
    twice = b'{"format": "tieline-backlog/1", "now": "2026-03-01T00:00:00Z", "cycles": [{"id": "Q", "id": "P"}]}'
    assert 'cycles[0]: the key "id" is there twice; keep one' in faults_of(twice)


def test_half_a_character_is_refused_with_its_place() -> None:
    text = _with_points(b"1").replace(b'"story"', b'"st\\ud800ry"')
    assert faults_of(text) == ("items[0].type: holds half a character (a lone surrogate); mend the text",)
    whole = _with_points(b"1").replace(b'"story"', b'"st\\ud83d\\ude00ry"')
    assert faults_of(whole) == ()
    head = b'{"format": "tieline-backlog/1", "now": "2026-03-01T00:00:00Z", "boards": [{"id": "\\udc00", "name": ""}]}'
    assert faults_of(head) == ("boards[0].id: holds half a character (a lone surrogate); mend the text",)


def test_an_item_with_half_a_character_is_known_as_a_parent() -> None:
    items = [
        {"key": "A", "type": "story", "level": 0, "created": "2026-03-01T00:00:00Z", "title": "\ud83d"},
        {"key": "T", "type": "task", "level": -1, "created": "2026-03-01T00:00:00Z",
         "history": [{"at": "2026-03-01T00:00:00Z", "parent": "A"}]},
    ]  # fmt: skip
    text = json.dumps({"format": "tieline-backlog/1", "now": "2026-03-01T00:00:00Z", "items": items}).encode()
    assert faults_of(text) == ("items[0].title: holds half a character (a lone surrogate); mend the text",)


def test_only_what_may_be_cut_off_is_asked_about_that() -> None:
    assert faults_of(_with_points(b"9" * 5000)) == ("not readable as JSON: line 1: a number has too many digits",)
    assert "is the file cut off?" in faults_of(_with_points(b"1")[:-5])[0]


def test_a_fault_is_one_harmless_line_whatever_the_file_holds() -> None:
    evil = "\x1b[31m\n\u202eboom\u2028" + "x" * 500
    for found in (changed("items.1.level", evil), changed(evil, 1), changed(f"{HISTORY}.sprints", [evil])):
        for fault in faults_of(found):
            assert fault.isprintable()
            assert len(fault) < 300
