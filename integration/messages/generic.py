"""Any chat that takes a JSON object with a `text` in Markdown: Mattermost, Rocket.Chat and their kin."""

import re
from typing import Any

from integration.messages.message import Message
from integration.messages.picture import LONGEST_WORDS, Picture
from integration.messages.words import bar_text, head_text, legend_text, plain

MOST_BARS = 10
_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|~>-])")


def payload(message: Message, picture: Picture | None = None) -> dict[str, Any]:
    return {"text": markdown(message, picture)}


def markdown(message: Message, picture: Picture | None = None) -> str:
    lines = [f"**{literal(message.title)}**", *map(literal, message.paragraphs)]
    if picture is not None and picture.link:
        lines.append(f"![{literal(picture.words, LONGEST_WORDS)}](<{picture.link}>)")
    for bar in message.bars[:MOST_BARS]:
        shown = bar_text(bar)
        lines += [literal(head_text(bar)), *([f"`{shown}`"] if shown else []), literal(legend_text(bar))]
    lines += [f"{literal(name)}: {literal(words)}" for name, words in message.facts]
    if message.entries:
        lines.append(
            "\n".join(f"- {literal(one.text)}{f' ([open](<{one.url}>))' if one.url else ''}" for one in message.entries)
        )
    if message.url:
        lines.append(f"[{literal(message.link)}](<{message.url}>)")
    return "\n\n".join(lines)


def literal(text: str, most: int = 600) -> str:
    """Text that Markdown shows as it stands, and that calls nobody: a joiner after each @ makes no name of it."""
    safe = plain(text, most).replace("&", "&amp;").replace("<", "&lt;").replace("@", "@\u2060")
    return _MARKS.sub(r"\\\1", safe).replace("://", ":\u2060//")
