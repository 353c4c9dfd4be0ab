"""Microsoft Teams: an Adaptive Card for a webhook of Workflows. Text stands in runs, which read no Markdown.

https://adaptivecards.io/explorer/TextRun.html
"""

import base64
import re
from dataclasses import replace
from typing import Any

import orjson

from integration.messages.message import Bar, Message
from integration.messages.picture import Picture
from integration.messages.words import bar_text, head_text, legend_text, plain

MOST_BARS = 10
# Teams says 28 kB of all that is in it, and refuses when the workflow has answered already, where nobody sees it:
# https://learn.microsoft.com/connectors/teams/#known-issues-and-limitations-with-actions. Others met it at 21 kB.
LARGEST = 20_000
_TEMPLATE = re.compile(r"([{$])(?={)")
_SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"


def payload(message: Message, picture: Picture | None = None) -> dict[str, Any]:
    """As much as a message may hold: without the picture, and with fewer lines, where all is too much."""
    made = _payload(message, picture)
    if picture is not None and _size(made) > LARGEST:
        made = _payload(message, None)
    while _size(made) > LARGEST and (message.entries or message.bars):
        message = _shorter(message)
        made = _payload(message, None)
    return made


def _shorter(message: Message) -> Message:
    """The last finding, else the last bar, is left to the page."""
    if message.entries:
        return replace(message, entries=message.entries[:-1])
    return replace(message, bars=message.bars[: min(len(message.bars), MOST_BARS) - 1])


def _size(made: dict[str, Any]) -> int:
    return len(orjson.dumps(made))


def _payload(message: Message, picture: Picture | None) -> dict[str, Any]:
    body = [_runs({"text": _literal(message.title), "size": "Large", "weight": "Bolder"})]
    body += [_runs({"text": _literal(paragraph)}) for paragraph in message.paragraphs]
    if picture is not None:
        body.append(_image(picture))
    for bar in message.bars[:MOST_BARS]:
        body += _bar(bar, is_drawn=picture is not None)
    for name, words in message.facts:
        body.append(_runs({"text": f"{name}: ", "isSubtle": True}, {"text": _literal(words)}, spacing="Small"))
    for entry in message.entries:
        open_it = {"selectAction": {"type": "Action.OpenUrl", "url": entry.url}} if entry.url else {}
        body.append(_runs({"text": "• "}, {"text": _literal(entry.text), **open_it}, spacing="Small"))
    card: dict[str, Any] = {"$schema": _SCHEMA, "type": "AdaptiveCard", "version": "1.4", "body": body}
    card["fallbackText"] = _literal(message.title)
    card["msteams"] = {"width": "Full"}
    if message.url:
        card["actions"] = [{"type": "Action.OpenUrl", "title": message.link, "url": message.url}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _image(picture: Picture) -> dict[str, Any]:
    """The bytes themselves, which nobody has to fetch (https://adaptivecards.io/explorer/Image.html), else the link."""
    data = f"data:image/png;base64,{base64.b64encode(picture.png).decode()}" if picture.png else ""
    image = {"type": "Image", "url": data or picture.link, "altText": _literal(picture.words, len(picture.words))}
    return {**image, "size": "Stretch", "msteams": {"allowExpand": True}}


def _bar(bar: Bar, *, is_drawn: bool) -> list[dict[str, Any]]:
    """Its figures always; the bar made of signs where no picture shows it."""
    picture = "" if is_drawn else bar_text(bar)
    shown = [_runs({"text": picture, "fontType": "Monospace"}, spacing="Small")] if picture else []
    legend = _runs({"text": _literal(legend_text(bar, is_drawn=is_drawn)), "isSubtle": True}, spacing="Small")
    return [_runs({"text": _literal(head_text(bar)), "weight": "Bolder"}), *shown, legend]


def _runs(*runs: dict[str, Any], spacing: str = "Default") -> dict[str, Any]:
    inlines = [{"type": "TextRun", **run} for run in runs]
    return {"type": "RichTextBlock", "spacing": spacing, "inlines": inlines}


def _literal(text: str, most: int = 600) -> str:
    """Two braces would begin a date or a template: https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features"""
    return _TEMPLATE.sub(r"\1 ", plain(text, most))
