"""Servers of the benchmarks: programs on a free port of this machine, ended with the block that needs them."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

START_SECONDS = 30.0


@contextmanager
def running(command: Callable[[int], Sequence[str]], environment: Mapping[str, str]) -> Iterator[int]:
    """Start the command for a free port, wait until it listens, and give the port."""
    port = free_port()

    with subprocess.Popen(command(port), stdout=subprocess.DEVNULL, env={**os.environ, **environment}) as process:
        try:
            wait_for(port)
            yield port
        finally:
            process.terminate()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
