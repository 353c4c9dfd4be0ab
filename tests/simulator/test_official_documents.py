"""The simulated site answers as Atlassian's own documents say, loosened only where recorded answers contradict them."""

import json
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from werkzeug.test import EnvironBuilder, TestResponse

from integration.trackers.jira import oauth
from simulator.recorded import as_recorded
from simulator.scopes import needed
from simulator.sender import Delivery, Sender
from simulator.site import Site
from tests.shared_material import SHARED
from tests.simulator.callers import HOST, Caller, caller_of
from tests.simulator.companies import NOON, company_at
from tests.simulator.stage import add_app

PLATFORM, AGILE, DATA_CENTER = "jira-platform-v3.json", "jira-software.json", "jira-software-dc-10.3.json"
EVERYTHING = {"issueIdsOrKeys": ["CHK-20", "PLAT-30", "ONB-40"], "fields": ["*all"]}
CHANGES = {"issueIdsOrKeys": ["CHK-20", "PLAT-30", "ONB-40"]}
ASKED: tuple[tuple[str, str, object, int], ...] = (
    ("GET", "/rest/api/3/serverInfo", None, 200),
    ("GET", "/rest/api/3/myself", None, 200),
    ("GET", "/rest/api/3/mypermissions?permissions=BROWSE_PROJECTS,ADMINISTER", None, 200),
    ("GET", "/rest/api/3/field", None, 200),
    ("GET", "/rest/api/3/status", None, 200),
    ("GET", "/rest/api/3/issuetype", None, 200),
    ("GET", "/rest/api/3/resolution/search", None, 200),
    ("GET", "/rest/api/3/issueLinkType", None, 200),
    ("GET", "/rest/api/3/project/search", None, 200),
    ("GET", "/rest/api/3/search/jql?jql=project%20%3D%20CHK&fields=*all&maxResults=20", None, 200),
    ("POST", "/rest/api/3/search/jql", {"jql": "project = PLAT", "fields": ["*all"]}, 200),
    ("POST", "/rest/api/3/search/approximate-count", {"jql": "project = CHK"}, 200),
    ("POST", "/rest/api/3/issue/bulkfetch", EVERYTHING, 200),
    ("POST", "/rest/api/3/changelog/bulkfetch", CHANGES, 200),
    ("GET", "/rest/api/3/issue/CHK-20", None, 200),
    ("GET", "/rest/api/3/issue/CHK-20/changelog", None, 200),
    ("GET", "/rest/api/3/issue/SEC-1", None, 404),
    ("GET", "/rest/agile/1.0/board", None, 200),
    ("GET", "/rest/agile/1.0/board/41", None, 200),
    ("GET", "/rest/agile/1.0/board/41/configuration", None, 200),
    ("GET", "/rest/agile/1.0/board/53/configuration", None, 200),
    ("GET", "/rest/agile/1.0/board/41/sprint", None, 200),
    ("GET", "/rest/agile/1.0/board/41/sprint?startAt=1&maxResults=2", None, 200),
    ("GET", "/rest/agile/1.0/board/41/project", None, 200),
    ("GET", "/rest/agile/1.0/board/53/sprint", None, 400),
    ("GET", "/rest/agile/1.0/sprint/301", None, 200),
    ("GET", "/rest/agile/1.0/sprint/999", None, 404),
)
FEW = {"jql": "project = CHK", "startAt": 0, "maxResults": 20, "fields": ["*all"], "expand": ["changelog"]}
ASKED_OF_DATA_CENTER: tuple[tuple[str, str, object, int], ...] = (
    ("GET", "/rest/api/2/serverInfo", None, 200),
    ("GET", "/rest/api/2/myself", None, 200),
    ("GET", "/rest/api/2/mypermissions", None, 200),
    ("GET", "/rest/api/2/field", None, 200),
    ("GET", "/rest/api/2/status", None, 200),
    ("GET", "/rest/api/2/issuetype", None, 200),
    ("GET", "/rest/api/2/resolution", None, 200),
    ("GET", "/rest/api/2/issueLinkType", None, 200),
    ("GET", "/rest/api/2/project", None, 200),
    ("POST", "/rest/api/2/search", FEW, 200),
    ("GET", "/rest/api/2/issue/CHK-20?expand=changelog", None, 200),
    ("GET", "/rest/api/2/issue/SEC-1", None, 404),
    ("GET", "/rest/agile/1.0/board", None, 200),
    ("GET", "/rest/agile/1.0/board/41", None, 200),
    ("GET", "/rest/agile/1.0/board/41/configuration", None, 200),
    ("GET", "/rest/agile/1.0/board/41/project", None, 200),
    ("GET", "/rest/agile/1.0/board/41/sprint", None, 200),
    ("GET", "/rest/agile/1.0/sprint/301", None, 200),
    ("GET", "/rest/agile/1.0/sprint/999", None, 404),
)


