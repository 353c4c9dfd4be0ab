"""The company of the demonstration in a store, with something on every page: what all pages are looked at on."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine
from werkzeug.test import TestResponse

from integration.answers import decide_due
from integration.contract import Fetched, TrackedItem
from integration.secrets import Vault, new_key
from integration.store import plans, reads
from integration.store.engine import reading, writing
from integration.store.tables import ConnectionRow
from integration.store.writes import save_fetched
from integration.write_back.sending import Office, work_once
from mappings.model import Backlog
from tests.integration.store.material import fresh_store
from tests.integration.trackers.jira.fake_jira import KR_FIELD, SITE, issue, running_jira
from tests.integration.trackers.jira.test_field_survey import FIELDS
from tests.integration.write_back.pencil import Pencil
from tests.reports.material import Site, shop, site_on
from tests.reports.test_notifications import poster
from tests.simulator.companies import NOON, backlog_of, company_at
from webhooks import inbox
from webhooks.intake import incoming, put

CONNECTION = "demo"
Post = Callable[..., TestResponse]


@contextmanager
def company_site(url: str) -> Iterator[tuple[Site, dict[str, str]]]:
    """Served while the simulated Jira answers: pages of the wizard ask it. With it the parts of addresses."""
    with fresh_store(url) as engine, running_jira() as jira:
        jira.fields = FIELDS
        jira.boards["7"]["location"] = {"projectId": 10001}
        jira.add(*(issue(number, **{KR_FIELD: {"id": "1", "value": "KR-1"}}) for number in range(30)))
        vault = Vault([new_key()])
        fill(engine, backlog_of(company_at(NOON), NOON), vault)
        site = site_on(engine, NOON)
        desk = site.app.extensions["tieline_desk"]
        site.app.extensions["tieline_desk"] = replace(desk, vault=lambda: vault, start=lambda work: work())
        names = live_on(site, vault)
        yield site, names


@contextmanager
def empty_site(url: str) -> Iterator[Site]:
    """Nothing is connected yet."""
    with shop(url, is_filled=False) as site:
        yield site


def fill(engine: Engine, backlog: Backlog, vault: Vault) -> None:
    """Its backlog and its register, all decided."""
    with writing(engine) as session:
        plans.apply_plan(session, backlog.plans[0], NOON - timedelta(days=900), author="Ada")
        session.add(
            ConnectionRow(
                id=CONNECTION,
                tracker="jira",
                base_url=SITE,
                callback_url="https://okr.example.org/hooks/jira/demo",
                mapping={},
                created_at=NOON - timedelta(days=30),
                last_sync_at=NOON,
                credentials=vault.encrypt_all({"email": "me@example.org", "token": "sesame"}),
            )
        )
        told = tuple(
            TrackedItem(item.key, replace(item, url=f"{SITE}/browse/{item.key}"), item.states[-1].at)
            for item in backlog.items
        )
        fetched = Fetched(at=NOON, items=told, sprints=backlog.sprints, boards=backlog.boards)
        save_fetched(session, CONNECTION, fetched, NOON)
    decide_due(engine, NOON)


def live_on(site: Site, vault: Vault) -> dict[str, str]:
    """What people and trackers leave behind; gives the parts of addresses that it brought."""
    _receive(site)
    post = poster(site.client)
    chat = {"name": "chat", "channel": "slack", "address": "https://hooks.slack.com/services/T0/B0/secret"}
    _done(post("/notifications/destinations", **chat))
    _done(post("/notifications/subscriptions", destination="chat", topic="sprint_closed"))
    _done(post("/notifications/destinations/chat/test"))
    _done(post("/accounts", name="Grace", act="added", role="viewer"))
    _done(post("/account/tokens", name="Export every night", scope="read", days="90"))
    _done(post("/epics/views", name="Old ones", age="60"))
    return {
        "rule": _rule(post),
        "record": _record(site, vault, post),
        "badge": _badge(site, post),
        "draft": _draft(site, post),
    }


def _receive(site: Site) -> None:
    """One delivery was set aside, one waits."""
    for number, body in enumerate((b'{"user": "Eve"}', b"{}")):
        at = NOON - timedelta(minutes=5 - number)
        with site.engine.begin() as connection:
            put(connection, [incoming("jira", CONNECTION, delivery_id=None, headers={}, body=body, at=at)])
    with site.store.writing() as session:
        (delivery,) = inbox.claim(session, NOON, 1, timedelta(minutes=1))
        inbox.bury(session, delivery.id, "malformed", "issue.id: a text is missing")


def _rule(post: Post) -> str:
    form = {"kind1": "label", "value1": "api", "then": "exempt", "reason": "Run the shop"}
    seen = re.search(r'name="seen" value="(\w+)"', post("/rules/new", **form, act="preview").text)
    assert seen is not None
    _done(post("/rules/new", **form, act="keep", seen=seen[1], why="Agreed in planning"))
    return "1"


def _record(site: Site, vault: Vault, post: Post) -> str:
    """A preview of what would be written to an epic that serves no key result."""
    with reading(site.engine) as session:
        epic = next(one.subject for one in reads.open_findings(session, kind="orphan_epic"))
    form = {"kind": "key_results", "connection": CONNECTION, "items": epic, "key_result": "KR-12", "children": "open"}
    address = _done(post("/write-back/new", **form))
    assert work_once(Office(site.engine, vault, {"jira": Pencil().tracker}, lambda: NOON))
    return address.rsplit("/", 1)[1]


def _badge(site: Site, post: Post) -> str:
    with reading(site.engine) as session:
        board = reads.boards(session)[0]
    shown = post("/notifications/shares", board=f"{board.connection}/{board.id}", label="Wiki").text
    found = re.search(r"/badge/([^/]+)/share.svg", shown)
    assert found is not None
    return found[1]


def _draft(site: Site, post: Post) -> str:
    """A connection that waits for its last step."""
    draft = _done(post("/connect", url=f"{SITE}/browse/PAY-1")).split("/")[2]
    who = {"way": "api_token", "email": "me@example.org", "token": "sesame", "name": "acme"}
    _done(post(f"/connect/{draft}/login", **who))
    _done(site.client.get(f"/connect/{draft}/projects"))
    _done(post(f"/connect/{draft}/projects", project="10001"))
    return draft


def _done(answer: TestResponse) -> str:
    assert answer.status_code in (200, 303), answer.text
    return answer.headers.get("Location", "")
