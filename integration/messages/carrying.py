"""How a message gets there: in the mark-up of its channel, by a call or by mail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from integration.contract import Misconfigured
from integration.messages import generic, mail, slack, standard_webhook, teams
from integration.messages.channels import Secrets
from integration.messages.mail import MailServer
from integration.messages.message import Message
from integration.messages.posting import Rules, post

_PAYLOADS: Mapping[str, Callable[[Message], dict[str, Any]]] = {
    "slack": slack.payload,
    "teams": teams.payload,
    "generic": generic.payload,
}


@dataclass(frozen=True, slots=True)
class Ways:
    """How this installation reaches others, as its operator says."""

    allows_private: bool = False
    mail: MailServer | None = None

    @property
    def rules(self) -> Rules:
        return Rules(self.allows_private)


def send(channel: str, secrets: Secrets, message: Message, public_id: str, ways: Ways, now: datetime) -> int | None:
    """Send a message; the status that was answered, where the channel has any. Raise where it was not taken."""
    if channel == "email":
        _mail(secrets, message, public_id, ways, now)
        return None
    if channel == "webhook":
        body = standard_webhook.body_of(message)
        headers = standard_webhook.headers_of(public_id, body, _held(secrets, now), now)
        return post(secrets["address"], body, headers, Rules(ways.allows_private, always_again=True))
    return post(secrets["address"], orjson.dumps(_PAYLOADS[channel](message)), {}, ways.rules)


def _mail(secrets: Secrets, message: Message, public_id: str, ways: Ways, now: datetime) -> None:
    if ways.mail is None:
        raise Misconfigured(
            "no_mail_server", "No mail can be sent: TIELINE_SMTP_URL and TIELINE_MAIL_FROM name no mail server."
        )
    recipients = mail.checked_recipients(secrets["to"])
    mail.send(mail.letter(message, public_id, recipients, ways.mail.sender, now), ways.mail)


def _held(secrets: Secrets, now: datetime) -> list[str]:
    until = secrets.get("previous_until")
    is_held = until is not None and datetime.fromisoformat(until) > now
    return [secrets["secret"], *([secrets["previous"]] if is_held else [])]
