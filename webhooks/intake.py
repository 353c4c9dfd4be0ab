"""How deliveries get into the inbox: each once, a repeated one counted, another body under the same id marked."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, CursorResult, Insert, RowMapping, bindparam, select, update

from webhooks.inbox import DELIVERIES, storable

_c = DELIVERIES.c
_KEYS_AT_ONCE = 500  # of one statement; SQLite before 3.32 takes 999 parameters


@dataclass(frozen=True, slots=True)
class Incoming:
    """A genuine delivery on its way into the inbox."""

    tracker: str
    connection: str
    delivery_id: str | None
    dedup_key: str
    headers: str
    body_sha256: str
    body: bytes = field(repr=False)
    at: datetime
    receipt: str
    conflicts_with: int | None = None


def incoming(
    tracker: str, connection: str, *, delivery_id: str | None, headers: Mapping[str, str], body: bytes, at: datetime
) -> Incoming:
    """Name a delivery by the vendor's id where there is one, else by its body, which tells its own time."""
    body_sha256 = hashlib.sha256(body).hexdigest()
    name = f"body {body_sha256}" if delivery_id is None else f"id {delivery_id}"
    return Incoming(
        tracker=tracker,
        connection=connection,
        delivery_id=None if delivery_id is None else storable(delivery_id),
        dedup_key=_digest(name),
        headers=json.dumps(dict(headers)),
        body_sha256=body_sha256,
        body=body,
        at=at,
        receipt=secrets.token_hex(8),
    )


def put(connection: Connection, deliveries: Sequence[Incoming]) -> None:
    """Store each delivery once; count a repeated one; keep and mark another body that came under the same id."""
    first: dict[tuple[str, str], Incoming] = {}
    for delivery in deliveries:
        first.setdefault((delivery.connection, delivery.dedup_key), delivery)
    # In one order everywhere: two processes that get the same repetitions at once would else wait for each other.
    rows = [_row(first[key]) for key in sorted(first)]
    stored: CursorResult[Any] = connection.execute(
        _insert(connection.dialect.name), rows, execution_options={"preserve_rowcount": True}
    )
    if stored.rowcount < len(deliveries):
        _put_repeated(connection, deliveries)


def touch(connection: Connection) -> None:
    """Ask the inbox anything: raises what SQLAlchemy raises when it cannot answer."""
    connection.execute(select(_c.id).limit(1)).all()


_SAME = ("connection", "dedup_key")


@cache
def _insert(dialect: str) -> Insert:
    # Each of them brings all drivers of its database with it: no start should wait for those of the other.
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(DELIVERIES).on_conflict_do_nothing(index_elements=_SAME).inline()
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(DELIVERIES).on_conflict_do_nothing(index_elements=_SAME).inline()


def _put_repeated(connection: Connection, deliveries: Sequence[Incoming]) -> None:
    """Sort out which of these were not stored by this very call, and why."""
    kept = _kept(connection, deliveries)
    conflicts: list[Incoming] = []
    repeats: list[int] = []
    for delivery in deliveries:
        row = kept[delivery.connection, delivery.dedup_key]
        if row["body_sha256"] != delivery.body_sha256:
            conflicts.append(_conflicting(delivery, row["id"]))
        elif row["receipt"] != delivery.receipt:
            repeats.append(row["id"])
    if repeats:
        one_more = update(DELIVERIES).where(_c.id == bindparam("of")).values(repeated=_c.repeated + 1)
        connection.execute(one_more, [{"of": repeated} for repeated in sorted(repeats)])
    if conflicts:
        put(connection, conflicts)


def _kept(connection: Connection, deliveries: Sequence[Incoming]) -> dict[tuple[str, str], RowMapping]:
    keys = sorted({delivery.dedup_key for delivery in deliveries})
    rows: list[RowMapping] = []
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        named = _c.dedup_key.in_(keys[start : start + _KEYS_AT_ONCE])
        connections = _c.connection.in_(sorted({delivery.connection for delivery in deliveries}))
        found = select(_c.id, _c.connection, _c.dedup_key, _c.receipt, _c.body_sha256).where(connections, named)
        rows.extend(connection.execute(found).mappings())
    return {(row["connection"], row["dedup_key"]): row for row in rows}


def _conflicting(delivery: Incoming, first: int) -> Incoming:
    key = _digest(f"conflict {delivery.dedup_key} {delivery.body_sha256}")
    return replace(delivery, dedup_key=key, conflicts_with=first)


def _row(delivery: Incoming) -> dict[str, Any]:
    return {
        "tracker": delivery.tracker,
        "connection": delivery.connection,
        "delivery_id": delivery.delivery_id,
        "dedup_key": delivery.dedup_key,
        "receipt": delivery.receipt,
        "conflicts_with": delivery.conflicts_with,
        "repeated": 0,
        "received_at": delivery.at,
        "state": "new",
        "attempts": 0,
        "run_at": delivery.at,
        "headers": delivery.headers,
        "body_sha256": delivery.body_sha256,
        "body_size": len(delivery.body),
        "body": delivery.body,
    }


def _digest(name: str) -> str:
    # Half of it is enough to tell deliveries of one site apart, and keeps the index of the keys small.
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
