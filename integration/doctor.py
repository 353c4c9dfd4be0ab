"""Looks at every step of a connection again and says what to mend: at the site, of its webhook, and in the store."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Engine

from integration import calling, connect
from integration.behind import behind_of
from integration.behind import checks as behind_checks
from integration.connecting import Check, Registered
from integration.contract import Connection, TrackerError
from integration.imports import aging
from integration.store import calls, connections, reads, turns, webhook_states
from integration.store.engine import reading
from integration.store.imported_files import ImportedFile
from integration.store.reads import ConnectionHealth
from integration.store.webhook_states import WebhookState
from webhooks import inbox

__all__ = ["Check", "examine"]

SILENT_FOR = timedelta(minutes=20)
MOST_DEAD = 100  # counted
HEARD_WITHIN = timedelta(days=7)
RENEW_BEFORE = timedelta(days=7)
_STOPS = frozenset({"site", "account", "choice"})
MEND = "connect again at Connections > {name}, or by `tieline connect {tracker}`"


def examine(engine: Engine, connection: Connection, now: datetime) -> Iterator[Check]:
    """Yield each check as it is made; without a site or an account nothing further is asked of it."""
    health = _health(engine, connection)
    if health.file is not None:
        yield from _of_file(engine, health, health.file, now)
        return
    is_open = True
    for check in connect.steps_of(connection.tracker).checks(connection, now):
        yield check
        is_open = is_open and not (check.step in _STOPS and check.is_good is False)
    if is_open:
        yield _webhook(engine, connection, health, now)
    yield _delivery(engine, connection, health, now)
    yield _backfill(engine, health, now)
    yield _items(engine, connection)
    yield _dead(engine, connection)
    yield _news(health, now)
    with reading(engine) as session:
        behind = behind_of(session, health, now)
    yield from behind_checks(behind)
    calls.keep(engine, now)  # those of the doctor too
    with reading(engine) as session:
        made = calling.told_of(session, health.id, now)
    yield calling.check(made)


def _of_file(engine: Engine, health: ConnectionHealth, file: ImportedFile, now: datetime) -> Iterator[Check]:
    """There is no site to be asked: how old it is, and whether all of it was saved."""
    mend = f"import a newer one: `tieline import FILE --name {health.id}`"
    said = aging.sentence(file, now)
    yield Check("file", is_good=None if aging.is_old(file, now) else True, sentence=f"{file.file}: {said}")
    is_whole = health.backfill is not None and health.backfill.finished_at is not None
    if is_whole:
        yield Check(
            "items", is_good=True, sentence=f"Kept: {aging.items_words(file.items)}, as {aging.FORMS[file.form]} told."
        )
    else:
        with reading(engine) as session:
            turn = turns.turn_of(session, health.id, now)
        goes_on = turn is not None and turn.is_running
        said = "It is being imported." if goes_on else f"The import broke off: {mend}."
        yield Check("items", is_good=None if goes_on else False, sentence=said)
    yield Check("news", is_good=None, sentence=f"Nobody can be asked what is new; {mend}.")


def _dead(engine: Engine, connection: Connection) -> Check:
    with reading(engine) as session:
        dead = inbox.list_deliveries(session, "dead", MOST_DEAD, connection=connection.id)
    if not dead:
        return Check("deliveries", is_good=True, sentence="None was set aside.")
    number = f"{len(dead)} deliveries were" if len(dead) > 1 else "One delivery was"
    many = "at least " if len(dead) == MOST_DEAD else ""
    mend = f"`tieline deliveries list --state dead --connection {connection.id}` says why; replay them when mended."
    return Check("deliveries", is_good=False, sentence=f"{many}{number} set aside: {mend}")


def _health(engine: Engine, connection: Connection) -> ConnectionHealth:
    with reading(engine) as session:
        return next(health for health in reads.connections(session) if health.id == connection.id)


def _mend(connection: Connection) -> str:
    return MEND.format(name=connection.id, tracker=connection.tracker)


# --- the webhook ------------------------------------------------------------------------------


def _webhook(engine: Engine, connection: Connection, health: ConnectionHealth, now: datetime) -> Check:
    last = f"last delivery {_time(health.last_delivery_at)}" if health.last_delivery_at else "no delivery yet"
    try:
        found = connect.steps_of(connection.tracker).webhook(connection)
    except TrackerError as error:
        if error.reason not in {"forbidden", "not_found"}:
            return Check("webhook", is_good=False, sentence=error.sentence)
        return Check("webhook", is_good=None, sentence=f"The account may not look at webhooks; {last}.")
    if found is None and _has_no_webhook(engine, connection):
        said = f"None was wished: the site is asked every five minutes. To hear within seconds, {_mend(connection)}."
        return Check("webhook", is_good=None, sentence=said)
    if found is None:
        said = f"The site has no webhook for this connection ({last}): {_mend(connection)}, with a public address."
        return Check("webhook", is_good=False, sentence=said)
    return _judged(engine, connection, found, last, now)


def _has_no_webhook(engine: Engine, connection: Connection) -> bool:
    with reading(engine) as session:
        return not connections.callback_url(session, connection.id)


def _judged(engine: Engine, connection: Connection, found: Registered, last: str, now: datetime) -> Check:
    address = f"/hooks/{connection.tracker}/{connection.id}"  # what may follow it is as good as a password
    with reading(engine) as session:
        ours = connections.callback_url(session, connection.id)
    if found.expires_at is not None and found.expires_at < now + RENEW_BEFORE:
        mend = f"it was not renewed: is `tieline serve` running? Else {_mend(connection)}."
        return Check("webhook", is_good=False, sentence=f"The webhook ends {_time(found.expires_at)}: {mend}")
    if not found.is_good:
        wrong = "switched off" if not found.is_enabled else "without a secret"
        mend = f"{_mend(connection)} with a new secret, or set it right at the site."
        return Check("webhook", is_good=False, sentence=f"The webhook to {address} is {wrong} ({last}): {mend}")
    host = found.url.partition(address)[0]
    if ours and found.url and not found.url.startswith(ours):
        here = ours.partition(address)[0]
        said = f"The webhook leads to {host}, and Tieline expects it at {here}: {_mend(connection)}."
        return Check("webhook", is_good=False, sentence=said)
    proof = "signed" if found.is_signed else "not signed, which this version of the site cannot: its address proves it"
    until = f", until {_time(found.expires_at)}, and renewed before" if found.expires_at else ""
    return Check("webhook", is_good=True, sentence=f"Registered, to {address}, {proof}{until}; {last}.")


def _delivery(engine: Engine, connection: Connection, health: ConnectionHealth, now: datetime) -> Check:
    """Registering proves nothing yet: a delivery that arrived does."""
    with reading(engine) as session:
        state = webhook_states.webhook_state(session, connection.id)
    if state is None:
        if health.last_delivery_at is not None:
            return Check("delivery", is_good=True, sentence=f"The last one arrived {_time(health.last_delivery_at)}.")
        said = "No webhook was set up: Tieline asks every five minutes what changed."
        return Check("delivery", is_good=None, sentence=said)
    if state.proven_at is None:
        return Check("delivery", is_good=None, sentence=_unproven(connection, state))
    proven = f"Proven {_time(state.proven_at)}."
    if health.last_delivery_at is not None and now - health.last_delivery_at > HEARD_WITHIN:
        said = f"{proven} But nothing has arrived since {_time(health.last_delivery_at)}: did nobody change anything?"
        return Check("delivery", is_good=None, sentence=said)
    return Check("delivery", is_good=True, sentence=proven)


def _unproven(connection: Connection, state: WebhookState) -> str:
    how = connect.steps_of(connection.tracker).how_to_cause_a_delivery
    if state.is_by_hand and state.has_old_secret:
        return (
            "A new secret was shown to be pasted, and the one before is still taken, so that no delivery proves it. "
            f"When it is pasted: `tieline webhook {connection.id} --drop-old-secret`."
        )
    made = "To be pasted by hand since" if state.is_by_hand else "Registered"
    return f"{made} {_time(state.made_at)}, and nothing has arrived yet. {how}"


# --- in the store -----------------------------------------------------------------------------


def _backfill(engine: Engine, health: ConnectionHealth, now: datetime) -> Check:
    progress = health.backfill
    if progress is not None and progress.finished_at is not None:
        return Check("backfill", is_good=True, sentence=f"Complete since {_time(progress.finished_at)}.")
    with reading(engine) as session:
        turn = turns.turn_of(session, health.id, now)
    done = "not begun" if progress is None else f"at {progress.done} of {progress.total or 'unknown'}"
    if turn is not None and turn.is_running:
        return Check("backfill", is_good=None, sentence=f"The backfill is {done}, and goes on.")
    mend = "it goes on by itself where `tieline serve` runs" if progress is not None else "run `tieline connect` again"
    return Check("backfill", is_good=False, sentence=f"The backfill is {done}: {mend}.")


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
        return Check("news", is_good=False, sentence=f"The last look at the site failed: {health.last_error}")
    if health.last_sync_at is None or now - health.last_sync_at > SILENT_FOR:
        since = _time(health.last_sync_at) if health.last_sync_at else "ever"
        said = f"Nothing was asked of the site since {since}: is `tieline serve` running?"
        return Check("news", is_good=False, sentence=said)
    return Check("news", is_good=True, sentence=f"Last heard of the site {_time(health.last_sync_at)}.")


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
