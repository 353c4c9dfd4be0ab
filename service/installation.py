"""An installation, opened: its settings, its database brought up to date, and its vault. Every command begins here."""

import gc
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from integration import calling, secrets
from integration.contract import Misconfigured
from integration.secrets import Vault
from integration.store.engine import create_engine
from integration.store.migrate import migrate
from service.settings import Settings, load

OTHERS = 0o044  # may read: the group, everybody
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Installation:
    settings: Settings
    engine: Engine
    vault: Vault


def open_installation(given: Mapping[str, Any] | None = None, *, migrated: bool = True) -> Installation:
    """`given`: settings from the command line, by field. The database is migrated first, unless told otherwise."""
    look_for_garbage_rarely()
    settings = load(given)
    try:
        if settings.database.startswith("sqlite:"):
            settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds raw deliveries
        engine = _engine(settings, migrated=migrated)
        _keep_calls_at_the_end(engine)
        return Installation(settings, engine, open_vault(settings))
    except OSError as error:
        reason = error.strerror or "unknown reason"
        sentence = f"The data directory {settings.folder} cannot be used ({reason}): TIELINE_DATA_DIR names it."
        raise Misconfigured("unusable_data_directory", sentence) from error


def look_for_garbage_rarely() -> None:
    """Nearly all that is made here goes without being looked for. To look for circles after every 700 values made, as
    Python does unless told otherwise, takes a tenth of a backfill; after so many it is not felt, in memory neither."""
    gc.set_threshold(10_000, 10, 10)


def opened(given: Mapping[str, Any] | None = None) -> Installation:
    """For the command line: what is wrong with a setting is said in a sentence."""
    try:
        return open_installation(given)
    except Misconfigured as error:
        raise click.ClickException(error.sentence) from error


def _keep_calls_at_the_end(engine: Engine) -> None:
    """What a command has called is counted with the calls of all others."""
    command = click.get_current_context(silent=True)
    if command is not None:
        command.call_on_close(lambda: calling.keep(engine, now()))


def _engine(settings: Settings, *, migrated: bool) -> Engine:
    """The database is named by its address without the password, and by what its driver says."""
    try:
        engine = create_engine(settings.database)
    except (ArgumentError, ImportError, ValueError):
        sentence = "TIELINE_DATABASE_URL is no address of a database, such as postgresql://user:password@host/name."
        raise Misconfigured("bad_database_url", sentence) from None
    if engine.dialect.name == "sqlite" and engine.url.database not in (None, "", ":memory:"):
        _keep_private(Path(str(engine.url.database)))
    try:
        if migrated:
            migrate(engine)
    except SQLAlchemyError as error:
        reason = " ".join(str(getattr(error, "orig", None) or type(error).__name__).split())
        address = engine.url.render_as_string(hide_password=True)
        sentence = (
            f"The database {address} cannot be used ({reason}): TIELINE_DATABASE_URL or TIELINE_DATA_DIR names it."
        )
        raise Misconfigured("unusable_database", sentence) from error
    return engine


def _keep_private(database: Path) -> None:
    """A new file is its owner's alone, and so are those that SQLite puts beside it. Of an older one it is only said
    that others can read it: whoever opened it to them may need that.
    """
    if not database.exists():
        os.close(os.open(database, os.O_CREAT | os.O_WRONLY, 0o600))
    elif database.stat().st_mode & OTHERS and database.parent.stat().st_mode & OTHERS:
        _log.warning("others can read the database: chmod 600 keeps it private", extra={"path": str(database)})


def open_vault(settings: Settings) -> Vault:
    """The keys of the settings; else the one that the first start generated into the data directory."""
    if settings.secret_key is not None:
        return secrets.vault(settings.secret_key.get_secret_value())
    return secrets.vault(secrets.key_file(settings.folder / "secret.key"))


def now() -> datetime:
    return datetime.now(UTC)
