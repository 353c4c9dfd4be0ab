"""Text from trackers is never trusted: made harmless here for terminals, spreadsheets and Markdown."""

import re

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~>-])")
_BLANKS = re.compile(r"\s+")


def on_one_line(text: str) -> str:
    """One line without terminal codes, control signs or signs that turn the writing round."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in _BLANKS.sub(" ", text)).strip()


def for_csv(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, "CSV Injection")."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def for_markdown(text: str) -> str:
    """Text that Markdown shows as it stands: no markup, link, image, table cell or HTML can come of it."""
    safe = on_one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace("://", "&#58;//").replace("@", "&#64;")
    return _MARKDOWN.sub(r"\\\1", safe)


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
