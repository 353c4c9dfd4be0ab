"""The sample data: a small company made up, loaded as a file with OKRs of its own, and removed whole."""

import io
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from integration.answers import decide_due
from integration.imports import importing
from integration.imports.importing import SAMPLE, Wish
from integration.imports.removing import forget
from integration.imports.sample_company import backlog_file_of
from integration.secrets import Vault
from integration.store import imported_files
from integration.store.engine import reading

FILE_NAME = "sample data"


def load(engine: Engine, vault: Vault, clock: Callable[[], datetime], *, actor: str) -> None:
    """Load it with a sprint that runs today, in place of what was loaded on an earlier day; decide its figures."""
    now = clock()
    if is_loaded(engine):
        remove(engine, now, actor=actor, reason="loaded anew")
    wish = Wish(name=SAMPLE, file=FILE_NAME, actor=actor, is_sample=True)
    ready = importing.prepare(engine, io.BytesIO(backlog_file_of(now)), wish, now)
    importing.save(engine, vault, ready, clock)
    decide_due(engine, now)


def remove(engine: Engine, now: datetime, *, actor: str, reason: str = "looked at") -> bool:
    """Forget it without a trace but in the log; False where there was none."""
    with reading(engine) as session:
        names = imported_files.sample_names(session)
    for name in names:
        forget(engine, name, now, actor=actor, reason=reason)
    return bool(names)


def is_loaded(engine: Engine) -> bool:
    with reading(engine) as session:
        return bool(imported_files.sample_names(session))
