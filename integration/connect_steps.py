"""Connecting by pages: each step is kept in a draft, which can be gone on with on another day, or thrown away.

Nothing of it counts before `finish`; each step raises a `TrackerError` whose sentence says what to mend.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Engine

from integration import backfills, connect
from integration.connecting import Choice, Offer, ProjectLine, Report, Sight, Site, Way
from integration.contract import Connection, KeptTokens, Misconfigured, TrackerError
from integration.secrets import Vault
from integration.store import calls, connections, drafts, token_box, webhook_states
from integration.store.drafts import Draft
from integration.store.engine import reading, writing

Clock = Callable[[], datetime]
_SITE, _CHOICE = TypeAdapter(Site), TypeAdapter(Choice)
_OFFER, _PROJECTS = TypeAdapter(Offer), TypeAdapter(tuple[ProjectLine, ...])
_TOKENS = ("access_token", "refresh_token", "access_until")
REPORT_EVERY = 0.5  # seconds


# --- what a draft says ------------------------------------------------------------------------


def site_of(draft: Draft) -> Site:
    return _SITE.validate_python(draft.data["site"])


def name_of(draft: Draft) -> str:
    return str(draft.connection or draft.data["name"])


def projects_of(draft: Draft) -> tuple[ProjectLine, ...]:
    """Those that we may browse, as they were listed."""
    return _PROJECTS.validate_python(draft.data.get("projects", []))


def chosen_projects(draft: Draft) -> tuple[str, ...]:
    return tuple(draft.data.get("chosen", ()))


def offer_of(draft: Draft) -> Offer | None:
    """What the look at the site brought; None: not looked yet."""
    found = draft.data.get("offer")
    return None if found is None else _OFFER.validate_python(found)


def choice_of(draft: Draft, offer: Offer, teams: Sequence[str]) -> Choice:
    """What was chosen so far; else what is suggested."""
    found = draft.data.get("choice")
    if found is not None:
        return _CHOICE.validate_python(found)
    return connect.steps_of(draft.tracker).suggest(offer, teams)


def connection_of(engine: Engine, vault: Vault, draft: Draft) -> Connection:
    """The connection as far as it is made, to ask the site with."""
    with reading(engine) as session:
        tokens = token_box.box_of(session, vault, draft.holder)
        if tokens is None and draft.connection is not None and draft.credentials:
            tokens = token_box.box_of(session, vault, draft.connection)
    if not draft.credentials:
        raise Misconfigured("no_credentials", "Say first as whom Tieline shall log in.")
    held = draft.data.get("mapping") or {}  # of a connection that is chosen anew
    asked = Connection(name_of(draft), draft.tracker, site_of(draft).base_url, draft.credentials, held, tokens=tokens)
    return asked if draft.connection is None else calls.counted(engine, asked)


# --- the steps --------------------------------------------------------------------------------


def begin(engine: Engine, tracker: str, url: str, now: datetime) -> str:
    """Look what stands at an address, and open a draft for it."""
    steps = connect.steps_of(tracker)
    site = steps.probe(url)
    if site.trouble:
        raise Misconfigured("unsupported", site.trouble)
    data = {"site": _SITE.dump_python(site, mode="json"), "name": steps.name_for(site.base_url)}
    with writing(engine) as session:
        return drafts.make_draft(session, tracker, data, now)


def begin_anew(engine: Engine, vault: Vault, name: str, now: datetime) -> str:
    """Open a draft of a connection that is there, with what was chosen for it."""
    with reading(engine) as session:
        known = connections.connection_named(session, vault, name)
    if known is None:
        raise Misconfigured("unknown_connection", f"There is no connection {name}.")
    steps = connect.steps_of(known.tracker)
    site = steps.probe(known.base_url)
    data: dict[str, Any] = {"site": _SITE.dump_python(site, mode="json"), "name": name}
    if known.mapping:
        chosen, choice = steps.chosen(known)
        data |= {"chosen": list(chosen), "choice": _CHOICE.dump_python(choice, mode="json"), "mapping": known.mapping}
    with writing(engine) as session:
        draft = drafts.make_draft(session, known.tracker, data, now, connection=name)
        drafts.keep_credentials(session, vault, draft, known.credentials)
        return draft


def ways_of(draft: Draft) -> tuple[Way, ...]:
    return connect.steps_of(draft.tracker).ways(site_of(draft))


def log_in(
    engine: Engine, vault: Vault, draft: Draft, way: str, entries: Mapping[str, str], name: str, now: datetime
) -> None:
    """Check credentials of a form by asking the site who we are, then keep them."""
    steps = connect.steps_of(draft.tracker)
    known = steps.credentials(site_of(draft), way, entries)
    trial = replace(draft, credentials=known, data={**draft.data, "name": _checked_name(engine, vault, draft, name)})
    steps.sight(Connection(name_of(trial), draft.tracker, site_of(draft).base_url, known), now)
    with writing(engine) as session:
        drafts.keep_credentials(session, vault, draft.id, known)
        drafts.change_draft(session, draft.id, {"name": trial.data["name"], "way": way}, now)
        token_box.forget(session, draft.holder)


def _checked_name(engine: Engine, vault: Vault, draft: Draft, name: str) -> str:
    if draft.connection is not None:
        return draft.connection
    wanted = connect.checked_name(name.strip())
    connect.check_name(engine, vault, Connection(wanted, draft.tracker, site_of(draft).base_url))
    return wanted


def ask_consent(
    engine: Engine,
    vault: Vault,
    draft: Draft,
    entries: Mapping[str, str],
    name: str,
    callback: str,
    state: str,
    now: datetime,
) -> str:
    """Keep the app's entries, and answer where a person goes to agree."""
    consent = connect.steps_of(draft.tracker).consent
    if consent is None:
        raise Misconfigured("no_consent", "This site gives no consent.")
    address = consent.address(site_of(draft), entries, callback, state)
    with writing(engine) as session:
        drafts.keep_credentials(session, vault, draft.id, dict(entries))
        said = {"name": _checked_name(engine, vault, draft, name), "way": "oauth", "callback": callback}
        drafts.change_draft(session, draft.id, said, now)
    return address


