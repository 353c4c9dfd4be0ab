"""The terminal at which a site is connected: how it asks, asks again where the answer was wrong, and tells."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from rich.console import Console
from rich.markup import escape
from rich.prompt import Prompt
from sqlalchemy import Engine

from integration.contract import Connection, TrackerError
from integration.secrets import Vault
from integration.trackers.jira.chosen import Chosen
from mappings.model import Team
from service.commands.connect_flags import Answers

SHOWN = 12  # of a longer list
NOTHING = "none"  # said where nothing is meant
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the command works: the store, and the terminal."""

    engine: Engine
    vault: Vault
    console: Console
    clock: Callable[[], datetime]
    public_url: str | None = None  # of the settings


@dataclass(frozen=True, slots=True)
class Ground:
    """What every question rests on. `known` is what was chosen before."""

    desk: Desk
    answers: Answers
    connection: Connection
    known: Chosen | None
    teams: tuple[Team, ...]


def say(desk: Desk, text: str) -> None:
    desk.console.print(f"[green]✓[/green] {text}")


def note(desk: Desk, text: str) -> None:
    desk.console.print(f"[yellow]![/yellow] {escape(text)}")


def asked(question: str, default: str = "", *, hidden: bool = False) -> str:
    """What was answered; the default, which is shown, where nothing was."""
    if not default:
        return Prompt.ask(question, default="", show_default=False, password=hidden).strip()
    return Prompt.ask(question, default=default, password=hidden).strip()


def until_right(desk: Desk, attempt: Callable[[], T], *, is_asked: bool) -> T:
    """What the attempt comes to; where a person is asked, a wrong answer is told and asked for again."""
    while True:
        try:
            return attempt()
        except TrackerError as error:
            if not is_asked:
                raise
            desk.console.print(f"[red]✗[/red] {escape(error.sentence)}")


def listed(text: str) -> tuple[str, ...]:
    """What stands between commas; nothing where that was said."""
    return tuple(part.strip() for part in text.split(",") if part.strip() and part.strip().casefold() != NOTHING)


def shortened(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"
