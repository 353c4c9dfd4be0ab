"""`tieline compare`: two sprints, or two days of one, beside each other."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime

import click
from rich.console import RenderableType
from rich.text import Text

from integration.store.opened import Store
from reports import compare_views, moments
from reports.compare_views import Comparison, Share, Side, comparison_document
from reports.foreign_text import on_one_line, shortened
from reports.sprint_choice import NoSprint, sprints_meant
from reports.sprint_views import sprint_page
from reports.terminal_audit import indented, table
from service.commands import TABLE_OR_JSON, printing
from service.commands.printing import MEASURE

_ITEMS_SHOWN = 40


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--a-as-of", metavar="DAY|MOMENT", help="The first as of the end of this day, or this moment.")
@click.option("--b-as-of", metavar="DAY|MOMENT", help="The second as of the end of this day, or this moment.")
@MEASURE
@TABLE_OR_JSON
def compare(a: str, b: str, a_as_of: str | None, b_as_of: str | None, measure: str | None, form: str) -> None:
    """Put the sprints A and B, by id or name, beside each other; or two days of one.

    \b
    tieline compare "Checkout 11" "Checkout 12"
    tieline compare S12 S12 --a-as-of 2026-03-03
    """
    store, now = printing.the_store()
    with ExitStack() as held:
        first = _side(held, store, now, a, a_as_of, measure)
        second = _side(held, store, now, b, b_as_of, measure)
    told = compare_views.comparison(first, second)
    if form == "json":
        printing.print_json(comparison_document(told))
    else:
        printing.print_parts(lambda width: _parts(told, width))


def _side(held: ExitStack, store: Store, now: datetime, name: str, day: str | None, measure: str | None) -> Side:
    try:
        then = None if day is None else moments.past_moment(store, day, now)
    except moments.NoMoment as none:
        raise click.UsageError(none.sentence) from None
    there = store if then is None else held.enter_context(moments.store_of(store, then, now))
    try:
        with there.reading() as session:
            found = sprints_meant(session, name, None)
    except NoSprint as none:
        raise click.ClickException(str(none)) from None
    if len(found) > 1:
        names = ", ".join(f"{one.connection}/{one.id}" for one in found)
        raise click.ClickException(f"“{name}” may mean {names}: say which by its id.")
    page = sprint_page(there, then or now, found[0].connection, found[0].id, measure)
    if page is None:
        raise click.ClickException(f"Nothing was decided about “{name}” then.")
    return Side(page, day or "")


def _parts(told: Comparison, width: int) -> Iterator[RenderableType]:
    names = [_name(side) for side in (told.first, told.second)]
    yield Text(f"{names[0]}  beside  {names[1]}, in {told.measure}", "bold")
    for scope in told.scopes:
        yield Text(f"\n{scope.scope}", "bold")
        rows = table("", ">first", ">second", ">points")
        for one in scope.parts:
            points = "–" if one.points is None else f"{one.points:+d}"
            rows.add_row(Text(on_one_line(one.name)), _share(one.first), _share(one.second), points)
        yield indented(rows)
    if told.items:
        yield Text(f"\nItems that differ ({told.same} do not)", "bold")
        rows = table("item", "", "first", "second")
        for item in told.items[:_ITEMS_SHOWN]:
            sides = (Text(on_one_line(words or "not in it")) for words in (item.first, item.second))
            rows.add_row(
                Text(on_one_line(item.key)), Text(shortened(on_one_line(item.title), max(width - 80, 40))), *sides
            )
        yield indented(rows)
        if len(told.items) > _ITEMS_SHOWN:
            yield indented(Text(f"and {len(told.items) - _ITEMS_SHOWN} more: --format json has all of them", "dim"))


def _name(side: Side) -> str:
    return on_one_line(side.page.sprint.name) + (f" as of {side.asked}" if side.asked else "")


def _share(share: Share | None) -> str:
    return "–" if share is None else f"{share.percent} %"
