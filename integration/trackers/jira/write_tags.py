"""What writing the tag of key results comes to on one issue: into which field, what is there, and what it will bear."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from integration.contract import Edit, KeyResultTag, Proposal
from integration.http import HTTPClient
from integration.trackers.jira import client
from integration.trackers.jira import write_calls as calls
from integration.trackers.jira.answered import Json
from integration.trackers.jira.fields import FieldMapping, FieldRef
from integration.trackers.jira.site import link_words
from integration.trackers.jira.values import label_tag, tag_texts
from integration.trackers.jira.write_places import LISTS, labels_of, links_of, prefixed
from integration.trackers.jira.write_values import Unwritable, Written, canonical, words, written, written_labels

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*-\d{1,20}", re.ASCII)


@dataclass(slots=True)
class Ground:
    """A site as seen while one wish is looked at: screens and permissions are asked for once for each kind of issue."""

    http: HTTPClient
    mapping: FieldMapping
    _screens: dict[tuple[str, str], Mapping[str, Json]] = field(default_factory=dict)
    _held: dict[tuple[str, str], bool] = field(default_factory=dict)
    _link_types: list[tuple[str, ...]] | None = None

    def scope(self, issue: Json) -> str:
        """The project, for which permissions are given."""
        return _id(issue, "project")

    def screen(self, issue: Json) -> Mapping[str, Json]:
        """The fields that the account may edit; the same for all issues of a project and type."""
        key = (self.scope(issue), _id(issue, "issuetype"))
        if key not in self._screens:
            self._screens[key] = calls.editable_fields(self.http, str(issue["id"]))
        return self._screens[key]

    def permissions(self, scope: str, issue: str, name: str) -> bool:
        if (scope, name) not in self._held:
            self._held[scope, name] = calls.permissions(self.http, issue, [name])[name]
        return self._held[scope, name]

    def link_type(self, name: str) -> tuple[str, ...] | None:
        """Name, inward and outward phrase of the type that goes by that name or phrase."""
        if self._link_types is None:
            self._link_types = [link_words(raw) for raw in client.link_types(self.http)]
        return next((known for known in self._link_types if name.casefold() in map(str.casefold, known)), None)


def proposed_tag(ground: Ground, wish: KeyResultTag, issue: Json) -> Proposal:
    id_, fields, mapping = str(issue["id"]), issue["fields"], ground.mapping
    borne = _tags(mapping, fields)
    if borne and not wish.replaces:
        return Proposal(id_, "", ", ".join(borne), problem=f"It has a tag already, {', '.join(borne)}, and keeps it.")
    place = mapping.tag_field or ""
    try:
        target = _target(ground, wish, issue)
        if isinstance(target, FieldRef):
            place = target.name
            return _into_field(ground, target, wish, issue)
        place = target
        return _into_labels(ground, wish, issue) if target == "Labels" else _as_link(ground, target, wish, issue)
    except Unwritable as why:
        return Proposal(id_, place, problem=why.sentence)


# --- where to -----------------------------------------------------------------------------------


def _target(ground: Ground, wish: KeyResultTag, issue: Json) -> FieldRef | str:
    """A field, or `Labels`, or the name of a link type: the one that is asked for, else the first that is there."""
    mapping = ground.mapping
    asked = (wish.into or "").casefold()
    fields = [ref for ref in mapping.kr_fields if asked in {"", ref.id.casefold(), *map(str.casefold, ref.names)}]
    if fields:
        # Each project may have a field of its own by the same name.
        screen = ground.screen(issue)
        found = next((ref for ref in fields if ref.id in screen), None)
        if found is None:
            raise Unwritable(
                f"The field “{fields[0].name}” is not on the edit screen of this type of issue, or is read-only for "
                "the account: add it to the screen in Jira, or tag this issue by hand."
            )
        return found
    if mapping.kr_label_prefix is not None and asked in {"", "labels"}:
        return "Labels"
    types = [name for name in mapping.kr_link_types if asked in {"", name.casefold()}]
    if types:
        return types[0]
    if asked:
        raise Unwritable(f"“{wish.into}” is none of the places from which this connection reads tags.")
    raise Unwritable("This connection reads tags from no field: choose one with `tieline connect jira`.")


def _into_field(ground: Ground, ref: FieldRef, wish: KeyResultTag, issue: Json) -> Proposal:
    fields, mapping = issue["fields"], ground.mapping
    is_cloud = ground.http.dialect != client.DATA_CENTER
    new = written(ref, ground.screen(issue)[ref.id], wish.names, mapping.kr_text_pattern, as_document=is_cloud)
    value = fields.get(ref.id)
    kind = "values" if ref.encoding in LISTS else "value"
    edit = Edit(str(issue["id"]), kind, ref.id, canonical(value), canonical(new.value), ground.scope(issue))
    return _proposed(edit, ref.name, words(value), new, _tags(mapping, fields, {ref.id: new.tags}))


def _into_labels(ground: Ground, wish: KeyResultTag, issue: Json) -> Proposal:
    fields, prefix = issue["fields"], ground.mapping.kr_label_prefix or ""
    new = written_labels(prefix, wish.names)
    if "labels" not in ground.screen(issue):
        raise Unwritable("Labels are not on the edit screen of this issue, or not for the account.")
    former = prefixed(fields, prefix)
    edit = Edit(str(issue["id"]), "labels", prefix, former, canonical(new.value), ground.scope(issue))
    after = _tags(ground.mapping, fields, {"labels": new.tags})
    return _proposed(edit, "Labels", ", ".join(former or ()), new, after)


def _as_link(ground: Ground, type_: str, wish: KeyResultTag, issue: Json) -> Proposal:
    """A link more; those that are there stay, for each is a thing of its own in Jira."""
    if len(wish.names) > 1:
        raise Unwritable("One link is made at a time: choose one key result.")
    known = ground.link_type(type_)
    if known is None:
        raise Unwritable(f"The site has no type of link “{type_}” any more.")
    other = next((name for name in wish.names[0] if _KEY.fullmatch(name)), None)
    if other is None:
        raise Unwritable(f"{wish.names[0][0]} has no name that is the key of an issue to link to.")
    name, *phrases = known
    is_inward = bool(phrases) and type_.casefold() == phrases[0].casefold() != name.casefold()
    ends = {"type": name, "key": other, "item": str(issue.get("key")), "is_inward": is_inward}
    present = [key for _, words_, key in links_of(issue["fields"]) if name in words_]
    former = dict(ends) if other in present else None
    edit = Edit(str(issue["id"]), "link", name, former, ends, ground.scope(issue))
    new = Written(ends, f"{phrases[0] if is_inward else name} {other}", (*present, other))
    tags = _tags(ground.mapping, issue["fields"], {"links": (*(key for key in present if key != other), other)})
    return _proposed(edit, f"link “{name}”", ", ".join(present), new, tags)


def _proposed(edit: Edit, place: str, former: str, new: Written, tags: tuple[str, ...]) -> Proposal:
    if edit.former == edit.wanted:
        return Proposal(edit.item, place, former, new.words, tags=tags, is_so_already=True)
    return Proposal(edit.item, place, former, new.words, edit, tags)


# --- what is read again ---------------------------------------------------------------------------


def _tags(
    mapping: FieldMapping, fields: Mapping[str, object], instead: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[str, ...]:
    """The tags of an issue as they are read, with those of one place as they would be."""
    new = instead or {}
    found: list[str] = []
    for ref in mapping.kr_fields:
        texts = new[ref.id] if ref.id in new else tag_texts(fields.get(ref.id))
        found += texts if ref.id in new else _found(texts, mapping.kr_text_pattern)
    prefix = mapping.kr_label_prefix
    if prefix is not None:
        read = (label_tag(label, prefix) for label in labels_of(fields))
        found += new["labels"] if "labels" in new else [tag for tag in read if tag is not None]
    if mapping.kr_link_types:
        found += new["links"] if "links" in new else _linked(mapping, fields)
    return tuple(dict.fromkeys(found))


def _found(texts: Iterable[str], pattern: str | None) -> Iterable[str]:
    if pattern is None:
        return texts
    return [match.group(match.lastindex or 0) for text in texts for match in re.finditer(pattern, text)]


def _linked(mapping: FieldMapping, fields: Mapping[str, object]) -> list[str]:
    types = {name.casefold() for name in mapping.kr_link_types}
    return [key for _, words_, key in links_of(fields) if types.intersection(map(str.casefold, words_))]


def _id(issue: Json, part: str) -> str:
    found = issue["fields"].get(part)
    return str(found.get("id")) if isinstance(found, dict) else ""
