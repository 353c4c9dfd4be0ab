"""The picture of a message: what it shows in words, and the ways in which a channel may come by it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from integration.messages.message import Bar, Message
from integration.messages.words import head_text, name_of, plain

PICTURES: Mapping[str, str] = {
    "inside": "inside the message, where the channel can hold it",
    "link": "by a link that anybody who has it can open for 30 days",
    "none": "no picture",
}
LONGEST_WORDS = 1900  # Slack takes 2000: https://docs.slack.dev/reference/block-kit/blocks/image-block
MOST_BARS = 6
LARGEST = 400_000  # bytes of a picture
LARGEST_IN_A_CARD = 10_500  # a Teams card may have 28 kB in all, the picture in base64

Draw = Callable[[Message, int], bytes | None]
"""Draws a message in at most so many bytes of PNG; None where nothing can, or not so small."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`words` say its figures. `png` may stand inside a message; `link` opens it for anybody who has it; `file` is its
    id at Slack."""

    words: str
    png: bytes = b""
    link: str = ""
    file: str = ""


def words_of(message: Message) -> str:
    """The alternative text: all figures that the picture shows."""
    bars = " ".join(_said(bar) for bar in message.bars[:MOST_BARS])
    text = f"{plain(message.title)}. {bars}"
    return text if len(text) <= LONGEST_WORDS else f"{text[: LONGEST_WORDS - 1]}…"


def _said(bar: Bar) -> str:
    shown = ", ".join(f"{name_of(part)} {part.percent} %" for part in bar.parts if part.percent)
    return f"{plain(head_text(bar))}: {shown or 'no work to share out'}."
