"""Tells by its content what a file is (a backlog file, a CSV export of Jira, Jira's JSON), and reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

from integration.files import backlog_file
from integration.files.faults import Refused, shown
from mappings.model import Backlog, Plan

BACKLOG, JIRA_CSV, JIRA_JSON = "backlog", "jira_csv", "jira_json"
_START = 1 << 16  # enough of a file to tell what it is
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # a Windows shell writes what a command prints so


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read it: all but the plan is for Jira's files. `plan_at_hand`: for those, where none is given."""

    kr_field: str | None = None
    kr_label_prefix: str | None = None
    points: bytes | None = None
    plan: Plan | None = None
    plan_at_hand: Plan | None = None


@dataclass(frozen=True, slots=True)
class FileRead:
    form: str
    backlog: Backlog


def read_any(file: BinaryIO, how: Reading) -> FileRead:
    """Raise `Refused` with one line per fault."""
    start = file.read(_START)
    file.seek(0)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise Refused(("the file is empty",))
    if start.startswith(_UTF_16) and start[2:].replace(b"\0", b"").lstrip()[:1] in (b"{", b"["):
        raise Refused(("the file is JSON in UTF-16; save it as UTF-8",))
    if text[:1] == b"{" and not backlog_file.looks_like_jira(text):
        _refuse_jira_options(how)
        backlog = backlog_file.load(file)
        return FileRead(BACKLOG, backlog if how.plan is None else _with_register(backlog, how.plan))
    if b"\0" in start and not start.startswith(_UTF_16):
        raise Refused(("the file is neither JSON nor CSV text: it holds binary data",))
    # Only now: a backlog file need not wait for what Jira's files need.
    if text[:1] in (b"{", b"["):
        from integration.files.jira_json import load

        form = JIRA_JSON
    else:
        from integration.files.jira_csv import load

        form = JIRA_CSV
    backlog = load(
        file.read(),
        kr_field=how.kr_field,
        kr_label_prefix=how.kr_label_prefix,
        points=how.points,
        plan=how.plan or how.plan_at_hand,
    )
    return FileRead(form, backlog)


def _with_register(backlog: Backlog, plan: Plan) -> Backlog:
    """The register in place of the file's own plan; a team that it does not have is refused as in one file."""
    known = {team.name for team in plan.teams}
    faults = [
        f"{place}: the register has no team {shown(team)}; add it there, or mend the name in one of the files"
        for team, place in _teams_named(backlog).items()
        if known and team not in known
    ]
    if faults:
        raise Refused(tuple(faults))
    return replace(backlog, plans=(plan,))


def _teams_named(backlog: Backlog) -> Mapping[str, str]:
    """Each team that boards, sprints and items name, with the first place that does."""
    found: dict[str, str] = {}
    for what, ones in (("board", backlog.boards), ("sprint", backlog.sprints)):
        for one in ones:
            if one.team is not None:
                found.setdefault(one.team, f"{what} {shown(one.id)}")
    for item in backlog.items:
        for state in item.states:
            if state.team is not None:
                found.setdefault(state.team, f"item {shown(item.key)}")
    return found


def _refuse_jira_options(how: Reading) -> None:
    """Rather than pass over them: the figures would be others than those that were asked for."""
    given = {"--kr-field": how.kr_field, "--kr-label-prefix": how.kr_label_prefix, "--points": how.points}
    faults = [
        f"{name}: is for Jira's files; a backlog file holds this itself" for name in given if given[name] is not None
    ]
    if faults:
        raise Refused(tuple(faults))
