"""`tieline prune`: delete what was kept long enough, at once; workers do the same once a day."""

from datetime import datetime

import click

from integration.pruning import Keeping, would_go
from integration.pruning import prune as pruned
from integration.store import pruning
from integration.store.engine import reading
from mappings.document import moment_text
from service.installation import Installation, now, opened
from service.keeping import keeping_of


@click.command()
@click.option("--dry-run", "is_dry", is_flag=True, help="Say how much history would go, and delete nothing.")
def prune(is_dry: bool) -> None:
    """Delete what was kept long enough: deliveries that are done, answers of trackers, messages that were sent, the log
    of acts and the history of items, as the settings TIELINE_KEEP_… say. Closed figures stay, with their receipts, and
    every later moment is told as before; earlier moments cannot be asked for any more."""
    installation = opened()
    keeping = keeping_of(installation.settings)
    if is_dry:
        _say_what_would_go(installation, keeping)
        return
    done = pruned(installation.engine, now(), keeping)
    click.echo(
        f"Deleted: {done.deliveries} deliveries, {done.raw_answers} pages of answers, {done.messages} messages, "
        f"{done.acts} acts, {done.states} states of items."
    )
    _say_from_when(done.earliest)


def _say_what_would_go(installation: Installation, keeping: Keeping) -> None:
    """The history alone: it is what can be missed."""
    if keeping.history is None:
        click.echo("TIELINE_KEEP_HISTORY_DAYS is not set: the history of items is kept for ever.")
    else:
        states = would_go(installation.engine, now(), keeping.history)
        click.echo(
            f"{states} states of items would go, and nothing before {moment_text(now() - keeping.history)}"
            " could be asked for."
        )
    with reading(installation.engine) as session:
        _say_from_when(pruning.earliest(session))


def _say_from_when(earliest: datetime | None) -> None:
    if earliest is None:
        click.echo("Any past moment can be asked for.")
    else:
        click.echo(f"The earliest moment that can be asked is {moment_text(earliest)}.")
