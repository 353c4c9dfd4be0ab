"""Which picture a message is sent with: drawn once, kept for the next try, and never a reason for not sending."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine

from integration.messages.carrying import Ways
from integration.messages.channels import HOLD_PICTURES
from integration.messages.message import Message
from integration.messages.picture import LARGEST, LARGEST_IN_A_CARD, Picture, words_of
from integration.secrets import Vault
from integration.store import messages_pictures
from integration.store.engine import reading, writing
from integration.store.messages import Destination
from integration.store.messages_outbox import Claimed
from integration.store.messages_pictures import KeptPicture

DRAWN_TRIES = 2  # what kills or delays the drawing never keeps the message
UPLOADED_TRIES = 3


def picture_for(
    engine: Engine, vault: Vault, ways: Ways, claimed: Claimed, to: Destination, message: Message, now: datetime
) -> Picture | None:
    """The picture as its destination is to be shown it; None: it goes without."""
    if not message.bars or not _is_possible(to, ways):
        return None
    with reading(engine) as session:
        kept = messages_pictures.picture_of(session, vault, claimed.id, now)
    if kept is None and claimed.attempts <= DRAWN_TRIES:
        kept = _drawn(engine, vault, ways, claimed, to, message, now)
    if kept is None or (to.channel == "slack-bot" and not kept.file and claimed.attempts > UPLOADED_TRIES):
        return None
    return _shown(kept, to, ways)


def link_of(public_url: str, token: str) -> str:
    return f"{public_url.rstrip('/')}/pictures/{token}/share.png"


def _is_possible(to: Destination, ways: Ways) -> bool:
    if to.pictures == "link":
        return ways.public_url is not None
    return to.pictures == "inside" and to.channel in HOLD_PICTURES


def _drawn(
    engine: Engine, vault: Vault, ways: Ways, claimed: Claimed, to: Destination, message: Message, now: datetime
) -> KeptPicture | None:
    png = ways.draw(message, _most(to)) if ways.draw is not None else None
    if png is None:
        return None
    is_linked = to.pictures == "link"
    with writing(engine) as session:
        messages_pictures.keep(session, vault, claimed.id, png, words_of(message), now, is_linked=is_linked)
        return messages_pictures.picture_of(session, vault, claimed.id, now)


def _most(to: Destination) -> int:
    return LARGEST_IN_A_CARD if to.channel == "teams" and to.pictures == "inside" else LARGEST


def _shown(kept: KeptPicture, to: Destination, ways: Ways) -> Picture | None:
    """A picture that was drawn for a link whose link is over is not shown in its place."""
    picture = Picture(kept.words, kept.png, file=kept.file)
    if to.pictures == "inside":
        return picture
    link = link_of(ways.public_url, kept.token) if ways.public_url and kept.token else ""
    return replace(picture, png=b"", file="", link=link) if link else None
