"""Slack: the blocks of a message. Tracker text stands where Slack reads no mark-up, and is escaped.

https://docs.slack.dev/messaging/formatting-message-text
"""

from typing import Any

from integration.messages.message import Bar, Entry, Message
from integration.messages.picture import Picture
from integration.messages.words import bar_text, head_text, legend_text, plain

MOST_BARS = 10
LONGEST_HEAD = 150
LONGEST_TEXT = 2900


def payload(message: Message, picture: Picture | None = None) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _text(message.title, LONGEST_HEAD)}]
    blocks += [_section(paragraph) for paragraph in message.paragraphs]
    if picture is not None:
        blocks.append(_image(picture))
    for bar in message.bars[:MOST_BARS]:
        blocks += _bar(bar, is_drawn=picture is not None)
    if message.facts:
        blocks.append(_section("\n".join(f"{name}: {plain(words)}" for name, words in message.facts), is_lines=True))
    if message.entries:
        blocks.append(_list(message.entries))
    if message.url:
        link = {"type": "mrkdwn", "text": f"<{_escaped(message.url)}|{_escaped(message.link)}>"}
        blocks.append({"type": "section", "text": link})
    # What a notification shows; no mark-up is read in it.
    return {"text": _escaped(plain(message.title)), "mrkdwn": False, "blocks": blocks}


def _section(text: str, *, is_lines: bool = False) -> dict[str, Any]:
    return {"type": "section", "text": _text(text, LONGEST_TEXT, is_lines=is_lines)}


def _text(text: str, most: int, *, is_lines: bool = False) -> dict[str, Any]:
    line = text[:most] if is_lines else plain(text, min(most, 600))
    return {"type": "plain_text", "text": _cut(_escaped(line), most), "emoji": False}


def _image(picture: Picture) -> dict[str, Any]:
    """Its words are plain text, in which nothing is read: https://docs.slack.dev/reference/block-kit/blocks/image-block"""
    where = {"slack_file": {"id": picture.file}} if picture.file else {"image_url": picture.link}
    return {"type": "image", **where, "alt_text": picture.words}


def _bar(bar: Bar, *, is_drawn: bool) -> list[dict[str, Any]]:
    """Its figures always; the bar made of signs where no picture shows it."""
    picture, legend = "" if is_drawn else bar_text(bar), legend_text(bar, is_drawn=is_drawn)
    shown = [{"type": "section", "text": {"type": "mrkdwn", "text": f"`{picture}`"}}] if picture else []
    return [_section(head_text(bar)), *shown, {"type": "context", "elements": [_text(legend, LONGEST_TEXT)]}]


def _list(entries: tuple[Entry, ...]) -> dict[str, Any]:
    """Rich text is made of pieces that are shown as they stand: nothing is read in them, and nothing escaped."""
    lines = [{"type": "rich_text_section", "elements": [_piece(entry)]} for entry in entries]
    return {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": lines}]}


def _piece(entry: Entry) -> dict[str, Any]:
    text = plain(entry.text, 600)
    return {"type": "link", "url": entry.url, "text": text} if entry.url else {"type": "text", "text": text}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str, most: int) -> str:
    """Not in the middle of an escaped sign."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    start = cut.rfind("&")
    return (cut[:start] if start > len(cut) - 5 and ";" not in cut[start:] else cut) + "…"
