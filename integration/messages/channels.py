"""The channels: what an address of each must be, and how much of it may be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from integration.contract import Misconfigured
from integration.messages import mail, slack_bot, standard_webhook
from integration.messages.addresses import checked_address, host_of
from integration.messages.picture import PICTURES

Secrets = Mapping[str, str]
CHANNELS: Mapping[str, str] = {
    "slack": "Slack, by an incoming webhook",
    "slack-bot": "Slack, by a bot: with pictures that stay inside Slack",
    "teams": "Microsoft Teams, by a webhook of Workflows",
    "email": "E-mail",
    "generic": "Another chat that takes a text in Markdown (Mattermost, Rocket.Chat)",
    "webhook": "A system of yours, by signed webhooks",
}
HOLD_PICTURES = frozenset({"slack-bot", "teams", "email"})  # inside of them; the others take a link
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
    if channel == "slack-bot":
        held = {"channel": slack_bot.checked_channel(address), "token": slack_bot.checked_token(secret)}
        return Checked(held, f"channel {held['channel']}")
    address = checked_address(address)
    kept = {"address": address}
    if channel == "webhook":
        given = secret.strip()
        kept["secret"] = standard_webhook.checked_secret(given) if given else standard_webhook.new_secret()
    return Checked(kept, host_of(address))


def changed(channel: str, secrets: Secrets, address: str, secret: str) -> Checked:
    """What was typed anew; what was left empty stays as it is kept."""
    kept_address = secrets.get("to") or secrets.get("channel") or secrets.get("address") or ""
    kept_secret = secrets.get("token") or secrets.get("secret") or ""
    made = checked(channel, address.strip() or kept_address, secret.strip() or kept_secret)
    before = {name: secrets[name] for name in ("previous", "previous_until") if name in secrets}
    return Checked({**made.secrets, **before}, made.shown)


def checked_pictures(text: str) -> str:
    if text not in PICTURES:
        raise Misconfigured("bad_pictures", f"Pictures are shown one of these ways: {', '.join(PICTURES)}.")
    return text


def with_new_secret(secrets: Secrets, now: datetime) -> dict[str, str]:
    """Another signing secret; the one before signs along for a day."""
    return {
        "address": secrets["address"],
        "secret": standard_webhook.new_secret(),
        "previous": secrets["secret"],
        "previous_until": (now + OLD_SECRET_LASTS).isoformat(),
    }
