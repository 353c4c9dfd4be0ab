"""HTTP towards trackers: one way to send, with timeouts, back-off, a budget of calls, and errors as sentences.

Nothing is repeated that may have happened already, no redirect is followed (credentials stay with their host),
and no secret gets into an error.
"""

import copy
import random
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError

from integration.contract import Misconfigured, Permanent, Temporary, TrackerError
from integration.json_text import loads
from integration.limits import CallBook, Pace, resets_at, said_of

TIMEOUT = (5.0, 30.0)  # seconds to connect, seconds between two bytes
USER_AGENT = "tieline"
LONGEST_QUOTE = 300

Query = Sequence[tuple[str, str]]


class NotDone(Temporary):
    """The tracker certainly did not act on the call: it may be sent again whatever it was."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How often and how patiently a call is tried. The defaults are Atlassian's advice.

    https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
    """

    tries: int = 4
    first_pause: float = 2.0
    longest_pause: float = 30.0
    jitter: tuple[float, float] = (0.7, 1.3)
    patience: float = 60.0  # a longer wait is left to the caller: no thread sleeps for half an hour


class Budget:
    """The calls that one connection may make: a token bucket, and holds that the tracker asked for.

    A hold is on one endpoint (a burst limit) or on all of them (a quota).
    """

    def __init__(
        self,
        per_second: float = 20.0,
        burst: int = 20,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.sleep = sleep
        self._clock = clock
        self._per_second = per_second
        self._burst = float(burst)
        self._tokens = float(burst)
        self._filled = clock()
        self._holds: dict[str, float] = {}
        self._lock = threading.Lock()

    @property
    def pace(self) -> Pace:
        return Pace(self._per_second, int(self._burst))

    def take(self, endpoint: str, patience: float) -> None:
        """Wait until a call to `endpoint` may be made; raise if that is longer than `patience` seconds."""
        self._wait_out_holds(endpoint, patience)
        with self._lock:
            now = self._clock()
            self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._per_second) - 1
            self._filled = now
            wait = max(0.0, -self._tokens / self._per_second)
        if wait > 0:
            self.sleep(wait)
            self._wait_out_holds(endpoint, patience)

    def hold(self, endpoint: str, seconds: float) -> None:
        """Make no call to `endpoint` ("*": to any) for so long."""
        with self._lock:
            self._holds[endpoint] = max(self._holds.get(endpoint, 0.0), self._clock() + seconds)

    def _wait_out_holds(self, endpoint: str, patience: float) -> None:
        while (wait := self._held(endpoint)) > 0:
            if wait > patience:
                raise NotDone("rate_limited", "The tracker asked us to wait; we go on afterwards.", retry_after=wait)
            self.sleep(wait)

    def _held(self, endpoint: str) -> float:
        with self._lock:
            now = self._clock()
            self._holds = {name: until for name, until in self._holds.items() if until > now}
            return max(self._holds.get(endpoint, now), self._holds.get("*", now)) - now


def open_session() -> requests.Session:
    """A plain session for trackers that need no library of their own."""
    return prepare_session(requests.Session())


def prepare_session(session: requests.Session) -> requests.Session:
    """Give any requests session our connection pool and name; retries are ours, never the adapter's."""
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=16, max_retries=0))
    session.headers["User-Agent"] = USER_AGENT
    return session


