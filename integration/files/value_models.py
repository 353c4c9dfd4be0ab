"""The register's section `values`: where the values of key results live, and when they are read."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field

from integration.files.faults import Fault, shown
from integration.files.plan_models import Name, NameOrNone, Section
from integration.files.sections import Raw, elements
from integration.kr_values.answers import path_steps
from integration.kr_values.definition import CSV, JSON, MIXPANEL, SQL, ValueSource
from mappings.tags import fold

_SECRET = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NAMED = re.compile(r"\{[A-Za-z][A-Za-z0-9_]*\}")
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key", "api-key"})
_QUERY = re.compile(r"\s*(?:select|with)\b", re.IGNORECASE)


class ValueSourceIn(Section):
    """Where the values of one key result are read."""

    key_result: Annotated[Name, Field(description="Its code.")]
    kind: Literal["http-json", "csv", "sql", "mixpanel"]
    every: Annotated[Name, Field(description="When: `every day 08:00 Europe/Berlin`, `every hour`, `monday 07:30`.")]
    url: Annotated[NameOrNone, Field(description="An http or https address; {NAME} stands for a secret.")] = None
    file: Annotated[NameOrNone, Field(description="A CSV file that the workers can read, in place of url.")] = None
    path: Annotated[NameOrNone, Field(description="JSONPath of the value, such as $.data[0].value.")] = None
    at: Annotated[NameOrNone, Field(description="JSONPath of the moment, or the column with the days.")] = None
    value: Annotated[NameOrNone, Field(description="The column with the values.")] = None
    where: Annotated[dict[str, Name] | None, Field(description="Only rows with these texts in these columns.")] = None
    headers: Annotated[dict[str, Name] | None, Field(description="Sent along; {NAME} stands for a secret.")] = None
    database: Annotated[NameOrNone, Field(description="Its name in TIELINE_VALUE_DATABASES.")] = None
    query: Annotated[NameOrNone, Field(description="One SELECT; it runs in a read-only transaction.")] = None
    project: Annotated[NameOrNone, Field(description="Number of the Mixpanel project, as text.")] = None
    report: Annotated[NameOrNone, Field(description="Number of the saved Insights report, as text.")] = None
    region: Annotated[Literal["us", "eu", "in"] | None, Field(description="Where Mixpanel keeps the project.")] = None
    account: Annotated[NameOrNone, Field(description="Name of the secret user:password of a service account.")] = None


_NEEDED = {
    JSON: ("url", "path"),
    CSV: ("value",),
    SQL: ("database", "query", "value"),
    MIXPANEL: ("project", "report", "path", "account"),
}
_ALLOWED = {
    JSON: ("at", "headers"),
    CSV: ("url", "file", "at", "where", "headers"),
    SQL: ("at", "where"),
    MIXPANEL: ("at", "region"),
}
_ALWAYS = ("key_result", "kind", "every")


def read_values(raw: Raw, key_results: frozenset[str] | None, zone: str) -> tuple[ValueSource, ...]:
    """Read the section. `key_results`: the codes that there are; None: others may come from trackers."""
    found = elements(raw, "values", ValueSourceIn)
    seen: dict[str, int] = {}
    for index, one in found:
        at = ("values", index)
        if fold(one.key_result) in seen:
            earlier = seen[fold(one.key_result)]
            sentence = f"values[{earlier}] reads the values of {shown(one.key_result)} already; keep one of the two"
            raw.faults.append(Fault((*at, "key_result"), sentence))
        seen.setdefault(fold(one.key_result), index)
        if key_results is not None and one.key_result not in key_results:
            sentence = f"there is no key result {shown(one.key_result)} among key_results; add it or mend the code"
            raw.faults.append(Fault((*at, "key_result"), sentence))
        raw.faults.extend(Fault((*at, *steps), sentence) for steps, sentence in _faults(one, zone))
    return tuple(_source(one) for _, one in found)


_Found = list[tuple[tuple[str, ...], str]]


def _faults(one: ValueSourceIn, zone: str) -> _Found:
    found = _keys_faults(one) + _every_faults(one.every, zone)
    if one.url is not None and not _is_address(one.url):
        sentence = "must begin with https:// or http:// and hold no user or password; name secrets in headers"
        found.append((("url",), sentence))
    for name in ("path", "at") if one.kind in (JSON, MIXPANEL) else ():
        path = getattr(one, name)
        if path is not None and (why := _path_fault(path)):
            found.append(((name,), f"{shown(path)} is no path: it {why}; write it as $.data[0].value"))
    if one.query is not None and (_QUERY.match(one.query) is None or ";" in one.query.rstrip().rstrip(";")):
        found.append((("query",), "must be one SELECT"))
    found += [((name,), "must be a number") for name in ("project", "report") if not _is_number(getattr(one, name))]
    if one.account is not None and _SECRET.fullmatch(one.account) is None:
        found.append((("account",), "is the name of a secret: letters, digits and _, beginning with a letter"))
    for name, text in (one.headers or {}).items():
        if name.casefold() in _SECRET_HEADERS and _NAMED.search(text) is None:
            sentence = "must not hold a secret: write its name in braces, as in Bearer {NAME}"
            found.append((("headers", name), sentence))
    return found


def _keys_faults(one: ValueSourceIn) -> _Found:
    given = [name for name in type(one).model_fields if name not in _ALWAYS and getattr(one, name) is not None]
    needed = _NEEDED[one.kind]
    allowed = {*needed, *_ALLOWED[one.kind]}
    found: _Found = [((name,), f"is missing; {one.kind} needs it") for name in needed if name not in given]
    found += [((name,), f"is not for {one.kind}; take it out") for name in given if name not in allowed]
    if one.kind == CSV and (one.url is None) == (one.file is None):
        found.append(((), "says not where the table is: give url or file, one of the two"))
    return found


def _every_faults(every: str, zone: str) -> _Found:
    from integration.messages.schedule import WrongSchedule, recurring  # few registers have values to read

    try:
        recurring(every, zone)
    except WrongSchedule as wrong:
        return [(("every",), str(wrong).rstrip("."))]
    return []


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _path_fault(path: str) -> str | None:
    try:
        path_steps(path)
    except ValueError as error:
        why = str(error)
        return "must begin with $" if why == "begins with $" else why
    return None


def _is_number(text: str | None) -> bool:
    return text is None or (text.isascii() and text.isdigit())


def _source(one: ValueSourceIn) -> ValueSource:
    given = one.model_dump(exclude={"where", "headers"})
    return ValueSource(**given, where=tuple((one.where or {}).items()), headers=tuple((one.headers or {}).items()))
