"""`tieline rules`: the mapping rules that hold, and making, editing and ending one after a look at what it moves."""

from collections.abc import Iterator
from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from integration.store.made_rules import Deed
from mappings.model import MappingRule
from reports import rule_acts, rule_forms, rule_views
from reports.finding_pages import WrongAct
from reports.foreign_text import on_one_line, shortened
from reports.rule_lines import rule_lines
from reports.rule_preview import Effect
from reports.rule_views import RulePage
from reports.terminal_audit import indented, table
from service.commands import OPERATOR, TABLE_OR_JSON, printing
from service.commands.printing import AS_OF

_ITEMS_SHOWN = 8
_PLACES = {"made": "Made here", "file": "From the register's file", "ended": "Ended"}
_number = click.argument("number", type=click.IntRange(1, 2**31 - 1))
_why = click.option("--why", required=True, help="Why you change the rules; kept in the log.")
_preview = click.option("--preview", is_flag=True, help="Only say what the figures become.")


@click.group()
def rules() -> None:
    """Tie work to key results, or declare it outside the OKRs, where no tag does."""


@rules.command("list")
@AS_OF
@TABLE_OR_JSON
def list_(as_of: str | None, form: str) -> None:
    """List the rules in the order in which they are tried, and those that were ended."""
    found = rule_lines(*printing.the_store(as_of))
    if form == "json":
        printing.print_json({"rules": found})
    else:
        printing.print_parts(lambda width: _parts(found, width))


def _parts(found: list[dict[str, Any]], width: int) -> Iterator[RenderableType]:
    if not found:
        yield Text("There are no rules: `tieline rules make` makes one.")
    for place, words in _PLACES.items():
        mine = [one for one in found if one["from_where"] == place]
        if mine:
            yield Text(f"\n{words}", "bold")
            rows = table("", "work that", "is", "")
            for one in mine:
                when = shortened(on_one_line(one["words"]), max(width - 60, 40))
                over = "" if one["holds_today"] else " (not today)"
                why = shortened(on_one_line(one["reason"] or ""), 40)
                number = "" if one["number"] is None else f"#{one['number']}"
                rows.add_row(number, Text(when), Text(on_one_line(one["gives"]) + over), Text(why))
            yield indented(rows)


def _rule_options(command: Any) -> Any:
    for option in (
        click.option("--until", metavar="DAY", help="The last day on which it matches."),
        click.option("--from", metavar="DAY", help="The first day on which it matches."),
        click.option("--reason", help="Receipts show it; an exemption needs one."),
        click.option("--key-results", metavar="TAGS", help="Such as KR-1:70, KR-2:30; without them it exempts."),
        click.argument("conditions", metavar="JSON"),
    ):
        command = option(command)
    return command


@rules.command()
@_rule_options
@_why
@_preview
def make(conditions: str, why: str, preview: bool, **more: str | None) -> None:
    """Make a rule, which holds from now on before all others.

    \b
    tieline rules make '{"label": "support"}' --reason "Business as usual" --why "Agreed in the review"
    tieline rules make '{"ancestor": "PAY-44"}' --key-results KR-1 --why "It serves KR-1" --preview
    """
    _put(None, conditions, more, why, preview=preview)


@rules.command()
@_number
@_rule_options
@_why
@_preview
def edit(number: int, conditions: str, why: str, preview: bool, **more: str | None) -> None:
    """Let another rule take the place of rule NUMBER."""
    _put(number, conditions, more, why, preview=preview)


@rules.command()
@_number
@_why
@_preview
def end(number: int, why: str, preview: bool) -> None:
    """Let rule NUMBER hold no more; closed figures keep it."""
    store, now = printing.the_store()
    page = _page(number)
    if preview:
        _print_effects(rule_acts.moved(store, now, page, None, OPERATOR))
    elif not rule_acts.end(store, number, _deed(why)):
        raise click.ClickException(f"There is no rule {number} that holds.")
    else:
        click.echo(f"Rule {number} is ended.")


def _put(number: int | None, conditions: str, more: dict[str, str | None], why: str, *, preview: bool) -> None:
    store, now = printing.the_store()
    page = _page(number)
    rule = _read(page, conditions, {name: said or "" for name, said in more.items()})
    if preview:
        _print_effects(rule_acts.moved(store, now, page, rule, OPERATOR))
        return
    made = rule_acts.keep(store, page, rule, _deed(why))
    if made is None:
        raise click.ClickException(f"There is no rule {number} that holds.")
    click.echo(f"Rule {made} holds.")


def _page(number: int | None) -> RulePage:
    page = rule_views.rule_page(*printing.the_store(), number)
    if page is None:
        raise click.ClickException(f"There is no rule {number} that holds: `tieline rules list` shows those that do.")
    return page


def _read(page: RulePage, conditions: str, given: dict[str, str]) -> MappingRule:
    try:
        return rule_forms.rule_in(rule_forms.form_with(conditions, given), page.desk)
    except WrongAct as wrong:
        raise click.ClickException(wrong.sentence) from None


def _deed(why: str) -> Deed:
    try:
        return Deed(OPERATOR, printing.the_store()[1], rule_forms.why_in({"why": why}))
    except WrongAct as wrong:
        raise click.ClickException(wrong.sentence) from None


def _print_effects(found: tuple[Effect, ...]) -> None:
    printing.print_parts(lambda _width: effect_parts(found))


def effect_parts(found: tuple[Effect, ...]) -> Iterator[RenderableType]:
    """What would move, and what the figures of open sprints become."""
    if not found:
        yield Text("Nothing would move.")
    for effect in found:
        yield Text(on_one_line(effect.connection), "bold")
        for move in effect.moves:
            some = ", ".join(move.items[:_ITEMS_SHOWN]) + (" …" if len(move.items) > _ITEMS_SHOWN else "")
            yield indented(Text(on_one_line(f"{move.sentence} {some}")))
        for change in effect.changes:
            parts = ", ".join(f"{name} {old} % → {new} %" for name, old, new in change.parts)
            yield indented(Text(on_one_line(f"{change.name}: {parts or 'the same percentages'}")))
