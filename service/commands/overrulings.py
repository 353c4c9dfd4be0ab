"""`tieline overrulings`: what people said against the judge of words, to read, and to train the judge on."""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from mappings.model import Overruling
from mappings.overruling import GOAL, KEY_RESULT, current

if TYPE_CHECKING:
    from reports.wording_views import WordingView

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


def _said(command: Any) -> Any:
    for option in (
        click.option("--reason", required=True, help="Kept with it."),
        click.option("--take-back", is_flag=True, help="The judge's verdict holds again."),
        click.option("--phrase", help="All texts of the team that hold this phrase, not this one alone."),
        click.option("--label", help="What it is instead."),
    ):
        command = option(command)
    return command


@overrulings.command()
@click.argument("sprint")
@_said
def goal(sprint: str, label: str | None, phrase: str | None, take_back: bool, reason: str) -> None:
    """Say what the goal of SPRINT, by id or name, is: an outcome, learning, output_only or empty_or_placeholder."""
    from reports.sprint_choice import NoSprint, sprints_meant
    from reports.sprint_views import sprint_page
    from service.commands import printing

    store, now = printing.the_store()
    try:
        with store.reading() as session:
            found = sprints_meant(session, sprint, None)
    except NoSprint as none:
        raise click.ClickException(str(none)) from None
    page = sprint_page(store, now, found[0].connection, found[0].id, None)
    if page is None:
        raise click.ClickException("Nothing was decided about this sprint yet: the worker does that within seconds.")
    _overrule(page.wording, found[0].connection, _form(label, phrase, reason, take_back=take_back))


@overrulings.command("key-result")
@click.argument("code")
@_said
def key_result(code: str, label: str | None, phrase: str | None, take_back: bool, reason: str) -> None:
    """Say what the key result CODE is: an outcome, output, activity, vanity, impact_financial or binary."""
    from reports.wording_pages import key_result_page
    from service.commands import printing

    page = key_result_page(*printing.the_store(), code)
    if page is None:
        raise click.ClickException(f"There is no key result {code} in the register that holds now.")
    _overrule(page.wording, None, _form(label, phrase, reason, take_back=take_back))


def _form(label: str | None, phrase: str | None, reason: str, *, take_back: bool) -> dict[str, str]:
    act = "take_back" if take_back else "text" if phrase is None else "phrase"
    return {"act": act, "label": label or "", "phrase": phrase or "", "reason": reason}


def _overrule(wording: "WordingView", connection: str | None, form: dict[str, str]) -> None:
    from reports.finding_pages import WrongAct
    from reports.overruling_acts import Speaker, overrule
    from service.commands import OPERATOR, printing

    labels = ", ".join(label for label, _ in wording.choices)
    if form["act"] != "take_back" and form["label"] not in {label for label, _ in wording.choices}:
        raise click.UsageError(f"--label: one of {labels or 'none: there is nothing to overrule'}.")
    store, now = printing.the_store()
    try:
        overrule(store, Speaker(OPERATOR, now, connection), wording, {**form, "text": wording.text})
    except WrongAct as wrong:
        raise click.ClickException(wrong.sentence) from None
    click.echo("It is kept: the findings follow within seconds.")


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
