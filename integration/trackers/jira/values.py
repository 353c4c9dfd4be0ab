"""What people put into a field, as texts: the value shapes of Jira's field types, recorded on many sites.

Of a value nobody can read as a tag (a person, a placeholder for a missing licence, an empty object) nothing is made.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from integration.trackers.jira.fields import Encoding
from mappings.model import Exact

_DEEPEST = 5
_PEOPLE = frozenset({"accountId", "emailAddress", "displayName", "accountType"})
_BLOCKS = frozenset({
    "paragraph", "heading", "listItem", "codeBlock", "blockquote", "tableRow", "tableCell", "taskItem", "hardBreak",
    "rule",
})  # fmt: skip
_SAID_IN_ATTRS = {"inlineCard": "url", "blockCard": "url", "status": "text", "emoji": "text", "date": "timestamp"}
_CASCADE = re.compile(r"Parent values: (.*?)\((\d+)\)(?:\s*Level 1 values: (.*)\((\d+)\))?\s*", re.DOTALL)
_LARGEST = 10**12  # no estimate is larger: what is, was a slip or a time stamp
_ALWAYS_STRIPPED = (":", "=", "/", "#")


def tag_texts(value: object, depth: int = 0) -> tuple[str, ...]:
    """The texts of a field's value, in any of its encodings; () where there is none."""
    match value:
        case None | bool() | "" | "{}":
            return ()
        case str():
            return (value.strip(),) if value.strip() else ()
        case int() | float():
            return (number_text(value),)
        case list() if depth < _DEEPEST:
            return tuple(text for part in value for text in tag_texts(part, depth + 1))
        case dict() if depth < _DEEPEST:
            return _object_texts(value, depth)
    return ()


def _object_texts(value: Mapping[str, object], depth: int) -> tuple[str, ...]:
    if _PEOPLE & value.keys():
        return ()
    if value.get("type") == "doc":
        return tag_texts(document_text(value))
    if "value" in value:  # an option; of a cascading one the child, else the parent
        return tag_texts(value.get("child"), depth + 1) or tag_texts(value["value"], depth + 1)
    for key in ("key", "name", "title"):  # an issue; a component, version, team or group
        if isinstance(value.get(key), str):
            return tag_texts(value[key])
    return ()


def option_texts(value: object, depth: int = 0) -> dict[str, str]:
    """The options within a value, text by id: their ids survive a renaming, the texts of old changelogs do not."""
    if isinstance(value, list) and depth < _DEEPEST:
        return {id_: text for part in value for id_, text in option_texts(part, depth + 1).items()}
    if not isinstance(value, dict) or depth >= _DEEPEST:
        return {}
    found = option_texts(value.get("child"), depth + 1)
    match value:
        case {"id": str() | int() as id_, "value": str(text)}:
            found[str(id_)] = text
    return found


def number_text(number: float) -> str:
    """The shortest decimal: 3.0 is "3"."""
    text = format(Decimal(repr(number)), "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def document_text(document: object) -> str:
    """The words of an Atlassian document; who is mentioned in it is left out.

    https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
    """
    pieces: list[str] = []
    waiting: list[object] = [document]  # a stack of our own: documents may be nested deeper than calls may be
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            pieces.append(node)
        elif isinstance(node, dict):
            waiting.extend(reversed(list(_node_parts(node))))
    lines = (" ".join(line.split()) for line in "".join(pieces).splitlines())
    return "\n".join(line for line in lines if line)


def _node_parts(node: Mapping[str, object]) -> Iterator[object]:
    kind, content, attrs = node.get("type"), node.get("content"), node.get("attrs")
    if isinstance(node.get("text"), str):
        yield node["text"]
    said = attrs.get(_SAID_IN_ATTRS.get(str(kind), "")) if isinstance(attrs, dict) else None
    if isinstance(said, str):
        yield said
    if isinstance(content, list):
        yield from content
    if kind in _BLOCKS:
        yield "\n"


# --- numbers --------------------------------------------------------------------------------------


def exact_number(value: object) -> Exact | None:
    """An estimate from a number or its text; None where it is no number from 0 up."""
    if value is None or isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, int):
        return value if 0 <= value <= _LARGEST else None
    text = value.strip() if isinstance(value, str) else repr(value)
    return _decimal(text)


def estimate(value: object) -> Exact | None:
    """An estimate as a field holds it: a number, its text, or an option of a select list that is one."""
    return exact_number(value.get("value") if isinstance(value, dict) else value)


@lru_cache(maxsize=4096)
def _decimal(text: str) -> Exact | None:
    if len(text) > 40 or not re.fullmatch(r"\d+(?:\.\d*)?(?:[eE][+-]?\d{1,2})?", text, re.ASCII):
        return None
    number = Fraction(text)
    if number > _LARGEST:
        return None
    return number.numerator if number.denominator == 1 else number


# --- changelogs and labels ------------------------------------------------------------------------


def changed_texts(ids: str | None, text: str | None, encoding: Encoding, options: Mapping[str, str]) -> tuple[str, ...]:
    """The texts of one side of a changelog item (`from` and `fromString`, or `to` and `toString`).

    Options that the item does not have any more are told apart where there are as many ids as texts between commas.
    What cannot be told apart stays one text: the domain splits it, as titles may hold commas.
    """
    if encoding == "cascading":
        return _cascade(text, options)
    if encoding == "labels":
        return tuple((text or "").split())
    if encoding == "number":
        number = exact_number(text)
        return tag_texts(text) if number is None else (_shortest(number),)
    found = re.findall(r"\d+", ids) if ids and re.fullmatch(r"[\[\]\d,\s]+", ids) else []
    if encoding in {"option", "options"} and found:
        parts = [part.strip() for part in (text or "").split(",")]
        if len(parts) == len(found) and all(parts):
            return tuple(options.get(id_, part) for id_, part in zip(found, parts, strict=True))
        if all(id_ in options for id_ in found):
            return tuple(options[id_] for id_ in found)
    return tag_texts(text)


def _cascade(text: str | None, options: Mapping[str, str]) -> tuple[str, ...]:
    """Read `Parent values: Growth(10100)Level 1 values: KR-1(10101)`: the child, else the parent."""
    whole = _CASCADE.fullmatch(text or "")
    if whole is None:
        return tag_texts(text)
    parent, parent_id, child, child_id = whole.groups()
    return tag_texts(options.get(parent_id, parent) if child is None else options.get(child_id, child))


def _shortest(number: Exact) -> str:
    """Every number read here has a finite decimal form."""
    return number_text(number if isinstance(number, int) else float(number))


def label_tag(label: str, prefix: str, names: Collection[str] = ()) -> str | None:
    """The tag that a label with the prefix bears; None for any other label.

    `names` are the caseless names of the register where it is at hand: "kr-3" may be a code itself, or 3 behind a
    prefix. Without them, what is left must hold a letter to be a name of its own, as in "okr-PAY1".
    """
    if not label.casefold().startswith(prefix.casefold()) or not label[len(prefix) :].strip():
        return None
    rest = label[len(prefix) :].strip()
    if rest.casefold() in names:
        return rest
    if label.casefold() in names:
        return label
    is_name = prefix.endswith(_ALWAYS_STRIPPED) or any(letter.isalpha() for letter in rest)
    return rest if is_name else label