def take_consent(engine: Engine, vault: Vault, draft: Draft, code: str, now: datetime) -> None:
    """Spend the code that came back; the tokens are kept apart from all else before they are used."""
    consent = connect.steps_of(draft.tracker).consent
    if consent is None or "callback" not in draft.data:
        raise Misconfigured("no_consent", "Nobody was sent to agree from this draft.")
    found = consent.credentials(site_of(draft), draft.credentials, draft.data["callback"], code, now)
    tokens = KeptTokens(found["access_token"], found["refresh_token"], datetime.fromisoformat(found["access_until"]))
    with writing(engine) as session:
        kept = {name: text for name, text in found.items() if name not in _TOKENS}
        drafts.keep_credentials(session, vault, draft.id, kept)
        token_box.put(session, vault, draft.holder, tokens, now)


def sight(engine: Engine, vault: Vault, draft: Draft, now: datetime) -> Sight:
    """Who we are there and what we may see, asked anew each time."""
    return connect.steps_of(draft.tracker).sight(connection_of(engine, vault, draft), now)


def list_projects(engine: Engine, vault: Vault, draft: Draft, now: datetime) -> tuple[ProjectLine, ...]:
    found = connect.steps_of(draft.tracker).projects(connection_of(engine, vault, draft))
    with writing(engine) as session:
        drafts.change_draft(session, draft.id, {"projects": _PROJECTS.dump_python(found, mode="json")}, now)
    return found


def choose_projects(engine: Engine, draft: Draft, ids: Sequence[str], now: datetime) -> None:
    """Another choice of projects makes what was looked at before worthless."""
    known = {project.id for project in projects_of(draft)}
    chosen = [id_ for id_ in dict.fromkeys(ids) if id_ in known]
    if not chosen:
        raise Misconfigured("no_projects", "Choose one project at least.")
    with writing(engine) as session:
        drafts.change_draft(session, draft.id, {"chosen": chosen, "offer": None, "looking": None}, now)


# --- the look at the site, which takes a while ------------------------------------------------


def begin_to_look(engine: Engine, draft_id: str, now: datetime) -> None:
    with writing(engine) as session:
        said = {"offer": None, "looking": {"what": "the site", "done": 0, "of": None}}
        drafts.change_draft(session, draft_id, said, now)


