"""What pages and the command line ask for: destinations, subscriptions, tests, replays; checked, kept and logged."""

import re
from datetime import datetime

from sqlmodel import Session

from integration.contract import Misconfigured
from integration.messages import channels, composing, schedule
from integration.messages.composing import Words
from integration.messages.message import TOPICS, as_json
from integration.messages.news import SEVERITIES
from integration.secrets import Vault
from integration.store import connections, messages, messages_outbox, messages_pictures, messages_shares, plans, reads
from integration.store.acts import note_act
from integration.store.messages import Destination, Wanted

ASKED = tuple(topic for topic in TOPICS if topic != "test")
OF_FINDINGS = frozenset({"finding_opened", "finding_resolved", "digest"})
OF_SPRINTS = frozenset({"sprint_starts", "sprint_closed", "figure_restated"})
DEFAULT_BEFORE = "2 hours before sprint start"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LONGEST_LABEL = 120


def add_destination(
    session: Session,
    vault: Vault,
    name: str,
    channel: str,
    address: str,
    secret: str,
    actor: str,
    now: datetime,
    pictures: str = "inside",
) -> str | None:
    """Keep a destination; gives the signing secret of a webhook, which its receiver needs, to be shown this once."""
    name = name.strip()
    if _NAME.fullmatch(name) is None:
        raise Misconfigured("bad_name", "A name is made of small letters, digits and hyphens, at most 40.")
    checked, shown = channels.checked(channel, address, secret), channels.checked_pictures(pictures)
    if not messages.add_destination(session, vault, name, channel, checked.secrets, checked.shown, now, shown):
        raise Misconfigured("name_taken", f"There is a destination {name} already.")
    note_act(session, now, actor, "destination_added", f"{name}: {channel}, {checked.shown}, pictures {shown}")
    return checked.secrets.get("secret")


def change_destination(
    session: Session, vault: Vault, name: str, address: str, secret: str, pictures: str, actor: str, now: datetime
) -> None:
    """Another address, secret or way of pictures; what is left empty stays as it is."""
    found, secrets = _destination(session, name), messages.secrets_of(session, vault, name) or {}
    checked = channels.changed(found.channel, secrets, address, secret)
    shown = channels.checked_pictures(pictures or found.pictures)
    messages.change_destination(session, vault, name, checked.secrets, checked.shown, shown)
    told = ", ".join(said for said, is_new in (("address", address), ("secret", secret)) if is_new.strip())
    note_act(session, now, actor, "destination_changed", f"{name}: {told or 'pictures'}, pictures {shown}")


def remove_destination(session: Session, name: str, actor: str, now: datetime) -> None:
    messages_pictures.revoke_all(session, name, now)
    if not messages.remove_destination(session, name):
        raise _unknown(name)
    note_act(session, now, actor, "destination_removed", name)


def change_secret(session: Session, vault: Vault, name: str, actor: str, now: datetime) -> str:
    """Give a webhook another signing secret; the one before signs along for a day."""
    found, secrets = _destination(session, name), messages.secrets_of(session, vault, name)
    if found.channel != "webhook" or secrets is None:
        raise Misconfigured("no_secret", f"{name} has no signing secret: only webhooks are signed.")
    changed = channels.with_new_secret(secrets, now)
    messages.replace_secrets(session, vault, name, changed)
    note_act(session, now, actor, "destination_secret_changed", name)
    return changed["secret"]


def queue_test(
    session: Session, words: Words, name: str, actor: str, now: datetime, run_at: datetime | None = None
) -> int:
    """Queue a test message; gives its number. `run_at`: whoever asks sends it, and workers leave it until then."""
    _destination(session, name)
    note_act(session, now, actor, "destination_tested", name)
    return messages_outbox.queue(session, name, as_json(composing.trial(now, words)), now, run_at)


def subscribe(session: Session, wanted: Wanted, actor: str, now: datetime) -> int:
    """Keep a subscription; raise with a sentence where it could never be told anything."""
    _destination(session, wanted.destination)
    if wanted.topic not in ASKED:
        raise Misconfigured("bad_topic", f"What is told is one of {', '.join(ASKED)}.")
    _check_filters(session, wanted)
    zone = plans.plan_in_force(session, now).settings.time_zone
    text, next_at = _when(wanted, zone, now)
    kept = Wanted(wanted.destination, wanted.topic, wanted.connection, wanted.board, wanted.team, wanted.severity, text)
    number = messages.add_subscription(session, kept, now, next_at, actor)
    note_act(session, now, actor, "subscription_added", f"{number}: {wanted.topic} to {wanted.destination}")
    return number


