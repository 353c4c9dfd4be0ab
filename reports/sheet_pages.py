"""The sprint review on one sheet: as a page made for print, as PDF, Markdown and a picture."""

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from reports import charts, sheet_files, sheet_pdf
from reports.connect_pages import desk
from reports.pages import as_page, now_of_answer, site
from reports.sheet import A4, LETTER, sheet_of
from reports.sheet_files import FORMS
from reports.sprint_views import SprintPage, sprint_page

blueprint = Blueprint("sheet", __name__)


@blueprint.get("/sprints/<connection>/<path:sprint>/sheet")
def sheet(connection: str, sprint: str) -> ResponseReturnValue:
    page = _page(connection, sprint)
    return as_page("sheet.html", page, sheet=sheet_of(page, _address(page)), forms=_files(), paper=_paper())


@blueprint.get("/sprints/<connection>/<path:sprint>/sheet.<form>")
def sheet_file(connection: str, sprint: str, form: str) -> ResponseReturnValue:
    if form not in FORMS:
        abort(404, "A sheet comes as pdf, md, png or svg.")
    page = _page(connection, sprint)
    made = sheet_files.made(page, _address(page), form, _paper())
    if made is None:
        abort(501, sheet_files.missing(form))
    response = Response(made, mimetype=FORMS[form])
    response.headers["Content-Disposition"] = f'{_disposition(form)}; filename="sprint-review.{form}"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _disposition(form: str) -> str:
    return "inline" if form in ("pdf", "png") else "attachment"


def _page(connection: str, sprint: str) -> SprintPage:
    page = sprint_page(site().store, now_of_answer(), connection, sprint, request.args.get("measure"))
    if page is None:
        abort(404, "There is no such sprint, or nothing was decided about it yet.")
    return page


def _address(page: SprintPage) -> str:
    """The one that was set for people, else where this one came in."""
    root = (desk().public_url or request.host_url).rstrip("/")
    return root + sheet_files.address(page, request.args.get("as_of"))


def _paper() -> str:
    return LETTER if request.args.get("paper") == "letter" else A4


def _files() -> tuple[str, ...]:
    """The forms that can be made here."""
    there = {"pdf": sheet_pdf.can_set(), "png": charts.can_draw()}
    return tuple(form for form in ("pdf", "md", "png") if there.get(form, True))