def look(engine: Engine, vault: Vault, draft_id: str, clock: Clock) -> None:
    """Look at the site and keep what it offers; how far it is, or why it failed, stands in the draft meanwhile."""
    with reading(engine) as session:
        draft = drafts.draft_of(session, vault, draft_id)
    if draft is None:
        return
    try:
        connection = connection_of(engine, vault, draft)
        steps = connect.steps_of(draft.tracker)
        offer = steps.look(connection, chosen_projects(draft), _reporter(engine, draft_id, clock))
        found: dict[str, object] = {"offer": _OFFER.dump_python(offer, mode="json"), "looking": None}
    except TrackerError as error:
        found = {"looking": {"failed": error.sentence}}
    with writing(engine) as session:
        drafts.change_draft(session, draft_id, found, clock())


def _reporter(engine: Engine, draft_id: str, clock: Clock) -> Report:
    last: list[datetime] = []

    def report(what: str, done: int, of: int | None) -> None:
        now = clock()
        if done and last and (now - last[-1]).total_seconds() < REPORT_EVERY:
            return
        last[:] = [now]
        with writing(engine) as session:
            drafts.change_draft(session, draft_id, {"looking": {"what": what, "done": done, "of": of}}, now)

    return report


def keep_choice(engine: Engine, draft: Draft, choice: Choice, now: datetime, **said: object) -> None:
    with writing(engine) as session:
        drafts.change_draft(session, draft.id, {"choice": _CHOICE.dump_python(choice, mode="json"), **said}, now)


def throw_away(engine: Engine, draft_id: str) -> None:
    with writing(engine) as session:
        drafts.throw_away(session, draft_id)


# --- the end of it ----------------------------------------------------------------------------


def finish(
    engine: Engine,
    vault: Vault,
    draft: Draft,
    teams: Sequence[str],
    public_url: str | None,
    now: datetime,
    *,
    wants_new_secret: bool = False,
) -> connect.WebhookResult | None:
    """Make the connection, register its webhook, ask for the backfill; the draft is gone afterwards.

    None: the webhook stays as it is, or there is no address for it.
    """
    offer = offer_of(draft)
    if offer is None:
        raise Misconfigured("not_looked", "The site must be looked at first.")
    steps = connect.steps_of(draft.tracker)
    mapping = steps.mapping(offer, choice_of(draft, offer, teams))
    connection = replace(connection_of(engine, vault, draft), mapping=mapping)
    connect.check_name(engine, vault, connection)
    is_anew = connect.needs_backfill(engine, vault, connection)
    stays = not (wants_new_secret or is_anew) and bool(public_url)  # other projects are another filter
    stays = stays and connect.hears_already(engine, vault, connection, str(public_url))
    address = None if stays else public_url
    is_signed = address is None or steps.can_sign(connection)
    wanted = connect.save(
        engine, vault, connection, now, address, is_signed=is_signed, wants_new_secret=wants_new_secret
    )
    with writing(engine) as session:
        token_box.move(session, draft.holder, connection.id)
        connections.forget_error(session, connection.id)
        drafts.throw_away(session, draft.id)
        kept = connections.connection_named(session, vault, connection.id)
    backfills.request(engine, connection.id, now, anew=is_anew)
    if wanted is None or kept is None:
        return None
    return connect.register_webhook(engine, kept, wanted, now)


def make_webhook_anew(
    engine: Engine, vault: Vault, name: str, public_url: str, now: datetime
) -> connect.WebhookResult | None:
    """Register the webhook again, with a fresh secret; the one before stays valid until the next change."""
    with reading(engine) as session:
        known = connections.connection_named(session, vault, name)
    if known is None:
        raise Misconfigured("unknown_connection", f"There is no connection {name}.")
    is_signed = connect.steps_of(known.tracker).can_sign(known)
    wanted = connect.save(engine, vault, known, now, public_url, is_signed=is_signed, wants_new_secret=True)
    return connect.register_webhook(engine, known, wanted, now) if wanted is not None else None


def drop_old_secret(engine: Engine, name: str, now: datetime) -> None:
    with writing(engine) as session:
        webhook_states.drop_old_secret(session, name, now)
