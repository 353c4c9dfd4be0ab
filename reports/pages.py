"""The pages: each route reads its values and renders them, whole, or only the part that moves where it is polled."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from integration.store.opened import Store
from mappings.exact import exact_number
from reports import (
    access,
    audit_csv,
    audit_views,
    charts,
    finding_pages,
    listings,
    receipts,
    rule_forms,
    sprint_views,
    views,
)
from reports.compression import PRIVATE_PAGE, compress_files
from reports.finding_pages import WrongAct
from reports.receipts import Asked

blueprint = Blueprint("pages", __name__)
STATIC = Path(__file__).parent / "static"
_FRAGMENT_EVERY = 60  # seconds after which a polled part is made anew: "as of" and what is late move with time alone


@dataclass(frozen=True, slots=True)
class Site:
    store: Store
    clock: Callable[[], datetime]


def prepare(app: Flask) -> None:
    """Give templates their words, and files their way."""
    compress_files(app, STATIC)
    app.add_template_global(asset)
    app.add_template_global(inline)
    app.jinja_env.globals["measure_names"] = views.MEASURES
    app.add_template_global(is_fragment)
    app.add_template_global(live_address)
    app.add_template_filter(receipts.number_words, "number")
    app.add_template_filter(plain_number)
    app.add_template_filter(when_words, "when")
    app.add_template_filter(as_moment, "moment")
    app.add_template_filter(firm)
    app.add_template_filter(day_words, "day")


def site() -> Site:
    """That of now, or where a past moment is asked for, of then."""
    found: Site = g.get("site") or current_app.extensions["tieline_site"]
    return found


# --- boards and sprints


@blueprint.get("/")
def boards() -> ResponseReturnValue:
    return live("boards.html", lambda: views.boards_page(site().store, now_of_answer(), request.args.get("measure")))


@blueprint.get("/boards/<connection>/<path:board>")
def board(connection: str, board: str) -> ResponseReturnValue:
    measure = request.args.get("measure")
    return live("board.html", lambda: views.board_page(site().store, now_of_answer(), connection, board, measure))


@blueprint.get("/sprints/<connection>/<path:sprint>")
def sprint(connection: str, sprint: str) -> ResponseReturnValue:
    measure = request.args.get("measure")
    return live(
        "sprint.html", lambda: sprint_views.sprint_page(site().store, now_of_answer(), connection, sprint, measure)
    )


@blueprint.get("/sprints/<connection>/<path:sprint>/receipt")
def sprint_receipt(connection: str, sprint: str) -> ResponseReturnValue:
    asked = _asked(connection, sprint)
    return live("receipt.html", lambda: receipts.sprint_receipt(site().store, now_of_answer(), asked))


@blueprint.get("/sprints/<connection>/<path:sprint>/receipt.csv")
def sprint_receipt_csv(connection: str, sprint: str) -> ResponseReturnValue:
    return _csv(receipts.sprint_receipt(site().store, now_of_answer(), _asked(connection, sprint)))


@blueprint.get("/periods/<connection>/<path:period>/receipt")
def period_receipt(connection: str, period: str) -> ResponseReturnValue:
    asked = _asked(connection, period, "completed")
    return live("receipt.html", lambda: receipts.period_receipt(site().store, now_of_answer(), asked))


@blueprint.get("/periods/<connection>/<path:period>/receipt.csv")
def period_receipt_csv(connection: str, period: str) -> ResponseReturnValue:
    return _csv(receipts.period_receipt(site().store, now_of_answer(), _asked(connection, period, "completed")))


@blueprint.get("/roll-ups/<cycle>/<by>/<path:name>/receipt")
def rollup_receipt(cycle: str, by: str, name: str) -> ResponseReturnValue:
    asked = _asked("", name, "completed")
    return live("receipt.html", lambda: receipts.rollup_receipt(site().store, now_of_answer(), cycle, by, asked))


@blueprint.get("/roll-ups/<cycle>/<by>/<path:name>/receipt.csv")
def rollup_receipt_csv(cycle: str, by: str, name: str) -> ResponseReturnValue:
    asked = _asked("", name, "completed")
    return _csv(receipts.rollup_receipt(site().store, now_of_answer(), cycle, by, asked))


def _asked(connection: str, subject: str, scope: str = "final") -> Asked:
    given = request.args
    is_corrected = given.get("figure") == sprint_views.CORRECTED
    return Asked(
        connection, subject, given.get("scope", scope), given.get("measure"), given.get("part", ""), is_corrected
    )


def _csv(receipt: receipts.Receipt | None) -> Response:
    if receipt is None:
        abort(404, "There is no such figure.")
    return download(receipts.csv_text(receipt), "receipt.csv")


def download(text: str, name: str) -> Response:
    response = Response(text, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# --- epics, findings, key results, connections


@blueprint.get("/epics")
def epics() -> ResponseReturnValue:
    asked = audit_views.asked_of(request.args)
    return live("epics.html", lambda: audit_views.audit_page(site().store, now_of_answer(), asked))


@blueprint.get("/epics.csv")
def epics_csv() -> ResponseReturnValue:
    asked = audit_views.asked_of(request.args)
    return download(audit_csv.epics_csv(*audit_views.all_rows(site().store, now_of_answer(), asked)), "epics.csv")


@blueprint.get("/findings")
def findings() -> ResponseReturnValue:
    asked = _findings_asked()
    return live("findings.html", lambda: finding_pages.findings_page(site().store, now_of_answer(), *asked))


@blueprint.get("/findings.csv")
def findings_csv() -> ResponseReturnValue:
    asked = _findings_asked()
    return download(listings.findings_csv(site().store, now_of_answer(), *asked), "findings.csv")


def _findings_asked() -> tuple[str | None, str, str, str]:
    """Kind, state, team and connection."""
    given = request.args
    team, connection = (rule_forms.line(given.get(name, "")) for name in ("team", "connection"))
    return given.get("kind") or None, given.get("state", "open"), team, connection


@blueprint.get("/findings/<int(max=2147483647):number>")
def finding(number: int) -> ResponseReturnValue:
    page = finding_pages.finding_page(site().store, now_of_answer(), number)
    return as_page("finding.html", page)


@blueprint.post("/findings/<int(max=2147483647):number>")
def act_on_finding(number: int) -> ResponseReturnValue:
    access.require("editor", finding_pages.teams_of(site().store, now_of_answer(), number))
    try:
        is_there = finding_pages.act(site().store, now_of_answer(), number, request.form, access.login().name)
    except WrongAct as wrong:
        page = finding_pages.finding_page(site().store, now_of_answer(), number)
        return as_page("finding.html", page, status=422, wrong=wrong.sentence, form=request.form)
    if not is_there:
        abort(404, "There is no such finding.")
    return redirect(url_for("pages.finding", number=number), 303)


@blueprint.get("/connections")
def connections() -> ResponseReturnValue:
    return live("connections.html", lambda: views.connections_page(site().store, now_of_answer()))


# --- how a page is answered


def trouble(status: int, sentence: str) -> Response:
    """A page that says what went wrong and where to go on."""
    html = render_template("trouble.html", status=status, sentence=sentence, page=None)
    return Response(html, status=status, mimetype="text/html")


def live(template: str, read: Callable[[], Any], also: Callable[[], str] = str, **more: Any) -> ResponseReturnValue:
    """The whole page; or the part that moves, unless the caller has it already: that costs one indexed read.

    `also` marks what is shown beside the answers; `more` is for the template.
    """
    if not is_fragment():
        charts.make_ready()  # this page may have one, or the next
        return as_page(template, read(), **more)
    mark = f"{_mark()}-{also()}"
    if request.if_none_match.contains_weak(mark):
        response = Response(status=304)
    else:
        response = Response(_rendered(template, read(), **more), mimetype="text/html")
    response.set_etag(mark, weak=True)
    response.headers["Cache-Control"] = PRIVATE_PAGE
    return response


def as_page(template: str, page: Any, status: int = 200, **more: Any) -> Response:
    response = Response(_rendered(template, page, **more), status=status, mimetype="text/html")
    response.headers["Cache-Control"] = PRIVATE_PAGE
    return response


def _rendered(template: str, page: Any, **more: Any) -> str:
    if page is None:
        abort(404, "There is no such page, or nothing was decided about it yet.")
    return render_template(template, page=page, **more)


def _mark() -> str:
    """Names what this part would show: the answers, the minute, our own code and whose forms are in it."""
    minute = int(now_of_answer().timestamp()) // _FRAGMENT_EVERY
    return f"{views.pulse(site().store)}-{minute}-{build()}-{access.csrf_word()[:8]}"


def is_fragment() -> bool:
    return request.method == "GET" and request.args.get("live") == "1"


def live_address() -> str:
    """Where the part of this page that moves is polled."""
    given = [(name, value) for name, value in request.args.items(multi=True) if name != "live"]
    return f"{quote(request.path)}?{urlencode([*given, ('live', '1')])}"


def now_of_answer() -> datetime:
    """One moment for a whole answer."""
    if "now" not in g:
        g.now = site().clock()
    moment: datetime = g.now
    return moment


# --- words and files for templates


def asset(name: str) -> str:
    return url_for("static", filename=name, v=_checksum(name))


@cache
def inline(name: str) -> Markup:
    """A small file of ours as a part of the page: the first picture need not wait until it was asked for."""
    return Markup((STATIC / name).read_text(encoding="utf-8").strip())  # noqa: S704 - nothing in it is anybody else's


@cache
def _checksum(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


@cache
def build() -> str:
    """Changes with our own templates and files, so that an upgrade is not answered with 304."""
    found = hashlib.sha256()
    for path in sorted([*STATIC.rglob("*.*"), *(STATIC.parent / "templates").rglob("*.html")]):
        found.update(path.read_bytes())
    return found.hexdigest()[:8]


def when_words(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(UTC):%-d %b %Y, %H:%M} UTC"


def day_words(day: str) -> str:
    return f"{date.fromisoformat(day):%-d %b %Y}"


def firm(text: str) -> str:
    """A number keeps its percent sign on its line."""
    return text.replace(" %", "\u00a0%")


def as_moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def plain_number(text: str, is_share: bool) -> str:
    """An exact number as people write it; a share in percent."""
    value = exact_number(text)
    return f"{float(value) * 100:.0f} %" if is_share else f"{float(value):,.6g}"
