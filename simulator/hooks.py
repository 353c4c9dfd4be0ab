"""The webhook resources of a simulated site: Cloud's, and those of Data Center, which moved in version 10."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, request

from simulator.dates import Json, milliseconds
from simulator.requests_in import Refused, Shape, done, must_be_known, strict_body
from simulator.sender import Hook, Sender
from simulator.site import Site

SIGNS_FROM = 10
_OLD_HOOK = {
    "name": Shape(str),
    "url": Shape(str),
    "events": Shape(list),
    "filters": Shape(dict),
    "excludeBody": Shape(bool),
    "enabled": Shape(bool),
}
_HOOK = _OLD_HOOK | {"description": Shape(str), "secret": Shape(str)}


def webhook_resource(site: Site, sender: Sender) -> Blueprint:
    """Admin webhooks: register, list, read, delete; a secret can never be read back."""
    routes = Blueprint("hooks", __name__, url_prefix="/rest/webhooks/1.0")
    routes.before_request(must_be_known)

    @routes.get("/webhook")
    def every() -> Response:
        return jsonify([_hook_json(site, hook) for hook in sender.hooks.values() if hook.app is None])

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
        return done(204)

    return routes


def _hook_json(site: Site, hook: Hook) -> Json:
    return _told_before(site, hook) | {"isSigned": hook.secret is not None}


def _hook(sender: Sender, identity: int) -> Hook:
    if identity not in sender.hooks or sender.hooks[identity].app is not None:
        raise Refused(404, f"The webhook {identity} does not exist.")
    return sender.hooks[identity]


@dataclass(frozen=True, slots=True)
class _Resource:
    """Where the webhooks are kept: before version 10, and since."""

    prefix: str
    name: str
    given: Callable[[Json], Json]
    told: Callable[[Site, Hook], Json]


def second_webhook_resource(site: Site, sender: Sender) -> Blueprint:
    """Register, list and change webhooks."""
    resource = _NEW if site.version[0] >= SIGNS_FROM else _OLD
    routes = Blueprint("second_hooks", __name__, url_prefix=f"/rest/{resource.prefix}/1.0/{resource.name}")
    routes.before_request(must_be_known)

    @routes.get("")
    def every() -> Response:
        return jsonify([resource.told(site, hook) for hook in sender.hooks.values()])

    @routes.post("")
    def register() -> Response:
        answer = jsonify(resource.told(site, sender.register(resource.given(_body()))))
        answer.status_code = 201
        return answer

    @routes.put("/<int:identity>")
    def change(identity: int) -> Response:
        if identity not in sender.hooks:
            raise Refused(404, f"The webhook {identity} does not exist.")
        return jsonify(resource.told(site, sender.register(resource.given(_body()), identity)))

    return routes


def _body() -> Json:
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not all(isinstance(body.get(name), str) for name in ("name", "url")):
        raise Refused(400, "A webhook needs a name and a URL.")
    return body


def _given_before(_body: Json) -> Json:
    """It knows no secret, and refuses what it does not know."""
    return strict_body(_OLD_HOOK, required=("name", "url", "events"))


def _given(body: Json) -> Json:
    """A secret or a filter that does not stand in the configuration is ignored without a word."""
    configuration = body.get("configuration")
    known = configuration if isinstance(configuration, dict) else {}
    secret = {"secret": known["SECRET"]} if known.get("SECRET") else {}
    return {
        "name": body["name"],
        "url": body["url"],
        "events": body.get("events", []),
        "excludeBody": known.get("EXCLUDE_BODY") == "true",
        "enabled": body.get("active", True),
        **secret,
    }


def _told_before(site: Site, hook: Hook) -> Json:
    return {
        "name": hook.name,
        "url": hook.url,
        "excludeBody": hook.exclude_body,
        "filters": dict(hook.filters),
        "events": list(hook.events),
        "enabled": hook.enabled,
        "self": f"{site.base_url}/rest/webhooks/1.0/webhook/{hook.id}",
        "lastUpdated": milliseconds(hook.updated),
    }


def _told(_site: Site, hook: Hook) -> Json:
    secret: Json = {"SECRET": "*****"} if hook.secret is not None else {}
    return {
        "id": hook.id,
        "name": hook.name,
        "url": hook.url,
        "events": list(hook.events),
        "active": hook.enabled,
        "scopeType": "global",
        "configuration": {"EXCLUDE_BODY": "true" if hook.exclude_body else "false"} | secret,
    }


_OLD = _Resource("webhooks", "webhook", _given_before, _told_before)
_NEW = _Resource("jira-webhook", "webhooks", _given, _told)
