"""The headers of every answer: nothing runs or loads that we did not put there, and nobody frames a page.

What is shared by a link is the exception: its image may stand anywhere, its widget in frames of sites that are named.
"""

import secrets

from flask import Flask, Response, abort, current_app, g, request

WIDGET = "badges.widget"
SHARED = frozenset({"badges.badge", "badges.picture", WIDGET})  # by a token alone, on pages of others
_NEVER_CHANGES = "public, max-age=31536000, immutable"


def guard(app: Flask, *, is_https: bool) -> None:
    """Put the headers on every answer of `app`; templates take `nonce()` for each script tag."""

    @app.before_request
    def _make_nonce() -> None:
        g.nonce = secrets.token_urlsafe(16)

    @app.before_request
    def _refuse_names_that_cannot_be() -> None:
        # PostgreSQL takes no text with a NUL, and nothing is called so.
        if "\x00" in request.path:
            abort(404, "There is nothing of this name.")

    @app.after_request
    def _add_headers(response: Response) -> Response:
        return with_headers(response, is_https=is_https)

    app.add_template_global(nonce)


def nonce() -> str:
    """The word that lets this answer's own scripts run."""
    return str(g.nonce)


def with_headers(response: Response, *, is_https: bool) -> Response:
    headers = response.headers
    if request.endpoint in SHARED and response.status_code in (200, 304):
        return _shared(response, is_https=is_https)
    headers["Content-Security-Policy"] = content_policy(g.get("nonce", ""))
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["X-Frame-Options"] = "DENY"
    if is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint == "static" and response.status_code in (200, 304):
        # Their addresses hold their checksum.
        headers["Cache-Control"] = _NEVER_CHANGES if request.args.get("v") else "no-cache"
    else:
        headers.setdefault("Cache-Control", "no-store")
    return response


def _shared(response: Response, *, is_https: bool) -> Response:
    """What other sites may show: an image anywhere, the widget in frames of the sites that the operator names."""
    headers = response.headers
    hosts = current_app.extensions.get("tieline_widget_hosts") if request.endpoint == WIDGET else None
    frames = hosts or "'none'"
    own = "style-src 'self'; img-src 'self' data:"
    headers["Content-Security-Policy"] = f"default-src 'none'; {own}; base-uri 'none'; frame-ancestors {frames}"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def content_policy(word: str) -> str:
    script = f"script-src 'nonce-{word}'" if word else "script-src 'none'"
    own = "style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'"
    return f"default-src 'none'; {script}; {own}; base-uri 'none'; frame-ancestors 'none'"
