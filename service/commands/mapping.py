"""`tieline mapping`: what a connection's fields and statuses mean, changed without reading the tracker again."""

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from integration.contract import FILE, Connection, Misconfigured, Temporary, TrackerError, is_a_file
from service.commands import OPERATOR

if TYPE_CHECKING:
    from integration.store.retranslations import Retranslation
    from mappings.model import Team
    from service.installation import Installation

EXIT_FAILED, EXIT_LATER = 1, 3
GUESSES = 1000  # items whose notes are looked through for statuses that the site has no more
_WITHOUT = ("kr-field", "kr-label-prefix", "kr-link-type", "kr-pattern", "points-field", "team-field", "rule-field",
            "status", "board-status", "type-level")  # fmt: skip


@click.group()
def mapping() -> None:
    """What a connection's fields, statuses and boards mean to Tieline."""


@mapping.command()
@click.argument("connection")
def show(connection: str) -> None:
    """Show the mapping, its versions, and how far reading by it is."""
    installation, known = _known(connection)
    from integration.trackers.jira.chosen import chosen_of
    from integration.trackers.jira.remapping import in_words

    rows = in_words(chosen_of(known))
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        click.echo(f"{name:<{width}}  {text}")
    _show_versions(installation, connection)
    _show_state(installation, connection)


@mapping.command(name="set")
@click.argument("connection")
@click.option("--kr-field", multiple=True, help="Name or id of a field that names key results.")
@click.option("--kr-label-prefix", help="Labels that begin so name key results.")
@click.option("--kr-link-type", multiple=True, help="Link type that ties items to key results kept as issues.")
@click.option("--kr-pattern", help="Regular expression that finds key results within the texts of the fields.")
@click.option(
    "--points-field", multiple=True, help="Name or id of a field with estimates; the first filled one counts."
)
@click.option("--team-field", help="Name or id of the field that tells an item's team.")
@click.option("--rule-field", multiple=True, help="Name or id of a field that rules look at.")
@click.option("--status", multiple=True, metavar="STATUS=MEANING", help="MEANING is todo, doing, done or dropped.")
@click.option("--board-status", multiple=True, metavar="BOARD:STATUS=MEANING", help="What a status means on one board.")
@click.option("--done-in-last-column", multiple=True, metavar="BOARD", help="On this board its last column is done.")
@click.option("--dropped", multiple=True, metavar="RESOLUTION", help="Resolutions that deliver nothing; all of them.")
@click.option("--type-level", multiple=True, metavar="TYPE=LEVEL", help="-1 sub-task, 0 story, 1 epic, 2 above it.")
@click.option("--board-team", multiple=True, metavar="BOARD=TEAM", help="The team that a board belongs to.")
@click.option("--board-periods", multiple=True, metavar="BOARD=PERIODS", help="week, two_weeks or month.")
@click.option("--without", multiple=True, type=click.Choice(_WITHOUT), help="Take a setting out.")
@click.option("--from", "since", metavar="TIME", help="Hold from this earlier moment, or `always`; asks for a reason.")
@click.option("--name", help="Who decides it.")
@click.option("--reason", help="Why.")
@click.option("--wait", is_flag=True, help="Read again now and show the progress; else the worker does it.")
def set_(connection: str, since: str | None, name: str | None, reason: str | None, wait: bool, **given: Any) -> None:
    """Change the mapping. Items are read again with their whole history from the answers that are kept.

    Sprints that are closed keep the mapping that held at their completion, unless --from says otherwise.
    """
    installation, known = _known(connection)
    try:
        moment = _since(since, name, reason)
        _set(installation, known, given, (moment, name, reason))
        if wait:
            _read_again(installation, connection)
        _show_state(installation, connection)
    except TrackerError as error:
        click.echo(f"Error: {error.sentence}", err=True)
        sys.exit(EXIT_LATER if isinstance(error, Temporary) else EXIT_FAILED)


@mapping.command()
@click.argument("connection")
def retranslate(connection: str) -> None:
    """Read all kept answers again by the mapping that holds, and go on with a reading that was broken off."""
    installation, _ = _known(connection)
    from integration.store import retranslations
    from integration.store.engine import reading, writing
    from service.installation import now

    with reading(installation.engine) as session:
        is_going_on = connection in retranslations.unfinished(session)
    if not is_going_on:
        with writing(installation.engine) as session:
            retranslations.start(session, connection, now())
    _read_again(installation, connection)
    _show_state(installation, connection)


# --- setting ----------------------------------------------------------------------------------


def _known(name: str) -> "tuple[Installation, Connection]":
    from integration.store import connections
    from integration.store.engine import reading
    from service.installation import opened

    installation = opened()
    with reading(installation.engine) as session:
        known = connections.connection_named(session, installation.vault, name)
        names = connections.connection_names(session)
    if known is None:
        shown = ", ".join(names) or "none; run `tieline connect jira`"
        raise click.ClickException(f"There is no connection “{name}”. There are: {shown}.")
    if known.tracker == FILE:
        raise click.ClickException(is_a_file(name).sentence)
    if known.tracker != "jira":
        raise click.ClickException(f"The mapping of {known.tracker} is changed by `tieline connect {known.tracker}`.")
    return installation, known


