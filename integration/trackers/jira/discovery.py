"""Which fields could play which part on a site, ranked, each with its reason, for the operator to confirm."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from integration.trackers.jira.fields import (
    EPIC_LINK,
    EPIC_NAME,
    PARENT_LINK,
    SPRINT,
    STORY_POINTS,
    TEAMS,
    Encoding,
    FieldMapping,
    FieldRef,
)

_TYPES = "com.atlassian.jira.plugin.system.customfieldtypes:"
_ENCODINGS: Mapping[str, Encoding] = {
    f"{_TYPES}select": "option",
    f"{_TYPES}radiobuttons": "option",
    f"{_TYPES}multiselect": "options",
    f"{_TYPES}multicheckboxes": "options",
    f"{_TYPES}cascadingselect": "cascading",
    f"{_TYPES}labels": "labels",
    f"{_TYPES}textfield": "text",
    f"{_TYPES}textarea": "text",
    f"{_TYPES}readonlyfield": "text",
    f"{_TYPES}url": "text",
    f"{_TYPES}float": "number",
}
_KR_NAMES = (
    (re.compile(r"\bkey results?\b|\bkrs?\b|\bokrs?\b", re.IGNORECASE), 1, "its name speaks of key results"),
    (re.compile(r"\bobjectives?\b|\bgoals?\b|\boutcomes?\b", re.IGNORECASE), 2, "its name speaks of aims"),
)
_POINT_NAMES = frozenset({"story points", "story point estimate"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A field that could play a part; rank 1 is the best. `project` is set for a team-managed project's own field."""

    field: FieldRef
    rank: int
    reason: str
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Discovery:
    """Candidates by part, best first; `suggest` makes a mapping of them."""

    sprint: tuple[Candidate, ...] = ()
    points: tuple[Candidate, ...] = ()
    epic_link: tuple[Candidate, ...] = ()
    parent_link: tuple[Candidate, ...] = ()
    epic_name: tuple[Candidate, ...] = ()
    key_result: tuple[Candidate, ...] = ()
    team: tuple[Candidate, ...] = ()


def discover(fields: Sequence[object], board_estimates: Iterable[str] = ()) -> Discovery:
    """Look through the answer of GET field; `board_estimates` are the field ids in which the boards estimate."""
    known = [field for field in map(_known, fields) if field is not None]
    estimates = frozenset(board_estimates)
    return Discovery(
        sprint=_by_kind(known, SPRINT),
        points=_ranked(_points(field, estimates) for field in known),
        epic_link=_by_kind(known, EPIC_LINK),
        parent_link=_by_kind(known, PARENT_LINK),
        epic_name=_by_kind(known, EPIC_NAME),
        key_result=_ranked(_key_result(field) for field in known),
        team=_ranked(_team(field) for field in known),
    )


def suggest(found: Discovery) -> FieldMapping:
    """The best of each part. Points: all good ones, as each project fills its own; KR: only those named so."""
    return FieldMapping(
        sprint_field=_first(found.sprint),
        points_fields=tuple(candidate.field for candidate in found.points if candidate.rank <= 3),
        epic_link_field=_first(found.epic_link),
        parent_link_field=_first(found.parent_link),
        epic_name_field=_first(found.epic_name),
        kr_fields=tuple(candidate.field for candidate in found.key_result if candidate.rank == 1),
        team_field=_first(candidate for candidate in found.team if candidate.rank == 1),
    )


def parent_link(found: Discovery) -> FieldRef | None:
    """The field that names what stands above epics, where there is one."""
    return _first(found.parent_link)


def encoding_of(schema: Mapping[str, object]) -> Encoding | None:
    """How a field of that schema holds tags; None where it could hold none."""
    kind = _ENCODINGS.get(str(schema.get("custom")))
    return kind or ("issue" if schema.get("type") in {"issuelink", "issuelinks", "issue"} else None)


