"""What each subscription may not have been told of yet: asked of the store, judged by what was subscribed to."""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine
from sqlmodel import Session

from integration.messages import composing, schedule
from integration.messages.composing import FindingNews, RestatementNews, SprintNews, Words
from integration.messages.message import Message
from integration.store import messages, messages_news, page_reads, plans, reads
from integration.store.due import OF_ALL
from integration.store.messages import Subscription
from integration.store.messages_news import FindingFact, SprintFact
from mappings.model import Plan
from mappings.tags import Register

log = logging.getLogger(__name__)

FRESH = timedelta(hours=24)  # what is older is old news, such as after a long outage
FRESH_CLOSE = timedelta(hours=48)
LATE_START = timedelta(hours=1)  # a sprint that should have started is still said to, so long
LATE_DIGEST = timedelta(hours=12)
SEVERITIES = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Herald:
    """`of_sprints`: the kinds of findings whose subject is a sprint; `of_items`: an item."""

    engine: Engine
    clock: Callable[[], datetime]
    words: Words
    of_sprints: frozenset[str] = frozenset()
    of_items: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a subscription may not have been told of yet: `marks` name what is in it, `made` composes those of them that
    are new. `next_at`: when this subscription comes next, where it comes by the clock."""

    subscription: Subscription
    marks: tuple[str, ...]
    made: Callable[[Collection[str]], Sequence[Message]]
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Ground:
    """What all subscriptions are judged by at one look."""

    herald: Herald
    session: Session
    now: datetime
    plan: Plan
    register: Register
    settled: dict[str, datetime]
    channels: dict[str, str]  # by destination

    @property
    def measure(self) -> str:
        return self.plan.settings.measure.value

    def is_news(self, connection: str, at: datetime, subscription: Subscription) -> bool:
        """It happened after the subscription, and was not brought to light by the reading of a whole backlog."""
        since = self.settled.get(connection)
        return since is not None and at > max(since, subscription.since)


def candidates(herald: Herald, session: Session, now: datetime) -> Iterable[Candidate]:
    known = messages.subscriptions(session)
    if not known:
        return
    plan = plans.plan_in_force(session, now)
    channels = {one.name: one.channel for one in messages.destinations(session)}
    settled = messages_news.settled(session)
    ground = _Ground(herald, session, now, plan, Register(plan), settled, channels)
    for topic, ask in _QUESTIONS.items():
        mine = [one for one in known if one.topic == topic]
        if mine:
            yield from ask(ground, mine)


def _closed(ground: _Ground, mine: Sequence[Subscription]) -> Iterable[Candidate]:
    since = max(min(one.since for one in mine), ground.now - FRESH_CLOSE)
    for fact in messages_news.closed_sprints(ground.session, since, ground.measure):
        assert fact.completed is not None
        for one in mine:
            if fact.connection in ground.settled and fact.completed >= one.since and _is_wanted(ground, one, fact):
                # A sprint that was opened again is closed again: that is another close.
                mark = f"sprint_closed:{fact.connection}/{fact.id}/{fact.completed.isoformat()}"
                yield _one(one, mark, partial(_closed_message, ground, fact))


def _closed_message(ground: _Ground, fact: SprintFact) -> Message:
    return composing.sprint_closed(_sprint_news(ground, fact), ground.herald.words, ground.now)


def _starting(ground: _Ground, mine: Sequence[Subscription]) -> Iterable[Candidate]:
    offsets = {one.id: schedule.before_start(one.schedule or "at sprint start") for one in mine}
    until = ground.now + max(offsets.values())
    for fact in messages_news.starting_sprints(ground.session, ground.now - LATE_START, until, ground.measure):
        assert fact.start is not None
        for one in mine:
            is_time = fact.start - offsets[one.id] <= ground.now
            if is_time and fact.connection in ground.settled and _is_wanted(ground, one, fact):
                # The day is part of the mark: a sprint that was put off is told of again.
                mark = f"sprint_starts:{fact.connection}/{fact.id}/{fact.start:%Y-%m-%d}"
                yield _one(one, mark, partial(_starting_message, ground, fact))


def _starting_message(ground: _Ground, fact: SprintFact) -> Message:
    return composing.sprint_starts(_sprint_news(ground, fact), ground.herald.words, ground.now)


def _one(subscription: Subscription, mark: str, compose: Callable[[], Message]) -> Candidate:
    return Candidate(subscription, (mark,), lambda fresh: [compose()] if fresh else [])


def _is_wanted(ground: _Ground, subscription: Subscription, fact: SprintFact) -> bool:
    return (
        subscription.connection in (None, fact.connection)
        and subscription.board in (None, fact.board)
        and _is_of(ground, subscription.team, fact.team)
    )


def _is_of(ground: _Ground, wanted: str | None, team: str | None) -> bool:
    """What is said of a team holds its sub-teams' too."""
    return wanted is None or (team is not None and wanted in ground.register.teams_above(team))


