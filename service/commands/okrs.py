"""`tieline okrs`: check a register of OKRs and keep it as the version that holds from now on."""

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from integration.contract import Misconfigured
from integration.files.faults import Refused, Wrong
from integration.files.register import Version, read_version, schema_text
from integration.files.scalars import moment
from integration.okr_sources.beside import beside_sources
from integration.okr_sources.periods import cycle_named, cycle_of_days
from mappings.model import Cycle, Plan
from service.commands import OPERATOR

if TYPE_CHECKING:
    from sqlalchemy import Engine


@click.group()
def okrs() -> None:
    """Objectives, key results, rules and settings, kept in one YAML file, or by a team in its tracker."""


@okrs.command()
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Say what is in FILE, or what is wrong with it and how to mend it."""
    version = _read(file)
    click.echo(f"{file.name} is right: {contents(version.plan)}.")


@okrs.command()
def schema() -> None:
    """Print the JSON Schema of a register, for editors."""
    click.echo(schema_text(), nl=False)


@okrs.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", help="Who applies it; else the name that the file states.")
@click.option("--reason", help="Why; else the reason that the file states.")
@click.option("--from", "since", metavar="TIME", help="Hold from this earlier moment; asks for name and reason.")
def apply(file: Path, name: str | None, reason: str | None, since: str | None) -> None:
    """Keep FILE as a new version of the register: it holds from now on, or from the moment it states.

    Sprints that are closed keep the version that held at their completion.
    """
    version = _with_act(_read(file), name, reason, since)
    # Only now: what checks a file need not wait for the database's libraries.
    from service.installation import now, open_installation

    try:
        installation = open_installation()
    except Misconfigured as error:
        _refuse((error.sentence,))
    try:
        said = apply_version(installation.engine, version, now())
    except Refused as refused:
        _refuse(refused.faults)
    click.echo(said)


def apply_version(engine: "Engine", version: Version, now: datetime) -> str:
    """Store the version in one transaction and say what was done."""
    from integration.store import okr_sources
    from integration.store.engine import writing
    from integration.store.plans import apply_plan, plan_in_force, plan_versions
    from integration.store.value_sources import declare_values

    with writing(engine) as session:
        is_first = not plan_versions(session)
        held = plan_in_force(session, version.since or now)
        # Rules that people wrote in Tieline are not the file's to take away; they come before those of the file.
        own = tuple(rule for rule in held.rules if rule.author is not None)
        kept = apply_plan(
            session,
            beside_sources(replace(version.plan, rules=own + version.plan.rules), held, version.sources),
            now,
            author=version.name or OPERATOR,
            reason=version.reason,
            since=version.since,
        )
        other_sources = okr_sources.declare(session, [source.to_json() for source in version.sources], now)
        definitions = {source.key_result: source.to_json() for source in version.values}
        other_values = declare_values(session, definitions, now)
    told = [_sources_told(len(version.sources))] if other_sources else []
    told += [_values_told(len(version.values))] if other_values else []
    if kept is None and not told:
        return "Nothing to do: this very register holds already."
    since = "always" if is_first else _time(version.since or now)
    done = [] if kept is None else [f"Applied: {contents(version.plan)}; holds from {since}."]
    return " ".join((*done, *told))


def _sources_told(number: int) -> str:
    if not number:
        return "All OKRs are in the file now."
    are = "is" if number == 1 else "are"
    return f"{_number(number, 'source')} of OKRs {are} read next: by the workers, or at once by `tieline okrs sync`."


def _values_told(number: int) -> str:
    if not number:
        return "Values of key results are read from nowhere now."
    are = "is" if number == 1 else "are"
    return (
        f"{_number(number, 'source')} of values {are} read next: by the workers, or at once by `tieline okrs values`."
    )


def contents(plan: Plan) -> str:
    numbers = (
        ("cycle", len(plan.cycles)),
        ("team", len(plan.teams)),
        ("objective", len(plan.objectives)),
        ("key result", len(plan.key_results)),
        ("rule", len(plan.rules)),
    )
    return ", ".join(_number(number, word) for word, number in numbers)


def _number(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


@okrs.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", metavar="FILE", type=click.Path(path_type=Path), help="Where the draft goes; - prints it.")
@click.option("--team", default="Everybody", show_default=True, help="Of objectives of which the board says none.")
@click.option(
    "--cycle", metavar="NAME", help="Of those of which the board says none, such as 2026Q3; else this quarter."
)
@click.option("--apply", "is_applied", is_flag=True, help="Apply the draft at once, where no register is applied yet.")
@click.option("--force", is_flag=True, help="Write over a draft that is there.")
def import_board(file: Path, to: Path | None, team: str, cycle: str | None, is_applied: bool, force: bool) -> None:
    """Make a draft of a register from FILE, the CSV export of an OKR board (Miro and the like).

    The draft is a YAML file to be looked at: then `tieline okrs apply` it. What could not be understood is told with
    its line.
    """
    from integration.files.okr_board import plain_line, read_board, with_defaults
    from integration.files.okr_draft import draft
    from service.installation import now

    target = to or Path(f"{file.stem}.okrs.yaml")
    if str(target) != "-" and target.exists() and not force:
        _refuse((f"{target.name}: is there already; name another by --to, or write over it by --force",))
    try:
        default = _cycle_named(cycle, now())
        board = with_defaults(read_board(file.read_bytes()), plain_line(team) or "Everybody", default)
        text = draft(board, file.name)
        version = read_version(text.encode())
    except Refused as refused:
        _refuse(refused.faults)
    except OSError as error:
        _refuse((f"{file.name}: cannot be read ({error.strerror or 'unknown reason'})",))
    _write(text, target)
    click.echo(f"{file.name}: {contents(version.plan)}.", err=True)
    for line in board.unread:
        click.echo(f"  {line}", err=True)
    if is_applied:
        _apply_first(version)
    elif str(target) != "-":
        click.echo(f"The draft is {target}. Look at it, then: tieline okrs apply {target}", err=True)


def _cycle_named(text: str | None, now: datetime) -> Cycle:
    found = cycle_of_days(None, now.date(), ()) if text is None else cycle_named(text, ())
    if found is None:
        _refuse((f"--cycle: {text} is no quarter, half or year; write 2026Q3, 2026H2 or 2026",))
    return found


def _write(text: str, target: Path) -> None:
    if str(target) == "-":
        click.echo(text, nl=False)
        return
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        _refuse((f"{target}: cannot be written ({error.strerror or 'unknown reason'})",))


def _apply_first(version: Version) -> None:
    """A register is one plan: a draft in its place would take away what it says."""
    from integration.store.engine import reading
    from integration.store.plans import plan_versions
    from service.installation import now, opened

    installation = opened()
    with reading(installation.engine) as session:
        has_register = bool(plan_versions(session))
    if has_register:
        sentence = "--apply: a register holds already; put what the draft says into its file, and apply that"
        _refuse((sentence,))
    click.echo(apply_version(installation.engine, version, now()))


@okrs.command()
@click.option(
    "--accept-missing", is_flag=True, help="Take out what the sources do not tell any more, however much it is."
)
def sync(accept_missing: bool) -> None:
    """Read the OKRs that teams keep in a tracker now, rather than at the next turn."""
    from integration.okr_sources.reading import read_all
    from service.installation import now, opened

    installation = opened()
    outcomes = read_all(installation.engine, installation.vault, now, accept_missing=accept_missing)
    if not outcomes:
        click.echo("The register declares no sources: all OKRs are in its file.")
    for outcome in outcomes:
        if outcome.faults:
            click.echo(f"{outcome.source.place}: nothing was taken over.", err=True)
            for fault in outcome.faults:
                click.echo(f"  {fault}", err=True)
            continue
        found = f"{_number(outcome.objectives, 'objective')}, {_number(outcome.key_results, 'key result')}"
        click.echo(f"{outcome.source.place}: {found}; {'a new version holds' if outcome.is_changed else 'unchanged'}.")
    if any(outcome.faults for outcome in outcomes):
        sys.exit(2)


@okrs.command()
def values() -> None:
    """Read the values of key results where they live now, rather than at the next turn."""
    from integration.kr_values.reading import read_all
    from service.installation import now, opened

    installation = opened()
    outcomes = read_all(installation.engine, installation.settings.value_access, now)
    if not outcomes:
        click.echo("The register declares no values: it holds them itself, or people check in.")
    for outcome in outcomes:
        code, place = outcome.source.key_result, outcome.source.place
        if outcome.fault is not None:
            click.echo(f"{code}, from {place}: {outcome.fault}", err=True)
        else:
            click.echo(f"{code}, from {place}: {_number(outcome.told, 'value')}, {outcome.new} new.")
    if any(outcome.fault is not None for outcome in outcomes):
        sys.exit(2)


@okrs.command()
def show() -> None:
    """Say for each team where its OKRs are kept, how many there are, and how the last look at them went."""
    from integration.store.engine import reading
    from integration.store.okr_shown import lines
    from integration.store.value_sources import shown_value_sources
    from service.installation import now, opened

    installation = opened()
    with reading(installation.engine) as session:
        for line in lines(session, now()):
            click.echo(line)
        for code, source in shown_value_sources(session, now()).items():
            click.echo(f"Values of {code} {source.words}")
            for fault in source.faults:
                click.echo(f"    {fault}")


def _with_act(version: Version, name: str | None, reason: str | None, since: str | None) -> Version:
    try:
        stated = version._replace(
            since=moment(since) if since is not None else version.since,
            name=name or version.name,
            reason=reason or version.reason,
        )
    except Wrong as wrong:
        _refuse((f"--from: {wrong}",))
    if stated.since is not None and not (stated.name and stated.reason):
        _refuse(("--from: a version that holds from a stated moment says who decided it (--name) and why (--reason)",))
    return stated


def _read(file: Path) -> Version:
    try:
        return read_version(file)
    except Refused as refused:
        _refuse(refused.faults)


def _refuse(faults: tuple[str, ...]) -> NoReturn:
    for fault in faults:
        click.echo(fault, err=True)
    sys.exit(2)


def _time(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")
