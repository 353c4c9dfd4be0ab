"""The sheet as a tagged PDF, one page where it fits. What is set is a constant; the sheet comes to it as JSON, so no
text of a tracker can be read as anything but text."""

import json
from dataclasses import asdict
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from reports.foreign_text import on_one_line
from reports.sheet import Sheet

_SOURCE = Path(__file__).parent / "templates" / "sheet.typ"
STANDARD: Final = "ua-1"  # https://pdfa.org/resource/iso-14289-pdfua/


@cache
def can_set() -> bool:
    """Is the extra `pdf` installed?"""
    return find_spec("typst") is not None


def pdf(sheet: Sheet, paper: str) -> bytes | None:
    """None where nothing can set it."""
    if not can_set():
        return None
    import typst

    values = {"sheet": json.dumps(_harmless(asdict(sheet)), default=sorted), "paper": paper}
    try:
        return bytes(typst.compile(_SOURCE.read_bytes(), sys_inputs=values, pdf_standards=[STANDARD]))
    except typst.TypstError:
        # A sign that no font has cannot be told to a screen reader, so the standard refuses the whole: better without.
        return bytes(typst.compile(_SOURCE.read_bytes(), sys_inputs=values))


def _harmless(value: Any) -> Any:
    """Without signs that turn the writing round or are none."""
    if isinstance(value, str):
        return value if value.startswith("<svg ") else _with_edges(value)
    if isinstance(value, dict):
        return {name: _harmless(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_harmless(each) for each in value]
    return value


def _with_edges(text: str) -> str:
    """Pieces of a goal stand beside each other: their outer blanks count."""
    blank = " "
    return f"{blank * text[:1].isspace()}{on_one_line(text)}{blank * (text[-1:].isspace() and text.strip() != '')}"
