"""The service as its processes: they answer, keep threads for the door, work off the inbox, and stop when told."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner

from integration.contract import Connection
from integration.secrets import Vault, new_key
from integration.store.connections import Webhook, connection_named, keep_connection
from integration.store.door import door_keys
from integration.store.engine import create_engine, reading, writing
from integration.store.migrate import is_current
from service.cli import main
from service.commands.serve import migrate, serve
from service.installation import now, open_installation
from service.serving import build
from tests import asgi
from webhooks import inbox
from webhooks.intake import incoming, put

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "service.cli", *arguments]
    environment = {**os.environ, "TIELINE_DATA_DIR": str(folder)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.communicate(timeout=90)


def wait_until_it_answers(url: str) -> requests.Response:
    for _ in range(900):
        try:
            return requests.get(url, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def test_the_door_runs_as_a_process_of_its_own_and_stops_when_told(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "serve", "--only", "hooks", "--port", str(port)) as process:
        url = f"http://127.0.0.1:{port}"
        assert wait_until_it_answers(f"{url}/healthz").status_code == 200
        assert requests.post(f"{url}/hooks/jira/nobody", data=b"{}", timeout=5).status_code == 401
        assert requests.get(f"{url}/boards", timeout=5).status_code == 404
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=90) == 0


def test_nothing_keeps_the_port_when_the_service_is_killed(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "serve", "--only", "hooks", "--port", str(port)) as process:
        assert wait_until_it_answers(f"http://127.0.0.1:{port}/healthz").status_code == 200
        process.kill()  # this one only: its child has to notice
        process.wait(timeout=90)
        until = time.monotonic() + 90
        while is_taken(port) and time.monotonic() < until:
            time.sleep(0.05)
        assert not is_taken(port)


def is_taken(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionError:
        return False
    return True


def test_a_worker_process_works_off_the_inbox_and_stops_when_told(tmp_path: Path) -> None:
    installation = open_installation({"data_dir": tmp_path})
    moment = now()
    with installation.engine.begin() as connection:
        put(connection, [incoming("jira", "gone", delivery_id=None, headers={}, body=b"{}", at=moment)])
    with running(tmp_path, "worker") as process:
        assert _wait_for_state(installation.engine, "dead")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=90) == 0
    installation.engine.dispose()


def _wait_for_state(engine: Any, state: str) -> bool:
    for _ in range(900):
        with reading(engine) as session:
            if [line.state for line in inbox.list_deliveries(session)] == [state]:
                return True
        time.sleep(0.1)
    return False


def test_the_door_alone_knows_no_pages(tmp_path: Path) -> None:
    installation = open_installation({"data_dir": tmp_path})
    client = asgi.client(build(installation, "hooks"))
    assert client.get("/healthz").status_code == 200
    assert client.post("/hooks/jira/nobody").status_code == 401
    assert client.get("/").status_code == 404
    installation.engine.dispose()


def test_migrate_makes_the_database(tmp_path: Path) -> None:
    result = CliRunner(env={"TIELINE_DATA_DIR": str(tmp_path)}).invoke(migrate)
    assert result.exit_code == 0
    engine = create_engine(f"sqlite:///{tmp_path / 'tieline.sqlite'}")
    assert is_current(engine)
    engine.dispose()


def test_migrate_encrypts_secrets_with_the_newest_key_so_that_the_old_one_can_be_left_out(tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    site = Connection("site", "jira", "https://jira.example", {"token": "hunter2"})
    installation = open_installation({"data_dir": tmp_path, "secret_key": old})
    with writing(installation.engine) as session:
        keep_connection(session, installation.vault, site, now(), webhook=Webhook("s3cret"))
    result = CliRunner(env={"TIELINE_DATA_DIR": str(tmp_path), "TIELINE_SECRET_KEY": f"{new},{old}"}).invoke(migrate)
    assert result.exit_code == 0
    with reading(installation.engine) as session:
        assert connection_named(session, Vault([new]), "site") == site
        assert door_keys(session, Vault([new]))["jira", "site"].secrets == (b"s3cret",)
    installation.engine.dispose()


def test_migrate_says_which_key_is_missing(tmp_path: Path) -> None:
    installation = open_installation({"data_dir": tmp_path, "secret_key": new_key()})
    with writing(installation.engine) as session:
        keep_connection(session, installation.vault, Connection("site", "jira", "https://jira.example"), now())
    installation.engine.dispose()
    result = CliRunner(env={"TIELINE_DATA_DIR": str(tmp_path), "TIELINE_SECRET_KEY": new_key()}).invoke(migrate)
    assert result.exit_code == 1
    assert "add that key to TIELINE_SECRET_KEY" in result.output


def test_a_wrong_setting_stops_the_start_with_its_name() -> None:
    result = CliRunner(env={"TIELINE_PORT": "many"}).invoke(migrate)
    assert result.exit_code == 1
    assert "TIELINE_PORT" in result.output


def test_a_port_that_is_taken_is_said_and_not_shared(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = CliRunner(env={"TIELINE_DATA_DIR": str(tmp_path)}).invoke(serve, ["--port", str(port)])
    assert result.exit_code == 1
    assert f"Nothing can listen on 127.0.0.1:{port}" in result.output


def test_a_database_that_cannot_be_used_stops_the_start_without_its_password() -> None:
    url = f"postgresql://tieline:hidden-word@127.0.0.1:{free_port()}/tieline"
    result = CliRunner(env={"TIELINE_DATABASE_URL": url}).invoke(migrate)
    assert result.exit_code == 1
    assert "tieline:***@127.0.0.1" in result.output
    assert "hidden-word" not in result.output


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "tieline.sqlite").write_bytes(b"no database at all, " * 100)
    result = CliRunner(env={"TIELINE_DATA_DIR": str(tmp_path)}).invoke(migrate)
    assert result.exit_code == 1
    assert "tieline.sqlite cannot be used (file is not a database)" in result.output


@pytest.mark.parametrize("command", ["migrate", "login-link", "doctor"])
def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path, command: str) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "data"
    result = CliRunner(env={"TIELINE_DATA_DIR": str(folder)}).invoke(main, [command])
    assert result.exit_code == 1
    assert f"The data directory {folder} cannot be used" in result.output


@pytest.mark.parametrize("pause", [0.0, 0.5, 1.0])
def test_a_service_that_is_told_to_stop_while_it_starts_stops(tmp_path: Path, pause: float) -> None:
    with running(tmp_path, "serve", "--only", "hooks", "--port", str(free_port())) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(pause)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=90)