# --- one field ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Known:
    """What GET field tells of one field, checked."""

    id: str
    names: tuple[str, ...]
    kind: str  # schema.custom
    type: str  # schema.type
    project: str | None

    def candidate(self, rank: int, reason: str, encoding: Encoding = "text") -> Candidate:
        return Candidate(FieldRef(self.id, self.names, encoding), rank, reason, self.project)


def _known(field: object) -> _Known | None:
    if not isinstance(field, Mapping) or not isinstance(field.get("schema"), Mapping):
        return None
    id_, name = field.get("id"), field.get("name")
    kind, type_ = field["schema"].get("custom"), field["schema"].get("type")
    if not (isinstance(id_, str) and isinstance(name, str) and isinstance(kind, str) and isinstance(type_, str)):
        return None
    return _Known(id_, names_of(field), kind, type_, project_of(field.get("scope")))


def names_of(field: Mapping[str, object]) -> tuple[str, ...]:
    """All that a field goes by, the shown name first."""
    found = (field.get("name"), field.get("untranslatedName"), *_clause_names(field.get("clauseNames")))
    return tuple(dict.fromkeys(one for one in found if isinstance(one, str)))


def _clause_names(found: object) -> tuple[str, ...]:
    """What a field is called in searches: on Data Center its untranslated name, as in changelogs; not `cf[10001]`."""
    names = found if isinstance(found, list) else []
    return tuple(name for name in names if isinstance(name, str) and "[" not in name)


def project_of(scope: object) -> str | None:
    """A scope marks the field of one team-managed project: several such fields may share one name."""
    match scope:
        case {"type": "PROJECT", "project": {"id": str(id_)}}:
            return id_
    return None


def _by_kind(known: Sequence[_Known], kind: str) -> tuple[Candidate, ...]:
    return _ranked(
        field.candidate(1 if field.project is None else 2, f"its type is {kind}")
        for field in known
        if field.kind == kind
    )


def _points(field: _Known, estimates: frozenset[str]) -> Candidate | None:
    if field.type != "number":
        return None
    names = [name.casefold().strip() for name in field.names]
    if field.id in estimates:
        return field.candidate(1, "a board estimates in it", "number")
    if field.kind == STORY_POINTS:
        return field.candidate(2, "its type is Jira's own story point estimate", "number")
    if field.kind == f"{_TYPES}float" and any(name in _POINT_NAMES for name in names):
        return field.candidate(3, f"a number named “{field.names[0]}”", "number")
    if any("story point" in name for name in names):
        return field.candidate(4, f"a number whose name, “{field.names[0]}”, holds “story point”", "number")
    return None


def _key_result(field: _Known) -> Candidate | None:
    encoding = encoding_of({"custom": field.kind, "type": field.type})
    if encoding is None:
        return None
    for pattern, rank, reason in _KR_NAMES:
        if any(pattern.search(name) for name in field.names):
            return field.candidate(rank, reason, encoding)
    return field.candidate(3, "its type could carry tags", encoding)


def _team(field: _Known) -> Candidate | None:
    if field.kind in TEAMS:
        return field.candidate(1, "its type is Jira's team field")
    if _ENCODINGS.get(field.kind) == "option" and any(name.casefold() == "team" for name in field.names):
        return field.candidate(2, "a select list named “Team”", "option")
    return None


def _ranked(found: Iterable[Candidate | None]) -> tuple[Candidate, ...]:
    """Best first; of equals those of the whole site before a project's own, then the elder one."""
    there = [candidate for candidate in found if candidate is not None]
    return tuple(sorted(there, key=_order))


def _order(candidate: Candidate) -> tuple[int, bool, int, str]:
    digits = candidate.field.id.rpartition("_")[2]
    age = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else 0
    return (candidate.rank, candidate.project is not None, age, candidate.field.id)


def _first(found: Iterable[Candidate]) -> FieldRef | None:
    return next((candidate.field for candidate in found), None)
