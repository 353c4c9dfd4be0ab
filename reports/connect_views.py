"""What the pages of connecting show: the steps of a draft, and how a connection that was made fares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from integration import calling, connect, connect_steps
from integration.behind import Behind, behind_of
from integration.calling import CallsTold
from integration.connecting import Choice, Offer, Site, Way
from integration.secrets import Vault
from integration.store import connections, drafts, plans, reads, turns, webhook_states
from integration.store.drafts import Draft
from integration.store.opened import Store
from integration.store.turns import Turn
from integration.store.webhook_states import WebhookState
from mappings.model import Periods, Status
from reports import views
from reports.views import ConnectionView

BROKEN_OFF = timedelta(minutes=2)  # a look that reported nothing for so long has died with its process
PROVEN_WITHIN = timedelta(minutes=15)
PERIODS = {Periods.WEEK: "weeks", Periods.TWO_WEEKS: "two weeks", Periods.MONTH: "months"}
STATUSES = {Status.TODO: "to do", Status.DOING: "in progress", Status.DONE: "done", Status.DROPPED: "dropped"}
ENCODINGS = {
    "text": "text",
    "number": "number",
    "option": "select list",
    "options": "select list, several",
    "cascading": "cascading list",
    "labels": "labels",
    "issue": "link to a work item",
}
STEPS = (
    ("login", "Log in"),
    ("account", "Account"),
    ("projects", "Projects"),
    ("fields", "Key results"),
    ("boards", "Boards and teams"),
    ("statuses", "What counts as done"),
    ("webhook", "Webhook"),
)


@dataclass(frozen=True, slots=True)
class StepLine:
    name: str
    title: str
    href: str | None  # None: not yet
    is_here: bool


@dataclass(frozen=True, slots=True)
class StepPage:
    """One step of a draft. `found` is what that step shows beside the draft."""

    draft: Draft
    site: Site
    title: str
    here: str
    steps: tuple[StepLine, ...]
    found: Mapping[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"/connect/{self.draft.id}"

    @property
    def name(self) -> str:
        return connect_steps.name_of(self.draft)


@dataclass(frozen=True, slots=True)
class StartPage:
    drafts: tuple[Draft, ...]
    names: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True)
class LookPage:
    """`state`: looking, failed, ready, broken_off."""

    step: StepPage
    state: str
    words: str
    done: int = 0
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backfill is. `share` is in percent; None where the site does not tell how much there is."""

    done: int
    total: int | None
    share: int | None
    words: str
    is_finished: bool


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    view: ConnectionView
    edition: str
    progress: Progress | None
    webhook: WebhookState | None
    proof: str  # proven, waiting, late, old_secret, none
    callback: str
    how_to_prove: str
    can_prove: bool
    behind: Behind
    calls: CallsTold

    @property
    def has_figures(self) -> bool:
        return bool(self.behind.boards)


def start_page(store: Store, tracker: str) -> StartPage:
    with store.reading() as session:
        half_done, names = drafts.drafts(session), connections.connection_names(session)
    return StartPage(half_done, names, connect.steps_of(tracker).example)


def step_page(draft: Draft, here: str, **found: Any) -> StepPage:
    title = dict(STEPS)[here]
    reached = _reached(draft)
    lines = tuple(
        StepLine(name, words, f"/connect/{draft.id}/{name}" if name in reached else None, name == here)
        for name, words in STEPS
    )
    return StepPage(draft, connect_steps.site_of(draft), title, here, lines, found)


def _reached(draft: Draft) -> frozenset[str]:
    """The steps that can be gone to: those whose forerunners were answered."""
    names = ["login"]
    if draft.credentials and (draft.data.get("way") or draft.connection):
        names += ["account", "projects"]
    if draft.data.get("offer") is not None:
        names += ["fields", "boards", "statuses", "webhook"]
    return frozenset(names)


def next_step(draft: Draft) -> str:
    """Where a half-done draft is gone on with."""
    if draft.data.get("offer") is not None:
        return str(draft.data.get("at", "fields"))
    if draft.data.get("chosen") and draft.data.get("looking"):
        return "look"
    return "account" if draft.data.get("way") else "login"


