"""An installation, opened: its settings, its database brought up to date, and its vault. Every command begins here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from integration import secrets
from integration.secrets import Vault
from integration.store.engine import create_engine
from integration.store.migrate import migrate
from service.settings import Settings, load


@dataclass(frozen=True, slots=True)
class Installation:
    settings: Settings
    engine: Engine
    vault: Vault


def open_installation(given: Mapping[str, Any] | None = None, *, migrated: bool = True) -> Installation:
    """`given`: settings from the command line, by field. The database is migrated first, unless told otherwise."""
    settings = load(given)
    if settings.database.startswith("sqlite:"):
        settings.folder.mkdir(parents=True, exist_ok=True)
    engine = create_engine(settings.database)
    if migrated:
        migrate(engine)
    return Installation(settings, engine, open_vault(settings))


def open_vault(settings: Settings) -> Vault:
    """The keys of the settings; else the one that the first start generated into the data directory."""
    if settings.secret_key is not None:
        return secrets.vault(settings.secret_key.get_secret_value())
    return secrets.vault(secrets.key_file(settings.folder / "secret.key"))


def now() -> datetime:
    return datetime.now(UTC)