def _sprint_news(ground: _Ground, fact: SprintFact) -> SprintNews:
    raised = reads.open_findings(ground.session, fact.connection, subject=fact.id)
    said = tuple(dict.fromkeys(one.suggestion for one in raised if one.kind in ground.herald.of_sprints))
    return SprintNews(
        fact.connection,
        fact.id,
        fact.name,
        fact.board,
        fact.board_name,
        fact.team,
        fact.start,
        fact.end,
        fact.completed,
        fact.summary,
        tuple(one for one in said if one)[:2],
    )


# --- findings


def _opened(ground: _Ground, mine: Sequence[Subscription]) -> Iterable[Candidate]:
    return _findings(ground, mine, "opened")


def _resolved(ground: _Ground, mine: Sequence[Subscription]) -> Iterable[Candidate]:
    return _findings(ground, mine, "resolved")


def _findings(ground: _Ground, mine: Sequence[Subscription], event: str) -> Iterable[Candidate]:
    since = max(min(one.since for one in mine), ground.now - FRESH)
    facts = messages_news.finding_events(ground.session, event, since)
    names = _names(ground, facts)
    teams: dict[int, str | None] = {}
    for one in mine:
        fresh = (fact for fact in facts if ground.is_news(fact.connection, fact.at, one))
        wanted = [fact for fact in fresh if _is_about(ground, one, fact, teams)]
        news = {f"finding_{event}:{fact.event}": _finding_news(fact, names) for fact in wanted}
        if news:
            is_apart = ground.channels.get(one.destination) == "webhook"
            made = partial(_finding_messages, ground, one.topic, news, is_apart=is_apart)
            yield Candidate(one, tuple(news), made)


def _finding_messages(
    ground: _Ground, topic: str, news: dict[str, FindingNews], fresh: Collection[str], *, is_apart: bool
) -> list[Message]:
    """Programs are told each alone, people of all that came up together."""
    told = [one for mark, one in news.items() if mark in fresh]
    told.sort(key=lambda one: -SEVERITIES.index(one.severity))
    groups = [[one] for one in told] if is_apart else [told]
    return [composing.findings_message(topic, group, ground.herald.words, ground.now) for group in groups if group]


def _is_about(ground: _Ground, subscription: Subscription, fact: FindingFact, teams: dict[int, str | None]) -> bool:
    """Does the subscription want findings of this severity, site and team? What is told of all connections together
    concerns each of them."""
    least = SEVERITIES.index(subscription.severity or "low")
    is_elsewhere = fact.connection != OF_ALL and subscription.connection not in (None, fact.connection)
    if SEVERITIES.index(fact.severity) < least or is_elsewhere:
        return False
    if subscription.team is None:
        return True
    if fact.id not in teams:
        teams[fact.id] = _team_of(ground, fact)
    return _is_of(ground, subscription.team, teams[fact.id])


def _team_of(ground: _Ground, fact: FindingFact) -> str | None:
    if fact.kind in ground.herald.of_sprints:
        return page_reads.team_of_sprint(ground.session, fact.connection, fact.subject)
    if fact.kind in ground.herald.of_items:
        return page_reads.team_of_item(ground.session, fact.connection, fact.subject)
    return ground.register.team_of(fact.subject) if fact.subject in ground.register.key_results else None


