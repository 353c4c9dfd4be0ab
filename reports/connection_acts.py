"""What an admin does about a connection's webhook, by page or by API."""

from datetime import datetime
from typing import Any

from integration import connect, connect_steps
from integration.connect import WebhookResult
from integration.contract import Connection
from integration.store import connections
from reports.connect_pages import Desk

ACTS = ("new", "drop_old_secret", "prove")
EXPLAINED = (
    "new: register it with a fresh secret; drop_old_secret: take the newest alone; prove: have the site send one."
)


def made_anew(desk: Desk, name: str, now: datetime) -> WebhookResult | None:
    address = desk.hooks_url or _address(desk, name)
    return connect_steps.make_webhook_anew(desk.store.engine, desk.vault(), name, address, now)


def on_webhook(desk: Desk, connection: Connection, act: str, now: datetime) -> dict[str, Any]:
    """Do it; what is to be pasted is in what was done."""
    name = connection.id
    if act == "new":
        result = made_anew(desk, name, now)
        by_hand = result is not None and result.registered is None
        return {
            "registered": result is not None and result.registered is not None,
            "problem": result.problem if result is not None and by_hand else None,
            "to_paste": list(result.instructions) if result is not None and by_hand else [],
        }
    if act == "drop_old_secret":
        connect_steps.drop_old_secret(desk.store.engine, name, now)
        return {"dropped": True}
    return {"said": connect.prove_by_writing(desk.store.engine, desk.vault(), connection)}


def _address(desk: Desk, name: str) -> str:
    """Where deliveries went until now, without what the connection adds to it."""
    with desk.store.reading() as session:
        return connections.callback_url(session, name).partition("/hooks/")[0]
