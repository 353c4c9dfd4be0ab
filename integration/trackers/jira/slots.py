"""Which part of an item a changelog item is about: by `fieldId` where it has one, else by its name, caseless."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from integration.trackers.jira.fields import FieldMapping, FieldRef

_IDS = {
    "status": "status",
    "resolution": "resolution",
    "labels": "labels",
    "components": "components",
    "parent": "parent",
    "timeoriginalestimate": "estimate",
    "timespent": "spent",
}
_NAMES = {
    "status": "status",
    "resolution": "resolution",
    "labels": "labels",
    "component": "components",
    "components": "components",
    "timeoriginalestimate": "estimate",
    "original estimate": "estimate",
    "timespent": "spent",
    "time spent": "spent",
    "key": "key",
    # Three spellings of one thing, two of them without a field id:
    # https://community.developer.atlassian.com/t/54048
    "issueparentassociation": "parent",
    "parent": "parent",
    "parent issue": "parent",
}
# The names that Jira's own custom fields bear in changelogs: good where the mapping does not name the field.
_USUAL = {"sprint": "sprints", "epic link": "parent", "parent link": "parent"}


@lru_cache(maxsize=64)
def slot_finder(mapping: FieldMapping) -> Callable[[str | None, str], str | None]:
    """The function from a changelog item's field id and caseless name to the part that it changes."""
    by_id, by_name, usual = dict(_IDS), dict(_NAMES), dict(_USUAL)
    for slot, field in _mapped(mapping):
        by_id[field.id.casefold()] = slot
        for name in field.names:
            by_name.setdefault(name.casefold(), slot)
            usual.pop(name.casefold(), None)
    if mapping.kr_link_types:
        by_name["link"] = "links"

    def slot_of(field_id: str | None, name: str) -> str | None:
        if field_id is not None:
            slot = by_id.get(field_id.casefold())
            # Another custom field may bear the same name; a field id that is no custom one may be a name itself.
            if slot is not None or field_id.startswith("customfield_"):
                return slot or usual.get(name)
        return by_name.get(name) or usual.get(name)

    return slot_of


def _mapped(mapping: FieldMapping) -> list[tuple[str, FieldRef]]:
    """The parts that mapped fields play; points, tags and rule fields each are a part of their own, by id."""
    single: Mapping[str, tuple[FieldRef | None, ...]] = {
        "sprints": (mapping.sprint_field,),
        "parent": (mapping.epic_link_field, mapping.parent_link_field),
    }
    found = [(slot, field) for slot, fields in single.items() for field in fields if field is not None]
    found += [(field.id, field) for field in (*mapping.points_fields, *mapping.kr_fields, *mapping.rule_fields)]
    found += [(mapping.team_field.id, mapping.team_field)] if mapping.team_field is not None else []
    return found
