"""Findings in the API: the list, one with its history, and what a person does about it."""

from typing import Any

from flask import Response, abort
from flask.typing import ResponseReturnValue

from integration.store import reads
from reports import access, api_shapes, finding_pages
from reports.api_bodies import DAY, act, body, sent, texts
from reports.api_routes import answer, asked, query, route, site

Json = dict[str, Any]
NUMBER = "<int(max=2147483647):number>"
NONE = "There is no such finding."
_ACT = body(
    ("act", "reason"),
    act={"type": "string", "enum": ["acknowledged", "muted"]},
    reason=texts(finding_pages.LONGEST_REASON, minLength=1),
    until={**DAY, "description": "The last day of a mute."},
)


@route(
    "/findings",
    "Findings, the gravest first",
    "findings",
    query("kind", "Only those of this kind."),
    query("state", "Those in this state; open ones by default.", *finding_pages.STATES, "all"),
    query("severity", "Only those of this severity.", "high", "medium", "low"),
    query("team", "Only those of this team and its sub-teams."),
    query("connection", "Only those of this connection: those told of all connections together are of none."),
    dated=True,
)
def findings() -> ResponseReturnValue:
    return answer(_findings, "findings")


def _findings() -> Json:
    wanted = (asked("kind"), asked("state"), asked("severity"), asked("team") or "", asked("connection"))
    return api_shapes.findings(site().store, site().clock(), *wanted)


@route(f"/findings/{NUMBER}", "A finding with what became of it so far", "", missing=True, dated=True)
def finding(number: int) -> ResponseReturnValue:
    return answer(lambda: _finding(number))


def _finding(number: int) -> Json | None:
    with site().store.reading() as session:
        found = reads.finding(session, number)
    if found is None:
        abort(404, NONE)
    return api_shapes.finding_with_events(*found)


@act(f"/findings/{NUMBER}/acts", "Acknowledge a finding, or mute it until the end of a day", _ACT, answers={
    204: "It is kept, with the name of who did it.",
})  # fmt: skip
def act_on_finding(number: int) -> ResponseReturnValue:
    """`act`: acknowledged or muted; `reason`; `until`, the last day of a mute. It takes an editor of its team."""
    store, now = site().store, site().clock()
    given = sent(_ACT)
    access.require("editor", finding_pages.teams_of(store, now, number))
    try:
        is_there = finding_pages.act(store, now, number, given, access.login().name)
    except finding_pages.WrongAct as wrong:
        abort(422, wrong.sentence)
    if not is_there:
        abort(404, NONE)
    return Response(status=204)