class HTTPClient:
    """Sends calls to one address with one session, and answers parsed JSON or one of our errors.

    `dialect` is the tracker's own word for which of its editions answers there; `explain` says what a refusal of this
    tracker means, beside its status and its words.
    """

    def __init__(
        self,
        session: requests.Session,
        base_url: str,
        *,
        budget: Budget | None = None,
        policy: Policy | None = None,
        secrets: Sequence[str] = (),
        timeout: tuple[float, float] = TIMEOUT,
        dialect: str = "",
        explain: Callable[[requests.Response], str] | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.budget = budget or Budget()
        self.calls = 0
        self.dialect = dialect
        self._book: CallBook | None = None
        self._explain = explain
        self._session = session
        self._policy = policy or Policy()
        self._secrets = tuple(secret for secret in secrets if secret)
        self._timeout = timeout

    def counted_in(self, book: CallBook) -> "HTTPClient":
        """The same client, with its pool and its budget; its calls are counted there."""
        counted = copy.copy(self)
        counted._book = book
        return counted

    def json(self, method: str, path: str, query: Query = (), body: object = None, *, repeatable: bool = False) -> Any:
        """Send a call. `repeatable`: doing it twice does no harm; a GET always is."""
        endpoint = f"{method} {re.sub(r'[0-9]+', '#', path)}"
        repeatable = repeatable or method == "GET"
        for attempt in range(1, self._policy.tries + 1):
            self.budget.take(endpoint, self._policy.patience)
            try:
                return self._attempt(method, path, query, body)
            except Temporary as error:
                pause = self._pause(attempt, error.retry_after)
                limit = _limit(error)
                held = "*" if limit == "quota" else endpoint
                if limit is not None:
                    self.budget.hold(held, pause)
                if self._book is not None and (limit is not None or error.retry_after is not None):
                    self._book.note_wait(error.reason, "" if held == "*" else f"{method} {path}", pause)
                may_repeat = repeatable or isinstance(error, NotDone)
                if not may_repeat or attempt == self._policy.tries or pause > self._policy.patience:
                    raise
                if limit is None:
                    self.budget.sleep(pause)
        raise AssertionError("a policy has at least one try")

    def _pause(self, attempt: int, retry_after: float | None) -> float:
        grown = min(self._policy.longest_pause, self._policy.first_pause * 2.0 ** (attempt - 1))
        low, high = self._policy.jitter
        jittered = grown * random.uniform(low, high)  # noqa: S311 - spreads calls, protects nothing
        return jittered if retry_after is None else max(jittered, retry_after + random.random())  # noqa: S311

    def _attempt(self, method: str, path: str, query: Query, body: object) -> Any:
        self.calls += 1
        if self._book is not None:
            self._book.note_call(self.budget.pace)
        response = self._send(method, path, query, body)
        said = said_of(response.status_code, response.headers) if self._book is not None else None
        if self._book is not None and said is not None:
            self._book.note_said(said)
        what = f"{method} {path}"
        if 300 <= response.status_code < 400:
            raise _redirected(what, response)
        if not response.ok:
            raise self._refusal(what, response)
        return _parsed(what, response)

    def _send(self, method: str, path: str, query: Query, body: object) -> requests.Response:
        headers = {"Accept": "application/json"}
        data = None
        if body is not None:
            data = orjson.dumps(body)
            headers["Content-Type"] = "application/json"
        host = urlsplit(self.base_url).netloc
        try:
            # Prepared and sent by hand: the `jira` session's own `request` would retry and sleep as it thinks right.
            request = requests.Request(method, self.base_url + path, params=list(query), data=data, headers=headers)
            prepared = self._session.prepare_request(request)
            settings = self._session.merge_environment_settings(prepared.url or "", {}, None, None, None)
            return self._session.send(prepared, timeout=self._timeout, allow_redirects=False, **settings)
        except requests.RequestException as error:
            # Not chained: the library's error carries the request with its credentials.
            raise _unsent(host, error) from None
        except OSError as error:  # a file of certificates that the environment names
            raise Misconfigured("bad_certificates", f"{error}: see REQUESTS_CA_BUNDLE.") from None

    def _refusal(self, what: str, response: requests.Response) -> TrackerError:
        status, meant = response.status_code, self._explain(response) if self._explain is not None else ""
        said = self._without_secrets(_words(response))
        if meant:
            said = f"{said}{'.' if said and said[-1] not in '.!?' else ''} {meant}"
        if status == 401:
            return Misconfigured("bad_credentials", f"{what} answered 401: the credentials are not accepted.{said}")
        if status == 403:
            return Misconfigured("forbidden", f"{what} answered 403: the credentials may not do this.{said}")
        if status == 404:
            return Permanent("not_found", f"{what} answered 404: not there, or not visible to us.{said}")
        if status == 409:
            return Permanent("conflict", f"{what} answered 409: it was changed by others at the same moment.{said}")
        if status == 410:
            return Permanent("removed", f"{what} answered 410: the tracker has removed this call.{said}")
        if status == 429:
            return _limited(what, response)
        if status >= 500 or status in {408, 425}:
            wait = retry_after(response) if status == 503 else None
            where = "the tracker, or what stands before it," if _is_page(response) else "the tracker"
            return Temporary("unavailable", f"{what} answered {status}: {where} is in trouble.", retry_after=wait)
        return Permanent("refused", f"{what} answered {status}.{said}")

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def retry_after(response: requests.Response) -> float | None:
    """Seconds to wait, from a number or an HTTP date. Read it on 429 and 503 only: some sites send 0 with every 200."""
    text = response.headers.get("Retry-After", "").strip()
    if not text:
        return None
    if text.isdecimal():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds()) if at.tzinfo else None


