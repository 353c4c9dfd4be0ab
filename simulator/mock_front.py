"""Stands before a simulated site and sends each call to it by way of the Prism proxy that has the document for it, and
collects what the proxies find wrong with requests and answers.

    python -m simulator.mock_front --site URL --platform URL --agile URL [--port N]
    python -m simulator.mock_front --site URL --data-center URL [--port N]

Connect Tieline to its address; `GET /_violations` tells what was found so far.
"""

import argparse
import json
import re
import threading
from collections import Counter
from dataclasses import dataclass, field

import requests
from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

from simulator.dates import Json
from simulator.mock_run import address
from simulator.serve import QuietHandler

_KEPT = ("content-type", "retry-after", "x-ratelimit-limit", "ratelimit-reason", "location")
_SENT = ("authorization", "content-type", "accept", "user-agent")
_NUMBERED = re.compile(r"\d+|(?<=/)[A-Z]+-\d+")


@dataclass(slots=True)
class Found:
    """What was violated, how often, and one example of each."""

    calls: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, said: str | None) -> None:
        with self.lock:
            self.calls += 1
            for one in json.loads(said) if said else ():
                where = _NUMBERED.sub("#", "/".join(map(str, one.get("location", ()))))
                name = f"{request.method} {_NUMBERED.sub('#', request.path)}: {where}: {one.get('message')}"
                self.counts[name] += 1
                self.examples.setdefault(name, request.full_path)


def create_front(site: str, ways: dict[str, str], found: Found) -> Flask:
    """`ways`: proxies by the beginning of the path; all else goes to the site itself."""
    app = Flask("front")

    @app.get("/_violations")
    def violations() -> Response:
        told: list[Json] = [
            {"violation": name, "times": times, "example": found.examples[name]}
            for name, times in found.counts.most_common()
        ]
        return jsonify({"calls": found.calls, "violations": told})

    @app.route("/", defaults={"path": ""}, methods=["GET", "POST", "PUT", "DELETE"])
    @app.route("/<path:path>", methods=["GET", "POST", "PUT", "DELETE"])
    def forward(path: str) -> Response:
        base = next((url for start, url in ways.items() if f"/{path}".startswith(start)), None)
        headers = {name: text for name, text in request.headers if name.lower() in _SENT}
        answer = requests.request(
            request.method,
            f"{base or site}{request.full_path.rstrip('?')}",
            data=request.get_data(),
            headers=headers,
            timeout=60,
            allow_redirects=False,
        )
        if base is not None:
            found.note(answer.headers.get("sl-violations"))
        kept = [(name, text) for name, text in answer.headers.items() if name.lower() in _KEPT]
        return Response(answer.content, answer.status_code, kept)

    return app


def main() -> None:
    parser = argparse.ArgumentParser(prog="simulator.mock_front")
    parser.add_argument("--site", type=address, required=True)
    for name in ("platform", "agile", "data-center"):
        parser.add_argument(f"--{name}", type=address)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    ways = {"/rest/api/3/": given.platform, "/rest/api/2/": given.data_center}
    ways["/rest/agile/"] = given.data_center or given.agile
    front = create_front(given.site, {start: url for start, url in ways.items() if url is not None}, Found())
    server = make_server("127.0.0.1", given.port, front, threaded=True, request_handler=QuietHandler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
