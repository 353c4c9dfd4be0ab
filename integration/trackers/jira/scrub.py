"""Takes people out of changelogs before anything else sees them: of people nothing is kept."""

from collections.abc import Iterable

from integration.contract import Malformed
from integration.trackers.jira.answered import Json

CHANGE_KEYS = ("field", "fieldtype", "fieldId", "from", "fromString", "to", "toString")
_KEYS = frozenset(CHANGE_KEYS)
PEOPLE = frozenset({"assignee", "reporter", "creator", "comment", "watchers", "votes", "description"})


def without_people(histories: Iterable[Json] | None) -> list[Json]:
    """Histories without who made them, and without changes that speak of people or hold long texts.

    An issue of which Jira told none must not pass for one that never changed: what is kept of it would be lost.
    """
    if histories is None:
        raise Malformed("changelog", "Jira did not tell it; the item stays as it was.")
    kept = []
    for history in histories:
        items = history.get("items")
        changes = [
            change if _KEYS.issuperset(change) else {key: change[key] for key in CHANGE_KEYS if key in change}
            for change in (items if isinstance(items, list) else ())
            if isinstance(change, dict) and not _is_about_people(change)
        ]
        if changes:
            kept.append({"id": history.get("id"), "created": history.get("created"), "items": changes})
    return kept


def _is_about_people(change: Json) -> bool:
    if "tmpFromAccountId" in change or "tmpToAccountId" in change:
        return True
    return str(change.get("fieldId") or change.get("field")).lower() in PEOPLE