UPDATE = {"update": {"labels": [{"add": "kr-1"}]}}
ADF = {
    "body": {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Seen."}]}],
    }
}
Asked = tuple[str, str, object, int]


def _written(version: int, comment: object) -> tuple[Asked, ...]:
    """Each after those before it."""
    issue = f"/rest/api/{version}/issue/CHK-20"
    return (
        ("GET", f"{issue}/editmeta", None, 200),
        ("PUT", issue, UPDATE, 204),
        ("PUT", issue, {"update": {"labels": [{"add": "two words"}]}}, 400),
        ("PUT", f"{issue}/properties/tieline.proof", {"of": "a test"}, 201),
        ("PUT", f"{issue}/properties/tieline.proof", {"of": "a test"}, 200),
        ("GET", f"{issue}/properties/tieline.proof", None, 200),
        ("DELETE", f"{issue}/properties/tieline.proof", None, 204),
        ("GET", f"{issue}/properties/tieline.proof", None, 404),
        ("POST", f"{issue}/comment", comment, 201),
        ("GET", f"{issue}/comment?orderBy=-created&maxResults=10", None, 200),
        ("GET", f"{issue}/comment/30001", None, 200),
        ("DELETE", f"{issue}/comment/30001", None, 204),
        ("GET", f"{issue}/comment/30001", None, 404),
    )


WRITTEN, WRITTEN_TO_DATA_CENTER = _written(3, ADF), _written(2, {"body": "Seen."})
HOOK = {"events": ["jira:issue_updated", "sprint_started"], "jqlFilter": "project in (CHK)"}
TWO = {"url": "https://okr.example/hooks", "webhooks": [HOOK, {**HOOK, "jqlFilter": "labels = x"}]}
ASKED_BY_APPS: tuple[Asked, ...] = (
    ("POST", "/rest/api/3/webhook", TWO, 200),
    ("GET", "/rest/api/3/webhook?startAt=0&maxResults=100", None, 200),
    ("PUT", "/rest/api/3/webhook/refresh", {"webhookIds": [1000, 7]}, 200),
    ("DELETE", "/rest/api/3/webhook", {"webhookIds": [1000]}, 202),
    ("GET", "/rest/api/3/webhook/failed", None, 403),
)
# Described by Atlassian in prose alone, or for nobody but a browser.
WITHOUT_DOCUMENT = ("/rest/webhooks/1.0/", "/rest/jira-webhook/1.0/", "/authorize", "/oauth/", "/_edge/", "/gateway/")
OURS = ("/_control/", "/static/")


@cache
def document(path: Path) -> OpenAPI:
    described = json.loads(path.read_text(encoding="utf-8"))
    # The paths of Data Center's document lie below /rest.
    described["servers"] = [{"url": f"{HOST}/rest" if path.name == DATA_CENTER else HOST}]
    # The documents themselves fail a strict check of documents.
    return OpenAPI.from_dict(as_recorded(described), config=Config(spec_validator_cls=None))


