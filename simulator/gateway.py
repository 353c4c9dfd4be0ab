"""Atlassian's gateway (`/ex/jira/{cloudId}/…`): the way to a site for OAuth tokens and tokens with scopes."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.requests_in import GATE
from simulator.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PREFIX = "/ex/jira/"


def behind_gateway(site: Site, application: "WSGIApplication") -> "WSGIApplication":
    """The site's application, reached by the gateway's path as well; who asks is looked at later."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if site.is_data_center or not path.startswith(_PREFIX):
            return application(environ, start_response)
        cloud_id, _, rest = path.removeprefix(_PREFIX).partition("/")
        inner = {**environ, "SCRIPT_NAME": f"{_PREFIX}{cloud_id}", "PATH_INFO": f"/{rest}", GATE: cloud_id}
        return application(inner, start_response)

    return answer
