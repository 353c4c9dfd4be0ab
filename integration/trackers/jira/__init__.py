"""Jira Cloud: deliveries are hints, and the state of what they name is always fetched again."""

from integration.contract import Tracker
from integration.trackers.jira import backfill, fetch, read, reconcile, sweep, webhook

TRACKER = Tracker(
    name="jira",
    sender=webhook.SENDER,
    read=read.read,
    fetch=fetch.fetch,
    backfill=backfill.backfill,
    reconcile=reconcile.reconcile,
    sweep=sweep.sweep,
)