@pytest.fixture(scope="module")
def caller() -> Caller:
    return caller_of(company_at(NOON).site)


@pytest.fixture(scope="module")
def server() -> Caller:
    return caller_of(company_at(NOON, (10, 3, 24)).site)


@dataclass(frozen=True, slots=True)
class App:
    """Asks through the gateway, with what a person agreed to."""

    caller: Caller
    bearer: str

    @classmethod
    def on(cls, site: Site, sender: Sender | None = None, *, is_connect: bool = False) -> "App":
        caller = caller_of(site, sender)
        app = site.accounts.apps["app"] = replace(add_app(site), is_connect=is_connect)
        given = site.accounts.spend("app", app.client_secret, site.accounts.agree(app, oauth.SCOPES), app.callback)
        return cls(caller, f"Bearer {given.access}")

    def ask(self, method: str, path: str, body: object) -> tuple[EnvironBuilder, TestResponse]:
        """The request as it stands in the documents, and the answer to it."""
        address, _, query = path.partition("?")
        gated = self.caller.build(method, f"/ex/jira/{self.caller.site.cloud_id}{address}", body, query or None)
        plain = self.caller.build(method, address, body, query or None)
        for builder in (gated, plain):
            builder.headers["Authorization"] = self.bearer
        return plain, self.caller.client.open(gated)


def routes_of(caller: Caller) -> dict[tuple[str, str], bool]:
    """Every call that the site knows and a document describes; nothing of it asked for yet."""
    rules = caller.client.application.url_map.iter_rules()  # type: ignore[attr-defined]  # a Flask
    return {
        (method, rule.rule): False
        for rule in rules
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if not rule.rule.startswith((*OURS, *WITHOUT_DOCUMENT))
    }


def never_asked(caller: Caller, *asked: Asked) -> list[tuple[str, str]]:
    routes = routes_of(caller)
    map_ = caller.client.application.url_map.bind("x.example")  # type: ignore[attr-defined]  # a Flask
    for method, path, _, _ in asked:
        rule, _ = map_.match(path.partition("?")[0], method, return_rule=True)
        routes[method, rule.rule] = True
    return sorted(route for route, is_asked in routes.items() if not is_asked)


def test_every_call_that_a_cloud_site_knows_is_held_against_a_document(caller: Caller) -> None:
    assert never_asked(caller, *ASKED, *WRITTEN, *ASKED_BY_APPS) == []


def test_every_call_that_a_data_center_site_knows_is_held_against_its_document(server: Caller) -> None:
    assert never_asked(server, *ASKED_OF_DATA_CENTER, *WRITTEN_TO_DATA_CENTER) == []


