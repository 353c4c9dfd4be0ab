"""`tieline connect jira`: from an address to a filled store, guided in the terminal or by flags alone.

Running it again changes the choice, and goes on with a backfill that was broken off.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.prompt import Prompt
from rich.table import Table
from sqlalchemy import Engine

from integration import backfills
from integration import connect as steps
from integration.contract import Connection, Misconfigured, Temporary, TrackerError
from integration.secrets import Vault
from integration.trackers.jira import choosing, connect_site
from integration.trackers.jira.choosing import BoardLine
from integration.trackers.jira.chosen import Chosen, Project
from integration.trackers.jira.connecting import can_sign
from integration.trackers.jira.field_survey import Survey
from integration.trackers.jira.fields import FieldMapping
from integration.trackers.jira.proof import HOW
from mappings.model import Periods
from service.commands.connect_flags import Answers, answers_of, listed

SHOWN = 12  # of a longer list
EXIT_FAILED, EXIT_LATER = 1, 3


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the command works: the store, and the terminal."""

    engine: Engine
    vault: Vault
    console: Console
    clock: Callable[[], datetime]
    public_url: str | None = None  # of the settings


@click.group()
def connect() -> None:
    """Connect a tracker site."""


@connect.command()
@click.option("--url", help="Address of the site: https://acme.atlassian.net, https://jira.example.org/jira.")
@click.option("--email", help="E-mail of the account whose API token is used (Cloud).")
@click.option(
    "--token-file",
    type=click.File(),
    help="File that holds the API token, or the personal access token of Data Center; - is the standard input.",
)
@click.option("--cloud-id", help="The site's cloudId (Cloud), for tokens with scopes and service accounts.")
@click.option("--name", help="Short name of the connection; part of the webhook's address.")
@click.option("--projects", default="", help="Keys of the projects, separated by commas; all by default.")
@click.option(
    "--boards", default="", help="Names or ids of boards, separated by commas; all of the projects by default."
)
@click.option("--board-team", multiple=True, metavar="BOARD=TEAM", help="The team that a board belongs to.")
@click.option(
    "--periods",
    type=click.Choice([period.value for period in Periods]),
    default=Periods.TWO_WEEKS.value,
    help="For boards without sprints.",
)
@click.option("--kr-field", multiple=True, help="Name or id of a field that names key results.")
@click.option("--kr-label-prefix", help="Labels that begin so name key results.")
@click.option("--kr-pattern", help="Regular expression that finds key results within the texts of the fields.")
@click.option("--kr-link-type", multiple=True, help="Link type that ties items to key results kept as issues.")
@click.option("--points-field", help="Name or id of the field with the estimate.")
@click.option("--team-field", help="Name or id of the field that tells an item's team.")
@click.option(
    "--type-level",
    multiple=True,
    metavar="TYPE=LEVEL",
    help="Level of an issue type: -1 sub-task, 0 story, 1 epic, 2 above it. Data Center tells none above epics.",
)
@click.option(
    "--status",
    multiple=True,
    metavar="STATUS=MEANING",
    help="What a status means where Jira says otherwise: todo, doing, done or dropped.",
)
@click.option(
    "--dropped", multiple=True, help="A resolution that says that nothing was delivered, beside the usual ones."
)
@click.option("--public-url", help="Where Jira reaches Tieline; else as the settings say.")
@click.option("--new-secret", is_flag=True, help="Set the webhook anew, though deliveries arrive.")
@click.option("--yes", is_flag=True, help="Ask nothing: take what is suggested.")
@click.option("--no-backfill", is_flag=True, help="Connect only; run the command again to fill the store.")
def jira(**given: Any) -> None:
    """Connect a Jira site, Cloud or Data Center: account, rights, projects, boards, fields, webhook, backfill.

    Run it again to change the choice, or to go on with a backfill that was broken off.
    """
    console = Console(highlight=False, soft_wrap=True)
    try:
        connect_jira(_desk(console), answers_of(given))
    except TrackerError as error:
        click.echo(f"Error: {error.sentence}", err=True)
        sys.exit(EXIT_LATER if isinstance(error, Temporary) else EXIT_FAILED)


def _desk(console: Console) -> Desk:
    from service.installation import now, open_installation

    installation = open_installation()
    known = installation.settings
    return Desk(installation.engine, installation.vault, console, now, known.hooks_url or known.public_url)


def connect_jira(desk: Desk, answers: Answers) -> None:
    """All steps in order; nothing is saved before everything was chosen."""
    connection = _open_site(desk, answers)
    _show_rights(desk, connection)
    connection = _choose(desk, answers, connection)
    begins_anew = steps.needs_backfill(desk.engine, desk.vault, connection)
    _connect_webhook(desk, answers, connection, anew=begins_anew)
    if answers.is_backfilled:
        _backfill(desk, connection, anew=begins_anew)


