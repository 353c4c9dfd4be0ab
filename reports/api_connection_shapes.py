"""Connections as the API tells of them: how each fares, how far its backlog is, and how often it was called."""

from datetime import datetime
from typing import Any

from integration import calling
from integration.calling import CallsTold
from integration.limits import Said
from integration.store import reads
from integration.store.opened import Store
from integration.store.reads import ConnectionHealth
from mappings.document import moment_text
from reports.views import connection_view

Json = dict[str, Any]


def connections(store: Store, now: datetime) -> Json:
    with store.reading() as session:
        found, made = reads.connections(session), calling.told_of_all(session, now)
    return {"connections": [connection(one, made.get(one.id), now) for one in found]}


def connection(health: ConnectionHealth, made: CallsTold | None, now: datetime) -> Json:
    view = connection_view(health, now)
    backfill = health.backfill
    return {
        "id": health.id,
        "tracker": health.tracker,
        "base_url": health.base_url,
        "state": view.state,
        "words": view.words,
        "last_delivery_at": _moment(health.last_delivery_at),
        "last_sync_at": _moment(health.last_sync_at),
        "lag_seconds": health.lag_seconds,
        "last_error": health.last_error,
        "last_error_at": _moment(health.last_error_at),
        "backfill": None
        if backfill is None
        else {"done": backfill.done, "total": backfill.total, "is_finished": backfill.finished_at is not None},
        "calls": None if made is None else _calls(made),
    }


def _calls(made: CallsTold) -> Json:
    """Null is what is not known: what the site did not say, and that nothing is waited for."""
    known = made.known
    pace, wait = known.pace, known.wait
    return {
        "last_hour": known.last_hour,
        "allowed": None
        if pace is None
        else {"per_second": pace.per_second, "at_once": pace.burst, "an_hour": pace.an_hour},
        "site_said": None if known.said is None else _said(known.said, known.said_at),
        "waits": None if wait is None else {"reason": wait.reason, "call": wait.call, "until": moment_text(wait.until)},
        "words": made.words,
    }


def _said(said: Said, at: datetime | None) -> Json:
    return {
        "at": _moment(at),
        "limit": said.limit,
        "left": said.remaining,
        "resets_at": _moment(said.resets_at),
        "reason": said.reason or None,
        "is_refusal": said.is_refusal,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment_text(moment)
