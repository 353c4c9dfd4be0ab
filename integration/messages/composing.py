"""From kept answers to messages: what a person who was not there needs to know, in a few lines. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from integration.messages.message import Bar, Entry, Message, Part
from mappings.exact import exact_number

Document = Mapping[str, Any]
SHOWN = 8  # findings of one message
_SECONDS = 3600
_OTHERS = {"exempt": "exempt", "dead_link": "dead link", "unaligned": "unaligned"}
_VERDICTS = {
    "outcome": "Its words state an outcome.",
    "learning": "Its words state something to learn.",
    "output_only": "Its words state output only.",
    "empty_or_placeholder": "Its words state no goal yet.",
}
_WHYS = {
    "late_data": "something that happened before the completion became known only later",
    "mapping": "the register, the rules or the field mapping were changed for that time",
    "re_opened": "the sprint was opened again",
}


@dataclass(frozen=True, slots=True)
class Words:
    """`address`: where people reach the pages, None: nobody said; `titles`: of the kinds of findings."""

    address: str | None
    titles: Mapping[str, str]

    def link(self, path: str) -> str:
        return f"{self.address.rstrip('/')}{path}" if self.address else ""

    def sprint(self, connection: str, sprint: str) -> str:
        return self.link(f"/sprints/{quote(connection, safe='')}/{quote(sprint)}")

    def title(self, kind: str) -> str:
        return self.titles.get(kind, kind.replace("_", " ").capitalize())


@dataclass(frozen=True, slots=True)
class SprintNews:
    """A sprint as it is told: `document` is its kept answer in the measure of the settings."""

    connection: str
    id: str
    name: str
    board: str
    board_name: str
    team: str | None
    start: datetime | None
    end: datetime | None
    completed: datetime | None
    document: Document
    suggestions: tuple[str, ...] = ()  # of the open findings about it


@dataclass(frozen=True, slots=True)
class FindingNews:
    id: int
    connection: str
    kind: str
    subject: str
    name: str  # of the subject, where it has one
    severity: str
    suggestion: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RestatementNews:
    id: int
    connection: str
    subject: str
    name: str
    measure: str
    old: Document
    new: Document
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Audit:
    """What a digest tells: `findings` are the open ones, the gravest first, `numbers` all of them by severity."""

    numbers: Mapping[str, int]
    opened: int
    resolved: int
    since: datetime
    findings: tuple[FindingNews, ...]
    sprints: tuple[SprintNews, ...]


# --- sprints


def sprint_starts(news: SprintNews, words: Words, now: datetime) -> Message:
    final = news.document["scopes"].get("final")
    return Message(
        topic="sprint_starts",
        title=f"{news.name} starts {_in_words(news.start, now)}",
        at=now,
        paragraphs=(*_goal(news.document["goal"]), *news.suggestions),
        bars=_bars(news.document, ("final",)),
        facts=(*_place(news), *_unaligned(final)),
        url=words.sprint(news.connection, news.id),
        link="Open the sprint",
        data=_sprint_data(news, ("final",)),
    )


def sprint_closed(news: SprintNews, words: Words, now: datetime) -> Message:
    scopes = news.document["scopes"]
    measure = str(news.document["measure"])
    moved = tuple(
        (name.replace("_", " "), _total(scopes[name], measure))
        for name in ("added", "removed", "carried_over", "dropped")
        if scopes.get(name) is not None and scopes[name]["items"]
    )
    return Message(
        topic="sprint_closed",
        title=f"{news.name} is closed",
        at=news.completed or now,
        paragraphs=(*_goal(news.document["goal"]), *news.suggestions),
        bars=_bars(news.document, ("completed", "final")),
        facts=(*_place(news), *moved),
        url=words.sprint(news.connection, news.id),
        link="Open the sprint review",
        data=_sprint_data(news, ("committed", "final", "completed", "carried_over")),
    )


def _goal(goal: Document) -> tuple[str, ...]:
    text = (goal.get("text") or "").strip()
    if not text:
        return ("No goal is known.",)
    overruled = goal.get("overruled")  # a person's word comes before the judge's
    label = overruled["label"] if overruled else goal.get("verdict") if goal.get("is_checked", True) else None
    verdict = _VERDICTS.get(str(label), "")
    return (f"Goal: {text}", verdict) if verdict else (f"Goal: {text}",)


def _place(news: SprintNews) -> tuple[tuple[str, str], ...]:
    days = " to ".join(
        f"{moment:%Y-%m-%d}" for moment in (news.start, news.completed or news.end) if moment is not None
    )
    return tuple((name, said) for name, said in (("board", news.board_name), ("days", days)) if said)


def _unaligned(figure: Document | None) -> tuple[tuple[str, str], ...]:
    percent = None if figure is None else figure["unaligned"]["percent"]
    return (("unaligned", "nothing to share out" if percent is None else f"{percent} %"),)


def _in_words(start: datetime | None, now: datetime) -> str:
    if start is None or start <= now:
        return "now"
    minutes = round((start - now).total_seconds() / 60)
    number, unit = (minutes, "minute") if minutes < 90 else (round(minutes / 60), "hour")
    if number >= 36 and unit == "hour":
        number, unit = round(number / 24), "day"
    return f"in {number} {unit}{'' if number == 1 else 's'} ({start:%Y-%m-%d %H:%M} UTC)"


def _bars(document: Document, scopes: Sequence[str]) -> tuple[Bar, ...]:
    measure = str(document["measure"])
    labels = {"completed": "Completed", "final": "In the sprint"}
    figures = ((labels[scope], document["scopes"].get(scope)) for scope in scopes)
    return tuple(bar_of(label, figure, measure) for label, figure in figures if figure is not None)


def bar_of(label: str, figure: Document, measure: str) -> Bar:
    """A kept figure as a bar: key results by share, then exempt, dead link, unaligned."""
    parts: list[Part] = []
    if figure["unaligned"]["percent"] is not None:
        parts = [Part(part["key_result"], "key_result", int(part["percent"])) for part in figure["shares"]]
        parts += [Part(name, kind, int(figure[kind]["percent"])) for kind, name in _OTHERS.items()]
    return Bar(label, _total(figure, measure), tuple(parts))


def _total(figure: Document, measure: str) -> str:
    value = float(exact_number(figure["total"]))
    items = figure["items"] if isinstance(figure["items"], int) else len(figure["items"])
    counted = f"{items} item{'' if items == 1 else 's'}"
    if measure == "count":
        return counted
    amount = f"{value:.4g} points" if measure == "points" else f"{value / _SECONDS:.4g} hours"
    return f"{amount}, {counted}"


def _sprint_data(news: SprintNews, scopes: Sequence[str]) -> dict[str, Any]:
    document = news.document
    return {
        "connection": news.connection,
        "sprint": news.id,
        "name": news.name,
        "board": news.board,
        "team": news.team,
        "start": _moment(news.start),
        "end": _moment(news.end),
        "completed": _moment(news.completed),
        "measure": document["measure"],
        "goal": {name: document["goal"].get(name) for name in ("text", "verdict")},
        "figures": {scope: figure_data(document["scopes"].get(scope)) for scope in scopes},
    }


def figure_data(figure: Document | None) -> dict[str, Any] | None:
    """A figure without its receipts; None where the scope does not exist or is not known."""
    if figure is None:
        return None
    shares = {part["key_result"]: part["percent"] for part in figure["shares"]}
    items = figure["items"] if isinstance(figure["items"], int) else len(figure["items"])
    return {
        "total": figure["total"],
        "items": items,
        "key_results": shares,
        **{kind: figure[kind]["percent"] for kind in _OTHERS},
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


# --- findings


def findings_message(topic: str, found: Sequence[FindingNews], words: Words, now: datetime) -> Message:
    """One message for all that came up together: a channel is not flooded."""
    did = "opened" if topic == "finding_opened" else "resolved"
    if len(found) == 1:
        title = f"Finding {did}: {words.title(found[0].kind)}"
    else:
        title = f"{len(found)} findings {did}"
    more = len(found) - SHOWN
    return Message(
        topic=topic,
        title=title,
        at=max((one.at for one in found), default=now),
        paragraphs=(f"The first {SHOWN} of them:",) if more > 0 else (),
        entries=tuple(_entry(one, words) for one in found[:SHOWN]),
        url=words.link(f"/findings/{found[0].id}" if len(found) == 1 else "/findings"),
        link="Open the finding" if len(found) == 1 else "Open the findings",
        data=finding_data(found[0]) if len(found) == 1 else {"findings": [finding_data(one) for one in found]},
    )


def _entry(finding: FindingNews, words: Words) -> Entry:
    name = f"{finding.subject} {finding.name}".strip() if finding.name != finding.subject else finding.subject
    said = f" {finding.suggestion}" if finding.suggestion else ""
    return Entry(
        f"{finding.severity}: {words.title(finding.kind)}, {name}.{said}", words.link(f"/findings/{finding.id}")
    )


def finding_data(finding: FindingNews) -> dict[str, Any]:
    return {
        "id": finding.id,
        "connection": finding.connection or None,  # None: of all of them together
        "kind": finding.kind,
        "subject": finding.subject,
        "severity": finding.severity,
        "suggestion": finding.suggestion,
        "at": finding.at.isoformat(),
    }


# --- the digest


def digest(audit: Audit, words: Words, now: datetime) -> Message:
    numbers = ", ".join(f"{number} {severity}" for severity, number in audit.numbers.items() if number)
    running = tuple(
        Bar(f"{one.board_name}, {one.name}", bar.total, bar.parts)
        for one in audit.sprints
        for bar in _bars(one.document, ("final",))
    )
    return Message(
        topic="digest",
        title="Backlog audit",
        at=now,
        paragraphs=(
            f"Open findings: {numbers or 'none'}.",
            f"Since {audit.since:%Y-%m-%d}: {audit.opened} opened, {audit.resolved} resolved.",
        ),
        bars=running,
        entries=tuple(_entry(one, words) for one in audit.findings[:SHOWN]),
        url=words.link("/findings"),
        link="Open the findings",
        data={
            "open": dict(audit.numbers),
            "opened": audit.opened,
            "resolved": audit.resolved,
            "since": audit.since.isoformat(),
            "findings": [finding_data(one) for one in audit.findings[:SHOWN]],
            "sprints": [_sprint_data(one, ("final",)) for one in audit.sprints],
        },
    )


# --- restatements


def restated(news: RestatementNews, words: Words) -> Message:
    pairs = tuple(_pair(scope, news) for scope in ("completed", "final") if scope in news.new.get("scopes", {}))
    return Message(
        topic="figure_restated",
        title=f"The figures of {news.name} changed after its close",
        at=news.at,
        paragraphs=(f"Why: {_WHYS.get(news.why, news.why)}.",),
        facts=tuple(pair for pair in pairs if pair is not None),
        url=words.sprint(news.connection, news.subject),
        link="Open the sprint",
        data={
            "connection": news.connection,
            "sprint": news.subject,
            "name": news.name,
            "measure": news.measure,
            "why": news.why,
            "learnt_at": news.at.isoformat(),
            "old": _figures(news.old),
            "new": _figures(news.new),
        },
    )


def _pair(scope: str, news: RestatementNews) -> tuple[str, str] | None:
    old, new = ((one.get("scopes") or {}).get(scope) for one in (news.old, news.new))
    said = [_shares(figure) for figure in (old, new)]
    return (scope, f"{said[0]} before, {said[1]} now") if said[0] != said[1] else None


def _shares(figure: Document | None) -> str:
    if figure is None:
        return "not known"
    if figure["unaligned"]["percent"] is None:
        return "nothing to share out"
    parts: Iterable[tuple[str, int]] = [
        *((part["key_result"], part["percent"]) for part in figure["shares"]),
        *((name, figure[kind]["percent"]) for kind, name in _OTHERS.items()),
    ]
    return ", ".join(f"{name} {percent} %" for name, percent in parts if percent)


def _figures(summary: Document) -> dict[str, Any]:
    scopes = summary.get("scopes") or {}
    return {scope: figure_data(scopes.get(scope)) for scope in ("final", "completed")}


# --- a test


def trial(now: datetime, words: Words) -> Message:
    krs = (Part("KR-1", "key_result", 45), Part("KR-2", "key_result", 20))
    others = (Part("exempt", "exempt", 10), Part("dead link", "dead_link", 5), Part("unaligned", "unaligned", 20))
    bar = Bar("An example", "20 points, 8 items", (*krs, *others))
    return Message(
        topic="test",
        title="Tieline can reach you",
        at=now,
        paragraphs=("This is a test. The bar below shows how much of a sprint's work serves which key result.",),
        bars=(bar,),
        url=words.link("/"),
        data={},
    )
