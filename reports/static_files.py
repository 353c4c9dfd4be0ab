"""Our own files, sent compressed to whoever takes it. They hold no secret. Pages do, and are never compressed: the size
of what is compressed tells of its content to who may choose a part of it.
"""

import gzip
from functools import cache
from pathlib import Path

from flask import Flask, Response, request

_COMPRESSED = frozenset({".css", ".js", ".svg"})


def compress_files(app: Flask, folder: Path) -> None:
    """Answer for the files of `folder` in gzip where the browser takes it."""

    @app.after_request
    def _compress(response: Response) -> Response:
        name = (request.view_args or {}).get("filename", "")
        path = folder / name
        if request.endpoint != "static" or path.suffix not in _COMPRESSED:
            return response
        response.vary.add("Accept-Encoding")
        if response.status_code == 200 and request.accept_encodings.quality("gzip") > 0:
            response.direct_passthrough = False
            response.set_data(_gzipped(path))
            response.content_encoding = "gzip"
        return response


@cache
def _gzipped(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)
