"""Jira Cloud and Data Center: deliveries are hints, and the state of what they name is always fetched again."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from integration.contract import Change, Connection, Fetched, Page, Tracker
from integration.trackers.jira import read
from integration.trackers.jira.sender import SENDER

# What asks Jira is loaded when it is first called: the door needs none of it, and its start would wait for it.


def _fetch(connection: Connection, changes: Sequence[Change], now: datetime) -> Fetched:
    from integration.trackers.jira.fetch import fetch

    return fetch(connection, changes, now)


def _backfill(connection: Connection, cursor: str | None, now: datetime) -> Iterator[Page]:
    from integration.trackers.jira.backfill import backfill

    return backfill(connection, cursor, now)


def _reconcile(connection: Connection, cursor: str | None, now: datetime) -> Iterator[Page]:
    from integration.trackers.jira.reconcile import reconcile

    return reconcile(connection, cursor, now)


def _sweep(connection: Connection, known: Mapping[str, datetime], now: datetime) -> Fetched:
    from integration.trackers.jira.sweep import sweep

    return sweep(connection, known, now)


TRACKER = Tracker(
    name="jira",
    sender=SENDER,
    read=read.read,
    fetch=_fetch,
    backfill=_backfill,
    reconcile=_reconcile,
    sweep=_sweep,
)
