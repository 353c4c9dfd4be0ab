"""Logs: one event, one line, a constant message and fields; as JSON for machines or coloured for a terminal.

All packages log through the standard library with `extra=`; only here it is decided how that looks.
"""

import logging
import sys
from typing import Literal

import structlog
from structlog.types import Processor

QUIET = ("urllib3", "alembic", "granian.access", "sqlalchemy")


def set_up(form: Literal["console", "json"], level: str) -> None:
    """Write everything that is logged to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_ending(form)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _ending(form: Literal["console", "json"]) -> list[Processor]:
    if form == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