def way_of(page_ways: tuple[Way, ...], wanted: str | None) -> Way:
    return next((way for way in page_ways if way.name == wanted), page_ways[0])


def look_page(draft: Draft, now: datetime) -> LookPage:
    step = step_page(draft, "projects")
    if draft.data.get("offer") is not None:
        return LookPage(step, "ready", "The site was looked at.")
    looking = draft.data.get("looking") or {}
    if "failed" in looking:
        return LookPage(step, "failed", str(looking["failed"]))
    if draft.updated_at is None or now - draft.updated_at > BROKEN_OFF:
        return LookPage(step, "broken_off", "The look broke off: Tieline was started anew meanwhile, perhaps.")
    done, of = int(looking.get("done") or 0), looking.get("of")
    what = f"Looking at {looking.get('what', 'the site')}"
    return LookPage(step, "looking", f"{what}: {done} of {of}." if of else f"{what}.", done, of)


def choice_of(store: Store, draft: Draft, now: datetime) -> tuple[Offer, Choice, tuple[str, ...]]:
    """What is offered, what is chosen of it so far, and the names of the register's teams."""
    offer = connect_steps.offer_of(draft)
    assert offer is not None
    teams = team_names(store, now)
    return offer, connect_steps.choice_of(draft, offer, teams), teams


def team_names(store: Store, now: datetime) -> tuple[str, ...]:
    with store.reading() as session:
        return tuple(team.name for team in plans.plan_in_force(session, now).teams)


# --- a connection that is made ----------------------------------------------------------------


def connection_page(store: Store, vault: Vault, now: datetime, name: str) -> ConnectionPage | None:
    with store.reading() as session:
        known = connections.connection_named(session, vault, name)
        health = next((one for one in reads.connections(session) if one.id == name), None)
        state = webhook_states.webhook_state(session, name)
        turn = turns.turn_of(session, name, now)
        address = connections.callback_url(session, name)
        behind = behind_of(session, health, now) if health is not None else None
        made = calling.told_of(session, name, now)
    if health is None or known is None or behind is None:
        return None
    steps = connect.steps_of(health.tracker)
    return ConnectionPage(
        view=views.connection_view(health, now),
        edition=steps.title,
        progress=progress_of(health.backfill, turn, now),
        webhook=state,
        proof=_proof(state, now),
        callback=address,
        how_to_prove=steps.how_to_cause_a_delivery,
        can_prove=steps.can_cause_delivery(known),
        behind=behind,
        calls=made,
    )


def _proof(state: WebhookState | None, now: datetime) -> str:
    if state is None:
        return "none"
    if state.is_proven:
        return "proven"
    if state.is_by_hand and state.has_old_secret:
        return "old_secret"
    return "waiting" if now - state.made_at < PROVEN_WITHIN else "late"


def progress_of(backfill: reads.BackfillProgress | None, turn: Turn | None, now: datetime) -> Progress | None:
    if backfill is None:
        return None
    done, total = backfill.done, backfill.total
    if backfill.finished_at is not None:
        return Progress(done, total, 100, f"Complete: {done:,} items.", is_finished=True)
    share = min(99, done * 100 // total) if total else None
    so_far = f"{done:,} of about {total:,} items" if total else f"{done:,} items so far"
    return Progress(done, total, share, f"{so_far}{_time_left(done, total, turn, now)}", is_finished=False)


def _time_left(done: int, total: int | None, turn: Turn | None, now: datetime) -> str:
    """From the pace of the present turn."""
    if turn is None or not turn.is_running:
        if turn is not None and turn.not_before is not None and turn.not_before > now:
            return f". It broke off, and goes on at {turn.not_before:%H:%M} UTC by itself."
        return ". It goes on by itself as soon as a worker is free."
    fetched, seconds = done - turn.began_done, (now - turn.began_at).total_seconds()
    if not total or fetched <= 0 or seconds < 5:
        return "."
    left = (total - done) * seconds / fetched
    return f", about {duration(left)} left." if left > 0 else ", nearly done."


def duration(seconds: float) -> str:
    """As people say it: half a minute is one."""
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return f"{minutes} minute{'s' if minutes > 1 else ''}"
    return f"{minutes // 60} h {minutes % 60:02d} min"
