"""The channels: what an address of each must be, and how much of it may be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from integration.contract import Misconfigured
from integration.messages import mail, standard_webhook
from integration.messages.addresses import checked_address, host_of

Secrets = Mapping[str, str]
CHANNELS: Mapping[str, str] = {
    "slack": "Slack, by an incoming webhook",
    "teams": "Microsoft Teams, by a webhook of Workflows",
    "email": "E-mail",
    "generic": "Another chat that takes a text in Markdown (Mattermost, Rocket.Chat)",
    "webhook": "A system of yours, by signed webhooks",
}
OLD_SECRET_LASTS = timedelta(hours=24)


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
