"""Elements of one line are read by a faster reader, which must not be seen in what comes out."""

import io
from fractions import Fraction

import pytest

from integration.files.json_stream import TWICE, JSONStream


def read(*lines: str) -> list[object]:
    text = "[\n" + ",\n".join(lines) + "\n]"
    return list(JSONStream(io.BytesIO(text.encode())).elements())


def test_objects_of_one_line_are_read_as_they_stand() -> None:
    found = read('{"key": "PAY-1", "title": "Pay, later: \\"soon\\"", "level": 0}', '{"key":"é","tags":["a, b"]}', "{}")
    assert found == [{"key": "PAY-1", "title": 'Pay, later: "soon"', "level": 0}, {"key": "é", "tags": ["a, b"]}, {}]


def test_a_key_that_is_there_twice_is_seen_in_an_object_of_one_line() -> None:
    assert read('{"key": "PAY-1", "key": "PAY-1"}') == [{"key": "PAY-1", TWICE: "key"}]


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        ("0.1", Fraction(1, 10)),
        ("0.10000000000000000000001", Fraction("0.10000000000000000000001")),
        ("1.0", 1),
        ("1e2", 100),
        ("-0", 0),
        ("123456789012345678901234567890", 123456789012345678901234567890),
    ],
)
def test_a_number_in_an_object_of_one_line_stays_exact(written: str, exact: int | Fraction) -> None:
    assert read(f'{{"points": {written}}}') == [{"points": exact}]
    assert type(next(iter(dict(read(f'{{"points": {written}}}')[0]).values()))) is type(exact)  # type: ignore[call-overload]  # it is an object


def test_an_object_over_several_lines_and_one_among_others_in_a_line_are_read_too() -> None:
    assert read('{"a":\n1}', '{"b": 2}, {"c": 3}') == [{"a": 1}, {"b": 2}, {"c": 3}]
