"""The settings of an installation, read once from the environment; nobody else reads it.

Each variable is `TIELINE_` and the field's name in capitals; every one of them may also be given as a file that holds
the value, in the variable with `_FILE` added, so that secrets stay out of the environment.
"""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, StringConstraints, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from integration.contract import Misconfigured
from integration.kr_values.definition import Access

PREFIX = "TIELINE_"
LEAST_HISTORY = 30  # days: figures of running sprints rest on them
Named = Annotated[dict[str, SecretStr] | None, NoDecode]
Address = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^https?://[^\s/]+(/[^\s]*)?$")]


_SITE = re.compile(r"https?://(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?")


class Settings(BaseSettings):
    """One frozen value. What is secret does not show in its `repr`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True)

    data_dir: Path | None = None  # for the generated key, and for the database unless another is named
    database_url: SecretStr | None = None  # sqlite:///… or postgresql://…; it may hold a password
    secret_key: SecretStr | None = None  # newest first, separated by commas
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)  # 0: any free one
    public_url: Address | None = None  # where people reach Tieline
    hooks_url: Address | None = None  # where trackers reach the door, if elsewhere
    proxies: int = Field(default=0, ge=0, le=9)  # in front, each of which adds to X-Forwarded-For
    page_threads: int = Field(default=8, ge=1, le=256)
    hook_threads: int = Field(default=16, ge=1, le=256)
    workers: int = Field(default=1, ge=1, le=64)
    keep_deliveries_days: int = Field(default=14, ge=0, le=14)
    keep_raw_days: int = Field(default=90, ge=0)
    keep_acts_days: int = Field(default=0, ge=0)  # the log of what people did; 0: for ever
    keep_history_days: int = Field(default=0, ge=0, le=36500)  # what items were before; 0: for ever
    value_secrets: Named = None  # by the names that the register's `values` use
    value_databases: Named = None  # their addresses, which may hold passwords
    smtp_url: SecretStr | None = None  # where mail is handed over; it may hold a password
    mail_from: str | None = None
    messages_to_private: bool = False  # messages and webhooks may go to addresses of this network
    widget_hosts: str | None = None  # sites whose pages may frame a widget, separated by blanks
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("sqlite:", "postgresql:", "postgres:")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value

    @field_validator("keep_history_days")
    @classmethod
    def _is_long_enough(cls, value: int) -> int:
        if 0 < value < LEAST_HISTORY:
            raise ValueError(f"must be 0, which keeps all, or {LEAST_HISTORY} and more")
        return value

    @field_validator("value_secrets", "value_databases", mode="before")
    @classmethod
    def _is_an_object(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            found = json.loads(value or "{}")
        except ValueError:
            found = None
        if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
            raise ValueError('must be a JSON object of texts, such as {"METRICS": "a secret"}')
        return found

    @property
    def value_access(self) -> Access:
        """Secrets and databases by name, for reading the values of key results."""
        told = [self.value_secrets or {}, self.value_databases or {}]
        return Access(*({name: one.get_secret_value() for name, one in each.items()} for each in told))

    @field_validator("widget_hosts")
    @classmethod
    def _are_sites(cls, value: str | None) -> str | None:
        if value is not None and not all(_SITE.fullmatch(one) for one in value.split()):
            raise ValueError("must name sites such as https://wiki.example.org or https://*.example.org")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library hands over all of them
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings, env_settings, _Files(settings_cls))

    @property
    def database(self) -> str:
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.folder / 'tieline.sqlite'}"

    @property
    def folder(self) -> Path:
        """The data directory: where it is not named, that of the database file."""
        if self.data_dir is not None:
            return self.data_dir
        path = self.database_url.get_secret_value().partition("sqlite:///")[2] if self.database_url else ""
        return Path(path).parent if path else Path("var")


class _Files(PydanticBaseSettingsSource):
    """Takes a value from the file that `TIELINE_<NAME>_FILE` names."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        name = f"{PREFIX}{field_name.upper()}_FILE"
        path = os.environ.get(name)
        if path is None:
            return None, field_name, False
        try:
            return Path(path).read_text().strip(), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured("unreadable_setting", f"{name}: the file {path} cannot be read ({error}).") from error

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def load(given: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings; `given` are those of the command line, by field, and win. A wrong one stops the start."""
    try:
        return Settings(**{name: value for name, value in (given or {}).items() if value is not None})
    except ValidationError as error:
        raise Misconfigured("wrong_setting", _sentence(error)) from None


def _sentence(error: ValidationError) -> str:
    """Names the variables and what is wrong with each; never the values, they may be secret."""
    wrong = [f"{PREFIX}{'_'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors()]
    return "; ".join(wrong) + "."
