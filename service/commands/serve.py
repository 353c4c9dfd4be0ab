"""`tieline serve`, `tieline worker`, `tieline migrate`: the service and its processes."""

import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from integration.contract import Misconfigured
from service import logs
from service.installation import Installation, now, open_installation, opened
from service.settings import Settings

if TYPE_CHECKING:
    from granian.server.mp import MPServer

BACKLOG = 1024
CONNECTIONS = 4096  # slow ones cost a few bytes each; more than that wait until others end
SECONDS_FOR_HEADERS = 15
SECONDS_TO_STOP = 10
PARTS = ("hooks", "pages", "web")


def _opened(given: Mapping[str, Any]) -> Installation:
    installation = opened(given)
    logs.set_up(installation.settings.log_format, installation.settings.log_level)
    return installation


@click.command()
@click.option("--host", help="Address to listen on (TIELINE_HOST).")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one (TIELINE_PORT).")
@click.option(
    "--only",
    type=click.Choice(PARTS),
    help="One part: the door, the pages, or both without workers.",
)
@click.option("--without-worker", is_flag=True, help="Leave the inbox to other processes.")
@click.option("--workers", type=int, help="Worker threads in this process (TIELINE_WORKERS).")
def serve(host: str | None, port: int | None, only: str | None, without_worker: bool, workers: int | None) -> None:
    """Serve the pages and the door for webhooks, with the workers in the same process."""
    given = {"host": host, "port": port, "workers": workers}
    installation = _opened(given)
    settings = installation.settings
    given = {**given, "port": _free_port(settings.host, settings.port)}
    address = f"http://{settings.host}:{given['port']}"
    beside: list[Callable[[threading.Event], None]] = []
    if only == "hooks":
        click.echo(f"The door for webhooks is at {settings.hooks_url or address}/hooks/…")
    else:
        beside.append(lambda _stop: _say_login_link(installation, address))
    if not without_worker and only is None:
        beside.append(partial(_work, given))
    installation.engine.dispose()
    _serve(settings, given, only, beside)


def _serve(
    settings: Settings, given: Mapping[str, Any], only: str | None, beside: Sequence[Callable[[threading.Event], None]]
) -> None:
    """Serve in a process of its own, so that what is done beside it in this one never keeps a request waiting."""
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.server.mp import MPServer

    from service.serving import application

    _allow_connections()
    server = MPServer(
        "tieline",
        address=settings.host,
        port=given["port"],
        interface=Interfaces.ASGINL,
        workers=1,
        # Proxies and trackers speak HTTP/1.1; of HTTP/2 and websockets one more thing could be abused.
        http=HTTPModes.http1,
        websockets=False,
        # It ends idle connections, too.
        http1_settings=HTTP1Settings(header_read_timeout=1000 * SECONDS_FOR_HEADERS),
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        # Told to stop while it starts, the serving process does not hear it, and would be waited for without end.
        workers_kill_timeout=SECONDS_TO_STOP,
        log_enabled=False,
    )
    stop = threading.Event()
    threads = [threading.Thread(target=_beside, args=(server, job, stop), daemon=True) for job in beside]
    for thread in threads:
        thread.start()
    server.serve(target_loader=partial(application, given, only), wrap_loader=False)
    stop.set()
    # What is in hand is brought to its end; what takes longer is taken over when its lease ends.
    until = time.monotonic() + SECONDS_TO_STOP
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))


def _allow_connections() -> None:
    """Let the process have a file for each connection; what the system allows at most holds."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 1024
    soft = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    if soft > resource.getrlimit(resource.RLIMIT_NOFILE)[0]:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, most))


def _beside(server: "MPServer", job: Callable[[threading.Event], None], stop: threading.Event) -> None:
    """Begin when the serving process is there: it must not wait for this, nor be forked off among running threads."""
    while not server.wrks and not stop.is_set():
        time.sleep(0.02)
    if not stop.is_set():
        job(stop)


def _work(given: Mapping[str, Any], stop: threading.Event) -> None:
    from service.serving import start_background

    for thread in start_background(open_installation(given, migrated=False), stop):
        thread.join()


def _free_port(host: str, wanted: int) -> int:
    """The port wanted, or any for 0. The server shares a port that another process listens on, without a word, and
    each of the two would get some of the calls: so it is tried out before.
    """
    try:
        family = socket.getaddrinfo(host, wanted, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was closed just now is free
            probe.bind((host, wanted))
            probe.listen()
            port: int = probe.getsockname()[1]
    except OSError as error:
        sentence = f"Nothing can listen on {host}:{wanted} ({error.strerror}): TIELINE_HOST and TIELINE_PORT name it."
        raise click.ClickException(sentence) from error
    return port


def _say_login_link(installation: Installation, address: str) -> None:
    """Say where the pages are, and until somebody has been in, how: by a link that works once."""
    from integration.store.opened import Store
    from reports.access import first_login_link

    url = installation.settings.public_url or address
    link = first_login_link(Store(installation.engine), url, now())
    click.echo(f"Tieline is at {url}" if link is None else f"Come in as the administrator, once: {link}")


@click.command()
@click.option("--workers", type=int, help="Worker threads (TIELINE_WORKERS).")
def worker(workers: int | None) -> None:
    """Work off the inbox, watch the clock and reconcile, in a process that serves nothing."""
    from service.serving import start_background

    installation = _opened({"workers": workers})
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _stopper(stop))
    threads = start_background(installation, stop)
    for thread in threads:
        thread.join()


def _stopper(stop: threading.Event) -> Callable[[int, object], None]:
    def handle(_number: int, _frame: object) -> None:
        stop.set()

    return handle


@click.command()
def migrate() -> None:
    """Make the database, or bring it up to this version, and encrypt its secrets with the newest key."""
    installation = _opened({})
    _encrypt_anew(installation)
    click.echo(f"The database is up to date: {installation.engine.url.render_as_string(hide_password=True)}")


def _encrypt_anew(installation: Installation) -> None:
    from integration.store.connections import encrypt_anew
    from integration.store.engine import writing

    try:
        with writing(installation.engine) as session:
            encrypt_anew(session, installation.vault)
    except Misconfigured as error:
        raise click.ClickException(error.sentence) from error
