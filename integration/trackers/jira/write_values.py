"""What is written into a field to make it name key results, in every encoding, and what is there, in one form.

Written is only what Tieline would read again as the tags that are wanted.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integration.trackers.jira.answered import Json
from integration.trackers.jira.fields import FieldRef
from integration.trackers.jira.values import label_tag, number_text, tag_texts
from integration.trackers.jira.write_calls import document
from mappings.tags import fold

LONGEST_LINE = 255  # of a single-line text field
_TEXT_AREA = ":textarea"
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,10})?", re.ASCII)
_MANY = frozenset({"text", "options", "labels"})

Names = tuple[str, ...]  # that lead to one key result, the best first


class Unwritable(Exception):
    """`sentence` says why the wish cannot be written here, and what could be done."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Written:
    """What to send, what it looks like to people, and the tags that will be read from it."""

    value: object
    words: str
    tags: tuple[str, ...]


def written(field: FieldRef, meta: Json, wanted: Sequence[Names], pattern: str | None, *, as_document: bool) -> Written:
    """`meta`: what Jira tells of the field on this issue's screen; `as_document`: long texts are documents there."""
    if len(wanted) > 1 and field.encoding not in _MANY:
        raise Unwritable(f"The field “{field.name}” holds one value: choose one key result.")
    if not _may_be_set(meta):
        raise Unwritable(f"The field “{field.name}” is read-only here.")
    match field.encoding:
        case "option":
            return _one(field, _options(meta), wanted[0])
        case "options":
            return _several(field, _options(meta), wanted)
        case "cascading":
            return _one(field, _cascade(meta), wanted[0])
        case "labels":
            labels = [_label(field.name, names) for names in wanted]
            return Written(labels, ", ".join(labels), tuple(labels))
        case "number":
            return _number(field, wanted[0])
        case "text":
            return _text(field, meta, wanted, pattern, as_document=as_document)
    raise Unwritable(
        f"How the field “{field.name}” is written depends on the app that made it: set it in Jira, "
        "or write another field, a label or a link."
    )


def written_labels(prefix: str, wanted: Sequence[Names]) -> Written:
    """Labels with the prefix that ties them to key results."""
    labels = []
    for names in wanted:
        # A name may hold the prefix already, as in "kr-3".
        tries = [label for name in names for label in (prefix + name, name) if _is_label(label)]
        wise = (label for label in tries if (label_tag(label, prefix) or "") in names)
        label = next(wise, None)
        if label is None:
            raise Unwritable(
                f"No name of {names[0]} makes a label with the prefix “{prefix}”: labels hold no blanks. "
                "Give the key result an alias without blanks."
            )
        labels.append(label)
    tags = tuple(label_tag(label, prefix) or label for label in labels)
    return Written(labels, ", ".join(labels), tags)


def is_label(text: str) -> bool:
    return _is_label(text)


def canonical(value: object) -> object:
    """A field's value as it is compared and sent again: options by their ids, lists in one order, nothing as None.

    Documents stay whole, for undoing has to give back what was there.
    """
    if isinstance(value, list):
        parts = [part for part in map(canonical, value) if part is not None]
        return sorted(parts, key=repr) or None
    if isinstance(value, Mapping):
        return _canonical_object(value)
    if isinstance(value, str):
        return value.replace("\r\n", "\n") or None
    return value


def words(value: object) -> str:
    """What people see in the field."""
    return ", ".join(" ".join(text.split()) for text in tag_texts(value))


def _canonical_object(value: Mapping[str, object]) -> object:
    if value.get("type") == "doc":
        return dict(value)
    if "id" not in value:
        return dict(value) or None
    child = value.get("child")
    inner = canonical(child) if isinstance(child, Mapping) else None
    return {"id": str(value["id"])} | ({} if inner is None else {"child": inner})


# --- options ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Option:
    value: Json
    text: str


def _options(meta: Json) -> list[_Option]:
    return [_Option({"id": id_}, text) for raw in _allowed(meta) for id_, text in _told(raw)]