def _limited(what: str, response: requests.Response) -> NotDone:
    """A 429: `RateLimit-Reason` tells a burst on one endpoint from a used-up quota for all calls."""
    reason = response.headers.get("RateLimit-Reason", "")
    wait = retry_after(response)
    if "quota" in reason:
        until = wait if wait is not None else _until_reset(response)
        return NotDone("quota_used_up", f"{what} answered 429: the quota of calls is used up.", retry_after=until)
    return NotDone("rate_limited", f"{what} answered 429: too many calls at once.", retry_after=wait)


def _limit(error: Temporary) -> str | None:
    return {"quota_used_up": "quota", "rate_limited": "burst"}.get(error.reason)


def _until_reset(response: requests.Response) -> float | None:
    at = resets_at(response.headers)
    return None if at is None else max(0.0, (at - datetime.now(UTC)).total_seconds())


def _redirected(what: str, response: requests.Response) -> Misconfigured:
    target = urljoin(response.url, response.headers.get("Location", ""))
    parts = urlsplit(target)
    return Misconfigured(
        "redirected",
        f"{what} is redirected to {parts.scheme}://{parts.netloc}{parts.path}. Credentials are never sent along: "
        "enter the tracker's final address, or credentials that it accepts.",
    )


def _parsed(what: str, response: requests.Response) -> Any:
    content = response.content
    if not content.strip():
        return None
    try:
        return loads(content)
    except orjson.JSONDecodeError:
        is_page = _is_page(response)
    if is_page:
        raise Temporary(
            "not_json",
            f"{what} answered with a web page in place of JSON: is the address right, or does a login or "
            "maintenance page stand before it?",
        )
    raise Temporary("truncated", f"{what} answered with JSON that cannot be read to its end.")


def _is_page(response: requests.Response) -> bool:
    return "html" in response.headers.get("Content-Type", "") or response.content.lstrip()[:1] == b"<"


def _unsent(host: str, error: requests.RequestException) -> TrackerError:
    if isinstance(error, requests.exceptions.ProxyError):
        said = "The proxy that HTTPS_PROXY or HTTP_PROXY names cannot be reached, or refuses"
        return NotDone("proxy_unreachable", f"{said}: {host} was not asked. NO_PROXY names hosts to go past it.")
    if isinstance(error, requests.exceptions.SSLError):
        return _without_trust(host, str(error))
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return NotDone("unreachable", f"{host} did not accept a connection in time.")
    if isinstance(error, requests.exceptions.Timeout):
        return Temporary("timeout", f"{host} did not answer in time.")
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return Misconfigured("bad_address", f"{host or 'The address'} is not an address that can be called.")
    if isinstance(error, requests.ConnectionError) and _was_refused(error):
        return NotDone("unreachable", f"{host} cannot be reached: is the address right, is the site up?")
    return Temporary("connection_lost", f"The connection to {host} broke off ({type(error).__name__}).")


def _without_trust(host: str, said: str) -> Misconfigured:
    if "CERTIFICATE_VERIFY_FAILED" not in said:
        return Misconfigured("no_tls", f"{host} does not speak TLS there: is it another port, or http?")
    if "expired" in said:
        return Misconfigured("expired_certificate", f"The certificate of {host} has expired: renew it there.")
    if "mismatch" in said or "doesn't match" in said or "not valid for" in said:
        return Misconfigured("other_certificate", f"The certificate at {host} is for another name: enter that name.")
    return Misconfigured(
        "untrusted_certificate",
        f"The certificate of {host} is not trusted by this machine: set REQUESTS_CA_BUNDLE to a file with the "
        "certificate of the authority that issued it.",
    )


def _was_refused(error: requests.ConnectionError) -> bool:
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", cause), NewConnectionError)


def _words(response: requests.Response) -> str:
    """What the tracker says, in its usual shapes; nothing of a web page."""
    try:
        answer = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(answer, Mapping):
        return ""
    messages = answer.get("errorMessages")
    said = [text for text in messages if isinstance(text, str)] if isinstance(messages, list) else []
    errors = answer.get("errors")
    if isinstance(errors, Mapping):
        said += [f"{name}: {text}" for name, text in errors.items() if isinstance(text, str)]
    said += [answer[key] for key in ("message", "detail") if isinstance(answer.get(key), str)]
    return f" It says: {' '.join(said)[:LONGEST_QUOTE]}" if said else ""
