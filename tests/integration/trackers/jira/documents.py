"""Atlassian's own documents as a judge of requests: known, well-formed, and not deprecated."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest

NOT_DOCUMENTED = ("/rest/webhooks/1.0/", "/rest/jira-webhook/1.0/")  # admin webhooks are described in prose only


DOCUMENTS = (  # by the beginning of the path: the document, and what its paths leave out
    ("/rest/agile/", "jira-software.json", ""),
    ("/rest/api/2/", "jira-software-dc-10.3.json", "/rest"),
    ("/rest/api/3/", "jira-platform-v3.json", ""),
)
PASSWORD = "Basic bWU6dG9rZW4="
DATA_CENTER = (("/rest/", "jira-software-dc-10.3.json", "/rest"),)


_ANY_OBJECT = {"type": "object", "additionalProperties": False}
_LIST_OF_TEXTS = {"$ref": "#/components/schemas/StringList"}


@cache
def _document(path: Path, site: str) -> tuple[OpenAPI, dict[str, Any]]:
    document = json.loads(path.read_text(encoding="utf-8"))
    document["servers"] = [{"url": site}]
    for path_item in document["paths"].values():
        for operation in (one for one in path_item.values() if isinstance(one, dict)):
            for parameter in operation.get("parameters", ()):
                # Comma-separated texts (`state`, `type`) are described as objects without properties.
                if parameter.get("schema") in (_ANY_OBJECT, _LIST_OF_TEXTS):
                    parameter["schema"] = {"type": "string"}
    # The documents themselves fail a strict check of documents.
    return OpenAPI.from_dict(document, config=Config(spec_validator_cls=None)), document


def judge(
    request: requests.PreparedRequest, folder: Path, documents: tuple[tuple[str, str, str], ...] = DOCUMENTS
) -> None:
    """Raise where a request is none that Atlassian's documents allow."""
    parts = urlsplit(request.url or "")
    if parts.path.startswith(NOT_DOCUMENTED):
        return
    name, left_out = next((name, rest) for start, name, rest in documents if parts.path.startswith(start))
    api, document = _document(folder / name, f"{parts.scheme}://{parts.netloc}{left_out}")
    judged = request.copy()
    if parts.path.endswith("/serverInfo"):  # open to all, though one of the documents asks for credentials
        judged.headers.setdefault("Authorization", PASSWORD)
    if left_out and judged.headers.get("Authorization", "").startswith("Bearer "):
        judged.headers["Authorization"] = PASSWORD  # that document knows of no tokens
    api.validate_request(RequestsOpenAPIRequest(judged))
    operation = _operation(document, parts.path.removeprefix(left_out), (request.method or "").lower())
    assert not operation.get("deprecated"), f"{request.method} {parts.path} is deprecated"


def _operation(document: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    templates = sorted(document["paths"], key=lambda template: template.count("{"))
    for template in templates:
        if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path) and method in document["paths"][template]:
            operation = document["paths"][template][method]
            assert isinstance(operation, dict)
            return operation
    raise AssertionError(f"{method} {path} is in no document")
