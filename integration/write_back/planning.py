"""From a wish to its preview: every line says what is there, what would be written, or why nothing can be.

It reads from the tracker and writes to our store alone.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from integration import contract
from integration.contract import Connection, KeyResultTag, Mark, Misconfigured, Proposal, Remark, Writer
from integration.store import reads
from integration.store.backlog import backlog_at
from integration.store.engine import reading, writing
from integration.store.page_reads import items_named
from integration.store.plans import plan_in_force
from integration.store.write_back import keep_plan
from integration.store.write_back_records import NewChange, Run, items_of_keys, marked_by_us
from integration.write_back import targets
from integration.write_back.coverage import coverage_text
from integration.write_back.wishes import CommentCoverage, MarkOrphans, SetKeyResults, wish_of
from mappings.model import Item
from mappings.reckoning import Reckoning

_UNKNOWN = "Tieline knows no item by this key on this connection."


@dataclass(frozen=True, slots=True)
class _Line:
    """An item as the preview names it; `id` None: the store does not have it."""

    key: str
    title: str = ""
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """What planning works with: a connection, how its tracker is written to, and what the store knows."""

    engine: Engine
    connection: Connection
    writer: Writer
    now: datetime


def plan(desk: Desk, run: Run) -> None:
    """Make the preview of a run and keep it; raise a tracker's error where there is none."""
    wish = wish_of(run.kind, run.wish)
    if isinstance(wish, SetKeyResults):
        changes, effect = _key_results(desk, wish)
    elif isinstance(wish, MarkOrphans):
        changes, effect = _marks(desk, wish), ()
    else:
        changes, effect = _comments(desk, wish, run.id), ()
    with writing(desk.engine) as session:
        keep_plan(session, run.id, changes, effect, desk.now)


# --- key results ------------------------------------------------------------------------------


def _key_results(desk: Desk, wish: SetKeyResults) -> tuple[list[NewChange], tuple[str, ...]]:
    reckoning = _reckoning(desk)
    codes = targets.codes_of(reckoning, wish.codes)
    items, missing = targets.items_of(reckoning, wish)
    named = frozenset(key.upper() for key in wish.items)
    lines = _lines(desk, items)
    problems: dict[str, str] = {}
    groups: dict[tuple[targets.Names, bool], list[str]] = {}
    for item in items:
        names = targets.names_for(reckoning, codes, item)
        replaces = wish.replaces_children or not named.isdisjoint((item.key, *item.aliases))
        if isinstance(names, str):
            problems[item.key] = names
        else:
            groups.setdefault((names, replaces), []).append(item.key)
    proposals: dict[str, Proposal] = {}
    for (names, replaces), keys in groups.items():
        proposals |= _proposed(desk, KeyResultTag(names, replaces, wish.into), [lines[key] for key in keys])
    checked = {key: _as_wanted(reckoning, codes, key, proposal) for key, proposal in proposals.items()}
    changes = [_change(lines[item.key], checked.get(item.key), problems.get(item.key)) for item in items]
    after = {key: found.tags for key, found in checked.items() if found.edit is not None and found.tags is not None}
    return [*changes, *_unknown(missing)], targets.effect(reckoning, after) if after else ()


def _as_wanted(reckoning: Reckoning, codes: Sequence[str], key: str, found: Proposal) -> Proposal:
    """Only what will be read again as these key results is written."""
    if found.edit is None or found.tags is None:
        return found
    why = targets.would_differ(reckoning, codes, reckoning.timeline.items[key], found.tags)
    return found if why is None else replace(found, edit=None, problem=why)


# --- marks ------------------------------------------------------------------------------------


def _marks(desk: Desk, wish: MarkOrphans) -> list[NewChange]:
    """Orphans that have no mark get one; what we marked ourselves and is no orphan any more loses it."""
    reckoning = _reckoning(desk)
    orphans = _lines(desk, targets.orphans(reckoning))
    ids = {line.id for line in orphans.values()}
    with reading(desk.engine) as session:
        ours = marked_by_us(session, desk.connection.id, wish.mark, wish.name)
    over = [_Line(key, title, id_) for id_, key, title in ours if id_ not in ids]
    value = "serves no key result" if wish.mark == "property" else ""
    found = _proposed(desk, Mark(wish.mark, wish.name, value), list(orphans.values()))
    gone = _proposed(desk, Mark(wish.mark, wish.name, is_set=False), over)
    changes = [_change(line, found.get(line.key)) for line in orphans.values()]
    return changes + [_change(line, gone.get(line.key)) for line in over]


# --- comments ---------------------------------------------------------------------------------


def _comments(desk: Desk, wish: CommentCoverage, run: int) -> list[NewChange]:
    with reading(desk.engine) as session:
        text = _coverage(session, desk, wish)
        ids = items_of_keys(session, desk.connection.id, wish.items)
        titles = {key: line.title for key, line in items_named(session, desk.connection.id, wish.items).items()}
    changes = []
    for position, key in enumerate(wish.items, 1):
        if key not in ids:
            changes += _unknown([key])
            continue
        line = _Line(key, titles.get(key, ""), ids[key])
        # By the last line the comment is found again, should its answer be lost.
        remark = Remark(f"{text}\n(Tieline, record {run}.{position}, {secrets.token_hex(4)})")
        changes.append(_change(line, _proposed(desk, remark, [line]).get(key)))
    return changes


def _coverage(session: Session, desk: Desk, wish: CommentCoverage) -> str:
    plan_now = plan_in_force(session, desk.now)
    answer = reads.sprint_answer(session, desk.connection.id, wish.sprint, plan_now.settings.measure.value)
    if answer is None:
        raise Misconfigured("write_back", f"There are no figures of a sprint {wish.sprint} on this connection.")
    return coverage_text(answer.sprint.name, answer.sprint.state, answer.answer.document, plan_now, desk.now)


# --- lines ------------------------------------------------------------------------------------


def _reckoning(desk: Desk) -> Reckoning:
    with reading(desk.engine) as session:
        return Reckoning(backlog_at(session, desk.connection.id, desk.now), desk.now)


def _lines(desk: Desk, items: Sequence[Item]) -> dict[str, _Line]:
    with reading(desk.engine) as session:
        ids = items_of_keys(session, desk.connection.id, [item.key for item in items])
    return {item.key: _Line(item.key, item.title, ids.get(item.key)) for item in items}


def _proposed(desk: Desk, wish: contract.Wish, lines: Sequence[_Line]) -> dict[str, Proposal]:
    """What the tracker makes of it, by key."""
    by_id = {line.id: line.key for line in lines if line.id is not None}
    found = desk.writer.propose(desk.connection, wish, list(by_id), desk.now) if by_id else ()
    return {by_id[proposal.item]: proposal for proposal in found}


def _change(line: _Line, found: Proposal | None, problem: str | None = None) -> NewChange:
    if found is None:
        return NewChange(line.id or "", line.key, line.title, "", "", "", problem=problem or _UNKNOWN)
    why = "It is so already." if found.is_so_already else found.problem
    return NewChange(
        item=found.item,
        key=line.key,
        title=line.title,
        place=found.place,
        former=found.former,
        wanted=found.wanted,
        edit=None if why is not None else found.edit,
        tags=found.tags,
        problem=why,
    )


def _unknown(keys: Iterable[str]) -> list[NewChange]:
    return [NewChange("", key, "", "", "", "", problem=_UNKNOWN) for key in keys]
