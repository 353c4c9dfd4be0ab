"""`tieline connect jira`: from an address to a filled store, guided in the terminal or by flags alone.

Running it again changes the choice, and goes on with a backfill that was broken off.
"""

import sys
from dataclasses import replace
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from integration import backfills, not_work
from integration import connect as steps
from integration.connecting import Right, Site
from integration.contract import Connection, Misconfigured, Temporary, TrackerError
from integration.store import connections
from integration.store.engine import reading, writing
from integration.trackers.jira import choosing, connect_site
from integration.trackers.jira.chosen import Chosen, chosen_of
from integration.trackers.jira.connecting import can_sign
from integration.trackers.jira.proof import HOW
from mappings.model import Periods
from service.commands import OPERATOR, connect_choices
from service.commands.connect_desk import SHOWN, Desk, asked, note, say, until_right
from service.commands.connect_flags import Answers, answers_of

__all__ = ["EXIT_FAILED", "EXIT_LATER", "Desk", "connect", "connect_jira", "jira"]

EXIT_FAILED, EXIT_LATER = 1, 3


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
@click.option("--projects", default="", help="Keys of the projects, separated by commas; * for all, the default.")
@click.option(
    "--boards", default="", help="Names or ids of boards, separated by commas; * for all of the projects, the default."
)
@click.option("--board-team", multiple=True, metavar="BOARD=TEAM", help="The team that a board belongs to.")
@click.option(
    "--periods",
    type=click.Choice([period.value for period in Periods]),
    help="For boards without sprints; two_weeks, unless it was said before.",
)
@click.option("--kr-field", multiple=True, help="Name or id of a field that names key results.")
@click.option("--kr-label-prefix", help="Labels that begin so name key results.")
@click.option("--kr-pattern", help="Regular expression that finds key results within the texts of the fields.")
@click.option("--kr-link-type", multiple=True, help="Link type that ties items to key results kept as issues.")
@click.option(
    "--points-field", multiple=True, help="Name or id of a field with estimates; the first filled one counts."
)
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
@click.option("--no-work", multiple=True, metavar="TYPE", help="An issue type that is no work, such as test cases.")
@click.option("--token-expires", metavar="DAY", help="Day on which the token expires: the doctor warns before.")
@click.option("--public-url", help="Where Jira reaches Tieline; else as the settings say.")
@click.option("--new-secret", is_flag=True, help="Set the webhook anew, though deliveries arrive.")
@click.option("--yes", is_flag=True, help="Ask nothing: take what is suggested.")
@click.option("--no-backfill", is_flag=True, help="Connect only; run the command again to fill the store.")
def jira(**given: Any) -> None:
    """Connect a Jira site, Cloud or Data Center: account, rights, projects, boards, fields, webhook, backfill.

    Run it again to change the choice, or to go on with a backfill that was broken off: what no flag names stays as
    it was chosen before.
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
    known = _known(desk, connection)
    connection = _as_dated_before(connection, known)
    _show_rights(desk, connection)
    choices = connect_choices.choose(desk, answers, connection, _chosen(known))
    connection = choices.connection
    begins_anew = steps.needs_backfill(desk.engine, desk.vault, connection)
    _connect_webhook(desk, answers, connection, anew=begins_anew)
    _keep_no_work(desk, choices)
    if answers.is_backfilled:
        _backfill(desk, connection, anew=begins_anew)


def _known(desk: Desk, connection: Connection) -> Connection | None:
    """The connection as it was before."""
    with reading(desk.engine) as session:
        return connections.connection_named(session, desk.vault, connection.id)


def _chosen(known: Connection | None) -> Chosen | None:
    return chosen_of(known) if known is not None and known.mapping else None


def _as_dated_before(connection: Connection, known: Connection | None) -> Connection:
    """The very same token expires when it was said to, where nobody says another day."""
    held = dict(known.credentials) if known is not None else {}
    expires = held.pop("expires", None)
    if expires is None or held != dict(connection.credentials):
        return connection
    return replace(connection, credentials={**held, "expires": expires})


def _keep_no_work(desk: Desk, choices: connect_choices.Choices) -> None:
    if choices.no_work is None:
        return
    reason = f"Chosen with the connection {choices.connection.id}"
    with writing(desk.engine) as session:
        not_work.keep(session, choices.types, choices.no_work, OPERATOR, reason, desk.clock())
    say(desk, f"No work: {escape(', '.join(choices.no_work) or 'no type')}.")


# --- the site and who we are ------------------------------------------------------------------


def _open_site(desk: Desk, answers: Answers) -> Connection:
    def site_said() -> Site:
        return connect_site.probe(_said(answers, answers.url, "--url", "Address of your Jira site"))

    site = until_right(desk, site_said, is_asked=answers.is_guided and not answers.url)
    say(desk, f"{escape(site.name)} at {escape(site.base_url)}.")
    is_cloud = site.edition == "cloud"
    kind = "API token" if is_cloud else "Personal access token"
    if answers.token is None and answers.is_guided:
        note(desk, f"{kind}s are made at {connect_site.token_page(site)}; note the day on which it expires.")

    def account_said() -> tuple[Connection, str]:
        email = _said(answers, answers.email, "--email", "E-mail of the account") if _wants_email(answers, site) else ""
        token = _said(answers, answers.token, "--token-file", f"{kind} (not shown)", hidden=True)
        known = connect_site.credentials(site, email, token, answers.cloud_id)
        trial = Connection("new", "jira", site.base_url, known)
        trial, account = choosing.through_gateway(trial, lambda: connect_site.cloud_id_of(site.base_url))
        return trial, account.name

    is_asked = answers.is_guided and (answers.token is None or (is_cloud and not answers.email))
    connection, account = until_right(desk, account_said, is_asked=is_asked)
    by = ", through Atlassian's gateway" if "cloud_id" in connection.credentials else ""
    say(desk, f"Jira knows us as {escape(account)}{by}.")
    known = {**connection.credentials, **_expiry(desk, answers)}
    return _named(desk, answers, replace(connection, credentials=known))


def _wants_email(answers: Answers, site: Site) -> bool:
    """A service account's token with scopes goes alone."""
    return site.edition == "cloud" and not (answers.cloud_id and not answers.email)


