"""`tieline export`: whole tables out of the store, to a file or to standard output."""

import sys
from pathlib import Path

import click

from reports import sheets
from reports.export_tables import TABLES
from service.commands import printing
from service.commands.printing import AS_OF

_ENDINGS = {f".{form}": form for form in sheets.FORMATS} | {".md": "markdown"}


@click.command()
@click.argument("what", type=click.Choice(list(TABLES)))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--format", "form", type=click.Choice(sheets.FORMATS), help="By the file's name; csv by default.")
@AS_OF
def export(what: str, file: Path | None, form: str | None, as_of: str | None) -> None:
    """Write a table to FILE; without one to standard output.

    xlsx and parquet each need an addition: pip install 'tieline[xlsx]' or 'tieline[parquet]'.
    """
    chosen = form or _ENDINGS.get(file.suffix.lower() if file is not None else "", "csv")
    to_terminal = file is None or str(file) == "-"
    if to_terminal and chosen in sheets.BINARY and sys.stdout.isatty():
        raise click.UsageError(f"{chosen} is not for a terminal: name a file, such as {what}.{chosen}.")
    store, now = printing.the_store(as_of)
    content = printing.written(TABLES[what](store, now), chosen)
    if to_terminal:
        printing.write_out(content)
        return
    assert file is not None
    try:
        file.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written ({error.strerror or 'unknown reason'}).") from None
    click.echo(f"{file} is written.", err=True)
