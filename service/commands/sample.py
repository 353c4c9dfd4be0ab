"""`tieline sample`: a company made up for looking around, loaded beside whatever there is, and removed whole."""

import sys

import click

from integration.contract import TrackerError
from integration.files.faults import Refused
from integration.imports import sample as company
from service.commands import OPERATOR


@click.group()
def sample() -> None:
    """Sample data to look around with: every page marks it, and no figure of yours rests on it."""


@sample.command()
def load() -> None:
    """Load it, with a sprint that runs today; what was loaded on an earlier day is replaced."""
    from service.installation import now, opened

    installation = opened()
    try:
        company.load(installation.engine, installation.vault, now, actor=OPERATOR)
    except Refused as refused:
        for fault in refused.faults:
            click.echo(fault, err=True)
        sys.exit(2)
    except TrackerError as error:
        raise click.ClickException(error.sentence) from error
    click.echo("The sample data is loaded: two boards with sprints, one without, objectives, key results and findings.")
    click.echo("Look at it: tieline serve, tieline sprint, tieline findings. Remove it: tieline sample remove.")


@sample.command()
def remove() -> None:
    """Forget it whole: boards, items, figures, findings, key results. The log of acts keeps that it was there."""
    from service.installation import now, opened

    installation = opened()
    if company.remove(installation.engine, now(), actor=OPERATOR):
        click.echo("The sample data is removed.")
    else:
        click.echo("No sample data is loaded.")
