"""`tieline overrulings`: what people said against the judge of words, to read, and to train the judge on."""

import json
from collections.abc import Iterable, Iterator

import click

from mappings.model import Overruling
from mappings.overruling import GOAL, KEY_RESULT, current

WHAT = {"goals": GOAL, "key-results": KEY_RESULT}


@click.group()
def overrulings() -> None:
    """What people said against the judge of words."""


@overrulings.command("list")
def list_all() -> None:
    """Print all that was ever said, the last first."""
    said = _all()
    for connection, one in reversed(said):
        click.echo(line_of(connection, one))
    if not said:
        click.echo("Nothing was overruled.")


@overrulings.command()
def phrases() -> None:
    """Print the phrases that hold now, for every team or for one."""
    rules = current(one for _, one in _all() if one.is_phrase)
    for one in rules:
        click.echo(line_of(None, one))
    if not rules:
        click.echo("Nobody has spoken of a phrase yet.")


@overrulings.command()
@click.argument("what", type=click.Choice(tuple(WHAT)))
def export(what: str) -> None:
    """Print what holds as training data: one {"id", "text", "label", "source"} object a line.

    The source tells whole texts ("overruling") from phrases that stand for many ("phrase").
    """
    for line in training_lines(WHAT[what], _all()):
        click.echo(json.dumps(line, ensure_ascii=False))


def line_of(connection: str | None, one: Overruling) -> str:
    where = one.subject if one.subject is not None else f"phrase of {one.team}" if one.team else "phrase"
    place = f"{connection}/{where}" if connection is not None else where
    label = one.label if one.label is not None else "as its words read"
    text, reason = json.dumps(one.text, ensure_ascii=False), json.dumps(one.reason, ensure_ascii=False)
    return f"{one.at:%Y-%m-%d %H:%M} {one.about} {place} {label} {text} by {one.author}: {reason}"


def training_lines(about: str, said: Iterable[tuple[str | None, Overruling]]) -> Iterator[dict[str, str]]:
    """The last word on each text, without what was taken back; each text of a connection once."""
    by_connection: dict[str | None, list[Overruling]] = {}
    for connection, one in said:
        if one.about == about:
            by_connection.setdefault(connection, []).append(one)
    for connection, some in by_connection.items():
        for one in current(some):
            place = [part for part in (connection, one.subject or one.team) if part is not None]
            key = "/".join(["phrase" if one.is_phrase else about, *place, one.at.strftime("%Y%m%dT%H%M%S")])
            source = "phrase" if one.is_phrase else "overruling"
            yield {"id": key, "text": one.text, "label": one.label or "", "source": source}


def _all() -> tuple[tuple[str | None, Overruling], ...]:
    from integration.store.engine import reading
    from integration.store.overrulings import all_overrulings
    from service.installation import opened

    with reading(opened().engine) as session:
        return all_overrulings(session)
