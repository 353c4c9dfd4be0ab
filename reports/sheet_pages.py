"""The sprint review on one sheet: as a page made for print, as PDF, Markdown and a picture."""

from collections.abc import Callable
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from reports import charts, sheet_pdf
from reports.addresses import sprint_address
from reports.connect_pages import desk
from reports.foreign_text import shortened
from reports.pages import as_page, now_of_answer, site
from reports.paper_bar import picture
from reports.sheet import A4, LETTER, Sheet, picture_bars, picture_lines, sheet_of
from reports.sheet_markdown import markdown
from reports.sprint_views import SprintPage, sprint_page

blueprint = Blueprint("sheet", __name__)
_FORMS = {"pdf": "application/pdf", "md": "text/markdown", "png": "image/png", "svg": "image/svg+xml"}


@blueprint.get("/sprints/<connection>/<path:sprint>/sheet")
def sheet(connection: str, sprint: str) -> ResponseReturnValue:
    page = _page(connection, sprint)
    return as_page("sheet.html", page, sheet=_sheet(page), forms=_files(), paper=_paper())


@blueprint.get("/sprints/<connection>/<path:sprint>/sheet.<form>")
def sheet_file(connection: str, sprint: str, form: str) -> ResponseReturnValue:
    make = _MAKERS.get(form)
    if make is None:
        abort(404, "A sheet comes as pdf, md, png or svg.")
    made = make(_page(connection, sprint))
    if made is None:
        extra = "pdf" if form == "pdf" else "images"
        abort(501, f"This is made where Tieline is installed with its extra “{extra}”. The sheet prints without it.")
    response = Response(made, mimetype=_FORMS[form])
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


def _sheet(page: SprintPage) -> Sheet:
    """Its address is the one that was set for people, else where this one came in."""
    root = (desk().public_url or request.host_url).rstrip("/")
    asked = {"measure": page.measure, **({"as_of": request.args["as_of"]} if "as_of" in request.args else {})}
    return sheet_of(page, f"{root}{sprint_address(page.sprint.connection, page.sprint.id)}?{urlencode(asked)}")


def _paper() -> str:
    return LETTER if request.args.get("paper") == "letter" else A4


def _files() -> tuple[str, ...]:
    """The forms that can be made here."""
    there = {"pdf": sheet_pdf.can_set(), "png": charts.can_draw()}
    return tuple(form for form in ("pdf", "md", "png") if there.get(form, True))


def _picture(page: SprintPage) -> str:
    lines = (shortened(line, 300) for line in picture_lines(_sheet(page)))
    return picture(page.sprint.name, lines, picture_bars(page))


_MAKERS: dict[str, Callable[[SprintPage], bytes | str | None]] = {
    "pdf": lambda page: sheet_pdf.pdf(_sheet(page), _paper()),
    "md": lambda page: markdown(_sheet(page)),
    "svg": _picture,
    "png": lambda page: charts.png_of(_picture(page)),
}
