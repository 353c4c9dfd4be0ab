"""What a tracker offers to whoever connects a site of it: the steps as functions, and the values between them.

A tracker's module answers one `Connecting`; terminal and pages go through it and know no tracker by name.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from integration.contract import Connection
from mappings.model import Periods, Status

Report = Callable[[str, int, int | None], None]  # what is looked at, how many so far, of how many


# --- the site and who we are there ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Site:
    """A site as it describes itself to a stranger."""

    base_url: str
    edition: str  # the tracker's own word
    version: str
    title: str
    name: str  # such as Jira Cloud 1001.0.0
    trouble: str | None = None  # why Tieline cannot read it


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to fill in. `is_secret`: never shown again."""

    name: str
    label: str
    hint: str = ""
    is_secret: bool = False
    is_needed: bool = True
    is_tick: bool = False  # a box to tick: "yes", or nothing


@dataclass(frozen=True, slots=True)
class Way:
    """One kind of credentials. `is_consent`: they come from the site itself after a person agreed there."""

    name: str
    label: str
    steps: tuple[str, ...]  # where to click, a sentence each
    entries: tuple[Entry, ...]
    link: str = ""  # where it is made
    is_consent: bool = False


@dataclass(frozen=True, slots=True)
class Right:
    name: str
    is_held: bool
    is_needed: bool
    what_for: str
    how: str

    @property
    def title(self) -> str:
        """As the site calls it on its pages."""
        return self.name.replace("_", " ").title()


@dataclass(frozen=True, slots=True)
class Sight:
    """Who our credentials are, as far as the operator must know, and what they let us see; nothing of it is kept."""

    account: str
    time_zone: str | None
    rights: tuple[Right, ...]
    projects: int | None  # how many we may browse; None where that cannot be told
    skew_seconds: int | None  # by how much the site's clock is ahead of ours

    @property
    def is_enough(self) -> bool:
        return all(right.is_held for right in self.rights if right.is_needed) and self.projects != 0


# --- what there is to choose from -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProjectLine:
    id: str
    key: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class BoardOffer:
    id: str
    name: str
    kind: str  # the tracker's word
    project: str | None  # id of the project in which it is located
    has_sprints: bool


@dataclass(frozen=True, slots=True)
class FieldOffer:
    """A field that could play a part; rank 1 is the best. `scope`: key of the one project that has it."""

    id: str
    names: tuple[str, ...]
    encoding: str
    rank: int
    reason: str
    scope: str | None = None
    filled: int = 0
    of: int = 0
    samples: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.names[0] if self.names else self.id


@dataclass(frozen=True, slots=True)
class StatusOffer:
    id: str
    name: str
    means: Status | None  # as the site says
    items: int = 0  # of the sampled ones


@dataclass(frozen=True, slots=True)
class NameOffer:
    id: str
    name: str
    items: int = 0  # of the sampled ones
    hint: str = ""  # what a person should look at


@dataclass(frozen=True, slots=True)
class Offer:
    """A site as it was looked at; `raw` is what the tracker itself needs to make a mapping of the choice."""

    projects: tuple[ProjectLine, ...]
    boards: tuple[BoardOffer, ...]
    key_results: tuple[FieldOffer, ...]
    points: tuple[FieldOffer, ...]
    teams: tuple[FieldOffer, ...]
    labels: tuple[str, ...]
    links: tuple[NameOffer, ...]
    statuses: tuple[StatusOffer, ...]
    resolutions: tuple[NameOffer, ...]
    types: tuple[NameOffer, ...]
    items: int | None
    sampled: int
    raw: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BoardChoice:
    id: str
    team: str | None = None
    periods: Periods | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What the operator chose of an offer."""

    key_results: tuple[str, ...] = ()  # ids of fields
    label_prefix: str | None = None
    pattern: str | None = None
    links: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    team_field: str | None = None
    boards: tuple[BoardChoice, ...] = ()
    statuses: tuple[tuple[str, Status], ...] = ()  # by id, where they mean something else than the site says
    dropped: tuple[str, ...] = ()  # names of resolutions
    levels: tuple[tuple[str, int], ...] = ()  # by name of a type


# --- the webhook ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """A webhook as we want it. `token`: the last part of the path where the site cannot sign; then no secret."""

    name: str
    address: str
    projects: tuple[str, ...] = ()
    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    for_proof: bool = False  # tells of the silent change, too, by which `cause_delivery` proves it

    @property
    def url(self) -> str:
        return f"{self.address}/{self.token}" if self.token else self.address


@dataclass(frozen=True, slots=True)
class Registered:
    """What the site says of the webhook after it was registered: the secret itself can never be read back."""

    id: str
    url: str
    is_signed: bool
    is_enabled: bool
    can_be_signed: bool = True
    expires_at: datetime | None = None  # None: never

    @property
    def is_good(self) -> bool:
        return self.is_enabled and (self.is_signed or not self.can_be_signed)


# --- looking again ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Check:
    """`is_good` None: nobody can tell, or it is no fault; the sentence says what was seen and what could be done."""

    step: str
    is_good: bool | None
    sentence: str


# --- consent ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Consent:
    """How a site lets a person agree: an address to go to, and what to make of the code that comes back."""

    address: Callable[[Site, Mapping[str, str], str, str], str]  # site, entries, our own address, state
    credentials: Callable[[Site, Mapping[str, str], str, str, datetime], dict[str, str]]  # site, entries, ours, code


@dataclass(frozen=True, slots=True)
class Connecting:
    title: str
    example: str  # of an address
    probe: Callable[[str], Site]
    name_for: Callable[[str], str]
    ways: Callable[[Site], tuple[Way, ...]]
    credentials: Callable[[Site, str, Mapping[str, str]], dict[str, str]]
    sight: Callable[[Connection, datetime], Sight]
    projects: Callable[[Connection], tuple[ProjectLine, ...]]
    look: Callable[[Connection, Sequence[str], Report], Offer]
    suggest: Callable[[Offer, Sequence[str]], Choice]  # the names of the register's teams
    mapping: Callable[[Offer, Choice], dict[str, object]]
    chosen: Callable[[Connection], tuple[tuple[str, ...], Choice]]  # what was chosen before: projects and the rest
    projects_of: Callable[[Connection], tuple[str, ...]]
    reads_elsewhere: Callable[[Mapping[str, object], Mapping[str, object]], bool]  # two mappings: other items or boards
    can_sign: Callable[[Connection], bool]
    own_secret: Callable[[Connection], str | None]  # where the site signs with a secret that both know already
    register: Callable[[Connection, Wanted], Registered]
    instructions: Callable[[Connection, Wanted], tuple[str, ...]]
    how_to_cause_a_delivery: str
    webhook: Callable[[Connection], Registered | None]  # the one that leads to us; raises where we may not look
    can_cause_delivery: Callable[[Connection], bool]
    cause_delivery: Callable[[Connection], str]  # by a change that nobody sees; says what was done
    renew_webhook: Callable[[Connection, Registered], Registered]
    checks: Callable[[Connection, datetime], Iterator[Check]]
    consent: Consent | None = None
