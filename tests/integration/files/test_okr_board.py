"""The CSV of an OKR board: what is written decides, then the place; what says neither is told with its line."""

import json
from datetime import date

import pytest

from integration.files.faults import Refused
from integration.files.okr_board import LONGEST_TITLE, Board, read_board, with_defaults
from integration.files.okr_draft import draft
from integration.files.register import read_version
from mappings.model import Cycle

QUARTER = Cycle("2026Q1", date(2026, 1, 1), date(2026, 3, 31))


def board(*rows: str, encoding: str = "utf-8") -> Board:
    return read_board("\r\n".join(rows).encode(encoding))


def told(found: Board) -> list[tuple[str, str, str]]:
    return [(one.code, one.objective, one.title) for one in found.key_results]


@pytest.mark.parametrize(
    "text",
    [
        "Objective 1: Shops start fast",
        "OBJECTIVE #1 – Shops start fast",
        "objective 1 Shops start fast",
        "Objective: Shops start fast",
        "O1: Shops start fast",
        "O1 Shops start fast",
        "O: Shops start fast",
        "Obj. 1: Shops start fast",
        "Ziel 1: Shops start fast",
        "Objectif 1 : Shops start fast",
        "• Objective 1: Shops start fast",
        "Objective\u00a01: Shops start fast",
    ],
)
def test_an_objective_is_known_however_it_is_spelt(text: str) -> None:
    [one] = board(text.replace("Obj. 1", "Obj 1")).objectives
    assert (one.id, one.title) == ("O1", "Shops start fast")


@pytest.mark.parametrize(
    "text",
    [
        "KR 1.1: Raise it",
        "KR1.1 Raise it",
        "KR-1.1: Raise it".replace("KR-", "KR "),
        "Key Result 1.1 - Raise it",
        "key results 1.1: Raise it",
        "O1 KR1: Raise it",
        "O1.KR1: Raise it",
        "KR: Raise it",
        "KR1) Raise it",
        "Schlüsselergebnis 1: Raise it",
        "Résultat clé 1 : Raise it",
    ],
)
def test_a_key_result_is_known_however_it_is_spelt(text: str) -> None:
    assert told(board("O1: Shops start fast", text)) == [("KR-1.1", "O1", "Raise it")]


def test_its_number_says_its_objective_wherever_it_stands() -> None:
    found = board("O1: A,O2: B", "KR 2.1: of B,KR 1.1: of A")
    assert told(found) == [("KR-2.1", "O2", "of B"), ("KR-1.1", "O1", "of A")]
    assert {one.why for one in found.key_results} == {"by its number"}


def test_without_a_number_the_row_says_it_then_the_column_then_the_order() -> None:
    found = board("O1: A,O2: B", "KR: below A,KR: below B", "O3: C,KR: beside C", ",,KR: last")
    assert [(one.objective, one.why) for one in found.key_results] == [
        ("O1", "below its objective"),
        ("O2", "below its objective"),
        ("O3", "in the row of its objective"),
        ("O3", "after its objective"),
    ]


def test_one_note_may_hold_all_of_an_objective() -> None:
    found = board('"O1: A\nKR: first\n- KR: second"')
    assert told(found) == [("KR-1.1", "O1", "first"), ("KR-1.2", "O1", "second")]
    assert [one.text.line for one in found.key_results] == [2, 3]


def test_a_note_that_only_says_what_it_is_has_the_next_one_for_words() -> None:
    found = board("Objective 1", "Shops start fast", "KR 1.1", "Raise it")
    assert [one.title for one in found.objectives] == ["Shops start fast"]
    assert told(found) == [("KR-1.1", "O1", "Raise it")]


def test_a_table_names_its_columns() -> None:
    found = board("Objective;Key Result;Owner;Team", "Shops start fast;Raise it;Ada;Payments", ";Cut it;Bob;")
    assert [(one.title, one.team) for one in found.objectives] == [("Shops start fast", "Payments")]
    assert told(found) == [("KR-1.1", "O1", "Raise it"), ("KR-1.2", "O1", "Cut it")]
    assert "Ada" not in str(found)


def test_a_table_may_repeat_its_objective_in_each_row() -> None:
    found = board("Objective,Key Results", "A,one", "A,two", "B,three")
    assert told(found) == [("KR-1.1", "O1", "one"), ("KR-1.2", "O1", "two"), ("KR-2.1", "O2", "three")]


