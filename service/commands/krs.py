"""`tieline krs`: key results with their values, and what is planned for them."""

from collections.abc import Iterator
from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from integration.store import reads
from mappings.exact import exact_number
from reports import api_shapes, export_tables
from reports.foreign_text import on_one_line, shortened
from reports.terminal_audit import indented, table
from service.commands import printing
from service.commands.printing import AS_OF, FAIL_ON, FORMAT


@click.command()
@click.option("--team", help="Only those of this team's objectives.")
@click.option("--live", is_flag=True, help="Only those whose period holds the moment.")
@AS_OF
@FORMAT
@FAIL_ON
def krs(team: str | None, live: bool, as_of: str | None, form: str, fail_on: str | None) -> None:
    """List key results: value, progress, what is left and what the linked epics are to bring.

    --fail-on looks at the findings about key results that are listed.
    """
    store, now = printing.the_store(as_of)
    readings = api_shapes.key_results(store, now)["key_results"]
    chosen = [one for one in readings if team in (None, one.get("team")) and (one["live"] or not live)]
    if form == "json":
        printing.print_json({"key_results": chosen})
    elif form == "table":
        printing.print_parts(lambda width: _parts(chosen, width))
    else:
        printing.print_table(export_tables.table_of_key_results(chosen), form)
    codes = {one["code"] for one in chosen}
    with store.reading() as session:
        printing.end(fail_on, [one for one in reads.open_findings(session) if one.subject in codes])


def _parts(readings: list[dict[str, Any]], width: int) -> Iterator[RenderableType]:
    if not readings:
        yield Text("No key results are known yet: `tieline okrs apply FILE` brings in a register.")
        return
    rows = table("key result", "", "team", ">current", ">progress", ">to go", ">planned", ">epics")
    for one in readings:
        live = "" if one["live"] else "not live: "
        rows.add_row(
            Text(on_one_line(one["code"])),
            Text(shortened(live + on_one_line(one.get("title", "")), max(width - 64, 60))),
            Text(on_one_line(one.get("team", ""))),
            _number(one["current"]),
            "–" if one["progress"] is None else f"{float(exact_number(one['progress'])) * 100:.0f} %",
            _number(one["to_go"]),
            _number(one["planned"]),
            str(len(one["linked_epics"])),
        )
    yield indented(rows)


def _number(text: str | None) -> str:
    return "–" if text is None else f"{float(exact_number(text)):g}"
