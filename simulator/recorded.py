"""What recorded answers of real Jira sites hold although Atlassian's own documents do not allow it."""

import json
from typing import Any

Document = dict[str, Any]
_LISTS = ("field", "status", "issuetype", "resolution", "project")
_PAGES = ("board", "board/{boardId}/sprint", "board/{boardId}/project")


def as_recorded(document: Document) -> Document:
    """The document, loosened by that alone."""
    loosen = _loosen_data_center if "/api/2/search" in document["paths"] else _loosen_cloud
    loosen(document, document["components"]["schemas"])
    # Moments bear an offset without a colon: 2021-03-02T11:04:00.000+1000.
    text = json.dumps(document).replace('"format": "date-time", ', "").replace(', "format": "date-time"', "")
    loosened: Document = json.loads(text)
    return loosened


def _loosen_cloud(document: Document, schemas: Document) -> None:
    if "/rest/agile/1.0/board/{boardId}/configuration" in document["paths"]:
        # A configuration names the project of its location, in the document's own example too.
        answer = _content(document, "/rest/agile/1.0/board/{boardId}/configuration")["schema"]
        answer["properties"]["location"]["additionalProperties"] = True
        return
    _allow_empty_sides(schemas["ChangeDetails"])
    # Histories fetched in bulk are dated in epoch milliseconds.
    schemas["Changelog"]["properties"]["created"] = {}
    # Translated names stand beside the untranslated ones.
    schemas["IssueTypeDetails"]["additionalProperties"] = True
    # Any JSON is the value of a property, whatever a schema without a word may be taken to mean.
    schemas["EntityProperty"]["properties"]["value"] = {}


def _loosen_data_center(document: Document, schemas: Document) -> None:
    """Lists and pages are described by the schema of one entry, every value of a field as an object, empty sides of a
    change not at all, properties as JSON that is written as a text, and no credentials but a password."""
    schemas["IssueBean"]["properties"]["fields"]["additionalProperties"] = {}
    _allow_empty_sides(schemas["ChangeItemBean"])
    for name in _LISTS:
        content = _content(document, f"/api/2/{name}")
        if content["schema"].get("type") != "array":
            content["schema"] = {"type": "array", "items": content["schema"]}
    for name in _PAGES:
        content = _content(document, f"/agile/1.0/{name}")
        values = {"type": "array", "items": content["schema"]}
        content["schema"] = {"type": "object", "required": ["values"], "properties": {"values": values}}
    schemas["EntityPropertyBean"]["properties"]["value"] = {}
    properties = document["paths"]["/api/2/issue/{issueIdOrKey}/properties/{propertyKey}"]
    properties["put"]["requestBody"]["content"]["application/json"]["schema"] = {}
    document["components"].setdefault("securitySchemes", {})["token"] = {"type": "http", "scheme": "bearer"}
    document["paths"]["/api/2/serverInfo"]["get"].pop("security", None)  # open to all
    for operation in (one for item in document["paths"].values() for one in item.values() if isinstance(one, dict)):
        if operation.get("security"):
            operation["security"].append({"token": []})


def _allow_empty_sides(change: Document) -> None:
    for name in ("from", "fromString", "to", "toString"):
        change["properties"][name]["nullable"] = True


def _content(document: Document, path: str) -> Document:
    content = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    assert isinstance(content, dict)
    return content