if SHARED is not None:
    SPECS = SHARED / "specs"

    @pytest.mark.parametrize(("method", "path", "body", "status"), ASKED, ids=[f"{a[0]} {a[1][:40]}" for a in ASKED])
    def test_answer_is_what_the_official_document_describes(
        caller: Caller, method: str, path: str, body: object, status: int
    ) -> None:
        address, _, query = path.partition("?")
        builder = caller.build(method, address, body, query or None)
        answer = caller.client.open(builder)
        asked = WerkzeugOpenAPIRequest(caller.build(method, address, body, query or None).get_request())
        api = document(SPECS / (AGILE if "/agile/" in path else PLATFORM))
        assert answer.status_code == status
        api.validate_request(asked)
        api.validate_response(asked, WerkzeugOpenAPIResponse(answer))

    @pytest.mark.parametrize(
        ("method", "path", "body", "status"),
        ASKED_OF_DATA_CENTER,
        ids=[f"{a[0]} {a[1][:40]}" for a in ASKED_OF_DATA_CENTER],
    )
    def test_answer_of_data_center_is_what_its_official_document_describes(
        server: Caller, method: str, path: str, body: object, status: int
    ) -> None:
        address, _, query = path.partition("?")
        answer = server.client.open(server.build(method, address, body, query or None))
        request = server.build(method, address, body, query or None)
        request.headers["Authorization"] = "Basic bWU6dG9rZW4="  # that document knows of no tokens
        asked = WerkzeugOpenAPIRequest(request.get_request())
        api = document(SPECS / DATA_CENTER)
        assert answer.status_code == status
        api.validate_request(asked)
        api.validate_response(asked, WerkzeugOpenAPIResponse(answer))

    def check(api: OpenAPI, builder: EnvironBuilder, answer: TestResponse) -> None:
        asked = WerkzeugOpenAPIRequest(builder.get_request())
        if answer.status_code < 400:
            api.validate_request(asked)
        if answer.data:  # where nothing is told, the documents describe anything
            api.validate_response(asked, WerkzeugOpenAPIResponse(answer))

    @pytest.mark.parametrize("version", [None, (10, 3, 24)], ids=["cloud", "data-center"])
    def test_what_is_written_is_taken_and_answered_as_the_documents_describe(
        version: tuple[int, int, int] | None,
    ) -> None:
        caller = caller_of(company_at(NOON, version).site)
        api = document(SPECS / (DATA_CENTER if version else PLATFORM))
        for method, path, body, status in WRITTEN_TO_DATA_CENTER if version else WRITTEN:
            address, _, query = path.partition("?")
            answer = caller.client.open(caller.build(method, address, body, query or None))
            assert answer.status_code == status, (method, path, answer.text)
            builder = caller.build(method, address, body, query or None)
            builder.headers["Authorization"] = "Basic bWU6dG9rZW4="
            check(api, builder, answer)

    def test_what_apps_ask_for_themselves_is_answered_as_the_document_describes() -> None:
        app = App.on(company_at(NOON).site)
        for method, path, body, status in ASKED_BY_APPS:
            builder, answer = app.ask(method, path, body)
            assert answer.status_code == status, (method, path, answer.text)
            check(document(SPECS / PLATFORM), builder, answer)

    def test_a_list_of_failed_deliveries_is_answered_as_the_document_describes() -> None:
        site = company_at(NOON).site
        sender = Sender(site, threads=0)
        app = App.on(site, sender, is_connect=True)
        app.ask("POST", "/rest/api/3/webhook", {**TWO, "webhooks": [HOOK]})
        (hook,) = sender.hooks.values()
        sender.failed.append((NOON, Delivery(hook, "one", "jira:issue_updated", b"{}")))
        builder, answer = app.ask("GET", "/rest/api/3/webhook/failed?maxResults=10", None)
        assert answer.status_code == 200, answer.text
        assert [one["id"] for one in answer.get_json()["values"]] == ["one"]
        check(document(SPECS / PLATFORM), builder, answer)

    @cache
    def scopes_in(name: str) -> dict[tuple[str, str], frozenset[str]]:
        described = json.loads((SPECS / name).read_text(encoding="utf-8"))
        return {
            (method.upper(), path): frozenset(scopes[0])
            for path, item in described["paths"].items()
            for method, operation in item.items()
            if isinstance(operation, dict)
            for scopes in [[way["OAuth2"] for way in operation.get("security", ()) if "OAuth2" in way]]
            if scopes
        }

    @pytest.mark.parametrize(
        ("method", "path"), sorted({(one[0], one[1].partition("?")[0]) for one in (*ASKED, *WRITTEN, *ASKED_BY_APPS)})
    )
    def test_the_gateway_asks_for_the_scopes_that_the_documents_name(method: str, path: str) -> None:
        known = scopes_in(AGILE if "/agile/" in path else PLATFORM)
        templates = sorted((each for verb, each in known if verb == method), key=lambda each: each.count("{"))
        template = next(each for each in templates if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", each), path))
        assert needed(method, path) == known[method, template]
