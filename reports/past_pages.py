"""The time machine: pages that are asked `as_of` a past day are read from a store of that moment, links keep it, and
nothing can be changed there."""

import re
from collections.abc import Iterator
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from datetime import datetime
from html import escape
from urllib.parse import quote, urlencode

from flask import Flask, Response, abort, current_app, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from integration.store.opened import Store
from reports import api_routes, moments, views
from reports.access import SAFE_METHODS
from reports.pages import Site, is_fragment, now_of_answer, site
from reports.past import Busy, Pasts

WAIT = 1.5  # seconds that a request waits for a moment, before it says that it is being computed
AGAIN = 2  # seconds after which a page that waits is loaded again
ENDPOINTS = frozenset(
    {f"pages.{name}" for name in ("boards", "board", "sprint", "sprint_receipt", "sprint_receipt_csv")}
    | {f"pages.{name}" for name in ("period_receipt", "period_receipt_csv", "epics", "epics_csv")}
    | {f"pages.{name}" for name in ("rollup_receipt", "rollup_receipt_csv")}
    | {f"pages.{name}" for name in ("findings", "findings_csv", "finding")}
    | {"key_results.key_results", "key_results.key_result", "trends.trends", "trends.trends_as_csv", "trends.chart"}
    | {"sheet.sheet", "sheet.sheet_file", "rules.rules", "wording.key_result", "wording.phrases"}
    | {"key_results.check_ins_csv", "key_results.key_result_csv"}
)
_FIRST_PARTS = ("boards", "sprints", "periods", "epics", "findings", "key-results", "trends", "compare")
_PATHS = "|".join(_FIRST_PARTS)
# Only addresses of ours in double quotes: templates write all of them so, and escape that sign in foreign text.
_LINK = re.compile(
    rf'\b(href|action)="((?:\?|/(?:(?:{_PATHS})[./?][^"#]*|(?:{_PATHS}|rules|phrases))?(?=["?#]))[^"#]*)'
)
_ACT = re.compile(r'<form method="post"(?! action="/logout")')


@dataclass(frozen=True, slots=True)
class Past:
    """`asked` is the day or moment as it was asked for."""

    asked: str
    moment: datetime


def guard(app: Flask, pasts: Pasts) -> None:
    """Lead every page that can be asked for a past moment there; call it once logins are guarded."""
    app.extensions["tieline_pasts"] = pasts
    app.add_template_global(past)
    app.add_template_global(has_past)
    app.add_template_global(earliest_day)
    app.add_template_global(here_without_moment)
    app.add_template_global(other_arguments)

    @app.before_request
    def _go_back() -> ResponseReturnValue | None:
        asked = request.args.get("as_of")
        if asked and request.method not in SAFE_METHODS:
            abort(409, "The past cannot be changed. Go back to now to act.")
        if not (asked and has_past()) and not (asked is not None and is_for_programs()):
            return None
        now = now_of_answer()
        moment = asked_by_program(asked, now) if is_for_programs() else moment_asked(asked, now)
        if moment is None:
            return None
        if moment >= now:
            return redirect(here_without_moment(), 302)
        found = store_at(pasts, moment, now)
        if found is None:
            return computing() if is_for_programs() else waiting(moment)
        go_to(Past(asked, moment), found)
        return None

    @app.after_request
    def _keep_moment(response: Response) -> Response:
        here = past()
        if here is not None and response.mimetype == "text/html" and not response.direct_passthrough:
            response.set_data(in_the_past(response.get_data(as_text=True), here.asked))
        return response


def past() -> Past | None:
    found: Past | None = g.get("past")
    return found


def has_past() -> bool:
    """Can this page be asked for a past moment?"""
    return request.endpoint in ENDPOINTS


def earliest_day() -> str:
    """The first day that can be asked for; "": any."""
    if "earliest_day" not in g:
        present: Site = current_app.extensions["tieline_site"]
        earliest = moments.earliest(present.store)
        g.earliest_day = "" if earliest is None else f"{earliest:%Y-%m-%d}"
    return str(g.earliest_day)


def moment_asked(text: str, now: datetime) -> datetime:
    try:
        return moments.moment_named(site().store, text, now)
    except moments.NoMoment as none:
        abort(400, none.sentence)


def is_for_programs() -> bool:
    """Is this a route of the API that can be asked for a past moment?"""
    return request.endpoint in api_routes.DATED


def asked_by_program(text: str, now: datetime) -> datetime | None:
    """None: now. Programs are not led to now by a day that is to come: that is nowhere."""
    try:
        return moments.past_moment(site().store, text, now)
    except moments.NoMoment as none:
        abort(404 if none.is_beyond else 400, none.sentence)


def computing() -> Response:
    """To a program: come again."""
    response = api_routes.json_of({"state": "computing", "detail": "This moment is being computed: ask again."}, 202)
    response.headers["Retry-After"] = str(AGAIN)
    return response


def store_at(pasts: Pasts, moment: datetime, now: datetime) -> Store | None:
    """None: it is still being computed."""
    try:
        return pasts.ask(moment, now, views.pulse(site().store)).result(timeout=WAIT)
    except NotYet:
        return None
    except Busy:
        abort(503, "Several moments are being computed already. Try again in a minute.")


def go_to(there: Past, store: Store) -> None:
    g.past = there
    g.now = there.moment
    g.site = Site(store, lambda: there.moment)


def waiting(moment: datetime) -> Response:
    """A page that loads itself again; what is no page of its own says by its status that it is not there yet."""
    is_page = not is_fragment() and not request.path.endswith((".csv", ".pdf", ".md", ".png", ".svg"))
    html = render_template("past_waiting.html", moment=moment, title="Being computed")
    response = Response(html, status=202 if is_page else 503, mimetype="text/html")
    response.headers["Refresh" if is_page else "Retry-After"] = str(AGAIN)
    return response


def in_the_past(html: str, asked: str) -> str:
    """The links of a page lead to the same moment, and its forms for acts are switched off."""
    word = f"as_of={quote(asked)}"

    def kept(found: re.Match[str]) -> str:
        name, address = found.groups()
        if "as_of=" in address:
            return found.group()
        return f'{name}="{address}{"&amp;" if "?" in address else "?"}{word}'

    hidden = f'<input type="hidden" name="as_of" value="{escape(asked)}">'
    html = _ACT.sub('<form hidden inert method="post"', _LINK.sub(kept, html))
    return re.sub(r'(<form method="get"[^>]*>)', lambda found: found.group() + hidden, html)


def here_without_moment() -> str:
    given = list(other_arguments())
    return f"{quote(request.path)}?{urlencode(given)}" if given else quote(request.path)


def other_arguments() -> Iterator[tuple[str, str]]:
    return (pair for pair in request.args.items(multi=True) if pair[0] not in ("as_of", "live"))
