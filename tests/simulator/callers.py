"""A caller of the simulated site without sockets, and a site that answers on one."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from werkzeug.test import Client, EnvironBuilder, TestResponse
from werkzeug.wrappers import Request

from simulator.rest import create_app
from simulator.sender import Sender
from simulator.serve import serve
from simulator.site import Site

HOST = "https://x.example"


@dataclass(frozen=True, slots=True)
class Caller:
    """Asks with the right credentials, unless told other ones."""

    site: Site
    client: Client

    def build(self, method: str, path: str, body: object = None, query: object = None) -> EnvironBuilder:
        token = base64.b64encode(f"{self.site.email}:{self.site.token}".encode()).decode()
        scheme = f"Bearer {self.site.token}" if self.site.is_data_center else f"Basic {token}"
        data = None if body is None else json.dumps(body)
        return EnvironBuilder(
            path=path,
            method=method,
            base_url=HOST,
            data=data,
            query_string=query,  # type: ignore[arg-type]
            content_type=None if body is None else "application/json",
            headers=[("Authorization", scheme)],
        )

    def get(self, path: str, **query: object) -> TestResponse:
        return self.client.open(self.build("GET", path, query=query))

    def post(self, path: str, body: object) -> TestResponse:
        return self.client.open(self.build("POST", path, body))

    def exchange(self, builder: EnvironBuilder) -> tuple[Request, TestResponse]:
        """The request, to be read once more, and the answer to it."""
        answer = self.client.open(builder)
        return builder.get_request(), answer


def caller_of(site: Site, sender: Sender | None = None) -> Caller:
    site.base_url = HOST
    return Caller(site, Client(create_app(site, sender or Sender(site))))


@contextmanager
def answering(site: Site, sender: Sender | None = None) -> Iterator[Site]:
    """The site on a port of this machine, for as long as the block lasts."""
    server = serve(site, sender or Sender(site))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