def _check_filters(session: Session, wanted: Wanted) -> None:
    if wanted.connection is not None and wanted.connection not in connections.connection_names(session):
        raise Misconfigured("bad_connection", f"There is no connection “{wanted.connection}”.")
    if wanted.severity is not None and wanted.severity not in SEVERITIES:
        raise Misconfigured("bad_severity", f"A severity is one of {', '.join(SEVERITIES)}.")
    if wanted.severity is not None and wanted.topic not in OF_FINDINGS:
        raise Misconfigured("bad_severity", f"A severity chooses findings; {wanted.topic} has none.")
    if wanted.board is None:
        return
    if wanted.topic not in OF_SPRINTS and wanted.topic != "digest":
        raise Misconfigured("bad_board", "A board chooses sprints; choose findings by their team.")
    known = {(board.connection, board.id) for board in reads.boards(session)}
    if (wanted.connection, wanted.board) not in known:
        raise Misconfigured("bad_board", f"There is no board {wanted.board} on the connection {wanted.connection}.")


def _when(wanted: Wanted, zone: str, now: datetime) -> tuple[str | None, datetime | None]:
    """The schedule as it is kept, with its zone, and when it comes first."""
    text = " ".join((wanted.schedule or "").split())
    try:
        if wanted.topic == "digest":
            every = schedule.recurring(text, zone)
            is_named = text.casefold().endswith(every.zone.casefold())
            return (text if is_named else f"{text} {every.zone}"), every.after(now)
        if wanted.topic == "sprint_starts":
            schedule.before_start(text or DEFAULT_BEFORE)
            return text or DEFAULT_BEFORE, None
    except schedule.WrongSchedule as wrong:
        raise Misconfigured("bad_schedule", str(wrong)) from None
    if text:
        raise Misconfigured("bad_schedule", f"{wanted.topic} is told when it happens: leave the schedule out.")
    return None, None


def unsubscribe(session: Session, number: int, actor: str, now: datetime) -> None:
    if not messages.remove_subscription(session, number):
        raise Misconfigured("no_subscription", f"There is no subscription {number}.")
    note_act(session, now, actor, "subscription_removed", str(number))


def replay(session: Session, number: int, actor: str, now: datetime) -> None:
    if not messages_outbox.replay(session, number, now):
        raise Misconfigured("no_message", f"There is no message {number}, or it is being sent right now.")
    note_act(session, now, actor, "message_replayed", str(number))


def revoke_picture(session: Session, number: int, actor: str, now: datetime) -> None:
    if not messages_pictures.revoke(session, number, now):
        raise Misconfigured("no_picture_link", f"Message {number} has no link that still opens a picture.")
    note_act(session, now, actor, "picture_link_revoked", str(number))


# --- links that share a bar


def share(
    session: Session, connection: str, board: str | None, sprint: str | None, label: str, actor: str, now: datetime
) -> str:
    """Make a link for a board or a sprint; gives its token, which is shown this once."""
    if (board is None) == (sprint is None):
        raise Misconfigured("bad_share", "Share either a board or a sprint.")
    if board is not None and not any((one.connection, one.id) == (connection, board) for one in reads.boards(session)):
        raise Misconfigured("bad_share", f"There is no board {board} on the connection {connection}.")
    measure = plans.plan_in_force(session, now).settings.measure.value
    if sprint is not None and reads.sprint_answer(session, connection, sprint, measure) is None:
        raise Misconfigured("bad_share", f"There is no sprint {sprint} with figures on the connection {connection}.")
    label = " ".join(label.split())[:_LONGEST_LABEL]
    token = messages_shares.make_share(session, connection, now, author=actor, label=label, board=board, sprint=sprint)
    what = f"board {board}" if board is not None else f"sprint {sprint}"
    note_act(session, now, actor, "share_link_made", f"{connection}: {what}", label or None)
    return token


def revoke_share(session: Session, number: int, actor: str, now: datetime) -> None:
    if not messages_shares.revoke_share(session, number, actor, now):
        raise Misconfigured("no_share", f"There is no share link {number}, or it was revoked already.")
    note_act(session, now, actor, "share_link_revoked", str(number))


def _destination(session: Session, name: str) -> Destination:
    found = messages.destination(session, name)
    if found is None:
        raise _unknown(name)
    return found


def _unknown(name: str) -> Misconfigured:
    return Misconfigured("no_destination", f"There is no destination “{name}”.")
