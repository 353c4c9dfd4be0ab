"""Addresses that somebody typed: what is none is refused, and of what is one only the host may be shown."""

from urllib.parse import urlsplit

from integration.contract import Misconfigured

LONGEST_ADDRESS = 2000


def checked_address(text: str) -> str:
    """An address as it may be kept; raise with a sentence where it is none."""
    address = text.strip()
    try:
        parts = urlsplit(address)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        raise _wrong("It cannot be read.") from None
    if len(address) > LONGEST_ADDRESS or not address.isascii() or any(sign <= " " for sign in address):
        raise _wrong(f"It must be at most {LONGEST_ADDRESS} plain signs without blanks.")
    if parts.scheme not in ("http", "https") or not parts.hostname or not has_port:
        raise _wrong("It must begin with https:// or http:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise _wrong("It must hold no name or password before an @.")
    return address


def host_of(address: str) -> str:
    """As much of an address as may be shown: what follows may be a secret."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _wrong(why: str) -> Misconfigured:
    return Misconfigured("bad_address", f"The address is none that can be called. {why}")
