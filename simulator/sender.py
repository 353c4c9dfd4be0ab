"""Sends the simulated site's webhooks as Jira does, and, when told to, loses, doubles or swaps deliveries.

Cloud: signed, with one identifier for all attempts of a delivery, retried after 5xx; what an app registered bears a
token in place of a signature. Data Center: sent once only, and signed from version 10 on."""

import hashlib
import hmac
import itertools
import json
import queue
import random
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import requests

from simulator import jql
from simulator.accounts import App
from simulator.bearers import delivery_token
from simulator.dates import Json
from simulator.payloads import payload
from simulator.requests_in import Refused
from simulator.site import Site
from simulator.things import Event

RETRIED = (408, 409, 425, 429)
ATTEMPTS = 6
TIMEOUT = (5, 20)
LOG_KEPT = 5000
JQL_SECTION = "issue-related-events-section"


@dataclass(frozen=True, slots=True)
class Hook:
    """`app`: whose it is; such a one has an end, and may be narrowed to changes of some fields and properties."""

    id: int
    name: str
    url: str
    events: tuple[str, ...]
    filters: Mapping[str, str]
    exclude_body: bool
    enabled: bool
    secret: str | None = field(repr=False)
    updated: datetime
    app: App | None = None
    expires: datetime | None = None
    fields: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()


@dataclass(slots=True)
class Delivery:
    hook: Hook
    identifier: str
    event: str
    body: bytes
    attempt: int = 0
    answers: list[int | None] = field(default_factory=list)  # None: no connection


@dataclass(slots=True)
class Faults:
    """What part of the deliveries is lost, doubled or sent after its successor."""

    lost: float = 0.0
    duplicated: float = 0.0
    swapped: float = 0.0


class Sender:
    """Owns the registered webhooks and the threads that deliver; who sets `carry` delivers in another way."""

    def __init__(self, site: Site, threads: int = 4, pause: float = 2.0) -> None:
        self.site = site
        self.hooks: dict[int, Hook] = {}
        self.app_hook_ids = itertools.count(1000)
        self.faults = Faults()
        self.carry: Callable[[Delivery], None] = self._send
        self.log: list[Delivery] = []
        self.failed: list[tuple[datetime, Delivery]] = []  # given up, and when
        self.pause = pause
        self._chance = random.Random(20261122)
        self._queue: queue.Queue[Delivery | None] = queue.Queue()
        self._held: Delivery | None = None
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]

    def start(self) -> None:
        """Listen to the site from now on."""
        self.site.listeners.append(self._hear)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for _ in self._threads:
            self._queue.put(None)

    def register(self, body: Json, identity: int | None = None) -> Hook:
        """A new webhook, or another version of one."""
        with self.site.lock:
            number = identity if identity is not None else 1 + max(self.hooks, default=0)
            before = self.hooks.get(number)
            secret = body.get("secret", before.secret if before else None)
            hook = Hook(
                id=number,
                name=str(body.get("name", before.name if before else "")),
                url=str(body.get("url", before.url if before else "")),
                events=_texts(body.get("events", before.events if before else ())),
                filters=_filters(body.get("filters", before.filters if before else {})),
                exclude_body=body.get("excludeBody", False) is True,
                enabled=body.get("enabled", True) is True,
                secret=None if secret is None else str(secret),
                updated=self.site.now(),
            )
            if hook.filters.get(JQL_SECTION):
                _check(self.site, hook.filters[JQL_SECTION])
            self.hooks[number] = hook
            return hook

    def make_app_hook(
        self, hook: Hook, app: App, until: datetime, fields: tuple[str, ...], properties: tuple[str, ...]
    ) -> None:
        self.hooks[hook.id] = replace(hook, app=app, expires=until, fields=fields, properties=properties)

    def keep_until(self, hook: Hook, until: datetime) -> None:
        self.hooks[hook.id] = replace(hook, expires=until)

    def _hear(self, event: Event) -> None:
        """Called by the site with its lock held: the body is that of the moment of the event."""
        self._forget_what_ended()
        hooks = [hook for hook in self.hooks.values() if hook.enabled and self._wants(hook, event)]
        if not hooks:
            return
        told = payload(self.site, event)
        for hook in hooks:
            body = told if hook.app is None else told | {"matchedWebhookIds": [hook.id]}
            sent = b"{}" if hook.exclude_body else json.dumps(body, ensure_ascii=False).encode()
            self.carry(Delivery(hook, str(uuid.uuid4()), event.name, sent))

    def _forget_what_ended(self) -> None:
        now = self.site.now()
        self.hooks = {id_: hook for id_, hook in self.hooks.items() if hook.expires is None or hook.expires > now}

    def _wants(self, hook: Hook, event: Event) -> bool:
        if event.name not in hook.events or not _is_of_its_part(hook, event):
            return False
        if event.issue is None or not hook.filters.get(JQL_SECTION):
            return True
        try:
            return jql.parse(self.site, hook.filters[JQL_SECTION]).matches(self.site.issues[event.issue])
        except jql.BadQuery:  # the filter names a project that our account lost from sight; Jira itself sees it
            return True

    def _send(self, delivery: Delivery) -> None:
        if self._chance.random() < self.faults.lost:
            return
        held, self._held = self._held, None
        if held is None and self._chance.random() < self.faults.swapped:
            self._held = delivery
            return
        self._queue.put(delivery)
        if self._chance.random() < self.faults.duplicated:
            self._queue.put(Delivery(delivery.hook, delivery.identifier, delivery.event, delivery.body))
        if held is not None:
            self._queue.put(held)

    def release(self) -> None:
        """Send what is held back for swapping, when no successor comes."""
        with self.site.lock:
            held, self._held = self._held, None
        if held is not None:
            self._queue.put(held)

    def _work(self) -> None:
        with requests.Session() as session:
            while (delivery := self._queue.get()) is not None:
                self._deliver(session, delivery)

    def _deliver(self, session: requests.Session, delivery: Delivery) -> None:
        self.log.append(delivery)
        del self.log[:-LOG_KEPT]
        attempts = 1 if self.site.is_data_center else ATTEMPTS
        while delivery.attempt < attempts and not self._stopping.is_set():
            status = post(session, delivery, self.site)
            delivery.answers.append(status)
            delivery.attempt += 1
            if status is not None and status < 500 and status not in RETRIED:
                return
            self._stopping.wait(self.pause)
        if delivery.attempt >= attempts:
            self.failed.append((self.site.now(), delivery))
            del self.failed[:-LOG_KEPT]


