"""The audit of epics in the API: the list with its filters, acts on several at once with a look before, and views."""

from typing import Any

from flask import Response, abort
from flask.typing import ResponseReturnValue

from integration.store import saved_views
from integration.store.saved_views import SavedView
from mappings.exact import exact_text
from reports import access, api_shapes, audit_acts, audit_views, finding_pages
from reports.api_bodies import DAY, LINE, act, body, listed, sent, texts
from reports.api_routes import answer, asked, json_of, query, route, site, told
from reports.audit_views import PAGE, AuditAsked, AuditRow, asked_of
from reports.finding_pages import LIVING, WrongAct
from reports.rule_forms import line
from reports.rule_preview import Effect

Json = dict[str, Any]
NUMBER = "<int(max=2147483647):number>"
WHOLE: Json = {"type": "integer", "minimum": 0, "maximum": 1_000_000}
LONGEST_FILTER, LONGEST_NAME, LONGEST_KEY = 200, 60, 300
_FILTERS = (
    query("kind", "Only those of this kind.", *audit_views.KINDS),
    query("team", "Only those of this team and its sub-teams; - for nobody's."),
    query("connection", "Only those of this connection."),
    query("state", "Only those in this state.", *LIVING),
    query("age", "Days since they were created, at least.", schema=WHOLE),
    query("size", "Work left below them, at least, in the measure; hours of times.", schema=WHOLE),
    query("text", "Only those that hold this in key, title or connection."),
    query("sort", "By cost, unless asked otherwise.", *audit_views.SORTS),
)
_ON_EPICS = body(
    ("act", "epics"),
    act={"type": "string", "enum": ["exempt", "acknowledged", "muted"]},
    epics=listed(texts(LONGEST_KEY, description="connection/key, as `name` of a line has it."), audit_acts.MOST),
    reason=texts(finding_pages.LONGEST_REASON, description="Kept with your name; needed where it is done."),
    until={**DAY, "description": "The last day of a mute; of an exemption, if it has one."},
    preview={"type": "boolean", "description": "True: only say what would be done, and what the figures become."},
)
_ON_FINDINGS = body(
    ("act", "findings"),
    act={"type": "string", "enum": ["acknowledged", "muted"]},
    findings=listed({"type": "integer", "minimum": 1, "maximum": 2**31 - 1}, audit_acts.MOST),
    reason=texts(finding_pages.LONGEST_REASON),
    until={**DAY, "description": "The last day of a mute."},
    preview={"type": "boolean", "description": "True: only say which findings it would be."},
)
_VIEW = body(
    ("name",),
    name={**LINE, "maxLength": LONGEST_NAME},
    team=texts(LONGEST_FILTER),
    connection=texts(LONGEST_FILTER),
    kind={"type": "string", "enum": list(audit_views.KINDS)},
    state={"type": "string", "enum": list(LIVING)},
    age=WHOLE,
    size=WHOLE,
    text=texts(LONGEST_FILTER),
    sort={"type": "string", "enum": list(audit_views.SORTS)},
)


@route("/epics", "The audit: epics to look at, each with the key results it may serve", "epics", *_FILTERS, dated=True)
def epics() -> ResponseReturnValue:
    wanted = asked_of({name["name"]: asked(name["name"]) or "" for name in _FILTERS})
    return answer(lambda: _epics(wanted), "epics", _with_likely)


def _epics(wanted: AuditAsked) -> Json:
    ground, rows = audit_views.all_rows(site().store, site().clock(), wanted)
    return {"measure": ground.measure, "epics": [epic_document(row) for row in rows]}


def epic_document(row: AuditRow) -> Json:
    return {
        "connection": row.connection,
        "epic": row.key,
        "name": row.name,
        "title": row.title,
        "url": row.href,
        "kind": row.kind,
        "finding": row.finding or None,
        "severity": row.severity,
        "state": row.state,
        "team": row.team,
        "teams": list(row.teams),
        "age_days": row.age_days,
        "open_items": row.open_items,
        "remaining": exact_text(row.exact[0]),
        "total": exact_text(row.exact[1]),
        "active_sprint_share": row.share,
        "suggestion": row.suggestion,
    }


def _with_likely(lines: list[Json]) -> list[Json]:
    """Which key results each probably serves, and why: a suggestion, never a link."""
    found = audit_views.likely_of(site().store, site().clock(), [one["name"] for one in lines])
    named = {
        name: [{"key_result": one.key_result, "reason": one.reason} for one in some] for name, some in found.items()
    }
    return [{**one, "likely": named.get(one["name"], [])} for one in lines]


