"""The door in a process of its own, to be killed: run with the URL of a database, it prints its port."""

import sys

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from integration.store.engine import create_engine
from tests.webhooks.door import ACME, SIGNING
from webhooks.receiver import add_door
from webhooks.writer import InboxWriter


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the library's name
        return


def main() -> None:
    writer = InboxWriter(create_engine(sys.argv[1]))
    app = Flask("door")
    add_door(app, writer, {"jira": SIGNING}, lambda _tracker, _connection: ACME)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    print(server.server_port, flush=True)  # noqa: T201 - the test reads it
    server.serve_forever()


if __name__ == "__main__":
    main()