def _since(text: str | None, name: str | None, reason: str | None) -> datetime | None:
    from integration.files.faults import Wrong
    from integration.files.scalars import moment
    from integration.store.mapping_versions import ALWAYS

    if text is None:
        return None
    if not (name and reason):
        raise Misconfigured(
            "unexplained",
            "A mapping that holds from an earlier moment says who decided it (--name) and why (--reason).",
        )
    try:
        return ALWAYS if text == "always" else moment(text)
    except Wrong as wrong:
        raise Misconfigured("bad_moment", f"--from: {wrong}.") from wrong


Act = tuple[datetime | None, str | None, str | None]  # from when, who, why


def _set(installation: "Installation", known: Connection, given: dict[str, Any], act: Act) -> None:
    import orjson

    from integration.store import connections, page_reads
    from integration.store.engine import reading, writing
    from integration.trackers.jira.remapping import changed
    from service.installation import now

    since, name, reason = act
    with reading(installation.engine) as session:
        _, guessed = connections.guesses(session, known.id, number=GUESSES)
        teams = page_reads.plan_of_now(session, now()).teams
    notes = [note for lines in guessed.values() for note in lines]
    wanted = orjson.loads(orjson.dumps(changed(known, _changes(given, teams), notes).to_json()))
    if wanted == dict(known.mapping) and since is None:
        click.echo("Nothing to do: this very mapping holds already.")
        return
    at = now()
    if since is not None and since > at:
        raise Misconfigured("bad_moment", "--from: a mapping cannot hold from a moment that is still to come.")
    with writing(installation.engine) as session:
        author = name or OPERATOR
        connections.set_mapping(session, known.id, wanted, at, since=since, author=author, reason=reason)
    kept = "" if since is not None else " Sprints that are closed keep the one before (--from would change that)."
    click.echo(f"The mapping of {known.id} is set.{kept}")


def _changes(given: dict[str, Any], teams: "tuple[Team, ...]") -> Any:
    from integration.trackers.jira.remapping import Changes
    from integration.trackers.jira.spoken import checked_team

    return Changes(
        kr_fields=given["kr_field"],
        kr_label_prefix=given["kr_label_prefix"],
        kr_link_types=given["kr_link_type"],
        kr_pattern=given["kr_pattern"],
        points_fields=given["points_field"],
        team_field=given["team_field"],
        rule_fields=given["rule_field"],
        statuses=_pairs("--status", given["status"]),
        board_statuses=tuple(_on_board(text) for text in given["board_status"]),
        last_columns=given["done_in_last_column"],
        dropped=given["dropped"],
        type_levels=_pairs("--type-level", given["type_level"]),
        board_teams=tuple(
            (board, checked_team("--board-team: ", team, teams) if team else team)
            for board, team in _pairs("--board-team", given["board_team"])
        ),
        board_periods=_pairs("--board-periods", given["board_periods"]),
        without=given["without"],
    )


def _pairs(flag: str, texts: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    pairs = [text.rpartition("=") for text in texts]
    if not all(name.strip() for name, _, _ in pairs):
        raise Misconfigured("bad_pair", f"{flag} must look like NAME=VALUE.")
    return tuple((name.strip(), value.strip()) for name, _, value in pairs)


def _on_board(text: str) -> tuple[str, str, str]:
    board, _, rest = text.partition(":")
    status, _, meaning = rest.rpartition("=")
    if not (board.strip() and status.strip()):
        raise Misconfigured("bad_pair", "--board-status must look like BOARD:STATUS=MEANING.")
    return board.strip(), status.strip(), meaning.strip()


# --- reading again ----------------------------------------------------------------------------


def _read_again(installation: "Installation", connection: str) -> None:
    """Portion by portion, with a bar in a terminal; what a worker is at meanwhile counts as well."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from integration.retranslation import retranslate_some
    from service.installation import now

    console = Console(highlight=False)
    columns = (TextColumn("Reading again"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading again", total=None)
        while retranslate_some(installation.engine, installation.vault, connection, now) is not None:
            state = _state(installation, connection)
            if state is not None:
                bar.update(task, completed=state.done, total=max(state.total, state.done))


def _state(installation: "Installation", connection: str) -> "Retranslation | None":
    from integration.store import retranslations
    from integration.store.engine import reading

    with reading(installation.engine) as session:
        return retranslations.of(session, connection)


def _show_versions(installation: "Installation", connection: str) -> None:
    from integration.store import connections, mapping_versions, raw_answers
    from integration.store.engine import reading

    with reading(installation.engine) as session:
        versions = mapping_versions.versions(session, connection)
        kept = raw_answers.number_kept(session, connection)
        guessed, examples = connections.guesses(session, connection, number=3)
    for version in versions:
        since = "always" if version.since is None else f"{version.since:%Y-%m-%d %H:%M} UTC"
        who = f", by {version.author}" if version.author else ""
        why = f": {version.reason}" if version.reason else ""
        click.echo(f"Version {version.id} holds from {since}{who}{why}")
    click.echo(f"The tracker's answers about {kept} items are kept and can be read again.")
    if guessed:
        click.echo(f"Of {guessed} items something had to be guessed:")
        for key, notes in examples.items():
            click.echo(f"  {key}: {'; '.join(notes)}")


def _show_state(installation: "Installation", connection: str) -> None:
    state = _state(installation, connection)
    if state is None:
        return
    if state.finished_at is None:
        click.echo(f"Being read again: {state.done} of {state.total} items; figures follow when all are read.")
    else:
        click.echo(f"Read again: {state.done} items.")
    if state.fetched:
        click.echo(f"{state.fetched} of them were fetched anew: {state.why_fetched}.")
