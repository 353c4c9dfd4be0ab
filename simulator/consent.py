"""Where a person agrees to an app, where the app gets its tokens, and which site it may ask with them.

All three stand at addresses of Atlassian's own in the real world; here they stand at the site itself.
"""

import hmac
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as Answer

from simulator.accounts import ACCESS_LASTS, Accounts, App, GrantRefused, Tokens
from simulator.dates import Json
from simulator.requests_in import Refused, bearer_of
from simulator.site import Site

NO = "User did not authorize the request"


def consent(site: Site) -> Blueprint:
    """The routes, bound to one site."""
    routes = Blueprint("consent", __name__)
    accounts = site.accounts

    @routes.get("/authorize")
    def authorize() -> Answer:
        app, scopes = _asked(accounts)
        if not accounts.agrees:
            return _back(app, {"error": "access_denied", "error_description": NO})
        return _back(app, {"code": accounts.agree(app, scopes)})

    @routes.post("/oauth/token")
    def token() -> Response:
        try:
            return jsonify(_told(_tokens(accounts, request.get_json(silent=True))))
        except GrantRefused as refused:
            answer = jsonify({"error": refused.word, "error_description": refused.sentence})
            answer.status_code = refused.status
            return answer

    @routes.get("/oauth/token/accessible-resources")
    def resources() -> Response:
        grant = accounts.grant_of(bearer_of(request.headers.get("Authorization", "")))
        if grant is None:
            raise Refused(401, "Unauthorized")
        scopes = [scope for scope in grant.scopes if scope != "offline_access"]
        name = {"id": site.cloud_id, "url": site.base_url, "name": "Simulated Jira"}
        return jsonify([name | {"scopes": scopes, "avatarUrl": f"{site.base_url}/"}])

    @routes.get("/_edge/tenant_info")
    def tenant() -> Response:
        return jsonify({"cloudId": site.cloud_id})

    return routes


def _asked(accounts: Accounts) -> tuple[App, tuple[str, ...]]:
    """Who asks for what; refused on a page of its own where nobody may be sent back."""
    given = request.args
    app = accounts.apps.get(given.get("client_id", ""))
    if app is None or not hmac.compare_digest(given.get("redirect_uri", "").encode(), app.callback.encode()):
        raise Refused(400, "There is no such app, or it has another callback address.")
    scopes = tuple(given.get("scope", "").split())
    unticked = [scope for scope in scopes if scope != "offline_access" and scope not in app.scopes]
    if given.get("audience") != "api.atlassian.com" or given.get("response_type") != "code" or not given.get("state"):
        raise Refused(400, "audience, response_type and state must be given.")
    if unticked or not scopes:
        raise Refused(400, f"The app may not ask for these scopes: {' '.join(unticked) or 'none'}")
    return app, scopes


def _back(app: App, answer: dict[str, str]) -> Answer:
    sign = "&" if "?" in app.callback else "?"
    return redirect(f"{app.callback}{sign}{urlencode(answer | {'state': request.args['state']})}", 302)


def _tokens(accounts: Accounts, body: object) -> Tokens:
    given = {name: text for name, text in body.items() if isinstance(text, str)} if isinstance(body, dict) else {}
    app = (given.get("client_id", ""), given.get("client_secret", ""))
    match given.get("grant_type"):
        case "authorization_code":
            return accounts.spend(*app, given.get("code", ""), given.get("redirect_uri", ""))
        case "refresh_token":
            return accounts.renew(*app, given.get("refresh_token", ""))
    raise GrantRefused(400, "unsupported_grant_type", "Unsupported grant type")


def _told(tokens: Tokens) -> Json:
    body: Json = {"access_token": tokens.access, "expires_in": int(ACCESS_LASTS.total_seconds())}
    if tokens.refresh is not None:
        body["refresh_token"] = tokens.refresh
    return body | {"token_type": "Bearer", "scope": " ".join(tokens.scopes)}
