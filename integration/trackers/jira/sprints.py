"""Sprints as Jira writes them: objects, printed Java objects, and the agile pair of `sprint` and `closedSprints`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from integration.contract import Malformed
from mappings.model import Goal, Sprint, SprintState

RawSprint = Mapping[str, object]

_PRINTED = re.compile(r"[\w.$]*Sprint@[0-9a-fA-F]+\[(.*)\]\s*", re.DOTALL)
_DATE = r"(?:<null>|[+-]?\d{4,}-\d\d[^,]*)"
_LONGEST_ID = 20
_FREE = ("name", "goal")
# Names and goals may hold commas, brackets and equals signs: only the next known key ends a value.
_SHAPES = {
    "id": r"\d+",
    "rapidViewId": r"(?:<null>|\d+)",
    "state": r"(?:<null>|[A-Za-z]+)",
    "startDate": _DATE,
    "endDate": _DATE,
    "completeDate": _DATE,
    "activatedDate": _DATE,
    "sequence": r"(?:<null>|\d+)",
    "autoStartStop": r"(?:<null>|true|false)",
    "synced": r"(?:<null>|true|false)",
    "incompleteIssuesDestinationId": r"(?:<null>|-?\d+)",
    "name": "",
    "goal": "",
}
_KEYS = {key: re.compile(rf"(?:^|(?<=,)){key}=({shape}{'(?=,|$)' if shape else ''})") for key, shape in _SHAPES.items()}
_STATES = {"future": SprintState.FUTURE, "active": SprintState.ACTIVE, "closed": SprintState.CLOSED}
_USUAL_LENGTH = timedelta(days=14)
_FIRST_YEAR, _LAST_YEAR = 1900, 9000  # leaves room for time zones and additions on both sides


def raw_sprints(values: Iterable[object]) -> tuple[RawSprint, ...]:
    """The sprints within the values of a sprint field, or of `closedSprints` and `sprint`; each id once."""
    found: dict[str, RawSprint] = {}
    for value in values:
        for raw in _each(value):
            id_ = sprint_id(raw)
            if id_ is not None:
                found.setdefault(id_, raw)
    return tuple(found.values())


def sprint_ids(values: Iterable[object]) -> tuple[str, ...]:
    ids = [sprint_id(raw) for value in values if value is not None for raw in _each(value)]
    return tuple(dict.fromkeys(id_ for id_ in ids if id_ is not None))


def sprint_id(raw: RawSprint) -> str | None:
    """The id as text; Jira writes it as a number, its old reports as a text."""
    value = raw.get("id")
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return text if isinstance(text, str) and is_id(text) else None


def is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID


def _each(value: object) -> Iterator[RawSprint]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, str):
        raw = printed_sprint(value)
        if raw is not None:
            yield raw
    elif isinstance(value, list):
        for part in value:
            if isinstance(part, (dict, str)):
                yield from _each(part)


def printed_sprint(text: str) -> RawSprint | None:
    """Read `…Sprint@38c6bd04[id=1,state=ACTIVE,name=Ops, Sprint 9,goal=,…]`, in whatever order its keys are."""
    whole = _PRINTED.fullmatch(text)
    if whole is None:
        return None
    inside = whole.group(1)
    starts = _starts(inside)
    order = sorted((match.start(), key, match.end(1) - len(match.group(1))) for key, match in starts.items())
    ends = [start - 1 for start, _, _ in order] + [len(inside)]
    values = {key: inside[begin:end] for (_, key, begin), end in zip(order, ends[1:], strict=True)}
    return {key: None if value == "<null>" else value for key, value in values.items()}


def _starts(inside: str) -> dict[str, re.Match[str]]:
    """Where each key's value begins. A free text may repeat a key: what stands before it is taken first, else last."""
    found = {key: list(pattern.finditer(inside)) for key, pattern in _KEYS.items()}
    first_free = min((found[key][0].start() for key in _FREE if found[key]), default=len(inside))
    return {
        key: matches[0] if matches[0].start() <= first_free else matches[-1]
        for key, matches in found.items()
        if matches
    }


# --- one sprint -----------------------------------------------------------------------------------


def translate_sprint(raw: RawSprint) -> Sprint:
    """Read a sprint of the agile API, of a sprint field or of a sprint event."""
    id_ = sprint_id(raw)
    if id_ is None:
        raise Malformed("sprint.id", "must be a whole number")
    state = _STATES.get(str(raw.get("state")).lower())
    if state is None:
        raise Malformed("sprint.state", "must be future, active or closed")
    name, goal = raw.get("name"), raw.get("goal")
    start, end, completed = _times(raw, state)
    return Sprint(
        id=id_,
        board=board_of(raw),
        name=name if isinstance(name, str) and name.strip() else f"Sprint {id_}",
        state=state,
        goals=(Goal(None, goal),) if isinstance(goal, str) and goal.strip() else (),
        start=start,
        end=end,
        completed=completed,
    )


def board_of(raw: RawSprint) -> str:
    """The board it belongs to; "unknown" where the source does not say."""
    for key in ("originBoardId", "boardId", "rapidViewId"):
        value = raw.get(key)
        if isinstance(value, (int, str)) and not isinstance(value, bool) and is_id(str(value).strip()):
            return str(value).strip()
    return "unknown"


def _times(raw: RawSprint, state: SprintState) -> tuple[datetime | None, datetime | None, datetime | None]:
    """Start, planned end and completion. `activatedDate` is the real start where the site tells it (Data Center).

    A sprint that has begun needs a start. Imported ones may lack it, or bear one after their completion: then the
    sprint is taken to have been created when it began, else to have had the usual length.
    """
    start = moment_of(raw.get("activatedDate")) or moment_of(raw.get("startDate"))
    end, completed = moment_of(raw.get("endDate")), moment_of(raw.get("completeDate"))
    created = moment_of(raw.get("createdDate"))
    if state is SprintState.FUTURE:
        return start, end, None
    if state is SprintState.ACTIVE:
        return start or created or _before(end), end, None
    completed = completed or end or (start + _USUAL_LENGTH if start else None)
    if completed is None:
        raise Malformed("sprint.completeDate", "is missing, and so are the other dates of this closed sprint")
    if start is None or start >= completed:
        start = created if created is not None and created < completed else completed - _USUAL_LENGTH
    return start, end, completed


def _before(end: datetime | None) -> datetime:
    if end is None:
        raise Malformed("sprint.startDate", "is missing, and so are the other dates of this active sprint")
    return end - _USUAL_LENGTH


def moment_of(value: object) -> datetime | None:
    """A time in UTC from ISO text, seconds or milliseconds; None where it is none.

    Offsets come as +0100, +01:00 and Z. The bulk changelog writes milliseconds, its documentation shows seconds.
    """
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            if found.tzinfo is not UTC:
                found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value / 1000 if abs(value) >= 10**11 else value, UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None
