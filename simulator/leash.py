"""Runs a program until standard input ends: so it does not outlive the demo that started it, however that one ends.

python -m simulator.leash PROGRAM [ARGUMENT …]
"""

import os
import signal
import subprocess
import sys
import threading

PATIENCE = 10.0  # seconds that the program gets to stop by itself
INPUT = 0


def main() -> None:
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: process.terminate())
    let_go = threading.Event()
    threading.Thread(target=_hold, args=(process, let_go), daemon=True).start()
    status = process.wait()
    # What the program left behind is in its group, as this process is.
    if let_go.is_set() and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    sys.exit(status if status >= 0 else 128 - status)


def _hold(process: "subprocess.Popen[bytes]", let_go: threading.Event) -> None:
    """Wait for the end of the input, which is that of who holds its other end."""
    while os.read(INPUT, 4096):
        pass
    let_go.set()
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()


if __name__ == "__main__":
    main()
