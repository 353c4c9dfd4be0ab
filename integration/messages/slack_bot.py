"""Slack by a bot: a picture that stays inside Slack, and a message that is never posted twice.

The picture is uploaded for the bot alone and shown by a block (https://docs.slack.dev/messaging/working-with-files).
Each message bears its id; where an answer was lost, the channel is looked through for it before anything is posted.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from integration.contract import Misconfigured, Permanent, Temporary, TrackerError
from integration.messages import slack
from integration.messages.message import Message
from integration.messages.picture import Picture
from integration.messages.posting import NotTaken, Rules, asked

API = "https://slack.com/api/"
EVENT = "tieline_message"
_LARGEST_ANSWER = 2 * 1024 * 1024  # a page of a channel with what is in its messages
_MOST_PAGES, _PAGE = 10, 200
_SKEW = timedelta(minutes=10)  # between our clock and Slack's
_WAITS = (1.0, 2.0, 4.0)  # seconds, while Slack looks at the picture: it does so after it has answered
_FILE = re.compile(r"F[A-Z0-9]{8,}")
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{8,}")
_TOKEN = re.compile(r"xoxb-[A-Za-z0-9-]{10,250}")

# https://docs.slack.dev/reference/methods/chat.postMessage#errors
_AGAIN = frozenset({"ratelimited", "rate_limited", "service_unavailable", "request_timeout", "team_added_to_org"})
_NOBODY_KNOWS = frozenset({"internal_error", "fatal_error"})  # some of it may have happened
_TOKENS = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "no_permission"}
)
_CHANNELS = frozenset({"not_in_channel", "channel_not_found", "is_archived", "restricted_action"})
_MAYBE_TAKEN = (
    "Slack's answer was lost, and the bot cannot see whether the message is there (it may lack channels:history or "
    "groups:history): look into the channel, and send it again if it is not."
)
_PICTURES = frozenset({"invalid_blocks", "invalid_blocks_format"})


@dataclass(frozen=True, slots=True)
class Course:
    """What earlier tries of a message came to, and where this one notes what it does. `begun_at`: a call was begun then
    of which nobody knows whether Slack took it."""

    begun_at: datetime | None
    keep_file: Callable[[str], None]
    note_begun: Callable[[bool], None]
    pause: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class _Bot:
    token: str = field(repr=False)
    rules: Rules


@dataclass(frozen=True, slots=True)
class _Post:
    message: Message
    public_id: str
    channel: str
    course: Course
    bot: _Bot


class _Refused(Exception):
    """Slack's answer says that nothing was done; `reason` is its word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def checked_channel(text: str) -> str:
    channel = text.strip()
    if _CHANNEL.fullmatch(channel) is None:
        sentence = "Write the channel's id, such as C0123456789: it ends the channel's details in Slack."
        raise Misconfigured("bad_channel_id", sentence)
    return channel


def checked_token(text: str) -> str:
    token = text.strip()
    if _TOKEN.fullmatch(token) is None:
        sentence = (
            "Write the bot's token, which begins with xoxb-: Slack shows it on the app's page “OAuth & Permissions”."
        )
        raise Misconfigured("bad_token", sentence)
    return token


def send(
    message: Message, secrets: Mapping[str, str], public_id: str, picture: Picture | None, course: Course, rules: Rules
) -> str:
    """Post it once; says what had to be left out."""
    post = _Post(message, public_id, secrets["channel"], course, _Bot(secrets["token"], rules))
    try:
        if course.begun_at is not None and _is_there(post, course.begun_at):
            return "It had been taken already."
        return _sent(post, picture)
    except _Refused as refused:
        raise _explained(refused.reason) from None


def _sent(post: _Post, picture: Picture | None) -> str:
    trouble = ""
    if picture is not None and not picture.file:
        picture, trouble = _uploaded(post, picture)
    if picture is not None and not _is_posted_with(post, picture):
        picture, trouble = None, "Slack does not show the picture."
    if picture is None:
        _post_once(post, None)
    return f"It was taken, without its picture: {trouble}" if trouble else ""


# --- the picture


def _uploaded(post: _Post, picture: Picture) -> tuple[Picture | None, str]:
    """The picture with its id at Slack; None, and why, where Slack does not take it: the message goes without."""
    try:
        file = _upload(post.bot, picture)
    except _Refused as refused:
        if refused.reason in _TOKENS or refused.reason in _AGAIN:
            raise
        return None, _explained(refused.reason).sentence
    post.course.keep_file(file)
    return replace(picture, file=file), ""


