"""The ground that the other tests stand on: databases of their own, and a network that ends at this machine."""

import socket
from pathlib import Path

import pytest
import sqlalchemy
from playwright.sync_api import Page

from tests import postgres


def test_each_test_gets_an_empty_database_of_each_kind(database_url: str) -> None:
    engine = sqlalchemy.create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE only_here (id INTEGER)"))
        connection.execute(sqlalchemy.text("INSERT INTO only_here VALUES (7)"))
        assert connection.execute(sqlalchemy.text("SELECT id FROM only_here")).scalar_one() == 7
    engine.dispose()


def test_the_next_test_sees_nothing_of_it(database_url: str) -> None:
    engine = sqlalchemy.create_engine(database_url)
    assert sqlalchemy.inspect(engine).get_table_names() == []
    engine.dispose()


def test_the_server_leaves_no_folder_behind() -> None:
    with postgres.running_server() as folder:
        assert (Path(folder) / "data" / "PG_VERSION").read_text().strip() == "18"
    assert not Path(folder).exists()


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "tracker.example"])
def test_the_network_ends_at_this_machine(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as client, pytest.raises(PermissionError, match="The network is off"):
        client.connect((address, 443))


def test_names_of_other_machines_are_not_looked_up() -> None:
    with pytest.raises(PermissionError, match=r"tracker\.example is not this machine"):
        socket.getaddrinfo("tracker.example", 443)


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        assert client.getpeername()[0] == "127.0.0.1"
        client.close()


def test_the_browser_shows_a_page(page: Page) -> None:
    page.set_content("<title>Tieline</title><button onclick=\"document.title = 'clicked'\">Show</button>")
    page.get_by_role("button", name="Show").click()
    assert page.title() == "clicked"
