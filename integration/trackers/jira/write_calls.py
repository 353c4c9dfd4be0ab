"""The calls of Jira that change an issue, one function a call, and what has to be asked before; the same in both
editions but for the version in the path and the form of a comment's text. None that changes anything is repeated.

Issues are named by their ids. The rank, sprint and estimate of an issue are never written.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from integration.contract import Malformed, Permanent
from integration.http import HTTPClient, Query
from integration.trackers.jira import client
from integration.trackers.jira.answered import Json, as_object, as_objects, found, number
from integration.trackers.jira.values import document_text

COMMENTS_LOOKED_THROUGH = 50
_PROPERTY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}", re.ASCII)  # it stands in a path
# What would be markup on Data Center: https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa
_MARKUP = re.compile(r"[\\{}\[\]|*!]")


def path(http: HTTPClient, rest: str) -> str:
    return f"/rest/api/{2 if http.dialect == client.DATA_CENTER else 3}/{rest}"


def of_issue(http: HTTPClient, issue: str, rest: str = "") -> str:
    return path(http, f"issue/{number(issue)}{rest}")


# --- what has to be known before --------------------------------------------------------------


def editable_fields(http: HTTPClient, issue: str) -> Mapping[str, Json]:
    """The fields that this account may edit on the issue's screen, by id, with the values that they take."""
    answer = as_object(http.json("GET", of_issue(http, issue, "/editmeta")), "editmeta")
    fields = as_object(answer.get("fields") or {}, "editmeta.fields")
    return {id_: as_object(meta, f"editmeta.fields.{id_}") for id_, meta in fields.items()}


def permissions(http: HTTPClient, issue: str, names: Sequence[str]) -> dict[str, bool]:
    """Which of these the account holds on that issue; Data Center tells all of them, unasked."""
    asked: Query = [("issueId", number(issue))]
    if http.dialect != client.DATA_CENTER:
        asked = [*asked, ("permissions", ",".join(names))]
    answer = as_object(http.json("GET", path(http, "mypermissions"), asked), "mypermissions")
    held = as_object(answer.get("permissions"), "mypermissions.permissions")
    return {name: bool(as_object(held.get(name, {}), name).get("havePermission")) for name in names}


# --- fields and labels ------------------------------------------------------------------------


def edit_issue(http: HTTPClient, issue: str, update: Json, *, quietly: bool) -> None:
    """`quietly`: watchers get no mail, which an administrator of the project alone may ask for."""
    query = [("notifyUsers", "false")] if quietly else []
    http.json("PUT", of_issue(http, issue), query, {"update": update})


# --- properties -------------------------------------------------------------------------------


def is_property_key(key: str) -> bool:
    return _PROPERTY.fullmatch(key) is not None


def property_value(http: HTTPClient, issue: str, key: str) -> Any:
    answer = found(http, _of_property(http, issue, key))
    return None if answer is None else answer.get("value")


def put_property(http: HTTPClient, issue: str, key: str, value: object) -> None:
    http.json("PUT", _of_property(http, issue, key), body=value)


def delete_property(http: HTTPClient, issue: str, key: str) -> None:
    http.json("DELETE", _of_property(http, issue, key))


def _of_property(http: HTTPClient, issue: str, key: str) -> str:
    if not is_property_key(key):
        raise Malformed("property", f"{key[:40]!r} is no key of a property.")
    return of_issue(http, issue, f"/properties/{key}")


# --- comments ---------------------------------------------------------------------------------


def add_comment(http: HTTPClient, issue: str, text: str) -> str:
    """Answer the new comment's id."""
    answer = as_object(
        http.json("POST", of_issue(http, issue, "/comment"), body={"body": _body(http, text)}), "comment"
    )
    return str(answer.get("id") or "")


def comment_text(http: HTTPClient, issue: str, comment: str) -> str | None:
    """The text of one comment of ours; None where it is gone."""
    answer = found(http, of_issue(http, issue, f"/comment/{number(comment)}"))
    return None if answer is None else _text(http, answer.get("body"))


def comment_that_ends(http: HTTPClient, issue: str, mark: str) -> str | None:
    """The id of the newest comment whose last line is `mark`; nothing else of any comment is looked at or kept."""
    asked = [("orderBy", "-created"), ("maxResults", str(COMMENTS_LOOKED_THROUGH))]
    answer = as_object(http.json("GET", of_issue(http, issue, "/comment"), asked), "comments")
    for comment in as_objects(answer.get("comments"), "comments.comments"):
        if _text(http, comment.get("body")).rstrip().rpartition("\n")[2].strip() == mark:
            return str(comment.get("id"))
    return None


def delete_comment(http: HTTPClient, issue: str, comment: str) -> None:
    http.json("DELETE", of_issue(http, issue, f"/comment/{number(comment)}"))


def document(text: str) -> Json:
    """The Atlassian document of plain lines."""
    lines = [line for line in text.split("\n") if line.strip()]
    paragraphs = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines]
    return {"type": "doc", "version": 1, "content": paragraphs}


def _body(http: HTTPClient, text: str) -> Json | str:
    if http.dialect == client.DATA_CENTER:
        return _MARKUP.sub(lambda found: "\\" + found.group(), text)
    return document(text)


def _text(http: HTTPClient, body: object) -> str:
    if isinstance(body, str):
        lines = body.replace("\r\n", "\n")
        return re.sub(r"\\([\\{}\[\]|*!])", r"\1", lines) if http.dialect == client.DATA_CENTER else lines
    return document_text(body)


# --- links ------------------------------------------------------------------------------------


def add_link(http: HTTPClient, type_: str, from_key: str, to_key: str) -> None:
    """The issue `from_key` then says its outward phrase of `to_key`: "contributes to PAY-1"."""
    body = {"type": {"name": type_}, "inwardIssue": {"key": from_key}, "outwardIssue": {"key": to_key}}
    _linking(http, "POST", path(http, "issueLink"), body)


def delete_link(http: HTTPClient, link: str) -> None:
    _linking(http, "DELETE", path(http, f"issueLink/{number(link)}"), None)


def _linking(http: HTTPClient, method: str, to: str, body: object) -> None:
    try:
        http.json(method, to, body=body)
    except Permanent as error:
        if error.reason == "not_found":
            sentence = (
                "Jira did not link the issues: one of them is not there or not visible to the account, the account "
                "may not link issues, or the site has linking switched off."
            )
            raise Permanent("not_found", sentence) from None
        raise
