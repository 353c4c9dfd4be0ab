"""Records of writing back as JSON, the same by API and at the command line."""

from dataclasses import asdict
from typing import Any

from integration.store.write_back_records import Change, Run
from mappings.document import plain_values

Json = dict[str, Any]
_OURS = ("lease_until", "pauses", "sender")


def run_document(run: Run) -> Json:
    told_of = {name: value for name, value in asdict(run).items() if name not in _OURS}
    return {**plain_values(told_of), "to_send": run.to_send, "total": run.total}


def change_document(change: Change) -> Json:
    return plain_values({
        "number": change.position,
        "id": change.id,
        "item": change.key,
        "title": change.title,
        "where": change.place,
        "former": change.former,
        "wanted": change.wanted,
        "state": change.state,
        "problem": change.problem,
        "sent_at": change.sent_at,
        "came_back_at": change.came_back_at,
    })  # fmt: skip
