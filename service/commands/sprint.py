"""`tieline sprint`: goal, shares, key results and findings of a sprint in the store, and the receipts of figures."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from integration.store.opened import Store
from reports import api_shapes, receipts, sheet_files
from reports.export_tables import receipts_table
from reports.receipts import Asked, Receipt
from reports.sprint_choice import Named, NoSprint, sprints_meant
from reports.sprint_markdown import sprint_markdown
from reports.sprint_views import SprintPage, sprint_page
from reports.terminal_sprint import receipt_parts, sprint_parts
from reports.views import SCOPES
from service.commands import printing
from service.commands.printing import AS_OF, FAIL_ON, FORMAT, MEASURE
from service.installation import opened

_PARTS = {"all": "", "dead-link": "dead_link"}


@click.command()
@click.argument("sprint", required=False)
@click.option("--board", help="Only sprints of the board with this id or name.")
@MEASURE
@click.option("--receipt", metavar="PART", help="Items behind a part: a key result's code, exempt, unaligned… or all.")
@click.option("--scope", type=click.Choice(SCOPES), help="Of the receipt; final by default.")
@click.option(
    "--sheet", type=click.Path(dir_okay=False, path_type=Path), help="Write the review: to a .pdf, .md, .png or .svg."
)
@AS_OF
@FORMAT
@FAIL_ON
def sprint(
    sprint: str | None,
    board: str | None,
    measure: str | None,
    receipt: str | None,
    scope: str | None,
    sheet: Path | None,
    as_of: str | None,
    form: str,
    fail_on: str | None,
) -> None:
    """Show a sprint by its id or name; without one the running sprints.

    CSV holds the receipt: a row for each part of an item's work, adding up to the figure.
    """
    store, now = printing.the_store(as_of)
    meant = _meant(store, sprint, board, as_of)
    if receipt is not None or scope is not None or form == "csv":
        if fail_on is not None:
            raise click.UsageError("A receipt shows no findings: leave out --fail-on.")
        part = _PARTS.get(receipt or "all", receipt or "")
        _print_receipts(_receipts(store, now, meant, (part, scope or "final", measure)), form)
        return
    pages = [page for one in meant if (page := sprint_page(store, now, one.connection, one.id, measure)) is not None]
    if not pages:
        raise click.ClickException(
            "Nothing was worked out about this sprint yet: `tieline serve` or `tieline worker` does it in seconds."
        )
    if sheet is not None:
        _write_sheet(pages, sheet)
        return
    _print_pages(store, now, pages, form)
    printing.end(fail_on, [view.finding for page in pages for view in page.findings])


def _write_sheet(pages: list[SprintPage], file: Path) -> None:
    if len(pages) > 1:
        raise click.UsageError("A sheet is of one sprint: name it by its id or name.")
    form = file.suffix.lower().lstrip(".")
    if form not in sheet_files.FORMS:
        raise click.UsageError(f"A sheet is written as {', '.join(sheet_files.FORMS)}: name a file such as review.pdf.")
    root = (opened().settings.public_url or "").rstrip("/")
    content = sheet_files.made(pages[0], root + sheet_files.address(pages[0], printing.past_asked()), form)
    if content is None:
        raise click.ClickException(sheet_files.missing(form))
    try:
        file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written ({error.strerror or 'unknown reason'}).") from None
    click.echo(f"{file} is written.", err=True)


def _meant(store: Store, sprint: str | None, board: str | None, as_of: str | None) -> tuple[Named, ...]:
    try:
        with store.reading() as session:
            return sprints_meant(session, sprint, board)
    except NoSprint as none:
        raise click.ClickException(str(none) if as_of is None else f"As of {as_of}: {none}") from None


def _print_pages(store: Store, now: datetime, pages: list[SprintPage], form: str) -> None:
    if form == "json":
        printing.print_json({"sprints": [_document(store, now, page) for page in pages]})
    elif form == "markdown":
        printing.write_out("\n".join("".join(sprint_markdown(page)) for page in pages).encode("utf-8", "replace"))
    else:
        printing.print_parts(lambda width: _all_parts(pages, width))


def _all_parts(pages: list[SprintPage], width: int) -> Iterator[RenderableType]:
    for number, page in enumerate(pages):
        if number:
            yield Text()
        yield from sprint_parts(page, width)


def _document(store: Store, now: datetime, page: SprintPage) -> dict[str, Any]:
    """As the API answers it."""
    return api_shapes.sprint(store, f"{page.sprint.connection}/{page.sprint.id}", page.measure, now) or {}


def _receipts(
    store: Store, now: datetime, meant: Iterable[Named], asked: tuple[str, str, str | None]
) -> Iterator[Receipt]:
    part, scope, measure = asked
    for one in meant:
        found = receipts.sprint_receipt(store, now, Asked(one.connection, one.id, scope, measure, part))
        if found is None:
            raise click.ClickException(f"The sprint has no scope “{scope.replace('_', ' ')}”, or none is known.")
        yield found


def _print_receipts(found: Iterable[Receipt], form: str) -> None:
    listed = list(found)
    if form == "csv":
        texts = [receipts.csv_text(one) for one in listed]
        rest = [text.partition("\n")[2] for text in texts[1:]]  # one head for all
        printing.write_out("".join([texts[0], *rest]).encode("utf-8", "replace"))
    elif form == "table":
        printing.print_parts(lambda width: (part for one in listed for part in receipt_parts(one, width)))
    else:
        printing.print_table(receipts_table(listed), form)
