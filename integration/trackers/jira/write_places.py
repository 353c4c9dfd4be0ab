"""The places of an issue that can be written: what is there in each, in the form that edits hold, and how it is sent.

A field is a `value` or a list of `values`; of the `labels` those with one prefix are looked at, or one `label`;
a `link` is that of one type to one issue; `property` and `comment` are no fields.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from integration.contract import Edit, Misconfigured, Permanent
from integration.http import HTTPClient
from integration.trackers.jira import write_calls as calls
from integration.trackers.jira.answered import Json
from integration.trackers.jira.site import link_words
from integration.trackers.jira.values import document_text, label_tag
from integration.trackers.jira.write_values import canonical

LISTS = frozenset({"options", "labels"})  # encodings whose empty value is an empty list
_FIELDS = {"label": "labels", "labels": "labels", "link": "issuelinks"}
_READ_ONLY = (
    "Jira says that the scopes of the connection's token do not cover writing: connect with an API token without "
    "scopes, or with one that has write:jira-work. Nothing more was sent."
)
_NOT_ALLOWED = {
    "comment": "comment on this issue. Give it the permission “Add Comments”",
    "link": "link this issue. Give it the permission “Link Issues”",
}


def field_of(edit: Edit) -> str | None:
    """The field to ask for; None where the place is no field."""
    if edit.kind in {"value", "values"}:
        return edit.place
    return _FIELDS.get(edit.kind)


def there(edit: Edit, fields: Mapping[str, object]) -> object:
    """What is in the place of an edit, among the fields of its issue."""
    match edit.kind:
        case "value" | "values":
            return canonical(fields.get(edit.place))
        case "label":
            return True if edit.place in labels_of(fields) else None
        case "labels":
            return prefixed(fields, edit.place)
    wanted = edit.wanted if isinstance(edit.wanted, Mapping) else edit.former
    if not isinstance(wanted, Mapping):
        return None
    found = links_between(fields, edit.place, str(wanted.get("key")))
    return dict(wanted) if found else None


def is_same(one: object, other: object) -> bool:
    """Documents are compared by their words: Jira gives them ids and marks of its own."""
    if _is_document(one) or _is_document(other):
        return document_text(one) == document_text(other)
    return canonical(one) == canonical(other)


def labels_of(fields: Mapping[str, object]) -> tuple[str, ...]:
    found = fields.get("labels")
    return tuple(label for label in found if isinstance(label, str)) if isinstance(found, list) else ()


def prefixed(fields: Mapping[str, object], prefix: str) -> list[str] | None:
    """The labels that name key results."""
    return sorted(label for label in labels_of(fields) if label_tag(label, prefix) is not None) or None


def links_between(fields: Mapping[str, object], type_: str, key: str) -> list[str]:
    """The ids of the issue's links of one type to one issue."""
    return [id_ for id_, words, other in links_of(fields) if type_ in words and other == key]


def links_of(fields: Mapping[str, object]) -> Iterable[tuple[str, tuple[str, ...], str]]:
    """Id, the words of the type, and the key of the other end."""
    found = fields.get("issuelinks")
    for link in found if isinstance(found, list) else ():
        if isinstance(link, dict):
            other = link.get("outwardIssue") or link.get("inwardIssue")
            if isinstance(other, dict) and link.get("id"):
                yield str(link["id"]), link_words(link.get("type")), str(other.get("key"))


def undone(edit: Edit, receipt: Mapping[str, str]) -> Edit:
    place = edit.place
    if edit.kind == "comment":
        place = receipt.get("id", "") if edit.wanted is not None else ""
    return replace(edit, place=place, former=edit.wanted, wanted=edit.former)


# --- sending ----------------------------------------------------------------------------------


def deliver(http: HTTPClient, edit: Edit, fields: Mapping[str, object], *, quietly: bool) -> Mapping[str, str]:
    """Send an edit, once. `fields` are those of the issue as just read."""
    try:
        return _delivered(http, edit, fields, quietly=quietly)
    except Misconfigured as error:
        if error.reason == "bad_credentials" and "scope does not match" in error.sentence:
            raise Misconfigured("missing_scope", _READ_ONLY) from None
        # Data Center answers 401 where the account may not link issues, though it knows the account.
        if error.reason == "forbidden" or (error.reason == "bad_credentials" and edit.kind == "link"):
            what = _NOT_ALLOWED.get(edit.kind, "edit this issue. Give it the permission “Edit Issues”")
            raise Permanent("forbidden", f"Jira says that the account may not {what}.") from None
        raise


def _delivered(http: HTTPClient, edit: Edit, fields: Mapping[str, object], *, quietly: bool) -> Mapping[str, str]:
    match edit.kind:
        case "property":
            if edit.wanted is None:
                calls.delete_property(http, edit.item, edit.place)
            else:
                calls.put_property(http, edit.item, edit.place, edit.wanted)
        case "comment":
            return _comment(http, edit)
        case "link":
            _link(http, edit, fields)
        case _:
            _edit_fields(http, edit, quietly=quietly)
    return {}


def _edit_fields(http: HTTPClient, edit: Edit, *, quietly: bool) -> None:
    update = _update(edit)
    try:
        calls.edit_issue(http, edit.item, update, quietly=quietly)
    except Misconfigured as error:
        # Who may not do it without mails is refused as a whole on Data Center: nothing was written.
        if not quietly or error.reason != "forbidden":
            raise
        calls.edit_issue(http, edit.item, update, quietly=False)


def _update(edit: Edit) -> Json:
    match edit.kind:
        case "label":
            return {"labels": [{"add" if edit.wanted else "remove": edit.place}]}
        case "labels":
            before, after = _texts(edit.former), _texts(edit.wanted)
            gone = [{"remove": label} for label in before if label not in after]
            return {"labels": gone + [{"add": label} for label in after if label not in before]}
        case "values":
            return {edit.place: [{"set": edit.wanted if edit.wanted is not None else []}]}
    return {edit.place: [{"set": edit.wanted}]}


def _comment(http: HTTPClient, edit: Edit) -> Mapping[str, str]:
    if isinstance(edit.wanted, Mapping):
        return {"id": calls.add_comment(http, edit.item, str(edit.wanted.get("text")))}
    calls.delete_comment(http, edit.item, edit.place)
    return {}


def _link(http: HTTPClient, edit: Edit, fields: Mapping[str, object]) -> None:
    ends = edit.wanted if edit.wanted is not None else edit.former
    known = ends if isinstance(ends, Mapping) else {}
    if edit.wanted is None:
        for link in links_between(fields, edit.place, str(known.get("key"))):
            calls.delete_link(http, link)
        return
    mine, theirs = str(known.get("item")), str(known.get("key"))
    pair = (theirs, mine) if known.get("is_inward") else (mine, theirs)
    calls.add_link(http, str(known.get("type")), *pair)


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _is_document(value: object) -> bool:
    return isinstance(value, Mapping) and value.get("type") == "doc"
