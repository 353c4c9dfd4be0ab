"""Where messages go and who wants what: destinations with their encrypted addresses, and subscriptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from integration.secrets import Vault
from integration.store import messages_pictures
from integration.store.messages_tables import DestinationRow, SubscriptionRow, ToldRow


@dataclass(frozen=True, slots=True)
class Destination:
    """Without its secrets: `shown` is as much of the address as may be read."""

    name: str
    channel: str
    shown: str
    created_at: datetime
    sent_at: datetime | None
    trouble: str | None
    trouble_at: datetime | None
    pictures: str = "inside"  # inside, link, none


@dataclass(frozen=True, slots=True)
class Subscription:
    id: int
    destination: str
    topic: str
    connection: str | None
    board: str | None
    team: str | None
    severity: str | None
    schedule: str | None
    since: datetime
    next_at: datetime | None
    author: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A subscription as it is asked for."""

    destination: str
    topic: str
    connection: str | None = None
    board: str | None = None
    team: str | None = None
    severity: str | None = None
    schedule: str | None = None


# --- destinations


def destinations(session: Session) -> tuple[Destination, ...]:
    return tuple(map(_destination, session.scalars(select(DestinationRow).order_by(col(DestinationRow.name)))))


def destination(session: Session, name: str) -> Destination | None:
    row = session.get(DestinationRow, name)
    return None if row is None else _destination(row)


def add_destination(
    session: Session,
    vault: Vault,
    name: str,
    channel: str,
    secrets: Mapping[str, str],
    shown: str,
    now: datetime,
    pictures: str = "inside",
) -> bool:
    """False: there is one of this name already."""
    if session.get(DestinationRow, name) is not None:
        return False
    encrypted = vault.encrypt_all(secrets)
    session.add(
        DestinationRow(name=name, channel=channel, pictures=pictures, secrets=encrypted, shown=shown, created_at=now)
    )
    session.flush()
    return True


def secrets_of(session: Session, vault: Vault, name: str) -> dict[str, str] | None:
    """None: there is no such destination."""
    row = session.get(DestinationRow, name)
    return None if row is None else vault.decrypt_all(row.secrets)


def replace_secrets(session: Session, vault: Vault, name: str, secrets: Mapping[str, str]) -> None:
    changed = vault.encrypt_all(secrets)
    session.execute(update(DestinationRow).where(col(DestinationRow.name) == name).values(secrets=changed))


def change_destination(
    session: Session, vault: Vault, name: str, secrets: Mapping[str, str], shown: str, pictures: str
) -> None:
    changed = {"secrets": vault.encrypt_all(secrets), "shown": shown, "pictures": pictures}
    session.execute(update(DestinationRow).where(col(DestinationRow.name) == name).values(**changed))


def remove_destination(session: Session, name: str) -> bool:
    """Its subscriptions go with it; what waits for it is given up. False: there is none of this name."""
    row = session.get(DestinationRow, name)
    if row is None:
        return False
    for subscription in subscriptions(session, name):
        remove_subscription(session, subscription.id)
    session.delete(row)
    session.flush()
    return True


def note_sent(session: Session, name: str, now: datetime) -> None:
    values = {"sent_at": now, "trouble": None, "trouble_at": None}
    session.execute(update(DestinationRow).where(col(DestinationRow.name) == name).values(**values))


def note_trouble(session: Session, name: str, sentence: str, now: datetime) -> None:
    values = {"trouble": sentence, "trouble_at": now}
    session.execute(update(DestinationRow).where(col(DestinationRow.name) == name).values(**values))


def encrypt_anew(session: Session, vault: Vault) -> int:
    """Encrypt all secrets with the newest key; say how many."""
    rows = list(session.scalars(select(DestinationRow)))
    for row in rows:
        row.secrets = vault.rotated(row.secrets)
    session.flush()
    messages_pictures.encrypt_anew(session, vault)
    return len(rows)


def _destination(row: DestinationRow) -> Destination:
    return Destination(
        row.name,
        row.channel,
        row.shown,
        row.created_at,
        row.sent_at,
        row.trouble,
        row.trouble_at,
        row.pictures or "inside",
    )


# --- subscriptions


def subscriptions(session: Session, destination: str | None = None) -> tuple[Subscription, ...]:
    question = select(SubscriptionRow).order_by(col(SubscriptionRow.destination), col(SubscriptionRow.id))
    if destination is not None:
        question = question.where(col(SubscriptionRow.destination) == destination)
    return tuple(map(_subscription, session.scalars(question)))


def subscription(session: Session, number: int) -> Subscription | None:
    row = session.get(SubscriptionRow, number)
    return None if row is None else _subscription(row)


def add_subscription(session: Session, wanted: Wanted, now: datetime, next_at: datetime | None, author: str) -> int:
    row = SubscriptionRow(
        destination=wanted.destination,
        topic=wanted.topic,
        connection=wanted.connection,
        board=wanted.board,
        team=wanted.team,
        severity=wanted.severity,
        schedule=wanted.schedule,
        since=now,
        next_at=next_at,
        author=author,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def remove_subscription(session: Session, number: int) -> bool:
    row = session.get(SubscriptionRow, number)
    if row is None:
        return False
    session.execute(delete(ToldRow).where(col(ToldRow.subscription) == number))
    session.delete(row)
    session.flush()
    return True


def set_next(session: Session, number: int, next_at: datetime) -> None:
    session.execute(update(SubscriptionRow).where(col(SubscriptionRow.id) == number).values(next_at=next_at))


def _subscription(row: SubscriptionRow) -> Subscription:
    assert row.id is not None
    return Subscription(
        row.id,
        row.destination,
        row.topic,
        row.connection,
        row.board,
        row.team,
        row.severity,
        row.schedule,
        row.since,
        row.next_at,
        row.author,
    )
