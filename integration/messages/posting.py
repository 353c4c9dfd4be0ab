"""One careful way to post to an address that somebody typed: http or https, no redirects, little time, few bytes.

The name is looked up once, every address found is judged, and the call goes to one of those that were judged, so that
nobody can change what a name means in between. Addresses of a private network take the operator's word.
"""

import ipaddress
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from integration.contract import Misconfigured, Permanent, Temporary, TrackerError
from integration.http import USER_AGENT, retry_after
from integration.messages.addresses import checked_address

TIMEOUT = (5.0, 10.0)  # to connect, and for each part of the answer
LONGEST = 20.0  # seconds for a whole answer
LARGEST_ANSWER = 16 * 1024
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_AGAIN = frozenset({408, 409, 425, 429})

LookUp = Callable[[str, int], Sequence[str]]


class NotTaken(Temporary):
    """The receiver certainly did not take it: it may be sent again whatever it was."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`allows_private`: the operator said that addresses of this network may be called."""

    allows_private: bool = False
    look_up: LookUp | None = None  # None: as the machine does
    always_again: bool = False  # receivers that are built for repetitions: only a 410 is final


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is read where the receiver's own API is spoken, and never kept or quoted."""

    status: int
    body: bytes


def post(address: str, body: bytes, headers: Mapping[str, str], rules: Rules) -> int:
    """Post and give the status of success; raise one of our errors otherwise. The answer's text is never kept."""
    return asked(address, body, headers, rules).status


def asked(address: str, body: bytes, headers: Mapping[str, str], rules: Rules, most: int = LARGEST_ANSWER) -> Answer:
    """Post and give the answer of success, of which at most so many bytes are read."""
    parts = urlsplit(checked_address(address))
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    named = {"User-Agent": USER_AGENT, "Content-Type": "application/json", **headers}
    session = requests.Session()
    try:
        found = _judged(host, port, rules)
        if get_environ_proxies(address):
            # The proxy looks the name up again, and is the operator's own.
            response = _sent(session, address, body, named)
        else:
            named["Host"] = parts.netloc
            for scheme in ("https://", "http://"):
                session.mount(scheme, _adapter_for(host, parts.scheme))
            response = _sent(session, _with_host(parts, found, port), body, named, is_direct=True)
        with response:
            said = _read_little(response, most)
            return Answer(_judge(response, rules), said)
    except requests.RequestException as error:
        # Not chained, and not quoted: the library's error holds the address, which is a secret.
        raise _unsent(host, error) from None
    finally:
        session.close()


# --- whom we call


def _judged(host: str, port: int, rules: Rules) -> str:
    """An address of this host; raise where any that its name stands for must not be called."""
    try:
        found = (rules.look_up or _look_up)(host, port)
    except (OSError, UnicodeError):
        raise NotTaken("unknown_host", f"The name {host} cannot be looked up: is it right?") from None
    if not found:
        raise NotTaken("unknown_host", f"The name {host} stands for no address.")
    for one in found:
        if not rules.allows_private and not _is_public(one):
            sentence = (
                f"{host} is an address of this machine or a private network, and was not called: whoever runs Tieline "
                "allows that with TIELINE_MESSAGES_TO_PRIVATE=true."
            )
            raise Misconfigured("private_address", sentence)
    return found[0]


def _look_up(host: str, port: int) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass  # a name, or a number that the machine may read as an address: it is judged after it was
    return list(dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        within = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
        within = within or address.ipv4_mapped or address.sixtofour
        if within is not None and not within.is_global:
            return False
    return address.is_global and not address.is_multicast


def _adapter_for(host: str, scheme: str) -> HTTPAdapter:
    """Calls go to an address, and the certificate must be that of the name."""
    adapter = HTTPAdapter(max_retries=0)
    if scheme == "https":
        adapter.init_poolmanager(1, 1, server_hostname=host, assert_hostname=host)
    return adapter


def _with_host(parts: SplitResult, address: str, port: int) -> str:
    bare = f"[{address}]" if ":" in address else address
    return urlunsplit((parts.scheme, f"{bare}:{port}", parts.path or "/", parts.query, ""))


# --- what they say


def _sent(
    session: requests.Session, address: str, body: bytes, headers: Mapping[str, str], *, is_direct: bool = False
) -> requests.Response:
    prepared = session.prepare_request(requests.Request("POST", address, data=body, headers=dict(headers)))
    settings = session.merge_environment_settings(prepared.url or "", {}, True, None, None)
    if is_direct:
        settings["proxies"] = {}
    return session.send(prepared, timeout=TIMEOUT, allow_redirects=False, **settings)


def _read_little(response: requests.Response, most: int) -> bytes:
    """Take the answer's end within bounds; what is longer or slower is cut off, for its status says all."""
    until, said = time.monotonic() + LONGEST, bytearray()
    for part in response.iter_content(1024):
        said += part
        if len(said) > most or time.monotonic() > until:
            break
    return bytes(said)


def _judge(response: requests.Response, rules: Rules) -> int:
    status = response.status_code
    if 200 <= status < 300:
        return status
    if 300 <= status < 400:
        sentence = f"The address answered {status}, a redirection, which is not followed: enter the final address."
        raise Misconfigured("redirected", sentence)
    if status == 410:
        raise Permanent("gone", "The address answered 410: it wants no more messages.")
    if status >= 500 or status in _AGAIN or rules.always_again:
        wait = retry_after(response) if status in (429, 503) else None
        failure = NotTaken if status == 429 else Temporary
        raise failure("not_taken", f"The address answered {status}; it is tried again.", retry_after=wait)
    if status in (401, 403, 404):
        sentence = f"The address answered {status}: it is not valid any more, or was never right. Make a new one."
        raise Permanent("refused", sentence)
    raise Permanent("refused", f"The address answered {status} and does not take this message.")


def status_of(error: TrackerError) -> int | None:
    """The status that an error names."""
    _, _, rest = error.sentence.partition(" answered ")
    return int(rest[:3]) if rest[:3].isdecimal() else None


def _unsent(host: str, error: requests.RequestException) -> TrackerError:
    if isinstance(error, requests.exceptions.SSLError):
        return NotTaken("untrusted_certificate", f"The certificate of {host} is not trusted by this machine.")
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return NotTaken("timeout", f"{host} did not answer in time.")
    if isinstance(error, requests.exceptions.Timeout):
        return Temporary("timeout", f"{host} did not answer in time.")
    return Temporary("unreachable", f"{host} cannot be reached ({type(error).__name__}).")