def _upload(bot: _Bot, picture: Picture) -> str:
    """https://docs.slack.dev/reference/methods/files.getUploadURLExternal"""
    about = {"filename": "share.png", "length": str(len(picture.png)), "alt_txt": picture.words[:1000]}
    given = _called(bot, "files.getUploadURLExternal", about)
    address, file = given.get("upload_url"), given.get("file_id")
    if not isinstance(address, str) or not isinstance(file, str) or _FILE.fullmatch(file) is None:
        raise _Refused("no_upload_address")
    host = urlsplit(address).hostname or ""
    if not address.startswith("https://") or not (host == "slack.com" or host.endswith(".slack.com")):
        raise _Refused("no_upload_address")
    asked(address, picture.png, {"Content-Type": "application/octet-stream"}, bot.rules)
    files = orjson.dumps([{"id": file, "title": "Share of the work"}]).decode()
    _called(bot, "files.completeUploadExternal", {"files": files})
    return file


# --- the message


def _is_posted_with(post: _Post, picture: Picture) -> bool:
    """Slack looks at a picture after it has taken it, and refuses the message until then. False: for good."""
    for wait in (*_WAITS, 0.0):
        try:
            _post_once(post, picture)
        except _Refused as refused:
            if refused.reason not in _PICTURES:
                raise
        else:
            return True
        if wait:
            post.course.pause(wait)
    return False


def _post_once(post: _Post, picture: Picture | None) -> None:
    body = {
        **slack.payload(post.message, picture),
        "channel": post.channel,
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": {"event_type": EVENT, "event_payload": {"id": post.public_id}},
    }
    post.course.note_begun(True)
    try:
        _called(post.bot, "chat.postMessage", orjson.dumps(body))
    except (_Refused, NotTaken, Permanent, Misconfigured):
        post.course.note_begun(False)
        raise


def _is_there(post: _Post, begun_at: datetime) -> bool:
    """Does the channel hold the message? Raise where Slack does not say."""
    asking = {
        "channel": post.channel,
        "oldest": f"{(begun_at - _SKEW).timestamp():.6f}",
        "include_all_metadata": "true",
        "limit": str(_PAGE),
    }
    for _ in range(_MOST_PAGES):
        try:
            page = _called(post.bot, "conversations.history", asking)
        except _Refused as refused:
            if refused.reason in _AGAIN or refused.reason in _TOKENS:
                raise
            break
        messages = page.get("messages")
        if any(_id_of(one) == post.public_id for one in (messages if isinstance(messages, list) else ())):
            return True
        cursor = _within(page, "response_metadata", "next_cursor")
        if not cursor:
            return False
        asking["cursor"] = str(cursor)
    raise Permanent("maybe_taken", _MAYBE_TAKEN)


def _id_of(one: object) -> object:
    is_ours = _within(one, "metadata", "event_type") == EVENT
    return _within(one, "metadata", "event_payload", "id") if is_ours else None


def _within(found: object, *path: str) -> object:
    """None where an answer has no such place."""
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


# --- how Slack is asked


def _called(bot: _Bot, method: str, given: Mapping[str, str] | bytes) -> dict[str, Any]:
    """https://docs.slack.dev/apis/web-api/: a 200 may say that it was refused."""
    kind, body = "application/x-www-form-urlencoded", b""
    if isinstance(given, bytes):
        kind, body = "application/json", given
    else:
        body = urlencode(given).encode()
    headers = {"Authorization": f"Bearer {bot.token}", "Content-Type": f"{kind}; charset=utf-8"}
    answer = asked(f"{API}{method}", body, headers, bot.rules, _LARGEST_ANSWER)
    try:
        said = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        said = None
    if not isinstance(said, dict):
        raise Temporary("not_understood", "Slack's answer cannot be read; it is asked again.")
    if said.get("ok") is True:
        return said
    reason = str(said.get("error") or "unknown_error")
    if reason in _NOBODY_KNOWS:
        raise Temporary("not_taken", f"Slack failed ({reason}); it is asked again.")
    raise _Refused(reason)


def _explained(reason: str) -> TrackerError:
    if reason in _AGAIN:
        return NotTaken("not_taken", f"Slack asks to come again ({reason}).")
    if reason in _TOKENS:
        return Misconfigured("bot_refused", f"Slack does not accept the bot's token ({reason}): enter a new one.")
    if reason in _CHANNELS:
        return Misconfigured(
            "channel_refused",
            f"The bot may not write into this channel ({reason}): invite it there with /invite, or correct the id.",
        )
    if reason == "missing_scope":
        return Misconfigured(
            "missing_scope",
            "The bot lacks a permission: give it chat:write, files:write, channels:history and groups:history under "
            "“OAuth & Permissions”, and install the app again.",
        )
    word = reason if re.fullmatch(r"[a-z_]{1,60}", reason) else "an unknown reason"
    return Permanent("refused", f"Slack does not take this ({word}).")
