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


_TEXTS_THEMSELVES = frozenset({"labels", "components"})


@lru_cache(maxsize=64)
def slot_finder(mapping: FieldMapping) -> Callable[[str | None, str], tuple[str, ...]]:
    """The function from a changelog item's field id and caseless name to the parts that it changes."""
    by_id: dict[str, tuple[str, ...]] = {id_: (slot,) for id_, slot in _IDS.items()}
    by_name: dict[str, tuple[str, ...]] = {name: (slot,) for name, slot in _NAMES.items()}
    usual: dict[str, tuple[str, ...]] = {name: (slot,) for name, slot in _USUAL.items()}
    for field, slots in _mapped(mapping).items():
        id_ = field.id.casefold()
        by_id[id_] = tuple(dict.fromkeys((*by_id.get(id_, ()), *slots)))
        for name in map(str.casefold, field.names):
            is_its_own = id_ in _IDS and _NAMES.get(name) == _IDS[id_]
            by_name[name] = by_id[id_] if is_its_own else by_name.get(name, by_id[id_])
            usual.pop(name, None)
    if mapping.kr_link_types:
        by_name["link"] = ("links",)

    @lru_cache(maxsize=4096)
    def slots_of(field_id: str | None, name: str) -> tuple[str, ...]:
        if field_id is not None:
            slots = by_id.get(field_id.casefold())
            # Another custom field may bear the same name; a field id that is no custom one may be a name itself.
            if slots is not None or field_id.startswith("customfield_"):
                return slots or usual.get(name, ())
        return by_name.get(name) or usual.get(name, ())

    return slots_of


@lru_cache(maxsize=64)
def text_slots(mapping: FieldMapping) -> Mapping[str, str]:
    """The slots of what is written in fields, by their ids.

    It is the id itself, or a slot of its own where the field plays another part too.
    """
    return {field.id: _text_slot(mapping, field.id) for field in text_fields(mapping)}


def text_fields(mapping: FieldMapping) -> tuple[FieldRef, ...]:
    team = () if mapping.team_field is None else (mapping.team_field,)
    return (*mapping.kr_fields, *mapping.rule_fields, *team)


def _text_slot(mapping: FieldMapping, id_: str) -> str:
    parts = (mapping.sprint_field, mapping.epic_link_field, mapping.parent_link_field, *mapping.points_fields)
    taken = {*_IDS, *_IDS.values(), "key", "links", "sprints"} - _TEXTS_THEMSELVES
    is_taken = id_ in taken or any(field.id == id_ for field in parts if field is not None)
    return f"{id_} as text" if is_taken else id_


def _mapped(mapping: FieldMapping) -> dict[FieldRef, tuple[str, ...]]:
    """The parts that mapped fields play; points, tags, team and rule fields each are a part of their own."""
    above = (mapping.epic_link_field, mapping.parent_link_field)
    found = [(mapping.sprint_field, "sprints"), *((field, "parent") for field in above)]
    found += [(field, field.id) for field in mapping.points_fields]
    found += [(field, text_slots(mapping)[field.id]) for field in text_fields(mapping)]
    slots: dict[str, tuple[str, ...]] = {}
    for field, slot in found:
        if field is not None:
            slots[field.id] = (*slots.get(field.id, ()), slot)
    return {field: tuple(dict.fromkeys(slots[field.id])) for field, _ in found if field is not None}