def _expiry(desk: Desk, answers: Answers) -> dict[str, str]:
    """The day on which the token expires, of which the doctor warns; no site tells it."""
    if answers.expires is None and not (answers.is_guided and answers.token is None):
        return {}

    def day_said() -> dict[str, str]:
        text = answers.expires or asked("Day on which the token expires, such as 2027-01-31; nothing: not known")
        return {"expires": connect_site.day(text)} if text else {}

    return until_right(desk, day_said, is_asked=answers.expires is None)


def _named(desk: Desk, answers: Answers, connection: Connection) -> Connection:
    suggested = connect_site.name_for(connection.base_url)

    def attempt() -> Connection:
        named = replace(connection, id=steps.checked_name(answers.name or suggested))
        steps.check_name(desk.engine, desk.vault, named)
        return named

    def asked_for() -> Connection:
        named = replace(connection, id=steps.checked_name(asked("Short name of this connection", suggested)))
        steps.check_name(desk.engine, desk.vault, named)
        return named

    if answers.name or not answers.is_guided:
        return attempt()
    return until_right(desk, asked_for, is_asked=True)


def _said(answers: Answers, said: str | None, flag: str, question: str, *, hidden: bool = False) -> str:
    if said:
        return said
    if not answers.is_guided:
        raise Misconfigured("flag_missing", f"{flag} is needed where nobody can be asked.")
    return asked(question, hidden=hidden)


def _show_rights(desk: Desk, connection: Connection) -> None:
    for right in choosing.rights(connection):
        if right.is_held:
            continue
        if right.is_needed:
            raise Misconfigured("right_missing", _lacking(right))
        note(desk, _lacking(right))


def _lacking(right: Right) -> str:
    return f"The account lacks the permission “{right.title}”, {right.what_for}. {right.how}"


# --- webhook and backfill ---------------------------------------------------------------------


def _connect_webhook(desk: Desk, answers: Answers, connection: Connection, *, anew: bool) -> None:
    """Save, then register; a webhook that works is left alone, for each registration changes its secret."""
    public_url = answers.public_url or desk.public_url or _address_asked(answers)
    stays = public_url is not None and not (anew or answers.wants_new_secret)
    if stays and public_url and steps.hears_already(desk.engine, desk.vault, connection, public_url):
        steps.save(desk.engine, desk.vault, connection, desk.clock(), None)
        say(desk, f"Saved as {escape(connection.id)}. Deliveries arrive: the webhook stays (--new-secret changes it).")
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
    say(desk, f"Saved as [bold]{escape(connection.id)}[/bold].")
    if wanted is None:
        note(desk, "No webhook without --public-url: Tieline asks Jira every five minutes what changed.")
    else:
        _show_webhook(desk, steps.register_webhook(desk.engine, connection, wanted, desk.clock()))


def _address_asked(answers: Answers) -> str | None:
    if not answers.is_guided:
        return None
    question = "Address at which Jira reaches Tieline, such as https://tieline.example.org; nothing: no webhook"
    return asked(question) or None


def _show_webhook(desk: Desk, result: steps.WebhookResult) -> None:
    if result.registered is not None:
        proof = "signed" if result.registered.is_signed else "with a token in its address, as this Jira cannot sign"
        say(desk, f"Webhook {result.registered.id} registered, {proof}, and read back.")
        note(desk, f"The first delivery will prove it (`tieline doctor` says so). {HOW}")
        return
    note(desk, f"The webhook could not be registered. {result.problem}")
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
    say(desk, f"Backfill complete: {done} items.")
    for item, reason in refused[:SHOWN]:
        note(desk, f"Item {item} could not be read: {reason}")
    desk.console.print(
        "Its first report: `tieline sprint`, then `tieline audit`. With pages, and kept up to date: `tieline serve`."
    )