# --- the site and who we are ------------------------------------------------------------------


def _open_site(desk: Desk, answers: Answers) -> Connection:
    site = connect_site.probe(_asked(answers, answers.url, "--url", "Address of your Jira site"))
    _say(desk, f"{escape(site.name)} at {escape(site.base_url)}.")
    is_cloud = site.edition == "cloud"
    email = _asked(answers, answers.email, "--email", "E-mail of the account") if is_cloud else ""
    kind = "API token" if is_cloud else "Personal access token"
    if answers.token is None and answers.is_guided:
        _note(desk, f"{kind}s are made at {connect_site.token_page(site)}; note the day on which it expires.")
    token = _asked(answers, answers.token, "--token-file", f"{kind} (not shown)", hidden=True)
    known = connect_site.credentials(site, email, token, answers.cloud_id)
    name = steps.checked_name(answers.name or connect_site.name_for(site.base_url))
    connection = Connection(name, "jira", site.base_url, known)
    steps.check_name(desk.engine, desk.vault, connection)
    account = choosing.who_am_i(connection)
    _say(desk, f"Jira knows us as {escape(account.name)}.")
    return connection


def _show_rights(desk: Desk, connection: Connection) -> None:
    for right in choosing.rights(connection):
        if right.is_held:
            continue
        if right.is_needed:
            raise Misconfigured("right_missing", f"The account lacks {right.name}, {right.what_for}. {right.how}")
        _note(desk, f"The account lacks {right.name}, {right.what_for}. {right.how}")


# --- choosing ---------------------------------------------------------------------------------


def _choose(desk: Desk, answers: Answers, connection: Connection) -> Connection:
    projects = _choose_projects(desk, answers, connection)
    seen = _choose_boards(desk, answers, connection, projects)
    survey = choosing.look_at_fields(connection, projects, seen)
    fields = _choose_fields(desk, answers, survey)
    teams = steps.teams_of_register(desk.engine, desk.clock())
    boards = choosing.choose_boards(connection, seen, teams, given=answers.board_teams, periods=answers.periods)
    table = Table("board", "sprints", "team", box=None)
    for board in boards:
        rhythm = "sprints" if board.periods is None else f"none; periods: {board.periods.replace('_', ' ')}"
        table.add_row(escape(board.name), rhythm, escape(board.team or "decided by each item"))
    desk.console.print(table)
    return choosing.with_choice(connection, Chosen(projects, boards, fields))


def _choose_projects(desk: Desk, answers: Answers, connection: Connection) -> tuple[Project, ...]:
    found = choosing.projects(connection)
    keys: Sequence[str] = answers.projects
    if not keys and answers.is_guided:
        shown = ", ".join(f"{project.key} ({project.name})" for project in found[:SHOWN])
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        desk.console.print(f"Projects: {escape(shown)}{more}")
        keys = listed(Prompt.ask("Which ones? Keys, or nothing for all", default="", show_default=False))
    chosen = choosing.projects_named(found, keys) if keys else found
    _say(
        desk, f"{len(chosen)} of {len(found)} projects: {escape(', '.join(project.key for project in chosen[:SHOWN]))}."
    )
    return chosen


def _choose_boards(
    desk: Desk, answers: Answers, connection: Connection, projects: Sequence[Project]
) -> tuple[BoardLine, ...]:
    found = choosing.boards(connection, projects)
    if answers.boards:
        _refuse_unknown(answers.boards, found)
        wanted = {name.casefold() for name in answers.boards}
        found = tuple(board for board in found if board.id in wanted or board.name.casefold() in wanted)
    _refuse_unknown(answers.board_teams, found)
    if not found:
        _note(desk, "No board shows these projects: their items are counted, but no sprint is seen.")
    return found


def _refuse_unknown(names: Iterable[str], found: Sequence[BoardLine]) -> None:
    known = {board.id for board in found} | {board.name.casefold() for board in found}
    unknown = ", ".join(f"“{name}”" for name in names if name.casefold() not in known)
    if unknown:
        shown = ", ".join(f"“{board.name}” ({board.id})" for board in found[:SHOWN]) or "none"
        raise Misconfigured("unknown_board", f"There is no board {unknown}. Of the chosen projects there are: {shown}.")