def _is_of_its_part(hook: Hook, event: Event) -> bool:
    """Of an app's webhook: whether the change is of a field or property that it was narrowed to."""
    if event.property is not None:
        return not hook.properties or event.property[0] in hook.properties
    if hook.fields and event.history is not None:
        return any(item.field_id in hook.fields for item in event.history.items)
    return True


def post(session: requests.Session, delivery: Delivery, site: Site) -> int | None:
    headers = {"Content-Type": "application/json; charset=UTF-8", "User-Agent": "Atlassian Webhook HTTP Client"}
    if not site.is_data_center:
        headers["X-Atlassian-Webhook-Identifier"] = delivery.identifier
        headers["X-Atlassian-Webhook-Flow"] = "Primary"
    if delivery.attempt:
        headers["X-Atlassian-Webhook-Retry"] = str(delivery.attempt)
    if delivery.hook.app is not None:
        headers["Authorization"] = f"Bearer {delivery_token(delivery.hook.app, site.cloud_id, site.now())}"
    if delivery.hook.secret is not None:
        headers["X-Hub-Signature"] = signature(delivery.hook.secret, delivery.body)
    try:
        return session.post(delivery.hook.url, data=delivery.body, headers=headers, timeout=TIMEOUT).status_code
    except requests.RequestException:
        return None


def signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _check(site: Site, text: str) -> None:
    try:
        jql.parse(site, text)
    except jql.BadQuery as error:
        raise Refused(400, str(error)) from error


def _texts(given: object) -> tuple[str, ...]:
    return tuple(str(text) for text in given) if isinstance(given, list | tuple) else ()


def _filters(given: object) -> dict[str, str]:
    return {str(name): str(text) for name, text in given.items()} if isinstance(given, Mapping) else {}
