"""The issues of a Jira JSON export, whether it is a search page, several of them, a list, or one issue a line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import orjson

from integration.files.faults import Refused, kind_of
from integration.json_text import loads

Raw = Mapping[str, object]
_MEND = "save the answer of a Jira search, such as /rest/api/3/search/jql?jql=…&fields=*all&expand=names,schema"


@dataclass(slots=True)
class Export:
    """`places` name where each issue stands in the file; `names` and `schema` are by field id, if the page has them."""

    issues: list[Raw] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    schema: dict[str, Raw] = field(default_factory=dict)


def read_export(data: bytes) -> Export:
    export = Export()
    for place, value in _values(data):
        _take(export, place, value)
    if not export.issues:
        raise Refused((f"the file holds no issue; {_MEND}",))
    return export


def _values(data: bytes) -> Iterator[tuple[str, object]]:
    """The whole file as one value, else each of its lines."""
    text = data.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        raise Refused((f"the file is empty; {_MEND}",))
    try:
        yield "", loads(text)
    except orjson.JSONDecodeError as error:
        lines = text.splitlines()
        if len(lines) == 1 or not _is_json(lines[0]):
            raise Refused((f"the file is no JSON ({error.msg}); {_MEND}",)) from None
        yield from _lines(lines)


def _is_json(line: bytes) -> bool:
    try:
        loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def _lines(lines: list[bytes]) -> Iterator[tuple[str, object]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield f"line {number}", loads(line)
        except orjson.JSONDecodeError as error:
            raise Refused((f"line {number}: is no JSON ({error.msg}); each line must hold one whole issue",)) from None


def _take(export: Export, place: str, value: object) -> None:
    """A list or a page holds more; what has `fields` or a key is an issue."""
    if isinstance(value, list):
        for index, part in enumerate(value):
            _take(export, f"{place}[{index}]" if place else f"[{index}]", part)
        return
    if not isinstance(value, Mapping):
        raise Refused((f"{place or 'the file'}: must hold issues, not {kind_of(value)}; {_MEND}",))
    issues = value.get("issues")
    if isinstance(issues, list):
        export.names.update(_texts(value.get("names")))
        export.schema.update(_objects(value.get("schema")))
        for index, part in enumerate(issues):
            _take(export, f"{place}.issues[{index}]" if place else f"issues[{index}]", part)
    elif "fields" in value or "key" in value:
        export.names.update(_texts(value.get("names")))
        export.schema.update(_objects(value.get("schema")))
        export.issues.append(value)
        export.places.append(place or "the issue")
    else:
        raise Refused((f"{place or 'the file'}: holds no issues; {_MEND}",))


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {str(key): name for key, name in value.items() if isinstance(name, str)}


def _objects(value: object) -> dict[str, Raw]:
    if not isinstance(value, Mapping):
        return {}
    return {str(key): found for key, found in value.items() if isinstance(found, Mapping)}
