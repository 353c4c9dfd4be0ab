"""A door for tests: one tracker that signs as Jira does, one connection, and what was stored behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.test import Client, TestResponse

from tests import asgi
from webhooks.contract import Headers, Key, Sender
from webhooks.front import Front, Limits, Receive, Scope, Send, reply
from webhooks.inbox import Detail, Summary, list_deliveries, show
from webhooks.intake import Incoming, incoming
from webhooks.keys import KeyRing, Keys
from webhooks.receiver import Answer, KeepSecret, Refusals
from webhooks.receiver import Door as Judge
from webhooks.signatures import hex_signature, hmac_sha256
from webhooks.writer import InboxWriter

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SECRET = b"It's a Secret to Everybody"
TOKEN = "ab12cd34"
BODY = b'{"webhookEvent": "jira:issue_updated"}'


def id_header(headers: Headers, _body: bytes) -> str | None:
    return headers.get("x-delivery")


SIGNING = Sender(
    "jira",
    verify=hex_signature("x-hub-signature", "sha256="),
    delivery_id=id_header,
    can_sign=True,
    kept_headers=("x-delivery",),
)
ACME = Key("acme", "jira", secrets=(SECRET,))


def signature(body: bytes, secret: bytes = SECRET) -> str:
    return f"sha256={hmac_sha256(secret, body).hex()}"


def signed(body: bytes = BODY, delivery: str | None = "d-1", secret: bytes = SECRET) -> dict[str, str]:
    headers = {"X-Hub-Signature": signature(body, secret), "Content-Type": "application/json"}
    return headers if delivery is None else {**headers, "X-Delivery": delivery}


def arrival(
    delivery_id: str | None = "d-1", body: bytes = BODY, connection: str = "acme", at: datetime = NOW
) -> Incoming:
    return incoming("jira", connection, delivery_id=delivery_id, headers={"x-delivery": "d-1"}, body=body, at=at)


def stored(engine: Engine) -> tuple[Summary, ...]:
    """All that the inbox holds, oldest first."""
    with Session(engine) as session:
        return tuple(reversed(list_deliveries(session, limit=10_000)))


def detail(engine: Engine, delivery: int) -> Detail:
    with Session(engine) as session:
        found = show(session, delivery)
    assert found is not None
    return found


@dataclass(frozen=True)
class Door:
    front: Front
    client: Client
    refusals: Refusals

    def post(
        self, body: bytes = BODY, headers: Mapping[str, str] | None = None, path: str = "/hooks/jira/acme"
    ) -> TestResponse:
        return self.client.post(path, data=body, headers=signed(body) if headers is None else dict(headers))


async def a_page(scope: Scope, _receive: Receive, send: Send) -> None:
    await reply(Answer(200, f"page {scope['path']}".encode()), scope, send)


def open_door(
    writer: InboxWriter,
    *,
    key: Key = ACME,
    sender: Sender = SIGNING,
    keep_secret: KeepSecret = lambda _key, _secret: False,
    load: Callable[[], Keys] | None = None,
    limits: Limits | None = None,
) -> Door:
    refusals = Refusals()
    ring = KeyRing(load or (lambda: {(key.tracker, key.connection): key}))
    judge = Judge({sender.tracker: sender}, ring, keep_secret, refusals, lambda: NOW)
    front = Front(judge, writer, a_page, limits)
    return Door(front, asgi.client(front), refusals)
