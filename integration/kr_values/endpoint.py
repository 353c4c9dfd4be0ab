"""One look at an address: only http and https, few redirects, and limits of size and time.

Which addresses may be reached is for the operator to say, who applies the register. Errors name the host alone, for
addresses and headers may hold secrets.
"""

import re
import time
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

import requests

from integration.contract import Misconfigured, Permanent, Temporary
from integration.http import open_session, retry_after

LARGEST = 5 * 1024 * 1024
SECONDS = 30.0
REDIRECTS = 3
_TIMEOUT = (5.0, 15.0)
_NAMED = re.compile(r"\{([A-Za-z][A-Za-z0-9_]*)\}")


def with_secrets(text: str, secrets: Mapping[str, str]) -> str:
    """The text with each secret in the place of its name."""

    def secret(found: re.Match[str]) -> str:
        if found[1] not in secrets:
            sentence = f"There is no secret “{found[1]}”: give it in TIELINE_VALUE_SECRETS, or mend the name."
            raise Misconfigured("unknown_secret", sentence)
        return secrets[found[1]]

    return _NAMED.sub(secret, text)


def fetch(url: str, headers: Mapping[str, str], auth: tuple[str, str] | None = None) -> bytes:
    """What the address answers. Where it sends us to another host, headers and login stay behind."""
    until = time.monotonic() + SECONDS
    sent, login = dict(headers), auth
    with open_session() as session:
        for _ in range(REDIRECTS + 1):
            _check(url)
            with _answer(session, url, sent, login) as answer:
                if not answer.is_redirect:
                    return _body(answer, url, until)
                target = urljoin(url, answer.headers["Location"])
            if _origin(target) != _origin(url):
                sent, login = {}, None
            url = target
    raise Permanent("redirected", f"{_host(url)} sends us on more than {REDIRECTS} times: name the last address.")


def _check(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Permanent("wrong_scheme", "Only addresses that begin with http:// or https:// are read.")


def _answer(
    session: requests.Session, url: str, headers: Mapping[str, str], auth: tuple[str, str] | None
) -> requests.Response:
    try:
        # Without any login of its own a session would take one from a .netrc.
        login = auth or _no_login
        return session.get(url, headers=headers, auth=login, timeout=_TIMEOUT, stream=True, allow_redirects=False)
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader, UnicodeError):
        raise Permanent("wrong_address", "The address or a header is not well formed: mend it in `values`.") from None
    except requests.RequestException as error:
        sentence = f"{_host(url)} cannot be reached ({type(error).__name__}); it is asked again."
        raise Temporary("unreachable", sentence) from None


def _no_login(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _body(answer: requests.Response, url: str, until: float) -> bytes:
    if answer.status_code != requests.codes.ok:
        raise _refusal(answer, url)
    found = bytearray()
    try:
        for part in answer.iter_content(64 * 1024):
            found += part
            if len(found) > LARGEST:
                raise Permanent("too_large", f"{_host(url)} answers with more than {LARGEST // 1024**2} MB.")
            if time.monotonic() > until:
                raise Temporary("too_slow", f"{_host(url)} takes longer than {SECONDS:.0f} seconds; it is asked again.")
    except requests.RequestException as error:
        sentence = f"{_host(url)} broke off its answer ({type(error).__name__}); it is asked again."
        raise Temporary("broken_off", sentence) from None
    return bytes(found)


def _refusal(answer: requests.Response, url: str) -> Permanent | Temporary:
    status = answer.status_code
    if status in (401, 403):
        return Permanent("not_let_in", f"{_host(url)} does not let us in ({status}): look at the secret it is given.")
    if status == 429 or status >= 500:
        sentence = f"{_host(url)} answers {status}; it is asked again."
        return Temporary("refused", sentence, retry_after=retry_after(answer))
    return Permanent("refused", f"{_host(url)} answers {status}: mend the address in `values`.")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return (parts.scheme, parts.hostname, parts.port)


def _host(url: str) -> str:
    return urlsplit(url).hostname or "The address"
