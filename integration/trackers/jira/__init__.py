"""Jira Cloud: deliveries are hints, and the state of what they name is always fetched again."""

from integration.contract import Tracker
from integration.trackers.jira.backfill import backfill
from integration.trackers.jira.fetch import fetch
from integration.trackers.jira.read import read
from integration.trackers.jira.reconcile import reconcile
from integration.trackers.jira.webhook import SENDER

TRACKER = Tracker(name="jira", sender=SENDER, read=read, fetch=fetch, backfill=backfill, reconcile=reconcile)
