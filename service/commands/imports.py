"""`tieline import`: a backlog file, or an export of Jira, kept in the store as a connection."""

import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from integration.contract import TrackerError
from integration.files.any_file import Reading
from integration.files.faults import Refused, shown
from integration.imports import aging, importing
from integration.imports.importing import Import, Wish
from service.commands import OPERATOR


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", help="Of the connection; else made of the file's name. An export of the same name updates it.")
@click.option("--kr-field", metavar="NAME", help="The Jira field that names the key result.")
@click.option("--kr-label-prefix", metavar="PREFIX", help="Labels that begin so name key results, such as kr:.")
@click.option("--points", metavar="FILE", type=click.Path(path_type=Path), help="A CSV of issue keys and story points.")
@click.option("--okrs", metavar="FILE", type=click.Path(path_type=Path), help="OKRs (YAML) for this connection alone.")
@click.option("--with-register", is_flag=True, help="This installation's register in place of OKRs in the file.")
@click.option("--accept-missing", is_flag=True, help="Take what is not in it any more as deleted, however much it is.")
@click.option("--decide/--no-decide", default=True, help="Work the figures out here, or leave it to the workers.")
def import_file(file: Path, **given: Any) -> None:
    """Keep FILE in the store, with figures, pages, findings and receipts as of any other connection.

    FILE is what `tieline analyse` reads: a backlog file, a CSV export of Jira, or Jira's REST JSON. Nothing newer is
    ever fetched: a newer file of the same name brings it up to date, and what that does not have is deleted as of then.
    """
    if given["with_register"] and given["okrs"]:
        _refuse(("--with-register: says that the register holds; leave out --okrs",))
    from service.installation import now, opened

    installation = opened()
    try:
        wish = Wish(
            name=given["name"] or importing.name_from(file.name),
            file=file.name,
            actor=OPERATOR,
            how=_how(given),
            with_register=given["with_register"],
            accepts_missing=given["accept_missing"],
        )
        with file.open("rb") as opened_file:
            ready = importing.prepare(installation.engine, opened_file, wish, now())
        importing.save(installation.engine, installation.vault, ready, now)
    except Refused as refused:
        _refuse(refused.faults)
    except TrackerError as error:
        _refuse((error.sentence,))
    except OSError as error:
        _refuse((f"{shown(file.name)} cannot be read ({error.strerror or 'unknown reason'})",))
    if given["decide"]:
        from integration.answers import decide_due

        decide_due(installation.engine, now())
    _say(ready)


def _how(given: dict[str, Any]) -> Reading:
    from integration.files.register import read_version

    version = None if given["okrs"] is None else read_version(given["okrs"])
    if version is not None and (version.sources or version.values):
        raise Refused(("--okrs: says that OKRs or values are kept elsewhere, and nobody is asked for a file",))
    points = given["points"]
    return Reading(
        given["kr_field"],
        given["kr_label_prefix"],
        None if points is None else points.read_bytes(),
        None if version is None else version.plan,
    )


def _say(ready: Import) -> None:
    wish = ready.wish
    what = "updated" if ready.before else "imported"
    click.echo(f"{wish.name}: {aging.items_words(ready.items)} {what}, as of {ready.at:%Y-%m-%d %H:%M} UTC.")
    if ready.before:
        click.echo(f"  New: {ready.new:,}. Not in it any more, and so deleted: {len(ready.absent):,}.")
    for note in ready.backlog.notes:
        click.echo(f"  {note}")
    if ready.own_plan is not None:
        click.echo("  Its figures rest on its own OKRs, and those of no other connection do.")
    click.echo("It is a file: nothing newer is fetched. Import a newer one under the same name to update it.")


def _refuse(faults: tuple[str, ...]) -> NoReturn:
    for fault in faults:
        click.echo(fault, err=True)
    sys.exit(2)
