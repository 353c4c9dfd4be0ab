"""The simulated site as a WSGI application: platform, agile and webhook resources, and the controls."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException

from simulator.agile import agile
from simulator.app_hooks import app_webhooks
from simulator.consent import consent
from simulator.control import control
from simulator.data_center import second_platform
from simulator.gateway import behind_gateway
from simulator.goal_answers import goals
from simulator.hooks import second_webhook_resource, webhook_resource
from simulator.life import Life
from simulator.platform import platform
from simulator.requests_in import Refused, check_caller, refuse, refused_at_once
from simulator.sender import Sender
from simulator.site import Site
from simulator.writes import writes

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REQUESTS_KEPT = 5000
WITHOUT_LOGIN = ("/authorize", "/oauth/", "/_edge/")  # or with a check of their own


def create_app(site: Site, sender: Sender, life: Life | None = None) -> Flask:
    """The whole site behind one application."""
    app = Flask("simulator")
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_blueprint(agile(site))
    for routes in _data_center(site, sender) if site.is_data_center else _cloud(site, sender):
        app.register_blueprint(routes)
    app.register_blueprint(writes(site))
    app.register_blueprint(control(site, sender, life))

    app.wsgi_app = _one_at_a_time(site, behind_gateway(site, app.wsgi_app))  # type: ignore[method-assign,assignment]

    @app.before_request
    def admit() -> Response | None:
        if request.path.startswith("/_control"):
            return None
        body = request.get_json(silent=True) if request.is_json else None
        site.requests.append({"method": request.method, "path": request.full_path.rstrip("?"), "body": body})
        del site.requests[:-REQUESTS_KEPT]
        site.asked += 1
        refused = refused_at_once(site)
        if refused is None and not request.path.startswith(WITHOUT_LOGIN):
            check_caller(site)
        return refused

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return refuse(error)

    @app.errorhandler(HTTPException)
    def unknown(error: HTTPException) -> Response:
        return refuse(Refused(error.code or 500, error.description or ""))

    return app


def _cloud(site: Site, sender: Sender) -> tuple[Blueprint, ...]:
    return platform(site), webhook_resource(site, sender), app_webhooks(site, sender), consent(site), goals(site)


def _data_center(site: Site, sender: Sender) -> tuple[Blueprint, ...]:
    return second_platform(site), second_webhook_resource(site, sender)


def _one_at_a_time(site: Site, application: "WSGIApplication") -> "WSGIApplication":
    """Hold the site's lock through a request, so that an answer shows one moment."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        with site.lock:
            return application(environ, start_response)

    return answer
