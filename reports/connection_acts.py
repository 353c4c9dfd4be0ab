"""What an admin does about a connection's webhook, by page or by API; each act is in the log."""

from datetime import datetime
from typing import Any

from integration import connect, connect_steps
from integration.connect import WebhookResult
from integration.contract import Connection
from integration.store import connections
from integration.store.acts import note_act
from integration.store.opened import Store
from reports.connect_pages import Desk

ACTS = ("new", "drop_old_secret", "prove")
EXPLAINED = "new: register it with a fresh secret; drop_old_secret: take the newest alone; prove: have the site send."


def make_anew(desk: Desk, name: str, actor: str, now: datetime) -> WebhookResult | None:
    address = desk.hooks_url or _address(desk.store, name)
    made = connect_steps.make_webhook_anew(desk.store.engine, desk.vault(), name, address, now)
    _note(desk.store, now, actor, "webhook_made_anew", name)
    return made


def drop_old_secret(desk: Desk, name: str, actor: str, now: datetime) -> None:
    connect_steps.drop_old_secret(desk.store.engine, name, now)
    _note(desk.store, now, actor, "webhook_old_secret_dropped", name)


def prove(desk: Desk, connection: Connection, actor: str, now: datetime) -> str:
    """Say what was done."""
    said = connect.prove_by_writing(desk.store.engine, desk.vault(), connection)
    _note(desk.store, now, actor, "webhook_proof_asked", connection.id)
    return said


def on_webhook(desk: Desk, connection: Connection, act: str, actor: str, now: datetime) -> dict[str, Any]:
    """Do it; what is to be pasted is in what was done."""
    if act == "new":
        return made(make_anew(desk, connection.id, actor, now))
    if act == "drop_old_secret":
        drop_old_secret(desk, connection.id, actor, now)
        return {"dropped": True}
    return {"said": prove(desk, connection, actor, now)}


def made(result: WebhookResult | None) -> dict[str, Any]:
    if result is None or result.registered is not None:
        return {"registered": result is not None, "problem": None, "to_paste": []}
    return {"registered": False, "problem": result.problem, "to_paste": list(result.instructions)}


def _note(store: Store, now: datetime, actor: str, act: str, name: str) -> None:
    with store.writing() as session:
        note_act(session, now, actor, act, name)


def _address(store: Store, name: str) -> str:
    """Where deliveries went until now, without what the connection adds to it."""
    with store.reading() as session:
        return connections.callback_url(session, name).partition("/hooks/")[0]
