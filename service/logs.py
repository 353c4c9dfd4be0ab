"""Logs: one event, one line, a constant message and fields; as JSON for machines or coloured for a terminal.

All packages log through the standard library with `extra=`; only here it is decided how that looks.
"""

import logging
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    from structlog.types import Processor

Form = Literal["console", "json"]

QUIET = ("urllib3", "alembic", "granian.access", "sqlalchemy")


def set_up(form: Form, level: str) -> None:
    """Write everything that is logged to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    # A handler wants nothing of its formatter but `format`.
    handler.setFormatter(cast(logging.Formatter, _Lines(form)))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class _Lines:
    """Makes lines of what is logged; what it takes to is loaded with the first one, so that no start waits for it."""

    form: Form

    def format(self, record: logging.LogRecord) -> str:
        return _formatter(self.form).format(record)


@cache
def _formatter(form: Form) -> logging.Formatter:
    import structlog

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    ending: list[Processor] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    if form == "console":
        # The default prints the local variables of every frame: bodies, people, credentials.
        plain = structlog.dev.plain_traceback
        ending = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
    )
