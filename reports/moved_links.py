"""Which items of a closed sprint link elsewhere by now: what tells a corrected figure from the closed one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from integration.store.reads import ItemLine
from mappings.exact import exact_number
from reports.addresses import safe_link
from reports.figures import OTHERS, Document


@dataclass(frozen=True, slots=True)
class MovedLink:
    key: str
    title: str
    url: str | None
    was: str
    now: str
    reason: str  # of the links of now


def moved_links(
    closed: Document, corrected: Document, scopes: tuple[str, ...], items: Mapping[str, ItemLine]
) -> Iterator[MovedLink]:
    """Once for each item, in the order of the receipts."""
    before, after = (_lines(document, scopes) for document in (closed, corrected))
    for key, line in after.items():
        was, now = _words(before[key]) if key in before else "", _words(line)
        if was and was != now:
            item = items.get(key)
            title, url = (item.title, safe_link(item.url)) if item is not None else ("", None)
            yield MovedLink(key, title, url, was, now, "; ".join(part["reason"] for part in line["parts"]))


def _lines(document: Document, scopes: tuple[str, ...]) -> dict[str, Document]:
    found: dict[str, Document] = {}
    for scope in scopes:
        for line in document["receipts"].get(scope, ()):
            found.setdefault(line["item"], line)
    return found


def _words(line: Document) -> str:
    return ", ".join(sorted(_part(part) for part in line["parts"]))


def _part(part: Document) -> str:
    name: str = part["key_result"] or part["bucket"]
    weight = float(exact_number(part["weight"])) * 100
    return OTHERS.get(name, name) + ("" if weight == 100 else f" {weight:.3g} %")
