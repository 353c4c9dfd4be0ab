"""What the register declares of a source of values: of which key result, where, when, and what there says what."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

JSON, CSV, SQL, MIXPANEL = "http-json", "csv", "sql", "mixpanel"
_MIXPANEL_HOSTS = {"us": "mixpanel.com", "eu": "eu.mixpanel.com", "in": "in.mixpanel.com"}
_PAIRS = ("where", "headers")


@dataclass(frozen=True, slots=True)
class ValueSource:
    """One source for one key result. A secret is named in braces, `{NAME}`, and never stands here itself."""

    key_result: str
    kind: str
    every: str
    url: str | None = None
    file: str | None = None
    path: str | None = None  # of the value in the JSON
    at: str | None = None  # of the moment in it, or the column of a table that holds days
    value: str | None = None  # the column of a table
    where: tuple[tuple[str, str], ...] = ()  # only rows with these texts in these columns
    headers: tuple[tuple[str, str], ...] = ()
    database: str | None = None
    query: str | None = None
    project: str | None = None
    report: str | None = None
    region: str | None = None
    account: str | None = None  # the name of the secret "user:password" of a service account

    @property
    def place(self) -> str:
        """Such as "JSON of metrics.example.com": no path or query of an address, they may hold secrets."""
        if self.kind == SQL:
            return f"the database {self.database}"
        if self.kind == MIXPANEL:
            return f"report {self.report} of Mixpanel project {self.project}"
        if self.file is not None:
            return f"the file {self.file.replace(chr(92), '/').rpartition('/')[2]}"
        return f"{'JSON' if self.kind == JSON else 'CSV'} of {urlsplit(self.url or '').hostname or 'an address'}"

    @property
    def host(self) -> str:
        return _MIXPANEL_HOSTS.get(self.region or "us", "mixpanel.com")

    def to_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {name: value for name, value in asdict(self).items() if value not in (None, ())}
        pairs: dict[str, Any] = {name: dict(told[name]) for name in _PAIRS if name in told}
        return {**told, **pairs, "place": self.place}


_NAMES = frozenset(one.name for one in fields(ValueSource))


def value_source_of(data: Mapping[str, Any]) -> ValueSource:
    """Read what `to_json` gave."""
    known: dict[str, Any] = {name: value for name, value in data.items() if name in _NAMES}
    pairs: dict[str, Any] = {name: tuple(known[name].items()) for name in _PAIRS if name in known}
    return ValueSource(**{**known, **pairs})


@dataclass(frozen=True, slots=True)
class Access:
    """Secrets and databases by the names that the register uses; neither shows in a `repr`."""

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    databases: Mapping[str, str] = field(default_factory=dict, repr=False)
