"""What Prometheus reads: how connections fare, what waits and what is open; counted when asked, so that the numbers of
several processes are one.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from integration import calling
from integration.store import page_reads, reads
from integration.store.calls import Calls
from integration.store.opened import Store
from integration.store.reads import ConnectionHealth
from webhooks import inbox


def metrics_at(store: Store, clock: Callable[[], datetime]) -> Blueprint:
    """The page `/metrics`; a token with the scope `metrics` opens it."""
    blueprint = Blueprint("metrics", __name__)

    @blueprint.get("/metrics", endpoint="read")
    def read() -> ResponseReturnValue:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Read(store, clock()))
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return blueprint


class _Read(Collector):
    """One reading of the store."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._store = store
        self._now = now

    def collect(self) -> Iterator[Metric]:
        with self._store.reading() as session:
            deliveries, findings = inbox.counts(session), page_reads.open_findings_by_severity(session)
            connections, calls = reads.connections(session), calling.told_of_all(session, self._now)
        yield _gauge("deliveries", "Deliveries in the inbox by state; dead ones were set aside.", "state", deliveries)
        yield _gauge("open_findings", "Open findings by severity.", "severity", findings)
        yield from _of_connections(connections, self._now)
        yield from _of_calls({name: one.known for name, one in calls.items()}, self._now)


def _of_connections(connections: tuple[ConnectionHealth, ...], now: datetime) -> Iterator[Metric]:
    sites = [one for one in connections if one.file is None]  # a file grows older by itself, and nobody can help it
    fetched = {one.id: (now - one.last_sync_at).total_seconds() for one in sites if one.last_sync_at}
    delivered = {one.id: (now - one.last_delivery_at).total_seconds() for one in connections if one.last_delivery_at}
    failing = {one.id: int(one.last_error is not None) for one in connections}
    read = {one.id: one.backfill.done for one in connections if one.backfill}
    yield _gauge("seconds_since_sync", "Seconds since the site was last read.", "connection", fetched)
    yield _gauge("seconds_since_delivery", "Seconds since the last delivery.", "connection", delivered)
    yield _gauge("connection_failing", "1 while the last call to the site failed.", "connection", failing)
    yield _gauge("backfilled_items", "Items read by the present or last backfill.", "connection", read)


def _of_calls(calls: Mapping[str, Calls], now: datetime) -> Iterator[Metric]:
    made = {name: one.last_hour for name, one in calls.items()}
    allowed = {name: one.pace.an_hour for name, one in calls.items() if one.pace is not None}
    said = {name: one.said for name, one in calls.items() if one.said is not None}
    limits = {name: one.limit for name, one in said.items() if one.limit is not None}
    left = {name: one.remaining for name, one in said.items() if one.remaining is not None}
    waits = {name: (one.wait.until - now).total_seconds() if one.wait else 0 for name, one in calls.items()}
    yield _gauge("calls_last_hour", "Calls to the site in the last hour.", "connection", made)
    yield _gauge("calls_allowed_an_hour", "Calls that our own budget allows in an hour.", "connection", allowed)
    yield _gauge("site_limit", "The limit of calls that the site last told.", "connection", limits)
    yield _gauge("site_limit_left", "How much of it was left then.", "connection", left)
    yield _gauge("calls_wait_seconds", "Seconds for which calls wait as the site asked; else 0.", "connection", waits)


def _gauge(name: str, words: str, label: str, values: Mapping[Any, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"tieline_{name}", words, labels=[label])
    for value, number in values.items():
        family.add_metric([str(value)], number)
    return family
