"""Fixtures that every test may use: databases of both kinds, a browser, and a network that ends at this machine."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import pytest

import dev
from tests import postgres

# Two cores shared with other work: a slow example is no failure. On CI the same examples each time.
hypothesis.settings.register_profile(
    "house", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("house")

CLOSED_NETWORK_FLAGS = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
BROWSER_FLAGS = (*CLOSED_NETWORK_FLAGS, "--no-first-run", "--disable-quic", "--disable-gpu")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser, so that `-m "not browser"` leaves it out."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture(scope="session", autouse=True)
def _own_machine_only() -> Iterator[None]:
    """Refuse connections and look-ups that would leave this machine, and settings that the shell has."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("TIELINE_")]:
            patch.delenv(name)
        patch.setattr(socket.socket, "connect", _only_local(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", _only_local(socket.socket.connect_ex))
        patch.setattr(socket, "getaddrinfo", _only_local_names(socket.getaddrinfo))
        yield


def _only_local(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family != socket.AF_UNIX:
            _refuse_unless_local(address[0])
        return connect(self, address)

    return guarded


def _only_local_names(getaddrinfo: Any) -> Any:
    def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_unless_local(host)
        return getaddrinfo(host, *args, **kwargs)

    return guarded


def _refuse_unless_local(host: str | bytes | None) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return
    try:
        is_local = ipaddress.ip_address(name).is_loopback or name == "0.0.0.0"  # noqa: S104 - compared, not bound
    except ValueError:
        is_local = False
    if not is_local:
        raise PermissionError(f"The network is off in the tests: {name} is not this machine.")


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[str]:
    with postgres.running_server() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres_url(postgres_folder: str) -> str:
    """The server's own database. Most tests want `database_url` instead."""
    return postgres.url_of(postgres_folder, "postgres")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'tieline.sqlite'}"


@pytest.fixture
def postgresql_url(postgres_folder: str) -> Iterator[str]:
    with postgres.fresh_database(postgres_folder, f"t{uuid4().hex}") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database for this test alone: the test runs once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch the browser that `dev.py` finds, with nothing that calls home."""
    found = dev.find_browser()
    assert found is not None, "No browser was found. Install Chromium or name one in $CHROMIUM."
    # Chromium refuses to start as root with its sandbox.
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": found, "args": [*BROWSER_FLAGS, *as_root]}
