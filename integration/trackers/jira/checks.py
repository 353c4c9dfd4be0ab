"""What the doctor asks of a Jira site: each step of connecting looked at again, with what to mend."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from integration.connecting import Check
from integration.contract import Connection, TrackerError
from integration.trackers.jira import choosing, client, connect_site, oauth
from integration.trackers.jira.chosen import Chosen, chosen_of
from integration.trackers.jira.levels import ABOVE_EPICS, above_epics, undecided

WARN_BEFORE = timedelta(days=14)
MOST_SKEW = 120  # seconds: a look half an hour back bears far more, a signed token bears a minute


def checks(connection: Connection, now: datetime) -> Iterator[Check]:
    """Yield each check as it is made; without a site or an account the further ones could tell nothing."""
    for step, look in (("site", _site), ("account", partial(_account, now=now))):
        check = _tried(step, partial(look, connection))
        yield check
        if check.is_good is False:
            return
    try:
        chosen = chosen_of(connection)
    except TrackerError as error:
        yield Check("choice", is_good=False, sentence=error.sentence)
        return
    yield _tried("clock", lambda: _clock(connection, now))
    yield _tried("rights", lambda: _rights(connection))
    if connection.credentials.get("kind") == oauth.WAY.name:
        yield _scopes(connection)
    yield _tried("projects", lambda: _projects(connection, chosen))
    yield _tried("boards", lambda: _boards(connection, chosen))
    yield _tried("fields", lambda: _fields(connection, chosen))
    yield _tried("statuses", lambda: _statuses(connection, chosen))
    yield _tried("levels", lambda: _levels(connection, chosen))


def _tried(step: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except TrackerError as error:
        return Check(step, is_good=False, sentence=error.sentence)


def _site(connection: Connection) -> Check:
    site = connect_site.probe(connection.base_url)
    said = f"{site.name}, “{site.title}”, at {site.base_url}."
    return Check("site", site.trouble is None, f"{said} {site.trouble}" if site.trouble else said)


def _account(connection: Connection, now: datetime) -> Check:
    said = f"Jira knows us as {choosing.who_am_i(connection).name}."
    expires = connection.credentials.get("expires")
    if expires is None:
        return Check("account", is_good=True, sentence=said)
    left = date.fromisoformat(expires) - now.date()
    if left > WARN_BEFORE:
        return Check("account", is_good=True, sentence=f"{said} Its token expires on {expires}.")
    mend = "make another token and connect again with it."
    when = "has expired" if left < timedelta() else f"expires in {left.days} days"
    return Check("account", is_good=None, sentence=f"{said} Its token {when}, on {expires}: {mend}")


def _clock(connection: Connection, now: datetime) -> Check:
    skew = choosing.skew_of(connection, now)
    if skew is None:
        return Check("clock", is_good=None, sentence="The site does not tell its time.")
    if abs(skew) <= MOST_SKEW:
        return Check("clock", is_good=True, sentence="The clocks of the site and of this machine agree.")
    way = "behind" if skew > 0 else "ahead of"
    said = f"The clock of this machine is {abs(skew)} s {way} that of the site: set it by a time server."
    return Check("clock", is_good=False, sentence=said)


def _rights(connection: Connection) -> Check:
    missing = [right for right in choosing.rights(connection) if not right.is_held]
    if not missing:
        return Check("rights", is_good=True, sentence="The account may see projects and register webhooks.")
    said = " ".join(f"The account lacks “{right.title}”, {right.what_for}. {right.how}" for right in missing)
    return Check("rights", False if any(right.is_needed for right in missing) else None, said)


def _scopes(connection: Connection) -> Check:
    """Of OAuth alone it is known what was agreed to."""
    granted = connection.credentials.get("scopes", "").split()
    if not granted:
        said = f"It is not known what was agreed to; write-back needs the scope `{oauth.WRITE_SCOPE}`."
        return Check("scopes", is_good=None, sentence=f"{said} To know: {_AGREE_AGAIN}.")
    lacking = [scope for scope in oauth.READ_SCOPES if scope not in granted]
    if lacking:
        return Check("scopes", is_good=None, sentence=f"The app lacks {', '.join(lacking)}: {_AGREE_AGAIN}.")
    if oauth.WRITE_SCOPE in granted:
        return Check("scopes", is_good=True, sentence="It was agreed to that Tieline reads, and writes back.")
    said = f"Reading was agreed to, not writing back: for that the scope `{oauth.WRITE_SCOPE}` is missing."
    return Check("scopes", is_good=None, sentence=f"{said} If it is wished: {_AGREE_AGAIN}.")


_AGREE_AGAIN = (
    "tick it in the developer console (Permissions > Jira API), then “Other credentials” on the page of the "
    "connection, tick “Write back, too”, and agree anew"
)


def _projects(connection: Connection, chosen: Chosen) -> Check:
    http = client.open_client(connection)
    open_to_us = {str(raw.get("id")) for raw in client.projects(http, chosen.project_ids)}
    closed = [project.key for project in chosen.projects if project.id not in open_to_us]
    if closed:
        mend = "give the right back, or choose anew without them."
        return Check("projects", is_good=False, sentence=f"Closed to us: {', '.join(closed)}: {mend}")
    return Check("projects", is_good=True, sentence=f"All {len(chosen.projects)} projects are open to us.")


def _boards(connection: Connection, chosen: Chosen) -> Check:
    http = client.open_client(connection)
    gone = [board.name for board in chosen.boards if client.board(http, board.id) is None]
    if gone:
        return Check(
            "boards", is_good=False, sentence=f"Not there, or closed to us: {', '.join(gone)}: choose the boards anew."
        )
    return Check("boards", is_good=True, sentence=f"All {len(chosen.boards)} boards are there.")


def _fields(connection: Connection, chosen: Chosen) -> Check:
    there = {str(raw.get("id")) for raw in client.fields(client.open_client(connection))}
    mapping = chosen.fields
    used = [
        ref for ref in (mapping.sprint_field, mapping.team_field, *mapping.points_fields, *mapping.kr_fields) if ref
    ]
    gone = [ref.name for ref in used if ref.id not in there]
    if gone:
        said = f"Jira has these fields no more: {', '.join(gone)}: choose the fields anew."
        return Check("fields", is_good=False, sentence=said)
    if mapping.tag_field is None:
        said = "Nothing names key results: every item is unaligned. Name a field, a label prefix or a link type."
        return Check("fields", is_good=None, sentence=said)
    return Check("fields", is_good=True, sentence=f"Key results are read from {mapping.tag_field}.")


def _statuses(connection: Connection, chosen: Chosen) -> Check:
    """What was said of a status by its id or name must still be about one that is there."""
    listed = client.statuses(client.open_client(connection))
    there = {str(raw.get("id")) for raw in listed} | {str(raw.get("name")).casefold() for raw in listed}
    gone = [key for key, _ in chosen.fields.status_overrides if key not in there and key.casefold() not in there]
    if gone:
        said = f"Jira has these statuses no more: {', '.join(gone)}. What was done in them stays so; choose anew."
        return Check("statuses", is_good=None, sentence=said)
    return Check("statuses", is_good=True, sentence="Done is what Jira says, and what you chose beside it.")


def _levels(connection: Connection, chosen: Chosen) -> Check:
    """What stands above epics must not be counted beside them."""
    mapping = chosen.fields
    found = above_epics(client.open_client(connection), chosen.project_ids, mapping.parent_link_field)
    unsaid = undecided(found, mapping.type_levels)
    if not unsaid:
        return Check("levels", is_good=True, sentence="No type looks like a level above epics without being one.")
    flags = " ".join(f'--type-level "{one.name}={ABOVE_EPICS}"' for one in unsaid)
    mend = f"its items count as work. If it is one: `tieline mapping set {connection.id} {flags}`; else `…=0` says so."
    return Check("levels", is_good=None, sentence=f"{'; '.join(one.sentence for one in unsaid)}: {mend}")