def _names(ground: _Ground, facts: Iterable[FindingFact]) -> dict[tuple[str, str], str]:
    """The names of sprints and items that findings are about."""
    found = tuple(facts)
    named = frozenset(fact.subject for fact in found if fact.kind in ground.herald.of_sprints)
    names = dict(page_reads.names_of_sprints(ground.session, named)) if named else {}
    for connection in sorted({fact.connection for fact in found}):
        keys = {fact.subject for fact in found if fact.connection == connection and fact.kind in ground.herald.of_items}
        lines = page_reads.items_named(ground.session, connection, keys) if keys else {}
        names |= {(connection, key): line.title for key, line in lines.items()}
    return names


def _finding_news(fact: FindingFact, names: dict[tuple[str, str], str]) -> FindingNews:
    name = names.get((fact.connection, fact.subject), "")
    return FindingNews(fact.id, fact.connection, fact.kind, fact.subject, name, fact.severity, fact.suggestion, fact.at)


# --- restatements


def _restated(ground: _Ground, mine: Sequence[Subscription]) -> Iterable[Candidate]:
    since = max(min(one.since for one in mine), ground.now - FRESH)
    for told in messages_news.restatements(ground.session, since):
        fact = messages_news.sprint_fact(ground.session, told.connection, told.subject, told.measure)
        if fact is None:
            continue
        news = RestatementNews(
            told.id,
            told.connection,
            told.subject,
            fact.name,
            told.measure,
            told.old,
            told.new,
            told.why,
            told.at,
        )
        for one in mine:
            is_apart = ground.channels.get(one.destination) == "webhook" or told.measure == ground.measure
            if is_apart and ground.is_news(told.connection, told.at, one) and _is_wanted(ground, one, fact):
                yield _one(one, f"figure_restated:{told.id}", partial(composing.restated, news, ground.herald.words))


# --- the digest


def _digests(ground: _Ground, mine: Sequence[Subscription]) -> Iterable[Candidate]:
    for one in mine:
        if one.next_at is None or one.next_at > ground.now:
            continue
        zone = ground.plan.settings.time_zone
        following = schedule.recurring(one.schedule or "", zone).after(ground.now)
        is_late = ground.now - one.next_at > LATE_DIGEST
        made = partial(_digest_messages, ground, one)
        if is_late:
            log.warning("a digest is too late and left out", extra={"subscription": one.id})
        marks = () if is_late else (f"digest:{one.next_at.isoformat()}",)
        yield Candidate(one, marks, made, next_at=following)


def _digest_messages(ground: _Ground, subscription: Subscription, _fresh: Collection[str]) -> list[Message]:
    """What is open in the connections and teams that the subscription is about."""
    assert subscription.next_at is not None
    every = schedule.recurring(subscription.schedule or "", ground.plan.settings.time_zone)
    since = subscription.next_at - (every.after(subscription.next_at) - subscription.next_at)
    teams: dict[int, str | None] = {}
    changed = [
        event
        for event, fact in messages_news.finding_changes(ground.session, since)
        if _is_about(ground, subscription, fact, teams)
    ]
    every_open = messages_news.open_findings(ground.session)
    shown = [fact for fact in every_open if _is_about(ground, subscription, fact, teams)]
    names = _names(ground, shown[: composing.SHOWN])
    running = [
        _sprint_news(ground, fact)
        for fact in messages_news.running_sprints(ground.session, ground.measure)
        if _is_wanted(ground, subscription, fact)
    ]
    numbers = {severity: sum(fact.severity == severity for fact in shown) for severity in reversed(SEVERITIES)}
    audit = composing.Audit(
        numbers,
        changed.count("opened"),
        changed.count("resolved"),
        since,
        tuple(_finding_news(fact, names) for fact in shown[: composing.SHOWN]),
        tuple(running),
    )
    return [composing.digest(audit, ground.herald.words, ground.now)]


_QUESTIONS: dict[str, Callable[[_Ground, Sequence[Subscription]], Iterable[Candidate]]] = {
    "sprint_closed": _closed,
    "sprint_starts": _starting,
    "finding_opened": _opened,
    "finding_resolved": _resolved,
    "figure_restated": _restated,
    "digest": _digests,
}
