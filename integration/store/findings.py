"""Findings and their lives: what the core sees is laid over what is kept, and persons' acts are kept for good."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from integration.store import due
from integration.store.bulk import batches
from integration.store.tables import ActRow, FindingEventRow, FindingRow
from mappings.document import plain_data
from mappings.lifecycle import Act, Life, Spell, advance, state_at
from mappings.model import Finding, Severity


def _whatever(_kind: str, _subject: str) -> bool:
    return True


def keep_findings(
    session: Session,
    connection: str,
    seen: Iterable[Finding],
    now: datetime,
    was_looked_for: Callable[[str, str], bool] = _whatever,
) -> bool:
    """Lay what is true now over what is known, where it was looked for; say whether anything changed."""
    plain = [_plain(finding) for finding in seen]
    known_rows = _known(session, connection, plain)
    is_seen = {(finding.kind, finding.subject) for finding in plain}
    rows = {name: row for name, row in known_rows.items() if name in is_seen or was_looked_for(*name)}
    events = _events(session, [row.id for row in rows.values() if row.id is not None])
    lives = {identity: _life(row, events.get(row.id or 0, [])) for identity, row in rows.items()}
    changed = False
    for life in advance(lives.values(), plain, now):
        known = lives.get(life.identity)
        row = rows.get(life.identity)
        if known is not life or row is None or row.state != state_at(life, now):
            row = row or FindingRow(connection=connection, kind=life.finding.kind, subject=life.finding.subject)
            _write(session, row, known, life, now)
            changed = True
    session.flush()
    return changed


def lasting(session: Session, connection: str, kind: str) -> tuple[Finding, ...]:
    """The findings of a kind that are not resolved, as last seen."""
    mine = (col(FindingRow.connection) == connection, col(FindingRow.kind) == kind)
    rows = session.scalars(select(FindingRow).where(*mine, col(FindingRow.state) != "resolved"))
    return tuple(_finding(row) for row in rows)


def _finding(row: FindingRow) -> Finding:
    return Finding(row.kind, row.subject, Severity(row.severity), row.evidence, row.suggestion)


def _plain(finding: Finding) -> Finding:
    evidence = plain_data(finding.evidence)
    assert isinstance(evidence, dict)
    return Finding(finding.kind, finding.subject, finding.severity, evidence, finding.suggestion)


def _known(session: Session, connection: str, seen: Sequence[Finding]) -> dict[tuple[str, str], FindingRow]:
    """Those that are not resolved, and of the others those that came back."""
    mine = select(FindingRow).where(col(FindingRow.connection) == connection)
    found = {(row.kind, row.subject): row for row in session.scalars(mine.where(col(FindingRow.state) != "resolved"))}
    by_kind: dict[str, list[str]] = {}
    for finding in seen:
        if (finding.kind, finding.subject) not in found:
            by_kind.setdefault(finding.kind, []).append(finding.subject)
    for kind, subjects in by_kind.items():
        for some in batches(subjects):
            back = mine.where(col(FindingRow.kind) == kind, col(FindingRow.subject).in_(some))
            found |= {(row.kind, row.subject): row for row in session.scalars(back)}
    return found


def _events(session: Session, ids: Sequence[int]) -> dict[int, list[FindingEventRow]]:
    found: dict[int, list[FindingEventRow]] = {}
    for some in batches(ids):
        question = select(FindingEventRow).where(col(FindingEventRow.finding_id).in_(some))
        for event in session.scalars(question.order_by(col(FindingEventRow.id))):
            found.setdefault(event.finding_id, []).append(event)
    return found


def _life(row: FindingRow, events: Iterable[FindingEventRow]) -> Life:
    spells: list[Spell] = []
    acts: list[Act] = []
    for event in events:
        if event.event == "opened":
            spells.append(Spell(event.at))
        elif event.event == "resolved":
            spells[-1] = Spell(spells[-1].opened_at, event.at)
        else:
            acts.append(Act(event.event, event.actor or "", event.at, event.reason or "", event.until))
    return Life(_finding(row), tuple(spells), tuple(acts))


def _write(session: Session, row: FindingRow, known: Life | None, life: Life, now: datetime) -> None:
    finding, spell = life.finding, life.spells[-1]
    row.severity = finding.severity.value
    row.evidence = dict(finding.evidence)
    row.suggestion = finding.suggestion
    row.state = state_at(life, now)
    row.opened_at, row.resolved_at = spell.opened_at, spell.resolved_at
    session.add(row)
    session.flush()
    assert row.id is not None
    before = known.spells if known is not None else ()
    if len(life.spells) > len(before):
        session.add(FindingEventRow(finding_id=row.id, at=spell.opened_at, event="opened"))
    elif spell != before[-1]:
        assert spell.resolved_at is not None
        session.add(FindingEventRow(finding_id=row.id, at=spell.resolved_at, event="resolved"))


def acknowledge(session: Session, finding_id: int, now: datetime, *, actor: str, reason: str) -> bool:
    """A person has seen it and lives with it while it lasts. False: there is no such finding."""
    return _act(session, finding_id, Act("acknowledged", actor, now, reason))


def mute(session: Session, finding_id: int, now: datetime, *, actor: str, reason: str, until: datetime | None) -> bool:
    """A person does not want to hear of it until a moment. False: there is no such finding."""
    return _act(session, finding_id, Act("muted", actor, now, reason, until))


def _act(session: Session, finding_id: int, act: Act) -> bool:
    row = session.get(FindingRow, finding_id)
    if row is None:
        return False
    session.add(
        FindingEventRow(
            finding_id=finding_id, at=act.at, event=act.kind, actor=act.by, reason=act.reason, until=act.until
        )
    )
    session.flush()
    life = _life(row, _events(session, [finding_id])[finding_id])
    row.state = state_at(life, act.at)
    row.actor, row.reason, row.muted_until = act.by, act.reason, act.until
    subject = f"{row.connection}: {row.kind} {row.subject}"
    session.add(ActRow(at=act.at, actor=act.by, act=f"finding_{act.kind}", subject=subject, reason=act.reason))
    session.flush()
    due.beat_for_pages(session, act.at)
    return True


def mutes_that_ran_out(session: Session, now: datetime) -> tuple[str, ...]:
    """In which connections has the time of a mute passed?"""
    muted = select(col(FindingRow.connection)).where(col(FindingRow.state) == "muted")
    return tuple(sorted(set(session.scalars(muted.where(col(FindingRow.muted_until) <= now)))))