def _choose_fields(desk: Desk, answers: Answers, survey: Survey) -> FieldMapping:
    wishes = answers.wishes
    if answers.is_guided and not (wishes.kr_fields or wishes.kr_label_prefix or wishes.kr_link_types):
        _show_candidates(desk, survey)
        suggested = ", ".join(ref.name for ref in choosing.choose_fields(survey, wishes).kr_fields)
        said = Prompt.ask("Which field names the key result? Several by commas", default=suggested or "none")
        wishes = replace(wishes, kr_fields=listed("" if said == "none" else said))
    fields = choosing.choose_fields(survey, wishes)
    _say(desk, f"Key results from: {escape(fields.tag_field or 'nothing yet; every item will be unaligned')}.")
    _say(desk, f"Estimates from: {escape(', '.join(ref.name for ref in fields.points_fields) or 'nothing')}.")
    if fields.team_field is not None:
        _say(desk, f"Teams from: {escape(fields.team_field.name)}.")
    if fields.sprint_field is None:
        _note(desk, "Jira lists no sprint field: no sprint is seen.")
    return fields


def _show_candidates(desk: Desk, survey: Survey) -> None:
    table = Table("field", "filled", "examples", "why", box=None)
    for candidate in survey.found.key_result[:SHOWN]:
        sample = survey.samples.get(candidate.field.id)
        filled = f"{sample.filled} of {sample.of}" if sample else ""
        examples = ", ".join(sample.values) if sample else ""
        table.add_row(
            escape(f"{candidate.field.name} ({candidate.field.id})"), filled, escape(examples), candidate.reason
        )
    desk.console.print(table)


# --- webhook and backfill ---------------------------------------------------------------------


def _connect_webhook(desk: Desk, answers: Answers, connection: Connection, *, anew: bool) -> None:
    """Save, then register; a webhook that works is left alone, for each registration changes its secret."""
    public_url = answers.public_url or desk.public_url
    stays = public_url is not None and not (anew or answers.wants_new_secret)
    if stays and public_url and steps.hears_already(desk.engine, desk.vault, connection, public_url):
        steps.save(desk.engine, desk.vault, connection, desk.clock(), None)
        _say(desk, f"Saved as {escape(connection.id)}. Deliveries arrive: the webhook stays (--new-secret changes it).")
        return
    wanted = steps.save(
        desk.engine,
        desk.vault,
        connection,
        desk.clock(),
        public_url,
        is_signed=public_url is None or can_sign(connection),
        wants_new_secret=answers.wants_new_secret,
    )
    _say(desk, f"Saved as [bold]{escape(connection.id)}[/bold].")
    if wanted is None:
        _note(desk, "No webhook without --public-url: Tieline asks Jira every five minutes what changed.")
    else:
        _show_webhook(desk, steps.register_webhook(desk.engine, connection, wanted, desk.clock()))


def _show_webhook(desk: Desk, result: steps.WebhookResult) -> None:
    if result.registered is not None:
        proof = "signed" if result.registered.is_signed else "with a token in its address, as this Jira cannot sign"
        _say(desk, f"Webhook {result.registered.id} registered, {proof}, and read back.")
        _note(desk, f"The first delivery will prove it (`tieline doctor` says so). {HOW}")
        return
    _note(desk, f"The webhook could not be registered. {result.problem}")
    desk.console.print("Create it by hand; what is secret in it is shown this once:")
    for line in result.instructions:
        desk.console.print(f"  {escape(line)}")


def _backfill(desk: Desk, connection: Connection, *, anew: bool) -> None:
    columns = (TextColumn("Backfill"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    refused: list[tuple[str, str]] = []
    done = 0
    with Progress(*columns, console=desk.console, disable=not desk.console.is_terminal) as bar:
        task = bar.add_task("backfill", total=None)
        for progress in backfills.run_here(desk.engine, connection, desk.clock, anew=anew):
            done = progress.done
            bar.update(task, completed=done, total=max(done, progress.total or 0) or None)
            refused += progress.refused
    _say(desk, f"Backfill complete: {done} items.")
    for item, reason in refused[:SHOWN]:
        _note(desk, f"Item {item} could not be read: {reason}")


# --- asking and telling -----------------------------------------------------------------------


def _asked(answers: Answers, said: str | None, flag: str, question: str, *, hidden: bool = False) -> str:
    if said:
        return said
    if not answers.is_guided:
        raise Misconfigured("flag_missing", f"{flag} is needed where nobody can be asked.")
    return Prompt.ask(question, password=hidden)


def _say(desk: Desk, text: str) -> None:
    desk.console.print(f"[green]✓[/green] {text}")


def _note(desk: Desk, text: str) -> None:
    desk.console.print(f"[yellow]![/yellow] {escape(text)}")
