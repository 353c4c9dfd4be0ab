"""The register's section `values`: read, or refused with line and mend."""

import pytest

from integration.files.faults import Refused
from integration.files.register import read_version
from integration.kr_values.definition import CSV, JSON, ValueSource

PLAN = """\
teams: [{name: Payments}]
cycles: [{id: 2026Q1, start: 2026-01-01, end: 2026-03-31}]
objectives: [{id: O1, title: Shops start fast, team: Payments, cycle: 2026Q1}]
key_results: [{code: KR-1, objective: O1, title: Activation}, {code: KR-2, objective: O1, title: Speed}]
values:
"""
GOOD = "  - {key_result: KR-1, kind: csv, url: 'https://a.example/x.csv', value: V, every: daily 08:00}\n"


def read(section: str) -> tuple[ValueSource, ...]:
    return read_version((PLAN + section).encode()).values


def fault(section: str) -> str:
    with pytest.raises(Refused) as refused:
        read(section)
    assert len(refused.value.faults) == 1, refused.value.faults
    return refused.value.faults[0]


def test_sources_are_read_with_what_they_need() -> None:
    found = read(
        GOOD
        + "  - key_result: KR-2\n    kind: http-json\n    url: https://b.example/api\n    path: $.a[0]\n"
        + "    headers: {Authorization: 'Bearer {KEY}'}\n    every: monday 07:30 Europe/Berlin\n"
    )
    assert found == (
        ValueSource("KR-1", CSV, "daily 08:00", url="https://a.example/x.csv", value="V"),
        ValueSource(
            "KR-2", JSON, "monday 07:30 Europe/Berlin", url="https://b.example/api", path="$.a[0]",
            headers=(("Authorization", "Bearer {KEY}"),),
        ),
    )  # fmt: skip


CSV_SOURCE = "key_result: KR-1, kind: csv, value: V, every: hourly"
JSON_SOURCE = "key_result: KR-1, kind: http-json, every: hourly, url: 'https://a.example'"
SQL_SOURCE = "key_result: KR-1, kind: sql, database: W, value: v, every: hourly"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("key_result: KR-9, kind: csv, file: a.csv, value: V, every: hourly", "there is no key result"),
        (CSV_SOURCE, "give url or file"),
        ("key_result: KR-1, kind: csv, file: a.csv, value: V, every: often", "values[0].every"),
        (f"{CSV_SOURCE}, url: 'file:///etc/passwd'", "must begin with https"),
        (f"{CSV_SOURCE}, url: 'https://u:p@a.example'", "no user or password"),
        (f"{CSV_SOURCE}, file: a.csv, path: $.a", "is not for csv; take it out"),
        (JSON_SOURCE, "http-json needs it"),
        (f"{JSON_SOURCE}, path: $..a", "is no path"),
        (f"{JSON_SOURCE}, path: $.a, headers: {{Authorization: Bearer abc}}", "must not hold a secret"),
        (f"{SQL_SOURCE}, query: DROP TABLE x", "one SELECT"),
        (f"{SQL_SOURCE}, query: 'SELECT 1; SELECT 2'", "one SELECT"),
        ("key_result: KR-1, kind: mixpanel, project: '1', report: x, path: $.a, account: M, every: hourly", "a number"),
        ("key_result: KR-1, kind: miro, every: hourly", "must be"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_the_mend(line: str, sentence: str) -> None:
    told = fault(f"  - {{{line}}}\n")
    assert sentence in told
    assert told.startswith("register:6: values[0]")


def test_two_sources_of_one_key_result_are_refused() -> None:
    assert 'reads the values of "KR-1" already' in fault(GOOD + GOOD)
