"""Prepares an OpenAPI document of Atlassian's for a mock: its examples are JSON written as text, which a mock would
serve as it stands. For a proxy before a site it is loosened by what real sites are known to answer otherwise.

    python -m simulator.mock_document SOURCE TARGET [--prefix /rest] [--as-recorded]
"""

import argparse
import json
from pathlib import Path
from typing import Any

from simulator.recorded import as_recorded


def prepared(document: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """The document with its examples parsed, empty ones left out, and its paths below `prefix`."""
    document = _walked(document)
    if prefix:
        document["paths"] = {prefix + path: item for path, item in document["paths"].items()}
        document["servers"] = [{"url": "/"}]
    return document


def _walked(part: Any) -> Any:
    if isinstance(part, list):
        return [_walked(one) for one in part]
    if not isinstance(part, dict):
        return part
    walked = {name: _walked(value) for name, value in part.items() if not (name == "example" and value is None)}
    if "example" in walked:
        walked["example"] = _parsed(walked["example"])
    for one in _examples(walked):
        one["value"] = _parsed(one["value"])
    return walked


def _examples(part: dict[str, Any]) -> list[dict[str, Any]]:
    known = part.get("examples")
    found = known.values() if isinstance(known, dict) else ()
    return [one for one in found if isinstance(one, dict) and "value" in one]


def _parsed(value: Any) -> Any:
    if not isinstance(value, str) or value.strip()[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def main() -> None:
    parser = argparse.ArgumentParser(prog="simulator.mock_document")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--prefix", default="", help="what stands before the document's paths; /rest for Data Center")
    parser.add_argument("--as-recorded", action="store_true", help="allow what recorded answers hold; for a proxy")
    given = parser.parse_args()
    document = json.loads(given.source.read_text(encoding="utf-8"))
    if given.as_recorded:
        document = as_recorded(document)
    given.target.write_text(json.dumps(prepared(document, given.prefix)), encoding="utf-8")


if __name__ == "__main__":
    main()
