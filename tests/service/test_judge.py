"""`tieline judge`: texts in, verdicts out."""

import json

import pytest
from click.testing import CliRunner

from service.cli import main


def judge(what: str, lines: bytes) -> tuple[int, list[dict[str, object]], str]:
    result = CliRunner().invoke(main, ["judge", what], input=lines)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def test_goals_come_out_in_the_order_they_went_in() -> None:
    lines = b'{"id": "b", "text": "Fix bugs"}\n\n{"id": 7, "text": "Reduce churn from 5 % to 3 %", "lang": "en"}\n'
    code, out, err = judge("goals", lines)
    assert (code, err) == (0, "")
    assert [(each["id"], each["label"], each["flagged"]) for each in out] == [
        ("b", "output_only", True),
        (7, "outcome", False),
    ]


def test_each_line_says_why_and_how_sure() -> None:
    _, [out], _ = judge("goals", b'{"id": 1, "text": "Fix bugs"}')
    assert {"id", "label", "flagged", "confidence", "lang", "reasons", "unclear", "missing", "advice"} <= set(out)
    assert out["reasons"] == [
        {"start": 0, "end": 8, "text": "Fix bugs", "why": "names something to build, write, fix or ship"}
    ]
    assert out["lang"] == "en"


def test_key_results_come_with_their_numbers() -> None:
    _, [out], _ = judge("key-results", b'{"id": 1, "text": "Rating from 3.5 to 4.5 stars"}')
    numbers = out["numbers"]
    assert isinstance(numbers, dict)
    assert (out["label"], numbers["baseline"], numbers["target"], numbers["unit"]) == ("outcome", 3.5, 4.5, "stars")


def test_language_not_judged_has_neither_label_nor_confidence() -> None:
    _, [out], _ = judge("goals", '{"id": 1, "text": "Naprawić błędy"}'.encode())
    assert (out["label"], out["confidence"], out["flagged"]) == (None, None, False)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"fix bugs", "line 2: not JSON"),
        (b'{"id": 1, "text": ', "line 2: not JSON"),
        (b"[" * 100_000, "line 2: nested too deeply"),
        (b'{"id": 1, "text": ' + b'{"a":' * 100_000, "line 2: nested too deeply"),
        (b"\xff\xfe", "line 2: not UTF-8"),
        (b"[1]", "line 2: not an object"),
        (b'{"text": "Fix bugs"}', 'line 2: "id" is missing'),
        (b'{"id": true, "text": "Fix bugs"}', 'line 2: "id" must be a text or a whole number'),
        (b'{"id": 1.5, "text": "Fix bugs"}', 'line 2: "id" must be a text or a whole number'),
        (b'{"id": 1}', 'line 2: "text" is missing'),
        (b'{"id": 1, "text": null}', 'line 2: "text" must be a text'),
        (b'{"id": 1, "text": ["Fix"]}', 'line 2: "text" must be a text'),
        (b'{"id": 1, "text": "Fix bugs", "lang": 1}', 'line 2: "lang" must be a text'),
    ],
)
def test_bad_line_is_named_and_the_others_are_judged(line: bytes, said: str) -> None:
    good = b'{"id": "%s", "text": "Fix bugs"}\n'
    code, out, err = judge("goals", good % b"a" + line + b"\n" + good % b"c")
    assert code == 2
    assert [each["id"] for each in out] == ["a", "c"]
    assert said in err
    assert "1 line(s) could not be read and were left out; the others were judged." in err


def test_byte_order_mark_nul_and_lone_surrogate_are_text() -> None:
    lines = b'\xef\xbb\xbf{"id": 1, "text": "Fix\\u0000 bugs"}\n{"id": 2, "text": "Fix \\ud800 bugs", "lang": null}\n'
    code, out, _ = judge("goals", lines)
    assert code == 0
    assert [each["id"] for each in out] == [1, 2]


def test_nothing_in_nothing_out() -> None:
    assert judge("goals", b"") == (0, [], "")


def test_unknown_kind_is_refused() -> None:
    assert judge("stories", b"")[0] == 2
