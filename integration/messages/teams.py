"""Microsoft Teams: an Adaptive Card for a webhook of Workflows. Text stands in runs, which read no Markdown.

https://adaptivecards.io/explorer/TextRun.html
"""

from typing import Any

from integration.messages.message import Bar, Message
from integration.messages.words import bar_text, head_text, legend_text, plain

MOST_BARS = 10
_SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"


def payload(message: Message) -> dict[str, Any]:
    body = [_runs({"text": _literal(message.title), "size": "Large", "weight": "Bolder"})]
    body += [_runs({"text": _literal(paragraph)}) for paragraph in message.paragraphs]
    for bar in message.bars[:MOST_BARS]:
        body += _bar(bar)
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


def _bar(bar: Bar) -> list[dict[str, Any]]:
    picture = bar_text(bar)
    shown = [_runs({"text": picture, "fontType": "Monospace"}, spacing="Small")] if picture else []
    legend = _runs({"text": _literal(legend_text(bar)), "isSubtle": True}, spacing="Small")
    return [_runs({"text": _literal(head_text(bar)), "weight": "Bolder"}), *shown, legend]


def _runs(*runs: dict[str, Any], spacing: str = "Default") -> dict[str, Any]:
    inlines = [{"type": "TextRun", **run} for run in runs]
    return {"type": "RichTextBlock", "spacing": spacing, "inlines": inlines}


def _literal(text: str) -> str:
    """Two braces would begin a date or a template: https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features"""
    return plain(text, 600).replace("{{", "{ {").replace("${", "$ {")
