"""`tieline trends`: how the shares of each team moved, sprint by sprint."""

from collections.abc import Iterator

import click
from rich.console import RenderableType
from rich.text import Text

from integration.store import trends as kept
from integration.store.trends import SCOPES, TrendPoint
from mappings.exact import exact_number
from reports.export_tables import months_before, trends_of
from reports.foreign_text import on_one_line, shortened
from reports.terminal_audit import indented, table
from reports.trends import AHEAD, by_team_or_board
from reports.views import Ground, chosen_measure, ground_of
from service.commands import printing
from service.commands.printing import AS_OF, CONNECTION, FORMAT, MEASURE

_CELLS = 20  # of a bar
_FILLS = ("█", "▒", "▚", "░")  # as in every other bar: key results, exempt, dead link, unaligned


@click.command()
@click.option("--team", help="Only the sprints and periods of this team.")
@click.option("--months", type=click.IntRange(1, 120), default=12, show_default=True, help="How far back.")
@click.option("--scope", type=click.Choice(SCOPES), default="completed", show_default=True, help="Of which work.")
@CONNECTION
@MEASURE
@AS_OF
@FORMAT
def trends(
    team: str | None,
    months: int,
    scope: str,
    connection: str | None,
    measure: str | None,
    as_of: str | None,
    form: str,
) -> None:
    """Show the shares of each sprint and period: serving key results, exempt, dead link, unaligned."""
    store, now = printing.the_store(as_of)
    with store.reading() as session:
        ground = ground_of(session, now)
        chosen = chosen_measure(ground, measure)
        found = kept.trends(session, months_before(now, months), now + AHEAD, chosen, scope)
        mine = (point for point in found if team in (None, point.team))
        points = tuple(point for point in mine if connection in (None, point.connection))
        by_team = by_team_or_board(session, points)
    awaited = printing.awaited(store) if form == "table" and not points else ""
    if awaited:
        printing.print_parts(lambda _width: (Text(awaited),))
    elif form == "table":
        printing.print_parts(lambda width: _parts(by_team, ground, chosen, width))
    else:
        printing.print_table(trends_of(points, scope, chosen), form)


def _parts(by_team: dict[str, list[TrendPoint]], ground: Ground, measure: str, width: int) -> Iterator[RenderableType]:
    if not by_team:
        yield Text("No sprint or period ended in this time.")
    for team, points in by_team.items():
        yield Text.assemble("\n", (on_one_line(team), "bold"), f"  {measure}")
        where = ("on",) if ground.is_several else ()
        # A shorter bar leaves room for names; one that is broken over two lines shows nothing.
        cells = _CELLS if width >= 100 else _CELLS // 2
        cells = _CELLS // 3 if where else cells
        rows = table("sprint", *where, "", "ends", ">work", ">serves", ">exempt", ">dead link", ">unaligned")
        for point in points:
            name, *others = _cells(point, max(width - 80, 40), cells)
            rows.add_row(name, *(point.connection for _ in where), *others)
        yield indented(rows)


def _cells(point: TrendPoint, room: int, cells: int) -> Iterator[RenderableType]:
    name = shortened(on_one_line(point.name), room)
    yield Text(name if point.closed else f"{name} ({point.stage})")
    shares = (point.aligned, point.exempt, point.dead_link, point.unaligned)
    yield Text(_bar(shares, cells))
    yield Text(f"{point.at:%Y-%m-%d}")
    yield Text(f"{float(exact_number(str(point.total))):g}")
    for share in shares:
        yield Text("–" if share is None else f"{share * 100:.0f} %")


def _bar(shares: tuple[float | None, ...], cells: int) -> str:
    """So many whole cells; each share begins where the ones before it end."""
    drawn, end, at = "", 0.0, 0
    for share, fill in zip(shares, _FILLS, strict=True):
        end += share or 0
        drawn += fill * (round(end * cells) - at)
        at = round(end * cells)
    return drawn
