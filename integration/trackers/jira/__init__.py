"""Jira Cloud and Data Center: deliveries are hints, and the state of what they name is always fetched again."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from integration.connecting import Connecting
from integration.contract import (
    Answered,
    Change,
    Connection,
    Edit,
    Fetched,
    Page,
    Proposal,
    Retranslated,
    Tracker,
    Wish,
    Writer,
)
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


def _propose(connection: Connection, wish: Wish, ids: Sequence[str], now: datetime) -> tuple[Proposal, ...]:
    from integration.trackers.jira.write import propose

    return propose(connection, wish, ids, now)


def _present(connection: Connection, edits: Sequence[Edit]) -> Mapping[str, object]:
    from integration.trackers.jira.write import present

    return present(connection, edits)


def _send(connection: Connection, edit: Edit) -> Mapping[str, str]:
    from integration.trackers.jira.write import send

    return send(connection, edit)


def _look_for(connection: Connection, edit: Edit) -> tuple[object, Mapping[str, str]]:
    from integration.trackers.jira.write import look_for

    return look_for(connection, edit)


def _undone(edit: Edit, receipt: Mapping[str, str]) -> Edit:
    from integration.trackers.jira.write_places import undone

    return undone(edit, receipt)


def _retranslate(connection: Connection, kept: Sequence[Answered], told: bytes | None, now: datetime) -> Retranslated:
    from integration.trackers.jira.retranslate import retranslate

    return retranslate(connection, kept, told, now)


def _refetch(connection: Connection, names: Sequence[str], now: datetime) -> Fetched:
    from integration.trackers.jira.retranslate import refetch

    return refetch(connection, names, now)


def _connecting() -> Connecting:
    from integration.trackers.jira.connecting import CONNECTING

    return CONNECTING


TRACKER = Tracker(
    name="jira",
    sender=SENDER,
    read=read.read,
    fetch=_fetch,
    backfill=_backfill,
    reconcile=_reconcile,
    sweep=_sweep,
    retranslate=_retranslate,
    refetch=_refetch,
    connecting=_connecting,
    writer=Writer(propose=_propose, present=_present, send=_send, look_for=_look_for, undone=_undone),
)
