"""Where Atlassian keeps what a Cloud site does not have itself: consent, tokens, and the gateway for tokens.

A site on one's own machine is none of Atlassian's: it has all three itself, as the simulated one does.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Places:
    accounts: str
    gateway: str


ATLASSIAN = Places("https://auth.atlassian.com", "https://api.atlassian.com")


def places_of(base_url: str) -> Places:
    """By the address of the site."""
    return Places(base_url, base_url) if urlsplit(base_url).hostname in OWN_MACHINE else ATLASSIAN
