"""A table of story points by issue key, from a CSV of any origin: for exports that lost their custom fields."""

import csv
import io
from collections.abc import Iterable, Sequence

from integration.files.faults import Refused, shown
from integration.files.jira_cells import decimal_number, decoded, dialect_of
from mappings.model import Exact

_KEY_HEADERS = ("issue_key", "issue key", "issuekey", "key")
_POINT_HEADERS = (
    "story_point", "story_points", "story point", "story points", "story point estimate", "storypoints", "points",
    "custom field (story points)", "custom field (story point estimate)",
)  # fmt: skip
_NOTHING = frozenset({"", "null", "none", "nan", "n/a", "-"})


def load_points(data: bytes) -> dict[str, Exact]:
    """The points by key; rows without a number are left out."""
    text = decoded(data, "the points file")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=dialect_of(text))
    try:
        header = next(rows, [])
        key, points = _column(header, _KEY_HEADERS, "Issue key"), _column(header, _POINT_HEADERS, "Story points")
        return _read(rows, key, points)
    except csv.Error as error:
        raise Refused((f"points file, row {rows.line_num}: {error}; save it as a plain CSV",)) from None


def _column(header: Sequence[str], known: Sequence[str], name: str) -> int:
    plain = [cell.strip().casefold() for cell in header]
    for wanted in known:
        if wanted in plain:
            return plain.index(wanted)
    raise Refused((f"points file: there is no column “{name}”; its first row must name the columns",))


def _read(rows: Iterable[list[str]], key: int, points: int) -> dict[str, Exact]:
    found: dict[str, Exact] = {}
    faults: list[str] = []
    for number, row in enumerate(rows, start=2):
        if len(row) <= max(key, points) or row[points].strip().casefold() in _NOTHING:
            continue
        value = decimal_number(row[points])
        if value is None:
            faults.append(
                f"points file, row {number}: {shown(row[points])} is no number of points; write one such as 3"
            )
        else:
            found[row[key].strip()] = value
    if faults:
        raise Refused(tuple(faults))
    return found
