"""`tieline analyse`: a file in, the analysis out; no tracker, network or database."""

import gc
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NoReturn, TypeVar
from zoneinfo import ZoneInfo

import click

from integration.files import scalars
from integration.files.any_file import Reading, read_any
from integration.files.faults import Refused, Wrong, shown
from integration.files.register import Version, read_version
from mappings.analysis import analysis_of, outside_beside, sprint_report
from mappings.audit import Audit, audit, wants_audit
from mappings.calendar import INSTANT, Days
from mappings.model import Analysis, Backlog, Measure, Plan
from mappings.reckoning import Reckoning

Read = TypeVar("Read")
FORMATS = ("text", "json", "csv", "markdown")
MEASURES = tuple(measure.value for measure in Measure if measure is not Measure.POINTS_NORMALISED)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line, as far as it can be read without the file."""

    output: str
    as_of: date | datetime | None
    measure: Measure | None
    sprint: str | None
    kr_field: str | None
    kr_label_prefix: str | None
    points: bytes | None
    plan: Plan | None
    notes: tuple[str, ...] = ()


@click.command()
@click.argument("file")
@click.option("--format", "output", default="text", metavar="|".join(FORMATS), help="What to print; text by default.")
@click.option("--as-of", metavar="DAY|MOMENT", help="As it was at the end of that day, or at that moment.")
@click.option("--measure", metavar="|".join(MEASURES), help="Instead of the measure of the settings.")
@click.option("--sprint", metavar="ID|NAME", help="Show this sprint only.")
@click.option("--kr-field", metavar="NAME", help="The Jira field that names the key result.")
@click.option("--kr-label-prefix", metavar="PREFIX", help="Labels that begin so name key results, such as kr:.")
@click.option("--points", metavar="FILE", help="A CSV of issue keys and story points, where the export has none.")
@click.option("--okrs", metavar="FILE", help="An OKR register (YAML): objectives, key results, rules, settings.")
def analyse(file: str, **options: str | None) -> None:
    """Show what share of the work in FILE serves each key result.

    FILE is a backlog file, a CSV export of Jira, or Jira's REST JSON (a search page, or one issue a line);
    - is the standard input.
    """
    # A short run that keeps nearly all it makes: looking for garbage would cost a third of the time.
    gc.disable()
    try:
        asked = _asked(options)
        backlog = _backlog(file, asked)
        backlog = replace(backlog, notes=(*backlog.notes, *asked.notes))
        as_of = _moment_asked(asked.as_of, backlog)
        only = _sprints_asked(asked.sprint, as_of, backlog)
    except Refused as refused:
        _refuse(refused.faults)
    reckoning = Reckoning(backlog, as_of, asked.measure)
    analysis = analysis_of(reckoning)
    found = audit(reckoning) if wants_audit(backlog) else None
    try:
        _print(asked, reckoning, analysis, found, only)
    except BrokenPipeError:  # whoever reads has seen enough
        raise
    except OSError as error:
        raise click.ClickException(f"What was found cannot be written ({_reason(error)}).") from error


def _refuse(faults: Iterable[str]) -> NoReturn:
    for fault in faults:
        click.echo(fault, err=True)
    sys.exit(2)


# --- what was asked for


def _asked(options: dict[str, str | None]) -> Asked:
    faults: list[str] = []
    output = _checked(faults, "--format", options["output"], _one_of(FORMATS)) or "text"
    measure = _checked(faults, "--measure", options["measure"], _one_of(MEASURES))
    as_of = _checked(faults, "--as-of", options["as_of"], _day_or_moment)
    points = _checked_file(faults, "--points", options["points"], Path.read_bytes)
    version = _checked_file(faults, "--okrs", options["okrs"], read_version)
    if faults:
        raise Refused(tuple(faults))
    return Asked(
        output,
        as_of,
        Measure(measure) if measure else None,
        options["sprint"],
        options["kr_field"],
        options["kr_label_prefix"],
        points,
        None if version is None else version.plan,
        () if version is None else _kept_elsewhere(version),
    )


def _kept_elsewhere(version: Version) -> tuple[str, ...]:
    """What the register does not hold itself; a file is analysed without asking any tracker."""
    return tuple(
        f"The OKRs of {', '.join(source.teams) or 'all teams'} are kept in {source.place}, which is not asked here: "
        "tags that name them name nothing."
        for source in version.sources
    )


def _one_of(names: tuple[str, ...]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value in names:
            return str(value)
        raise Wrong(f"must be {', '.join(names[:-1])} or {names[-1]}, not {shown(value)}")

    return read


def _checked(faults: list[str], name: str, value: str | None, read: Callable[[object], Read]) -> Read | None:
    try:
        return None if value is None else read(value)
    except Wrong as wrong:
        faults += [f"{name}: {fault.sentence}" for fault in wrong.faults]
        return None


def _checked_file(faults: list[str], name: str, path: str | None, read: Callable[[Path], Read]) -> Read | None:
    try:
        return None if path is None else read(Path(path))
    except Refused as refused:
        faults += refused.faults
    except (OSError, ValueError) as error:
        faults.append(f"{name}: {shown(path)} cannot be read ({_reason(error)})")
    return None


def _day_or_moment(text: object) -> date | datetime:
    is_day = isinstance(text, str) and len(text) == len("2026-03-01")
    return scalars.day(text) if is_day else scalars.moment(text)


def _moment_asked(asked: date | datetime | None, backlog: Backlog) -> datetime | None:
    """A day is its last instant where the register is; the one in which the file's moment lies is as of that moment."""
    if asked is None or isinstance(asked, datetime):
        return asked
    days = Days(ZoneInfo(backlog.plans[-1].settings.time_zone))
    return None if asked == days.of(backlog.now) else days.over(asked) - INSTANT


