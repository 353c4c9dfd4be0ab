"""What the API answers with, as JSON: the same values that the pages show."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from integration.store import kr_reads, page_reads, reads
from integration.store.opened import Store
from integration.store.reads import OUTSIDE, Answer, FindingEvent, KeptFinding, SprintAnswer
from mappings.document import key_result_document, moment_text
from mappings.exact import exact_text
from reports.finding_pages import LIVING, STATES
from reports.finding_teams import of_team
from reports.scope_change import Step, scope_change
from reports.views import Ground, chosen_measure, ground_of

Json = dict[str, Any]


def boards(store: Store, measure: str | None, now: datetime) -> Json:
    with store.reading() as session:
        chosen = chosen_measure(ground_of(session, now), measure)
        found = reads.boards_with_running_sprints(session, chosen)
    return {
        "measure": chosen,
        "boards": [
            {
                "connection": board.connection,
                "id": board.id,
                "name": board.name,
                "team": board.team,
                "periods": board.periods,
                "running_sprints": [line.summary or {"id": line.id, "name": line.name} for line in sprints],
            }
            for board, sprints in found
        ],
    }


def board(store: Store, now: datetime, connection: str, board: str, measure: str | None) -> Json | None:
    """None: there is no such board."""
    with store.reading() as session:
        chosen = chosen_measure(ground_of(session, now), measure)
        line = next((one for one in reads.boards(session, connection) if one.id == board), None)
        sprints = reads.sprints_of_board(session, connection, board, chosen)
        periods = page_reads.periods_of_board(session, connection, board)
    if line is None:
        return None
    return {
        "measure": chosen,
        "connection": line.connection,
        "id": line.id,
        "name": line.name,
        "team": line.team,
        "periods_are": line.periods,
        "sprints": [one.summary or {"id": one.id, "name": one.name, "state": one.state} for one in sprints],
        "periods": [one.summary for one in periods],
    }


def sprints(store: Store, state: str | None, board: str | None) -> Json:
    with store.reading() as session:
        found = page_reads.all_sprints(session)
        return {
            "sprints": [
                {
                    "connection": row.connection,
                    "id": row.id,
                    "name": row.name,
                    "board": row.board,
                    "state": row.state,
                    "start": _moment(row.start),
                    "end": _moment(row.end),
                    "completed": _moment(row.completed),
                }
                for row in found
                if state in (None, row.state) and board in (None, row.board)
            ]
        }


def sprint(store: Store, name: str, measure: str | None, now: datetime) -> Json | None:
    """`name` is `connection/id`, or an id that only one connection has. None: no such sprint, or nothing decided."""
    with store.reading() as session:
        chosen = chosen_measure(ground_of(session, now), measure)
        connection, sprint_id = place_of_sprint(session, name)
        found = reads.sprint_answer(session, connection, sprint_id, chosen)
        raised = reads.open_findings(session, connection, subject=sprint_id, states=LIVING)
    return None if found is None else _sprint(connection, found, raised)


def place_of_sprint(session: Any, name: str) -> tuple[str, str]:
    """`connection/id`, or an id that only one connection has."""
    return _place(name, page_reads.connections_of_sprint(session, name))


def place_of_period(session: Any, name: str) -> tuple[str, str]:
    return _place(name, page_reads.connections_of_period(session, name))


def _place(name: str, with_id: Sequence[str]) -> tuple[str, str]:
    head, _, rest = name.partition("/")
    return (with_id[0], name) if len(with_id) == 1 else (head, rest)


def _sprint(connection: str, found: SprintAnswer, raised: Iterable[KeptFinding]) -> Json:
    answer = found.answer
    change = scope_change(connection, found.sprint.id, answer.document["measure"], answer.document)
    return {
        "connection": connection,
        **answer.document,
        "url": found.sprint.url,
        "decided_at": moment_text(answer.decided_at),
        "versions": answer.versions,
        "corrected": _corrected(found.corrected),
        "outside": _outside(found.outside),
        "scope_change": None if change is None else [_step(step) for step in change.steps],
        "findings": [finding(one) for one in raised],
        "restatements": [
            {"learnt_at": moment_text(one.learnt_at), "why": one.why, "old": one.old, "new": one.new}
            for one in found.restatements
        ],
    }


def _step(step: Step) -> Json:
    """A level, or how the work came from one to the next."""
    return {
        "name": step.name,
        "is_level": step.is_level,
        "from": exact_text(step.start),
        "to": exact_text(step.end),
        "items": list(step.items),
        "more_items": step.more,
        "note": step.note,
    }


def _corrected(answer: Answer | None) -> Json | None:
    return None if answer is None else {**answer.document, "decided_at": moment_text(answer.decided_at)}


def _outside(answer: Answer | None) -> Json | None:
    """The work outside sprints between two completions, never mixed into the sprint's own."""
    if answer is None:
        return None
    document = answer.document
    figure, receipt = document["scopes"][OUTSIDE], document["receipts"][OUTSIDE]
    return {"since": document["since"], **figure, "receipt": receipt, "decided_at": moment_text(answer.decided_at)}


