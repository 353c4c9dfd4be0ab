"""What goes wrong at a simulated site, each as Jira does it: limits, outages, an index that lags behind, calls that are
gone, rights that were taken away, credentials that get lost on their way."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

REMOVED = ("/rest/api/2/search", "/rest/api/3/search")  # of Cloud; the paths themselves, not what lies below them


@dataclass(slots=True)
class Limit:
    """The next `left` requests whose path begins with `path` are answered 429."""

    reason: str
    left: int
    path: str = "/rest/"
    retry_after: int | None = 1


@dataclass(frozen=True, slots=True)
class Outage:
    """Until then nothing is answered but this status; `is_page`: with the web page of a maintenance."""

    until: datetime
    status: int = 503
    retry_after: int | None = None
    is_page: bool = False


@dataclass(slots=True)
class Conditions:
    """`index_lag`: what searches know is so old. `closed`: ids of projects that the account may not browse any more.
    `is_anonymous`: every caller is taken for a stranger, who gets 200 with fewer results. `removed`: begins of paths
    that are answered 410, beside those that Cloud has removed. `page_most`: no page holds more."""

    limits: list[Limit] = field(default_factory=list)
    outage: Outage | None = None
    index_lag: timedelta = timedelta(0)
    is_anonymous: bool = False
    closed: set[int] = field(default_factory=set)
    removed: tuple[str, ...] = ()
    page_most: int = 10_000
