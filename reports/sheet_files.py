"""The sprint review on one sheet as a file: PDF, Markdown, and a picture as PNG or SVG."""

from collections.abc import Callable
from urllib.parse import urlencode

from reports import charts, sheet_pdf
from reports.addresses import sprint_address
from reports.foreign_text import shortened
from reports.paper_bar import picture
from reports.sheet import A4, Sheet, picture_bars, picture_lines, sheet_of
from reports.sheet_markdown import markdown
from reports.sprint_views import SprintPage

FORMS = {"pdf": "application/pdf", "md": "text/markdown", "png": "image/png", "svg": "image/svg+xml"}


def address(page: SprintPage, as_of: str | None) -> str:
    """Where the page of the same figures is, without the host."""
    asked = {"measure": page.measure, **({"as_of": as_of} if as_of is not None else {})}
    return f"{sprint_address(page.sprint.connection, page.sprint.id)}?{urlencode(asked)}"


def made(page: SprintPage, href: str, form: str, paper: str = A4) -> bytes | str | None:
    """The file; None where this installation lacks what draws it. `href`: where its figures are seen."""
    return _MAKERS[form](page, sheet_of(page, href), paper)


def missing(form: str) -> str:
    extra = "pdf" if form == "pdf" else "images"
    return f"This is made where Tieline is installed with its extra “{extra}”. The sheet prints without it."


def _picture(page: SprintPage, sheet: Sheet) -> str:
    lines = (shortened(line, 300) for line in picture_lines(sheet))
    return picture(page.sprint.name, lines, picture_bars(page))


_MAKERS: dict[str, Callable[[SprintPage, Sheet, str], bytes | str | None]] = {
    "pdf": lambda _page, sheet, paper: sheet_pdf.pdf(sheet, paper),
    "md": lambda _page, sheet, _paper: markdown(sheet),
    "svg": lambda page, sheet, _paper: _picture(page, sheet),
    "png": lambda page, sheet, _paper: charts.png_of(_picture(page, sheet)),
}
