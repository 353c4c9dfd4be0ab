"""How a message gets there: in the mark-up of its channel, by a call or by mail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from integration.contract import Misconfigured, Permanent
from integration.messages import generic, mail, slack, slack_bot, standard_webhook, teams
from integration.messages.channels import Secrets
from integration.messages.mail import MailServer
from integration.messages.message import Message
from integration.messages.picture import Draw, Picture
from integration.messages.posting import Rules, post, status_of
from integration.messages.slack_bot import Course

_PAYLOADS: Mapping[str, Callable[[Message, Picture | None], dict[str, Any]]] = {
    "slack": slack.payload,
    "teams": teams.payload,
    "generic": generic.payload,
}
_MAYBE_THE_PICTURE = frozenset({400, 413, 422})


@dataclass(frozen=True, slots=True)
class Ways:
    """How this installation reaches others, as its operator says. `draw` None: nothing draws pictures here;
    `public_url`: where anybody reaches a picture by its link."""

    allows_private: bool = False
    mail: MailServer | None = None
    draw: Draw | None = None
    public_url: str | None = None

    @property
    def rules(self) -> Rules:
        return Rules(self.allows_private)


@dataclass(frozen=True, slots=True)
class Sent:
    """`status`: what was answered, where the channel has any; `remark`: what had to be left out."""

    status: int | None
    remark: str = ""


def send(
    channel: str,
    secrets: Secrets,
    message: Message,
    public_id: str,
    ways: Ways,
    now: datetime,
    picture: Picture | None = None,
    course: Course | None = None,
) -> Sent:
    """Send a message; raise where it was not taken."""
    if channel == "email":
        _mail(secrets, message, public_id, ways, now, picture)
        return Sent(None)
    if channel == "slack-bot":
        course = course or Course(None, lambda _: None, lambda _: None)
        return Sent(200, slack_bot.send(message, secrets, public_id, picture, course, ways.rules))
    if channel == "webhook":
        body = standard_webhook.body_of(message, picture)
        headers = standard_webhook.headers_of(public_id, body, _held(secrets, now), now)
        return Sent(post(secrets["address"], body, headers, Rules(ways.allows_private, always_again=True)))
    return _chat(channel, secrets["address"], message, ways.rules, picture)


def _chat(channel: str, address: str, message: Message, rules: Rules, picture: Picture | None) -> Sent:
    """A chat that fetches the picture and cannot refuses all of it: it gets the message without."""
    try:
        return Sent(post(address, orjson.dumps(_PAYLOADS[channel](message, picture)), {}, rules))
    except Permanent as refused:
        if picture is None or status_of(refused) not in _MAYBE_THE_PICTURE:
            raise
    status = post(address, orjson.dumps(_PAYLOADS[channel](message, None)), {}, rules)
    return Sent(status, "It was taken, without its picture: the receiver did not take it with one.")


def _mail(
    secrets: Secrets, message: Message, public_id: str, ways: Ways, now: datetime, picture: Picture | None
) -> None:
    if ways.mail is None:
        raise Misconfigured(
            "no_mail_server", "No mail can be sent: TIELINE_SMTP_URL and TIELINE_MAIL_FROM name no mail server."
        )
    recipients = mail.checked_recipients(secrets["to"])
    mail.send(mail.letter(message, public_id, recipients, ways.mail.sender, now, picture), ways.mail)


def _held(secrets: Secrets, now: datetime) -> list[str]:
    until = secrets.get("previous_until")
    is_held = until is not None and datetime.fromisoformat(until) > now
    return [secrets["secret"], *([secrets["previous"]] if is_held else [])]
