"""The channels: what an address of each must be, how much of it may be shown, and how a message is sent there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from integration.contract import Misconfigured
from integration.messages import generic, mail, slack, standard_webhook, teams
from integration.messages.mail import MailServer
from integration.messages.message import Message
from integration.messages.posting import Rules, checked_address, host_of, post

Secrets = Mapping[str, str]
CHANNELS: Mapping[str, str] = {
    "slack": "Slack, by an incoming webhook",
    "teams": "Microsoft Teams, by a webhook of Workflows",
    "email": "E-mail",
    "generic": "Another chat that takes a text in Markdown (Mattermost, Rocket.Chat)",
    "webhook": "A system of yours, by signed webhooks",
}
OLD_SECRET_LASTS = timedelta(hours=24)
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


@dataclass(frozen=True, slots=True)
class Checked:
    """What is kept of a destination: all of it encrypted, but for what is `shown`."""

    secrets: dict[str, str]
    shown: str


def checked(channel: str, address: str, secret: str = "") -> Checked:
    """Check what somebody typed; raise with a sentence that quotes none of it."""
    if channel not in CHANNELS:
        raise Misconfigured("bad_channel", f"The channel is one of {', '.join(CHANNELS)}.")
    if channel == "email":
        recipients = mail.checked_recipients(address)
        hosts = ", ".join(dict.fromkeys(one.rpartition("@")[2] for one in recipients))
        number = f"{len(recipients)} recipient{'' if len(recipients) == 1 else 's'}"
        return Checked({"to": ", ".join(recipients)}, f"{number} at {hosts}")
    address = checked_address(address)
    kept = {"address": address}
    if channel == "webhook":
        held = secret.strip()
        kept["secret"] = standard_webhook.checked_secret(held) if held else standard_webhook.new_secret()
    return Checked(kept, host_of(address))


def with_new_secret(secrets: Secrets, now: datetime) -> dict[str, str]:
    """Another signing secret; the one before signs along for a day."""
    return {
        "address": secrets["address"],
        "secret": standard_webhook.new_secret(),
        "previous": secrets["secret"],
        "previous_until": (now + OLD_SECRET_LASTS).isoformat(),
    }


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
