"""Runs the simulated site as a process of its own.

    python -m simulator.serve [--port N] [--day YYYY-MM-DD] [--life] [--site company|newcomer] [--data-center 10.3.2]

It prints one line of JSON when it answers: where it is, who may come in, where the OKR register lies if
`--register FILE` asked for it. It ends when its standard input is closed, or with Ctrl-C.
"""

import argparse
import json
import signal
import sys
import threading
from datetime import UTC, date, datetime
from pathlib import Path

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from simulator import newcomers
from simulator.company.build import build
from simulator.company.moments import Calendar
from simulator.company.okrs import as_yaml, register
from simulator.life import Life
from simulator.rest import create_app
from simulator.sender import Sender
from simulator.site import Site


class QuietHandler(WSGIRequestHandler):
    """Answers on connections that stay open, and writes no line for each request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the caller's acknowledgement

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def serve(site: Site, sender: Sender, port: int = 0, life: Life | None = None) -> BaseWSGIServer:
    """A server on this machine only, not yet answering; the site learns its address."""
    server = make_server("127.0.0.1", port, create_app(site, sender, life), threaded=True, request_handler=QuietHandler)
    site.base_url = f"http://127.0.0.1:{server.server_port}"
    return server


def main() -> None:
    arguments = _arguments()
    day = arguments.day or datetime.now(UTC).date()
    site = Site(version=arguments.data_center)
    okrs = _put(site, Calendar(day), arguments.site)
    if arguments.register is not None:
        arguments.register.write_text(as_yaml(okrs), encoding="utf-8")
    sender = Sender(site, pause=arguments.retry_pause)
    life = Life(site)
    server = serve(site, sender, arguments.port, life)
    sender.start()
    if arguments.life:
        life.start()
    _stop_with_parent(server)
    print(json.dumps({"url": site.base_url, "email": site.email, "token": site.token}), flush=True)
    try:
        server.serve_forever()
    finally:
        sender.stop()
        server.server_close()


def _put(site: Site, calendar: Calendar, kind: str) -> dict[str, object]:
    """Put the company or a newcomer on the site; give its register."""
    if kind == "newcomer":
        newcomers.build(site, calendar, tagged=0)
        return newcomers.register(calendar)
    company = build(site, calendar)
    return register(calendar, company.epics["licence-audit"].key)


def _stop_with_parent(server: BaseWSGIServer) -> None:
    """Stop when standard input ends: so no site outlives the demo that started it, however that ends."""

    def wait() -> None:
        sys.stdin.buffer.read()
        server.shutdown()

    if not sys.stdin.isatty():
        threading.Thread(target=wait, daemon=True).start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())


def _version(text: str) -> tuple[int, int, int]:
    major, minor, patch = (int(part) for part in text.split("."))
    return major, minor, patch


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulator.serve")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--day", type=date.fromisoformat)
    parser.add_argument("--life", action="store_true")
    parser.add_argument("--site", choices=("company", "newcomer"), default="company")
    parser.add_argument("--data-center", type=_version, help="Version of a Data Center site; Cloud without it.")
    parser.add_argument("--register", type=Path)
    parser.add_argument("--retry-pause", type=float, default=2.0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
