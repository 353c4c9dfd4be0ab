"""What is sent compressed to who takes it: our own files, which hold no secret, and pages that nobody else asked for.

The size of a compressed answer tells of its content to who may choose a part of it and ask again and again (BREACH).
So a page is compressed only where the browser vouches that no other site caused the request, and the one secret that
stands in pages, the word of their forms, is written otherwise in every answer. What is shown once (tokens, links) has
`no-store` and stays as it is, and so do answers to browsers that do not say who asked.
"""

import gzip
from functools import cache
from pathlib import Path

from flask import Flask, Response, request

PRIVATE_PAGE = "private, no-cache"
_FILES = frozenset({".css", ".js", ".svg"})
_OWN = frozenset({"same-origin", "none"})  # a page of ours, or the person at the address bar
_WORTH = 1000  # bytes
_LEVEL = 3  # a page of 100 kB in less than a millisecond


def compress_files(app: Flask, folder: Path) -> None:
    """Answer for the files of `folder` in gzip where the browser takes it."""

    @app.after_request
    def _compress(response: Response) -> Response:
        name = (request.view_args or {}).get("filename", "")
        path = folder / name
        if request.endpoint != "static" or path.suffix not in _FILES:
            return response
        response.vary.add("Accept-Encoding")
        if response.status_code == 200 and _takes_gzip():
            response.direct_passthrough = False
            response.set_data(_gzipped(path))
            response.content_encoding = "gzip"
        return response


def compress_pages(app: Flask) -> None:
    """Call it before whatever else changes answers: the last to be named is the first to change them."""

    @app.after_request
    def _compress(response: Response) -> Response:
        if response.mimetype != "text/html" or response.headers.get("Cache-Control") != PRIVATE_PAGE:
            return response
        response.vary.update(("Accept-Encoding", "Sec-Fetch-Site"))
        is_own = request.method == "GET" and request.headers.get("Sec-Fetch-Site") in _OWN
        if response.status_code == 200 and is_own and _takes_gzip() and not response.content_encoding:
            html = response.get_data()
            if len(html) >= _WORTH:
                response.set_data(gzip.compress(html, _LEVEL, mtime=0))
                response.content_encoding = "gzip"
        return response


def _takes_gzip() -> bool:
    return request.accept_encodings.quality("gzip") > 0


@cache
def _gzipped(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)
