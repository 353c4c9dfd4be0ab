"""A small site with a subscription, and a postman who never leaves this machine."""

from datetime import datetime, timedelta

from sqlalchemy import Engine

from integration.contract import Fetched
from integration.messages import asking, heralding
from integration.messages.carrying import Ways
from integration.messages.composing import Words
from integration.messages.message import Message, from_json
from integration.messages.news import Herald
from integration.messages.sending import Postman
from integration.secrets import Vault, new_key
from integration.store import messages_outbox
from integration.store.engine import reading, writing
from integration.store.messages import Wanted
from reports.finding_views import OF_ITEMS, OF_SPRINTS, TITLES
from tests.integration.store.material import sprint
from tests.reports import material
from tests.reports.material import NOW

ADDRESS = "https://93.184.216.34/services/T0/B0/secret"
HOSTILE = (
    '<!channel> @here *bold* [x](https://evil.example) <b onmouseover="x">'
    "\r\nBcc: all@evil.example \u202eevil {{DATE(x)}}"
)
WORDS = Words("https://tieline.example.org", TITLES)
VAULT = Vault([new_key()])


def herald(engine: Engine, now: datetime = NOW) -> Herald:
    return Herald(engine, lambda: now, WORDS, OF_SPRINTS, OF_ITEMS)


def postman(engine: Engine, now: datetime = NOW, ways: Ways | None = None) -> Postman:
    return Postman(engine, VAULT, ways or Ways(), lambda: now, jitter=lambda: 0.5)


def later(**values: float) -> datetime:
    return NOW + timedelta(**values)


def fill(engine: Engine, *wanted: Wanted, channel: str = "slack") -> None:
    """The small site, at rest, and a destination `team` with these subscriptions."""
    material.fill(engine)
    heralding.look(herald(engine), later(minutes=1))
    with writing(engine) as session:
        asking.add_destination(session, VAULT, "team", channel, ADDRESS, "", "Ada", later(minutes=1))
        for one in wanted:
            asking.subscribe(session, one, "Ada", later(minutes=1))


def place(engine: Engine, channel: str = "slack", address: str = ADDRESS) -> None:
    """A destination `team`, and no site."""
    with writing(engine) as session:
        asking.add_destination(session, VAULT, "team", channel, address, "", "Ada", later(minutes=1))


def look(engine: Engine, at: datetime) -> int:
    return heralding.look(herald(engine, at), at)


def close_s1(engine: Engine, at: datetime, *others: Fetched) -> None:
    """The running sprint is completed, and its figures are decided."""
    closed = sprint("S1", "closed", f"Merchants sign up alone {HOSTILE}", completed=at)
    material.save(engine, Fetched(at=at, sprints=(closed,)))
    for other in others:
        material.save(engine, other)


def queued(engine: Engine) -> list[Message]:
    """The oldest first."""
    with reading(engine) as session:
        lines = messages_outbox.lines(session)
        found = [messages_outbox.message(session, line.id) for line in reversed(lines)]
    return [from_json(one[1]) for one in found if one is not None]


def states(engine: Engine) -> list[tuple[str, str]]:
    """State and last word of each message, the oldest first."""
    with reading(engine) as session:
        return [(line.state, line.sentence) for line in reversed(messages_outbox.lines(session))]