def periods(store: Store, state: str | None, board: str | None) -> Json:
    """The periods of boards without sprints; the latest of each board last."""
    with store.reading() as session:
        found = page_reads.all_periods(session)
    return {
        "periods": [
            {"connection": line.connection, **line.summary}
            for line in found
            if state in (None, line.summary["state"]) and board in (None, line.board)
        ]
    }


def period(store: Store, name: str) -> Json | None:
    """`name` is `connection/id`, or an id that only one connection has. None: there is no such period."""
    with store.reading() as session:
        connection, period_id = place_of_period(session, name)
        document = page_reads.answer_of_period(session, connection, period_id)
    return None if document is None else {"connection": connection, **document}


def findings(
    store: Store,
    now: datetime,
    kind: str | None,
    state: str | None,
    severity: str | None,
    team: str = "",
    connection: str | None = None,
) -> Json:
    with store.reading() as session:
        every = reads.open_findings(session, connection=connection, kind=kind, states=_states(state))
        found = of_team(session, ground_of(session, now), every, team) if team else every
    return {"findings": [finding(one) for one in found if severity in (None, one.severity)]}


def orphans(store: Store) -> Json:
    """Orphan epics with their titles, the costliest first, and what stands in their place in an untagged backlog."""
    with store.reading() as session:
        found = reads.open_findings(session, states=LIVING)
        epics = [one for one in found if one.kind == "orphan_epic"]
        lines = _lines(session, epics)
    return {
        "epics": [{**finding(one), **lines.get((one.connection, one.subject), {})} for one in epics],
        "untagged_backlogs": [finding(one) for one in found if one.kind == "untagged_backlog"],
    }


def _lines(session: Any, epics: Iterable[KeptFinding]) -> dict[tuple[str, str], Json]:
    keys: dict[str, list[str]] = {}
    for one in epics:
        keys.setdefault(one.connection, []).append(one.subject)
    return {
        (connection, key): {"title": line.title, "url": line.url}
        for connection, some in keys.items()
        for key, line in page_reads.items_named(session, connection, some).items()
    }


def finding(one: KeptFinding) -> Json:
    return {
        "id": one.id,
        "connection": one.connection or None,  # None: of all of them together
        "kind": one.kind,
        "subject": one.subject,
        "severity": one.severity,
        "evidence": one.evidence,
        "suggestion": one.suggestion,
        "state": one.state,
        "opened_at": moment_text(one.opened_at),
        "resolved_at": _moment(one.resolved_at),
        "muted_until": _moment(one.muted_until),
        "actor": one.actor,
        "reason": one.reason,
    }


def finding_with_events(one: KeptFinding, events: Iterable[FindingEvent]) -> Json:
    return {**finding(one), "events": [_event(event) for event in events]}


def _event(event: FindingEvent) -> Json:
    return {
        "at": moment_text(event.at),
        "event": event.event,
        "actor": event.actor,
        "reason": event.reason,
        "until": _moment(event.until),
    }


def key_results(store: Store, now: datetime) -> Json:
    with store.reading() as session:
        ground = ground_of(session, now)
        readings = kr_reads.readings(session, ground.plan, now)
    documents = ({**key_result_document(one), "linked_epics": list(epics)} for one, epics in readings)
    return {"key_results": with_names(ground, documents)}


def with_names(ground: Ground, readings: Iterable[Json]) -> list[Json]:
    """The readings with what the register says of their key results."""
    found = []
    for reading in readings:
        kr = ground.names.get(reading["code"])
        about = {"title": kr.title, "objective": kr.objective, "team": kr.team} if kr is not None else {}
        found.append({**reading, **about})
    return found


def rollups(store: Store, by: str | None, cycle: str | None) -> Json:
    """Those by board, each of its connection; those by team and company of all connections together."""
    with store.reading() as session:
        found = page_reads.rollups(session)
    chosen = [(name, one) for name, one in found if by in (None, one["by"]) and cycle in (None, one["cycle"])]
    return {"rollups": [{"connection": name or None, **one} for name, one in chosen]}


def _states(state: str | None) -> tuple[str, ...]:
    if state == "all":
        return STATES
    return (state,) if state in STATES else ("open",)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment_text(moment)
