"""The time machine: pages that are asked `as_of` a past day are read from a store of that moment, links keep it, and
nothing can be changed there."""

import re
from collections.abc import Iterator
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from flask import Flask, Response, abort, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from integration.store.opened import Store
from mappings.calendar import INSTANT
from reports import views
from reports.access import SAFE_METHODS
from reports.pages import Site, is_fragment, now_of_answer, site
from reports.past import Busy, Pasts

WAIT = 1.5  # seconds that a request waits for a moment, before it says that it is being computed
AGAIN = 2  # seconds after which a page that waits is loaded again
EARLIEST = 1970
ENDPOINTS = frozenset(
    {f"pages.{name}" for name in ("boards", "board", "sprint", "sprint_receipt", "sprint_receipt_csv")}
    | {f"pages.{name}" for name in ("period_receipt", "period_receipt_csv", "epics", "epics_csv")}
    | {f"pages.{name}" for name in ("findings", "findings_csv", "finding")}
    | {"key_results.key_results", "key_results.key_result", "trends.trends", "trends.trends_as_csv", "trends.chart"}
    | {"sheet.sheet", "sheet.sheet_file"}
)
_FIRST_PARTS = ("boards", "sprints", "periods", "epics", "findings", "key-results", "trends", "compare")
_PATHS = "|".join(_FIRST_PARTS)
# Only addresses of ours in double quotes: templates write all of them so, and escape that sign in foreign text.
_LINK = re.compile(rf'\b(href|action)="((?:\?|/(?:(?:{_PATHS})[./?][^"#]*|(?:{_PATHS}))?(?=["?#]))[^"#]*)')
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
    app.add_template_global(here_without_moment)
    app.add_template_global(other_arguments)

    @app.before_request
    def _go_back() -> ResponseReturnValue | None:
        asked = request.args.get("as_of")
        if asked and request.method not in SAFE_METHODS:
            abort(409, "The past cannot be changed. Go back to now to act.")
        if not asked or not has_past():
            return None
        now = now_of_answer()
        moment = moment_asked(asked, now)
        if moment >= now:
            return redirect(here_without_moment(), 302)
        found = store_at(pasts, moment, now)
        if found is None:
            return waiting(moment)
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


def moment_asked(text: str, now: datetime) -> datetime:
    """A moment with its offset, or a day: then its last instant in the register's time zone."""
    moment = _moment(text, now)
    if moment is None:
        abort(400, "Name a day, such as 2026-03-01, or a moment with its offset, such as 2026-03-01T12:00:00Z.")
    if moment.year < EARLIEST:
        abort(400, f"Nothing is known of a time before {EARLIEST}.")
    return moment


def _moment(text: str, now: datetime) -> datetime | None:
    try:
        if len(text) != len("2026-03-01"):
            moment = datetime.fromisoformat(text)
            return moment.astimezone(UTC) if moment.tzinfo is not None else None
        zone = ZoneInfo(views.time_zone(site().store, now))
        over = datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), zone)
        return over.astimezone(UTC) - INSTANT
    except (ValueError, OverflowError):
        return None


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
