"""The application: pages, API and who may come in, on one store. The door is put in front of it where it is served."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

from apiflask import APIFlask, HTTPError
from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from integration import calling
from integration.secrets import Vault
from integration.store.opened import Store
from reports import (
    access,
    account_pages,
    api,
    audit_pages,
    badge_pages,
    compare_pages,
    compression,
    connect_pages,
    connection_pages,
    delivery_pages,
    file_pages,
    key_result_pages,
    metrics,
    notification_pages,
    pages,
    past_pages,
    rule_pages,
    security,
    sheet_pages,
    trend_pages,
    wording_pages,
    write_back_pages,
)
from reports.past import Pasts
from service.installation import now as wall_clock
from service.installation import open_vault
from service.settings import Settings

_log = logging.getLogger(__name__)
_AREAS = (
    pages,
    audit_pages,
    rule_pages,
    wording_pages,
    key_result_pages,
    account_pages,
    delivery_pages,
    trend_pages,
    sheet_pages,
    compare_pages,
    write_back_pages,
    connect_pages,
    file_pages,
    connection_pages,
    notification_pages,
    badge_pages,
)


def create_app(
    engine: Engine,
    settings: Settings,
    *,
    clock: Callable[[], datetime] = wall_clock,
    vault: Callable[[], Vault] | None = None,
) -> Flask:
    """Wire pages and API to a migrated store. The vault is opened by the first page that needs it."""
    is_https = (settings.public_url or "").startswith("https:")
    app = APIFlask(
        "reports",
        title="Tieline",
        version="1",
        spec_path=None,
        docs_path=None,
        json_errors=False,
        static_folder="static",
        template_folder="templates",
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024  # of forms; the door has its own limit
    store = Store(engine)
    security.guard(app, is_https=is_https)
    compression.compress_pages(app)
    file_pages.prepare(app)
    access.guard_pages(app, access.Access(store, clock, is_https))
    app.extensions["tieline_site"] = pages.Site(store, clock)
    past_pages.guard(app, Pasts(store))
    opened = cache(vault or partial(open_vault, settings))
    public_url = settings.hooks_url or settings.public_url
    app.extensions["tieline_desk"] = connect_pages.Desk(store, opened, clock, public_url, settings.public_url, _beside)
    app.teardown_request(lambda _error: calling.keep(engine, clock()))
    pages.prepare(app)
    app.extensions["tieline_widget_hosts"] = settings.widget_hosts
    for area in _AREAS:
        app.register_blueprint(area.blueprint)
    app.register_blueprint(metrics.metrics_at(store, clock))
    api.describe(app)
    app.register_blueprint(api.blueprint)
    app.add_url_rule("/healthz", "healthz", _health)
    _handle_errors(app)
    if settings.proxies:
        # The last of them says from whom it was called: of what stands before that anybody could claim anything.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    return app


def _beside(work: Callable[[], None]) -> None:
    """Run something beside the answer; it ends with the process, and whoever waits for it is told so."""
    threading.Thread(target=work, name="look", daemon=True).start()


def _health() -> ResponseReturnValue:
    return {"status": "ok"}


def _handle_errors(app: APIFlask) -> None:
    app.register_error_handler(HTTPException, _explain)
    app.register_error_handler(HTTPError, _explain_api)
    app.register_error_handler(Exception, _explain_unexpected)


@dataclass(frozen=True, slots=True)
class _Trouble:
    status: int
    sentence: str


def _explain(error: HTTPException) -> ResponseReturnValue:
    if error.code is not None and error.code < 400:
        return error.get_response()
    return _said(_Trouble(error.code or 500, error.description or ""))


def _explain_api(error: HTTPError) -> ResponseReturnValue:
    return _said(_Trouble(error.status_code, str(error.message)), error.detail)


def _explain_unexpected(error: Exception) -> ResponseReturnValue:
    _log.error("unexpected error in a page", exc_info=error, extra={"path": request.path})
    return _said(_Trouble(500, "Tieline failed to answer. The reason is in its log."))


def _said(trouble: _Trouble, detail: Any = None) -> Response:
    if request.path.startswith("/api/"):
        return api.problem(trouble.status, trouble.sentence, detail)
    return pages.trouble(trouble.status, trouble.sentence)
