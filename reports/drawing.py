"""Draws charts in a process of its own, which begins with the first page that somebody looks at and ends when no chart
was asked for in a while: the drawing library holds Python's lock until a chart is drawn, half a second for the first
one, and the door and all other pages would wait for it.

The other process runs this file alone, so it imports nothing of ours.
"""

import atexit
import json
import select
import signal
import struct
import subprocess
import sys
import threading
from typing import IO

LONGEST = 30.0  # seconds that a chart may take; what takes longer would keep all that wait behind it for ever
REST = 1800  # seconds without a chart until the process ends, and gives its 90 MB back
_HEAD = struct.Struct(">?I")  # whether it was drawn, and how many bytes follow
_FIRST = '{"$schema":"https://vega.github.io/schema/vega-lite/v5.json","data":{"values":[{"a":1}]},"mark":"bar"}'


class Drawer:
    """The process that draws, one chart at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def make_ready(self) -> None:
        """Begin, unless it is there: the first chart is drawn while somebody looks at a page before it."""
        process = self._process
        if process is None or process.poll() is not None:
            with self._lock:
                self._running()

    def draw(self, form: str, text: str, scale: float = 1) -> bytes:
        """`svg` of a Vega-Lite specification; `png` or `pdf` of an SVG. What cannot be drawn is a ValueError."""
        asked = json.dumps([form, text, scale]).encode() + b"\n"
        with self._lock:
            for _ in range(2):  # it may have ended since the last chart
                try:
                    return _answer_in_time(self._running(), asked)
                except (BrokenPipeError, EOFError):
                    self._leave()
        raise RuntimeError("the process that draws has ended twice")

    def end(self) -> None:
        with self._lock:
            self._leave()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is not None and self._process.poll() is not None:
            self._leave()
        if self._process is None:
            command = [sys.executable, "-P", __file__]  # -P: our modules must not pass for those of others
            self._process = subprocess.Popen(  # noqa: S603 - this very file
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        return self._process

    def _leave(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def _answer_in_time(process: "subprocess.Popen[bytes]", asked: bytes) -> bytes:
    killed = threading.Event()

    def kill() -> None:
        killed.set()
        process.kill()

    watch = threading.Timer(LONGEST, kill)
    watch.daemon = True
    watch.start()
    try:
        return _answer(process, asked)
    except (BrokenPipeError, EOFError):
        if killed.is_set():
            raise ValueError(f"it takes longer than {LONGEST:.0f} seconds to draw") from None
        raise
    finally:
        watch.cancel()


def _answer(process: "subprocess.Popen[bytes]", asked: bytes) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(asked)
    process.stdin.flush()
    is_drawn, length = _HEAD.unpack(_read(process.stdout, _HEAD.size))
    body = _read(process.stdout, length)
    if not is_drawn:
        raise ValueError(body.decode())
    return body


def _read(stream: IO[bytes], length: int) -> bytes:
    found = stream.read(length)
    if len(found) < length:
        raise EOFError("the process that draws has ended")
    return found


DRAWER = Drawer()
atexit.register(DRAWER.end)


# --- the other process


def main() -> None:
    """Answer until nobody asks any more, or whoever did is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is told to all of a terminal; who asks ends this one
    _made("svg", _FIRST, 1)
    while select.select([sys.stdin], [], [], REST)[0]:
        line = sys.stdin.buffer.readline()
        if not line:
            return
        form, text, scale = json.loads(line)
        try:
            is_drawn, body = True, _made(form, text, scale)
        except (RuntimeError, ValueError) as error:
            is_drawn, body = False, str(error).encode("utf-8", "replace")
        sys.stdout.buffer.write(_HEAD.pack(is_drawn, len(body)) + body)
        sys.stdout.buffer.flush()


def _made(form: str, text: str, scale: float) -> bytes:
    import vl_convert

    if form == "svg":
        drawn: str = vl_convert.vegalite_to_svg(text)
        return drawn.encode()
    return bytes(vl_convert.svg_to_pdf(text) if form == "pdf" else vl_convert.svg_to_png(text, scale=scale))


if __name__ == "__main__":
    main()
