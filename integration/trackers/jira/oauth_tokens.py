"""Access tokens of OAuth 2.0, renewed by one process at a time.

Each renewal makes the refresh token before it invalid: the new one is kept before anybody uses what came with it.
https://developer.atlassian.com/cloud/oauth/getting-started/refresh-tokens
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import requests

from integration.contract import KeptTokens, Misconfigured, Temporary, TokenBox, TrackerError
from integration.http import HTTPClient, open_session
from integration.trackers.jira.answered import Json
from integration.trackers.jira.places import ATLASSIAN, Places
from integration.trackers.jira.refusals import lacks_scope

LASTS = timedelta(hours=1)
BEFORE_THE_END = timedelta(minutes=2)
YOUNG = timedelta(minutes=1)  # a token so fresh that is refused would be refused again after another renewal
LEASE = timedelta(seconds=90)  # longer than a renewal takes with all its timeouts
PATIENCE = 100.0  # seconds to wait for somebody else's renewal
_LOOK = 0.2


@dataclass(frozen=True, slots=True)
class Renewal:
    """How one connection comes to a valid access token; processes share the box and take turns by its lease."""

    box: TokenBox
    client_id: str
    client_secret: str
    places: Places = ATLASSIAN
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep

    def __repr__(self) -> str:
        return "Renewal(…)"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request, as `requests` asks for it."""
        token = access_token(self)
        request.headers["Authorization"] = f"Bearer {token}"
        request.hooks["response"].append(partial(_sent_again, self, token))
        return request


def access_token(renewal: Renewal, refused: str | None = None) -> str:
    """A token that still holds for a while; renew it, or wait until somebody else has.

    `refused`: a token that is accepted no more, whatever the time that it was to last.
    """
    owner = secrets.token_hex(8)
    waited = 0.0
    while True:
        kept = renewal.box.read()
        _refuse_withdrawn(kept)
        now = renewal.clock()
        if _holds(kept, now, refused):
            return kept.access
        if renewal.box.take(owner, now, now + LEASE):
            return _renewed(renewal, owner, refused).access
        if waited >= PATIENCE:
            raise Temporary("token_is_being_renewed", "The access token is being renewed elsewhere; we go on then.")
        renewal.sleep(_LOOK)
        waited += _LOOK


def _holds(kept: KeptTokens, now: datetime, refused: str | None) -> bool:
    if kept.access == refused:
        return kept.until - now > LASTS - YOUNG
    return kept.until - now > BEFORE_THE_END


def _renewed(renewal: Renewal, owner: str, refused: str | None) -> KeptTokens:
    """The lease is ours: look once more, for it may have been renewed just before; keep, then use."""
    kept = renewal.box.read()
    now = renewal.clock()
    if _holds(kept, now, refused):
        renewal.box.release(owner)
        return kept
    app = {"client_id": renewal.client_id, "client_secret": renewal.client_secret}
    try:
        fresh, _ = exchange(renewal.places, {"grant_type": "refresh_token", **app, "refresh_token": kept.refresh}, now)
    except TrackerError as error:
        if error.reason in _FINAL:
            renewal.box.refuse(owner, error.sentence, now)
        else:
            renewal.box.release(owner)
        raise
    renewal.box.keep(owner, fresh, now)
    return fresh


def _refuse_withdrawn(kept: KeptTokens) -> None:
    if kept.refused is not None:
        raise Misconfigured("connect_again", kept.refused)


def _sent_again(renewal: Renewal, token: str, response: requests.Response, **how: Any) -> requests.Response:
    """A token may be refused before its time: consent was withdrawn, or clocks differ. Send once more with another.

    The gateway did not act on the first, so that any call may be repeated.
    """
    if response.status_code != requests.codes.unauthorized or lacks_scope(response):
        return response
    other = access_token(renewal, token)
    if other == token:
        return response
    request = response.request.copy()
    request.headers["Authorization"] = f"Bearer {other}"
    response.close()
    again: requests.Response = response.connection.send(request, **how)
    again.request = request
    return again


# --- the token service ------------------------------------------------------------------------


def exchange(places: Places, body: Json, now: datetime) -> tuple[KeptTokens, tuple[str, ...]]:
    """Spend a code or a refresh token; answer the tokens, and the scopes that they have.

    One call, never repeated by itself: the refresh token may be spent though the answer was lost. Atlassian then still
    takes it for ten minutes, so the next try may.
    """
    hidden = tuple(str(body[name]) for name in ("client_secret", "refresh_token", "code") if name in body)
    try:
        answer = HTTPClient(open_session(), places.accounts, secrets=hidden).json("POST", "/oauth/token", body=body)
    except TrackerError as error:
        raise _meant(error, is_renewal="refresh_token" in body) from None
    known = answer if isinstance(answer, dict) else {}
    access, refresh = known.get("access_token"), known.get("refresh_token") or body.get("refresh_token")
    if not isinstance(access, str) or not isinstance(refresh, str):
        raise Misconfigured("no_refresh_token", "Atlassian gave no refresh token: add the scope offline_access.")
    tokens = KeptTokens(access, refresh, now + timedelta(seconds=int(known.get("expires_in") or LASTS.seconds)))
    return tokens, tuple(str(known.get("scope") or "").split())


def _meant(error: TrackerError, *, is_renewal: bool) -> TrackerError:
    """What a refusal means. That Atlassian cannot be reached, or not by a trusted way, refuses nothing."""
    if error.reason == "bad_credentials":
        return Misconfigured("wrong_app", _WRONG_APP)
    if error.reason in {"forbidden", "refused"}:
        return Misconfigured(*(("connect_again", _WITHDRAWN) if is_renewal else ("code_refused", _CODE_REFUSED)))
    return error


_FINAL = frozenset({"connect_again", "wrong_app"})
_WITHDRAWN = (
    "Atlassian does not renew our access any more: it was withdrawn, unused for 90 days, or a year old. "
    "Open Connections in Tieline and connect again."
)
_WRONG_APP = (
    "Atlassian does not accept the client id and secret of the app: copy both anew from its settings in the developer "
    "console, open Connections in Tieline, and connect again with them."
)
_CODE_REFUSED = (
    "Atlassian does not take the answer of your consent: it is older than some minutes, was used already, or the "
    "callback address in the developer console is another. Press the button once more."
)
