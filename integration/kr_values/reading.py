"""Reads the values of key results where they live: whose turn it is, what came of it, and what is kept as a fault."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from integration.contract import Misconfigured, Permanent, TrackerError
from integration.kr_values import endpoint
from integration.kr_values.answers import Reading, json_readings, row_readings, table_readings
from integration.kr_values.definition import CSV, JSON, MIXPANEL, SQL, Access, ValueSource, value_source_of
from integration.messages.schedule import recurring
from integration.store import plans, value_sources
from integration.store.check_ins import CheckIn, keep_check_ins, last_reading
from integration.store.due import beat_for_pages
from integration.store.engine import reading, writing
from integration.store.kr_value_queries import queried

log = logging.getLogger(__name__)

AFTER_A_FAULT = timedelta(minutes=15)
A_DAY = timedelta(hours=20)  # an unchanged value is kept once a day: it was measured

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one reading: how many values are new, or why it failed."""

    source: ValueSource
    new: int = 0
    told: int = 0
    fault: str | None = None


def run(engine: Engine, access: Access, clock: Clock, stop: threading.Event, look_every: float = 15.0) -> None:
    """Read what is due until `stop` is set; a database that cannot be reached is asked again at the next look."""
    while not stop.wait(look_every):
        try:
            read_due(engine, access, clock)
        except SQLAlchemyError as error:
            log.warning("the values of key results cannot reach the database", extra={"reason": type(error).__name__})


def read_due(engine: Engine, access: Access, clock: Clock) -> int:
    """Read the sources whose turn it is; answer how many."""
    with reading(engine) as session:
        known = value_sources.declared_values(session)
    number = 0
    for state in known:
        if state.next_at is not None and state.next_at > clock():
            continue
        with writing(engine) as session:
            is_ours = value_sources.claim_values(session, state.key_result, clock(), clock() + AFTER_A_FAULT)
        if is_ours:
            _note(read_source(engine, access, value_source_of(state.definition), clock))
            number += 1
    return number


def _note(outcome: Outcome) -> None:
    fields = {"key_result": outcome.source.key_result, "kind": outcome.source.kind}
    if outcome.fault is not None:
        log.warning("values were not read", extra=fields)
    elif outcome.new:
        log.info("values were read", extra={**fields, "new": outcome.new})


def read_all(engine: Engine, access: Access, clock: Clock) -> tuple[Outcome, ...]:
    """Read every source now, whosever turn it is."""
    with reading(engine) as session:
        known = value_sources.declared_values(session)
    return tuple(read_source(engine, access, value_source_of(state.definition), clock) for state in known)


def read_source(engine: Engine, access: Access, source: ValueSource, clock: Clock) -> Outcome:
    """One reading; a fault is kept to be shown, and what was read before stays."""
    with reading(engine) as session:
        zone = plans.plan_in_force(session, clock()).settings.time_zone
    try:
        found = read_values(source, access, zone)
    except TrackerError as error:
        with writing(engine) as session:
            later = max(clock() + AFTER_A_FAULT, _retry_at(error, clock()))
            value_sources.note_values_failed(session, source.key_result, clock(), (error.sentence,), later)
            beat_for_pages(session, clock())
        return Outcome(source, fault=error.sentence)
    now = clock()
    with writing(engine) as session:
        given = _to_keep(session, source, found, now)
        value_sources.note_values_read(session, source.key_result, now, recurring(source.every, zone).after(now))
        number = keep_check_ins(session, given, now)
        if not number:
            beat_for_pages(session, now)
    return Outcome(source, number, len(found))


def _retry_at(error: TrackerError, now: datetime) -> datetime:
    asked = getattr(error, "retry_after", None)
    return now if asked is None else now + timedelta(seconds=min(float(asked), 86_400))


def _to_keep(session: Session, source: ValueSource, found: tuple[Reading, ...], now: datetime) -> list[CheckIn]:
    """What lies ahead is a plan and no value; what is as it was is kept once a day."""
    kept = [one for one in found if one.at is not None and one.at <= now]
    given = [_check_in(source, one, one.at or now, now) for one in kept]
    undated = [one for one in found if one.at is None]
    last = last_reading(session, source.key_result)
    new = (one for one in undated if last is None or last.value != one.value or now - last.at >= A_DAY)
    return [*given, *(_check_in(source, one, now, now) for one in new)]


def _check_in(source: ValueSource, one: Reading, at: datetime, now: datetime) -> CheckIn:
    return CheckIn(source.key_result, at, one.value, None, "", source.place, now, is_read=True)


# --- by kind


def read_values(source: ValueSource, access: Access, zone: str) -> tuple[Reading, ...]:
    if source.kind == SQL:
        return row_readings(queried(source, access.databases), source, zone)
    body = _body(source, access)
    if source.kind in (JSON, MIXPANEL):
        return json_readings(body, source, zone)
    assert source.kind == CSV
    try:
        return table_readings(body.decode("utf-8-sig"), source, zone)
    except UnicodeDecodeError:
        raise Permanent("not_utf8", f"{source.place} is not UTF-8: save it as “CSV UTF-8”.") from None


def _body(source: ValueSource, access: Access) -> bytes:
    if source.file is not None:
        return _file(source.file)
    if source.kind == MIXPANEL:
        # https://docs.mixpanel.com/reference/insights-query
        asked = f"https://{source.host}/api/query/insights?project_id={source.project}&bookmark_id={source.report}"
        user, _, password = endpoint.with_secrets(f"{{{source.account}}}", access.secrets).partition(":")
        return endpoint.fetch(asked, {"Accept": "application/json"}, (user, password))
    headers = {name: endpoint.with_secrets(text, access.secrets) for name, text in source.headers}
    return endpoint.fetch(endpoint.with_secrets(source.url or "", access.secrets), headers)


def _file(name: str) -> bytes:
    try:
        with Path(name).open("rb") as file:
            found = file.read(endpoint.LARGEST + 1)
    except OSError as error:
        sentence = f"The file {Path(name).name} cannot be read ({error.strerror or 'unknown reason'}): mend `file`."
        raise Misconfigured("unreadable_file", sentence) from None
    if len(found) > endpoint.LARGEST:
        raise Permanent("too_large", f"The file {Path(name).name} has more than {endpoint.LARGEST // 1024**2} MB.")
    return found