def _cascade(meta: Json) -> list[_Option]:
    """Children first: a tag is the child's text where there is one."""
    children, parents = [], []
    for raw in _allowed(meta):
        for id_, text in _told(raw):
            parents.append(_Option({"id": id_}, text))
            below = raw.get("children")
            for child in below if isinstance(below, list) else ():
                inner = _told(child) if isinstance(child, dict) else []
                children += [_Option({"id": id_, "child": {"id": own}}, said) for own, said in inner]
    return [*children, *parents]


def _allowed(meta: Json) -> list[Json]:
    found = meta.get("allowedValues")
    return [raw for raw in found if isinstance(raw, dict)] if isinstance(found, list) else []


def _told(raw: Json) -> list[tuple[str, str]]:
    """The id and text of an option that can be chosen."""
    if raw.get("disabled") is True or not isinstance(raw.get("value"), str) or not raw.get("id"):
        return []
    return [(str(raw["id"]), raw["value"])]


def _chosen(field: FieldRef, options: Sequence[_Option], names: Names) -> _Option:
    for name in names:
        same = [option for option in options if fold(option.text) == fold(name)]
        if len(same) == 1:
            return same[0]
        if len(same) > 1:
            raise Unwritable(f"The field “{field.name}” has several options “{name}”: rename one of them in Jira.")
    raise Unwritable(
        f"The field “{field.name}” has no option for {names[0]}: add one in Jira that bears its code, an alias "
        "or its title."
    )


def _one(field: FieldRef, options: Sequence[_Option], names: Names) -> Written:
    option = _chosen(field, options, names)
    return Written(option.value, option.text, (option.text.strip(),))


def _several(field: FieldRef, options: Sequence[_Option], wanted: Sequence[Names]) -> Written:
    found = [_chosen(field, options, names) for names in wanted]
    texts = tuple(option.text.strip() for option in found)
    return Written([option.value for option in found], ", ".join(texts), texts)


# --- words and numbers ------------------------------------------------------------------------


def _may_be_set(meta: Json) -> bool:
    operations = meta.get("operations")
    return not isinstance(operations, list) or "set" in operations


def _is_label(text: str) -> bool:
    return bool(text) and len(text) <= LONGEST_LINE and not any(sign.isspace() for sign in text) and text.isprintable()


def _label(where: str, names: Names) -> str:
    label = next((name for name in names if _is_label(name)), None)
    if label is None:
        raise Unwritable(f"No name of {names[0]} can stand in “{where}”: labels hold no blanks. Give it an alias.")
    return label


def _number(field: FieldRef, names: Names) -> Written:
    name = next((name for name in names if _NUMBER.fullmatch(name)), None)
    if name is None:
        raise Unwritable(f"“{field.name}” holds numbers, and no name of {names[0]} is one: give it such an alias.")
    value = float(name) if "." in name else int(name)
    return Written(value, name, (number_text(value),))


def _text(field: FieldRef, meta: Json, wanted: Sequence[Names], pattern: str | None, *, as_document: bool) -> Written:
    parts = [_plain_name(field, names, pattern) for names in wanted]
    text = ", ".join(parts)
    schema = meta.get("schema")
    is_long = isinstance(schema, dict) and str(schema.get("custom")).endswith(_TEXT_AREA)
    if not is_long and len(text) > LONGEST_LINE:
        raise Unwritable(f"“{text[:40]}…” is longer than the {LONGEST_LINE} signs that “{field.name}” holds.")
    tags = tuple(parts) if pattern is not None else (text,)
    return Written(document(text) if is_long and as_document else text, text, tags)


def _plain_name(field: FieldRef, names: Names, pattern: str | None) -> str:
    """One line that is read again as this name."""
    for name in names:
        if not name.isprintable() or name != name.strip():
            continue
        match = None if pattern is None else re.search(pattern, name)
        if pattern is None or (match is not None and match.group(match.lastindex or 0) == name):
            return name
    shape = "" if pattern is None else f" in the pattern “{pattern}” of the field mapping"
    raise Unwritable(f"No name of {names[0]} can be written into “{field.name}” so that it is found again{shape}.")
