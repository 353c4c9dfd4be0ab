"""A message before any channel's mark-up: plain text from trackers and ours, which each channel makes harmless."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

TOPICS: Mapping[str, str] = {
    "sprint_starts": "sprint.starting",
    "sprint_closed": "sprint.closed",
    "digest": "audit.digest",
    "finding_opened": "finding.opened",
    "finding_resolved": "finding.resolved",
    "figure_restated": "figure.restated",
    "test": "test",
}
"""What can be told, and the name of its event in outgoing webhooks."""


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of a share bar. `kind`: key_result, exempt, dead_link, unaligned."""

    name: str
    kind: str
    percent: int


@dataclass(frozen=True, slots=True)
class Bar:
    """Without parts there is no work to share out."""

    label: str
    total: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list; `url` leads to it."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """`data` is for programs: what the figures are, in the words of the API."""

    topic: str
    title: str
    at: datetime
    paragraphs: tuple[str, ...] = ()
    bars: tuple[Bar, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    entries: tuple[Entry, ...] = ()
    url: str = ""
    link: str = "Open in Tieline"
    data: Mapping[str, Any] | None = None


def as_json(message: Message) -> dict[str, Any]:
    return {**asdict(message), "at": message.at.isoformat()}


def from_json(told: Mapping[str, Any]) -> Message:
    """The message that `as_json` wrote."""
    return Message(
        topic=told["topic"],
        title=told["title"],
        at=datetime.fromisoformat(told["at"]),
        paragraphs=tuple(told["paragraphs"]),
        bars=tuple(
            Bar(bar["label"], bar["total"], tuple(Part(**part) for part in bar["parts"])) for bar in told["bars"]
        ),
        facts=tuple((name, words) for name, words in told["facts"]),
        entries=tuple(Entry(**entry) for entry in told["entries"]),
        url=told["url"],
        link=told["link"],
        data=told["data"],
    )
