"""The simulated site as a WSGI application: platform, agile and webhook resources, and the controls."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from simulator.agile import agile
from simulator.control import control
from simulator.data_center import second_platform, second_webhook_resource
from simulator.life import Life
from simulator.platform import platform
from simulator.requests_in import Refused, Shape, check_caller, limited, must_be_known, refuse, strict_body
from simulator.sender import Hook, Sender
from simulator.shapes import Json, milliseconds
from simulator.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HOOK = {
    "name": Shape(str),
    "description": Shape(str),
    "url": Shape(str),
    "events": Shape(list),
    "filters": Shape(dict),
    "excludeBody": Shape(bool),
    "enabled": Shape(bool),
    "secret": Shape(str),
}
REQUESTS_KEPT = 5000


def create_app(site: Site, sender: Sender, life: Life | None = None) -> Flask:
    """The whole site behind one application."""
    app = Flask("simulator")
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_blueprint(agile(site))
    for routes in (
        _data_center(site, sender) if site.is_data_center else (platform(site), webhook_resource(site, sender))
    ):
        app.register_blueprint(routes)
    app.register_blueprint(control(site, sender, life))

    app.wsgi_app = _one_at_a_time(site, app.wsgi_app)  # type: ignore[method-assign,assignment]

    @app.before_request
    def admit() -> Response | None:
        if request.path.startswith("/_control"):
            return None
        body = request.get_json(silent=True) if request.is_json else None
        site.requests.append({"method": request.method, "path": request.full_path.rstrip("?"), "body": body})
        del site.requests[:-REQUESTS_KEPT]
        refused = limited(site)
        if refused is None:
            check_caller(site)
        return refused

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return refuse(error)

    @app.errorhandler(HTTPException)
    def unknown(error: HTTPException) -> Response:
        return refuse(Refused(error.code or 500, error.description or ""))

    return app


def _data_center(site: Site, sender: Sender) -> tuple[Blueprint, Blueprint]:
    return second_platform(site), second_webhook_resource(site, sender)


def _one_at_a_time(site: Site, application: "WSGIApplication") -> "WSGIApplication":
    """Hold the site's lock through a request, so that an answer shows one moment."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        with site.lock:
            return application(environ, start_response)

    return answer


def webhook_resource(site: Site, sender: Sender) -> Blueprint:
    """Admin webhooks: register, list, read, delete; a secret can never be read back."""
    routes = Blueprint("hooks", __name__, url_prefix="/rest/webhooks/1.0")
    routes.before_request(must_be_known)

    @routes.get("/webhook")
    def every() -> Response:
        return jsonify([_hook_json(site, hook) for hook in sender.hooks.values()])

    @routes.post("/webhook")
    def register() -> Response:
        body = strict_body(_HOOK, required=("name", "url", "events"))
        answer = jsonify(_hook_json(site, sender.register(body)))
        answer.status_code = 201
        return answer

    @routes.get("/webhook/<int:identity>")
    def one(identity: int) -> Response:
        return jsonify(_hook_json(site, _hook(sender, identity)))

    @routes.put("/webhook/<int:identity>")
    def change(identity: int) -> Response:
        _hook(sender, identity)
        return jsonify(_hook_json(site, sender.register(strict_body(_HOOK), identity)))

    @routes.delete("/webhook/<int:identity>")
    def delete(identity: int) -> Response:
        _hook(sender, identity)
        del sender.hooks[identity]
        return Response(status=204)

    return routes


def _hook(sender: Sender, identity: int) -> Hook:
    if identity not in sender.hooks:
        raise Refused(404, f"The webhook {identity} does not exist.")
    return sender.hooks[identity]


def _hook_json(site: Site, hook: Hook) -> Json:
    return {
        "name": hook.name,
        "url": hook.url,
        "excludeBody": hook.exclude_body,
        "filters": dict(hook.filters),
        "events": list(hook.events),
        "enabled": hook.enabled,
        "self": f"{site.base_url}/rest/webhooks/1.0/webhook/{hook.id}",
        "lastUpdated": milliseconds(hook.updated),
        "isSigned": hook.secret is not None,
    }
