"""Looks at every step of a connection again and says what to mend."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine

from integration import connect as steps
from integration.contract import Connection, TrackerError
from integration.store import connections, reads
from integration.store.engine import reading
from integration.store.reads import ConnectionHealth
from integration.trackers.jira import client
from integration.trackers.jira.chosen import Chosen, chosen_of
from integration.trackers.jira.webhook import found_by_url

SILENT_FOR = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Check:
    """`is_good` None: nobody can tell, or it is no fault; the sentence says what was seen and what could be done."""

    step: str
    is_good: bool | None
    sentence: str


def examine(engine: Engine, connection: Connection, now: datetime) -> Iterator[Check]:
    """Yield each check as it is made; without a site or an account the further ones could tell nothing."""
    for step, look in (("site", _site), ("account", _account)):
        check = _tried(step, partial(look, connection))
        yield check
        if check.is_good is False:
            return
    chosen = _chosen(connection)
    if isinstance(chosen, Check):
        yield chosen
        return
    health = _health(engine, connection)
    yield _tried("rights", lambda: _rights(connection))
    yield _tried("projects", lambda: _projects(connection, chosen))
    yield _tried("boards", lambda: _boards(connection, chosen))
    yield _tried("fields", lambda: _fields(connection, chosen))
    yield _tried("webhook", lambda: _webhook(connection, health))
    yield _backfill(health)
    yield _items(engine, connection)
    yield _news(health, now)


def _tried(step: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except TrackerError as error:
        return Check(step, is_good=False, sentence=error.sentence)


def _chosen(connection: Connection) -> Chosen | Check:
    try:
        return chosen_of(connection)
    except TrackerError as error:
        return Check("choice", is_good=False, sentence=error.sentence)


def _health(engine: Engine, connection: Connection) -> ConnectionHealth:
    with reading(engine) as session:
        return next(health for health in reads.connections(session) if health.id == connection.id)


# --- at the site ------------------------------------------------------------------------------


def _site(connection: Connection) -> Check:
    site = steps.probe(connection.base_url)
    said = f"{site.name}, “{site.title}”, at {site.base_url}."
    if not site.is_supported:
        said += " It is older than what Tieline reads: upgrade Jira."
    return Check("site", site.is_supported, said)


def _account(connection: Connection) -> Check:
    return Check("account", is_good=True, sentence=f"Jira knows us as {steps.who_am_i(connection).name}.")


def _rights(connection: Connection) -> Check:
    missing = [right for right in steps.rights(connection) if not right.is_held]
    if not missing:
        return Check("rights", is_good=True, sentence="The account may see projects and register webhooks.")
    said = " ".join(f"The account lacks {right.name}, {right.what_for}. {right.how}" for right in missing)
    return Check("rights", False if any(right.is_needed for right in missing) else None, said)


def _projects(connection: Connection, chosen: Chosen) -> Check:
    http = client.open_client(connection)
    open_to_us = {str(raw.get("id")) for raw in client.projects(http, chosen.project_ids)}
    closed = [project.key for project in chosen.projects if project.id not in open_to_us]
    if closed:
        mend = "give the right back, or run `tieline connect jira` without them."
        return Check("projects", is_good=False, sentence=f"Closed to us: {', '.join(closed)}: {mend}")
    return Check("projects", is_good=True, sentence=f"All {len(chosen.projects)} projects are open to us.")


def _boards(connection: Connection, chosen: Chosen) -> Check:
    http = client.open_client(connection)
    gone = [board.name for board in chosen.boards if client.board(http, board.id) is None]
    if gone:
        mend = "run `tieline connect jira` and choose again."
        return Check("boards", is_good=False, sentence=f"Not there, or closed to us: {', '.join(gone)}: {mend}")
    return Check("boards", is_good=True, sentence=f"All {len(chosen.boards)} boards are there.")


def _fields(connection: Connection, chosen: Chosen) -> Check:
    there = {str(raw.get("id")) for raw in client.fields(client.open_client(connection))}
    mapping = chosen.fields
    used = [
        ref for ref in (mapping.sprint_field, mapping.team_field, *mapping.points_fields, *mapping.kr_fields) if ref
    ]
    gone = [ref.name for ref in used if ref.id not in there]
    if gone:
        mend = "run `tieline connect jira` and name the fields."
        return Check("fields", is_good=False, sentence=f"Jira has these fields no more: {', '.join(gone)}: {mend}")
    if mapping.tag_field is None:
        said = "Nothing names key results: every item is unaligned. Name a field, a label prefix or a link type."
        return Check("fields", is_good=None, sentence=said)
    return Check("fields", is_good=True, sentence=f"Key results are read from {mapping.tag_field}.")


def _webhook(connection: Connection, health: ConnectionHealth) -> Check:
    last = f"last delivery {_time(health.last_delivery_at)}" if health.last_delivery_at else "no delivery yet"
    address = f"/hooks/jira/{connection.id}"  # what may follow it is as good as a password
    try:
        found = found_by_url(client.open_client(connection), address)
    except TrackerError as error:
        if error.reason not in {"forbidden", "not_found"}:
            raise
        return Check("webhook", is_good=None, sentence=f"The account may not look at webhooks; {last}.")
    if found is None:
        said = f"Jira has no webhook for this connection ({last}): run `tieline connect jira` with --public-url."
        return Check("webhook", is_good=False, sentence=said)
    if not found.is_good:
        wrong = "switched off" if not found.is_enabled else "without a secret"
        mend = "run `tieline connect jira` with --new-secret, or set it right in Jira."
        return Check("webhook", is_good=False, sentence=f"The webhook to {address} is {wrong} ({last}): {mend}")
    proof = "signed" if found.is_signed else "not signed, which this version of Jira cannot: its address proves it"
    return Check("webhook", is_good=True, sentence=f"Registered, to {address}, {proof}; {last}.")


# --- in the store -----------------------------------------------------------------------------


def _backfill(health: ConnectionHealth) -> Check:
    progress = health.backfill
    if progress is None or progress.finished_at is None:
        done = "not begun" if progress is None else f"at {progress.done} of {progress.total or 'unknown'}"
        return Check("backfill", is_good=False, sentence=f"The backfill is {done}: run `tieline connect jira` again.")
    return Check("backfill", is_good=True, sentence=f"Complete since {_time(progress.finished_at)}.")


def _items(engine: Engine, connection: Connection) -> Check:
    with reading(engine) as session:
        refused = connections.refused_items(session, connection.id)
    if refused:
        first, reason = next(iter(refused.items()))
        said = f"Not in the figures, or as before, for they cannot be read: {len(refused)}, such as {first} ({reason})."
        return Check("items", is_good=None, sentence=said)
    return Check("items", is_good=True, sentence="Every item that was fetched could be read.")


def _news(health: ConnectionHealth, now: datetime) -> Check:
    if health.last_error is not None:
        return Check("news", is_good=False, sentence=f"The last look at Jira failed: {health.last_error}")
    if health.last_sync_at is None or now - health.last_sync_at > SILENT_FOR:
        since = _time(health.last_sync_at) if health.last_sync_at else "ever"
        return Check(
            "news", is_good=False, sentence=f"Nothing was asked of Jira since {since}: is `tieline serve` running?"
        )
    return Check("news", is_good=True, sentence=f"Last heard of Jira {_time(health.last_sync_at)}.")


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
