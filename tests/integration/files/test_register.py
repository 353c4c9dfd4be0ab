"""The OKR register: read, refused by file and line with the mend, and described by a current JSON Schema."""

import json
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.files.backlog_writing import as_json, plan_document
from integration.files.faults import Refused
from integration.files.register import SCHEMA, read_version, schema_text
from mappings.model import Team, Wording
from tests.integration.files.backlogs import document, loaded

REGISTER = """\
settings:
  unestimated: {bug: zero, "*": 2.5}
  none_values: [none, no, "n/a"]
rules:
  - when: {label: support}
    then: exempt
    reason: on call
    from: 2026-01-01
  - when:
      any: [{type: bug}, {not: {text: old}}]
    then: [KR-1:70]
teams:
  - name: Payments
cycles:
  - {id: 2026Q1, start: 2026-01-01, end: 2026-03-31}
objectives:
  - id: O1
    title: Shops start fast
    team: Payments
    cycle: 2026Q1
key_results:
  - code: KR-1
    objective: O1
    title: Raise activation
    baseline: 50.5
    target: 70
    values:
      - {at: 2026-02-01T00:00:00Z, value: 54}
"""


def refused(text: str, name: str = "okrs.yaml", folder: Path | None = None) -> tuple[str, ...]:
    source: Path | bytes = text.encode()
    if folder is not None:
        source = folder / name
        source.write_text(text)
    with pytest.raises(Refused) as caught:
        read_version(source)
    return caught.value.faults


def test_a_register_becomes_a_plan_that_holds_at_once() -> None:
    plan = read_version(REGISTER.encode()).plan
    assert plan.settings.none_values == ("none", "no", "n/a")
    assert plan.settings.unestimated == (("bug", "zero"), ("*", Fraction(5, 2)))
    assert [rule.is_exempt for rule in plan.rules] == [True, False]
    assert str(plan.cycles[0].end) == "2026-03-31"
    assert plan.key_results[0].baseline == Fraction(101, 2)
    assert plan.key_results[0].values[0].at == datetime(2026, 2, 1, tzinfo=UTC)


def test_it_says_what_a_backlog_file_says() -> None:
    plan = loaded(document()).plans[0]
    assert read_version(as_json(plan_document(plan)).encode()).plan == plan


def test_a_fault_names_file_line_and_mend(tmp_path: Path) -> None:
    assert refused(REGISTER.replace("cycle: 2026Q1", "cycle: 2026Q9"), folder=tmp_path) == (
        'okrs.yaml:20: objectives[0].cycle: there is no cycle "2026Q9"; add it or mend the name',
    )
    assert refused(REGISTER.replace("    title: Raise activation\n", ""), folder=tmp_path) == (
        "okrs.yaml:22: key_results[0].title: is missing; it is required",
    )


def test_faults_come_in_the_order_of_their_lines() -> None:
    text = (
        REGISTER.replace("KR-1:70", "KR-1:170")
        .replace("label: support", "lable: support")
        .replace("2026-03-31", "soon")
    )
    lines = [int(fault.split(":")[1]) for fault in refused(text)]
    assert lines == sorted(lines) == [5, 11, 15]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "1: must hold sections"),
        ("- a", "1: must hold sections"),
        ("settings: {a: 1, a: 2}", "settings.a: is there twice"),
        ("1: x", 'register:1: ["?"]: a key must be text'),
        ("cycles: [{1: x}]", "a key must be text"),
        ("? [a]\n: b", "a key must be text"),
        ("surprise: 1", "register:1: surprise: unknown key"),
        ("settings: !!python/object:os.system {}", "means nothing here"),
        ("settings: {measure: !secret points}", "means nothing here"),
        ("a: [", "is not YAML"),
        ("\tteams: 1", "register:1: is not YAML"),
        ("a: 1\n---\nb: 2", "is not YAML"),
        ("a: *nobody", "is not YAML"),
        ("a: \x00", "is not YAML"),
        ("<<: {teams: []}", "unknown key"),
        ("teams: &a [*a]", "is an alias of what it stands in"),
        ("teams: [{name: 5}]", "teams[0].name: must be text, not a number; put it in quotes"),
        ("teams: [{name: yes, parent: 1.5}]", "put it in quotes"),
        ("[" * 5000, "nested too deeply"),
        ("from: soon\nname: a\nreason: b", 'from: "soon" is not an ISO 8601 time'),
        ("from: 2026-01-01", "name: is missing"),
        ("name: [a]", "name: must be text"),
    ],
)
def test_what_is_no_register_is_refused(text: str, words: str) -> None:
    assert words in "\n".join(refused(text))