def test_teams_and_cycles_hold_for_what_follows() -> None:
    found = with_defaults(board("O1: A", "Team: Payments", "Q2 2026", "O2: B"), "Everybody", QUARTER)
    assert [(one.team, one.cycle.id if one.cycle else "") for one in found.objectives] == [
        ("Everybody", "2026Q1"),
        ("Payments", "2026Q2"),
    ]


def test_what_says_neither_is_told_with_its_line() -> None:
    found = board("OKRs", "Retro, on friday", "O1: A", "KR 7.1: lost", '"O1: again"', "Objective 9")
    assert found.unread == [
        'line 2: "Retro, on friday" says neither objective nor key result',
        'line 5: "O1: again" has the number of “A”, and is called O2 here',
        'line 6: "Objective 9" has no words',
    ]
    assert told(found) == [("KR-1.1", "O1", "lost")]


def test_a_key_result_before_any_objective_is_told() -> None:
    assert board("KR: Raise it", "O1: A").unread == ['line 1: "KR: Raise it" has no objective before it']


def test_a_note_that_was_copied_is_one() -> None:
    assert len(board("O1: A", "KR 1.1: Raise it", "KR 1.1: Raise it").key_results) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encoding_and_separator_are_found_out(encoding: str, separator: str) -> None:
    found = board(separator.join(("O1: Läden", "KR 1.1: für alle", "")), encoding=encoding)
    assert (found.objectives[0].title, told(found)) == ("Läden", [("KR-1.1", "O1", "für alle")])


@pytest.mark.parametrize("data", [b"", b"  \n", b"a,b\nc,d\n", b"\x00\x01\x02", b"PK\x03\x04\x00", b"\xff\xfe\x00"])
def test_what_is_no_board_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read_board(data)
    assert all(fault.strip() for fault in refused.value.faults)


def test_of_a_file_that_was_cut_off_what_is_there_is_read() -> None:
    assert [one.title for one in read_board(b'"O1: A\nKR: one').objectives] == ["A"]


def test_a_board_without_objectives_says_how_to_write_them() -> None:
    with pytest.raises(Refused, match="Objective 1: …"):
        board("Hello", "World")


def test_too_much_is_refused() -> None:
    with pytest.raises(Refused, match="MiB"):
        read_board(b"x" * (5 * 1024 * 1024 + 1))
    with pytest.raises(Refused, match="20000 texts"):
        read_board(b"a\n" * 20_001)


HOSTILE = (
    '=HYPERLINK(""http://x"")',
    "{{7*7}}: # not a comment",
    "&anchor *alias !!python/object:os.system [x",
    "\u202eevil\u200b \x1b[31mred",
    "<script>alert(1)</script>",
    'quote """" and \\ backslash',
)


def test_the_draft_is_a_register_whatever_the_notes_hold() -> None:
    rows = ["O1: A", *(f'"KR 1.{number}: {text}"' for number, text in enumerate(HOSTILE, 1))]
    text = draft(with_defaults(board(*rows), "T: {x}", QUARTER), "board\n.csv")
    plan = read_version(text.encode()).plan
    titles = [kr.title for kr in plan.key_results]
    assert titles[:3] == ['=HYPERLINK("http://x")', HOSTILE[1], HOSTILE[2]]
    assert titles[3] == "evil [31mred"
    assert plan.teams[0].name == "T: {x}"
    assert all(line.startswith("#") for line in text.splitlines()[:2])


def test_the_draft_holds_numbers_that_the_words_say_and_what_was_in_doubt() -> None:
    found = with_defaults(
        board("O1: A", "KR 1.1: Raise it from 40 % to 62.5 %", "KR 1.2: Nothing", "Beer"), "T", QUARTER
    )
    text = draft(found, "board.csv")
    first, second = read_version(text.encode()).plan.key_results
    assert (first.baseline, first.target, first.unit) == (40, json.loads("62.5"), "%")
    assert (second.baseline, second.target) == (None, None)
    assert first.aliases == ("KR 1.1", "KR1.1")
    assert '#   line 4: "Beer" says neither objective nor key result' in text
    assert "by its number" in text


def test_a_title_without_end_is_cut_and_told() -> None:
    found = board(f"O1: {'x' * 600}")
    assert len(found.objectives[0].title) == LONGEST_TITLE
    assert "longer than a title" in found.unread[0]
