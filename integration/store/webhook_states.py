"""What became of each webhook: when it was made, whether a delivery proved it since, and until when it lasts."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from integration.store.connecting_tables import WebhookRow
from integration.store.tables import ConnectionRow


@dataclass(frozen=True, slots=True)
class WebhookState:
    """`is_by_hand`: somebody was shown what to paste. `has_old_secret`: deliveries signed with the one before count."""

    made_at: datetime
    proven_at: datetime | None
    is_by_hand: bool
    expires_at: datetime | None
    trouble: str | None
    has_old_secret: bool = False

    @property
    def is_proven(self) -> bool:
        return self.proven_at is not None


def note_made(
    session: Session,
    connection: str,
    now: datetime,
    *,
    tracker_id: str | None,
    expires_at: datetime | None = None,
    trouble: str | None = None,
) -> None:
    """The webhook was registered (`tracker_id`), or is to be pasted by hand. What proved an earlier one is over."""
    row = session.get(WebhookRow, connection) or WebhookRow(connection=connection, made_at=now)
    row.tracker_id, row.made_at, row.proven_at, row.expires_at = tracker_id, now, None, expires_at
    row.expects_by_hand, row.trouble, row.for_proof = tracker_id is None, trouble, False
    session.add(row)
    session.flush()


def note_for_proof(session: Session, connection: str, is_so: bool) -> None:
    """It tells of silent changes, too; or does no more."""
    session.execute(update(WebhookRow).where(col(WebhookRow.connection) == connection).values(for_proof=is_so))


def proven_by_silence(session: Session) -> tuple[str, ...]:
    """Whose webhooks still tell of silent changes, and need not any more?"""
    mine = (col(WebhookRow.for_proof).is_(True), col(WebhookRow.proven_at).is_not(None))
    return tuple(session.scalars(select(col(WebhookRow.connection)).where(*mine)))


def note_renewed(session: Session, connection: str, expires_at: datetime | None) -> None:
    session.execute(update(WebhookRow).where(col(WebhookRow.connection) == connection).values(expires_at=expires_at))


def note_proofs(session: Session) -> int:
    """Note the webhooks for which a delivery has arrived since they were made. Deliveries that cannot be proven genuine
    never come so far.

    Of one made by hand a delivery proves nothing while the secret before it is still taken.
    """
    question = (
        select(WebhookRow, col(ConnectionRow.last_delivery_at), col(ConnectionRow.previous_webhook_secret))
        .join(ConnectionRow, col(ConnectionRow.id) == col(WebhookRow.connection))
        .where(col(WebhookRow.proven_at).is_(None), col(ConnectionRow.last_delivery_at) >= col(WebhookRow.made_at))
    )
    number = 0
    for row, heard_at, former in session.execute(question).all():
        if not (row.expects_by_hand and former is not None):
            row.proven_at = heard_at
            number += 1
    session.flush()
    return number


def webhook_state(session: Session, connection: str) -> WebhookState | None:
    """What is known of its webhook? None: it has none, as far as we know."""
    row = session.get(WebhookRow, connection)
    if row is None:
        return None
    known = session.get(ConnectionRow, connection)
    heard = known.last_delivery_at if known is not None else None
    has_former = known is not None and known.previous_webhook_secret is not None
    is_ambiguous = row.expects_by_hand and has_former
    proven = row.proven_at
    if proven is None and heard is not None and heard >= row.made_at and not is_ambiguous:
        proven = heard  # noted for good at the next look
    return WebhookState(row.made_at, proven, row.expects_by_hand, row.expires_at, row.trouble, has_former)


def expiring(session: Session, before: datetime) -> tuple[str, ...]:
    """Whose webhooks end before that moment?"""
    question = select(col(WebhookRow.connection)).where(col(WebhookRow.expires_at) < before)
    return tuple(session.scalars(question.order_by(col(WebhookRow.connection))))


def drop_old_secret(session: Session, connection: str, now: datetime) -> None:
    """From now on only the newest secret is taken; what arrives then proves it."""
    session.execute(
        update(ConnectionRow).where(col(ConnectionRow.id) == connection).values(previous_webhook_secret=None)
    )
    values = {"made_at": now, "proven_at": None}
    session.execute(update(WebhookRow).where(col(WebhookRow.connection) == connection).values(**values))