def test_aliases_that_explode_are_refused_before_they_do() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    assert refused("\n".join(lines)) == ("register: its aliases stand for more than 100000 values; write them out",)


def test_half_a_character_is_refused_as_in_a_backlog_file() -> None:
    fault = "register:1: teams[0].name: holds half a character (a lone surrogate); mend the text"
    assert refused('teams: [{name: "\\ud800"}]') == (fault,)


def test_bytes_that_are_no_text_or_too_many_are_refused() -> None:
    with pytest.raises(Refused, match="no UTF-8"):
        read_version(b"\xff\xfe\xfa")
    with pytest.raises(Refused, match="larger than"):
        read_version(b"#" * 2_000_000)


def test_an_alias_may_be_used_with_measure() -> None:
    text = REGISTER.replace("label: support", "label: &label support").replace(
        "title: Shops start fast", "title: *label"
    )
    assert read_version(text.encode()).plan.objectives[0].title == "support"


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"okrs\.yaml: cannot be read \(No such file"):
        read_version(tmp_path / "okrs.yaml")


def test_a_stated_from_is_an_act_with_name_and_reason() -> None:
    act = "from: 2026-02-01\nname: Ada\nreason: it was decided then\n"
    zone = "settings: {time_zone: Asia/Tokyo}\n"
    version = read_version((act + zone).encode())
    assert version.since == datetime(2026, 1, 31, 15, tzinfo=UTC)
    assert (version.name, version.reason) == ("Ada", "it was decided then")
    assert read_version(b"settings: {}").since is None
    exact = read_version(act.replace("2026-02-01", "2026-02-01T12:00:00+01:00").encode())
    assert exact.since == datetime(2026, 2, 1, 11, tzinfo=UTC)


def test_the_schema_that_is_shipped_is_current() -> None:
    assert SCHEMA.read_text() == schema_text()


def test_the_schema_knows_every_key_of_the_register() -> None:
    schema = json.loads(SCHEMA.read_text())
    for section, shape in (
        ("key_results", "KeyResultIn"),
        ("cycles", "CycleIn"),
        ("rules", "RuleIn"),
        ("teams", "RegisterTeamIn"),
    ):
        for element in yaml.safe_load(REGISTER)[section]:
            assert set(element) <= set(schema["$defs"][shape]["properties"])
    assert schema["$defs"]["RuleIn"]["required"] == ["when", "then"]
    assert schema["$defs"]["When"]["properties"]["not"] == {"$ref": "#/$defs/When"}


def test_settings_and_teams_say_how_words_are_judged_and_teams_have_thresholds_of_their_own() -> None:
    found = read_version(
        b"settings: {wording: {check: false}}\n"
        b"teams:\n- {name: A, wording: {check: true, capability: accept}, thresholds: {starved_kr: 3}}\n- {name: B}\n"
    ).plan
    assert found.settings.wording == Wording(check=False)
    assert found.teams == (Team("A", thresholds={"starved_kr": 3}, wording=Wording(True, "accept")), Team("B"))


@pytest.mark.parametrize(
    ("wording", "fault"),
    [
        ("{chek: false}", "settings.wording.chek: unknown key; did you mean check?"),
        ("{check: 1}", "settings.wording.check: must be true or false, not a number"),
        ("{capability: ok}", 'settings.wording.capability: must be flag or accept, not the text "ok"'),
    ],
)
def test_a_wrong_setting_of_words_is_named_with_its_mend(wording: str, fault: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_version(f"settings: {{wording: {wording}}}".encode())
    assert refusal.value.faults == (f"register:1: {fault}",)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_is_changed_in_it_only_a_refusal_comes_of_it(data: st.DataObject) -> None:
    text = REGISTER.encode()
    start = data.draw(st.integers(0, len(text)))
    changed = text[:start] + data.draw(st.binary(max_size=5)) + text[start + data.draw(st.integers(0, 5)) :]
    try:
        read_version(changed)
    except Refused as refusal:
        assert refusal.faults  # noqa: PT017 - it may be right, too