def _sprints_asked(sprint: str | None, as_of: datetime | None, backlog: Backlog) -> frozenset[str] | None:
    """The sprint of that id, else all of that name; refuse what is not there or not yet."""
    faults: list[str] = []
    if as_of is not None and as_of > backlog.now:
        now = backlog.now.isoformat().replace("+00:00", "Z")
        faults.append(f'--as-of: is after "now" ({now}); nothing can be said of it yet')
    found = [one.id for one in backlog.sprints if one.id == sprint] or [
        one.id for one in backlog.sprints if one.name == sprint
    ]
    if sprint is not None and not found:
        known = ", ".join(shown(one.name) for one in backlog.sprints[-3:])
        faults.append(f"--sprint: there is no sprint {shown(sprint)}; there are {known or 'none'}")
    if faults:
        raise Refused(tuple(faults))
    return None if sprint is None else frozenset(found)


# --- the file


def _backlog(file: str, asked: Asked) -> Backlog:
    try:
        if file == "-":
            return _read(BytesIO(sys.stdin.buffer.read()), asked)
        with Path(file).open("rb") as opened:
            return _read(opened, asked)
    except (OSError, ValueError) as error:
        raise Refused((f"{shown(file)} cannot be read ({_reason(error)})",)) from None


def _read(file: BinaryIO, asked: Asked) -> Backlog:
    return read_any(file, Reading(asked.kr_field, asked.kr_label_prefix, asked.points, asked.plan)).backlog


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror or "unknown reason") if isinstance(error, OSError) else "no such name"


# --- what is printed


def _print(
    asked: Asked, reckoning: Reckoning, analysis: Analysis, found: Audit | None, only: frozenset[str] | None
) -> None:
    if asked.output == "text":
        _print_text(reckoning, analysis, found, only)
        return
    # Only now: a person who wants text need not wait for the writers of files.
    from reports import exports

    if only is not None:
        sprints = tuple(report for report in analysis.sprints if report.sprint.id in only)
        analysis = replace(analysis, sprints=sprints)
    if asked.output == "json":
        parts = exports.json_parts(analysis, found)
    else:
        texts = exports.csv_text(analysis) if asked.output == "csv" else exports.markdown_text(analysis, found)
        parts = (text.encode("utf-8", "replace") for text in texts)
    out = sys.stdout.buffer
    for part in parts:
        out.write(part)
    out.flush()


def _print_text(reckoning: Reckoning, analysis: Analysis, found: Audit | None, only: frozenset[str] | None) -> None:
    from rich.console import Console

    from reports.terminal import Page, print_page, shown_sprints

    counts, outside = {}, {}
    for report in shown_sprints(analysis, only):
        if report.measure is not Measure.COUNT:
            counts[report.sprint.id] = sprint_report(reckoning, report.sprint, Measure.COUNT)
        if (figure := outside_beside(reckoning, report.sprint, report.measure)) is not None:
            outside[report.sprint.id] = figure
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    page = Page(analysis, reckoning.timeline.backlog, counts, found, only, outside)
    if console.is_terminal:
        print_page(page, console)
        return
    with console.capture() as captured:
        print_page(page, console)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))