@route("/epics/orphans", "Open epics that serve no key result, the costliest first", "epics", dated=True)
def orphans() -> ResponseReturnValue:
    return answer(lambda: api_shapes.orphans(site().store), "epics")


@act("/epics/acts", "Exempt, acknowledge or mute epics together, or look at it first", _ON_EPICS, answers={
    200: "What was done, or with `preview` what would be and what the figures become.",
})  # fmt: skip
def act_on_epics() -> ResponseReturnValue:
    """It takes an editor of each epic's team. Exempting makes a mapping rule for each epic."""
    given, now = sent(_ON_EPICS), site().clock()
    try:
        who = access.login().name
        page = audit_acts.chosen_page(site().store, now, given["act"], given["epics"], who)
        number = None
        if not given.get("preview", False):
            number = audit_acts.do(site().store, now, page, _texts(given), who)
    except WrongAct as wrong:
        abort(422, wrong.sentence)
    return json_of({
        "act": page.act,
        "done": number,
        "epics": [row.name for row in page.rows],
        "left_out": [row.name for row in page.without],
        "effects": [effect_document(effect) for effect in page.effects],
    })  # fmt: skip


@act("/findings/acts", "Acknowledge or mute findings together, or look at it first", _ON_FINDINGS, answers={
    200: "How many were, or with `preview` which would be.",
})  # fmt: skip
def act_on_findings() -> ResponseReturnValue:
    """It takes an editor of each finding's team. Those that are resolved by now are left out."""
    given, now = sent(_ON_FINDINGS), site().clock()
    try:
        page = audit_acts.findings_chosen(site().store, now, given["act"], given["findings"])
        numbers = [view.finding.id for view in page.views]
        done = None
        if not given.get("preview", False):
            who = access.login().name
            done = audit_acts.act_on_findings(site().store, now, numbers, page.act, _texts(given), who)
    except WrongAct as wrong:
        abort(422, wrong.sentence)
    return json_of({"act": page.act, "done": done, "findings": numbers})


def _texts(given: Json) -> dict[str, str]:
    return {name: given.get(name, "") for name in ("reason", "until")}


def effect_document(effect: Effect) -> Json:
    """What would move on one connection, and what figures of open sprints become."""
    return {
        "connection": effect.connection,
        "moves": [
            {"from": move.before, "to": move.after, "items": list(move.items), "words": move.sentence}
            for move in effect.moves
        ],
        "sprints": [
            {
                "id": change.sprint,
                "name": change.name,
                "state": change.state.value,
                "parts": [
                    {"part": name, "percent_before": old, "percent_after": new} for name, old, new in change.parts
                ],
            }
            for change in effect.changes
        ],
    }


# --- views


@route("/epics/views", "Views of the audit that somebody kept under a name", "views")
def views() -> ResponseReturnValue:
    with site().store.reading() as session:
        found = saved_views.saved_views(session, PAGE)
    return told({"views": [_view_document(one) for one in found]}, "views")


def _view_document(one: SavedView) -> Json:
    """`query` is what `epics` is asked with."""
    return {"id": one.id, "name": one.name, "query": one.query, "by": one.author}


@act("/epics/views", "Keep filters of the audit under a name, in place of a view of that name", _VIEW, answers={
    204: "It is kept.",
}, faults=(409,))  # fmt: skip
def keep_view() -> ResponseReturnValue:
    """It takes an editor."""
    access.require("editor")
    given = sent(_VIEW)
    wanted = asked_of({name: str(value) for name, value in given.items() if name != "name"})
    with site().store.writing() as session:
        who = access.login().name
        is_kept = saved_views.keep_view(session, PAGE, line(given["name"]), wanted.query, who, site().clock())
    if not is_kept:
        abort(409, f"There are {saved_views.MOST} views already: drop one first.")
    return Response(status=204)


@act(f"/epics/views/{NUMBER}", "Drop a view", method="delete", answers={204: "It is gone."})
def drop_view(number: int) -> ResponseReturnValue:
    """It takes an editor."""
    access.require("editor")
    with site().store.writing() as session:
        is_dropped = saved_views.drop_view(session, PAGE, number, access.login().name, site().clock())
    if not is_dropped:
        abort(404, "There is no such view.")
    return Response(status=204)
