"""A small backlog file that uses every section, to be changed in one place by a test."""

import copy
import json
from typing import Any

from integration.files.backlog_file import load
from integration.files.faults import Refused
from mappings.model import Backlog

Document = dict[str, Any]

_DOCUMENT: Document = {
    "format": "tieline-backlog/1",
    "now": "2026-03-20T12:00:00Z",
    "settings": {
        "unestimated": {"bug": "zero", "*": 2.5}, "thresholds": {"starved_kr": 7.5}, "time_zone": "Europe/Berlin",
    },
    "rules": [
        {"when": {"label": "support"}, "then": "exempt", "reason": "on call", "from": "2026-01-01",
         "until": "2026-06-30"},
        {"when": {"all": [{"type": "bug"}, {"not": {"text": "old"}}]}, "then": ["KR-1:70", "kr-2:30"]},
        {"when": {"any": [{"ancestor": "E1"}, {"field": {"name": "Area", "value": "pay"}}]}, "then": ["KR-1"]},
    ],
    "teams": [
        {"name": "Group"},
        {"name": "Payments", "parent": "Group", "split": {"primary": 69.5, "secondary": 20.5, "exploration": 10}},
    ],
    "cycles": [{"id": "Q1", "start": "2026-01-01", "end": "2026-03-31"}],
    "objectives": [
        {"id": "O1", "title": "Shops start fast", "team": "Payments", "cycle": "Q1", "horizon": "primary"},
        {"id": "O2", "title": "Shops stay", "team": "Group", "cycle": "Q1"},
    ],
    "key_results": [
        {"code": "KR-1", "objective": "O1", "title": "One", "aliases": ["eins"], "direction": "up", "baseline": 50,
         "target": 70, "supports": ["KR-2"], "cadence_days": 30, "from": "2026-01-15", "until": "2026-02-14",
         "values": [{"at": "2026-02-02T00:00:00Z", "value": 54.25}, {"at": "2026-02-01T00:00:00Z", "value": 53}]},
        {"code": "KR-2", "objective": "O2", "title": "Two", "kind": "binary", "confidence": 0.7},
    ],
    "boards": [{"id": "B1", "name": "Payments", "team": "Payments"}, {"id": "B2", "name": "Desk", "periods": "week"}],
    "sprints": [
        {"id": "S1", "board": "B1", "name": "Sprint 1", "state": "closed", "goal": "Better",
         "start": "2026-03-02T09:00:00+01:00", "end": "2026-03-13T17:00:00Z", "completed": "2026-03-13T16:30:00Z"},
        {"id": "S2", "board": "B1", "team": "Group", "name": "Sprint 2", "state": "active",
         "start": "2026-03-16T09:00:00Z",
         "goals": [{"at": "2026-03-17T09:00:00Z", "text": "New"}, {"at": "2026-03-16T09:00:00Z", "text": None}]},
        {"id": "S3", "board": "B1", "name": "Sprint 3", "state": "future"},
    ],
    "hidden_parents": ["X-1"],
    "items": [
        {"key": "E1", "type": "epic", "level": 1, "created": "2026-01-01T00:00:00Z",
         "history": [{"at": "2026-01-01T00:00:00Z", "parent": "X-1", "impact": {"KR-1": 1.5, "kr-2": -2}}]},
        {"key": "A", "type": "story", "level": 0, "project": "PAY", "title": "Setup", "created": "2026-02-01T00:00:00Z",
         "history": [
             {"at": "2026-02-03T00:00:00Z", "points": 3.5, "parent": "E1", "sprints": ["S1"], "tags": ["KR-1"]},
             {"at": "2026-03-10T00:00:00Z", "status": "done", "fields": {"Area": ["pay", "shop"], "Size": "L"},
              "team": "Group", "board": "B2"}]},
        {"key": "B", "type": "bug", "level": 0, "created": "2026-02-01T00:00:00Z", "deleted": "2026-02-05T00:00:00Z"},
        {"key": "T", "type": "sub-task", "level": -1, "created": "2026-02-01T00:00:00Z", "history_known": False,
         "history": [{"at": "2026-02-01T00:00:00Z", "parent": "A", "original_estimate": 3600, "time_spent": 60,
                      "labels": ["x"], "components": ["y"]}]},
    ],
}  # fmt: skip


def document() -> Document:
    """A fresh copy to change."""
    return copy.deepcopy(_DOCUMENT)


def changed(path: str, value: object) -> Document:
    """The document with one place set, such as "items.1.history.0.points"."""
    found = document()
    *steps, last = path.split(".")
    place: Any = found
    for step in steps:
        place = place[int(step) if isinstance(place, list) else step]
    place[int(last) if isinstance(place, list) else last] = value
    return found


def without(path: str) -> Document:
    """The document with one key taken out."""
    found = document()
    *steps, last = path.split(".")
    place: Any = found
    for step in steps:
        place = place[int(step) if isinstance(place, list) else step]
    del place[last]
    return found


def as_bytes(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def loaded(value: object) -> Backlog:
    return load(as_bytes(value))


def faults_of(value: object) -> tuple[str, ...]:
    """What a document is refused with; none where it is taken."""
    try:
        load(value if isinstance(value, bytes) else as_bytes(value))
    except Refused as refused:
        return refused.faults
    return ()
